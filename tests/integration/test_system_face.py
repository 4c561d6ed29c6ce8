"""The face for the organisation's own systems, over gRPC with a system's certificate, and its limits."""

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from linkage_node._generated.linkage.v1 import peer_pb2
from linkage_node._generated.linkage.v1 import system_pb2 as wire
from linkage_node._generated.linkage.v1.order_pb2 import ANSWER_ATTRIBUTES, ANSWER_COUNT, ANSWER_HIT
from linkage_node.assembly import Assembly
from linkage_node.limits import LIST_QUERIES, MESSAGE_BYTES, STREAMS_PER_IDENTITY
from linkage_node.limits import REASONS as MOST_REASONS
from linkage_node.node import Node
from linkage_node.pseudonyms.parallel import local_executor
from linkage_node.reasons import REASONS
from linkage_node.server.lifecycle import Server
from tests.integration.world import AGREEMENT, LiveNode, Systems, await_that, make_pair, stubs
from tests.nodes import OIN_A, OIN_B, make_node
from tests.registers import test_bsns as numbers_for_tests

NUMBERS = numbers_for_tests()
OWN, THEIRS = NUMBERS[:60], NUMBERS[40:100]
SHARED_REFS = {f"a{at}" for at in range(40, 60)}
BAD_BSN = "123456789"  # fails the elfproef
ABOUT_REGISTER = wire.QueryHeader(agreement_id=AGREEMENT, answer=ANSWER_HIT, source=wire.SOURCE_REGISTER)
ABOUT_PERSONS = wire.QueryHeader(agreement_id=AGREEMENT, answer=ANSWER_HIT, source=wire.SOURCE_PERSONS)


