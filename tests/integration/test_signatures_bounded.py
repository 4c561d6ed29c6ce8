"""The exchange of signatures over real gRPC: bounded for each partner, and enough for honest nodes after an outage."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import grpc
import pytest
from structlog.testing import capture_logs

from linkage_node._generated.linkage.v1 import peer_pb2
from linkage_node.agreements.pace import Pace
from linkage_node.agreements.signing import Signing
from linkage_node.assembly import Assembly
from linkage_node.limits import (
    SIGNATURES_EVERY_SECONDS,
    SIGNATURES_IN_ONE_CALL,
    SIGNATURES_IN_ONE_ROUND,
    SIGNATURES_PER_MINUTE,
)
from linkage_node.node import Node
from linkage_node.pseudonyms.parallel import local_executor
from linkage_node.server.lifecycle import Server
from tests.agreements.test_pace import Clock
from tests.integration.test_guard import calling, serving
from tests.integration.test_system_face import failure
from tests.integration.world import LiveNode, agreement_text, stubs
from tests.nodes import OIN_A, OIN_B, OIN_C, introduce, make_node

BUSY = (grpc.StatusCode.RESOURCE_EXHAUSTED, "too_many_calls")
MANY = SIGNATURES_IN_ONE_ROUND // 2 + 10  # agreements: their approvals are more than one round brings
ROUNDS = round(60 / SIGNATURES_EVERY_SECONDS)  # of a minute


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LiveNode]:
    """A, B and C know each other; nobody serves yet."""
    folder = tmp_path_factory.mktemp("bounded")
    configs = [make_node(folder / name, oin) for name, oin in (("a", OIN_A), ("b", OIN_B), ("c", OIN_C))]
    introduce(*configs)
    return {config.parent.name: LiveNode(config) for config in configs}


@pytest.fixture
def clock() -> Clock:
    """What B's minutes go by."""
    return Clock()


@pytest.fixture
def b(nodes: dict[str, LiveNode], clock: Clock) -> Iterator[Server]:
    """B's server, in this process."""
    with serving(nodes["b"]) as server:
        server._assembly.signatures._pace = Pace(SIGNATURES_PER_MINUTE, clock)
        yield server


def spent(server: Server, oin: str) -> int:
    """What the server counted of an organisation in this minute."""
    return server._assembly.signatures._pace._spent[oin]


def ask(channel: grpc.Channel, agreements: int = SIGNATURES_IN_ONE_CALL) -> None:
    """A call that asks about so many agreements."""
    named = [peer_pb2.AgreementSignatures(agreement_hash=bytes([at] * 64)) for at in range(agreements)]
    stubs(channel).peers.ExchangeSignatures(peer_pb2.ExchangeSignaturesRequest(signatures=named), timeout=10)


def refused(call: Callable[[], object]) -> tuple[grpc.StatusCode, str]:
    """Status and reason code of a call that must fail."""
    with pytest.raises(grpc.RpcError) as error:
        call()
    return failure(error.value)


def test_a_partner_has_so_much_in_a_minute(nodes: dict[str, LiveNode], b: Server, clock: Clock) -> None:
    """More is refused before anything is looked at, told once in the log, and no other partner notices."""
    with calling(nodes["b"], nodes["a"]) as a, calling(nodes["b"], nodes["c"]) as c, capture_logs() as logs:
        for _ in range(SIGNATURES_PER_MINUTE // SIGNATURES_IN_ONE_CALL):
            ask(a)
        for _ in range(5):
            assert refused(lambda: ask(a)) == BUSY
        while spent(b, OIN_A) < SIGNATURES_PER_MINUTE:
            ask(a, 0)
        assert refused(lambda: ask(a, 0)) == BUSY
        ask(c)
        clock.now += 60
        ask(a)
    told = [(one["log_level"], one["oin"]) for one in logs if one.get("code") == "too_many_calls"]
    assert told == [("warning", OIN_A)]


def test_a_call_full_of_nonsense_counts_too(nodes: dict[str, LiveNode], b: Server) -> None:
    """Also what is refused as malformed, or for its signatures, is of the minute."""
    nonsense = peer_pb2.ExchangeSignaturesRequest(
        signatures=[peer_pb2.AgreementSignatures(agreement_hash=bytes(64), jws=["x", "y"])]
    )
    with calling(nodes["b"], nodes["a"]) as a:
        told = refused(lambda: stubs(a).peers.ExchangeSignatures(nonsense, timeout=10))
        assert (told[1], spent(b, OIN_A)) == ("signature_invalid", 3)
        assert refused(lambda: ask(a, SIGNATURES_IN_ONE_CALL + 1))[1] == "malformed"
        assert spent(b, OIN_A) == 3 + SIGNATURES_IN_ONE_CALL + 1


def test_honest_nodes_after_an_outage(nodes: dict[str, LiveNode], b: Server, tmp_path: Path) -> None:
    """With more to bring than one round holds, a minute's rounds bring and ask all of it, and B has room left."""
    for name in ("a", "b"):
        with Node.open(nodes[name].config) as node:
            signing = Signing.of(node)
            for at in range(MANY):
                agreement = node.agreements.add(agreement_text(id=f"number-{at}"))
                if name == "a":
                    signing.sign(agreement, "accept")
    with (
        Node.open(nodes["a"].config) as node,
        local_executor() as executor,
        closing(Assembly(node, executor)) as a,
    ):
        rounds = [a.signatures.call(OIN_B) for _ in range(ROUNDS)]
        assert a.signatures.partners() == {OIN_B: False}
    assert [len(one.delivered) for one in rounds[:2]] == [SIGNATURES_IN_ONE_ROUND // 2, 10]
    assert [set(one.faults) for one in rounds[1:]] == [set()] * (ROUNDS - 1)
    assert nodes["b"].rows("SELECT count(*) FROM agreement_signature") == [(MANY,)]
    assert spent(b, OIN_A) <= 0.6 * SIGNATURES_PER_MINUTE
