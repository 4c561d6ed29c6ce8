"""Runs one query from the first decision to sealed results, in steps that each leave it resumable.

What was answered is remembered as it comes, so a query that broke off asks only for the rest when it is run again.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, update

from linkage_node.agreements import Agreement, AgreementStore
from linkage_node.agreements.watching import StillInForce
from linkage_node.asking import queries
from linkage_node.asking.counting import Counting
from linkage_node.asking.deciding import Deciding
from linkage_node.asking.disclosing import Claims, Disclosing
from linkage_node.asking.exchange import Exchange
from linkage_node.asking.items import (
    STRANGER,
    Items,
    Places,
    person_items,
    person_places,
    register_items,
    register_places,
)
from linkage_node.asking.journal import Journal
from linkage_node.asking.memory import Memory
from linkage_node.asking.ordering import Ordering, Parties
from linkage_node.asking.peer_client import PeerClient
from linkage_node.asking.queries import Answered, Disclosed, Opened, Persons, Query, QueryStore
from linkage_node.clock import DAY_MS
from linkage_node.errors import Cancelled, LinkageError, Refusal, Refused
from linkage_node.evidence import EvidenceLog
from linkage_node.limits import TOKEN_BYTES
from linkage_node.matching.tag_set import find
from linkage_node.peers.card import Card, PeerStore
from linkage_node.policy import Obligations, stricter
from linkage_node.pseudonyms.epoch_keys import KeyLabel
from linkage_node.register.root import register_root
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database, tables

Watch = Callable[[Query], None]
Connect = Callable[[Card], AbstractContextManager[PeerClient]]


class Runner:
    """Runs queries of one node."""

    def __init__(
        self,
        *,
        oin: str,
        database: Database,
        store: QueryStore,
        memory: Memory,
        register: RegisterStore,
        peers: PeerStore,
        agreements: AgreementStore,
        deciding: Deciding,
        evidence: EvidenceLog,
        ordering: Ordering,
        exchange: Exchange,
        disclosing: Disclosing,
        counting: Counting,
        connect: Connect,
        clock: Callable[[], int],
    ) -> None:
        self._oin, self._deciding, self._ordering = oin, deciding, ordering
        self._database, self._store, self._memory, self._register = database, store, memory, register
        self._peers, self._agreements, self._evidence = peers, agreements, evidence
        self._exchange, self._disclosing, self._counting = exchange, disclosing, counting
        self._connect, self._clock = connect, clock

    def run(self, query_id: str, watch: Watch, cancelled: Callable[[], bool]) -> Query:
        """A kept query, done. What stopped it otherwise is raised, and stands in the query and in the evidence."""
        self._store.update(query_id, state=queries.RUNNING, reasons="", detail="")
        query = self._store.get(query_id)
        journal = self._journal(query)
        try:
            if query.cancel:
                raise Cancelled
            self._run(query, journal, watch, self._stopped(query, cancelled))
        except LinkageError as error:
            self._note_failure(query, error, journal)
            watch(self._store.get(query_id))
            raise
        done = self._store.get(query_id)
        watch(done)
        return done

    def ask_now(self, query: Query, persons: Persons, cancelled: Callable[[], bool]) -> Answered:
        """Answer a query that is not kept. Nothing of it stays but the evidence."""
        journal = self._journal(query)
        try:
            if query.answer == "count":
                raise Refusal("count_of_register_only")
            agreement, label = self._about(query)
            known = partial(self._memory.own, label)
            items, position = person_items(self._register, query.kind, persons, known)
            asked = self._ask(
                *(query, agreement, label, items, journal, lambda _done: None),
                self._stopped(query, cancelled),
                kept=False,
            )
            told = _Told(person_places(persons, position), asked)
            hits = "".join(digits for _, digits in told)
            journal.note("answered", **told.counts)
            journal.write()
        except LinkageError as error:
            journal.note("not_answered", reasons=_reasons(error), detail=error.detail)
            journal.write()
            raise
        return Answered(hits, told.disclosed)

    def _run(self, query: Query, journal: Journal, watch: Watch, cancelled: Callable[[], bool]) -> None:
        agreement, label = self._about(query)
        if query.answer == "count":
            self._counting.run(
                query, agreement, label, journal, partial(self._report, query, watch), cancelled
            )
            return
        known = partial(self._memory.own, label)

        def report(done: int) -> None:
            self._report(query, watch, done, len(items.missing))

        if query.source == "register":
            items = register_items(self._database, self._register, query.kind, known())
            if not len(items.ids):
                raise Refusal("register_empty", query.kind)
            asked = self._ask(query, agreement, label, items, journal, report, cancelled)
            places = register_places(self._register, query.kind, items.ids)
        else:
            persons = self._store.persons(query.id)
            items, position = person_items(self._register, query.kind, persons, known)
            asked = self._ask(query, agreement, label, items, journal, report, cancelled)
            places = person_places(persons, position)
        self._finish(query, _Told(places, asked), journal)

    def _stopped(self, query: Query, cancelled: Callable[[], bool]) -> Callable[[], bool]:
        """Asked between two chunks: whether it was cancelled; Refusal if the agreement is not in force any more."""
        still = StillInForce(self._agreements, query.agreement_hash, self._clock)

        def stopped() -> bool:
            still.check()
            return cancelled()

        return stopped

    def _report(self, query: Query, watch: Watch, done: int, total: int) -> None:
        self._store.update(query.id, evaluated=done, elements=total)
        watch(self._store.get(query.id))

    def _about(self, query: Query) -> tuple[Agreement, KeyLabel]:
        """The agreement, and what the tags of this query are for; Refusal outside the agreement's dates."""
        agreement = self._agreements.get_by_hash(query.agreement_hash)
        epoch = agreement.epoch_at(self._clock())
        label = KeyLabel(
            query.provider_oin, self._oin, query.agreement_hash, query.purpose, query.kind, epoch
        )
        return agreement, label

    def _journal(self, query: Query) -> Journal:
        return Journal(self._database, self._evidence, query, self._clock)

    def _ask(
        self,
        query: Query,
        agreement: Agreement,
        label: KeyLabel,
        items: Items,
        journal: Journal,
        report: Callable[[int], None],
        cancelled: Callable[[], bool],
        *,
        kept: bool = True,
    ) -> "_Asked":
        """Decide, ask for the marks that are missing, look all of them up in the provider's set, and claim the hits."""
        if query.answer == "attributes":
            query = self._disclosing.prepared(query, agreement)
        card = self._peers.get(query.provider_oin)
        missing = len(items.missing)
        operation = "evaluate" if missing else "fetch_tag_set"
        obligations = self._deciding.decided(query, label, operation, missing, journal)
        report(0)
        root = register_root(self._database, query.kind)
        receipt, marks = None, items.marks

        def learnt(positions: np.ndarray, found: np.ndarray, done: int) -> None:
            ids = items.ids[items.missing[positions]]
            own = ids != STRANGER
            if own.any():
                journal.write()  # the receipts of what is remembered
                self._memory.remember(label, ids[own], found[own])
            report(done)

        with self._connect(card) as client:
            parties = Parties(
                query, agreement, label, card.verifying_key(), obligations, root, client, journal
            )
            key = self._ordering.pinned_key(parties)
            if missing:
                found, receipt = self._exchange.evaluate(parties, key, items.elements, learnt, cancelled)
                marks = marks.copy()
                marks[items.missing] = found
            held, theirs = self._exchange.tag_set(parties, key, receipt)
            hits = find(held.tags, marks["tag"].tobytes())
            tokens = _cut(marks["token"][hits].tobytes())
            claims = self._disclosing.claim(
                parties._replace(obligations=stricter(obligations, theirs)),
                key,
                tokens,
                self._store.opened(query.id) if kept else {},
                partial(self._keep_opened, query) if kept else _keep_nothing,
                cancelled,
            )
        places = np.flatnonzero(hits).tolist()
        opened = {
            place: claims.opened[token]
            for place, token in zip(places, tokens, strict=True)
            if token in claims.opened
        }
        return _Asked(hits, opened, claims.obligations, held.version)

    def _keep_opened(self, query: Query, connection: Connection, claims: Claims) -> None:
        self._store.put_opened(connection, query.id, claims.opened, self._expiry(claims.obligations))

    def _expiry(self, obligations: Obligations) -> int:
        return self._clock() + obligations.result_retention_days * DAY_MS

    def _finish(self, query: Query, told: "_Told", journal: Journal) -> None:
        """Results, their expiry and the evidence of them, together or not at all."""
        expires_at = self._expiry(told.asked.obligations)

        def keep(connection: Connection) -> None:
            self._store.put_results(connection, query.id, told)
            self._store.put_attributes(connection, query.id, told.disclosed)
            connection.execute(
                update(tables.query)
                .where(tables.query.c.id == query.id)
                .values(
                    state=queries.DONE,
                    records=told.counts["records"],
                    hits=told.counts["hits"],
                    results_expire_at=expires_at,
                )
            )
            journal.note("answered", **told.counts)

        journal.write(keep)

    def _note_failure(self, query: Query, error: LinkageError, journal: Journal) -> None:
        reasons, state = _reasons(error), queries.FAILED
        if isinstance(error, Refusal):
            state = queries.CANCELLED if isinstance(error, Cancelled) else queries.REFUSED
        self._store.fail(query.id, state, ",".join(reasons), error.detail)
        journal.note("not_answered", reasons=reasons, detail=error.detail)
        journal.write()


