"""`policy explain` and `policy diff`, as an officer runs them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from linkage_node.clock import now_ms
from linkage_node.evidence import EvidenceLog
from linkage_node.node import Node
from linkage_node.policy import decision_input
from linkage_node.policy.recorded import kept_by_requester
from linkage_node.policy.trial import fitting
from tests.cli.conftest import Run
from tests.nodes import make_node
from tests.policy.corpus import AGREEMENT, EXAMPLE, EXAMPLES, NOON_MS, POLICIES, question
from tests.signed import sign_for_both

ENERGY = "example-energy-allowance"
IN_JUNE = ("--date", "2026-06-15")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The node of the energy agreement's provider, which has the examples; both signed them."""
    made = make_node(tmp_path / "a", AGREEMENT["provider"]["oin"])
    with Node.open(made) as node:
        for example in sorted(POLICIES.glob("agreements/*/agreement.yaml")):
            node.agreements.add(example.read_text())
        sign_for_both(node)
    return made


def lines(out: str) -> list[str]:
    """What was printed, line by line, without what moves the text to the right."""
    return [line.strip() for line in out.splitlines()]


def line_with(word: str) -> int:
    """The only line of the example with a word on it."""
    (found,) = [
        number
        for number, line in enumerate(EXAMPLE.read_text().splitlines(), start=1)
        if line.startswith(word)
    ]
    return found


def test_a_refusal_in_dutch(run: Run, config: Path) -> None:
    """The reason, both values with the line in the agreement, the rule, the article and what to do now."""
    ran = run("policy", "explain", "--agreement", ENERGY, "--purpose", "Fraude", *IN_JUNE, "--config", config)
    assert ran.code == 0, ran.err
    told = lines(ran.out)
    assert told[0].startswith("GEWEIGERD, door beleid met revisie ")
    assert "1. purpose_not_agreed: het doel is niet het afgesproken doel" in told
    assert "doel, gevraagd: Fraude" in told
    assert f"doel, afgesproken: {AGREEMENT['purpose']} (doel, regel {line_with('purpose:')})" in told
    assert any(line.startswith("regel: linkage/match/reasons.rego:") for line in told)
    assert f"wetsartikel: {AGREEMENT['legal_basis']['article']}" in told
    assert "wat nu: Vraag voor het afgesproken doel, of maak voor dit doel een overeenkomst." in told


def test_an_approval_in_english_and_as_json(run: Run, config: Path) -> None:
    """The same decision for a person and a script; the default question fits, and is about now."""
    asked = ("policy", "explain", "--agreement", ENERGY, *IN_JUNE, "--language", "en", "--config", config)
    told = lines(run(*asked).out)
    assert told[0].startswith("APPROVED, by policy with revision ")
    assert "identifier kind: bsn; agreed: bsn, household" in told
    assert "at most 10,000 in one question" in told
    ran = run(*asked, "--json")
    assert (ran.json["allow"], ran.json["language"], ran.json["reasons"]) == (True, "en", [])
    assert ran.json["agreement"]["id"] == ENERGY
    today = run("policy", "explain", "--agreement", ENERGY, "--json", "--config", config).json
    assert today["allow"] == (EXAMPLES[ENERGY].starts_at_ms <= now_ms() < EXAMPLES[ENERGY].ends_at_ms)


@pytest.mark.parametrize(
    ("options", "reasons"),
    [
        (["--kind", "person"], ["kind_not_agreed"]),
        (["--elements", "10001"], ["query_too_large"]),
        (["--elements", "2", "--used-today", "19999"], ["budget_exhausted"]),
        (["--status", "revoked"], ["agreement_revoked"]),
        (["--requester", "00000099000000003000"], ["requester_not_in_agreement"]),
        (["--date", "2028-01-01"], ["agreement_expired"]),
        (["--time", "2025-12-31T23:59:59Z"], ["agreement_not_yet_valid"]),
    ],
)
def test_the_question_by_its_parts(run: Run, config: Path, options: list[str], reasons: list[str]) -> None:
    """Each option changes that one thing in a question that fits; --expect tells a script."""
    day = () if {"--date", "--time"} & {*options} else IN_JUNE
    asked = ("policy", "explain", "--agreement", ENERGY, *day, *options, "--json", "--config", config)
    denied = run(*asked, "--expect", "deny")
    assert denied.code == 0, denied.err
    assert [one["code"] for one in denied.json["reasons"]] == reasons
    assert run(*asked, "--expect", "allow").code == 4


