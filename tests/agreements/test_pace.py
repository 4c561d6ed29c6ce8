"""How much of the exchange of signatures one partner gets, and how much an honest node asks for."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from linkage_node._generated.linkage.v1.peer_pb2 import (
    AgreementSignatures,
    ExchangeSignaturesRequest,
    ExchangeSignaturesResponse,
)
from linkage_node.agreements import content_hash, exchange
from linkage_node.agreements.exchange import SignatureExchange
from linkage_node.agreements.pace import Pace, work_of
from linkage_node.agreements.signing import Signing
from linkage_node.asking.peer_client import PeerClient
from linkage_node.errors import Refusal
from linkage_node.limits import SIGNATURES_EVERY_SECONDS, SIGNATURES_IN_ONE_ROUND, SIGNATURES_PER_MINUTE
from linkage_node.node import Node
from linkage_node.peers.card import Card
from tests.integration.world import agreement_text
from tests.nodes import OIN_A, OIN_B, introduce, make_node
from tests.signed import add_signed, certificate, signature, stolen

WAITING = 5


class Clock:
    """Seconds that a test turns on."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_minute_has_so_much_for_each() -> None:
    """To the last one and no more; another organisation, and the next minute, have their own; the log tells it once."""
    clock = Clock()
    pace = Pace(10, clock)
    pace.spend(OIN_A, 4)
    with capture_logs() as logs:
        for work in (7, 7, 100):
            with pytest.raises(Refusal) as refused:
                pace.spend(OIN_A, work)
            assert refused.value.code == "too_many_calls"
    assert [(one["code"], one["oin"]) for one in logs] == [("too_many_calls", OIN_A)]
    pace.spend(OIN_A, 6)  # what was refused cost nothing
    pace.spend(OIN_B, 10)
    clock.now += 60
    pace.spend(OIN_A, 10)


def test_what_a_call_weighs() -> None:
    """Each agreement and each signature; a call about nothing is a call too."""
    calls: list[list[list[str]]] = [[], [[]], [["a"]], [["a", "b"], []]]
    assert list(map(work_of, calls)) == [1, 1, 2, 4]


def test_the_rounds_of_a_minute_leave_room() -> None:
    """Whatever there is to bring and to ask, an honest node stays well under what its partner takes."""
    assert SIGNATURES_IN_ONE_ROUND * 60 / SIGNATURES_EVERY_SECONDS <= 0.6 * SIGNATURES_PER_MINUTE


class Partner:
    """A partner that notes what it is told, and answers as the test wants."""

    def __init__(self, refuses: str = "", after: int = 0) -> None:
        self.refuses, self.after = refuses, after
        self.told: list[Mapping[bytes, Sequence[str]]] = []

    def exchange_signatures(self, own: Mapping[bytes, Sequence[str]]) -> ExchangeSignaturesResponse:
        """As a PeerClient has it."""
        self.told.append(own)
        if self.refuses and len(self.told) > self.after:
            raise Refusal(self.refuses)
        return ExchangeSignaturesResponse(taken=[content for content, texts in own.items() if texts])


def exchange_with(node: Node, partners: Iterator[Partner]) -> SignatureExchange:
    """A node's side, that meets these partners in turn."""

    @contextmanager
    def connect(_card: Card) -> Iterator[PeerClient]:
        yield cast(PeerClient, next(partners))

    return SignatureExchange.of(node, connect)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A, which signed some agreements that B has not heard of, and revoked the last."""
    configs = make_node(tmp_path / "a", OIN_A), make_node(tmp_path / "b", OIN_B)
    introduce(*configs)
    with Node.open(configs[0]) as made:
        for at in range(WAITING):
            agreement = made.agreements.add(agreement_text(id=f"number-{at}"))
            Signing.of(made).sign(agreement, "accept")
        Signing.of(made).sign(agreement, "revoke")
        yield made


def names(node: Node, partner: Partner) -> list[str]:
    """Which agreements a partner was told of, a call each."""
    by_hash = {content_hash(one): one.id for one in node.agreements.list()}
    return [by_hash[content] for load in partner.told for content in load]


def test_what_is_too_much_for_one_round_comes_in_the_next(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ended an agreement goes first; who is told nothing now is told next, and until then the command says so."""
    monkeypatch.setattr(exchange, "SIGNATURES_IN_ONE_ROUND", 4)
    partners = [Partner(), Partner(), Partner()]
    one = exchange_with(node, iter(partners))
    first, second, third = (one.call(OIN_B) for _ in partners)
    assert names(node, partners[0])[0] == "number-4"
    assert {fault.code for fault in first.faults.values()} == {"too_many_calls"}
    assert (len(first.delivered), len(second.delivered), len(third.delivered)) == (2, 2, 1)
    assert third.faults == {}
    assert len({*first.delivered, *second.delivered, *third.delivered}) == WAITING


def test_who_is_refused_stops(node: Node) -> None:
    """A partner that has had enough is not asked on; what it refused goes first the next time."""
    refusing, taking = Partner("too_many_calls", after=2), Partner()
    one = exchange_with(node, iter([refusing, taking]))
    called = one.call(OIN_B)
    assert len(refusing.told) == 3
    assert (len(called.delivered), len(called.faults)) == (2, WAITING - 2)
    assert {fault.code for fault in called.faults.values()} == {"too_many_calls"}
    assert one.call(OIN_B).faults == {}
    assert taking.told[0] == refusing.told[-1]


def test_a_partner_that_calls_everything_final_ends_the_call(node: Node) -> None:
    """Each approval is followed by one question what ended it, and that by nothing."""
    refusing = Partner("signature_final")
    called = exchange_with(node, iter([refusing])).call(OIN_B)
    assert len(refusing.told) == 2 * WAITING
    assert {fault.code for fault in called.faults.values()} == {"signature_final"}


def test_a_revocation_is_heard_at_any_pace(tmp_path: Path) -> None:
    """Somebody with a stolen certificate of A's spends A's whole minute at B; that A's own node revokes is heard, and
    what the thief signs is not."""
    made = make_node(tmp_path / "asks", OIN_A), make_node(tmp_path / "answers", OIN_B)
    introduce(*made)
    with Node.open(made[1]) as node:
        agreement = add_signed(node, agreement_text())
        content, ca = content_hash(agreement), tmp_path / "dev-ca"
        answering = SignatureExchange.of(node, cast("exchange.Connect", None))

        def bring(*texts: str) -> None:
            told = AgreementSignatures(agreement_hash=content, jws=texts)
            answering.answer(ExchangeSignaturesRequest(signatures=[told]), OIN_A)

        for _ in range(SIGNATURES_PER_MINUTE):
            bring()
        for theirs in (
            signature(stolen(ca, OIN_A), content, "revoke"),
            signature(certificate(ca, OIN_A), content),
        ):
            with pytest.raises(Refusal, match="too_many_calls"):
                bring(theirs)
        assert node.agreements.status(content) == "in_force"
        bring(signature(certificate(ca, OIN_A), content, "revoke"))
        assert node.agreements.status(content) == "revoked"
