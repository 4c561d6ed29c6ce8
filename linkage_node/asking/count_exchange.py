"""The requester's conversation with one provider about one count.

Nothing of an attempt outlives it but its order, and the seed for the auditor: one that broke off is not taken up but
made anew, with another seed, and the provider sees elements that have nothing to do with the first.
"""

import hashlib
import os
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor
from contextlib import closing
from queue import SimpleQueue
from typing import NamedTuple

from linkage_node._generated.linkage.v1.order_pb2 import (
    OPERATION_COUNT,
    STAGE_COMPLETED,
    STAGE_DECIDED,
    CountTable,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import CountResponse
from linkage_node.agreements.terms import CountQuestion, CountTerms
from linkage_node.asking.memory import PinnedKey
from linkage_node.asking.ordering import Ordering, Parties, Sent
from linkage_node.errors import Cancelled, Refusal, Unreachable
from linkage_node.limits import CHUNK_ELEMENTS, ELEMENT_BYTES, TABLE_BYTES
from linkage_node.matching import blinding, count, merkle
from linkage_node.matching.signing import refuse_unknown_fields, verify
from linkage_node.matching.table import Asked, check_table
from linkage_node.obligations import obligations_of
from linkage_node.policy import Obligations

Report = Callable[[int, int], None]  # elements done, and in all


class Answer(NamedTuple):
    """A table that was checked."""

    signed: Signed
    table: CountTable
    obligations: Obligations  # of the receipt that it came with


class CountExchange:
    """Asks and checks. `register_scalar` is the node's own secret; `clock` gives ms since 1970-01-01 UTC."""

    def __init__(
        self,
        *,
        ordering: Ordering,
        register_scalar: bytes,
        executor: Executor,
        clock: Callable[[], int],
    ) -> None:
        self._ordering, self._scalar = ordering, register_scalar
        self._executor, self._clock = executor, clock

    def ask(
        self,
        parties: Parties,
        key: PinnedKey,
        groups: list[bytes],
        report: Report,
        cancelled: Callable[[], bool],
    ) -> Answer:
        """One attempt, about the packed E's of each group. Every fault of the provider's is a Refusal."""
        terms, question = parties.agreement.question(parties.query.question)
        size = _Size.of(terms, question)
        report(0, size.total)
        seed = os.urandom(blinding.SEED_BYTES)
        mine = count.attempt(
            groups,
            bucket=terms.requester_bucket,
            seed=seed,
            register_scalar=self._scalar,
            executor=self._executor,
        )
        sent = self._ordering.order(
            parties,
            key,
            OPERATION_COUNT,
            seed,
            question=question.id,
            base_point=mine.base_point,
            element_count=size.sent,
            elements_root=merkle.root_of_chunks(mine.chunk_roots),
        )
        with closing(_Outbox()) as outbox:
            call = parties.client.count(sent.signed, mine.chunk_roots, outbox, size.messages, cancelled)
            with closing(call) as responses:
                first = _next(responses, {"receipt"}, {"receipt", "table"})
                asked = Asked(sent.order, sent.hash, terms, question, self._clock())
                if first.HasField("table"):
                    return self._answer(parties, sent, asked, first, given_before=True)
                self._ordering.receipt(parties, sent, first, STAGE_DECIDED)
                self._ordering.note_receipt(parties, sent, first.receipt, evaluated=0)
                parties.journal.write()
                outbox.put(*merkle.chunks(mine.sent))
                received = _received(responses, size.returned)
                report(size.sent, size.total)
                lifted = count.lift(
                    received,
                    mine,
                    categories=len(question.categories),
                    bucket=terms.provider_bucket,
                    seed=seed,
                    executor=self._executor,
                )
                done = size.sent
                for chunk in lifted:
                    if cancelled():
                        raise Cancelled
                    outbox.put(chunk)
                    done += len(chunk) // ELEMENT_BYTES
                    report(done, size.total)
                last = _next(responses, {"receipt", "table"})
                return self._answer(parties, sent, asked, last, given_before=False)

    def _answer(
        self, parties: Parties, sent: Sent, asked: Asked, response: CountResponse, *, given_before: bool
    ) -> Answer:
        """The table that came with a receipt of completion, checked; the receipt is noted, whatever the table is."""
        receipt = self._ordering.receipt(parties, sent, response, STAGE_COMPLETED)
        self._ordering.note_receipt(
            parties, sent, response.receipt, evaluated=0 if given_before else receipt.evaluated
        )
        table = verify(response.table, CountTable, parties.provider_key, TABLE_BYTES)
        if hashlib.sha256(response.table.payload).digest() != receipt.results_root:
            raise Refusal("table_invalid", "not the table of the receipt")
        check_table(table, asked, now_ms=self._clock(), given_before=given_before)
        return Answer(response.table, table, obligations_of(receipt.obligations))


class _Size(NamedTuple):
    """Elements of one count, all padding included."""

    sent: int  # U
    returned: int  # S, and V

    @classmethod
    def of(cls, terms: CountTerms, question: CountQuestion) -> "_Size":
        return cls(terms.asked(question), len(question.categories) * terms.provider_bucket)

    @property
    def total(self) -> int:
        """Elements that the requester has to do with: U is sent, S is lifted."""
        return self.sent + self.returned

    @property
    def messages(self) -> int:
        """Chunks of U, S and V."""
        return _chunks(self.sent) + 2 * _chunks(self.returned)


class _Outbox:
    """Chunks on their way out: who takes one waits until there is one, or it is closed."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()

    def put(self, *chunks: bytes) -> None:
        for chunk in chunks:
            self._waiting.put(chunk)

    def close(self) -> None:
        self._waiting.put(None)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._waiting.get, None)


def _received(responses: Generator[CountResponse], total: int) -> bytes:
    """The provider's S, packed, in whole."""
    received = bytearray()
    for index in range(_chunks(total)):
        chunk = _next(responses, {"elements"}).elements
        count.check_received(chunk, index=index, total=total)
        received += chunk
    return bytes(received)


def _next(responses: Generator[CountResponse], *expected: set[str]) -> CountResponse:
    """The next response, which has the fields of one of those `expected`."""
    response = next(responses, None)
    if response is None:
        raise Unreachable("peer_dropped", "before the count was done")
    refuse_unknown_fields(response)
    if {field.name for field, _ in response.ListFields()} not in expected:
        raise Refusal("malformed", "another message than the count is at")
    return response


def _chunks(elements: int) -> int:
    return -(-elements // CHUNK_ELEMENTS)