def test_counts_and_attributes_by_their_options(run: Run, config: Path) -> None:
    """A question of the catalogue and names of attributes say by themselves which answer is meant."""
    count = ("--agreement", "example-steering-information", "--question", "both")
    told = run("policy", "explain", *count, *IN_JUNE, "--json", "--config", config).json
    assert told["allow"], told
    whom = ("--agreement", "example-whom-to-call", "--attribute", "team", "--no-case")
    told = run("policy", "explain", *whom, *IN_JUNE, "--json", "--config", config).json
    assert [one["code"] for one in told["reasons"]] == ["case_reference_missing"]


def test_options_take_dutch_words(run: Run, config: Path) -> None:
    """An answer, a kind; and a case by its reference, as `match` takes it, which comes back nowhere."""
    asked = ("policy", "explain", *IN_JUNE, "--json", "--config", config, "--agreement")
    told = run(*asked, ENERGY, "--answer", "treffer", "--kind", "huishouden").json
    assert told["allow"], told
    assert "treffer op huishouden" in told["question"]
    told = run(*asked, "example-whom-to-call", "--answer", "gegevens", "--case", "Z-2026-0117")
    assert told.json["allow"], told
    assert "Z-2026-0117" not in told.out
    both = run(*asked, "example-whom-to-call", "--case", "Z-1", "--no-case")
    assert both.json["error"] == "options_conflict"
    elsewhere = run(*asked, ENERGY, "--answer", "treffer", "--case", "Z-1")
    assert elsewhere.json["error"] == "options_conflict"
    person = run(*asked, "example-whom-to-call", "--case", "999990019")
    assert person.json["error"] == "case_reference_is_identifier"
    assert run(*asked, ENERGY, "--elements", "0").code == 2
    unread = run(
        "policy", "explain", "--agreement", ENERGY, "--date", "31-12-2027", "--json", "--config", config
    )
    assert unread.json["error"] == "option_invalid"
    wrong = run(*asked, ENERGY, "--answer", "trefer")
    assert (wrong.code, "treffer (hit)" in wrong.err) == (2, True)


def test_a_question_from_a_file(run: Run, config: Path, tmp_path: Path) -> None:
    """Policy input in JSON, and in YAML with a moment without quotes; what else stands in it is not shown."""
    asked = decision_input(question())
    asked["subject"]["properties"] = {"bsn": "999990007"}
    (tmp_path / "question.json").write_text(json.dumps(asked))
    explained = ("policy", "explain", "--config", config, "--input")
    ran = run(*explained, "question.json", "--expect", "allow")
    assert ran.code == 0, ran.out
    assert "999990007" not in ran.out
    del asked["action"]["properties"]["purpose"]
    moment = asked["context"].pop("time")
    text = json.dumps(asked).replace('"context": {', f'"context": {{time: {moment}, ')
    (tmp_path / "question.yaml").write_text(text)
    ran = run(*explained, "question.yaml", "--expect", "deny", "--language", "en")
    assert ran.code == 0, ran.err
    assert "missing or wrong: action.properties.purpose" in ran.out
    (tmp_path / "broken.yaml").write_text("subject: {")
    assert "broken.yaml:" in run(*explained, "broken.yaml").err


def recorded(config: Path, **changes: Any) -> None:
    """Write down, as a requester does, that a question was asked and approved."""
    with Node.open(config) as node:
        asked = fitting(
            EXAMPLES[ENERGY], "hit", role="provider", mode="development", moment_ms=NOON_MS, elements=5_000
        )
        EvidenceLog.of(node).write(
            event="decided",
            role="requester",
            at_ms=now_ms(),
            agreement=ENERGY,
            allow=True,
            reasons=[],
            revision="r1",
            **{"question": kept_by_requester(asked), "transaction_id": "ab" * 16, **changes},
        )


