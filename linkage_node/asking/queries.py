"""Queries as jobs in the database: they outlive a restart, and persons and results are sealed packs."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select, update

from linkage_node._generated.linkage.v1.order_pb2 import Signed
from linkage_node.agreements.ending import require_not_ended
from linkage_node.errors import Cancelled, Refusal
from linkage_node.limits import ELEMENT_BYTES, PACK_ROWS
from linkage_node.pseudonyms.sealing import NONCE_BYTES, Sealer
from linkage_node.storage import Database
from linkage_node.storage.tables import query, query_pack

QUEUED, RUNNING, DONE, REFUSED, FAILED, CANCELLED = (
    "queued",
    "running",
    "done",
    "refused",
    "failed",
    "cancelled",
)
ENDED = {DONE, REFUSED, CANCELLED}
_OPENED = "opened"  # the role of packs that hold attributes while their query is under way


@dataclass(frozen=True)
class Query:
    """One query as it is known. Times in milliseconds since 1970-01-01 UTC."""

    id: str  # hexadecimal transaction id
    agreement_hash: bytes
    agreement_id: str
    provider_oin: str
    kind: str
    answer: str
    source: str  # register | persons
    runner: str  # server | cli
    created_at: int
    purpose: str = ""
    state: str = QUEUED
    records: int = 0
    elements: int = 0
    evaluated: int = 0
    hits: int = 0
    reasons: str = ""  # codes, comma-separated
    detail: str = ""
    results_expire_at: int | None = None
    cancel: bool = False
    whole_id: str = ""  # names the question to several providers that this is a part of
    question: str = ""  # count: id in the agreement's catalogue
    case_reference: str = ""  # attributes: the case that makes it necessary
    attributes: str = "[]"  # attributes: the names that are asked for, as a JSON list
    standing: str = ""  # name of the standing question that put it

    @property
    def transaction_id(self) -> bytes:
        """The id as it travels, 16 bytes."""
        return bytes.fromhex(self.id)

    @property
    def codes(self) -> list[str]:
        """The stable codes of why there is no answer, each once."""
        return list(dict.fromkeys(filter(None, self.reasons.split(","))))


@dataclass(frozen=True)
class Persons:
    """Persons asked about, as pseudonyms: references, and packed elements of 32 bytes each, in the same order."""

    refs: list[str]
    elements: bytes


class Opened(NamedTuple):
    """What one claim token opened."""

    records: tuple[dict[str, str], ...]  # attributes of each of the provider's records of the person, by name
    withheld: str  # reason code; empty if there are records


class Disclosed(NamedTuple):
    """What became of one hit of a query for attributes."""

    ref: str  # the record's own reference
    records: tuple[dict[str, str], ...]
    withheld: str


def not_done(state: str, parts: Sequence[Query]) -> Refusal:
    """Why there are no answers; if the agreement ended, that, for then they may have been there."""
    reasons = (code for part in parts for code in part.codes)
    code = next(
        (code for code in reasons if code in ("agreement_revoked", "agreement_rejected")), "query_not_done"
    )
    return Refusal(code, state if code == "query_not_done" else parts[0].agreement_id)


class Answered(NamedTuple):
    """The answer to a query that is not kept."""

    hits: str  # a "1" or "0" for each person, in order
    disclosed: list[Disclosed]  # attributes: what became of each hit, in order


class QueryStore:
    """Creates, follows and forgets queries."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def create(self, parts: Sequence[Query], persons: Persons | None) -> None:
        """Keep the queries of one question, with their persons sealed, before anything is asked: all or none."""
        with self._database.write() as connection:
            for new in parts:
                connection.execute(
                    insert(query).values(**{field.name: getattr(new, field.name) for field in fields(Query)})
                )
                if persons is not None:
                    self._put_persons(connection, new.id, persons)

    def get(self, query_id: str) -> Query:
        """The query; Refusal("query_unknown")."""
        with self._database.read() as connection:
            row = connection.execute(select(query).filter_by(id=query_id)).first()
        if row is None:
            raise Refusal("query_unknown", query_id[:40])
        return Query(**row._mapping)

    def parts(self, query_id: str) -> list[Query]:
        """The query, or those of the whole, of this id, by provider; Refusal("query_unknown")."""
        mine = (query.c.id == query_id) | ((query.c.whole_id == query_id) & (query.c.whole_id != ""))
        with self._database.read() as connection:
            rows = connection.execute(select(query).where(mine).order_by(query.c.provider_oin)).all()
        if not rows:
            raise Refusal("query_unknown", query_id[:40])
        return [Query(**row._mapping) for row in rows]

    def all(self) -> list[Query]:
        """All queries, newest first, those of one whole together."""
        newest_first = query.c.created_at.desc(), query.c.whole_id, query.c.id
        with self._database.read() as connection:
            rows = connection.execute(select(query).order_by(*newest_first)).all()
        return [Query(**row._mapping) for row in rows]

    def page(self, size: int, token: str) -> tuple[list[Query], str]:
        """At most `size` queries behind the page that gave `token` ("": the first), and the token of the next page.

        A token is the id of the last query of its page. Refusal("query_unknown") for another.
        """
        newest_first = select(query).order_by(query.c.created_at.desc(), query.c.id)
        if token:
            last = self.get(token)
            newest_first = newest_first.where(
                (query.c.created_at < last.created_at)
                | ((query.c.created_at == last.created_at) & (query.c.id > last.id))
            )
        with self._database.read() as connection:
            rows = connection.execute(newest_first.limit(size + 1)).all()
        found = [Query(**row._mapping) for row in rows[:size]]
        return found, found[-1].id if len(rows) > size else ""

    def update(self, query_id: str, **values: Any) -> None:
        """Change what is known of a query."""
        with self._database.write() as connection:
            connection.execute(update(query).filter_by(id=query_id).values(**values))

    def persons(self, query_id: str) -> Persons:
        """The persons of a query that has not ended."""
        refs: list[str] = []
        elements = bytearray()
        for plain in self._packs(query_id, "persons"):
            at = 4 + int.from_bytes(plain[:4], "big")
            refs += json.loads(plain[4:at])
            elements += plain[at:]
        return Persons(refs, bytes(elements))

    def cancel(self, query_id: str) -> bool:
        """Ask that a query ends without results, and drop its persons; False if it has ended."""
        going = query.c.state.in_((QUEUED, RUNNING, FAILED))
        with self._database.write() as connection:
            asked = connection.execute(update(query).where(query.c.id == query_id, going).values(cancel=True))
            if asked.rowcount:
                connection.execute(delete(query_pack).filter_by(query_id=query_id))
                failed = update(query).filter_by(id=query_id, state=FAILED)  # nobody runs it: it ends here
                connection.execute(failed.values(state=CANCELLED, reasons="cancelled", detail=""))
        return bool(asked.rowcount)

    def put_results(
        self, connection: Connection, query_id: str, rows: Iterable[tuple[list[str], str]]
    ) -> None:
        """Seal results, packs of (references, a "1" or "0" for each), and drop the persons; the caller commits.

        Cancelled if that was asked meanwhile.
        """
        self._make_room(connection, query_id)
        for pack, (refs, hits) in enumerate(rows):
            self._put(connection, query_id, "results", pack, json.dumps([refs, hits]).encode())

    def put_opened(
        self, connection: Connection, query_id: str, part: Mapping[bytes, Opened], expires_at: int
    ) -> None:
        """Seal what claim tokens opened for a query under way, so that they are not shown again; the caller commits.

        It is deleted at `expires_at`, also if the query never ends.
        """
        connection.execute(update(query).filter_by(id=query_id).values(results_expire_at=expires_at))
        mine = select(func.count()).select_from(query_pack).filter_by(query_id=query_id, role=_OPENED)
        rows = [(token.hex(), *opened) for token, opened in part.items()]
        self._put(connection, query_id, _OPENED, connection.scalar(mine) or 0, json.dumps(rows).encode())

    def opened(self, query_id: str) -> dict[bytes, Opened]:
        """What claim tokens opened so far, for a query that broke off."""
        rows = (row for plain in self._packs(query_id, _OPENED) for row in json.loads(plain))
        return {bytes.fromhex(token): Opened(tuple(records), why) for token, records, why in rows}

    def put_attributes(self, connection: Connection, query_id: str, rows: Sequence[Disclosed]) -> None:
        """Seal what became of every hit, after `put_results` and in the same transaction."""
        for pack, start in enumerate(range(0, len(rows), PACK_ROWS)):
            plain = json.dumps(rows[start : start + PACK_ROWS]).encode()
            self._put(connection, query_id, "attributes", pack, plain)

    def attributes_of(self, query_id: str, now_ms: int) -> dict[str, Disclosed]:
        """What became of every hit of a query for attributes, by the record's reference; empty for another answer.

        Refusal while there are none, or none any more, as `results`.
        """
        self._done(query_id, now_ms)
        rows = (row for plain in self._packs(query_id, "attributes") for row in json.loads(plain))
        return {ref: Disclosed(ref, tuple(records), why) for ref, records, why in rows}

    def put_table(self, connection: Connection, query_id: str, table: Signed, expires_at: int) -> None:
        """Seal a released table as the provider signed it, which ends the query; the caller commits.

        Cancelled if that was asked meanwhile.
        """
        self._make_room(connection, query_id)
        self._put(connection, query_id, "table", 0, table.SerializeToString())
        ended = {"state": DONE, "results_expire_at": expires_at}
        connection.execute(update(query).filter_by(id=query_id).values(**ended))

    def table(self, query_id: str, now_ms: int) -> Signed:
        """The released table of a count that is done; Refusal while there is none, or none any more."""
        if self._done(query_id, now_ms).answer != "count":
            raise Refusal("not_a_count", query_id)
        for plain in self._packs(query_id, "table"):
            return Signed.FromString(plain)
        raise Refusal("results_expired")

    def results(self, query_id: str, now_ms: int) -> Iterator[tuple[list[str], str]]:
        """Packs of (references, a "1" or "0" for each); Refusal while there are none, or none any more."""
        if self._done(query_id, now_ms).answer == "count":
            raise Refusal("is_a_count", query_id)
        for plain in self._packs(query_id, "results"):
            refs, hits = json.loads(plain)
            yield refs, hits

    def drop(self, query_id: str, **values: Any) -> None:
        """End a query without results: its persons go."""
        with self._database.write() as connection:
            connection.execute(delete(query_pack).filter_by(query_id=query_id))
            connection.execute(update(query).filter_by(id=query_id).values(**values))

    def fail(self, query_id: str, state: str, reasons: str, detail: str) -> None:
        """Note why a query was not answered; one that was to be cancelled meanwhile ends as cancelled all the same."""
        with self._database.write() as connection:
            row = connection.execute(select(query.c.cancel).where(query.c.id == query_id)).one()
            if row.cancel:
                state, reasons, detail = CANCELLED, "cancelled", ""
            if state != FAILED:  # what failed may go on, and needs its persons
                connection.execute(delete(query_pack).filter_by(query_id=query_id))
            values = {"state": state, "reasons": reasons, "detail": detail}
            connection.execute(update(query).filter_by(id=query_id).values(**values))

    def expire(self, now_ms: int) -> int:
        """Delete results whose time is over; how many queries' that were. A query that may go on keeps its persons."""
        with self._database.write() as connection:
            over = connection.execute(
                select(query.c.id, query.c.state).where(query.c.results_expire_at <= now_ms)
            ).all()
            gone = 0
            for query_id, state in over:
                which = {"query_id": query_id} if state == DONE else {"query_id": query_id, "role": _OPENED}
                gone += connection.execute(delete(query_pack).filter_by(**which)).rowcount > 0
            if gone:
                self._database.owe_scrub(connection, query_pack.name)
        return gone

    def _done(self, query_id: str, now_ms: int) -> Query:
        found = self.get(query_id)
        if found.state != DONE:
            raise not_done(found.state, [found])
        if found.results_expire_at is not None and found.results_expire_at <= now_ms:
            raise Refusal("results_expired")
        return found

    def _make_room(self, connection: Connection, query_id: str) -> None:
        """What a query was about goes when its results come; Refusal if it was cancelled, or its agreement ended."""
        of = select(query.c.cancel, query.c.agreement_hash).filter_by(id=query_id)
        found = connection.execute(of).first()
        if found is not None and found.cancel:
            raise Cancelled
        if found is not None:
            require_not_ended(connection, found.agreement_hash)
        connection.execute(delete(query_pack).filter_by(query_id=query_id))

    def _put_persons(self, connection: Connection, query_id: str, persons: Persons) -> None:
        for pack, start in enumerate(range(0, len(persons.refs), PACK_ROWS)):
            refs = json.dumps(persons.refs[start : start + PACK_ROWS]).encode()
            elements = persons.elements[start * ELEMENT_BYTES : (start + PACK_ROWS) * ELEMENT_BYTES]
            self._put(connection, query_id, "persons", pack, len(refs).to_bytes(4, "big") + refs + elements)

    def _put(self, connection: Connection, query_id: str, role: str, pack: int, plain: bytes) -> None:
        sealed = self._sealer.seal(plain, os.urandom(NONCE_BYTES), "query", query_id, role, str(pack))
        connection.execute(insert(query_pack).values(query_id=query_id, role=role, pack=pack, sealed=sealed))

    def _packs(self, query_id: str, role: str) -> Iterator[bytes]:
        pack = 0
        while True:
            with self._database.read() as connection:
                sealed = connection.execute(
                    select(query_pack.c.sealed).filter_by(query_id=query_id, role=role, pack=pack)
                ).scalar()
            if sealed is None:
                return
            yield self._sealer.open(sealed, "query", query_id, role, str(pack))
            pack += 1
