"""The templates for the cases of the social domain, and `agreements check`, as an officer without a node uses them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from linkage_node.agreements import content_hash, parse_agreement
from linkage_node.agreements.model import as_data
from linkage_node.agreements.template import unfilled
from linkage_node.agreements.template_cases import CASES
from linkage_node.agreements.words_nl import FIELDS
from linkage_node.cli.agreements import agreements_app
from linkage_node.errors import ExitCode, InputError
from linkage_node.policy.source import policy_folder, read_catalogue, read_rules
from linkage_node.policy.verdicts import findings
from tests.agreements.test_agreement_schema import faults, plain
from tests.nodes import OIN_A, OIN_B, make_node

runner = CliRunner()
CATALOGUE = read_catalogue(policy_folder(None))


def run(*words: str | Path) -> Result:
    """Run a command; errors come as they are raised."""
    return runner.invoke(agreements_app, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> list[str | Path]:
    """The options that name two cards."""
    folder = tmp_path_factory.mktemp("cards")
    asks, answers = make_node(folder / "asks", OIN_A), make_node(folder / "answers", OIN_B)
    return ["--requester", asks.parent / "card.yaml", "--provider", answers.parent / "card.yaml"]


def made(name: str, *words: str | Path) -> str:
    """What a template writes."""
    ran = run("new", "--template", name, *words)
    assert ran.exit_code == 0
    return ran.stdout


def usual(name: str) -> list[str]:
    """The options that say that both organisations are of the kind that the template is for."""
    case = CASES[name]
    return ["--requester-kind", str(case.requester_kind), "--provider-kind", str(case.provider_kind)]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_template_is_an_agreement_that_nothing_is_wrong_with(
    name: str, language: Any, cards: list[str | Path], tmp_path: Path
) -> None:
    """Between two cards: no field to fill in, nothing that a guardrail forbids, and it fits the schema."""
    text = made(name, *cards, *usual(name), "--language", language)
    agreement = parse_agreement(text)
    assert unfilled(agreement) == []
    assert findings(read_rules(policy_folder(None)), CATALOGUE, as_data(agreement)) == []
    assert faults(language, plain(text)) == faults("both", plain(text)) == []
    assert ("partijen:" in text) is (language == "nl")
    assert max(map(len, text.splitlines())) <= 160
    file = tmp_path / "agreement.yaml"
    file.write_text(text)
    checked = run("check", file, "--language", language)
    assert checked.exit_code == 0
    assert content_hash(agreement).hex() in checked.stdout


@pytest.mark.parametrize("name", CASES)
def test_a_template_suits_its_case(name: str, cards: list[str | Path]) -> None:
    """It is of that category, by a legal basis in force whose article it gives, and is the same in both languages."""
    dutch, english = (
        parse_agreement(made(name, *cards, *usual(name), "--language", one)) for one in ("nl", "en")
    )
    basis = CATALOGUE["legal_bases"][dutch.legal_basis.id]
    assert dutch.purpose_category == name
    assert (basis["status"], basis["article"]) == ("in_force", dutch.legal_basis.article)
    assert dutch.purpose != english.purpose
    said = {"id", "purpose", "count", "attributes"}
    one, other = (
        {field: value for field, value in as_data(each).items() if field not in said}
        for each in (dutch, english)
    )
    assert one == other
    assert dutch.receipts or not dutch.attributes
    assert not (dutch.attributes and "household" in dutch.kinds)


@pytest.mark.parametrize(("answer", "forbidden"), [("count", {"hit", "attributes"}), ("hit", {"attributes"})])
def test_no_template_tells_more_than_its_case_needs(answer: str, forbidden: set[str]) -> None:
    """Steering information only counts; early signals, intake and unclaimed benefits tell no attributes."""
    names = {
        "count": {"steering_information"},
        "hit": {"early_signals_of_debt", "intake", "unclaimed_benefits"},
    }
    assert all(not forbidden & set(CASES[name].answers) for name in names[answer])


def test_a_template_without_cards_says_what_is_to_be_filled_in(tmp_path: Path) -> None:
    """Each place with its line and field, and nothing else; filled in, nothing is wrong."""
    file = tmp_path / "agreement.yaml"
    text = made("vroegsignalering")  # its Dutch name is as good
    file.write_text(text)
    lines = [at for at, line in enumerate(text.splitlines(), 1) if "NOG IN TE VULLEN" in line]
    ran = run("check", file)
    assert ran.exit_code == ExitCode.INPUT
    oin = "oin: in te vullen: het OIN: 20 cijfers, tussen aanhalingstekens"
    kind = f"soort: in te vullen: {FIELDS['requester.kind'].nl}"
    fields = (f"vrager.{oin}", f"vrager.{kind}", f"antwoorder.{oin}", f"antwoorder.{kind}")
    told = zip(lines, fields, strict=True)
    assert ran.stdout.splitlines() == [f"{file}:{line}: partijen.{field}" for line, field in told]
    for oin in (OIN_A, OIN_B):
        text = text.replace("NOG IN TE VULLEN: het OIN, 20 tekens", oin, 1)
    for kind in ("gemeente", "woningcorporatie"):
        text = text.replace(f"NOG IN TE VULLEN: {kind}, als dat klopt", kind, 1)
    file.write_text(text)
    assert run("check", file).exit_code == 0


def test_what_is_given_takes_the_place_of_what_a_template_says(cards: list[str | Path]) -> None:
    """In the words of either language."""
    words = (
        "--kind huishouden --answer aantal --answer hit --provider-kind woningcorporatie"
        " --requester-kind gemeente --largest-query 9000"
    )
    agreement = parse_agreement(made("multi_problem_households", *cards, "--id", "own", *words.split()))
    assert (agreement.id, agreement.kinds, agreement.answers) == ("own", ("household",), ("count", "hit"))
    assert (agreement.provider.kind, agreement.limits.largest_query) == ("housing_association", 9_000)


def test_no_template_says_what_kind_an_organisation_is(cards: list[str | Path], tmp_path: Path) -> None:
    """A landlord given to a template for a credit bank gets a field to fill in; it is told, and cannot be added."""
    ran = run("new", "--template", "intake", *cards, "--requester-kind", "gemeente")
    assert 'soort: "gemeente"' in ran.stdout
    assert 'soort: "NOG IN TE VULLEN: kredietbank, als dat klopt"' in ran.stdout
    assert "`--provider-kind kredietbank`" in ran.stderr
    assert "--requester-kind" not in ran.stderr
    file = tmp_path / "intake.yaml"
    file.write_text(ran.stdout)
    with pytest.raises(InputError) as refused:
        run("add", file, "--config", Path(cards[1]).parent / "node.yaml")
    assert "soort" in refused.value.detail


def test_templates_are_listed() -> None:
    """All of them, with their legal basis; also as JSON."""
    listed = run("templates").stdout
    assert all(name in listed for name in CASES)
    assert any(line.split()[:1] == ["wie_te_bellen"] for line in listed.splitlines())
    assert "werken zij allebei" in listed
    told = json.loads(run("templates", "--json", "--language", "en").stdout)
    assert [one["template"] for one in told] == list(CASES)


def test_an_unknown_template_is_refused() -> None:
    """With the one that was meant; and without a template nothing may be missing."""
    ran = run("new", "--template", "inteke")
    assert ran.exit_code == ExitCode.USAGE
    assert "intake?" in ran.stderr
    assert run("new", "--id", "x").exit_code == ExitCode.USAGE
    with pytest.raises(InputError):
        run("new", "--template", "intake", "--id", "No Slug")


def test_a_template_with_a_schema_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema is written beside it, in the same language, and the first line tells editors where."""
    monkeypatch.chdir(tmp_path)
    text = made("intake", "--schema", "overeenkomst.schema.json")
    assert text.startswith("# yaml-language-server: $schema=overeenkomst.schema.json\n")
    schema = json.loads((tmp_path / "overeenkomst.schema.json").read_text(encoding="utf-8"))
    assert "doel" in schema["properties"]
    assert "purpose" not in schema["properties"]


