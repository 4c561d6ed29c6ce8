"""The face for the organisation's own systems: questions and results."""

from collections.abc import Iterator
from itertools import chain

import grpc

from linkage_node._generated.linkage.v1 import system_pb2 as wire
from linkage_node._generated.linkage.v1.system_pb2_grpc import QueryServiceServicer
from linkage_node.asking import queries
from linkage_node.asking.intake import Wish
from linkage_node.asking.queries import Query
from linkage_node.assembly import Assembly
from linkage_node.errors import Refusal
from linkage_node.limits import LIST_QUERIES
from linkage_node.matching.signing import refuse_unknown_fields
from linkage_node.obligations import ANSWER_NAMES
from linkage_node.reasons import explain
from linkage_node.register.rows import Reject, SourceRow
from linkage_node.server.jobs import RUNNER, Jobs

_STATES = {
    queries.QUEUED: wire.QUERY_STATE_QUEUED,
    queries.RUNNING: wire.QUERY_STATE_RUNNING,
    queries.DONE: wire.QUERY_STATE_DONE,
    queries.REFUSED: wire.QUERY_STATE_REFUSED,
    queries.FAILED: wire.QUERY_STATE_FAILED,
    queries.CANCELLED: wire.QUERY_STATE_CANCELLED,
}


class QueryServicer(QueryServiceServicer):
    """Questions to other nodes."""

    def __init__(self, assembly: Assembly, jobs: Jobs) -> None:
        self._assembly, self._jobs = assembly, jobs

    def StartQuery(
        self, request_iterator: Iterator[wire.StartQueryRequest], context: grpc.ServicerContext
    ) -> wire.StartQueryResponse:
        """Start a query."""
        first = next(request_iterator, None)
        if first is None or not first.HasField("header"):
            raise Refusal("malformed", "the first message has no header")
        wish, intake = _wish(first.header), self._assembly.intake
        rejects: list[Reject] = []
        if first.header.source == wire.SOURCE_REGISTER:
            query = intake.about_register(wish, RUNNER).only
        elif first.header.source == wire.SOURCE_PERSONS:
            persons = _persons(first, request_iterator, intake.resolve(wish).kind.name)
            whole, rejects = intake.about_persons(wish, persons, RUNNER)
            query = whole.only
        else:
            raise Refusal("malformed", "no source")
        self._jobs.start(query)
        return wire.StartQueryResponse(query_id=query.id, rejects=[reject_message(one) for one in rejects])

    def WatchQuery(
        self, request: wire.WatchQueryRequest, context: grpc.ServicerContext
    ) -> Iterator[wire.WatchQueryResponse]:
        """Progress, until the query has ended."""
        for query in self._jobs.watch(request.query_id):
            yield wire.WatchQueryResponse(query=_message(query))

    def FetchResults(
        self, request: wire.FetchResultsRequest, context: grpc.ServicerContext
    ) -> Iterator[wire.FetchResultsResponse]:
        """Results of a query that is done."""
        store = self._assembly.queries
        query = store.get(request.query_id)
        for refs, hits in store.results(query.id, self._assembly.clock()):
            rows = zip(refs, hits, strict=True)
            results = [
                _result(query, ref, hit == "1") for ref, hit in rows if hit == "1" or not request.hits_only
            ]
            yield wire.FetchResultsResponse(results=results)

    def FetchTables(
        self, request: wire.FetchTablesRequest, context: grpc.ServicerContext
    ) -> wire.FetchTablesResponse:
        """The released tables of a count."""
        raise Refusal("answer_not_offered")

    def DescribeOverlap(
        self, request: wire.DescribeOverlapRequest, context: grpc.ServicerContext
    ) -> wire.DescribeOverlapResponse:
        """How the answers of several providers overlap."""
        raise Refusal("answer_not_offered")

    def CancelQuery(
        self, request: wire.CancelQueryRequest, context: grpc.ServicerContext
    ) -> wire.CancelQueryResponse:
        """Stop a query."""
        return wire.CancelQueryResponse(query=_message(self._jobs.cancel(request.query_id)))

    def ResumeQuery(
        self, request: wire.ResumeQueryRequest, context: grpc.ServicerContext
    ) -> wire.ResumeQueryResponse:
        """Go on with a query that failed."""
        return wire.ResumeQueryResponse(query=_message(self._jobs.restart(request.query_id)))

    def ListQueries(
        self, request: wire.ListQueriesRequest, context: grpc.ServicerContext
    ) -> wire.ListQueriesResponse:
        """The queries, newest first, a page at a time."""
        refuse_unknown_fields(request)
        size = min(request.page_size or LIST_QUERIES, LIST_QUERIES)
        page, next_token = self._assembly.queries.page(size, request.page_token)
        return wire.ListQueriesResponse(
            queries=[_message(query) for query in page], next_page_token=next_token
        )

    def MatchPerson(
        self, request: wire.MatchPersonRequest, context: grpc.ServicerContext
    ) -> wire.MatchPersonResponse:
        """One person, answered in one call."""
        refuse_unknown_fields(request)
        if request.header.source != wire.SOURCE_PERSONS:
            raise Refusal("malformed", "the source must be PERSONS")
        # a caller that hung up cannot take the query up again, so neither does the node
        person = request.person
        whole, persons = self._assembly.intake.about_one(
            _wish(request.header),
            person.record_ref,
            person.identifiers,
            "call",
            address_secret=person.address_secret,
        )
        query = whole.only
        hits = self._assembly.runner.ask_now(query, persons, lambda: not context.is_active())
        return wire.MatchPersonResponse(result=_result(query, persons.refs[0], hits == "1"))


