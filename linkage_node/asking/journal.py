"""Evidence of one query at the requester: noted as it happens, written together with what it tells of."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from linkage_node.asking.queries import Query
from linkage_node.evidence import EvidenceLog
from linkage_node.storage import Database

Also = Callable[[Connection], None]


class Journal:
    """Collects records; `write` appends them all, and whatever else belongs with them, in one transaction."""

    def __init__(
        self, database: Database, evidence: EvidenceLog, query: Query, clock: Callable[[], int]
    ) -> None:
        self._database, self._evidence, self._query, self._clock = database, evidence, query, clock
        self._pending: list[dict[str, Any]] = []

    def note(self, event: str, **content: Any) -> None:
        """Something happened. It is durable after the next `write`."""
        query = self._query
        self._pending.append(
            {
                "event": event,
                "role": "requester",
                "at_ms": self._clock(),
                "transaction_id": query.transaction_id,
                "peer": query.provider_oin,
                "agreement": query.agreement_id,
                **content,
            }
        )

    def write(self, also: Also = lambda _connection: None) -> None:
        """Make everything noted durable, with what `also` writes; all of it or nothing."""
        with self._database.write() as connection:
            also(connection)
            self._evidence.append_all(connection, self._pending)
        self._pending.clear()
