"""A revocation that somebody takes out of the database comes back from the evidence."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from structlog.testing import capture_logs

from linkage_node.agreements import content_hash
from linkage_node.agreements.put_back import PutBack
from linkage_node.agreements.standing import SignatureType
from linkage_node.errors import StorageError
from linkage_node.evidence import EvidenceLog
from linkage_node.evidence.chain import GENESIS
from linkage_node.node import Node
from linkage_node.server import lifecycle
from linkage_node.storage.tables import agreement_signature, evidence
from tests.integration.ring import serving
from tests.integration.world import AGREEMENT, LiveNode, agreement_text, await_that
from tests.nodes import OIN_A, OIN_B, OIN_C, introduce, make_node
from tests.signed import add_signed, certificate, says, signature

TABLE = agreement_signature
GONE: dict[str, Any] = {
    "deleted": delete(TABLE).where(TABLE.c.type != "accept"),
    "of nobody": update(TABLE).where(TABLE.c.type != "accept").values(oin=OIN_C),
    "of another text": update(TABLE).where(TABLE.c.type != "accept").values(agreement_hash=bytes(64)),
}


@pytest.fixture
def config(tmp_path: Path, storage: str) -> Path:
    """B, whose agreement with A both signed; on SQLite, and on PostgreSQL."""
    made = make_node(tmp_path / "asks", OIN_A), make_node(tmp_path / "answers", OIN_B, storage=storage)
    introduce(*made)
    with Node.open(made[1]) as node:
        add_signed(node, agreement_text())
    return made[1]


def put_back(node: Node) -> PutBack:
    """What a process that begins now has."""
    return PutBack(node.database, EvidenceLog.of(node), OIN_B)


def change(node: Node, statement: Any) -> None:
    """What somebody does who may write in the database."""
    with node.database.write() as connection:
        connection.execute(statement)


@pytest.mark.parametrize("by", [OIN_A, OIN_B], ids=["the partner's", "the own"])
@pytest.mark.parametrize("kind", ["revoke", "reject"])
@pytest.mark.parametrize("how", GONE)
def test_what_ended_it_comes_back(config: Path, by: str, kind: SignatureType, how: str) -> None:
    """Deleted, or changed into what counts for nobody: put back and logged, by a process that begins and by one that
    had looked at the evidence before; and left alone where nothing is missing."""
    with Node.open(config) as node:
        agreement = node.agreements.get_by_id(AGREEMENT)
        content = content_hash(agreement)
        running = put_back(node)
        assert running.run() == 0
        says(node, agreement, by, kind)
        ended = node.agreements.status(content)
        assert (ended, running.run()) == ({"revoke": "revoked", "reject": "rejected"}[kind], 0)
        for process in (running, put_back(node)):
            change(node, GONE[how])
            assert node.agreements.status(content) == "in_force"
            with capture_logs() as logs:
                assert process.run() == 1
            (told,) = logs
            assert (told["log_level"], told["oin"], told["type"]) == ("warning", by, kind)
            assert node.agreements.status(content) == ended
            assert process.run() == 0
            change(node, delete(TABLE).where(TABLE.c.oin == OIN_C))
            change(node, delete(TABLE).where(TABLE.c.agreement_hash == bytes(64)))


FORGED: dict[str, Callable[[Path, bytes], dict[str, Any]]] = {
    "a third party's": lambda ca, content: {"jws": signature(certificate(ca, OIN_C), content, "revoke")},
    "under another text": lambda ca, _content: {
        "jws": signature(certificate(ca, OIN_A), bytes(64), "revoke")
    },
    "changed": lambda ca, content: {
        "jws": signature(certificate(ca, OIN_A), content, "revoke")[:-4] + "AAAA"
    },
    "an approval": lambda ca, content: {"jws": signature(certificate(ca, OIN_A), content)},
}


@pytest.mark.parametrize("kind", FORGED)
def test_the_evidence_is_verified(config: Path, kind: str) -> None:
    """A record whose signature ends nothing puts nothing back."""
    with Node.open(config) as node:
        content = content_hash(node.agreements.get_by_id(AGREEMENT))
        forged = FORGED[kind](config.parent.parent / "dev-ca", content)
        EvidenceLog.of(node).write(
            event="agreement_revoked", role="provider", at_ms=1, peer=OIN_A, agreement_hash=content, **forged
        )
        assert put_back(node).run() == 0
        assert node.agreements.status(content) == "in_force"


@pytest.mark.parametrize("rest", [b"", b',"jws":1', b',"agreement_hash":"zz"}', b"}"])
def test_a_record_that_cannot_be_read(config: Path, rest: bytes) -> None:
    """Told as broken evidence, with its number."""
    with Node.open(config) as node:
        body = b'{"event":"agreement_revoked"' + rest
        change(node, insert(evidence).values(seq=1, body=body, hash=sha256(GENESIS + body).digest()))
        with pytest.raises(StorageError, match="record 1 cannot be read") as broken:
            put_back(node).run()
    assert broken.value.code == "evidence_broken"


def test_an_edited_record_hides_no_revocation(config: Path) -> None:
    """Somebody deletes a revocation and changes what the evidence says of it: a node that starts finds the evidence
    broken, and answers nobody; one that runs knows of the revocation, and puts it back."""
    with Node.open(config) as node:
        agreement = node.agreements.get_by_id(AGREEMENT)
        says(node, agreement, OIN_A, "revoke")
        running = put_back(node)
        assert running.run() == 0
        change(node, update(evidence).values(body=b'{"event":"Agreement_revoked"}'))
        change(node, GONE["deleted"])
        with pytest.raises(StorageError) as broken:
            put_back(node).run()
        assert broken.value.code == "evidence_broken"
        assert running.run() == 1
        assert node.agreements.status(content_hash(agreement)) == "revoked"


def test_the_start_and_housekeeping_put_back(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real server: what was deleted while it was down is there when it listens, and what is deleted then soon."""
    monkeypatch.setattr(lifecycle, "HOUSEKEEPING_SECONDS", 0.2)
    with Node.open(config) as node:
        says(node, node.agreements.get_by_id(AGREEMENT), OIN_B, "revoke")
        change(node, GONE["deleted"])
    live = LiveNode(config)
    final = "SELECT count(*) FROM agreement_signature WHERE type = 'revoke'"
    assert live.rows(final) == [(0,)]
    with serving(live):
        assert live.rows(final) == [(1,)]
        with Node.open(config) as node:
            change(node, GONE["deleted"])
        await_that(lambda: live.rows(final) == [(1,)], 30.0)
