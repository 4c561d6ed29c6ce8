"""What a faulty decision point means for a whole node: signed refusals, nothing charged, nothing sent."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from linkage_node._generated.linkage.v1.order_pb2 import DECISION_DENY
from linkage_node.errors import InputError, LinkageError, StorageError
from linkage_node.node import Node
from linkage_node.policy.external import ExternalDecisionPoint
from tests.attacks.pair import Pair, blinded, make_pair, opened, receipt_of
from tests.nodes import edit, free_port, make_node
from tests.policy.corpus import AGREEMENT, EXAMPLE, POLICIES, question
from tests.policy.faulty import Answer, Fake, drips_the_head, hangs, says, server

ENGINES = {"opa": "opa_url", "authzen": "pdp_url"}
LAX: dict[str, Any] = {
    "evaluations_per_day": 10**6,
    "largest_query": 10**6,
    "result_retention_days": 10**3,
    "kinds": ["bsn", "household"],
    "answers": ["hit"],
    "proof": False,
    "receipts": False,
}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of two nodes, to be copied."""
    folder = tmp_path_factory.mktemp("nodes") / "template"
    folder.mkdir()
    make_pair(folder)
    return folder


@pytest.fixture
def fake() -> Iterator[Fake]:
    """A decision point with a fault."""
    with server(hangs) as made:
        yield made


def asking(template: Path, tmp_path: Path, name: str, engine: str, url: str) -> Path:
    """The template with one of its nodes asking a decision point."""
    folder = tmp_path / "template"
    shutil.copytree(template, folder)
    edit(
        folder / name / "node.yaml", "  engine: embedded ", f"  {ENGINES[engine]}: {url}\n  engine: {engine} "
    )
    return folder


def approval(engine: str, pair: Pair, name: str) -> Answer:
    """What the decision point of that node says when it is well."""
    if engine == "authzen":
        return says(b'{"decision": true}')
    decide = pair.nodes[name].decide
    assert isinstance(decide, ExternalDecisionPoint)
    revision = decide.own.decide(question()).revision
    result = {"allow": True, "reasons": [], "obligations": LAX, "revision": revision}
    return says(json.dumps({"result": result}).encode())


FAULTS: dict[str, tuple[Answer, str]] = {
    "hanging": (hangs, "policy_unavailable"),
    "dripping": (drips_the_head(), "policy_unavailable"),
    "status_500": (says(b"{}", "500 Internal Server Error"), "policy_unavailable"),
    "empty_object": (says(b"{}"), "policy_malformed"),
    "text_true": (says(b'"true"'), "policy_malformed"),
    "ten_megabytes": (says(b" " * 10_000_000), "policy_malformed"),
}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_provider_refuses_with_a_signature_and_charges_nothing(
    engine: str, template: Path, tmp_path: Path, executor: Executor, fake: Fake
) -> None:
    """Each fault: a signed denial with its code, in the evidence, and no budget spent; over, the same is answered."""
    changed = asking(template, tmp_path, "b", engine, fake.url)
    with opened(changed, tmp_path / "pair", executor) as pair:
        for fault, code in FAULTS.values():
            fake.answer = fault
            (response,) = pair.wire.send(pair.craft(blinded(3)).requests)
            receipt = receipt_of(response)
            assert (receipt.decision, list(receipt.reasons)) == (DECISION_DENY, [code])
            assert not response.evaluated
            assert pair.used() == 0
            event = pair.events(pair.b)[-1]
            assert (event["event"], event["reasons"], event["charged"]) == ("refused", [code], 0)
        fake.answer = approval(engine, pair, "b")
        responses = list(pair.wire.send(pair.craft(blinded(3)).requests))
        assert sum(len(response.evaluated) for response in responses) == 3 * 32
        assert pair.used() == 3


@pytest.mark.parametrize("engine", ENGINES)
def test_a_requester_sends_nothing(
    engine: str, template: Path, tmp_path: Path, executor: Executor, fake: Fake
) -> None:
    """With a faulty decision point of its own a query is refused before anything leaves the node."""
    changed = asking(template, tmp_path, "a", engine, fake.url)
    with opened(changed, tmp_path / "pair", executor) as pair:
        pair.fill(pair.a, ["one", "two"])
        pair.fill(pair.b, ["two"])
        for fault, code in FAULTS.values():
            fake.answer = fault
            assert _refused(pair.ask) == code
            assert (pair.wire.sizes, pair.used()) == ([], 0)
        fake.answer = approval(engine, pair, "a")
        assert pair.ask() == {"one": False, "two": True}


def _refused(asked: Callable[[], object]) -> str:
    with pytest.raises(LinkageError) as refused:
        asked()
    return refused.value.code


@pytest.mark.parametrize("engine", ENGINES)
def test_a_decision_point_that_comes_later(
    engine: str, template: Path, tmp_path: Path, executor: Executor
) -> None:
    """A node starts without it and refuses; when it is there, it is asked, and nothing has to be done at the node."""
    port = free_port()
    changed = asking(template, tmp_path, "b", engine, f"http://127.0.0.1:{port}")
    with opened(changed, tmp_path / "pair", executor) as pair:
        (response,) = pair.wire.send(pair.craft(blinded(3)).requests)
        assert list(receipt_of(response).reasons) == ["policy_unavailable"]
        with server(approval(engine, pair, "b"), port=port):
            responses = list(pair.wire.send(pair.craft(blinded(3)).requests))
        assert sum(len(response.evaluated) for response in responses) == 3 * 32


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Node]:
    """The example's provider, which decides by itself, by rules in a folder of its own."""
    shutil.copytree(POLICIES, tmp_path / "rules")
    config = make_node(tmp_path / "node", AGREEMENT["provider"]["oin"])
    edit(config, "  # path: policies ", f"  path: {tmp_path / 'rules'} ")
    with Node.open(config) as made:
        made.agreements.add(EXAMPLE.read_text())
        yield made


def test_rules_that_break_while_the_node_runs(own: Node, tmp_path: Path) -> None:
    """A node goes on by the rules that it loaded; started anew it says what is wrong with those that are there now."""
    assert own.decide.decide(question()).allow
    for file in (tmp_path / "rules").rglob("*.rego"):
        file.write_text("package linkage.match\ndecision :=")
    assert own.decide.decide(question()).allow
    own.agreements.add(EXAMPLE.read_text().replace("id: ", "id: other-", 1))  # it loads its rules anew
    assert own.decide.decide(question()).allow
    with Node.open(own.path) as again, pytest.raises(InputError) as refused:
        again.decide.decide(question())
    assert refused.value.code == "policy_invalid"


def test_a_database_that_somebody_writes_to(own: Node) -> None:
    """Who writes does not hold up decisions."""
    assert own.decide.decide(question()).allow
    with closing(sqlite3.connect(own.folder / "node.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE agreement SET added_at = added_at + 1")
        started = monotonic()
        assert own.decide.decide(question()).allow
        assert monotonic() - started < 0.5
        writer.execute("COMMIT")


def test_a_database_that_cannot_be_read(own: Node) -> None:
    """Without its agreements a node decides nothing, and goes on when they are back."""
    assert own.decide.decide(question()).allow
    with closing(sqlite3.connect(own.folder / "node.db", isolation_level=None)) as other:
        other.execute("ALTER TABLE agreement RENAME TO gone")
        started = monotonic()
        with pytest.raises(StorageError):
            own.decide.decide(question())
        assert monotonic() - started < 0.5
        other.execute("ALTER TABLE gone RENAME TO agreement")
    assert own.decide.decide(question()).allow
