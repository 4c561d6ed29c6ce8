"""The series of a standing question: a point for each provider and run, with numbers and never who.

The numbers are sealed, and kept for as long as the agreement allowed when they came.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, exists, func, insert, select, update

from linkage_node.asking import queries
from linkage_node.asking.standing import Standing, find
from linkage_node.asking.tables import ReleasedTable
from linkage_node.clock import DAY_MS
from linkage_node.errors import Refusal
from linkage_node.pseudonyms.sealing import NONCE_BYTES, Sealer
from linkage_node.storage import Database, tables

RUNNING, DONE = queries.RUNNING, queries.DONE
AGAIN = "again"  # the provider gave the answer of an earlier point once more: it stands in the series once
ALL = ("all",)

_point = tables.standing_point


@dataclass(frozen=True)
class Numbers:
    """What a provider answered. A hit has one cell, without noise: the records that it knows."""

    agreement_hash: str  # hexadecimal
    agreement_version: int
    question: str  # count: id in the catalogue
    period: str  # count: that it is the answer for
    given_at: int  # first, in milliseconds since 1970-01-01 UTC
    groups: tuple[str, ...]  # the requester's categories: the rows
    categories: tuple[str, ...]  # the provider's categories: the columns
    cells: tuple[tuple[int | None, ...], ...]  # row after row; None: not released
    epsilon: float  # the noise is discrete Laplace of scale 1/epsilon; 0: there is none
    smallest_cell: int  # a smaller number is not released
    records: int  # hit: that were asked about


@dataclass(frozen=True)
class Point:
    """One provider's answer to one run, or why there is none. Times in milliseconds since 1970-01-01 UTC."""

    name: str
    at: int  # of the run
    provider_oin: str
    query_id: str
    state: str  # running | done | again | refused | failed | cancelled
    reasons: tuple[str, ...]
    numbers: Numbers | None
    keep_until: int


def counted(table: ReleasedTable, agreement_hash: str, version: int) -> Numbers:
    """The numbers of a count."""
    return Numbers(
        agreement_hash,
        version,
        table.question,
        table.period,
        table.given_at,
        table.groups,
        table.categories,
        table.cells,
        table.epsilon,
        table.smallest_cell,
        0,
    )


def found(records: int, hits: int, at: int, agreement_hash: str, version: int) -> Numbers:
    """The numbers of a hit question."""
    return Numbers(agreement_hash, version, "", "", at, ALL, ALL, ((hits,),), 0.0, 0, records)


