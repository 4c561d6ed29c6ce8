"""`agreements add --replace`, `remove`, and `revoke` of what went: what the privacy officer is told and asked."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from linkage_node.agreements import content_hash, parse_agreement
from linkage_node.cli.agreements import agreements_app
from linkage_node.errors import InputError, Refusal
from linkage_node.node import Node
from tests.agreements.test_agreement_commands import run
from tests.integration.world import AGREEMENT, agreement_text
from tests.nodes import OIN_A, OIN_B, introduce, make_node
from tests.signed import add_signed, says

HASH = content_hash(parse_agreement(agreement_text())).hex()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A node that asks another, which does not run; version 1 of their agreement is in force."""
    made = make_node(tmp_path / "asks", OIN_A), make_node(tmp_path / "answers", OIN_B)
    introduce(*made)
    with Node.open(made[0]) as node:
        add_signed(node, agreement_text())
    return made[0]


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """The file of version 2."""
    return written(tmp_path, version=2)


def written(folder: Path, **changes: Any) -> Path:
    """A file with an agreement."""
    file = folder / "agreement.yaml"
    file.write_text(agreement_text(**changes))
    return file


def here(config: Path) -> list[tuple[int, str]]:
    """Version and status of each agreement."""
    listed = json.loads(run("list", "--json", "--config", config).stdout)
    return [(one["version"], one["status"]) for one in listed]


def one_line(text: str) -> str:
    """Without the borders and breaks of the screen."""
    return " ".join(text.split())


def test_replacing_what_is_in_force_asks_first(config: Path, second: Path) -> None:
    """Where nobody can answer it needs --yes, and nothing changes without."""
    with pytest.raises(InputError) as missing:
        run("add", second, "--replace", "--config", config)
    assert (missing.value.code, "--yes" in missing.value.detail) == ("option_missing", True)
    assert here(config) == [(1, "in_force")]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "nl",
            "Versie 1 van shared-clients is door beide organisaties getekend, en stopt als u doorgaat: er wordt"
            " hier dan niets gevraagd of beantwoord totdat beide versie 2 hebben getekend.",
        ),
        (
            "en",
            "stops if you go on: nothing is asked or answered here then until both have signed version 2.",
        ),
    ],
)
def test_replacing_says_what_stops_and_what_stays(
    config: Path, second: Path, language: str, words: str
) -> None:
    """Which version, at once; that the partner is not told; what is kept, and the command that ends it at both."""
    ran = run("add", second, "--replace", "--yes", "--language", language, "--config", config)
    assert words in one_line(ran.stderr)
    assert "Answers" in ran.stderr
    assert f"agreements revoke {HASH[:16]}" in one_line(ran.stderr)
    assert {"nl": "Versie 1 is hier vervangen.", "en": "Version 1 was replaced here."}[language] in ran.stdout
    assert here(config) == [(2, "unsigned")]


def test_two_texts_with_one_version_number(config: Path, tmp_path: Path) -> None:
    """Whoever forgot to raise it is told."""
    file = written(tmp_path, purpose="Another one")
    said = one_line(run("add", file, "--replace", "--yes", "--config", config).stderr)
    assert "Both texts are called version 1" in said
    assert "until both have signed the new text." in said


@pytest.mark.parametrize(("answer", "version"), [("n", 1), ("", 1), ("ja", 2), ("y", 2)])
def test_the_question_is_answered(
    config: Path, second: Path, monkeypatch: pytest.MonkeyPatch, answer: str, version: int
) -> None:
    """On a terminal; nothing but a yes replaces, and nothing but a yes removes."""
    monkeypatch.setattr("linkage_node.cli.agreement_leaving.console", Console(force_terminal=True))
    runner = CliRunner()
    for words in (["add", str(second), "--replace"], ["remove", AGREEMENT]):
        asked = runner.invoke(agreements_app, [*words, "--config", str(config)], input=answer + "\n")
        assert asked.exit_code == (0 if version == 2 else 1)
        if version == 1:
            assert here(config) == [(1, "in_force")]


def test_what_not_both_signed_is_replaced_and_removed_without_a_question(
    config: Path, tmp_path: Path
) -> None:
    """A draft, as often as it takes; the version that went is named."""
    for version in (1, 2):
        file = written(tmp_path, id="draft", version=version)
        ran = run("add", file, "--replace", "--config", config)
        assert ("Version 1 was replaced here." in ran.stdout) is (version == 2)
        assert "stops if" not in ran.stderr
    again = run("add", file, "--replace", "--config", config)
    assert "was replaced" not in again.stdout
    assert run("remove", "draft", "--config", config).exit_code == 0
    assert here(config) == [(1, "in_force")]


