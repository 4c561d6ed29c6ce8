"""Runs one query from the first decision to sealed results, in steps that each leave it resumable.

What was answered is remembered as it comes, so a query that broke off asks only for the rest when it is run again.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import numpy as np
from sqlalchemy import update

from linkage_node.agreements import AgreementStore
from linkage_node.asking import queries
from linkage_node.asking.exchange import Exchange, Parties
from linkage_node.asking.items import (
    STRANGER,
    Items,
    Pack,
    person_items,
    person_results,
    register_items,
    register_results,
)
from linkage_node.asking.memory import HeldTagSet, Memory
from linkage_node.asking.peer_client import PeerClient
from linkage_node.asking.queries import Query, QueryStore
from linkage_node.clock import DAY_MS
from linkage_node.config import Mode
from linkage_node.errors import LinkageError, Refusal, Refused
from linkage_node.evidence import EvidenceLog
from linkage_node.matching.tag_set import find
from linkage_node.peers.card import Card, PeerStore
from linkage_node.policy import DecisionPoint, Obligations, Question, stricter
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
        mode: Mode,
        database: Database,
        store: QueryStore,
        memory: Memory,
        register: RegisterStore,
        peers: PeerStore,
        agreements: AgreementStore,
        decide: DecisionPoint,
        evidence: EvidenceLog,
        exchange: Exchange,
        connect: Connect,
        clock: Callable[[], int],
    ) -> None:
        self._oin, self._mode = oin, mode
        self._database, self._store, self._memory, self._register = database, store, memory, register
        self._peers, self._agreements, self._decide, self._evidence = peers, agreements, decide, evidence
        self._exchange, self._connect, self._clock = exchange, connect, clock

    def run(self, query_id: str, watch: Watch, cancelled: Callable[[], bool]) -> Query:
        """The query, done. What stopped it otherwise is raised, and stands in the query and in the evidence."""
        self._store.update(query_id, state=queries.RUNNING, reasons="", detail="")
        query = self._store.get(query_id)
        try:
            self._answer(query, watch, cancelled)
        except LinkageError as error:
            self._note_failure(query, error)
            watch(self._store.get(query_id))
            raise
        done = self._store.get(query_id)
        watch(done)
        return done

    def _answer(self, query: Query, watch: Watch, cancelled: Callable[[], bool]) -> None:
        agreement = self._agreements.get_by_hash(query.agreement_hash)
        card = self._peers.get(query.provider_oin)
        label = self._label(query, agreement.epoch_at(self._clock()))
        known = self._memory.own(label)
        if query.source == "register":
            items = register_items(self._database, self._register, query.kind, known)
            if not len(items.ids):
                raise Refusal("register_empty", query.kind)
        else:
            persons = self._store.persons(query.id)
            items, position = person_items(self._register, query.kind, persons, known)
        obligations = self._decided(query, label, len(items.missing))
        self._report(query, watch, elements=len(items.missing), evaluated=0)
        root = register_root(self._database, query.kind)
        with self._connect(card) as client:
            parties = Parties(query, agreement, label, card.verifying_key(), obligations, root, client)
            tags, held, theirs = self._asked(parties, items, watch, cancelled)
        hits = find(held.tags, tags.tobytes())
        if query.source == "register":
            packs = register_results(self._register, query.kind, items.ids[hits])
        else:
            packs = person_results(persons, hits[position])
        self._finish(query, packs, held.version, stricter(obligations, theirs))

    def _label(self, query: Query, epoch: int) -> KeyLabel:
        return KeyLabel(query.provider_oin, self._oin, query.agreement_hash, query.purpose, query.kind, epoch)

    def _decided(self, query: Query, label: KeyLabel, elements: int) -> Obligations:
        """The own node's decision; Refusal with all reasons of policy."""
        outcome = self._decide.decide(
            Question(
                role="requester",
                subject_oin=self._oin,
                requester_oin=self._oin,
                provider_oin=query.provider_oin,
                agreement_id=query.agreement_id,
                agreement_hash=query.agreement_hash.hex(),
                purpose=query.purpose,
                kind=query.kind,
                answer=query.answer,
                operation="evaluate" if elements else "fetch_tag_set",
                elements=elements,
                used_today=0,  # the provider keeps the budget
                epoch=label.epoch,
                time_ms=self._clock(),
                mode=self._mode,
            )
        )
        self._evidence.write(
            event="decided",
            role="requester",
            at_ms=self._clock(),
            transaction_id=query.transaction_id,
            peer=query.provider_oin,
            agreement=query.agreement_id,
            allow=outcome.allow,
            reasons=list(outcome.reasons),
            revision=outcome.revision,
            elements=elements,
        )
        if not outcome.allow:
            raise Refused(outcome.reasons or ("policy_denied",), "the own node's policy refused")
        return outcome.obligations

    def _asked(
        self, parties: Parties, items: Items, watch: Watch, cancelled: Callable[[], bool]
    ) -> tuple[np.ndarray, HeldTagSet, Obligations]:
        """Tags of all items, the provider's set to look them up in, and the provider's obligations."""
        query, receipt, tags = parties.query, None, items.tags
        key = self._exchange.pinned_key(parties)

        def learnt(positions: np.ndarray, found: np.ndarray, done: int) -> None:
            ids = items.ids[items.missing[positions]]
            own = ids != STRANGER
            if own.any():
                self._memory.remember(parties.label, ids[own], found[own])
            self._report(query, watch, evaluated=done)

        if len(items.missing):
            found, receipt = self._exchange.evaluate(parties, key, items.elements, learnt, cancelled)
            tags = tags.copy()
            tags[items.missing] = found
        held, theirs = self._exchange.tag_set(parties, key, receipt)
        return tags, held, theirs

    def _report(self, query: Query, watch: Watch, **values: int) -> None:
        self._store.update(query.id, **values)
        watch(self._store.get(query.id))

    def _finish(
        self, query: Query, packs: Iterator[Pack], tag_set_version: int, obligations: Obligations
    ) -> None:
        """Results, their expiry and the evidence of them, together or not at all."""
        now = self._clock()
        counted = _Counted(packs)
        with self._database.write() as connection:
            self._store.put_results(connection, query.id, counted)
            connection.execute(
                update(tables.query)
                .where(tables.query.c.id == query.id)
                .values(
                    state=queries.DONE,
                    records=counted.records,
                    hits=counted.hits,
                    results_expire_at=now + obligations.result_retention_days * DAY_MS,
                )
            )
            self._evidence.append(
                connection,
                event="answered",
                role="requester",
                at_ms=now,
                transaction_id=query.transaction_id,
                peer=query.provider_oin,
                agreement=query.agreement_id,
                records=counted.records,
                hits=counted.hits,
                tag_set_version=tag_set_version,
            )

    def _note_failure(self, query: Query, error: LinkageError) -> None:
        reasons = list(error.reasons) if isinstance(error, Refused) else [error.code]
        if isinstance(error, Refusal):
            state = queries.CANCELLED if error.code == "cancelled" else queries.REFUSED
            self._store.drop(query.id, state=state, reasons=",".join(reasons), detail=error.detail)
        else:
            self._store.update(query.id, state=queries.FAILED, reasons=",".join(reasons), detail=error.detail)
        self._evidence.write(
            event="not_answered",
            role="requester",
            at_ms=self._clock(),
            transaction_id=query.transaction_id,
            peer=query.provider_oin,
            agreement=query.agreement_id,
            reasons=reasons,
            detail=error.detail,
        )


class _Counted:
    """Packs on their way into the store, with their records and hits counted."""

    def __init__(self, packs: Iterator[Pack]) -> None:
        self._packs = packs
        self.records = self.hits = 0

    def __iter__(self) -> Iterator[Pack]:
        for refs, hits in self._packs:
            self.records += len(refs)
            self.hits += hits.count("1")
            yield refs, hits
