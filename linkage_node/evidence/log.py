"""The chain in the database. No evidence, no answer: whoever cannot append does not answer."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, bindparam, insert, select, update

from linkage_node._generated.linkage.v1.order_pb2 import Signed
from linkage_node.clock import iso
from linkage_node.errors import StorageError
from linkage_node.evidence.chain import Record, link, linked, verify
from linkage_node.evidence.head import Head, check_head, sign_head
from linkage_node.storage import Database
from linkage_node.storage.tables import evidence, evidence_head

if TYPE_CHECKING:
    from linkage_node.node import Node


# Made once: these run for every question.
_TAIL = select(evidence.c.seq, evidence.c.hash).order_by(evidence.c.seq.desc()).limit(1)
_HEAD = select(evidence_head)
_ADD = insert(evidence)
_SIGN = update(evidence_head).values({column.name: bindparam(column.name) for column in evidence_head.c})


class EvidenceLog:
    """Appends, reads and verifies the evidence of the node `oin`; its head is signed with `signing_key`."""

    def __init__(self, database: Database, oin: str, signing_key: Ed25519PrivateKey) -> None:
        self._database, self._oin, self._key = database, oin, signing_key
        self._public_key = signing_key.public_key()
        self._seen: tuple[Record | None, Head] | None = None  # the end that this process itself left

    @classmethod
    def of(cls, node: "Node") -> "EvidenceLog":
        """The evidence of an opened node."""
        return cls(node.database, node.config.oin, node.secrets.signing_key)

    def begin(self) -> None:
        """Sign the head of a new, empty chain; StorageError("evidence_broken") over another node's."""
        with self._database.write() as connection:
            last, head = _last(connection), _head(connection)
            if last or head:
                check_head(last, head, self._oin, self._public_key)
            else:
                connection.execute(insert(evidence_head).values(self._signed(None)))

    def _signed(self, last: Record | None) -> dict[str, Any]:
        return sign_head(last, self._oin, self._key)._asdict()

    def append(self, connection: Connection, *, event: str, role: str, at_ms: int, **content: Any) -> Record:
        """Append within a write transaction of the caller's, so that what it tells of and the record stand or fall
        together. Signed things are kept whole, in base64."""
        return self.append_all(connection, [{"event": event, "role": role, "at_ms": at_ms, **content}])[0]

    def append_all(self, connection: Connection, contents: Iterable[Mapping[str, Any]]) -> list[Record]:
        """Append several records, each with `event`, `role` and `at_ms`, as `append` does."""
        try:
            last, head = _last(connection), _head(connection)
            if head is None or (last, head) != self._seen:
                # or the node itself would sign what somebody else left
                check_head(last, head, self._oin, self._public_key)
            added = []
            for content in contents:
                plain = {key: _plain(value) for key, value in content.items() if key != "at_ms"}
                last = link(last, {**plain, "at": iso(content["at_ms"])})
                added.append(last)
            if added:
                connection.execute(_ADD, [record._asdict() for record in added])
                signed = self._signed(last)
                connection.execute(_SIGN, signed)
                self._seen = (Record(added[-1].seq, b"", added[-1].hash), Head(**signed))
        except StorageError:
            raise
        except Exception as error:
            raise StorageError("evidence_unwritable", type(error).__name__) from error
        return added

    def write(self, *, event: str, role: str, at_ms: int, **content: Any) -> Record:
        """Append in a transaction of its own; durable when this returns."""
        try:
            with self._database.write() as connection:
                return self.append(connection, event=event, role=role, at_ms=at_ms, **content)
        except StorageError as error:
            if error.code == "evidence_broken":
                raise
            raise StorageError("evidence_unwritable", error.detail) from error

    def records(self, after: int = 0) -> Iterator[Record]:
        """The records after number `after`, in order."""
        with self._database.read() as connection:
            yield from _records(connection, after)

    def walk(self, last: Record | None, each: Callable[[Record], None]) -> Record | None:
        """Show `each` the records after `last`, where an earlier walk ended; where this one ended, for the next.

        What `each` heard counts once this returns: then no record was changed, removed or added up to the signed head.
        StorageError("evidence_broken"). Quicker than `verify`, for it parses nothing.
        """
        with self._database.read() as connection:
            head = _head(connection)
            for record in linked(_records(connection, last.seq if last else 0), last):
                each(record)
                last = Record(record.seq, b"", record.hash)
        check_head(last, head, self._oin, self._public_key)
        return last

    def verify(self, each: Callable[[Record], None] = lambda _record: None) -> Record | None:
        """Walk the whole chain up to the signed head, `each` record whose hash holds being looked at on the way.

        StorageError("evidence_broken") names the first bad record, or what is wrong with the end.
        """
        with self._database.read() as connection:
            head = _head(connection)
            last = verify(_records(connection), each)
        check_head(last, head, self._oin, self._public_key)
        return last


def _records(connection: Connection, after: int = 0) -> Iterator[Record]:
    rows = connection.execution_options(yield_per=1000).execute(
        select(evidence).where(evidence.c.seq > after).order_by(evidence.c.seq)
    )
    for row in rows:
        yield Record(*row)


def _last(connection: Connection) -> Record | None:
    row = connection.execute(_TAIL).first()
    return Record(row.seq, b"", row.hash) if row else None


def _head(connection: Connection) -> Head | None:
    row = connection.execute(_HEAD).first()
    return Head(*row) if row else None


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
