"""The provider's side of attributes and of reported hits, as messages."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sqlalchemy import Connection

from linkage_node._generated.linkage.v1.order_pb2 import (
    OPERATION_DISCLOSE,
    OPERATION_REPORT_HITS,
    STAGE_COMPLETED,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import (
    DISCLOSURE_STATUS_DISCLOSED,
    DISCLOSURE_STATUS_LIMIT_REACHED,
    DISCLOSURE_STATUS_NOT_KNOWN,
    DisclosedAttribute,
    DisclosedEntry,
    DisclosedRecord,
    DiscloseRequest,
    DiscloseResponse,
    ReportHitsRequest,
    ReportHitsResponse,
)
from linkage_node.answering.admission import Admission, Admitted, Denied
from linkage_node.answering.disclosures import Recording, Told, ToldPerson
from linkage_node.answering.tag_sets import NOBODY, TagSets, keeps_tokens
from linkage_node.answering.tokens import Person, persons, use_tokens
from linkage_node.errors import LinkageError, Refusal
from linkage_node.evidence import EvidenceLog
from linkage_node.limits import (
    DISCLOSED_BYTES,
    DISCLOSED_ENTRIES,
    DISCLOSED_RECORDS,
    MESSAGE_BYTES,
    REPORTED_SLICE,
    TAG_BYTES,
    TOKEN_BYTES,
)
from linkage_node.matching import disclosure
from linkage_node.matching.signing import refuse_unknown_fields
from linkage_node.pseudonyms.sealing import Sealer
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database


class DisclosingService:
    """Opens attributes against claim tokens. `certificate_oin` is the organisation on the other end of the line."""

    def __init__(
        self,
        *,
        admission: Admission,
        database: Database,
        sealer: Sealer,
        register: RegisterStore,
        tag_sets: TagSets,
        evidence: EvidenceLog,
        clock: Callable[[], int],
    ) -> None:
        self._admission, self._database, self._sealer = admission, database, sealer
        self._register, self._tag_sets = register, tag_sets
        self._evidence, self._clock = evidence, clock

    def disclose(self, request: DiscloseRequest, certificate_oin: str) -> Iterator[DiscloseResponse]:
        """The receipt, an entry for every token, the receipt of completion."""
        refuse_unknown_fields(request)
        hashes = disclosure.token_hashes(request.tokens)
        within = np.zeros(0, dtype=bool)  # of each token: whether it may be shown once more

        def settle(connection: Connection, admitted: Admitted, _now_ms: int) -> int:
            nonlocal within
            order, terms = admitted.order, admitted.agreement.attributes
            if terms is None:
                raise Refusal("answer_not_agreed", admitted.agreement.id)
            disclosure.check_kind(order.kind)
            disclosure.check_tokens(request.tokens, count=order.element_count, digest=order.tokens_digest)
            if order.element_count > terms.largest:
                raise Refusal("query_too_large", f"{order.element_count} of {terms.largest} persons")
            disclosure.check_names(order.attributes, terms.names)
            disclosure.check_case_reference(order.case_reference)
            within = use_tokens(connection, admitted.epoch, hashes, terms.per_token)
            return order.element_count

        try:
            admitted, receipt = self._admission.admit(
                request.order, OPERATION_DISCLOSE, certificate_oin, settle
            )
        except Denied as denied:
            yield DiscloseResponse(receipt=denied.receipt)
            return
        with self._noting_failure(admitted):
            entries, completed = self._opened(admitted, hashes, within)
        still = self._admission.still(admitted)
        yield DiscloseResponse(receipt=receipt)
        for part in _in_messages(entries):
            with self._noting_failure(admitted):
                still.check()
            yield DiscloseResponse(entries=part)
        yield DiscloseResponse(receipt=completed)

    def _opened(
        self, admitted: Admitted, hashes: bytes, within: np.ndarray
    ) -> tuple[list[DisclosedEntry], Signed]:
        """The entries and the receipt of completion, all of it on record when this returns."""
        order = admitted.order
        owners = np.where(within, self._tag_sets.owners(admitted.epoch, hashes), NOBODY)
        entries: list[DisclosedEntry] = []
        told: list[ToldPerson] = []
        size = 0
        recording = self._recording(admitted, "attributes")
        with self._database.write() as connection:  # nobody is erased between being read and being recorded
            for allowed, person in zip(within, persons(connection, owners), strict=True):
                if not allowed:
                    entries.append(DisclosedEntry(status=DISCLOSURE_STATUS_LIMIT_REACHED))
                elif person is None:
                    entries.append(DisclosedEntry(status=DISCLOSURE_STATUS_NOT_KNOWN))
                else:
                    entries.append(self._entry(person, order.attributes))
                    told.append(_told(person, entries[-1]))
                size += entries[-1].ByteSize()
                if size > DISCLOSED_BYTES:
                    raise Refusal("query_too_large", f"more than {DISCLOSED_BYTES:,} bytes of attributes")
            completed = self._admission.receipt(admitted, STAGE_COMPLETED, disclosure.results_root(entries))
            recording.add(connection, recording.sealed(told))
            self._note(connection, admitted, recording, completed)
        return entries, completed

    def _entry(self, person: Person, asked: Iterable[str]) -> DisclosedEntry:
        entry = DisclosedEntry(status=DISCLOSURE_STATUS_DISCLOSED)
        for ref, sealed in person.records[:DISCLOSED_RECORDS]:
            known = self._register.open_attributes(ref, sealed)
            attributes = [
                DisclosedAttribute(name=name, value=known[name]) for name in sorted(asked) if name in known
            ]
            entry.records.append(DisclosedRecord(attributes=attributes))
        return entry

    def report_hits(self, requests: Iterator[ReportHitsRequest], certificate_oin: str) -> ReportHitsResponse:
        """Take note of the requester's hits."""
        first = next(requests, None)
        if first is None:
            raise Refusal("malformed", "an empty stream")
        refuse_unknown_fields(first)
        try:
            admitted, _ = self._admission.admit(
                first.order, OPERATION_REPORT_HITS, certificate_oin, _settle_report
            )
        except Denied as denied:
            return ReportHitsResponse(receipt=denied.receipt)
        with self._noting_failure(admitted):
            return ReportHitsResponse(receipt=self._reported(admitted, first, requests))

    def _reported(
        self, admitted: Admitted, first: ReportHitsRequest, requests: Iterator[ReportHitsRequest]
    ) -> Signed:
        """The receipt of completion; the hits are on record when this returns."""
        order = admitted.order
        tokens = _tokens(first, requests, order.element_count)
        disclosure.check_tokens(tokens, count=order.element_count, digest=order.tokens_digest)
        owners = self._tag_sets.owners(admitted.epoch, disclosure.token_hashes(tokens))
        with self._database.read() as connection:
            known = persons(connection, owners)
        completed = self._admission.receipt(admitted, STAGE_COMPLETED, order.tokens_digest)
        recording = self._recording(admitted, "hit")
        # No other writer waits for all of it. A crash in between leaves rows without a receipt, never the reverse. The
        # slices are of tokens, so that nobody's being here shows in their number.
        for at in range(0, len(known), REPORTED_SLICE):
            here = _hits(known[at : at + REPORTED_SLICE])
            with self._database.read() as connection:
                new = recording.new(connection, here)
            with self._database.write() as connection:
                recording.add_new(connection, new)
                if at + REPORTED_SLICE >= len(known):
                    reported = len(known) - known.count(None)
                    self._note(connection, admitted, recording, completed, reported=reported)
        return completed

    def _recording(self, admitted: Admitted, answer: str) -> Recording:
        return Recording(self._sealer, admitted.order, admitted.order_hash, answer, self._clock())

    def _note(
        self,
        connection: Connection,
        admitted: Admitted,
        recording: Recording,
        completed: Signed,
        **content: Any,
    ) -> None:
        self._evidence.append(
            connection,
            event="disclosed",
            **self._about(admitted),
            **content,
            disclosed=recording.rows,
            disclosures_digest=recording.digest(),
            receipt=completed,
        )

    @contextmanager
    def _noting_failure(self, admitted: Admitted) -> Iterator[None]:
        try:
            yield
        except LinkageError as error:
            self._evidence.write(event="aborted", **self._about(admitted), detail=error.code)
            raise

    def _about(self, admitted: Admitted) -> dict[str, Any]:
        order = admitted.order
        return {
            "role": "provider",
            "at_ms": self._clock(),
            "transaction_id": order.transaction_id,
            "peer": order.requester_oin,
            "agreement": order.agreement_id,
            "order_hash": admitted.order_hash,
        }