def test_removing_what_is_in_force_asks_first_and_says_that_it_ends_nothing(config: Path) -> None:
    """The partner is not told, revoking would; added anew it is as it was."""
    with pytest.raises(InputError) as missing:
        run("remove", AGREEMENT, "--config", config)
    assert (missing.value.code, here(config)) == ("option_missing", [(1, "in_force")])
    said = one_line(run("remove", AGREEMENT, "--yes", "--config", config).stderr)
    assert "Answers is not told; revoking it" in said
    assert f"agreements revoke {HASH[:16]}" in said
    assert here(config) == []
    with Node.open(config) as node:
        node.agreements.add(agreement_text())
    assert here(config) == [(1, "in_force")]


@pytest.mark.parametrize("kind", ["accept", "reject"])
def test_removing_what_the_partner_has_not_heard(config: Path, kind: Any) -> None:
    """An approval that waits for a partner that is down is not brought any more; a rejection is, and not told."""
    with Node.open(config) as node:
        says(node, node.agreements.add(agreement_text(id="new")), OIN_A, kind)
    said = one_line(run("remove", "new", "--config", config).stderr)
    assert ("has not got your signature yet" in said) is (kind == "accept")


@pytest.mark.parametrize("how", ["replaced", "removed"])
def test_what_went_is_revoked_by_its_hash(config: Path, second: Path, how: str) -> None:
    """`revoke` by the id alone means what is here now; where nothing is, it says which hash to give."""
    if how == "replaced":
        run("add", second, "--replace", "--yes", "--config", config)
    else:
        run("remove", AGREEMENT, "--yes", "--config", config)
        for command in ("revoke", "signatures"):
            with pytest.raises(Refusal) as refused:
                run(command, AGREEMENT, "--config", config)
            assert (refused.value.code, HASH[:16] in refused.value.detail) == ("agreement_not_here", True)
    shown = json.loads(run("signatures", HASH[:16], "--json", "--config", config).stdout)
    assert (shown["status"], len(shown["signatures"])) == ("former", 2)
    printed = run("show", HASH[:16], "--config", config).stdout
    assert content_hash(parse_agreement(printed)).hex() == HASH
    assert "It was replaced or removed here" in run("signatures", HASH, "--config", config).stdout
    (revoked,) = json.loads(run("revoke", HASH[:16], "--yes", "--json", "--config", config).stdout)
    assert (revoked["status"], revoked["content_hash"]) == ("revoked", HASH)
    assert here(config) == ([(2, "unsigned")] if how == "replaced" else [])
    for wrong in (HASH[:15], "0" * 16):
        with pytest.raises(Refusal) as refused:
            run("revoke", wrong, "--yes", "--config", config)
        assert refused.value.code == "agreement_not_here"


def test_a_handed_over_end_of_what_went_is_taken_in(config: Path, second: Path, tmp_path: Path) -> None:
    """`receive` of the partner's revocation, where nodes never meet; of its approval it says that it is not here."""
    other, file = tmp_path / "answers" / "node.yaml", tmp_path / "partner.txt"
    with Node.open(other) as node:
        agreement = add_signed(node, agreement_text())
    run("signatures", AGREEMENT, "--output", file, "--config", other)
    run("add", second, "--replace", "--yes", "--config", config)
    with pytest.raises(Refusal) as refused:
        run("receive", file, "--config", config)
    assert refused.value.code == "agreement_unknown"
    with Node.open(other) as node:
        says(node, agreement, OIN_B, "revoke")
    file.unlink()
    run("signatures", AGREEMENT, "--output", file, "--config", other)
    (received,) = json.loads(run("receive", file, "--json", "--config", config).stdout)
    assert (received["received"], received["status"]) == (["revoke"], "revoked")


@pytest.mark.parametrize(("kind", "words"), [("revoke", "It was revoked"), ("reject", "It was rejected")])
def test_adding_what_is_over_says_so(config: Path, tmp_path: Path, kind: Any, words: str) -> None:
    """Whether it is here still, or was removed; and it takes the place of no other."""
    file = written(tmp_path)
    with Node.open(config) as node:
        says(node, node.agreements.get_by_id(AGREEMENT), OIN_B, kind)
    assert words in run("add", file, "--config", config).stdout
    assert run("remove", AGREEMENT, "--config", config).exit_code == 0
    assert words in run("add", file, "--config", config).stdout
    second = tmp_path / "second.yaml"
    second.write_text(agreement_text(version=2))
    run("add", second, "--replace", "--config", config)
    with pytest.raises(Refusal) as over:
        run("add", file, "--replace", "--config", config)
    assert over.value.code == {"revoke": "agreement_revoked", "reject": "agreement_rejected"}[kind]
    assert here(config) == [(2, "unsigned")]
