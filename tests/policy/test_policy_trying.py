"""`policy test` and `policy coverage`: an officer tries his rules, agreements and cases."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from linkage_node.cli.common import console
from linkage_node.cli.policy import policy_app
from linkage_node.details_nl import in_dutch
from linkage_node.errors import ExitCode, InputError, Refusal
from linkage_node.node import Node
from linkage_node.policy.bundle import write_bundle
from linkage_node.policy.case_runs import CasePolicy, run_cases
from linkage_node.policy.cases import read_cases
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.opa import OpaDecisionPoint
from linkage_node.policy.source import StoredPolicy
from linkage_node.policy.verdicts import with_verdicts
from tests.nodes import edit, make_node
from tests.opa_server import opa_binary, opa_server
from tests.policy.corpus import AGREEMENT, CATALOGUE, EXAMPLE, EXAMPLES, POLICIES, RULES

runner = CliRunner()
WRONG = "wrong:\n  why: It is not so.\n  set: {context.used_today: 20000}\n  reasons: [kind_not_agreed]\n"
RIGHT = "right: {why: It is so., set: {context.used_today: 20000}, reasons: [budget_exhausted]}\n"
OWN = "own: {why: Our own agreement., stored: example-energy-allowance, reasons: []}\n"


@pytest.fixture(autouse=True)
def without_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without a node.yaml."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The node.yaml of the example's requester, with the example agreement."""
    path = make_node(tmp_path / "node", AGREEMENT["requester"]["oin"])
    with Node.open(path) as node:
        node.agreements.add(EXAMPLE.read_text())
    return path


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An officer's own copy of the policies, with one case."""
    folder = tmp_path / "own"
    shutil.copytree(POLICIES, folder, ignore=shutil.ignore_patterns("cases", "*_test.rego"))
    (folder / "cases").mkdir()
    (folder / "cases" / "mine.yaml").write_text(RIGHT)
    return folder


def _run(*words: object) -> Result:
    return runner.invoke(policy_app, list(map(str, words)), catch_exceptions=False)


def _json(*words: object) -> Any:
    return json.loads(_run(*words, "--json").stdout)


def test_all_cases_of_the_product_hold() -> None:
    """The product's own policies decide all of their cases as they say."""
    ended = _run("test", POLICIES)
    assert ended.exit_code == 0
    total = len(read_cases(POLICIES / "cases", EXAMPLES))
    assert (
        f"Het knooppunt zelf: {total} van {total} gevallen worden beslist zoals zij zeggen." in ended.output
    )
    assert f"Gevallen: {total} van het product, 0 van uzelf" in ended.output


def test_what_differs_is_told_with_file_and_line(own: Path) -> None:
    """The case, where it stands, why it is there, what it says and what was found; exit code 4."""
    (own / "cases" / "mine.yaml").write_text(RIGHT + WRONG)
    told = _json("test", own)
    assert told["cases"] == 2
    (failed,) = told["engines"][0]["otherwise"]
    assert (failed["case"], failed["source"]) == ("wrong", "own/cases/mine.yaml:2")
    assert failed["differences"] == {
        "reasons": {"expected": ["kind_not_agreed"], "found": ["budget_exhausted"]}
    }
    with pytest.raises(Refusal) as refused:
        _run("test", own)
    assert (refused.value.code, refused.value.exit_code) == ("policy_tests_failed", ExitCode.REFUSED)
    assert _run("test", own, "--json").exit_code == ExitCode.REFUSED


def test_another_condition_than_a_case_says_is_told(own: Path) -> None:
    """Obligations are held to the agreement's, or to what the case says in place of them."""
    text = "one: {why: Stricter., obligations: {largest_query: 5}, reasons: []}"
    (own / "cases" / "mine.yaml").write_text(text)
    (failed,) = _json("test", own)["engines"][0]["otherwise"]
    (field,) = failed["differences"]
    assert field == "obligations"
    assert failed["differences"][field]["found"]["largest_query"] == 10_000
    with console.capture() as shown, pytest.raises(Refusal):
        _run("test", own)
    (line,) = [line for line in shown.get().splitlines() if "voorwaarden" in line]
    assert (
        line.strip() == "voorwaarden: het geval zegt grenzen.per_vraag: 5; gevonden grenzen.per_vraag: 10.000"
    )


