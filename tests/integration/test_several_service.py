"""One question to several providers, over the face for the organisation's own systems."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NamedTuple

import grpc
import pytest

from linkage_node._generated.linkage.v1 import system_pb2 as wire
from linkage_node._generated.linkage.v1.order_pb2 import ANSWER_ATTRIBUTES, ANSWER_COUNT, ANSWER_HIT
from linkage_node._generated.linkage.v1.system_pb2_grpc import QueryServiceStub
from linkage_node.charts.interval import half_width
from linkage_node.reasons import explain
from tests.integration.ring import (
    BANDS,
    FORMULA,
    NUMBERS,
    PROVIDERS,
    REFS,
    Ring,
    agreement_id,
    make_ring,
    serving,
    slow,
)
from tests.integration.world import await_that, stubs

FIRST, SECOND, REFUSING, SLOW, DOWN = PROVIDERS
DONE, REFUSED, FAILED = wire.QUERY_STATE_DONE, wire.QUERY_STATE_REFUSED, wire.QUERY_STATE_FAILED
REGISTER, PERSONS = wire.SOURCE_REGISTER, wire.SOURCE_PERSONS


class Scene(NamedTuple):
    """The nodes, of which the requester and three providers serve, and a system of the requester."""

    ring: Ring
    queries: QueryServiceStub

    def start(self, header: wire.QueryHeader, *persons: wire.Person) -> wire.StartQueryResponse:
        """Start a query."""
        requests = [wire.StartQueryRequest(header=header), wire.StartQueryRequest(persons=persons)]
        started: wire.StartQueryResponse = self.queries.StartQuery(
            iter(requests if persons else requests[:1]), timeout=20
        )
        return started

    def watched(self, query_id: str) -> dict[str, wire.Query]:
        """The last that is told of every part, when all have ended."""
        stream = self.queries.WatchQuery(wire.WatchQueryRequest(query_id=query_id), timeout=30)
        return {message.query.provider_oin: message.query for message in stream}

    def answered(self, header: wire.QueryHeader, *persons: wire.Person) -> str:
        """Start a query and wait until it has ended; its id."""
        query_id = self.start(header, *persons).query_id
        self.watched(query_id)
        return query_id

    def fetched(
        self, query_id: str, *, hits_only: bool = False, at_least: int = 0, not_known: bool = False
    ) -> list[wire.Result]:
        """The results."""
        request = wire.FetchResultsRequest(
            query_id=query_id, hits_only=hits_only, at_least=at_least, not_known=not_known
        )
        first, *rest = self.queries.FetchResults(request, timeout=20)
        assert first.providers
        assert not any(batch.providers for batch in rest)
        return [result for batch in (first, *rest) for result in batch.results]

    def providers(self, query_id: str) -> list[wire.ProviderAnswer]:
        """What the first message of the results tells of the providers."""
        stream = self.queries.FetchResults(wire.FetchResultsRequest(query_id=query_id), timeout=20)
        try:
            return list(next(stream).providers)
        finally:
            stream.cancel()

    def overlap(self, query_id: str) -> wire.DescribeOverlapResponse:
        """The overlap."""
        request = wire.DescribeOverlapRequest(query_id=query_id)
        response: wire.DescribeOverlapResponse = self.queries.DescribeOverlap(request, timeout=20)
        return response

    def matched(self, header: wire.QueryHeader, number: int, timeout: float = 20) -> wire.MatchPersonResponse:
        """One person at the counter, by number."""
        request = wire.MatchPersonRequest(header=header, person=person(number))
        response: wire.MatchPersonResponse = self.queries.MatchPerson(request, timeout=timeout)
        return response


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Two providers answer, one refuses, one serves only when a test says so, and one never."""
    ring = make_ring(tmp_path_factory.mktemp("ring"))
    with ExitStack() as stack:
        stack.enter_context(serving(*(ring.providers[oin] for oin in (FIRST, SECOND, REFUSING))))
        stack.enter_context(serving(ring.requester))
        channel = stack.enter_context(ring.requester.channel())
        yield Scene(ring, stubs(channel).queries)


def person(number: int) -> wire.Person:
    """One of the requester's people, by number."""
    return wire.Person(record_ref=REFS[number], identifiers={"bsn": NUMBERS[number]})


def about(
    *oins: str, answer: int = ANSWER_HIT, source: wire.Source = REGISTER, **more: object
) -> wire.QueryHeader:
    """A header to these providers."""
    first, *further = map(agreement_id, oins)
    return wire.QueryHeader(
        agreement_id=first,
        further_agreement_ids=further,
        answer=answer,
        source=source,
        **more,  # type: ignore[arg-type]
    )