class SeriesStore:
    """Begins runs and keeps what came of them. A run is claimed in the database: no two processes begin the same."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    def claim(self, name: str, now_ms: int, *, due: bool) -> tuple[Standing, int] | None:
        """Begin a run: the question, and the run's time. `due`: None unless its time has come.

        Refusal("standing_unknown"). While another run is under way: None if `due`, else Refusal("standing_running").
        """
        with self._database.write() as connection:
            one = find(connection, name)
            if due and (one.paused or one.next_at > now_ms):
                return None
            under_way = select(func.count()).select_from(_point).filter_by(name=name, state=RUNNING)
            if connection.scalar(under_way):
                if due:
                    return None  # it stays due, and begins when the other has ended
                raise Refusal("standing_running", name)
            at = max(now_ms, (one.last_at or 0) + 1)
            next_at = one.next_at if one.next_at > now_ms else one.schedule.next_after(now_ms)
            connection.execute(
                update(tables.standing).filter_by(name=name).values(last_at=at, next_at=next_at)
            )
            begun = [
                {
                    "name": name,
                    "at": at,
                    "provider_oin": target.provider_oin,
                    "query_id": "",
                    "state": RUNNING,
                    "reasons": "",
                    "keep_until": at + target.retention_days * DAY_MS,
                }
                for target in one.targets
            ]
            connection.execute(insert(_point), begun)
        return one, at

    def attach(self, name: str, at: int, query_ids: dict[str, str]) -> None:
        """Note the queries, by provider, that a run is made of."""
        with self._database.write() as connection:
            for oin, query_id in query_ids.items():
                mine = update(_point).filter_by(name=name, at=at, provider_oin=oin)
                connection.execute(mine.values(query_id=query_id))

    def under_way(self) -> list[Point]:
        """The points that wait for their answer."""
        with self._database.read() as connection:
            rows = connection.execute(select(_point).filter_by(state=RUNNING).order_by(_point.c.id)).all()
        return [self._opened(row) for row in rows]

    def end(self, point: Point, state: str, reasons: Iterable[str]) -> None:
        """Note that there is no answer, and why; a point that has ended meanwhile stays as it is."""
        with self._database.write() as connection:
            ending = update(_point).where(_is_under_way(point))
            connection.execute(ending.values(state=state, reasons=",".join(reasons)))

    def answer(self, point: Point, numbers: Numbers, keep_until: int) -> None:
        """Keep an answer; one that an earlier point has already is noted as such, without its numbers.

        Its reasons say if it was asked under another text of the agreement than the answer before.
        """
        before = [one.numbers for one in self.points(point.name) if one.provider_oin == point.provider_oin]
        earlier = [one for one in before if one is not None]
        same = numbers.period and any(
            (one.period, one.given_at) == (numbers.period, numbers.given_at) for one in earlier
        )
        with self._database.write() as connection:
            if not connection.scalar(select(exists().where(_is_under_way(point)))):
                return  # another process was first, or the question was removed
            one = find(connection, point.name)
            texts = {target.provider_oin: target.agreement_hash for target in one.targets}
            last = earlier[-1].agreement_hash if earlier else texts[point.provider_oin]
            replaced = "agreement_replaced" if last != numbers.agreement_hash else ""
            sealed = None if same else self._sealed(point, numbers)
            ended = {"state": AGAIN if same else DONE, "reasons": replaced}
            connection.execute(
                update(_point)
                .where(_is_under_way(point))
                .values(**ended, sealed=sealed, keep_until=keep_until)
            )

    def points(self, name: str) -> list[Point]:
        """The series, oldest first, providers in order of their OINs."""
        wanted = select(_point).filter_by(name=name).order_by(_point.c.at, _point.c.provider_oin)
        with self._database.read() as connection:
            rows = connection.execute(wanted).all()
        return [self._opened(row) for row in rows]

    def expire(self, now_ms: int) -> int:
        """Delete the points whose time is over; how many they were."""
        over = (_point.c.keep_until <= now_ms) & (_point.c.state != RUNNING)
        with self._database.write() as connection:
            if not connection.scalar(select(exists().where(over))):
                return 0
            gone = connection.execute(delete(_point).where(over)).rowcount
            self._database.owe_scrub(connection, _point.name)
        return gone

    def _sealed(self, point: Point, numbers: Numbers) -> bytes:
        plain = json.dumps(asdict(numbers)).encode()
        return self._sealer.seal(
            plain, os.urandom(NONCE_BYTES), *_context(point.name, point.at, point.provider_oin)
        )

    def _opened(self, row: Row[Any]) -> Point:
        numbers = None
        if row.sealed is not None:
            plain = json.loads(self._sealer.open(row.sealed, *_context(row.name, row.at, row.provider_oin)))
            for field in ("groups", "categories"):
                plain[field] = tuple(plain[field])
            plain["cells"] = tuple(map(tuple, plain["cells"]))
            numbers = Numbers(**plain)
        reasons = tuple(code for code in row.reasons.split(",") if code)
        return Point(
            row.name, row.at, row.provider_oin, row.query_id, row.state, reasons, numbers, row.keep_until
        )


def _is_under_way(point: Point) -> ColumnElement[bool]:
    return and_(
        _point.c.name == point.name,
        _point.c.at == point.at,
        _point.c.provider_oin == point.provider_oin,
        _point.c.state == RUNNING,
    )


def _context(name: str, at: int, provider_oin: str) -> tuple[str, ...]:
    return "standing", name, str(at), provider_oin