def test_whose_cases_hold_is_told(config: Path, tmp_path: Path) -> None:
    """Those of the product and those of one's own, which a node.yaml names; and where none are, how to name them."""
    total = len(read_cases(POLICIES / "cases", EXAMPLES))
    assert f"Gevallen: {total}, alle van het product." in _run("test", "--config", config).output
    (tmp_path / "gevallen").mkdir()
    (tmp_path / "gevallen" / "own.yaml").write_text(OWN)
    edit(config, "  engine: embedded", "  engine: embedded\n  cases: ../gevallen")
    shown = _run("test", "--config", config).output
    assert f"Gevallen: {total} van het product, 1 van uzelf, uit gevallen." in shown
    assert _json("test", "--config", config)["cases_own"] == 1


def test_a_misspelt_field_is_no_case_that_holds(config: Path, tmp_path: Path) -> None:
    """It would be approved, since nothing was changed; it is a fault with file, line and what was meant."""
    (tmp_path / "gevallen").mkdir()
    text = OWN.replace("reasons", "set: {action.properties.elementen: 50000}, reasons")
    (tmp_path / "gevallen" / "own.yaml").write_text(text)
    with pytest.raises(InputError) as refused:
        _run("test", "gevallen", "--config", config)
    told = in_dutch(refused.value.detail)
    assert told.startswith("gevallen/own.yaml:1: own.set.action.properties.elementen: er is geen veld ")
    assert told.endswith("bedoelde u `action.properties.elements`?")
    (tmp_path / "gevallen" / "own.yaml").write_text(text.replace("elementen", "elements"))
    with pytest.raises(Refusal) as otherwise:
        _run("test", "gevallen", "--config", config)
    assert otherwise.value.code == "policy_tests_failed"


def test_rules_that_give_no_decision_hold_no_case(own: Path) -> None:
    """An engine that fails, or answers in another shape, is a refusal, and is told as one."""
    cases = read_cases(own / "cases", EXAMPLES)
    embedded = EmbeddedDecisionPoint(CasePolicy(RULES, CATALOGUE, cases))
    assert [result.as_told for result in run_cases(embedded, cases)] == [True]
    nobody = OpaDecisionPoint("http://127.0.0.1:9")
    (result,) = run_cases(nobody, cases)
    assert result.differences == {"reasons": (["budget_exhausted"], ["policy_unavailable"])}


def test_a_folder_of_cases_is_tried_by_the_rules_of_the_node(config: Path, tmp_path: Path) -> None:
    """An officer who writes no Rego tries his cases, on the agreements of his node."""
    folder = tmp_path / "my-cases"
    folder.mkdir()
    (folder / "own.yaml").write_text(OWN)
    told = _json("test", folder, "--config", config)
    assert (told["cases"], told["engines"][0]["otherwise"]) == (1, [])
    with pytest.raises(InputError) as refused:
        _run("test", folder)
    assert "my-cases/own.yaml:1" in refused.value.detail
    (folder / "own.yaml").unlink()
    with pytest.raises(InputError) as refused:
        _run("test", folder)
    assert refused.value.code == "file_missing"


def test_the_nodes_own_folder_is_tried_without_an_argument(config: Path, own: Path) -> None:
    """The cases beside the rules that the node is configured to have."""
    edit(config, "  engine: embedded", f"  engine: embedded\n  path: {own}")
    told = _json("test", "--config", config)
    assert (told["folder"], told["cases"]) == (str(own), 1)


def test_the_nodes_opa_server_is_tried_too(config: Path, own: Path, tmp_path: Path) -> None:
    """On cases about agreements that the node has, for it knows no others; its differences are its own."""
    (own / "cases" / "mine.yaml").write_text(
        OWN + RIGHT + RIGHT.replace("right", "other").replace("set:", "agreement: {proof: true}, set:")
    )
    with Node.open(config) as node:
        source = StoredPolicy(POLICIES, node.agreements)
        lax = {name: text.replace("not budget_left", "false") for name, text in source.rules.items()}
        assert lax != source.rules
        write_bundle(tmp_path / "bundle", lax, with_verdicts(lax, source.data()))
    with opa_server("--bundle", tmp_path / "bundle") as url:
        edit(config, "  engine: embedded", f"  opa_url: {url}\n  engine: opa")
        told = _json("test", own, "--config", config)
    embedded, opa = told["engines"]
    assert (embedded["engine"], embedded["tried"], embedded["otherwise"]) == ("embedded", 3, [])
    assert (opa["engine"], opa["tried"]) == ("opa", 2)
    assert [one["case"] for one in opa["otherwise"]] == ["right"]