class Scene(NamedTuple):
    """Two nodes, both serving, and the requester's system face."""

    requester: LiveNode
    provider: LiveNode
    channel: grpc.Channel
    systems: Systems


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Sixty people each, twenty of them at both."""
    requester, provider = make_pair(tmp_path_factory.mktemp("systems"))
    requester.load((f"a{at}", person) for at, person in enumerate(OWN))
    provider.load((f"b{at}", person) for at, person in enumerate(THEIRS))
    try:
        provider.start()
        requester.start()
        with requester.channel() as channel:
            yield Scene(requester, provider, channel, stubs(channel))
    finally:
        requester.kill()
        provider.kill()


def person(ref: str, bsn: str) -> wire.Person:
    """A person as a system knows him."""
    return wire.Person(record_ref=ref, identifiers={"bsn": bsn})


def start(systems: Systems, *requests: wire.StartQueryRequest) -> wire.StartQueryResponse:
    """Start a query with these messages."""
    response: wire.StartQueryResponse = systems.queries.StartQuery(iter(requests), timeout=20)
    return response


def watched(systems: Systems, query_id: str) -> list[wire.Query]:
    """Everything that is told of a query until it has ended."""
    stream = systems.queries.WatchQuery(wire.WatchQueryRequest(query_id=query_id), timeout=30)
    return [message.query for message in stream]


def fetched(systems: Systems, query_id: str, *, hits_only: bool = False) -> dict[str, bool]:
    """Reference → hit."""
    request = wire.FetchResultsRequest(query_id=query_id, hits_only=hits_only)
    batches = list(systems.queries.FetchResults(request, timeout=20))
    return {one.record_ref: one.hit for batch in batches for one in batch.results}


def answered(systems: Systems, *requests: wire.StartQueryRequest) -> dict[str, bool]:
    """Start, watch until done, fetch."""
    query_id = start(systems, *requests).query_id
    last = watched(systems, query_id)[-1]
    assert last.state == wire.QUERY_STATE_DONE, last
    return fetched(systems, query_id)


def failure(error: BaseException) -> tuple[grpc.StatusCode, str]:
    """Status and reason code of a call that failed."""
    assert isinstance(error, grpc.RpcError)
    return error.code(), (error.details() or "").partition(":")[0]


def test_a_query_about_the_register(scene: Scene) -> None:
    """Start, watch until done, fetch: whole, and hits alone; the list shows the query with its numbers."""
    started = start(scene.systems, wire.StartQueryRequest(header=ABOUT_REGISTER))
    states = watched(scene.systems, started.query_id)
    assert states[-1].state == wire.QUERY_STATE_DONE
    assert (states[-1].records, states[-1].hits) == (len(OWN), len(SHARED_REFS))
    assert all(earlier.evaluated <= later.evaluated for earlier, later in pairwise(states))
    results = fetched(scene.systems, started.query_id)
    assert results == {f"a{at}": f"a{at}" in SHARED_REFS for at in range(len(OWN))}
    assert fetched(scene.systems, started.query_id, hits_only=True) == dict.fromkeys(SHARED_REFS, True)
    listed = scene.systems.queries.ListQueries(wire.ListQueriesRequest(), timeout=10).queries
    (mine,) = [query for query in listed if query.query_id == started.query_id]
    assert (mine.state, mine.hits) == (wire.QUERY_STATE_DONE, len(SHARED_REFS))
    assert mine.results_expire_at_ms > mine.created_at_ms


def test_a_query_about_persons(scene: Scene) -> None:
    """Persons in several messages: each gets an answer or, if he cannot be asked about, a reason without the value."""
    started = start(
        scene.systems,
        wire.StartQueryRequest(
            header=ABOUT_PERSONS, persons=[person("own", OWN[50]), person("bad", BAD_BSN)]
        ),
        wire.StartQueryRequest(persons=[person("strange", NUMBERS[300]), person("theirs", THEIRS[-1])]),
        wire.StartQueryRequest(
            persons=[person("own", OWN[1]), person("", OWN[2]), wire.Person(record_ref="none")]
        ),
        wire.StartQueryRequest(persons=[person("again", OWN[50])]),
    )
    rejects = {(one.row, one.reason) for one in started.rejects}
    assert rejects == {
        (2, "bsn_fails_elfproef"),
        (5, "record_ref_duplicate"),
        (6, "record_ref_missing"),
        (7, "identifier_missing"),
    }
    assert BAD_BSN not in str(started)
    assert watched(scene.systems, started.query_id)[-1].state == wire.QUERY_STATE_DONE
    assert fetched(scene.systems, started.query_id) == {
        "own": True, "strange": False, "theirs": True, "again": True
    }  # fmt: skip


def test_one_person_at_the_counter(scene: Scene) -> None:
    """MatchPerson answers in one call; a bad number, another source or an answer not agreed is told by its code."""
    call = scene.systems.queries.MatchPerson
    for bsn, expected in ((THEIRS[0], True), (THEIRS[-1], True), (OWN[0], False), (NUMBERS[400], False)):
        result = call(
            wire.MatchPersonRequest(header=ABOUT_PERSONS, person=person("x", bsn)), timeout=20
        ).result
        assert (result.record_ref, result.hit, result.provider_oin) == ("x", expected, OIN_B)
        assert len(result.transaction_id) == 32
    refused = [
        (ABOUT_PERSONS, person("x", BAD_BSN), "bsn_fails_elfproef"),
        (ABOUT_REGISTER, person("x", OWN[0]), "malformed"),
        (ABOUT_PERSONS, wire.Person(), None),
        (wire.QueryHeader(), person("x", OWN[0]), None),
        (
            wire.QueryHeader(agreement_id=AGREEMENT, answer=ANSWER_ATTRIBUTES, source=wire.SOURCE_PERSONS),
            person("x", OWN[0]),
            "answer_not_agreed",
        ),
        (
            wire.QueryHeader(agreement_id=AGREEMENT, answer=ANSWER_COUNT, source=wire.SOURCE_PERSONS),
            person("x", OWN[0]),
            "count_of_register_only",
        ),
        (
            wire.QueryHeader(agreement_id="none", answer=ANSWER_HIT, source=wire.SOURCE_PERSONS),
            person("x", OWN[0]),
            "agreement_not_here",
        ),
    ]
    for header, whom, code in refused:
        with pytest.raises(grpc.RpcError) as caught:
            call(wire.MatchPersonRequest(header=header, person=whom), timeout=20)
        status, told = failure(caught.value)
        assert status not in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INTERNAL), caught.value
        assert code in (told, None), (told, code)
        assert BAD_BSN not in str(caught.value)


def test_register_changes_show_after_the_next_delta(scene: Scene) -> None:
    """Upsert and remove at the provider: the same question sees neither before the next delta, and both after it."""
    about = wire.StartQueryRequest(
        header=ABOUT_PERSONS, persons=[person("comes", NUMBERS[500]), person("goes", THEIRS[30])]
    )
    assert answered(scene.systems, about) == {"comes": False, "goes": True}
    with scene.provider.channel() as channel:
        theirs = stubs(channel)
        before = theirs.register.DescribeRegister(wire.DescribeRegisterRequest(), timeout=10)
        record = wire.Record(record_ref="new", identifiers={"bsn": NUMBERS[500]}, attributes={"city": "Ede"})
        bad = wire.Record(record_ref="bad", identifiers={"bsn": BAD_BSN})
        upserted = theirs.register.UpsertRecords(
            iter([wire.UpsertRecordsRequest(records=[record]), wire.UpsertRecordsRequest(records=[bad])]),
            timeout=20,
        )
        assert (upserted.applied, [one.reason for one in upserted.rejects]) == (1, ["bsn_fails_elfproef"])
        removed = theirs.register.RemoveRecords(
            wire.RemoveRecordsRequest(record_refs=["b30", "never"]), timeout=20
        )
        assert (removed.removed, list(removed.unknown_refs)) == (1, ["never"])
        after = theirs.register.DescribeRegister(wire.DescribeRegisterRequest(), timeout=10)
    assert (after.records, after.kinds[0].elements) == (before.records, before.kinds[0].elements)
    assert answered(scene.systems, about) == {"comes": False, "goes": True}
    scene.provider.bring_delta_forward()
    assert answered(scene.systems, about) == {"comes": True, "goes": False}


def test_bsns_as_references_are_refused(scene: Scene) -> None:
    """Neither a register nor a list of persons takes BSNs for references, though each row by itself could be right."""
    address = {"postcode": "1234AB", "house_number": "1"}
    records = [wire.Record(record_ref=f"x{at}", identifiers=address) for at in range(10)]
    records += [wire.Record(record_ref=number, identifiers=address) for number in NUMBERS[200:210]]
    with pytest.raises(grpc.RpcError) as caught:
        scene.systems.register.UpsertRecords(iter([wire.UpsertRecordsRequest(records=records)]), timeout=20)
    assert failure(caught.value) == (grpc.StatusCode.INVALID_ARGUMENT, "record_ref_is_identifier")
    described = scene.systems.register.DescribeRegister(wire.DescribeRegisterRequest(), timeout=10)
    assert described.records == len(OWN)
    persons = [person(NUMBERS[200 + at], NUMBERS[300 + at]) for at in range(10)]
    with pytest.raises(grpc.RpcError) as caught:
        start(scene.systems, wire.StartQueryRequest(header=ABOUT_PERSONS, persons=persons))
    assert failure(caught.value) == (grpc.StatusCode.INVALID_ARGUMENT, "record_ref_is_identifier")


def test_health_and_reflection(scene: Scene) -> None:
    """Standard tools find out that the node serves, and what."""
    health = health_pb2_grpc.HealthStub(scene.channel)
    for service in ("", "linkage.v1.PeerService", "linkage.v1.QueryService", "linkage.v1.RegisterService"):
        answer = health.Check(health_pb2.HealthCheckRequest(service=service), timeout=10)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
    reflection = reflection_pb2_grpc.ServerReflectionStub(scene.channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    (listed,) = reflection.ServerReflectionInfo(iter([request]), timeout=10)
    names = {service.name for service in listed.list_services_response.service}
    assert {"linkage.v1.PeerService", "linkage.v1.QueryService", "linkage.v1.RegisterService"} <= names


def test_an_unknown_query(scene: Scene) -> None:
    """Watching, fetching or cancelling what is not there is NOT_FOUND."""
    queries = scene.systems.queries
    calls: list[Callable[[], object]] = [
        lambda: list(queries.WatchQuery(wire.WatchQueryRequest(query_id="nothing"), timeout=10)),
        lambda: list(queries.FetchResults(wire.FetchResultsRequest(query_id="nothing"), timeout=10)),
        lambda: queries.CancelQuery(wire.CancelQueryRequest(query_id="nothing"), timeout=10),
    ]
    for call in calls:
        with pytest.raises(grpc.RpcError) as caught:
            call()
        assert failure(caught.value) == (grpc.StatusCode.NOT_FOUND, "query_unknown")


def test_the_list_comes_in_pages(scene: Scene) -> None:
    """Every query once, newest first, however small the pages; a token that no page gave is refused."""
    for _ in range(7):
        watched(scene.systems, start(scene.systems, wire.StartQueryRequest(header=ABOUT_REGISTER)).query_id)
    scene.requester.change(
        "UPDATE query SET created_at = 1000 + rowid / 3"
    )  # three at one and the same moment
    call = scene.systems.queries.ListQueries
    whole = call(wire.ListQueriesRequest(page_size=LIST_QUERIES + 1), timeout=10)
    assert whole.next_page_token == ""
    assert len(whole.queries) >= 7
    for size in (1, 2, len(whole.queries) - 1, len(whole.queries)):
        found, token = list[wire.Query](), ""
        while token or not found:
            page = call(wire.ListQueriesRequest(page_size=size, page_token=token), timeout=10)
            assert 0 < len(page.queries) <= size
            found += page.queries
            token = page.next_page_token
        assert found == list(whole.queries)
    assert [one.created_at_ms for one in found] == sorted((one.created_at_ms for one in found), reverse=True)
    with pytest.raises(grpc.RpcError) as caught:
        call(wire.ListQueriesRequest(page_token="none"), timeout=10)
    assert failure(caught.value) == (grpc.StatusCode.NOT_FOUND, "query_unknown")


def test_a_page_of_the_list_is_bounded(scene: Scene) -> None:
    """However many queries there are and whatever is asked for, a page holds 1,000 and fits in a message."""
    codes = ",".join(sorted(REASONS, key=lambda code: len("".join(REASONS[code])))[-MOST_REASONS:])
    scene.requester.change(
        "INSERT INTO query SELECT hex(randomblob(16)), agreement_hash, agreement_id, provider_oin, kind, answer,"
        " purpose, source, runner, 'refused', 0, 0, 0, 0, 'CODES', '', 1, NULL, 0, '', '', '', '[]', '' FROM query,"
        " (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200) SELECT i FROM n)"
        " WHERE id = (SELECT min(id) FROM query)".replace("CODES", f"{codes},{codes}")
    )
    try:
        for size in (0, 5000):
            page = scene.systems.queries.ListQueries(wire.ListQueriesRequest(page_size=size), timeout=20)
            assert len(page.queries) == LIST_QUERIES
            assert page.next_page_token
    finally:
        scene.requester.change("DELETE FROM query WHERE created_at = 1")


def test_a_query_that_ended_cannot_be_cancelled(scene: Scene) -> None:
    """Cancelling what is done changes nothing: the results stay."""
    query_id = start(scene.systems, wire.StartQueryRequest(header=ABOUT_REGISTER)).query_id
    watched(scene.systems, query_id)
    told = scene.systems.queries.CancelQuery(wire.CancelQueryRequest(query_id=query_id), timeout=10).query
    assert told.state == wire.QUERY_STATE_DONE
    assert len(fetched(scene.systems, query_id)) == len(OWN)


Messages = Iterable[wire.StartQueryRequest]
WRONG_STREAMS: dict[str, tuple[Messages, str]] = {
    "nothing": ([], "malformed"),
    "persons-first": ([wire.StartQueryRequest(persons=[person("x", OWN[0])])], "malformed"),
    "no-source": (
        [wire.StartQueryRequest(header=wire.QueryHeader(agreement_id=AGREEMENT, answer=ANSWER_HIT))],
        "malformed",
    ),
    "no-answer": (
        [wire.StartQueryRequest(header=wire.QueryHeader(agreement_id=AGREEMENT, source=wire.SOURCE_REGISTER))],
        "malformed",
    ),
    "two-headers": (
        [
            wire.StartQueryRequest(header=ABOUT_PERSONS, persons=[person("x", OWN[0])]),
            wire.StartQueryRequest(header=ABOUT_PERSONS),
        ],
        "malformed",
    ),
    "nobody": ([wire.StartQueryRequest(header=ABOUT_PERSONS)], "no_usable_persons"),
    "only-bad": (
        [wire.StartQueryRequest(header=ABOUT_PERSONS, persons=[person("x", BAD_BSN)])],
        "no_usable_persons",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_STREAMS)
def test_streams_that_are_not_what_they_should_be(scene: Scene, name: str) -> None:
    """A stream without a header, with two, or without anybody in it: a clear status, and no query is made."""
    messages, code = WRONG_STREAMS[name]
    before = len(scene.systems.queries.ListQueries(wire.ListQueriesRequest(), timeout=10).queries)
    with pytest.raises(grpc.RpcError) as caught:
        start(scene.systems, *messages)
    status, told = failure(caught.value)
    assert told == code
    assert status in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION)
    assert len(scene.systems.queries.ListQueries(wire.ListQueriesRequest(), timeout=10).queries) == before


RPCS = [
    "/linkage.v1.QueryService/StartQuery",
    "/linkage.v1.QueryService/MatchPerson",
    "/linkage.v1.QueryService/WatchQuery",
    "/linkage.v1.RegisterService/UpsertRecords",
    "/linkage.v1.RegisterService/RemoveRecords",
    "/linkage.v1.PeerService/GetEpochKey",
    "/linkage.v1.PeerService/FetchTagSet",
    "/linkage.v1.PeerService/Evaluate",
]


@pytest.mark.parametrize("method", RPCS)
@pytest.mark.parametrize(
    "body", [b"\xff" * 64, b"\x0a\xff\xff\xff\xff\x0f", bytes(3)], ids=["ff", "length", "zero"]
)
def test_garbage_is_refused(scene: Scene, method: str, body: bytes) -> None:
    """Bytes that are no message are refused on every method of both faces, and the node serves on."""
    call: grpc.StreamStreamMultiCallable[bytes, bytes] = scene.channel.stream_stream(method)
    with pytest.raises(grpc.RpcError) as caught:
        list(call(iter([body]), timeout=10))
    assert failure(caught.value)[0] not in (grpc.StatusCode.OK, grpc.StatusCode.DEADLINE_EXCEEDED)
    assert scene.systems.queries.ListQueries(wire.ListQueriesRequest(), timeout=10).IsInitialized()


def test_a_message_too_large(scene: Scene) -> None:
    """A message above the limit is refused by size, before it is read."""
    many = [person(f"{at}", OWN[0]) for at in range(MESSAGE_BYTES // 20)]
    request = wire.StartQueryRequest(header=ABOUT_PERSONS, persons=many)
    assert request.ByteSize() > MESSAGE_BYTES
    with pytest.raises(grpc.RpcError) as caught:
        start(scene.systems, request)
    assert failure(caught.value)[0] == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_an_unknown_field_is_refused(scene: Scene) -> None:
    """A field that this version does not know may be a condition: refused."""
    header = wire.QueryHeader.FromString(ABOUT_PERSONS.SerializeToString() + b"\xf8\x7f\x01")
    with pytest.raises(grpc.RpcError) as caught:
        start(scene.systems, wire.StartQueryRequest(header=header, persons=[person("x", OWN[0])]))
    assert failure(caught.value)[1] == "malformed"


def test_no_deadline_is_no_harm(scene: Scene) -> None:
    """A caller without a deadline is answered as any other."""
    started = scene.systems.queries.StartQuery(iter([wire.StartQueryRequest(header=ABOUT_REGISTER)]))
    last = list(scene.systems.queries.WatchQuery(wire.WatchQueryRequest(query_id=started.query_id)))[-1]
    assert last.query.state == wire.QUERY_STATE_DONE


def test_a_deadline_that_passes(scene: Scene) -> None:
    """A caller that gives up is let go; the node serves on."""
    silence = threading.Event()

    def never() -> Iterator[wire.StartQueryRequest]:
        yield wire.StartQueryRequest(header=ABOUT_PERSONS)
        silence.wait(20)

    try:
        with pytest.raises(grpc.RpcError) as caught:
            scene.systems.queries.StartQuery(never(), timeout=0.5)
        assert failure(caught.value)[0] == grpc.StatusCode.DEADLINE_EXCEEDED
    finally:
        silence.set()
    assert scene.systems.queries.ListQueries(wire.ListQueriesRequest(), timeout=10).IsInitialized()


def test_too_many_streams(scene: Scene) -> None:
    """One organisation holds at most so many calls; the next is told so, others are served, and room comes back."""
    silence = threading.Event()

    def never() -> Iterator[wire.UpsertRecordsRequest]:
        yield wire.UpsertRecordsRequest()
        silence.wait(60)

    def refused() -> bool:
        try:
            scene.systems.queries.ListQueries(wire.ListQueriesRequest(), timeout=10)
        except grpc.RpcError as error:
            return failure(error) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "too_many_streams")
        return False

    held = [
        scene.systems.register.UpsertRecords.future(never(), timeout=60)
        for _ in range(STREAMS_PER_IDENTITY + 1)
    ]
    try:
        await_that(lambda: any(call.done() for call in held))  # the one too many: the others are all in
        assert refused()
        keys = scene.provider.folder / "keys"
        with scene.requester.channel(keys / "node.pem", keys / "node.key") as other:
            with pytest.raises(grpc.RpcError) as caught:
                stubs(other).peers.GetEpochKey(peer_pb2.GetEpochKeyRequest(kind="bsn"), timeout=10)
            assert failure(caught.value)[1] == "agreement_unknown"
    finally:
        silence.set()
        for call in held:
            call.cancel()
    await_that(lambda: not refused())


def test_a_silent_stream_is_ended(tmp_path: Path) -> None:
    """Who opens a stream and says nothing is cut off after the idle limit; who goes on talking is not."""
    live = LiveNode(make_node(tmp_path / "idle", OIN_A))
    silence = threading.Event()

    def slow(pause: float) -> Iterator[wire.UpsertRecordsRequest]:
        for at in range(8):
            yield wire.UpsertRecordsRequest(
                records=[wire.Record(record_ref=f"{at}", identifiers={"bsn": OWN[at]})]
            )
            silence.wait(pause)

    with (
        Node.open(live.config) as node,
        local_executor() as executor,
        closing(Assembly(node, executor)) as assembly,
    ):
        server = Server(assembly, idle_seconds=1.0)
        server.start()
        try:
            with live.channel() as channel, ThreadPoolExecutor(1) as pool:
                register = stubs(channel).register
                talks = pool.submit(register.UpsertRecords, slow(0.3), timeout=30)
                assert talks.result(30).applied == 8
                began = monotonic()
                with pytest.raises(grpc.RpcError) as caught:
                    register.UpsertRecords(slow(25), timeout=30)
                assert failure(caught.value)[0] == grpc.StatusCode.CANCELLED
                assert monotonic() - began < 15
                assert register.DescribeRegister(wire.DescribeRegisterRequest(), timeout=10).records == 8
        finally:
            silence.set()
            server.stop()
