"""What a node forgot, its own word included, comes back from its partner; and costs nothing where nothing is new."""

import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from linkage_node._generated.linkage.v1.peer_pb2 import (
    AgreementSignatures,
    ExchangeSignaturesRequest,
    ExchangeSignaturesResponse,
)
from linkage_node.agreements import Agreement, content_hash
from linkage_node.agreements.exchange import SignatureExchange
from linkage_node.agreements.signing import Signing
from linkage_node.agreements.standing import SignatureType
from linkage_node.asking.peer_client import PeerClient
from linkage_node.errors import Refusal
from linkage_node.evidence import EvidenceLog
from linkage_node.evidence.log import read
from linkage_node.node import Node
from linkage_node.peers.card import Card
from tests.integration.world import agreement_text
from tests.nodes import OIN_A, OIN_B, OIN_C, introduce, make_node
from tests.signed import add_signed, certificate, says, signature


class Line:
    """A line between two nodes without a network: what one says, the other's own code answers."""

    def __init__(self, caller_oin: str, called: Node) -> None:
        self.caller_oin, self.called = caller_oin, called

    def exchange_signatures(self, own: Mapping[bytes, Sequence[str]]) -> ExchangeSignaturesResponse:
        """As a PeerClient has it."""
        request = ExchangeSignaturesRequest(
            signatures=[AgreementSignatures(agreement_hash=one, jws=texts) for one, texts in own.items()]
        )
        return exchange_of(self.called).answer(request, self.caller_oin)


def exchange_of(node: Node, called: Node | None = None) -> SignatureExchange:
    """A node's side, with a line to another."""

    @contextmanager
    def connect(_card: Card) -> Iterator[PeerClient]:
        assert called is not None
        yield cast(PeerClient, Line(node.config.oin, called))

    return SignatureExchange.of(node, connect)


class Pair:
    """A and B, who both signed, and what B had before it revoked."""

    def __init__(self, folder: Path) -> None:
        self.configs = make_node(folder / "a", OIN_A), make_node(folder / "b", OIN_B)
        introduce(*self.configs)
        self.folder = folder
        for config in self.configs:
            with Node.open(config) as node:
                self.agreement: Agreement = add_signed(node, agreement_text())
        self.content = content_hash(self.agreement)
        self.database, self.backup = folder / "b" / "node.db", folder / "backup.db"
        with sqlite3.connect(self.database) as connection:
            connection.execute("VACUUM INTO ?", (str(self.backup),))

    def revoke_and_restore(self) -> None:
        """B revokes, A hears it, and B is put back to the day before."""
        with Node.open(self.configs[0]) as a, Node.open(self.configs[1]) as b:
            Signing.of(b).sign(self.agreement, "revoke")
            assert exchange_of(b, a).call(OIN_A).faults == {}
            assert a.agreements.status(self.content) == b.agreements.status(self.content) == "revoked"
        for name in ("node.db-wal", "node.db-shm"):
            (self.database.parent / name).unlink(missing_ok=True)
        shutil.copy(self.backup, self.database)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """A pair of its own for one test."""
    return Pair(tmp_path)


@pytest.mark.parametrize("caller", [0, 1], ids=["the partner calls", "the restored one calls"])
def test_a_restored_node_hears_of_its_own_revocation(pair: Pair, caller: int) -> None:
    """Whoever can call: B, which forgot that it revoked, takes its word back, and the evidence has it."""
    pair.revoke_and_restore()
    with Node.open(pair.configs[0]) as a, Node.open(pair.configs[1]) as b:
        assert b.agreements.status(pair.content) == "in_force"
        calling, called = ((a, b), (b, a))[caller]
        exchange = exchange_of(calling, called)
        assert exchange.partners() == {called.config.oin: False}
        assert exchange.call(called.config.oin).faults == {}
        assert b.agreements.status(pair.content) == "revoked"
        (noted,) = (one for one in map(read, EvidenceLog.of(b).records()) if "signed_by" in one)
        assert (noted["event"], noted["signed_by"]) == ("agreement_revoked", OIN_B)


def test_an_approval_that_comes_too_late_is_answered_with_the_end(pair: Pair) -> None:
    """B's approval was still to be brought when it was restored: refused, and B hears in the same call why."""
    with sqlite3.connect(pair.backup) as connection:
        connection.execute("UPDATE agreement_signature SET delivered_at = NULL WHERE oin = ?", (OIN_B,))
    pair.revoke_and_restore()
    with Node.open(pair.configs[0]) as a, Node.open(pair.configs[1]) as b:
        called = exchange_of(b, a).call(OIN_A)
        assert [fault.code for fault in called.faults.values()] == ["signature_final"]
        assert b.agreements.status(pair.content) == "revoked"
        assert exchange_of(b, a).call(OIN_A).faults == {}


def test_only_what_it_really_signed_comes_back(pair: Pair) -> None:
    """No own approval, no word of a third party, no forged or moved one; what C brings of A and B is for nobody."""
    ca = pair.folder / "dev-ca"
    of_b = certificate(ca, OIN_B)
    revoking = signature(of_b, pair.content, "revoke")
    attacks: list[tuple[str, str, str]] = [
        (OIN_A, signature(of_b, pair.content), "signature_by_third_party"),
        (OIN_A, signature(certificate(ca, OIN_C), pair.content, "revoke"), "signature_by_third_party"),
        (OIN_C, signature(certificate(ca, OIN_A), pair.content, "revoke"), "signature_by_third_party"),
        (OIN_A, signature(of_b, bytes(64), "revoke"), "signature_invalid"),
        (OIN_A, revoking[:-4] + "AAAA", "signature_invalid"),
    ]
    with Node.open(pair.configs[1]) as b:
        for caller, text, code in attacks:
            with pytest.raises(Refusal) as refusal:
                Line(caller, b).exchange_signatures({pair.content: [text]})
            assert refusal.value.code == code
        assert Line(OIN_C, b).exchange_signatures({pair.content: [revoking]}) == ExchangeSignaturesResponse()
        assert b.agreements.status(pair.content) == "in_force"
        taken = Line(OIN_A, b).exchange_signatures({pair.content: [revoking]})
        assert list(taken.taken) == [pair.content]
        assert b.agreements.status(pair.content) == "revoked"


@pytest.mark.parametrize("kind", ["accept", "revoke"])
def test_what_is_known_needs_no_write_transaction(pair: Pair, kind: SignatureType) -> None:
    """A partner that repeats itself is heard while somebody else writes: nothing waits for the lock."""
    text = signature(certificate(pair.folder / "dev-ca", OIN_B), pair.content, kind)
    with Node.open(pair.configs[0]) as a:
        says(a, pair.agreement, OIN_B, kind)
        with sqlite3.connect(pair.folder / "a" / "node.db") as other:
            other.execute("BEGIN IMMEDIATE")
            assert Signing.of(a).take_in(pair.agreement, [text]) == []
            other.rollback()