def test_coverage_without_opa_tells_what_it_can(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which reasons no case expects and which agreements none is about; and who tells of lines. No error but with
    --at-least, which it cannot answer."""
    monkeypatch.setenv("PATH", "/nowhere")
    told = _json("coverage", own)
    assert told["percentage"] is None
    assert "kind_not_agreed" in told["reasons"]
    assert "budget_exhausted" not in told["reasons"]
    assert told["agreements"] == sorted(EXAMPLES.keys() - {"example-energy-allowance"})
    assert told["error"] == "tool_missing"
    ended = _run("coverage", own)
    assert (ended.exit_code, "kan alleen OPA vertellen" in ended.output) == (ExitCode.OK, True)
    with pytest.raises(InputError) as refused:
        _run("coverage", own, "--at-least", "50")
    assert refused.value.code == "tool_missing"


@pytest.fixture
def with_opa(monkeypatch: pytest.MonkeyPatch) -> None:
    """OPA on PATH."""
    monkeypatch.setenv("PATH", str(Path(opa_binary()).parent))


@pytest.mark.usefixtures("with_opa")
def test_the_products_cases_reach_every_line_reason_and_agreement() -> None:
    """All lines of the rules, all reasons in them, all examples."""
    told = _json("coverage", POLICIES)
    assert {name: file["missed"] for name, file in told["files"].items() if file["missed"]} == {}
    assert (told["percentage"], told["reasons"], told["agreements"]) == (100, [], [])
    assert told["files"].keys() == RULES.keys()


@pytest.mark.usefixtures("with_opa")
def test_too_little_coverage_has_an_exit_code(own: Path) -> None:
    """One case reaches some lines; what is asked for at least decides about the exit code."""
    told = _json("coverage", own)
    assert 0 < told["percentage"] < 100
    assert told["files"]["linkage/match/reasons.rego"]["missed"]
    ended = _run("coverage", own)
    assert ended.exit_code == 0
    assert f"{told['percentage']:.1f}%" in ended.output
    assert _run("coverage", own, "--at-least", "1").exit_code == 0
    ended = _run("coverage", own, "--at-least", "100")
    assert (ended.exit_code, "minder dan 100%" in ended.stderr) == (ExitCode.REFUSED, True)


@pytest.mark.usefixtures("with_opa")
def test_coverage_counts_the_officers_own_agreements(config: Path, own: Path) -> None:
    """An agreement of the node that no case is about is named."""
    (own / "cases" / "mine.yaml").write_text("one: {why: Other., example: example-whom-to-call, reasons: []}")
    assert _json("coverage", own, "--config", config)["agreements"] == [AGREEMENT["id"]]


@pytest.mark.usefixtures("with_opa")
def test_rules_that_opa_cannot_load_are_told(own: Path) -> None:
    """A fault in the rules is told as one, with its file."""
    (own / "linkage" / "match" / "mine.rego").write_text(
        "package linkage.match\n\nbroken := undefined_here\n"
    )
    with pytest.raises(InputError) as refused:
        _run("coverage", own)
    assert refused.value.code == "policy_invalid"
    assert "mine.rego" in refused.value.detail


def test_defaults_of_the_rego_tests_are_those_of_the_model() -> None:
    """What `opa test` fills in where an agreement is silent is what the node fills in."""
    command = [
        opa_binary(),
        "eval",
        "--data",
        str(POLICIES),
        "--format=raw",
        "data.linkage.match_test.silent",
    ]
    silent = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    filled = EXAMPLES["example-energy-allowance"].model_copy().model_fields_set
    assert {"proof", "receipts"}.isdisjoint(filled)
    assert silent == {
        "limits": {"result_retention_days": 30},
        "proof": AGREEMENT["proof"],
        "receipts": AGREEMENT["receipts"],
    }