def _settle_report(_connection: Connection, admitted: Admitted, _now_ms: int) -> int:
    """To report hits is a duty, and costs nothing; nobody has more of them than the tag set has entries."""
    if not keeps_tokens(admitted.agreement):
        raise Refusal("answer_not_agreed", "no claim tokens under this agreement")
    if admitted.order.element_count > len(admitted.tags.tags) // TAG_BYTES:
        raise Refusal("tokens_mismatch", "more tokens than tags")
    return 0


def _tokens(first: ReportHitsRequest, rest: Iterator[ReportHitsRequest], count: int) -> bytes:
    tokens = bytearray(first.tokens)
    for request in rest:
        refuse_unknown_fields(request)
        if request.HasField("order"):
            raise Refusal("malformed", "a second order in one stream")
        tokens += request.tokens
        if len(tokens) > count * TOKEN_BYTES:
            raise Refusal("tokens_mismatch", "more tokens than the order commits to")
    return bytes(tokens)


def _hits(known: Iterable[Person | None]) -> list[ToldPerson]:
    """What goes on record of those that are in the register: that they were hits, by all of their records."""
    return [
        ToldPerson(person.element, tuple(Told(ref, ()) for ref, _ in person.records))
        for person in known
        if person is not None
    ]


def _told(person: Person, entry: DisclosedEntry) -> ToldPerson:
    """What goes on record of somebody: of each of his records the names of what was told."""
    names = [tuple(attribute.name for attribute in one.attributes) for one in entry.records]
    refs = [ref for ref, _ in person.records]
    return ToldPerson(person.element, tuple(map(Told, refs, names)))


def _in_messages(entries: list[DisclosedEntry]) -> Iterator[list[DisclosedEntry]]:
    """The entries in messages that each stay far below the largest."""
    part: list[DisclosedEntry] = []
    size = 0
    for entry in entries:
        if part and (len(part) == DISCLOSED_ENTRIES or size + entry.ByteSize() > MESSAGE_BYTES // 2):
            yield part
            part, size = [], 0
        part.append(entry)
        size += entry.ByteSize()
    yield part
