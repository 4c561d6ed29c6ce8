"""What was told about whom, to whom and why: a sealed record for every person, made before anything leaves."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from linkage_node._generated.linkage.v1.order_pb2 import Order
from linkage_node.pseudonyms.sealing import NONCE_BYTES, Sealer, length_prefixed
from linkage_node.storage import Database
from linkage_node.storage.tables import disclosure

_FETCH_ROWS = 1_000  # rows taken from the database at a time


class Told(NamedTuple):
    """What was told of one record of a person."""

    ref: str
    attributes: tuple[str, ...]  # names; none where the answer was a hit


class ToldPerson(NamedTuple):
    """One person of whom something is told."""

    element: bytes  # E, 32 bytes
    records: tuple[Told, ...]


class Disclosure(NamedTuple):
    """A record of the table, opened."""

    at: int  # milliseconds since 1970-01-01 UTC
    requester_oin: str
    agreement_id: str
    purpose: str
    kind: str
    answer: str  # hit | attributes
    transaction_id: bytes
    records: tuple[Told, ...]
    case_reference: str  # empty where the answer was a hit


def person_digest(kind: str, element: bytes) -> bytes:
    """Names a person in the table, 32 bytes, by his pseudonym E at this node: also when he has left the register."""
    return hashlib.sha256(length_prefixed(b"disclosed person", kind.encode(), element)).digest()


def rows_of(
    sealer: Sealer, order: Order, order_hash: bytes, answer: str, persons: Iterable[ToldPerson], now_ms: int
) -> list[dict[str, object]]:
    """The rows for persons of whom something is told in answer to one order, none of them twice."""
    common = {
        "at": now_ms,
        "requester_oin": order.requester_oin,
        "agreement_id": order.agreement_id,
        "purpose": order.purpose,
        "kind": order.kind,
        "answer": answer,
        "transaction_id": order.transaction_id,
        "order_hash": order_hash,
    }
    rows = []
    for element, records in persons:
        person = person_digest(order.kind, element)
        plain = json.dumps([order.case_reference, records], ensure_ascii=False).encode()
        sealed = sealer.seal(plain, os.urandom(NONCE_BYTES), *_context(order_hash, person))
        rows.append({**common, "person": person, "sealed": sealed})
    return rows


def add_rows(connection: Connection, rows: list[dict[str, object]]) -> bytes:
    """Keep the rows of one order, in the caller's transaction: their digest, for the evidence."""
    if rows:
        connection.execute(insert(disclosure), rows)
    return _digest((row["person"], row["sealed"]) for row in rows)


class Disclosures:
    """Reads the table."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    def all(self, ref: str = "") -> Iterator[Disclosure]:
        """All of them, oldest first; with `ref` only those that told of the record with this reference."""
        query = select(disclosure).order_by(disclosure.c.id).execution_options(yield_per=_FETCH_ROWS)
        with self._database.read() as connection:
            for row in connection.execute(query):
                plain = self._sealer.open(row.sealed, *_context(row.order_hash, row.person))
                case_reference, records = json.loads(plain)
                told = tuple(Told(of, tuple(names)) for of, names in records)
                if not ref or any(ref == record.ref for record in told):
                    yield Disclosure(
                        row.at,
                        row.requester_oin,
                        row.agreement_id,
                        row.purpose,
                        row.kind,
                        row.answer,
                        row.transaction_id,
                        told,
                        case_reference,
                    )

    def digest(self, order_hash: bytes) -> bytes:
        """The digest of the rows that are kept of one order: what its evidence says if none was changed, 32 bytes."""
        mine = select(disclosure.c.person, disclosure.c.sealed).filter_by(order_hash=order_hash)
        with self._database.read() as connection:
            rows = connection.execute(mine.order_by(disclosure.c.id))
            return _digest((person, sealed) for person, sealed in rows)


def _digest(rows: Iterable[tuple[object, object]]) -> bytes:
    digest = hashlib.sha256()
    for person, sealed in rows:
        digest.update(length_prefixed(person, sealed))  # type: ignore[arg-type]
    return digest.digest()


def _context(order_hash: bytes, person: bytes) -> tuple[str | bytes, ...]:
    return ("disclosure", order_hash, person)