class _Asked(NamedTuple):
    """What came of asking."""

    hits: np.ndarray  # bool, one for each item
    opened: dict[int, Opened]  # attributes: what the token of each hit opened, by item
    obligations: Obligations  # of both nodes the stricter
    tag_set_version: int


def _reasons(error: LinkageError) -> list[str]:
    return list(error.reasons) if isinstance(error, Refused) else [error.code]


def _cut(tokens: bytes) -> list[bytes]:
    return [tokens[at : at + TOKEN_BYTES] for at in range(0, len(tokens), TOKEN_BYTES)]


def _keep_nothing(_connection: Connection, _claims: Claims) -> None:
    """A query that is not kept."""


class _Told:
    """Packs of (references, a "1" or "0" for each), and while they are taken, what they add up to."""

    def __init__(self, places: Iterator[Places], asked: _Asked) -> None:
        self._places, self.asked = places, asked
        self.disclosed: list[Disclosed] = []
        self._records = self._hits = 0

    def __iter__(self) -> Iterator[tuple[list[str], str]]:
        opened = self.asked.opened
        for refs, places in self._places:
            digits = (self.asked.hits[places].astype(np.uint8) + ord("0")).tobytes().decode()
            self._records += len(refs)
            self._hits += digits.count("1")
            if opened:
                self.disclosed += [
                    Disclosed(ref, *opened[place])
                    for ref, place in zip(refs, places.tolist(), strict=True)
                    if place in opened
                ]
            yield refs, digits

    @property
    def counts(self) -> dict[str, int]:
        """For the evidence."""
        disclosed = sum(bool(one.records) for one in self.disclosed)
        return {
            "records": self._records,
            "hits": self._hits,
            "tag_set_version": self.asked.tag_set_version,
            **({"disclosed": disclosed} if self.asked.opened else {}),
        }