# what is put in place of what in the template whom_to_call, the beginning of the line that is told, what is told of it
CHECKED: dict[str, tuple[str, str, str, str, int]] = {
    "a bill": ('"wgs-4a"', '"wams"', "grondslag:", r"grondslag: mag niet: .*\(Kamerstukken 36295\) \[.*\]", 4),
    "a landlord": (
        '"kredietbank"', '"woningcorporatie"', '    soort: "woningcorporatie"',
        r"partijen\.antwoorder\.soort: mag niet: .*\(Wgs art\. 4a en 8\) \[legal_basis_not_for_organisation\]", 4,
    ),
    "nationality": (
        '"team"', '"nationaliteit"', "  namen:", r"gegevens\.namen \(2\): mag niet: .*\[special_category\]", 4
    ),
    "attributes by an address": (
        '["bsn"]', '["huishouden"]', "identificatie:", r"identificatie \(1\): mag niet: .*\[answer_never_for_kind\]", 4
    ),
    "a kind that is none": ('["bsn"]', '["bns"]', "identificatie:", r"identificatie \(1\): fout: .*'bns' niet.*", 3),
    "a typing error": ("\ndoel:", "\ndeol:", "deol:", r"deol: fout: onbekend veld; bedoelde u `doel`\?", 3),
    "no receipts": (
        "\ntreffers_melden: ja", "\ntreffers_melden: nee", "treffers_melden:", r"treffers_melden: weeg: .*", 0
    ),
    "a text with a colon": ('\ndoel: "', '\ndoel: a: "', "doel:", r"\(yaml\): fout: een dubbele punt.*", 3),
    "an octal number": (
        "\ntreffers_melden: ja", "\ntreffers_melden: ja\nsleutelperiode_dagen: 0100", "sleutelperiode_dagen:",
        r"\(yaml\): fout: een getal schrijft u als 100 of 0\.5; .*", 3,
    ),
    "an alias": (
        '\ndoel: "', '\nanders: *doel\ndoel: "', "anders:", r"\(yaml\): fout: `\*` staat voor een ander deel .*", 3
    ),
    "a tab": ("\n    soort:", "\n\tsoort:", "\tsoort:", r"\(yaml\): fout: een tab.*", 3),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "told", "code"), CHECKED.values(), ids=CHECKED)
