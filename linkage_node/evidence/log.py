"""The chain in the database. No evidence, no answer: whoever cannot append does not answer."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, insert, select

from linkage_node._generated.linkage.v1.order_pb2 import Signed
from linkage_node.clock import iso
from linkage_node.errors import StorageError
from linkage_node.evidence.chain import Record, link, verify
from linkage_node.storage import Database
from linkage_node.storage.tables import evidence


class EvidenceLog:
    """Appends, reads and verifies a node's evidence."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, connection: Connection, *, event: str, role: str, at_ms: int, **content: Any) -> Record:
        """Append within a write transaction of the caller's, so that what it tells of and the record stand or fall
        together. Signed things are kept whole, in base64."""
        return self.append_all(connection, [{"event": event, "role": role, "at_ms": at_ms, **content}])[0]

    def append_all(self, connection: Connection, contents: Iterable[Mapping[str, Any]]) -> list[Record]:
        """Append several records, each with `event`, `role` and `at_ms`, as `append` does."""
        try:
            tail = select(evidence.c.seq, evidence.c.hash).order_by(evidence.c.seq.desc()).limit(1)
            row = connection.execute(tail).first()
            last = Record(row.seq, b"", row.hash) if row else None
            added = []
            for content in contents:
                plain = {key: _plain(value) for key, value in content.items() if key != "at_ms"}
                last = link(last, {**plain, "at": iso(content["at_ms"])})
                added.append(last)
            if added:
                connection.execute(insert(evidence), [record._asdict() for record in added])
        except Exception as error:
            raise StorageError("evidence_unwritable", type(error).__name__) from error
        return added

    def write(self, *, event: str, role: str, at_ms: int, **content: Any) -> Record:
        """Append in a transaction of its own; durable when this returns."""
        try:
            with self._database.write() as connection:
                return self.append(connection, event=event, role=role, at_ms=at_ms, **content)
        except StorageError as error:
            raise StorageError("evidence_unwritable", error.detail) from error

    def records(self, after: int = 0) -> Iterator[Record]:
        """The records after number `after`, in order."""
        with self._database.read() as connection:
            rows = connection.execution_options(yield_per=1000).execute(
                select(evidence).where(evidence.c.seq > after).order_by(evidence.c.seq)
            )
            for row in rows:
                yield Record(*row)

    def verify(self) -> Record | None:
        """Walk the whole chain; StorageError("evidence_broken") names the first bad record."""
        return verify(self.records())


def read(record: Record) -> dict[str, Any]:
    """The content of a record."""
    content: dict[str, Any] = json.loads(record.body)
    return content


def _plain(value: Any) -> Any:
    if isinstance(value, Signed):
        return {"payload": _base64(value.payload), "signature": _base64(value.signature)}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, bytes):
        return value.hex()
    return value


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