def refusal(call: Callable[[], object]) -> str:
    """The reason code that a call ends with."""
    return refused_with(call).partition(":")[0]


def refused_with(call: Callable[[], object]) -> str:
    """The reason code that a call ends with, and its words."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    refused = {
        grpc.StatusCode.FAILED_PRECONDITION,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
    }
    assert caught.value.code() in refused
    return str(caught.value.details())


def test_a_query_to_four(scene: Scene) -> None:
    """Parts are told and watched; results, filters and overlap are those of the providers that answered."""
    ring = scene.ring
    started = scene.start(about(FIRST, SECOND, REFUSING, DOWN))
    parts = scene.watched(started.query_id)
    assert {oin: query.state for oin, query in parts.items()} == {
        FIRST: DONE, SECOND: DONE, REFUSING: REFUSED, DOWN: FAILED
    }  # fmt: skip
    assert {query.query_id for query in parts.values()} == set(started.part_ids)
    assert {query.whole_id for query in parts.values()} == {started.query_id}
    assert list(parts[DOWN].reasons) == ["peer_unreachable"]
    results = scene.fetched(started.query_id)
    assert {(one.provider_oin, one.record_ref): one.hit for one in results} == {
        (oin, ref): ref in ring.known[oin] for oin in (FIRST, SECOND) for ref in REFS
    }
    assert {one.transaction_id for one in results} == {parts[FIRST].query_id, parts[SECOND].query_id}
    truth = ring.known_at(FIRST, SECOND)
    for least in (1, 2):
        chosen = scene.fetched(started.query_id, at_least=least, hits_only=True)
        assert {one.record_ref for one in chosen} == {ref for ref in REFS if truth[ref] >= least}
    assert refusal(lambda: scene.fetched(started.query_id, not_known=True)) == "provider_unanswered"
    told = scene.overlap(started.query_id)
    assert [(one.provider_oin, one.state, one.hits) for one in told.providers] == [
        (FIRST, DONE, 25), (SECOND, DONE, 25), (REFUSING, REFUSED, 0), (DOWN, FAILED, 0)
    ]  # fmt: skip
    assert list(told.known_at) == [list(truth.values()).count(number) for number in range(3)]
    assert sum(one.records for one in told.combinations) == told.records == len(REFS)
    assert scene.providers(started.query_id) == list(told.providers)
    assert [one.HasField("hits") for one in told.providers] == [True, True, False, False]
    assert {oin: query.HasField("hits") for oin, query in parts.items()} == {
        FIRST: True, SECOND: True, REFUSING: False, DOWN: False
    }  # fmt: skip
    for one in told.providers[2:]:
        (code,) = one.reasons
        assert explain(code).meaning in one.message
        assert "`" not in one.message  # no command lines: who reads it is a system
    listed = scene.queries.ListQueries(wire.ListQueriesRequest(), timeout=10).queries
    assert sum(query.whole_id == started.query_id for query in listed) == 4
    resumed(scene, started.query_id, parts)


def resumed(scene: Scene, query_id: str, parts: dict[str, wire.Query]) -> None:
    """Only the one that was down is asked, once it serves."""
    with serving(scene.ring.providers[DOWN]):
        request = wire.ResumeQueryRequest(query_id=query_id)
        told = scene.queries.ResumeQuery(request, timeout=10).query
        assert (told.query_id, told.state) == (query_id, wire.QUERY_STATE_QUEUED) or told.state in (
            wire.QUERY_STATE_RUNNING,
            DONE,
        )
        again = scene.watched(query_id)
    assert again[DOWN].state == DONE
    assert all(again[oin] == parts[oin] for oin in (FIRST, SECOND, REFUSING))
    truth = scene.ring.known_at(FIRST, SECOND, DOWN)
    known_at = list(scene.overlap(query_id).known_at)
    assert known_at == [list(truth.values()).count(number) for number in range(4)]


def test_not_known_at_any(scene: Scene) -> None:
    """Who is known to none, when all have answered; also of one provider, and of a list of persons."""
    for oins in ((FIRST, SECOND), (SECOND,)):
        query_id = scene.answered(about(*oins))
        truth = scene.ring.known_at(*oins)
        none = scene.fetched(query_id, not_known=True)
        assert {one.record_ref for one in none} == {ref for ref in REFS if not truth[ref]}
        assert not any(one.hit for one in none)
    query_id = scene.answered(about(FIRST, SECOND, source=PERSONS), *map(person, range(9)))
    truth = scene.ring.known_at(FIRST, SECOND)
    none = scene.fetched(query_id, not_known=True)
    assert {one.record_ref for one in none} == {ref for ref in REFS[:9] if not truth[ref]}


def test_a_whole_is_cancelled_while_one_is_slow(scene: Scene) -> None:
    """Cancelling a whole ends what is under way; what was answered before stays answered."""
    with slow(scene.ring.providers[SLOW]) as gate:
        started = scene.start(about(FIRST, SLOW))
        assert gate.reached.wait(30)
        done = "SELECT count(*) FROM query WHERE state = 'done' AND whole_id = '{}'"
        await_that(lambda: scene.ring.requester.rows(done.format(started.query_id)) == [(1,)])
        assert len(scene.fetched(started.query_id)) == len(REFS)  # one answers while the other is waited for
        request = wire.CancelQueryRequest(query_id=started.query_id)
        told = scene.queries.CancelQuery(request, timeout=10).query
        assert told.query_id == started.query_id
        gate.open()
        parts = scene.watched(started.query_id)
    assert {oin: part.state for oin, part in parts.items()} == {
        FIRST: DONE,
        SLOW: wire.QUERY_STATE_CANCELLED,
    }


def test_counts_of_two(scene: Scene) -> None:
    """A table for each that answered, and what the others did; a count is no list, and a list no count."""
    header = about(FIRST, SECOND, REFUSING, answer=ANSWER_COUNT, group_by=["band"])
    query_id = scene.answered(header)
    told = scene.queries.FetchTables(wire.FetchTablesRequest(query_id=query_id), timeout=20)
    assert [(table.provider_oin, table.question) for table in told.tables] == [
        (FIRST, "by-band"), (SECOND, "by-band")
    ]  # fmt: skip
    assert [one.state for one in told.providers] == [DONE, DONE, REFUSED]
    for table in told.tables:
        assert (list(table.groups), list(table.categories)) == (list(BANDS), ["all"])
        assert (table.epsilon, table.smallest_cell, len(table.period)) == (5.0, 1, len("2026-01"))
        assert not any(cell.suppressed for cell in table.cells[:2])
        assert all(cell.suppressed == (cell.count == 0) for cell in table.cells)
        assert abs(sum(cell.count for cell in table.cells) - 25) <= 12  # noise of scale 0.2, twice
    named = scene.answered(about(FIRST, answer=ANSWER_COUNT, question="by-band"))
    assert {table.noise_95 for table in told.tables} == {half_width(5.0)}
    assert not any(one.HasField("hits") for one in told.providers)
    (again,) = scene.queries.FetchTables(wire.FetchTablesRequest(query_id=named), timeout=20).tables
    assert again == told.tables[0]
    assert refusal(lambda: scene.fetched(query_id)) == "is_a_count"
    assert refusal(lambda: scene.overlap(query_id)) == "is_a_count"
    hits = scene.answered(about(FIRST))
    tables = wire.FetchTablesRequest(query_id=hits)
    assert refusal(lambda: scene.queries.FetchTables(tables, timeout=20)) == "not_a_count"


def test_attributes_of_two(scene: Scene) -> None:
    """Attributes come as the provider wrote them, with each hit of each provider; nothing with the others."""
    header = about(
        FIRST, SECOND, answer=ANSWER_ATTRIBUTES, source=PERSONS, case_reference="case 9", attributes=["desk"]
    )
    results = scene.fetched(scene.answered(header, *map(person, range(10))))
    assert len(results) == 20
    for one in results:
        assert one.hit == (one.record_ref in scene.ring.known[one.provider_oin])
        assert [dict(record.attributes) for record in one.disclosed] == (
            [{"desk": FORMULA}] if one.hit else []
        )
        assert one.withheld == ""


def test_one_person_at_four_desks(scene: Scene) -> None:
    """Results of those that answered, and what each did; nobody spoils another's answer, and attributes come too."""
    for number in range(4):
        told = scene.matched(about(FIRST, SECOND, REFUSING, DOWN, source=PERSONS), number)
        assert {one.provider_oin: one.hit for one in told.results} == {
            oin: REFS[number] in scene.ring.known[oin] for oin in (FIRST, SECOND)
        }
        assert told.result == told.results[0]
        assert [one.state for one in told.providers] == [DONE, DONE, REFUSED, FAILED]
        assert [list(one.reasons) for one in told.providers][2:] == [
            ["agreement_unknown"],
            ["peer_unreachable"],
        ]
    without = scene.matched(about(DOWN, FIRST, source=PERSONS), 0)
    assert (without.HasField("result"), len(without.results)) == (False, 1)
    nobody = scene.matched(about(DOWN, REFUSING, source=PERSONS), 0)
    assert (len(nobody.results), [one.state for one in nobody.providers]) == (0, [FAILED, REFUSED])
    known = REFS.index(min(scene.ring.known[FIRST] & scene.ring.known[SECOND]))
    header = about(
        FIRST, SECOND, answer=ANSWER_ATTRIBUTES, source=PERSONS, case_reference="c", attributes=["phone"]
    )
    phones = [dict(one.disclosed[0].attributes) for one in scene.matched(header, known).results]
    assert phones == [{"phone": "desk 0"}, {"phone": "desk 1"}]


