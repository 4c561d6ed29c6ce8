"""The face for the organisation's own systems: questions and results."""

from collections.abc import Iterator

import grpc

from linkage_node._generated.linkage.v1 import system_pb2 as wire
from linkage_node._generated.linkage.v1.system_pb2_grpc import QueryServiceServicer
from linkage_node.asking.answers import Answers
from linkage_node.asking.several import Whole, ask_now
from linkage_node.assembly import Assembly
from linkage_node.errors import Refusal
from linkage_node.limits import COUNTER_SHARE, LIST_QUERIES, UNARY_DEADLINE_SECONDS
from linkage_node.matching.signing import refuse_unknown_fields
from linkage_node.register.rows import Reject
from linkage_node.server.jobs import RUNNER, Jobs
from linkage_node.server.messages import (
    overlap_message,
    person_rows,
    provider_message,
    query_message,
    reject_message,
    result_batches,
    result_message,
    table_message,
    whole_message,
    wish_of,
)


class QueryServicer(QueryServiceServicer):
    """Questions to other nodes. A query is named by its own id, or a whole one by the id of the whole."""

    def __init__(self, assembly: Assembly, jobs: Jobs) -> None:
        self._assembly, self._jobs = assembly, jobs

    def StartQuery(
        self, request_iterator: Iterator[wire.StartQueryRequest], context: grpc.ServicerContext
    ) -> wire.StartQueryResponse:
        """Start a query, or one for each of several providers."""
        first = next(request_iterator, None)
        if first is None or not first.HasField("header"):
            raise Refusal("malformed", "the first message has no header")
        wish, intake = wish_of(first.header), self._assembly.intake
        rejects: list[Reject] = []
        if first.header.source == wire.SOURCE_REGISTER:
            whole = intake.about_register(wish, RUNNER)
        elif first.header.source == wire.SOURCE_PERSONS:
            rows = person_rows(first, request_iterator, intake.resolve(wish).kind.name)
            whole, rejects = intake.about_persons(wish, rows, RUNNER)
        else:
            raise Refusal("malformed", "no source")
        for part in whole.parts:
            self._jobs.start(part)
        return wire.StartQueryResponse(
            query_id=whole.id,
            rejects=map(reject_message, rejects),
            part_ids=[part.id for part in whole.parts],
        )

    def WatchQuery(
        self, request: wire.WatchQueryRequest, context: grpc.ServicerContext
    ) -> Iterator[wire.WatchQueryResponse]:
        """Progress of every part, until all have ended."""
        for query in self._jobs.watch(request.query_id):
            yield wire.WatchQueryResponse(query=query_message(query))

    def FetchResults(
        self, request: wire.FetchResultsRequest, context: grpc.ServicerContext
    ) -> Iterator[wire.FetchResultsResponse]:
        """Results of those that are done, behind what every provider did."""
        refuse_unknown_fields(request)
        answers = self._answers(request.query_id)
        if answers.whole.parts[0].answer == "count":
            raise Refusal("is_a_count", request.query_id)
        wanted = answers.selected(request.at_least, not_known=request.not_known)
        yield from result_batches(answers.whole, _results(answers, wanted, hits_only=request.hits_only))

    def FetchTables(
        self, request: wire.FetchTablesRequest, context: grpc.ServicerContext
    ) -> wire.FetchTablesResponse:
        """The released tables of a count."""
        refuse_unknown_fields(request)
        answers = self._answers(request.query_id)
        return wire.FetchTablesResponse(
            tables=map(table_message, answers.tables()), providers=map(provider_message, answers.whole.parts)
        )

    def DescribeOverlap(
        self, request: wire.DescribeOverlapRequest, context: grpc.ServicerContext
    ) -> wire.DescribeOverlapResponse:
        """How the answers of several providers overlap."""
        refuse_unknown_fields(request)
        answers = self._answers(request.query_id)
        return overlap_message(answers.whole, answers.overlap)

    def CancelQuery(
        self, request: wire.CancelQueryRequest, context: grpc.ServicerContext
    ) -> wire.CancelQueryResponse:
        """Stop a query, at all of its providers."""
        return wire.CancelQueryResponse(query=whole_message(self._jobs.cancel(request.query_id)))

    def ResumeQuery(
        self, request: wire.ResumeQueryRequest, context: grpc.ServicerContext
    ) -> wire.ResumeQueryResponse:
        """Go on with a query that failed, at those providers where it did."""
        return wire.ResumeQueryResponse(query=whole_message(self._jobs.restart(request.query_id)))

    def ListQueries(
        self, request: wire.ListQueriesRequest, context: grpc.ServicerContext
    ) -> wire.ListQueriesResponse:
        """The queries, newest first, a page at a time."""
        refuse_unknown_fields(request)
        size = min(request.page_size or LIST_QUERIES, LIST_QUERIES)
        page, next_token = self._assembly.queries.page(size, request.page_token)
        return wire.ListQueriesResponse(
            queries=[query_message(query) for query in page], next_page_token=next_token
        )

    def MatchPerson(
        self, request: wire.MatchPersonRequest, context: grpc.ServicerContext
    ) -> wire.MatchPersonResponse:
        """One person, answered in one call. What stops a question to one provider ends the call."""
        refuse_unknown_fields(request)
        if request.header.source != wire.SOURCE_PERSONS:
            raise Refusal("malformed", "the source must be PERSONS")
        # a caller that hung up cannot take the query up again, so neither does the node
        person = request.person
        whole, persons = self._assembly.intake.about_one(
            wish_of(request.header),
            person.record_ref,
            person.identifiers,
            "call",
            address_secret=person.address_secret,
        )
        seconds = min(UNARY_DEADLINE_SECONDS, context.time_remaining() * COUNTER_SHARE)
        replies = ask_now(self._assembly.runner, whole, persons, lambda: not context.is_active(), seconds)
        results = {
            reply.part.id: result_message(
                reply.part,
                persons.refs[0],
                hit=reply.answered.hits == "1",
                disclosed=next(iter(reply.answered.disclosed), None),
            )
            for reply in replies
            if reply.answered
        }
        return wire.MatchPersonResponse(
            result=results.get(whole.parts[0].id),
            results=results.values(),
            providers=[provider_message(reply.part) for reply in replies],
        )

    def _answers(self, query_id: str) -> Answers:
        store = self._assembly.queries
        return Answers(store, Whole(tuple(store.parts(query_id))), self._assembly.clock())


def _results(answers: Answers, wanted: frozenset[str] | None, *, hits_only: bool) -> Iterator[wire.Result]:
    """A result for every record and provider that answered, of the records that are wanted; None: of all."""
    for part in answers.whole.answered:
        disclosed = answers.disclosed(part.id)
        for refs, hits in answers.packs(part.id):
            for ref, hit in zip(refs, hits, strict=True):
                if (hit == "1" or not hits_only) and (wanted is None or ref in wanted):
                    yield result_message(part, ref, hit=hit == "1", disclosed=disclosed.get(ref))