def _wish(header: wire.QueryHeader) -> Wish:
    refuse_unknown_fields(header)
    if header.answer not in ANSWER_NAMES:
        raise Refusal("malformed", "no answer is asked for")
    return Wish(
        header.agreement_id,
        (header.provider_oin,) if header.provider_oin else (),
        header.kind,
        ANSWER_NAMES[header.answer],
        header.purpose,
    )


def _persons(
    first: wire.StartQueryRequest, rest: Iterator[wire.StartQueryRequest], kind: str
) -> Iterator[SourceRow]:
    row = 0
    for number, request in enumerate(chain([first], rest)):
        refuse_unknown_fields(request)
        if number and request.HasField("header"):
            raise Refusal("malformed", "a second header")
        for person in request.persons:
            row += 1
            yield _row(row, person, kind)


def _row(row: int, person: wire.Person, kind: str) -> SourceRow:
    identifiers = {kind: dict(person.identifiers)}
    return SourceRow(row, person.record_ref, identifiers, {}, address_secret=person.address_secret)


def reject_message(one: Reject) -> wire.Reject:
    """A reject as a message."""
    return wire.Reject(row=one.row, record_ref=one.ref, field=one.field, reason=one.reason)


def _result(query: Query, ref: str, hit: bool) -> wire.Result:
    return wire.Result(
        record_ref=ref,
        provider_oin=query.provider_oin,
        agreement_id=query.agreement_id,
        hit=hit,
        transaction_id=query.id,
    )


def _message(query: Query) -> wire.Query:
    reasons = list(dict.fromkeys(code for code in query.reasons.split(",") if code))
    return wire.Query(
        query_id=query.id,
        agreement_id=query.agreement_id,
        provider_oin=query.provider_oin,
        kind=query.kind,
        state=_STATES[query.state],
        records=query.records,
        elements=query.elements,
        evaluated=query.evaluated,
        hits=query.hits,
        reasons=reasons,
        message=" ".join(f"{explain(code).meaning}. {explain(code).remedy}" for code in reasons),
        created_at_ms=query.created_at,
        results_expire_at_ms=query.results_expire_at or 0,
    )
