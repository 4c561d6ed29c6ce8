"""The guard around every call: nobody holds the node's workers, whichever method he calls and however slow he is."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from linkage_node._generated.linkage.v1 import system_pb2 as wire
from linkage_node._generated.linkage.v1.peer_pb2 import FetchTagSetRequest
from linkage_node.assembly import Assembly
from linkage_node.limits import SERVER_WORKERS, STREAMS_PER_IDENTITY, TAG_BYTES
from linkage_node.node import Node
from linkage_node.pseudonyms.parallel import local_executor
from linkage_node.server.lifecycle import Server
from tests.integration.test_identity import signed_order
from tests.integration.test_system_face import failure
from tests.integration.world import AGREEMENT, LiveNode, agree, await_that, stubs
from tests.nodes import OIN_A, OIN_B, OIN_C, introduce, make_node

REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
BUCKET = 1_000_000
METHODS = [
    REFLECTION,
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
    "/linkage.v1.PeerService/GetEpochKey",
    "/linkage.v1.PeerService/FetchTagSet",
    "/linkage.v1.PeerService/Evaluate",
    "/linkage.v1.QueryService/ListQueries",
    "/linkage.v1.RegisterService/UpsertRecords",
]


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LiveNode]:
    """A and B know each other and agreed on a tag set of ten megabytes; nobody knows C."""
    folder = tmp_path_factory.mktemp("guard")
    a, b, c = (make_node(folder / name, oin) for name, oin in (("a", OIN_A), ("b", OIN_B), ("c", OIN_C)))
    introduce(a, b)
    live = {name: LiveNode(config) for name, config in (("a", a), ("b", b), ("c", c))}
    agree(live["a"], live["b"], tag_set={"bucket": BUCKET, "changes": 8, "every_hours": 24})
    return live


@contextmanager
def serving(live: LiveNode, idle_seconds: float = 30.0, call_seconds: float = 60.0) -> Iterator[Server]:
    """The node's server, in this process, with limits as short as a test."""
    with ExitStack() as stack:
        node, executor = stack.enter_context(Node.open(live.config)), stack.enter_context(local_executor())
        assembly = stack.enter_context(closing(Assembly(node, executor)))
        server = Server(assembly, idle_seconds, call_seconds)
        server.start()
        stack.callback(server.stop)
        yield server


@contextmanager
def calling(server: LiveNode, caller: LiveNode, name: str = "node") -> Iterator[grpc.Channel]:
    """A channel to `server` with a certificate of `caller`."""
    keys = caller.folder / "keys"
    with server.channel(keys / f"{name}.pem", keys / f"{name}.key") as channel:
        yield channel


@contextmanager
def silent_calls(channel: grpc.Channel, method: str, count: int) -> Iterator[list[Any]]:
    """Calls that are open and say nothing, whatever kind of call the method is."""
    silence = threading.Event()

    def nothing() -> Iterator[bytes]:
        silence.wait(60)
        yield from ()

    call: grpc.StreamStreamMultiCallable[bytes, bytes] = channel.stream_stream(method)
    calls = [call(nothing(), timeout=60) for _ in range(count)]
    try:
        yield calls
    finally:
        silence.set()
        for one in calls:
            one.cancel()


def ended(calls: list[Any]) -> list[tuple[grpc.StatusCode, str]]:
    """How the calls ended that did."""
    return [(call.code(), call.details().partition(":")[0]) for call in calls if not call.is_active()]


@pytest.mark.parametrize("method", METHODS)
def test_who_has_no_card_holds_no_worker(nodes: dict[str, LiveNode], method: str) -> None:
    """Forty silent calls of any method by an organisation without a card are refused at once; the node serves on."""
    code = "peer_unknown" if "Peer" in method else "system_unknown"
    with (
        serving(nodes["b"]),
        calling(nodes["b"], nodes["c"]) as theirs,
        silent_calls(theirs, method, SERVER_WORKERS + 8) as calls,
        nodes["b"].channel() as own,
    ):
        await_that(lambda: len(ended(calls)) == len(calls))
        assert set(ended(calls)) == {(grpc.StatusCode.PERMISSION_DENIED, code)}
        assert stubs(own).register.DescribeRegister(wire.DescribeRegisterRequest(), timeout=5).records == 0


