"""The requester's side of a count: from its own register to a released table that was checked.

Nothing of an attempt outlives it but the seed for the auditor: whoever resumes a count that broke off begins anew, with
another seed, and the provider sees elements that have nothing to do with the first.
"""

import hashlib
import os
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, closing
from queue import SimpleQueue
from typing import NamedTuple

from sqlalchemy import Connection

from linkage_node._generated.linkage.v1.order_pb2 import (
    OPERATION_COUNT,
    STAGE_COMPLETED,
    STAGE_DECIDED,
    CountTable,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import CountResponse
from linkage_node.agreements import Agreement
from linkage_node.agreements.terms import CountQuestion, CountTerms
from linkage_node.asking.deciding import Deciding
from linkage_node.asking.journal import Journal
from linkage_node.asking.memory import PinnedKey
from linkage_node.asking.ordering import Ordering, Parties, Sent
from linkage_node.asking.peer_client import PeerClient
from linkage_node.asking.queries import Query, QueryStore
from linkage_node.clock import DAY_MS
from linkage_node.errors import Cancelled, Refusal, Unreachable
from linkage_node.limits import CHUNK_ELEMENTS, ELEMENT_BYTES, TABLE_BYTES
from linkage_node.matching import blinding, count, merkle
from linkage_node.matching.signing import refuse_unknown_fields, verify
from linkage_node.matching.table import Asked, check_table
from linkage_node.obligations import obligations_of
from linkage_node.peers.card import Card, PeerStore
from linkage_node.policy import Obligations, stricter
from linkage_node.pseudonyms.epoch_keys import KeyLabel
from linkage_node.pseudonyms.sealing import Sealer
from linkage_node.register.categories import by_category
from linkage_node.register.root import register_root
from linkage_node.storage import Database

Report = Callable[[int, int], None]  # elements done, and in all


class Counting:
    """Counts for one query at a time. `register_scalar` is the node's own secret."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        register_scalar: bytes,
        store: QueryStore,
        peers: PeerStore,
        deciding: Deciding,
        ordering: Ordering,
        connect: Callable[[Card], AbstractContextManager[PeerClient]],
        executor: Executor,
        clock: Callable[[], int],
    ) -> None:
        self._database, self._sealer, self._scalar = database, sealer, register_scalar
        self._store, self._peers, self._connect = store, peers, connect
        self._deciding, self._ordering = deciding, ordering
        self._executor, self._clock = executor, clock

    def run(
        self,
        query: Query,
        agreement: Agreement,
        label: KeyLabel,
        journal: Journal,
        report: Report,
        cancelled: Callable[[], bool],
    ) -> None:
        """Ask, check, keep the table sealed, end the query as done; `report` is told elements done and in all."""
        if query.source != "register":
            raise Refusal("count_of_register_only")
        terms, question = agreement.question(query.question)
        card = self._peers.get(query.provider_oin)
        obligations = self._deciding.decided(query, label, "count", terms.asked(question), journal)
        groups = by_category(self._database, self._sealer, query.kind, question.by_requester)
        count.check_sizes(groups, room=terms.requester_bucket, smallest=terms.smallest_set)
        root = register_root(self._database, query.kind)
        with self._connect(card) as client:
            parties = Parties(
                query, agreement, label, card.verifying_key(), obligations, root, client, journal
            )
            key = self._ordering.pinned_key(parties)
            attempt = _Attempt(parties, terms, question, report, cancelled)
            answer = self._ask(attempt, key, groups)
        self._keep(parties, answer)

    def _ask(self, attempt: "_Attempt", key: PinnedKey, groups: list[bytes]) -> "_Answer":
        """One attempt, with a seed of its own."""
        parties, terms, question, report, cancelled = attempt
        report(0, attempt.total)
        seed = os.urandom(blinding.SEED_BYTES)
        bucket = terms.requester_bucket
        mine = count.attempt(
            groups, bucket=bucket, seed=seed, register_scalar=self._scalar, executor=self._executor
        )
        sent = self._ordering.order(
            parties,
            key,
            OPERATION_COUNT,
            seed,
            question=question.id,
            base_point=mine.base_point,
            element_count=terms.asked(question),
            elements_root=merkle.root_of_chunks(mine.chunk_roots),
        )
        with (
            closing(_Outbox()) as outbox,
            closing(
                parties.client.count(sent.signed, mine.chunk_roots, outbox, attempt.messages, cancelled)
            ) as responses,
        ):
            first = _next(responses, {"receipt"}, {"receipt", "table"})
            decided_at = self._clock()
            asked = Asked(sent.order, sent.hash, terms, question, decided_at)
            if first.HasField("table"):
                return self._answer(parties, sent, asked, first, given_before=True)
            self._ordering.receipt(parties, sent, first, STAGE_DECIDED)
            self._ordering.note_receipt(parties, sent, first.receipt, evaluated=0)
            parties.journal.write()
            outbox.put(*merkle.chunks(mine.sent))
            received = self._received(responses, attempt.returned)
            done = terms.asked(question)
            report(done, attempt.total)
            lifted = count.lift(
                received,
                mine,
                categories=len(question.categories),
                bucket=terms.provider_bucket,
                seed=seed,
                executor=self._executor,
            )
            for chunk in lifted:
                if cancelled():
                    raise Cancelled
                outbox.put(chunk)
                done += len(chunk) // ELEMENT_BYTES
                report(done, attempt.total)
            last = _next(responses, {"receipt", "table"})
            return self._answer(parties, sent, asked, last, given_before=False)

    def _received(self, responses: Generator[CountResponse], total: int) -> bytes:
        """The provider's S, packed, in whole."""
        received = bytearray()
        for index in range(_chunks(total)):
            chunk = _next(responses, {"elements"}).elements
            count.check_received(chunk, index=index, total=total)
            received += chunk
        return bytes(received)

    def _answer(
        self, parties: Parties, sent: Sent, asked: Asked, response: CountResponse, *, given_before: bool
    ) -> "_Answer":
        """The table that came with a receipt of completion, checked; the receipt is noted, whatever the table is."""
        receipt = self._ordering.receipt(parties, sent, response, STAGE_COMPLETED)
        self._ordering.note_receipt(
            parties, sent, response.receipt, evaluated=0 if given_before else receipt.evaluated
        )
        table = verify(response.table, CountTable, parties.provider_key, TABLE_BYTES)
        if hashlib.sha256(response.table.payload).digest() != receipt.results_root:
            raise Refusal("table_invalid", "not the table of the receipt")
        check_table(table, asked, now_ms=self._clock(), given_before=given_before)
        return _Answer(response.table, table, obligations_of(receipt.obligations))

    def _keep(self, parties: Parties, answer: "_Answer") -> None:
        """The table, its expiry and the evidence of it, together or not at all."""
        days = stricter(parties.obligations, answer.obligations).result_retention_days
        expires_at = self._clock() + days * DAY_MS

        def keep(connection: Connection) -> None:
            self._store.put_table(connection, parties.query.id, answer.signed, expires_at)
            parties.journal.note(
                "answered",
                question=parties.query.question,
                period=answer.table.period,
                given_at_ms=answer.table.given_at_ms,
                table_hash=hashlib.sha256(answer.signed.payload).digest(),
            )

        parties.journal.write(keep)


class _Attempt(NamedTuple):
    """One attempt to count."""

    parties: Parties
    terms: CountTerms
    question: CountQuestion
    report: Report
    cancelled: Callable[[], bool]

    @property
    def returned(self) -> int:
        """Elements that the provider sends, and that go back to it."""
        return len(self.question.categories) * self.terms.provider_bucket

    @property
    def total(self) -> int:
        """Elements that are sent, and lifted."""
        return self.terms.asked(self.question) + self.returned

    @property
    def messages(self) -> int:
        """Chunks of U, S and V."""
        return _chunks(self.terms.asked(self.question)) + 2 * _chunks(self.returned)


class _Answer(NamedTuple):
    """A table that was checked."""

    signed: Signed
    table: CountTable
    obligations: Obligations  # of the receipt that it came with


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
