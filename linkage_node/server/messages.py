"""Between the messages of the system's face and what the node means by them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from linkage_node._generated.linkage.v1 import system_pb2 as wire
from linkage_node.asking import queries
from linkage_node.asking.intake import Wish
from linkage_node.asking.overlap import Overlap
from linkage_node.asking.queries import Disclosed, Query
from linkage_node.asking.several import Whole
from linkage_node.asking.tables import ReleasedTable
from linkage_node.charts.interval import half_width
from linkage_node.errors import InputError, Refusal
from linkage_node.limits import MESSAGE_BYTES, RESULTS_MESSAGE_ROWS
from linkage_node.matching.signing import refuse_unknown_fields
from linkage_node.obligations import ANSWER_NAMES, ANSWERS
from linkage_node.reasons import explain, for_systems
from linkage_node.register.rows import Reject, SourceRow

_STATES = {
    queries.QUEUED: wire.QUERY_STATE_QUEUED,
    queries.RUNNING: wire.QUERY_STATE_RUNNING,
    queries.DONE: wire.QUERY_STATE_DONE,
    queries.REFUSED: wire.QUERY_STATE_REFUSED,
    queries.FAILED: wire.QUERY_STATE_FAILED,
    queries.CANCELLED: wire.QUERY_STATE_CANCELLED,
}


def wish_of(header: wire.QueryHeader) -> Wish:
    """What a header asks for; Refusal("malformed") if it is not well-formed."""
    refuse_unknown_fields(header)
    if header.answer not in ANSWER_NAMES:
        raise Refusal("malformed", "no answer is asked for")
    if header.provider_oin and header.further_agreement_ids:
        raise InputError("options_conflict", "provider_oin names one provider, further_agreement_ids several")
    return Wish(
        agreement_id=header.agreement_id,
        providers=(header.provider_oin,) if header.provider_oin else (),
        kind=header.kind,
        answer=ANSWER_NAMES[header.answer],
        purpose=header.purpose,
        question=header.question,
        group_by=tuple(header.group_by),
        case_reference=header.case_reference,
        attributes=tuple(header.attributes),
        further=tuple(header.further_agreement_ids),
    )


def person_rows(
    first: wire.StartQueryRequest, rest: Iterator[wire.StartQueryRequest], kind: str
) -> Iterator[SourceRow]:
    """The persons of a stream, numbered from 1; Refusal("malformed") for a second header."""
    row = 0
    for number, request in enumerate(chain([first], rest)):
        refuse_unknown_fields(request)
        if number and request.HasField("header"):
            raise Refusal("malformed", "a second header")
        for person in request.persons:
            row += 1
            identifiers = {kind: dict(person.identifiers)}
            yield SourceRow(row, person.record_ref, identifiers, {}, address_secret=person.address_secret)


def reject_message(one: Reject) -> wire.Reject:
    """A row that was not used, without its value."""
    return wire.Reject(row=one.row, record_ref=one.ref, field=one.field, reason=one.reason)


def result_message(part: Query, ref: str, *, hit: bool, disclosed: Disclosed | None) -> wire.Result:
    """One record's answer by one provider."""
    return wire.Result(
        record_ref=ref,
        provider_oin=part.provider_oin,
        agreement_id=part.agreement_id,
        hit=hit,
        transaction_id=part.id,
        disclosed=[wire.AttributeSet(attributes=one) for one in disclosed.records] if disclosed else [],
        withheld=disclosed.withheld if disclosed else "",
    )


def result_batches(whole: Whole, results: Iterable[wire.Result]) -> Iterator[wire.FetchResultsResponse]:
    """What every provider did, and results in messages that stay within the limits: attributes can make one long."""
    yield wire.FetchResultsResponse(providers=map(provider_message, whole.parts))
    batch: list[wire.Result] = []
    size = 0
    for result in results:
        size += result.ByteSize()
        if batch and (len(batch) == RESULTS_MESSAGE_ROWS or size > MESSAGE_BYTES // 2):
            yield wire.FetchResultsResponse(results=batch)
            batch, size = [], result.ByteSize()
        batch.append(result)
    if batch:
        yield wire.FetchResultsResponse(results=batch)


def query_message(part: Query) -> wire.Query:
    """One provider's query, as it is known."""
    return wire.Query(
        query_id=part.id,
        agreement_id=part.agreement_id,
        provider_oin=part.provider_oin,
        kind=part.kind,
        state=_STATES[part.state],
        records=part.records,
        elements=part.elements,
        evaluated=part.evaluated,
        hits=_hits(part),
        reasons=part.codes,
        message=_words([part]),
        created_at_ms=part.created_at,
        results_expire_at_ms=part.results_expire_at or 0,
        answer=ANSWERS[part.answer],
        question=part.question,
        whole_id=part.whole_id,
    )


def whole_message(whole: Whole) -> wire.Query:
    """A question as it is: to one provider its query; to several their state, elements and reasons together."""
    parts = whole.parts
    if len(parts) == 1:
        return query_message(whole.only)
    return wire.Query(
        query_id=whole.id,
        kind=parts[0].kind,
        state=_STATES[whole.state],
        records=max(part.records for part in parts),
        elements=sum(part.elements for part in parts),
        evaluated=sum(part.evaluated for part in parts),
        reasons=_reasons(parts),
        message=_words(parts),
        created_at_ms=parts[0].created_at,
        results_expire_at_ms=min((part.results_expire_at or 0 for part in whole.answered), default=0),
        answer=ANSWERS[parts[0].answer],
        whole_id=whole.id,
    )


def provider_message(part: Query) -> wire.ProviderAnswer:
    """What one provider did."""
    return wire.ProviderAnswer(
        provider_oin=part.provider_oin,
        agreement_id=part.agreement_id,
        state=_STATES[part.state],
        reasons=part.codes,
        message=_words([part]),
        hits=_hits(part),
    )


def table_message(table: ReleasedTable) -> wire.Table:
    """A released table."""
    cells = [cell for row in table.cells for cell in row]
    return wire.Table(
        provider_oin=table.provider_oin,
        agreement_id=table.agreement_id,
        question=table.question,
        kind=table.kind,
        period=table.period,
        given_at_ms=table.given_at,
        groups=table.groups,
        categories=table.categories,
        cells=[wire.Cell(suppressed=cell is None, count=cell or 0) for cell in cells],
        epsilon=table.epsilon,
        smallest_cell=table.smallest_cell,
        noise_95=half_width(table.epsilon),
    )


def overlap_message(whole: Whole, found: Overlap) -> wire.DescribeOverlapResponse:
    """How the answers overlap."""
    return wire.DescribeOverlapResponse(
        providers=map(provider_message, whole.parts),
        records=len(found.refs),
        known_at=found.known_at(),
        combinations=[
            wire.Combination(provider_oins=one.providers, records=one.records) for one in found.combinations()
        ],
    )


def _hits(part: Query) -> int | None:
    """Records that the provider knows, if it told."""
    return part.hits if part.state == queries.DONE and part.answer != "count" else None


def _reasons(parts: Sequence[Query]) -> list[str]:
    """The codes of all of them, each once."""
    return list(dict.fromkeys(code for part in parts for code in part.codes))


def _words(parts: Sequence[Query]) -> str:
    told = ((explain(code).meaning, for_systems(explain(code).remedy)) for code in _reasons(parts))
    return " ".join(f"{meaning}. {remedy}".strip() for meaning, remedy in told)
