"""What a load has prepared so far. Committed batch by batch, so that a killed load goes on where it was.

Only pseudonyms, references and sealed attributes are staged; the register itself is untouched until `apply_staged`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import Connection, delete, exists, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from linkage_node.errors import InputError
from linkage_node.register.rows import KEPT_OUT, RECORD_REF, UNCLEAR, Reject
from linkage_node.storage import Database
from linkage_node.storage.tables import record as known_record
from linkage_node.storage.tables import staged_link, staged_load, staged_record, staged_reject, staged_secret

_DUPLICATE = "record_ref_duplicate"
_MISSING = "identifier_missing"
_DUPLICATE_NUMBER = 99  # after all other faults of a row
_STAGED = (staged_link, staged_record, staged_reject, staged_secret)
_FETCH_ROWS = 5_000
_LOOKUP_REFS = 4_000  # references in one question to the database

Digest = Callable[[str], bytes]  # keyed, of a reference that is not kept


class Point(NamedTuple):
    """How far a load is: bytes read and their keyed digest, the last row read, and how many rows that were."""

    position: int = 0
    prefix: bytes = b""
    row: int = 0
    rows: int = 0


class Staged(NamedTuple):
    """One record on its way to the register. An element is 32 bytes, or None if the value of that kind was refused."""

    row: int
    ref: str
    attributes: bytes | None  # sealed
    elements: dict[str, bytes | None]
    used: bool = True  # else it only says whose address is secret
    address_secret: bool | None = None  # None: the source does not say
    mark: "StagedMark | None" = None


class StagedMark(NamedTuple):
    """Whose address is secret: see `rows.Mark`. Its elements are of kinds that stand for one person."""

    certain: bool
    refs: tuple[str, ...]
    hidden: tuple[str, ...]  # not staged as they are
    elements: dict[str, bytes]


class Unfinished(NamedTuple):
    """A load that was begun and not applied."""

    id: int
    plan: bytes
    point: Point


class Tally(NamedTuple):
    """What was staged. Every row is in one of `loaded`, `rejected`, `without_identifier` and `only_secret`."""

    rows: int
    loaded: int
    rejected: int
    without_identifier: int
    only_secret: int  # with nothing but an address, which is secret
    secret: int  # with a secret address, loaded without it or not at all
    unclear: int  # of the rejected: it cannot be read whether the address is secret, so it counts as such
    partly: int  # of the loaded: without an identifier of theirs that was refused
    reasons: dict[str, int]
    identifiers: dict[str, tuple[int, int]]  # kind → (records, distinct pseudonyms)


class Staging:
    """The staging tables of a node's database."""

    def __init__(self, database: Database, digest: Digest) -> None:
        self._database = database
        self._digest = digest

    def find(self, source: bytes) -> Unfinished | None:
        """The unfinished load of this source, if there is one."""
        columns = staged_load.c
        query = select(columns.id, columns.plan, columns.position, columns.prefix, columns.row, columns.rows)
        with self._database.read() as connection:
            found = connection.execute(query.where(columns.source == source)).one_or_none()
        return Unfinished(found.id, found.plan, Point(*found[2:])) if found else None

    def unfinished(self) -> int:
        """How many loads were begun and not applied."""
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(staged_load)) or 0

    def start(self, source: bytes, plan: bytes, now_ms: int) -> int:
        """Begin a load and give its id; InputError `load_overtaken` if another command just began it."""
        values = {"source": source, "plan": plan, "updated_at": now_ms, **Point()._asdict()}
        load_id: int | None = None
        with self._database.write() as connection, suppress(IntegrityError), connection.begin_nested():
            load_id = connection.scalar(insert(staged_load).values(values).returning(staged_load.c.id))
        if load_id is None:
            raise InputError("load_overtaken")
        return load_id

    def append(
        self,
        load_id: int,
        before: Point,
        after: Point,
        records: Iterable[Staged],
        rejects: Iterable[Reject],
        now_ms: int,
    ) -> None:
        """Stage what the rows between two points gave; all of it or nothing."""
        with self._database.write() as connection:
            advance(connection, load_id, before, after, now_ms)
            stage(connection, load_id, records, self._digest)
            stage_rejects(connection, load_id, rejects)

    def finish(self, load_id: int, point: Point) -> Tally:
        """Reject second and later rows of one reference, and count. Can be done again without harm."""
        with self._database.write() as connection:
            check_point(connection, load_id, point)
            _reject_duplicates(connection, load_id)
            return _tally(connection, load_id, point.rows)

    def rejects(self, load_id: int) -> Iterator[Reject]:
        """All rejects, in the order of their rows; streamed."""
        columns = staged_reject.c
        query = (
            select(columns.row, columns.field, columns.ref, columns.reason)
            .where(columns.load_id == load_id)
            .order_by(columns.row, columns.number)
            .execution_options(yield_per=_FETCH_ROWS)
        )
        with self._database.read() as connection:
            yield from (Reject(*found) for found in connection.execute(query))

    def drop(self, load_id: int) -> None:
        """Forget a load and all that it staged."""
        with self._database.write() as connection:
            drop_staged(connection, load_id)
            self._database.owe_scrub(connection, *(table.name for table in _STAGED))
        self._database.scrub()

    def drop_stale(self, older_than_ms: int) -> None:
        """Forget the loads that nobody went on with."""
        stale = select(staged_load.c.id).where(staged_load.c.updated_at < older_than_ms)
        with self._database.read() as connection:
            ids = list(connection.scalars(stale))
        for load_id in ids:
            self.drop(load_id)