def test_what_is_wrong_is_told_with_line_field_and_article(
    old: str, new: str, at: str, told: str, code: int, cards: list[str | Path], tmp_path: Path
) -> None:
    """Without a node, in Dutch; the exit code says whether the file can be used."""
    text = made("whom_to_call", *cards, *usual("whom_to_call"))
    assert old in text
    text = text.replace(old, new, 1)
    line = next(number for number, one in enumerate(text.splitlines(), 1) if one.startswith(at))
    file = tmp_path / "agreement.yaml"
    file.write_text(text)
    ran = run("check", file)
    assert any(re.fullmatch(f"{file}:{line}: {told}", one) for one in ran.stdout.splitlines()), ran.stdout
    assert ran.exit_code == code
    assert any(one["line"] == line for one in json.loads(run("check", file, "--json").stdout)[0]["remarks"])


def test_several_files_are_checked_each_by_itself(cards: list[str | Path], tmp_path: Path) -> None:
    """One that is missing or wrong keeps no other out; in English too, with the words of the rules."""
    good, bill, missing = tmp_path / "good.yaml", tmp_path / "bill.yaml", tmp_path / "missing.yaml"
    good.write_text(made("intake", *cards, *usual("intake")))
    bill.write_text(made("whom_to_call", *cards, *usual("whom_to_call"), "--legal-basis", "wams"))
    ran = run("check", good, missing, bill, "--language", "en")
    assert ran.exit_code == ExitCode.INPUT
    assert f"{good}: nothing is wrong" in ran.stdout
    assert f"{missing}:1: (file): fault: " in ran.stdout
    assert "grondslag: not allowed: " in ran.stdout
    assert run("check", good, bill).exit_code == ExitCode.REFUSED
    told = json.loads(run("check", good, bill, "--json").stdout)
    assert [bool(one["remarks"]) for one in told] == [False, True]
    assert told[0]["content_hash"] == content_hash(parse_agreement(good.read_text())).hex()
    with pytest.raises(InputError):
        run("check", missing)


def test_the_schema_is_printed() -> None:
    """In each language."""
    for language, word in (("nl", "doel"), ("en", "purpose"), ("both", "doel")):
        ran = run("schema", "--language", language)
        assert word in json.loads(ran.stdout)["properties"]