def test_a_recorded_question(run: Run, config: Path) -> None:
    """It is found by the beginning of its transaction, with what was decided then; an older record is told as such."""
    recorded(config)
    asked = ("policy", "explain", "--transaction", "abababab", "--config", config)
    ran = run(*asked, "--expect", "allow")
    assert ran.code == 0, ran.err
    assert ": goedgekeurd, revisie r1" in ran.out
    (told,) = run(*asked, "--json").json
    assert told["recorded"]["allow"] is True
    recorded(config, question=None, transaction_id="cd" * 16)
    ran = run("policy", "explain", "--transaction", "cdcdcdcd", "--config", config)
    assert ran.code == 4
    assert "question_unrecorded" in ran.err


def stricter(folder: Path, old: str, new: str) -> Path:
    """A copy of the policies in which a text is another."""
    shutil.copytree(POLICIES, folder)
    (file,) = [
        one for one in folder.rglob("*.rego") if not one.stem.endswith("_test") and old in one.read_text()
    ]
    file.write_text(file.read_text().replace(old, new))
    return folder


def test_a_policy_compared_with_the_one_of_the_node(run: Run, config: Path, tmp_path: Path) -> None:
    """What was recorded and is refused now is told with its reason; scripts get JSON and an exit code."""
    recorded(config)
    recorded(config, question=None, transaction_id="cd" * 16)
    new = stricter(tmp_path / "new", "charged <= agreement.limits.largest_query", "charged <= 4999")
    asked = ("policy", "diff", "active", new, "--config", config)
    ran = run(*asked)
    assert ran.code == 0, ran.err
    told = lines(ran.out)
    assert any(line.startswith("Vragen aan beide: 1 opgetekend, ") for line in told)
    assert any(line.startswith("1 opgetekende vragen zijn van een eerdere versie") for line in told)
    assert "wordt: geweigerd (query_too_large)" in told
    ran = run(*asked, "--json", "--exit-code")
    assert ran.code == 4
    groups = [group for group in ran.json["groups"] if "recorded" in group["origins"]]
    assert [(group["agreement"], group["origins"]["recorded"]) for group in groups] == [(ENERGY, 1)]
    assert groups[0]["questions"][0].startswith("opdracht abababab uit het bewijs, stuk ")
    same = run("policy", "diff", "active", POLICIES, "--exit-code", "--config", config)
    assert same.code == 0, same.out
    assert "Geen vraag wordt anders beantwoord." in same.out


def test_two_folders_without_a_node(run: Run, tmp_path: Path) -> None:
    """They are compared over their examples and cases; `active` needs a node."""
    new = stricter(tmp_path / "new", "charged <= agreement.limits.largest_query", "charged <= 9999")
    ran = run("policy", "diff", POLICIES, new, "--language", "en", "--exit-code")
    assert ran.code == 4, ran.err
    assert "becomes: refused (query_too_large)" in lines(ran.out)
    assert run("policy", "diff", "active", new).code == 3
    assert "file_missing" in run("policy", "diff", POLICIES, "nowhere").err


def test_what_is_refused_names_the_command_that_explains_it(run: Run, config: Path, tmp_path: Path) -> None:
    """`agreements add` and `doctor` lead to an explanation, and the command that they name gives it."""
    text = (POLICIES / "agreements/example-whom-to-call/agreement.yaml").read_text()
    (tmp_path / "new.yaml").write_text(
        text.replace("example-whom-to-call", "told").replace("team", "diagnosis")
    )
    added = run("agreements", "add", "new.yaml", "--config", config)
    command = "linkage-node policy explain --agreement told --answer attributes --status in_force"
    assert f"Waarom: `{command}" in added.err
    ran = run(*command.split()[1:], *IN_JUNE, "--config", config)
    assert "special_category" in ran.out
    assert "bron: AVG art. 9 lid 1, art. 4 onder 15" in lines(ran.out)
    found = run("doctor", "--json", "--config", config).json["findings"]
    remedies = [
        one["remedy"] for one in found if one["check"] == "policy" and "told: attributes" in one["seen"]
    ]
    assert any(command in remedy for remedy in remedies) or now_ms() > EXAMPLES[ENERGY].ends_at_ms
