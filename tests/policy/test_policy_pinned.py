"""An OPA server with other rules than the node decides nothing; one that lies, nothing beyond the agreement."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linkage_node.agreements import AgreementStore
from linkage_node.errors import Refusal
from linkage_node.node import Node
from linkage_node.policy import DecisionPoint
from linkage_node.policy.bundle import write_bundle
from linkage_node.policy.source import StoredPolicy, policy_folder
from linkage_node.policy.verdicts import with_verdicts
from tests.nodes import OIN_C, edit, make_node
from tests.opa_server import opa_server
from tests.policy.corpus import AGREEMENT, EXAMPLE, POLICIES, RULES, hash_of, question
from tests.policy.faulty import Fake, Peer, server
from tests.policy.test_policy_opa import APPROVAL

OTHER = AGREEMENT["id"] + "-2"


@pytest.fixture
def fake() -> Iterator[Fake]:
    """A server that approves of everything, of any size, by revision r1."""
    with server(lambda peer: peer.say(APPROVAL)) as made:
        yield made


@pytest.fixture
def node(tmp_path: Path, fake: Fake) -> Iterator[Node]:
    """The example's provider, which asks that server."""
    config = make_node(tmp_path / "node", AGREEMENT["provider"]["oin"])
    edit(config, "  engine: embedded", f"  opa_url: {fake.url}\n  engine: opa")
    with Node.open(config) as made:
        made.agreements.add(EXAMPLE.read_text())
        yield made


def revision(agreements: AgreementStore) -> str:
    """What a server that has the same as the node answers."""
    return str(StoredPolicy(policy_folder(POLICIES), agreements).data()["revision"])


def says(fake: Fake, revision: str, allow: bool = True, **obligations: Any) -> None:
    """Let the server decide so from now on."""
    answer = json.loads(APPROVAL)
    answer["result"] |= {"revision": revision, "allow": allow}
    answer["result"]["obligations"] |= obligations
    body = json.dumps(answer).encode()

    def say(peer: Peer) -> None:
        peer.say(body)

    fake.answer = say


def code(decide: DecisionPoint, **changes: Any) -> str:
    """The code of the refusal."""
    with pytest.raises(Refusal) as refused:
        decide.decide(question(**changes))
    return refused.value.code


@pytest.mark.parametrize("allow", [True, False])
def test_another_revision_decides_nothing(node: Node, fake: Fake, allow: bool) -> None:
    """A yes by other rules or agreements is none; and a no tells that the bundle is stale, not something else."""
    says(fake, "r1", allow)
    assert code(node.decide) == "policy_stale"
    says(fake, revision(node.agreements))
    assert node.decide.decide(question()).allow


def test_the_revision_is_of_the_agreements_as_they_are_now(node: Node, fake: Fake) -> None:
    """What is added at the node makes the server's copy stale at once."""
    says(fake, revision(node.agreements))
    assert node.decide.decide(question()).allow
    node.agreements.add(EXAMPLE.read_text().replace(f"id: {AGREEMENT['id']}", f"id: {OTHER}"))
    assert code(node.decide) == "policy_stale"
    says(fake, revision(node.agreements))
    assert node.decide.decide(question()).allow


def test_a_server_that_lies_cannot_exceed_the_agreement(node: Node, fake: Fake) -> None:
    """With the right revision and laxer conditions: the agreement's own hold, for the question and in the receipt."""
    limits = AGREEMENT["limits"]
    lax: dict[str, Any] = dict.fromkeys(
        ("evaluations_per_day", "largest_query", "result_retention_days"), 10**9
    )
    says(fake, revision(node.agreements), **lax, kinds=["bsn", "person"], answers=["hit", "attributes"])
    outcome = node.decide.decide(question())
    assert outcome.allow
    assert outcome.obligations.evaluations_per_day == limits["evaluations_per_day"]
    assert outcome.obligations.result_retention_days == limits["result_retention_days"]
    assert outcome.obligations.kinds == ("bsn",)
    asked = fake.asked
    refused = {
        "query_too_large": {"elements": limits["largest_query"] + 1},
        "budget_exhausted": {"used_today": limits["evaluations_per_day"]},
        "kind_not_agreed": {"kind": "person"},
        "answer_not_agreed": {"answer": "attributes"},
        "purpose_not_agreed": {"purpose": "something else"},
        "agreement_unknown": {"agreement_hash": "00" * 64},
        "agreement_expired": {"time_ms": 4_000_000_000_000},
        "agreement_revoked": {"status": "revoked"},
        "requester_not_in_agreement": {"subject_oin": OIN_C, "requester_oin": OIN_C},
    }
    for reason, changes in refused.items():
        outcome = node.decide.decide(question(**changes))
        assert not outcome.allow
        assert reason in outcome.reasons
    assert fake.asked == asked


def test_a_real_server_with_the_nodes_bundle_decides(node: Node, fake: Fake, tmp_path: Path) -> None:
    """The revision that a real OPA answers is the node's, until the node's agreements change."""
    source = StoredPolicy(policy_folder(POLICIES), node.agreements)
    write_bundle(tmp_path / "bundle", RULES, with_verdicts(RULES, source.data()))
    assert hash_of(AGREEMENT) in source.data()["agreements"]
    with opa_server("--bundle", tmp_path / "bundle") as url:
        edit(tmp_path / "node" / "node.yaml", fake.url, url)
        with Node.open(tmp_path / "node" / "node.yaml") as same:
            assert same.decide.decide(question()).allow
            same.agreements.add(EXAMPLE.read_text().replace(f"id: {AGREEMENT['id']}", f"id: {OTHER}"))
            assert code(same.decide) == "policy_stale"
            same.agreements.remove(AGREEMENT["id"])
            assert same.decide.decide(question()).reasons == ("agreement_unknown",)