@pytest.mark.parametrize("method", METHODS[3:6])
def test_a_peer_holds_few_workers_and_not_for_long(nodes: dict[str, LiveNode], method: str) -> None:
    """Of a peer's silent calls, of whatever kind, so many are held as one identity may; the idle limit ends those."""
    with (
        serving(nodes["b"], idle_seconds=4.0),
        calling(nodes["b"], nodes["a"]) as theirs,
        silent_calls(theirs, method, 2 * STREAMS_PER_IDENTITY) as calls,
    ):
        await_that(lambda: len(ended(calls)) == len(calls))
        codes = [code for code, _ in ended(calls)]
    assert codes.count(grpc.StatusCode.RESOURCE_EXHAUSTED) == len(calls) - STREAMS_PER_IDENTITY
    assert codes.count(grpc.StatusCode.CANCELLED) == STREAMS_PER_IDENTITY


def test_who_does_not_read_is_cut_off(nodes: dict[str, LiveNode]) -> None:
    """Tag sets of which a peer takes the first message and no more do not hold the workers that send them."""
    key = key_of(nodes["b"])
    with serving(nodes["b"], idle_seconds=2.0) as server, calling(nodes["b"], nodes["a"]) as channel:

        def fetch() -> Any:
            order = signed_order(nodes["a"], OIN_A, key)
            return stubs(channel).peers.FetchTagSet(FetchTagSetRequest(order=order), timeout=60)

        streams = [fetch() for _ in range(3)]
        assert all(next(stream).receipt.payload for stream in streams)
        await_that(lambda: not any(server._guard._open.values()))
        for stream in streams:
            with pytest.raises(grpc.RpcError) as caught:
                list(stream)
            assert failure(caught.value)[0] == grpc.StatusCode.CANCELLED
        assert sum(len(message.additions) for message in fetch()) == TAG_BYTES * BUCKET


def key_of(live: LiveNode) -> bytes:
    """The public key of the running epoch at this provider."""
    with (
        Node.open(live.config) as node,
        local_executor() as executor,
        closing(Assembly(node, executor)) as one,
    ):
        agreement = node.agreements.get_by_id(AGREEMENT)
        return one.epochs.current(agreement, "bsn", one.clock()).secret.public_key


def test_a_call_that_never_ends_is_ended(nodes: dict[str, LiveNode]) -> None:
    """A caller that keeps talking, or watching, without a deadline is ended by the limit on a whole call."""
    stop = threading.Event()

    def talk() -> Iterator[reflection_pb2.ServerReflectionRequest]:
        while not stop.wait(0.2):
            yield reflection_pb2.ServerReflectionRequest(list_services="")

    with (
        serving(nodes["b"], idle_seconds=10.0, call_seconds=3.0) as server,
        nodes["b"].channel() as own,
    ):
        calls = [
            reflection_pb2_grpc.ServerReflectionStub(own).ServerReflectionInfo(talk()),
            health_pb2_grpc.HealthStub(own).Watch(health_pb2.HealthCheckRequest()),
        ]
        try:
            assert all(next(call) for call in calls)
            await_that(lambda: not any(server._guard._open.values()))
        finally:
            stop.set()
        for call in calls:
            with pytest.raises(grpc.RpcError) as caught:
                list(call)
            assert failure(caught.value)[0] == grpc.StatusCode.CANCELLED


def test_who_is_told_of_health_and_methods(nodes: dict[str, LiveNode]) -> None:
    """Health to the own organisation; methods to its registered systems alone; neither to a peer."""
    may = {("b", "system"): (True, True), ("b", "node"): (True, False), ("a", "node"): (False, False)}
    with serving(nodes["b"]):
        for (name, certificate), (health, methods) in may.items():
            with calling(nodes["b"], nodes[name], certificate) as channel:
                for allowed, call in ((health, check_health), (methods, list_services)):
                    if allowed:
                        assert call(channel)
                        continue
                    with pytest.raises(grpc.RpcError) as caught:
                        call(channel)
                    assert failure(caught.value) == (grpc.StatusCode.PERMISSION_DENIED, "system_unknown")


def check_health(channel: grpc.Channel) -> bool:
    """Whether the node says that it serves."""
    answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=10)
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def list_services(channel: grpc.Channel) -> list[object]:
    """What reflection tells."""
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    return list(stub.ServerReflectionInfo(iter([request]), timeout=10))


def test_a_busy_node_is_not_ill(nodes: dict[str, LiveNode]) -> None:
    """With all calls of its own systems open, the node still tells its health."""
    with (
        serving(nodes["b"]),
        nodes["b"].channel() as own,
        silent_calls(own, "/linkage.v1.RegisterService/UpsertRecords", STREAMS_PER_IDENTITY + 1) as calls,
    ):
        await_that(lambda: ended(calls) == [(grpc.StatusCode.RESOURCE_EXHAUSTED, "too_many_streams")])
        assert check_health(own)
