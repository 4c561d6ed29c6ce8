"""The catalogue of legal bases: checked with line and field, and what it holds."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from linkage_node.cli.policy import policy_app
from linkage_node.errors import InputError
from linkage_node.policy.source import CATALOGUE as FILE
from linkage_node.policy.source import read_catalogue
from tests.policy.corpus import CATALOGUE, POLICIES

TEXT = (POLICIES / FILE).read_text()
BASES = CATALOGUE["legal_bases"]
BY_ADDRESS_ONLY = (
    "debt_help",
    "housing_association",
    "energy_desk",
    "energy_supplier",
    "water_company",
    "welfare_organisation",
)
runner = CliRunner()


def _read(tmp_path: Path, text: str) -> None:
    (tmp_path / "catalogue").mkdir()
    (tmp_path / FILE).write_text(text)
    read_catalogue(tmp_path)


FAULTS = {
    "unknown_field": ("    status: bill\n", "    statsu: bill\n", "statsu"),
    "no_status": ("    status: bill\n", "", "status"),
    "another_status": ("status: bill", "status: nearly", "status"),
    "bill_with_a_day": ("status: bill", 'status: bill\n    valid_from: "2026-01-01"', "a bill has no days"),
    "law_without_a_day": ('    valid_from: "2021-01-01"\n', "", "a law has a first day"),
    "repealed_without_an_end": ('    valid_until: "2024-08-31"\n', "", "has a last day"),
    "ends_before_it_begins": ('valid_until: "2024-08-31"', 'valid_until: "2021-12-31"', "lies before"),
    "no_day": ('valid_from: "2021-01-01"', "valid_from: 2021", "expected a day"),
    "seconds": ('valid_from: "2021-01-01"', 'valid_from: "1609459200"', "expected a day"),
    "unknown_purpose": ("purposes: [early_signals_of_debt]", "purposes: [fraud]", "fraud is not among"),
    "unknown_organisation": (
        "energy_supplier: [household]",
        "ministry: [household]",
        "ministry is not among",
    ),
    "unknown_identifier": ("water_company: [household]", "water_company: [iris]", "no identifier kind iris"),
    "bsn_for_a_landlord": (
        "housing_association: [household]",
        "housing_association: [bsn]",
        "the BSN is not for them",
    ),
    "unknown_answer": ("answers: [hit]", "answers: [everything]", "answers"),
    "checked_is_text": ("    checked: false", '    checked: "no"', "checked"),
    "no_identifiers": ("health_insurer: [household]", "health_insurer: []", "health_insurer"),
    "one_twice": ("answers: [count, hit]", "answers: [hit, hit]", "stands twice"),
    "text_on_two_lines": ("title: Vroegsignalering van schulden", 'title: "a\\nb"', "title"),
    "no_bases": (TEXT, "legal_bases: {}\norganisation_kinds: {}\npurposes: {}\n", "legal_bases"),
    "no_fields": (TEXT, "- a list\n", "expected fields"),
    "no_yaml": (TEXT, "legal_bases: [", "catalogue.yaml"),
}


@pytest.mark.parametrize(("part", "change", "told"), FAULTS.values(), ids=FAULTS)
def test_faults_are_told_with_their_line(tmp_path: Path, part: str, change: str, told: str) -> None:
    """A slip in the catalogue is told when it is read, with file, line and what is wrong."""
    assert part in TEXT
    with pytest.raises(InputError) as refused:
        _read(tmp_path, TEXT.replace(part, change, 1))
    assert refused.value.code == "policy_invalid"
    assert f"{FILE}:" in refused.value.detail
    assert told in refused.value.detail


def test_days_need_no_quotes(tmp_path: Path) -> None:
    """YAML reads a day as a day; the rules see text either way."""
    (tmp_path / "catalogue").mkdir()
    (tmp_path / FILE).write_text(TEXT.replace('"2021-01-01"', "2021-01-01"))
    assert read_catalogue(tmp_path) == CATALOGUE


@pytest.mark.parametrize("kind", BY_ADDRESS_ONLY)
def test_who_may_not_use_the_bsn_is_nowhere_allowed_it(kind: str) -> None:
    """Neither as a kind of organisation nor in any legal basis."""
    assert CATALOGUE["organisation_kinds"][kind]["bsn"] is False
    for basis in BASES.values():
        for side in ("requesters", "providers"):
            assert "bsn" not in basis[side].get(kind, [])


def test_bills_are_there_and_no_law() -> None:
    """The Wams and the Wet proactieve dienstverlening are in the catalogue, as bills without days."""
    bills = {basis_id for basis_id, basis in BASES.items() if basis["status"] == "bill"}
    assert bills == {"wams", "wet-proactieve-dienstverlening"}
    assert not any("valid_from" in BASES[bill] for bill in bills)


def test_every_basis_says_how_far_it_was_checked() -> None:
    """An officer reads what was held against the text of the law, and what the node cannot see."""
    for basis in BASES.values():
        assert basis["note"].endswith(".")
        assert isinstance(basis["checked"], bool)


def test_every_category_and_kind_has_a_basis() -> None:
    """No word of the catalogue is one that no agreement can use."""
    in_force = [basis for basis in BASES.values() if basis["status"] == "in_force"]
    assert {purpose for basis in in_force for purpose in basis["purposes"]} == set(CATALOGUE["purposes"])
    parties = {kind for basis in in_force for side in ("requesters", "providers") for kind in basis[side]}
    assert parties == set(CATALOGUE["organisation_kinds"])


def test_the_command_lists_and_shows_legal_bases() -> None:
    """All with their status; one with for whom it is, in the words that an agreement writes; JSON for scripts."""
    listed = runner.invoke(policy_app, ["legal-bases"], catch_exceptions=False)
    assert all(basis_id in listed.output for basis_id in ("wgs-4a", "wams", "pw-35-4"))
    assert "wetsvoorstel" in listed.output
    dutch = runner.invoke(policy_app, ["legal-bases", "wgs-3-1-b"], catch_exceptions=False).output
    assert all(word in dutch for word in ("woningcorporatie", "huishouden", "vroegsignalering", "treffer"))
    english = runner.invoke(
        policy_app, ["legal-bases", "wgs-3-1-b", "--language", "en"], catch_exceptions=False
    ).output
    assert all(
        word in english for word in ("housing_association", "household", "early_signals_of_debt", "in force")
    )
    told = runner.invoke(policy_app, ["legal-bases", "wgs-4a", "--json"], catch_exceptions=False).output
    assert json.loads(told) == {"id": "wgs-4a", **BASES["wgs-4a"]}
    assert json.loads(runner.invoke(policy_app, ["legal-bases", "--json"]).output) == BASES


def test_a_basis_that_there_is_not_is_told() -> None:
    """With the code that an agreement would be refused by."""
    with pytest.raises(InputError) as refused:
        runner.invoke(policy_app, ["legal-bases", "wgs-99"], catch_exceptions=False)
    assert refused.value.code == "legal_basis_unknown"
