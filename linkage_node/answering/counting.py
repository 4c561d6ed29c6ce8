"""The provider's side of a count as a stream of messages."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from linkage_node._generated.linkage.v1.order_pb2 import (
    OPERATION_COUNT,
    STAGE_COMPLETED,
    CountTable,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import CountRequest, CountResponse
from linkage_node.agreements.periods import period_of
from linkage_node.agreements.terms import CountQuestion, CountTerms
from linkage_node.agreements.watching import StillInForce
from linkage_node.answering.admission import Admission, Admitted, Denied
from linkage_node.answering.epsilon import Claim, EpsilonLedger
from linkage_node.answering.noise import Noise
from linkage_node.errors import LinkageError, Refusal
from linkage_node.evidence import EvidenceLog
from linkage_node.limits import (
    CHUNK_ELEMENTS,
    COUNT_ELEMENTS_HELD,
    COUNT_TRAPS,
    ELEMENT_BYTES,
    MICRO,
    PROTOCOL_VERSION,
)
from linkage_node.matching import blinding, count, hit, merkle
from linkage_node.matching.release import release
from linkage_node.matching.signing import refuse_unknown_fields, sign
from linkage_node.pseudonyms import group
from linkage_node.pseudonyms.sealing import Sealer
from linkage_node.register.categories import by_category
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database


class CountingService:
    """Answers counts. `certificate_oin` is the organisation on the other end of the line."""

    def __init__(
        self,
        *,
        admission: Admission,
        ledger: EpsilonLedger,
        database: Database,
        sealer: Sealer,
        evidence: EvidenceLog,
        signing_key: Ed25519PrivateKey,
        register_scalar: bytes,
        noise: Noise,
        executor: Executor,
        clock: Callable[[], int],
    ) -> None:
        self.admission, self.ledger = admission, ledger
        self.database, self.sealer, self.evidence = database, sealer, evidence
        self.signing_key, self.register_scalar = signing_key, register_scalar
        self.noise, self.executor, self.clock = noise, executor, clock
        self._held: Counter[str] = Counter()  # elements in memory for each requester
        self._lock = threading.Lock()

    def count(self, requests: Iterator[CountRequest], certificate_oin: str) -> Iterator[CountResponse]:
        """The receipt, and the table if it was given before; else S, the receipt of completion and the table."""
        first = next(requests, None)
        if first is None:
            raise Refusal("malformed", "an empty stream")
        refuse_unknown_fields(first)
        if first.elements:
            raise Refusal("malformed", "elements before the answer to the order")
        attempt = _Attempt(self, certificate_oin, first.chunk_roots)
        try:
            try:
                attempt.admitted, receipt = self.admission.admit(
                    first.order, OPERATION_COUNT, certificate_oin, attempt.settle, attempt.prepare
                )
            except Denied as denied:
                yield CountResponse(receipt=denied.receipt)
                return
            if attempt.given is not None:
                yield attempt.give_again(attempt.given)
            else:
                yield from attempt.answer(receipt, requests)
        finally:
            self.hold(certificate_oin, -attempt.held)

    def hold(self, requester_oin: str, elements: int) -> None:
        """Note that so many elements more (or less) are in memory; Refusal("too_many_streams") for too many."""
        with self._lock:
            held = self._held[requester_oin] + elements
            if elements > 0 and held > COUNT_ELEMENTS_HELD:
                raise Refusal("too_many_streams", f"counts over {held} elements at once")
            self._held[requester_oin] = held


class _Attempt:
    """One stream: what is known of it so far."""

    admitted: Admitted

    def __init__(self, service: CountingService, requester_oin: str, chunk_roots: bytes) -> None:
        self._service, self._requester_oin, self._chunk_roots = service, requester_oin, chunk_roots
        self._categories: list[bytes] | None = None
        self._taken = 0  # elements of U
        self._checking = False
        self.given: bytes | None = None  # the serialised signed table, if there is one already
        self.held = 0

    # --- before the decision is told

    def prepare(self, admitted: Admitted, now_ms: int) -> None:
        """All that can be refused before epsilon is reserved; reads the register unless the answer is there."""
        service, order = self._service, admitted.order
        terms, question = admitted.agreement.question(order.question)
        if order.element_count != terms.asked(question):
            raise Refusal("elements_mismatch", "not as many elements as the question asks for")
        hit.check_chunk_roots(self._chunk_roots, total=order.element_count, root=order.elements_root)
        group.check_element(order.base_point)
        claim = _claim(admitted, now_ms)
        if service.ledger.look(claim, now_ms) is not None:
            return
        elements = order.element_count + len(question.categories) * terms.provider_bucket
        service.hold(self._requester_oin, elements)
        self.held = elements
        categories = by_category(service.database, service.sealer, order.kind, question.by_provider)
        if not RegisterStore(service.database, service.sealer).version(order.kind):
            raise Refusal(
                "register_empty", order.kind
            )  # nothing was loaded yet, which says nothing about anybody
        try:
            count.check_sizes(
                categories, room=terms.provider_bucket - COUNT_TRAPS, smallest=terms.smallest_set
            )
        except Refusal as refusal:
            service.ledger.refuse(claim, refusal.code, now_ms)
            raise
        self._categories = categories

    def settle(self, connection: Connection, admitted: Admitted, now_ms: int) -> int:
        """Reserve epsilon and charge the elements, or find the answer that was given before."""
        self._claim = _claim(admitted, now_ms)
        self.given = self._service.ledger.reserve(connection, self._claim, now_ms)
        return 0 if self.given is not None else admitted.order.element_count

    # --- after it

    def give_again(self, given: bytes) -> CountResponse:
        """The very bytes that were given before."""
        table = Signed.FromString(given)
        completed = self._completed(table)
        self._service.evidence.write(**self._event("completed", "given_before"), receipt=completed)
        return CountResponse(receipt=completed, table=table)

    def answer(self, receipt: Signed, requests: Iterator[CountRequest]) -> Iterator[CountResponse]:
        """U in, S out, V in, the table out."""
        outcome, judged = "broken_off", False
        try:
            still = self._service.admission.still(self.admitted)
            yield CountResponse(receipt=receipt)
            chunks = _elements(requests, still)
            terms, question = self.admitted.agreement.question(self.admitted.order.question)
            session = self._session(terms, question)
            self._take(session, chunks)
            for chunk in merkle.chunks(session.sent):
                still.check()
                yield CountResponse(elements=chunk)
            returned = self._returned(chunks, len(session.sent) // ELEMENT_BYTES)
            response = self._release(session, returned, terms, question)
            outcome = "completed"
        except LinkageError as error:
            outcome, judged = error.code, isinstance(error, Refusal)
            raise
        finally:  # also when the requester hung up
            if outcome != "completed":
                self._abort(outcome, judged=judged)
        yield response

    def _session(self, terms: CountTerms, question: CountQuestion) -> count.Session:
        if self._categories is None:
            raise AssertionError("an answer that was there is gone")
        return count.Session(
            self._categories,
            bucket=terms.provider_bucket,
            groups=len(question.groups),
            group_bucket=terms.requester_bucket,
            base_point=self.admitted.order.base_point,
            register_scalar=self._service.register_scalar,
            seed=os.urandom(blinding.SEED_BYTES),
            executor=self._service.executor,
        )

    def _take(self, session: count.Session, chunks: Iterator[bytes]) -> None:
        total = self.admitted.order.element_count
        while self._taken < total:
            index = self._taken // CHUNK_ELEMENTS
            chunk = _next(chunks)
            hit.check_chunk(chunk, index=index, total=total, chunk_roots=self._chunk_roots)
            session.take(chunk)
            self._taken += len(chunk) // ELEMENT_BYTES

    def _returned(self, chunks: Iterator[bytes], total: int) -> bytes:
        returned = bytearray()
        for index in range(-(-total // CHUNK_ELEMENTS)):
            chunk = _next(chunks)
            count.check_received(chunk, index=index, total=total)
            returned += chunk
        return bytes(returned)

    def _release(
        self, session: count.Session, returned: bytes, terms: CountTerms, question: CountQuestion
    ) -> CountResponse:
        """From here the reservation is used up. The answer is kept, with its evidence, before it is told."""
        service, order = self._service, self.admitted.order
        with service.database.write() as connection:
            service.ledger.begin_checking(connection, self._claim, service.clock())
        self._checking = True
        cells = release(
            session.tally(returned),
            lambda exact: service.noise(exact, question.epsilon_micro / MICRO),
            smallest_cell=terms.smallest_cell,
            largest=min(terms.requester_bucket, terms.provider_bucket - COUNT_TRAPS),
        )
        now = service.clock()
        table = sign(
            CountTable(
                version=PROTOCOL_VERSION,
                order_hash=self.admitted.order_hash,
                provider_oin=order.provider_oin,
                requester_oin=order.requester_oin,
                question_digest=self._claim.question_digest,
                kind=order.kind,
                period=self._claim.period,
                groups=question.groups,
                categories=question.categories,
                cells=cells,
                epsilon_micro=question.epsilon_micro,
                smallest_cell=terms.smallest_cell,
                given_at_ms=now,
            ),
            service.signing_key,
        )
        completed = self._completed(table)
        with service.database.write() as connection:
            service.ledger.answer(connection, self._claim, table.SerializeToString(deterministic=True), now)
            service.evidence.append(connection, **self._event("completed", "completed"), receipt=completed)
        return CountResponse(receipt=completed, table=table)

    def _abort(self, outcome: str, *, judged: bool) -> None:
        ledger = self._service.ledger
        with self._service.database.write() as connection:
            if self._checking and judged:
                ledger.lose(connection, self._claim, self._service.clock())
            elif self._checking:
                ledger.drop(connection, self._claim)
            self._service.evidence.append(connection, **self._event("aborted", outcome))

    def _completed(self, table: Signed) -> Signed:
        root = sha256(table.payload).digest()
        return self._service.admission.receipt(self.admitted, STAGE_COMPLETED, root)

    def _event(self, event: str, detail: str) -> dict[str, Any]:
        return {
            "event": event,
            "role": "provider",
            "at_ms": self._service.clock(),
            "transaction_id": self.admitted.order.transaction_id,
            "peer": self._requester_oin,
            "order_hash": self.admitted.order_hash,
            "evaluated": self._taken,
            "detail": detail,
        }


def _claim(admitted: Admitted, now_ms: int) -> Claim:
    order = admitted.order
    terms, question = admitted.agreement.question(order.question)
    return Claim(
        requester_oin=order.requester_oin,
        question_digest=question.digest(order.kind, terms.smallest_cell, terms.smallest_set),
        period=period_of(question.every, now_ms),
        order_hash=admitted.order_hash,
        agreement_hash=order.agreement_hash,
        question=question.id,
        micro=question.epsilon_micro,
    )


def _elements(requests: Iterator[CountRequest], still: StillInForce) -> Iterator[bytes]:
    for request in requests:
        still.check()
        refuse_unknown_fields(request)
        if request.HasField("order") or request.chunk_roots:
            raise Refusal("malformed", "a second order in one stream")
        yield request.elements


def _next(chunks: Iterator[bytes]) -> bytes:
    chunk = next(chunks, None)
    if chunk is None:
        raise Refusal("elements_mismatch", "the elements ended too early")
    return chunk
