"""The requester's side of a count: from its own register to a released table that is kept sealed."""

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager

from sqlalchemy import Connection

from linkage_node.agreements import Agreement
from linkage_node.agreements.terms import CountQuestion, CountTerms
from linkage_node.asking.count_exchange import Answer, CountExchange, Report
from linkage_node.asking.deciding import Deciding
from linkage_node.asking.journal import Journal
from linkage_node.asking.ordering import Ordering, Parties
from linkage_node.asking.peer_client import PeerClient
from linkage_node.asking.queries import Query, QueryStore
from linkage_node.clock import DAY_MS
from linkage_node.errors import Refusal
from linkage_node.matching import count
from linkage_node.peers.card import Card, PeerStore
from linkage_node.policy import stricter
from linkage_node.pseudonyms.epoch_keys import KeyLabel
from linkage_node.pseudonyms.sealing import Sealer
from linkage_node.register.categories import by_category
from linkage_node.register.root import register_root
from linkage_node.storage import Database


class Counting:
    """Counts for one query at a time. `clock` gives milliseconds since 1970-01-01 UTC."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        store: QueryStore,
        peers: PeerStore,
        deciding: Deciding,
        ordering: Ordering,
        exchange: CountExchange,
        connect: Callable[[Card], AbstractContextManager[PeerClient]],
        clock: Callable[[], int],
    ) -> None:
        self._database, self._sealer, self._store = database, sealer, store
        self._peers, self._connect, self._clock = peers, connect, clock
        self._deciding, self._ordering, self._exchange = deciding, ordering, exchange

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
        _check_sizes(groups, agreement, terms, question)
        root = register_root(self._database, query.kind)
        with self._connect(card) as client:
            parties = Parties(
                query, agreement, label, card.verifying_key(), obligations, root, client, journal
            )
            key = self._ordering.pinned_key(parties)
            answer = self._exchange.ask(parties, key, groups, report, cancelled)
        self._keep(parties, answer)

    def _keep(self, parties: Parties, answer: Answer) -> None:
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


def _check_sizes(
    groups: list[bytes], agreement: Agreement, terms: CountTerms, question: CountQuestion
) -> None:
    """As count.check_sizes, of the requester's own side; the refusal names what to look at."""
    try:
        count.check_sizes(groups, room=terms.requester_bucket, smallest=terms.smallest_set)
    except Refusal as refusal:
        side = f" by `{question.by_requester.attribute}`" if question.by_requester else ""
        told = refusal.detail if any(groups) else "nobody in the own register is in any of its categories"
        raise Refusal(refusal.code, f"{agreement.id}, question {question.id}{side}: {told}") from None
