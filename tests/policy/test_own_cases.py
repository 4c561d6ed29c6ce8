"""`policy.cases`: an officer's own cases, beside those of the policy folder, about the agreements of his node."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from linkage_node.cli.policy import policy_app
from linkage_node.errors import InputError, Refusal
from linkage_node.node import Node
from linkage_node.policy.archive import read_bundle
from linkage_node.policy.cases import Untried, case_files
from linkage_node.policy.known import of_node, policy_of
from linkage_node.policy.own_cases import check_own_cases
from tests.activation.office import make_office
from tests.nodes import edit
from tests.policy.corpus import AGREEMENT, EXAMPLE, POLICIES

ID = AGREEMENT["id"]
LIMIT = AGREEMENT["limits"]["evaluations_per_day"]
OWN = f"""\
our_budget:
  why: The budget of a day.
  stored: {ID}
  set: {{context.used_today: {LIMIT}}}
  reasons: [budget_exhausted]
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The node.yaml of a node with officers, with a policy folder of two cases, and one case of its own."""
    path = make_office(tmp_path)
    (path.parent / "cases").mkdir()
    (path.parent / "cases" / "ours.yaml").write_text(OWN)
    edit(path, "  # cases: cases ", "  cases: cases ")
    with Node.open(path) as node:
        node.agreements.add(EXAMPLE.read_text())
    return path


def _json(config: Path, *words: object) -> Any:
    ran = CliRunner().invoke(
        policy_app, [*map(str, words), "--config", str(config), "--json"], catch_exceptions=False
    )
    return json.loads(ran.stdout)


def test_both_are_tried_without_a_folder(config: Path) -> None:
    """The folder's and the officer's; with a folder that one's alone."""
    told = _json(config, "test")
    assert (told["cases"], told["engines"][0]["otherwise"]) == (3, [])
    assert _json(config, "test", config.parent / "cases")["cases"] == 1
    (config.parent / "cases" / "ours.yaml").write_text(OWN.replace("budget_exhausted", "query_too_large"))
    (failed,) = _json(config, "test")["engines"][0]["otherwise"]
    assert failed["source"] == f"{config.parent}/cases/ours.yaml:1"


def test_coverage_counts_them(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an own case is about is no longer missing."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert "budget_exhausted" not in _json(config, "coverage")["reasons"]
    edit(config, "  cases: cases ", "  # cases: cases ")
    assert "budget_exhausted" in _json(config, "coverage")["reasons"]


def test_they_come_into_the_policy(config: Path, tmp_path: Path) -> None:
    """The file that officers sign has them, so that they hold for who signs and who activates."""
    told = _json(config, "build", tmp_path / "p")
    assert (told["cases"], told["cases_untried"]) == (3, [])
    bundle = read_bundle((tmp_path / "p").read_bytes())
    assert bundle.tried_with["cases/ours.yaml"] == OWN
    assert {case.name for case in policy_of(str(tmp_path / "p"), None).cases()} >= {"our_budget", "as_agreed"}
    (config.parent / "cases" / "ours.yaml").write_text(OWN.replace("budget_exhausted", "query_too_large"))
    with pytest.raises(Refusal) as refused:
        _json(config, "build", tmp_path / "q")
    assert "our_budget (cases/ours.yaml:1)" in refused.value.detail


def test_a_case_about_an_agreement_that_goes_out_holds_up_nothing(config: Path, tmp_path: Path) -> None:
    """A policy without the agreement is built and signed: the case is not tried, and that is told."""
    told = _json(config, "build", tmp_path / "p", "--without", ID)
    untried = {"case": "our_budget", "source": "cases/ours.yaml:1", "agreement": ID}
    assert (told["cases"], told["cases_untried"]) == (2, [untried])
    held = check_own_cases(read_bundle((tmp_path / "p").read_bytes()))
    assert held == (2, 2, [Untried(**untried)])
    words = ["build", str(tmp_path / "q"), "--without", ID, "--config", str(config)]
    said = CliRunner().invoke(policy_app, words, catch_exceptions=False)
    assert "Niet geprobeerd: geval our_budget (cases/ours.yaml:1)" in " ".join(said.stderr.split())


def test_a_new_version_of_the_agreement_is_held_to_the_case(config: Path, tmp_path: Path) -> None:
    """By its id: what the case says of the terms must be so of the new ones."""
    text = EXAMPLE.read_text()
    with Node.open(config) as node:
        node.agreements.add(text.replace(f"{LIMIT}", f"{LIMIT + 1_000}"), replace=True)
    with pytest.raises(Refusal) as refused:
        _json(config, "build", tmp_path / "p")
    assert "our_budget" in refused.value.detail


def test_diff_counts_them(config: Path) -> None:
    """In the node's own policy without officers, and beside those of a folder."""
    config.write_text(config.read_text().split("\nofficers:\n")[0])
    with Node.open(config) as node:
        for policy in (of_node(node), policy_of(str(POLICIES), node)):
            assert "our_budget" in {case.name for case in policy.cases()}


FAULTS = {
    "no_folder": (None, "file_missing", "no file *.yaml"),
    "a_file_of_the_same_name": ("own.yaml", "file_exists", "own.yaml and "),
    "a_case_of_the_same_name": ("other.yaml", "config_invalid", "has this name too"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_in_the_folder_are_told(config: Path, tmp_path: Path, name: str) -> None:
    """Before anything is tried or built, with the files that they are about."""
    file, code, words = FAULTS[name]
    (config.parent / "cases" / "ours.yaml").unlink()
    if file:
        (config.parent / "cases" / file).write_text("as_agreed: {why: Ours., reasons: []}\n")
    for command in (["test"], ["build", tmp_path / "p"]):
        with pytest.raises(InputError) as refused:
            _json(config, *command)
        assert (refused.value.code, words in refused.value.detail) == (code, True), refused.value.detail


def test_without_an_own_folder_there_are_those_of_the_policies() -> None:
    """By the names that they have in a policy's file, in order."""
    assert list(case_files(POLICIES / "cases")) == sorted(
        f"cases/{file.name}" for file in (POLICIES / "cases").glob("*.yaml")
    )
