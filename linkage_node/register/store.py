"""The register at rest: records, their links, and the distinct pseudonyms (elements) they point to.

Elements are 32 bytes, ids int64; an id is never given twice, and a higher id came later.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Select, func, insert, select

from linkage_node.limits import ELEMENT_BYTES
from linkage_node.pseudonyms.sealing import NONCE_BYTES, Sealer
from linkage_node.register.apply import Applied, Mode, apply_staged
from linkage_node.register.rows import Reject
from linkage_node.register.secrecy import MARK_ONLY
from linkage_node.register.staging import (
    Point,
    Staged,
    Staging,
    check_point,
    drop_staged,
    stage,
    stage_rejects,
)
from linkage_node.storage import Database
from linkage_node.storage.tables import element, link, record, register_state, staged_load

Ids = npt.NDArray[np.int64]

_DESTROYED = (record.name, link.name, element.name)  # where something goes with a load or a removal
_CHUNK_ROWS = 8_192  # rows of a stream in one chunk
_FETCH_ROWS = 1_024  # rows taken from the database at a time: quicker than more
_LOOKUP_ELEMENTS = 4_000  # elements in one question to the database


class KindCount(NamedTuple):
    """Numbers of one kind."""

    records: int
    elements: int  # distinct


class RegisterStore:
    """Reads the register, and changes it in whole transactions."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._ref_key = sealer.mac_key("register", "hidden-reference")
        self.staging = Staging(database, self._ref_digest)

    # --- changing

    def seal_attributes(self, ref: str, attributes: Mapping[str, str]) -> bytes | None:
        """Attributes as they are stored: sealed for this reference alone; None if there are none."""
        if not attributes:
            return None
        plain = json.dumps(dict(attributes), ensure_ascii=False, sort_keys=True).encode()
        return self._sealer.seal(plain, os.urandom(NONCE_BYTES), "attributes", ref)

    def open_attributes(self, ref: str, sealed: bytes | None) -> dict[str, str]:
        """Attributes as they were before `seal_attributes`."""
        opened: dict[str, str] = json.loads(self._sealer.open(sealed, "attributes", ref)) if sealed else {}
        return opened

    def apply(self, load_id: int, point: Point, mode: Mode, now_ms: int) -> Applied:
        """Put a staged load into the register and clear the staging tables, in one transaction."""
        with self._database.write() as connection:
            check_point(connection, load_id, point)
            applied = apply_staged(connection, load_id, mode, now_ms, self._ref_digest)
            drop_staged(connection, load_id)
            self._database.owe_scrub(connection, *_DESTROYED)
        self._database.scrub()  # gives the log's room back, and wipes what was removed out of it
        return applied

    def upsert(self, records: Iterable[Staged], now_ms: int, rejects: Iterable[Reject] = ()) -> Applied:
        """Add or replace records, all or none; their references are distinct. Rejects stand in the order of rows."""
        return self._change(records, "upsert", now_ms, rejects)

    def remove(self, refs: Sequence[str], now_ms: int) -> tuple[Applied, list[str]]:
        """Remove records by reference, all or none: what was done, and the references that were not there."""
        wanted = list(dict.fromkeys(refs))
        unknown = set(wanted) - set(self._known(wanted))
        applied = self._change((Staged(at, ref, None, {}) for at, ref in enumerate(wanted)), "remove", now_ms)
        self._database.scrub()
        return applied, [ref for ref in wanted if ref in unknown]

    def _change(
        self, records: Iterable[Staged], mode: Mode, now_ms: int, rejects: Iterable[Reject] = ()
    ) -> Applied:
        values = {"source": os.urandom(ELEMENT_BYTES), "plan": b"", "updated_at": now_ms, **Point()._asdict()}
        with self._database.write() as connection:
            load_id: int = connection.execute(
                insert(staged_load).values(values).returning(staged_load.c.id)
            ).scalar_one()
            stage(connection, load_id, records, self._ref_digest)
            stage_rejects(connection, load_id, rejects)
            applied = apply_staged(connection, load_id, mode, now_ms, self._ref_digest)
            drop_staged(connection, load_id)
            if mode == "remove":
                self._database.owe_scrub(connection, *_DESTROYED)
        return applied

    def _ref_digest(self, ref: str) -> bytes:
        return hmac.digest(self._ref_key, ref.encode("utf-8", "surrogatepass"), hashlib.sha256)

    # --- reading

    def counts(self) -> tuple[int, dict[str, KindCount]]:
        """How many records there are in all, and by kind."""
        by_kind = select(link.c.kind, func.count(), func.count(link.c.element_id.distinct())).group_by(
            link.c.kind
        )
        with self._database.read() as connection:
            every = connection.scalar(select(func.count()).select_from(record)) or 0
            records = every - (connection.scalar(select(func.count()).where(MARK_ONLY)) or 0)
            kinds = {kind: KindCount(*numbers) for kind, *numbers in connection.execute(by_kind)}
        return records, kinds

    def version(self, kind: str) -> int:
        """A number that goes up with every change of this kind's records or elements; 0 before the first."""
        query = select(register_state.c.version).where(register_state.c.kind == kind)
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def distinct_elements(
        self, kind: str, after_id: int = 0, limit: int | None = None
    ) -> Iterator[tuple[Ids, bytes]]:
        """Elements with ids above `after_id`, in the order of their ids, at most `limit`: chunks of (ids, packed)."""
        query = (
            select(element.c.id, element.c.element)
            .where(element.c.kind == kind, element.c.id > after_id)
            .order_by(element.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            for ids, elements in _chunks(connection, query):
                yield np.array(ids, dtype=np.int64), b"".join(elements)

    def links(self, kind: str) -> Iterator[tuple[list[str], Ids]]:
        """Which element each record has, in the order in which records were added: chunks of (references, ids)."""
        query = (
            select(record.c.ref, link.c.element_id)
            .where(link.c.record_id == record.c.id, link.c.kind == kind)
            .order_by(record.c.id)
        )
        with self._database.read() as connection:
            for refs, ids in _chunks(connection, query):
                yield refs, np.array(ids, dtype=np.int64)

    def element_ids(self, kind: str, packed: bytes) -> Ids:
        """The id of each of the packed elements, -1 for one that is not in the register."""
        elements = [packed[at : at + ELEMENT_BYTES] for at in range(0, len(packed), ELEMENT_BYTES)]
        known: dict[bytes, int] = {}
        with self._database.read() as connection:
            for at in range(0, len(elements), _LOOKUP_ELEMENTS):
                asked = elements[at : at + _LOOKUP_ELEMENTS]
                query = select(element.c.element, element.c.id).where(
                    element.c.kind == kind, element.c.element.in_(asked)
                )
                known.update((found, found_id) for found, found_id in connection.execute(query))
        return np.array([known.get(item, -1) for item in elements], dtype=np.int64)

    def attributes(self, ref: str) -> dict[str, str]:
        """The attributes of one record, opened; none if it has none or is not there."""
        with self._database.read() as connection:
            sealed = connection.scalar(select(record.c.attributes).where(record.c.ref == ref))
        return self.open_attributes(ref, sealed)

    def _known(self, refs: Sequence[str]) -> Iterator[str]:
        with self._database.read() as connection:
            for at in range(0, len(refs), _LOOKUP_ELEMENTS):
                query = select(record.c.ref).where(record.c.ref.in_(refs[at : at + _LOOKUP_ELEMENTS]))
                yield from connection.scalars(query)


def _chunks(connection: Connection, query: Select[Any, Any]) -> Iterator[tuple[list[Any], list[Any]]]:
    """The two columns of a query, in chunks."""
    first: list[Any] = []
    second: list[Any] = []
    for rows in connection.execute(query.execution_options(yield_per=_FETCH_ROWS)).partitions():
        one, other = zip(*rows, strict=True)
        first.extend(one)
        second.extend(other)
        if len(first) >= _CHUNK_ROWS:
            yield first, second
            first, second = [], []
    if first:
        yield first, second
