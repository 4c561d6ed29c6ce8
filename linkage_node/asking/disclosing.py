"""The requester's conversation with one provider about its hits: reported where that is obliged, and attributes."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy import Connection

from linkage_node._generated.linkage.v1.order_pb2 import (
    OPERATION_DISCLOSE,
    OPERATION_REPORT_HITS,
    STAGE_COMPLETED,
    STAGE_DECIDED,
)
from linkage_node._generated.linkage.v1.peer_pb2 import (
    DISCLOSURE_STATUS_DISCLOSED,
    DISCLOSURE_STATUS_LIMIT_REACHED,
    DISCLOSURE_STATUS_NOT_KNOWN,
    DisclosedEntry,
    DiscloseResponse,
)
from linkage_node.agreements import Agreement
from linkage_node.asking.deciding import Deciding
from linkage_node.asking.memory import PinnedKey
from linkage_node.asking.ordering import Ordering, Parties
from linkage_node.asking.queries import Opened, Query
from linkage_node.errors import Cancelled, Refusal, Unreachable
from linkage_node.limits import DISCLOSED_BYTES
from linkage_node.matching import disclosure
from linkage_node.matching.signing import refuse_unknown_fields
from linkage_node.obligations import obligations_of
from linkage_node.policy import Obligations, stricter
from linkage_node.printable import clean

_WITHHELD = {
    DISCLOSURE_STATUS_NOT_KNOWN: "not_disclosed",
    DISCLOSURE_STATUS_LIMIT_REACHED: "disclosure_limit",
}
_NOT_ASKED = Opened((), "not_disclosed")  # became a hit after the one order of its question was answered


class Claims(NamedTuple):
    """What came of claiming hits."""

    opened: dict[bytes, Opened]  # by claim token
    obligations: Obligations  # of both nodes the stricter


Keep = Callable[[Connection, Claims], None]


class Disclosing:
    """Reports hits, and asks for attributes."""

    def __init__(self, *, deciding: Deciding, ordering: Ordering) -> None:
        self._deciding, self._ordering = deciding, ordering

    def prepared(self, query: Query, agreement: Agreement) -> Query:
        """The query with the names of the attributes that it asks for, checked before anything is asked."""
        terms = agreement.attributes
        if terms is None:
            raise Refusal("answer_not_agreed", agreement.id)
        names = json.loads(query.attributes) or list(terms.names)
        disclosure.check_kind(query.kind)
        disclosure.check_names(names, terms.names)
        disclosure.check_case_reference(query.case_reference)
        return replace(query, attributes=json.dumps(names))

    def claim(
        self,
        parties: Parties,
        key: PinnedKey,
        tokens: list[bytes],
        known: Mapping[bytes, Opened],
        keep: Keep,
        cancelled: Callable[[], bool],
    ) -> Claims:
        """What is owed, and asked for, once the hits are known by their claim tokens: `parties.obligations` are both
        nodes' so far. Tokens go in their own order, which says nothing about the own register.

        Attributes are asked in one order, and not again when it was answered before: `known` is what it opened then.
        `keep` is told of it in the transaction that makes its receipt durable. Refusal("query_too_large"), before
        anything is told, if there are more hits than the agreement allows in one question.
        """
        attributes = parties.query.answer == "attributes"
        opened = {token: known[token] for token in tokens if token in known}
        asks = attributes and bool(tokens) and not opened
        if asks:
            _check_number(len(tokens), parties.agreement)
        obligations = parties.obligations
        if tokens and obligations.receipts:
            obligations = stricter(obligations, self._report(parties, key, sorted(tokens)))
        if asks:
            if cancelled():
                raise Cancelled
            claims = self._disclosed(parties, key, sorted(tokens), cancelled)
            parties.journal.write(lambda connection: keep(connection, claims))
            return claims._replace(obligations=stricter(obligations, claims.obligations))
        told = tokens if attributes else []
        return Claims({token: opened.get(token, _NOT_ASKED) for token in told}, obligations)

    def _report(self, parties: Parties, key: PinnedKey, tokens: list[bytes]) -> Obligations:
        """Report the claim tokens of all hits; the provider has noted them when this returns."""
        parties = self._decided(parties, "report_hits", len(tokens))
        packed = b"".join(tokens)
        sent = self._ordering.order(
            parties,
            key,
            OPERATION_REPORT_HITS,
            element_count=len(tokens),
            tokens_digest=disclosure.tokens_digest(packed),
        )
        response = parties.client.report_hits(sent.signed, packed)
        receipt = self._ordering.receipt(parties, sent, response, STAGE_COMPLETED)
        if receipt.results_root != sent.order.tokens_digest:
            raise Refusal("receipt_mismatch", "results_root")
        self._ordering.note_receipt(parties, sent, response.receipt, evaluated=len(tokens))
        parties.journal.write()
        return stricter(parties.obligations, obligations_of(receipt.obligations))

    def _decided(self, parties: Parties, operation: str, elements: int) -> Parties:
        own = self._deciding.decided(parties.query, parties.label, operation, elements, parties.journal)
        return parties._replace(obligations=own)

    def _disclosed(
        self, parties: Parties, key: PinnedKey, tokens: list[bytes], cancelled: Callable[[], bool]
    ) -> Claims:
        """What came of one order: answered in whole, and checked against what the provider signed."""
        parties = self._decided(parties, "disclose", len(tokens))
        names, packed = tuple(json.loads(parties.query.attributes)), b"".join(tokens)
        sent = self._ordering.order(
            parties,
            key,
            OPERATION_DISCLOSE,
            element_count=len(tokens),
            tokens_digest=disclosure.tokens_digest(packed),
            case_reference=parties.query.case_reference,
            attributes=names,
        )
        with closing(parties.client.disclose(sent.signed, packed, cancelled)) as responses:
            first = next(responses, DiscloseResponse())
            self._ordering.receipt(parties, sent, first, STAGE_DECIDED)
            if first.entries:
                raise Refusal("disclosure_invalid", "entries before the decision")
            entries = _received(responses, len(tokens), names)
            last = next(responses, DiscloseResponse())
        receipt = self._ordering.receipt(parties, sent, last, STAGE_COMPLETED)
        if last.entries or receipt.results_root != disclosure.results_root(entries):
            raise Refusal("disclosure_invalid", "not what the provider signed")
        self._ordering.note_receipt(parties, sent, last.receipt, evaluated=len(tokens))
        opened = dict(zip(tokens, map(_opened, entries), strict=True))
        return Claims(opened, stricter(parties.obligations, obligations_of(receipt.obligations)))


def _check_number(hits: int, agreement: Agreement) -> None:
    largest = agreement.attributes.largest if agreement.attributes else 0
    if hits > largest:  # how many more is not told: a refused question has no answer
        raise Refusal(
            "query_too_large", f"attributes of more than {largest} persons, of `attributes.largest`"
        )


def _received(
    responses: Iterator[DiscloseResponse], count: int, names: Collection[str]
) -> list[DisclosedEntry]:
    """As many entries as there are tokens, each checked as it comes: a provider that lies fills no memory with them."""
    entries: list[DisclosedEntry] = []
    size = 0
    while len(entries) < count:
        response = next(responses, DiscloseResponse())
        if len(entries) + len(response.entries) > count:
            raise Refusal("disclosure_invalid", f"more than {count} entries")
        for entry in response.entries:
            disclosure.check_entry(entry, names)
            size += entry.ByteSize()
        if size > DISCLOSED_BYTES:
            raise Refusal("disclosure_invalid", f"more than {DISCLOSED_BYTES:,} bytes")
        refuse_unknown_fields(response)
        if response.HasField("receipt"):
            raise Refusal("disclosure_invalid", f"{len(entries)} of {count} entries")
        if not response.entries:
            raise Unreachable("peer_dropped", f"{len(entries)} of {count} entries came")
        entries += response.entries
    return entries


def _opened(entry: DisclosedEntry) -> Opened:
    if entry.status != DISCLOSURE_STATUS_DISCLOSED:
        return Opened((), _WITHHELD[entry.status])
    records = [{one.name: clean(one.value) for one in record.attributes} for record in entry.records]
    return Opened(tuple(records), "")
