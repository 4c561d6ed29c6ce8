"""What was told about whom, to whom and why: a sealed record for every person, made before anything leaves."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Select, func, insert, select

from linkage_node._generated.linkage.v1.order_pb2 import Order
from linkage_node.clock import DAY_MS
from linkage_node.pseudonyms.sealing import NONCE_BYTES, Sealer, length_prefixed
from linkage_node.storage import Database
from linkage_node.storage.tables import disclosure

_FETCH_ROWS = 1_000  # rows taken from the database at a time
_LOOKUP_PERSONS = 1_000  # in one question to the database


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


Sealed = Mapping[bytes, bytes]  # sealed records by person_digest


class New(NamedTuple):
    """Records to be added, if they are still new then."""

    records: Sealed
    after: int  # the last row that was there when they were


class Recording:
    """Puts on record what is told in answer to one order, in one transaction of the caller's or in several."""

    def __init__(self, sealer: Sealer, order: Order, order_hash: bytes, answer: str, now_ms: int) -> None:
        self._sealer, self._order, self._order_hash, self._now_ms = sealer, order, order_hash, now_ms
        self._common: dict[str, object] = {
            "at": now_ms,
            "requester_oin": order.requester_oin,
            "agreement_id": order.agreement_id,
            "purpose": order.purpose,
            "kind": order.kind,
            "answer": answer,
            "transaction_id": order.transaction_id,
            "order_hash": order_hash,
        }
        self._digest = hashlib.sha256()
        self.rows = 0

    def sealed(self, persons: Iterable[ToldPerson]) -> Sealed:
        """Records of these persons, ready to be added."""
        made = {}
        for element, records in persons:
            person = person_digest(self._order.kind, element)
            plain = json.dumps([self._order.case_reference, records], ensure_ascii=False).encode()
            context = _context(self._order_hash, person)
            made[person] = self._sealer.seal(plain, os.urandom(NONCE_BYTES), *context)
        return made

    def add(self, connection: Connection, records: Sealed) -> None:
        """A row for each of these records."""
        rows = [{**self._common, "person": person, "sealed": sealed} for person, sealed in records.items()]
        if rows:
            connection.execute(insert(disclosure), rows)
        for person, sealed in records.items():
            self._digest.update(length_prefixed(person, sealed))
        self.rows += len(rows)

    def new(self, connection: Connection, persons: Sequence[ToldPerson]) -> New:
        """Records of those of whom the same was not put on record today (UTC): who tells it again and again fills no
        disk with it."""
        after = connection.scalar(select(func.max(disclosure.c.id))) or 0
        named = {person_digest(self._order.kind, person.element): person for person in persons}
        wanted = list(named)
        for at in range(0, len(wanted), _LOOKUP_PERSONS):
            some = disclosure.c.person.in_(wanted[at : at + _LOOKUP_PERSONS])
            for known in connection.scalars(self._same_today().where(some)):
                named.pop(known, None)
        return New(self.sealed(named.values()), after)

    def add_new(self, connection: Connection, new: New) -> None:
        """A row for each of these records, but for those that another order added since."""
        since = set(connection.scalars(self._same_today().where(disclosure.c.id > new.after)))
        self.add(
            connection, {person: sealed for person, sealed in new.records.items() if person not in since}
        )

    def digest(self) -> bytes:
        """Of all rows so far, 32 bytes, for the evidence."""
        return self._digest.digest()

    def _same_today(self) -> Select[bytes]:
        """Who is on record with the same. An agreement of the same id can be another one: in requester or purpose."""
        begin = self._now_ms - self._now_ms % DAY_MS
        same = {name: self._common[name] for name in ("agreement_id", "answer", "requester_oin", "purpose")}
        today = disclosure.c.at.between(begin, begin + DAY_MS - 1)
        return select(disclosure.c.person).filter_by(**same).where(today)


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
            digest = hashlib.sha256()
            for person, sealed in connection.execute(mine.order_by(disclosure.c.id)):
                digest.update(length_prefixed(person, sealed))
        return digest.digest()


def _context(order_hash: bytes, person: bytes) -> tuple[str | bytes, ...]:
    return ("disclosure", order_hash, person)