def test_one_person_while_one_desk_is_slow(scene: Scene) -> None:
    """Within the caller's deadline the others' answers come; the slow one is told as such."""
    with slow(scene.ring.providers[SLOW]) as gate:
        told = scene.matched(about(FIRST, SLOW, source=PERSONS), 0, timeout=2.5)
        assert gate.reached.is_set()
    assert [one.provider_oin for one in told.results] == [FIRST]
    assert [list(one.reasons) for one in told.providers] == [[], ["deadline_exceeded"]]


def test_a_single_provider_that_refuses_ends_the_call(scene: Scene) -> None:
    """With one provider MatchPerson ends with its reason, and answers in `results` too when there is one."""
    assert refusal(lambda: scene.matched(about(REFUSING, source=PERSONS), 0)) == "agreement_unknown"
    told = scene.matched(about(FIRST, source=PERSONS), 0)
    assert (list(told.results), [one.state for one in told.providers]) == ([told.result], [DONE])


WRONG = [
    (about(FIRST, FIRST), "provider_twice"),
    (about(FIRST, provider_oin=SECOND), "provider_not_in_agreement"),
    (about(FIRST, SECOND, provider_oin=FIRST), "options_conflict"),
    (about(FIRST, SECOND, question="shared"), "options_conflict"),
    (about(FIRST, SECOND, answer=ANSWER_COUNT, question="other"), "question_not_agreed"),
    (about(FIRST, SECOND, answer=ANSWER_COUNT, source=PERSONS), "count_of_register_only"),
    (about(FIRST, answer=ANSWER_ATTRIBUTES, case_reference="999990019"), "case_reference_is_identifier"),
    (wire.QueryHeader(answer=ANSWER_HIT, source=REGISTER), "option_missing"),
    (wire.QueryHeader(answer=ANSWER_HIT, source=REGISTER, provider_oin="nobody"), "agreement_ambiguous"),
]