def advance(connection: Connection, load_id: int, before: Point, after: Point, now_ms: int) -> None:
    """Move a load on from one point to the next; InputError `load_overtaken` if it is not at the first."""
    moved = connection.execute(
        update(staged_load)
        .where(staged_load.c.id == load_id, staged_load.c.row == before.row)
        .values(**after._asdict(), updated_at=now_ms)
    )
    if moved.rowcount != 1:
        raise InputError("load_overtaken")


def check_point(connection: Connection, load_id: int, point: Point) -> None:
    """InputError `load_overtaken` unless the load is there, and at this point."""
    if connection.scalar(select(staged_load.c.row).where(staged_load.c.id == load_id)) != point.row:
        raise InputError("load_overtaken")


def stage(connection: Connection, load_id: int, records: Iterable[Staged], digest: Digest) -> None:
    """Put records into the staging tables."""
    rows = []
    links = []
    marks = []
    for record in records:
        if record.mark:
            marks.append((record.row, record.mark))
        if not record.used:
            continue
        rows.append(
            {
                "load_id": load_id,
                "row": record.row,
                "ref": record.ref,
                "attributes": record.attributes,
                "address_secret": record.address_secret,
            }
        )
        for kind, element in record.elements.items():
            links.append({"load_id": load_id, "row": record.row, "kind": kind, "element": element})
    if rows:
        connection.execute(insert(staged_record), rows)
    if links:
        connection.execute(insert(staged_link), links)
    if marks:
        _stage_marks(connection, load_id, marks, digest)


def _stage_marks(
    connection: Connection, load_id: int, marks: Sequence[tuple[int, StagedMark]], digest: Digest
) -> None:
    """A hidden reference that a record of the register has is kept there already; of others only the digest is."""
    hidden = list(dict.fromkeys(ref for _, mark in marks for ref in mark.hidden if ref.isprintable()))
    known: set[str] = set()
    for at in range(0, len(hidden), _LOOKUP_REFS):
        asked = hidden[at : at + _LOOKUP_REFS]
        known.update(connection.scalars(select(known_record.c.ref).where(known_record.c.ref.in_(asked))))
    rows = []
    for row, mark in marks:
        ways: list[dict[str, str | bytes | None]] = [{"ref": ref} for ref in mark.refs]
        ways += [{"ref": ref if ref in known else None, "ref_digest": digest(ref)} for ref in mark.hidden]
        ways += [{"kind": kind, "element": element} for kind, element in mark.elements.items()]
        for number, way in enumerate(ways or [{}]):
            found = dict.fromkeys(("ref", "ref_digest", "kind", "element")) | way
            rows.append({"load_id": load_id, "row": row, "number": number, "certain": mark.certain, **found})
    connection.execute(insert(staged_secret), rows)


