"""Standing questions at rest: what is asked of whom, and when."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from linkage_node.asking.intake import Wish
from linkage_node.asking.schedule import Schedule
from linkage_node.errors import InputError, Refusal
from linkage_node.limits import STANDING_NAME_CHARACTERS, STANDING_QUESTIONS
from linkage_node.storage import Database, tables

_NAME = re.compile(rf"[a-z0-9][a-z0-9._-]{{0,{STANDING_NAME_CHARACTERS - 1}}}")
_MANY = "`linkage-node standing list` shows those there are."


class Target(NamedTuple):
    """One provider that is asked."""

    agreement_id: str
    provider_oin: str
    agreement_hash: str  # hexadecimal; of the text under which it was added
    retention_days: int  # of points without numbers, which belong to no agreement that is in force


@dataclass(frozen=True)
class Standing:
    """A standing question. It never changes, except when it is due. Times in milliseconds since 1970-01-01 UTC."""

    name: str
    answer: str  # count | hit
    kind: str
    question: str  # count: id in the catalogue
    group_by: tuple[str, ...]  # count: attributes, in place of an id
    targets: tuple[Target, ...]
    schedule: Schedule
    created_at: int
    next_at: int
    last_at: int | None = None
    paused: bool = False

    def wish(self, targets: Sequence[Target]) -> Wish:
        """What is asked of some of the providers."""
        first, *further = (target.agreement_id for target in targets)
        return Wish(
            agreement_id=first,
            further=tuple(further),
            providers=tuple(target.provider_oin for target in targets),
            kind=self.kind,
            answer=self.answer,
            question=self.question,
            group_by=self.group_by,
            standing=self.name,
        )


class StandingStore:
    """Adds, finds and removes standing questions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: Standing) -> None:
        """Keep a standing question.

        InputError: "standing_name_invalid" or "standing_exists"; Refusal "standing_too_many".
        """
        if not _NAME.fullmatch(new.name):
            raise InputError("standing_name_invalid", repr(new.name[:STANDING_NAME_CHARACTERS]))
        with self._database.write() as connection:
            if connection.scalar(select(tables.standing.c.name).filter_by(name=new.name)):
                raise InputError("standing_exists", new.name)
            count = connection.scalar(select(func.count()).select_from(tables.standing)) or 0
            if count >= STANDING_QUESTIONS:
                raise Refusal("standing_too_many", f"{count}")
            connection.execute(insert(tables.standing).values(_values(new)))

    def get(self, name: str) -> Standing:
        """The standing question called so; Refusal("standing_unknown")."""
        with self._database.read() as connection:
            return find(connection, name)

    def all(self) -> list[Standing]:
        """All of them, by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(tables.standing).order_by(tables.standing.c.name)).all()
        return [_standing(row) for row in rows]

    def due(self, now_ms: int) -> list[str]:
        """Names of those whose time has come, the longest overdue first."""
        wanted = (
            select(tables.standing.c.name)
            .where(tables.standing.c.next_at <= now_ms, tables.standing.c.paused.is_(False))
            .order_by(tables.standing.c.next_at, tables.standing.c.name)
        )
        with self._database.read() as connection:
            return list(connection.scalars(wanted))

    def pause(self, name: str) -> None:
        """Ask no more until it is resumed; Refusal("standing_unknown")."""
        self._update(name, paused=True)

    def resume(self, name: str, now_ms: int) -> Standing:
        """Ask again, from the next time on: what came while it paused is not made up for."""
        schedule = self.get(name).schedule
        self._update(name, paused=False, next_at=schedule.next_after(now_ms))
        return self.get(name)

    def remove(self, name: str) -> None:
        """Forget the question and its whole series; Refusal("standing_unknown")."""
        with self._database.write() as connection:
            find(connection, name)
            connection.execute(delete(tables.standing_point).filter_by(name=name))
            connection.execute(delete(tables.standing).filter_by(name=name))
            self._database.owe_scrub(connection, tables.standing_point.name)
        self._database.scrub()

    def _update(self, name: str, **values: Any) -> None:
        with self._database.write() as connection:
            find(connection, name)
            connection.execute(update(tables.standing).filter_by(name=name).values(**values))


def find(connection: Connection, name: str) -> Standing:
    """The standing question called so; Refusal("standing_unknown")."""
    row = connection.execute(select(tables.standing).filter_by(name=name)).one_or_none()
    if row is None:
        raise Refusal("standing_unknown", name[:STANDING_NAME_CHARACTERS], hint=_MANY)
    return _standing(row)


def _values(one: Standing) -> dict[str, Any]:
    wish = {
        "answer": one.answer,
        "kind": one.kind,
        "question": one.question,
        "group_by": one.group_by,
        "targets": [target._asdict() for target in one.targets],
    }
    return {
        "name": one.name,
        "wish": json.dumps(wish).encode(),
        "schedule": one.schedule.text,
        "timezone": one.schedule.timezone,
        "created_at": one.created_at,
        "next_at": one.next_at,
        "last_at": one.last_at,
        "paused": one.paused,
    }


def _standing(row: Row[Any]) -> Standing:
    wish = json.loads(row.wish)
    return Standing(
        name=row.name,
        answer=wish["answer"],
        kind=wish["kind"],
        question=wish["question"],
        group_by=tuple(wish["group_by"]),
        targets=tuple(Target(**target) for target in wish["targets"]),
        schedule=Schedule(row.schedule, row.timezone),
        created_at=row.created_at,
        next_at=row.next_at,
        last_at=row.last_at,
        paused=row.paused,
    )
