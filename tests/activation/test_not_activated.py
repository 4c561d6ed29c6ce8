"""An agreement that both signed and that is in no policy in force: the one reason, and how it will be decided."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from linkage_node.agreements import Agreement, content_hash
from linkage_node.node import Node
from linkage_node.policy.loading import BundlePolicy
from linkage_node.policy.pinned import PinnedDecisionPoint
from linkage_node.policy.trial import fitting
from linkage_node.policy.verdicts import with_verdicts
from tests.activation.office import EMPTY, FULL, OWN, make_office, policy, put_into_force
from tests.cli.conftest import Run, run
from tests.nodes import edit
from tests.opa_server import opa_server
from tests.policy.corpus import AGREEMENT, EXAMPLE, question
from tests.signed import add_signed

__all__ = ["run"]
ID = AGREEMENT["id"]
ENGINES = ("embedded", "opa")
IN_JUNE = ("--date", "2026-06-15")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A node whose policy in force is over no agreement, and that has one which both organisations signed."""
    made = make_office(tmp_path)
    with Node.open(made) as node:
        add_signed(node, EXAMPLE.read_text())
        put_into_force(node, policy(1, EMPTY))
    return made


@pytest.fixture(params=ENGINES)
def configured(config: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """That node with each engine; the OPA server has what is in force."""
    if request.param == "embedded":
        yield config
        return
    from linkage_node.policy.bundle import write_bundle

    source = BundlePolicy(policy(1, EMPTY))
    write_bundle(tmp_path / "bundle", source.rules, with_verdicts(source.rules, source.data()))
    with opa_server("--bundle", tmp_path / "bundle") as url:
        edit(config, "  engine: embedded", f"  opa_url: {url}\n  engine: opa")
        yield config


def _agreement(node: Node) -> Agreement:
    return node.agreements.get_by_id(ID)


def test_the_only_reason_is_that_it_is_not_activated(configured: Path, run: Run) -> None:
    """In the decision and in its explanation, whatever the engine; not also that nobody knows it."""
    with Node.open(configured) as node:
        agreement = _agreement(node)
        assert isinstance(node.decide, PinnedDecisionPoint) == (node.config.policy.engine == "opa")
        status = node.agreements.status(content_hash(agreement))
        for answer in agreement.answers:
            at = agreement.starts_at_ms
            asked = fitting(agreement, answer, role="provider", mode="production", moment_ms=at)
            outcome = node.decide.decide(replace(asked, status=status))
            assert (outcome.allow, outcome.reasons) == (False, ("agreement_not_activated",))
    told = run("policy", "explain", "--agreement", ID, *IN_JUNE, "--json", "--config", configured).json
    assert [one["code"] for one in told["reasons"]] == ["agreement_not_activated"]


@pytest.mark.parametrize("status", ["unsigned", "rejected", "revoked"])
def test_another_status_is_told_as_it_is(config: Path, status: str) -> None:
    """Also of an agreement that is not in the policy, such as one that went out after it was revoked."""
    with Node.open(config) as node:
        outcome = node.decide.decide(question(status=status))
    assert (outcome.allow, outcome.reasons) == (False, (f"agreement_{status}",))


def test_what_is_added_is_tried_as_the_next_policy_decides(config: Path, run: Run, tmp_path: Path) -> None:
    """An agreement that fits is not called unknown; one that no agreement can be is refused for that."""
    text = EXAMPLE.read_text()
    (tmp_path / "fits.yaml").write_text(text.replace(f"id: {ID}", "id: fits"))
    added = run("agreements", "add", "fits.yaml", "--config", config)
    assert added.code == 0, added.err
    assert "weigert" not in added.err
    assert "`linkage-node policy build BESTAND --config " in added.err
    (tmp_path / "unlawful.yaml").write_text(
        text.replace(f"id: {ID}", "id: unlawful").replace("unclaimed_benefits", "whom_to_call")
    )
    added = run("agreements", "add", "unlawful.yaml", "--config", config)
    assert "legal_basis_not_for_purpose" in added.err
    assert "agreement_unknown" not in added.err


def test_an_officer_sees_how_it_will_be_decided(config: Path, run: Run) -> None:
    """As if it were in force: by the rules of the next policy, and told as such; also before the first one."""
    words = ("policy", "explain", "--agreement", ID, "--status", "in_force", *IN_JUNE, "--json", "--config")
    explained = run(*words, config)
    assert explained.json["allow"], explained.err
    assert f"een beleid met {ID} in werking" in explained.err
    with Node.open(config) as node:
        put_into_force(node, policy(2, FULL))
    explained = run(*words, config)
    assert (explained.json["allow"], explained.err) == (True, "")


def test_it_can_be_tried_before_the_first_policy(tmp_path: Path, run: Run) -> None:
    """Nothing in force is no fault of the agreement."""
    made = make_office(tmp_path, OWN)
    with Node.open(made) as node:
        add_signed(node, EXAMPLE.read_text())
    words = ("policy", "explain", "--agreement", ID, *IN_JUNE, "--json", "--config", made)
    assert run(*words, "--status", "in_force").json["allow"]
    assert run(*words).json["error"] == "policy_not_activated"
