"""The bundle for an OPA server, and the commands around it."""

import json
import shutil
from pathlib import Path
from time import monotonic

import pytest
import requests
from typer.testing import CliRunner

from linkage_node.cli.policy import policy_app
from linkage_node.errors import InputError
from linkage_node.node import Node
from linkage_node.policy.bundle import write_bundle
from linkage_node.policy.opa import OpaDecisionPoint
from tests.nodes import edit, make_node
from tests.opa_server import opa_server
from tests.policy.corpus import AGREEMENT, EXAMPLE, POLICIES, RULES, StaticPolicy, hash_of, question

RELOAD_SECONDS = 20.0
FULL = StaticPolicy(RULES, {hash_of(AGREEMENT): AGREEMENT})
EMPTY = StaticPolicy(RULES, {})
runner = CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The node.yaml of the example's requester, with the example agreement."""
    path = make_node(tmp_path / "node", AGREEMENT["requester"]["oin"])
    with Node.open(path) as node:
        node.agreements.add(EXAMPLE.read_text())
    return path


def test_a_watching_opa_takes_up_a_bundle_written_anew(tmp_path: Path) -> None:
    """A new agreement reaches the server when the bundle is written again, and nobody else can put one there."""
    write_bundle(tmp_path, RULES, EMPTY.data())
    with opa_server("--watch", "--bundle", tmp_path) as url:
        decision_point = OpaDecisionPoint(url)
        assert decision_point.decide(question()).reasons == ("agreement_unknown",)
        assert decision_point.revision() == EMPTY.data()["revision"]
        put = requests.put(f"{url}/v1/data/agreements", json=FULL.data()["agreements"], timeout=5)
        assert not put.ok
        write_bundle(tmp_path, RULES, FULL.data())
        ends_at = monotonic() + RELOAD_SECONDS
        while not decision_point.decide(question()).allow:
            assert monotonic() < ends_at
        assert decision_point.decide(question()).revision == FULL.data()["revision"]


def test_rules_that_went_are_gone_from_the_bundle(tmp_path: Path) -> None:
    """An old rule left behind would still decide."""
    write_bundle(tmp_path, {**RULES, "linkage/match/old.rego": "package linkage.match\n"}, FULL.data())
    write_bundle(tmp_path, RULES, FULL.data())
    assert {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.rego")} == set(RULES)
    assert {file.name for file in tmp_path.iterdir()} == {".manifest", "data.json", "linkage"}


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    """A mistyped folder loses nothing."""
    (tmp_path / "mine.rego").write_text("package mine\n")
    with pytest.raises(InputError) as refused:
        write_bundle(tmp_path, RULES, FULL.data())
    assert refused.value.code == "file_exists"
    assert [file.name for file in tmp_path.iterdir()] == ["mine.rego"]


def test_bundle_command_writes_what_the_node_has(config: Path, tmp_path: Path) -> None:
    """Rules, agreements and revision, as the embedded engine of this node has them."""
    folder = tmp_path / "bundle"
    ended = runner.invoke(
        policy_app, ["bundle", str(folder), "--config", str(config)], catch_exceptions=False
    )
    assert ended.exit_code == 0
    data = json.loads((folder / "data.json").read_text())
    assert data == FULL.data()
    assert json.loads((folder / ".manifest").read_text())["revision"] == data["revision"]


def test_check_command_compares_with_the_opa_server(config: Path, tmp_path: Path) -> None:
    """OK if the server has the same; `policy_stale` if it has not; faults of the rules are told."""
    checked = runner.invoke(policy_app, ["check", "--config", str(config)], catch_exceptions=False)
    assert checked.exit_code == 0
    assert "In orde." in checked.output
    write_bundle(tmp_path / "bundle", RULES, FULL.data())
    with opa_server("--bundle", tmp_path / "bundle") as url:
        edit(config, "  engine: embedded", f"  opa_url: {url}\n  engine: opa")
        checked = runner.invoke(policy_app, ["check", "--config", str(config)], catch_exceptions=False)
        assert checked.exit_code == 0
        with Node.open(config) as node:
            assert node.decide.decide(question()).allow
            node.agreements.remove(AGREEMENT["id"])
        with pytest.raises(InputError) as refused:
            runner.invoke(policy_app, ["check", "--config", str(config)], catch_exceptions=False)
        assert refused.value.code == "policy_stale"
    shutil.copytree(POLICIES / "catalogue", tmp_path / "rules" / "catalogue")
    (tmp_path / "rules" / "own.rego").write_text("package linkage.match\ndecision :=")
    edit(config, "engine: opa", f"path: {tmp_path / 'rules'}")
    with pytest.raises(InputError) as refused:
        runner.invoke(policy_app, ["check", "--config", str(config)], catch_exceptions=False)
    assert (refused.value.code, "own.rego" in refused.value.detail) == ("policy_invalid", True)