def test_headers_that_cannot_be_asked(scene: Scene) -> None:
    """Each is refused with its code before anything is asked, and leaves no query."""
    before = scene.ring.requester.rows("SELECT count(*) FROM query")
    for header, code in WRONG:
        assert refusal(lambda header=header: scene.start(header, person(0))) == code, header  # type: ignore[misc]
    assert scene.ring.requester.rows("SELECT count(*) FROM query") == before


def test_filters_that_do_not_go_together(scene: Scene) -> None:
    """More providers than there are, or both filters, are refused with a code; so is what nobody has answered."""
    query_id = scene.answered(about(FIRST, SECOND))
    assert refusal(lambda: scene.fetched(query_id, at_least=3)) == "options_conflict"
    assert refusal(lambda: scene.fetched(query_id, at_least=1, not_known=True)) == "options_conflict"
    nobody = scene.answered(about(REFUSING, DOWN))
    unknown = refused_with(lambda: scene.overlap("none"))
    assert (unknown.partition(":")[0], "linkage-node" in unknown) == ("query_unknown", False)
    for call in (scene.fetched, scene.overlap):
        assert refusal(lambda call=call: call(nobody)) == "query_not_done"  # type: ignore[misc]
    assert refusal(lambda: scene.overlap("none")) == "query_unknown"


def test_an_agreement_is_found_by_its_provider(scene: Scene) -> None:
    """Without an agreement's id the OIN of a provider names its one agreement that fits."""
    header = wire.QueryHeader(provider_oin=SECOND, answer=ANSWER_HIT, source=REGISTER)
    parts = scene.watched(scene.start(header).query_id)
    assert {oin: part.agreement_id for oin, part in parts.items()} == {SECOND: agreement_id(SECOND)}