def stage_rejects(connection: Connection, load_id: int, rejects: Iterable[Reject]) -> None:
    """Put rejects into the staging table."""
    rows = []
    number = last = 0
    for reject in rejects:
        number = number + 1 if reject.row == last else 0
        last = reject.row
        rows.append({"load_id": load_id, "number": number, **reject._asdict()})
    if rows:
        connection.execute(insert(staged_reject), rows)


def drop_staged(connection: Connection, load_id: int) -> None:
    """Delete a load and all that it staged."""
    for table in _STAGED:
        connection.execute(delete(table).where(table.c.load_id == load_id))
    connection.execute(delete(staged_load).where(staged_load.c.id == load_id))


def _reject_duplicates(connection: Connection, load_id: int) -> None:
    nth = func.row_number().over(partition_by=staged_record.c.ref, order_by=staged_record.c.row)
    numbered = (
        select(staged_record.c.row, staged_record.c.ref, nth.label("nth"))
        .where(staged_record.c.load_id == load_id)
        .subquery()
    )
    later = select(
        literal(load_id),
        numbered.c.row,
        literal(_DUPLICATE_NUMBER),
        literal(RECORD_REF),
        numbered.c.ref,
        literal(_DUPLICATE),
    ).where(numbered.c.nth > 1)
    connection.execute(
        insert(staged_reject).from_select(["load_id", "row", "number", "field", "ref", "reason"], later)
    )
    rejected = select(staged_reject.c.row).where(
        staged_reject.c.load_id == load_id, staged_reject.c.reason == _DUPLICATE
    )
    for table in (staged_link, staged_record):
        connection.execute(delete(table).where(table.c.load_id == load_id, table.c.row.in_(rejected)))


def _only_secret(connection: Connection, load_id: int) -> int:
    """Rows that are not used for no other reason than a secret address."""
    other = staged_reject.alias()
    used = (staged_record.c.load_id == load_id) & (staged_record.c.row == staged_reject.c.row)
    faulty = (
        (other.c.load_id == load_id) & (other.c.row == staged_reject.c.row) & (other.c.reason != KEPT_OUT)
    )
    only = select(func.count()).where(
        staged_reject.c.load_id == load_id,
        staged_reject.c.reason == KEPT_OUT,
        ~exists().where(used),
        ~exists().where(faulty),
    )
    return connection.scalar(only) or 0


def _tally(connection: Connection, load_id: int, rows: int) -> Tally:
    loaded = connection.scalar(
        select(func.count()).select_from(staged_record).where(staged_record.c.load_id == load_id)
    )
    of_this_load = staged_reject.c.load_id == load_id
    reasons = connection.execute(
        select(staged_reject.c.reason, func.count()).where(of_this_load).group_by(staged_reject.c.reason)
    )
    by_reason: dict[str, int] = dict(reasons.all())
    partly = connection.scalar(
        select(func.count(staged_reject.c.row.distinct())).where(
            of_this_load,
            staged_reject.c.reason != KEPT_OUT,
            staged_reject.c.row.in_(select(staged_record.c.row).where(staged_record.c.load_id == load_id)),
        )
    )
    secret = connection.scalar(
        select(func.count(staged_secret.c.row.distinct())).where(
            staged_secret.c.load_id == load_id, staged_secret.c.certain
        )
    )
    kinds = connection.execute(
        select(staged_link.c.kind, func.count(), func.count(staged_link.c.element.distinct()))
        .where(staged_link.c.load_id == load_id, staged_link.c.element.is_not(None))
        .group_by(staged_link.c.kind)
    )
    without, only_secret = by_reason.get(_MISSING, 0), _only_secret(connection, load_id)
    return Tally(
        rows,
        loaded or 0,
        rows - (loaded or 0) - without - only_secret,
        without,
        only_secret,
        secret or 0,
        by_reason.get(UNCLEAR, 0),
        partly or 0,
        by_reason,
        {kind: (records, distinct) for kind, records, distinct in kinds},
    )
