"""What the register tells in counts: epsilon by the calendar year (UTC) over all requesters, and the answers given.

An answer belongs to a requester, a question and its period. Epsilon is reserved before anything is sent:

reserved  a list S is out, or will be; the requester knows nothing yet. Its next attempt takes the reservation over.
checking  the list came back. From here the reservation is used up: it becomes an answer or is lost.
answered  the signed table, given again unchanged for as long as the period lasts.
lost      the list had been changed. Whether a change is seen depends on how many traps a list has, so on how many
          people: the question is not tried again in its period, or many tries would tell that without noise.
refused   the register was too small or too large for the question, under one agreement. Told without noise too, so
          not looked at again in the period.

Epsilon that was reserved is spent, and is never given back. Epsilon is in millionths here.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Row, cast, delete, func, insert, select, update

from linkage_node.errors import Refusal
from linkage_node.limits import COUNT_CHECKING_MS, MICRO
from linkage_node.storage import Database
from linkage_node.storage.tables import count_answer, epsilon_spent


class Claim(NamedTuple):
    """One order's claim to an answer."""

    requester_oin: str
    question_digest: bytes  # see CountQuestion.digest
    period: str
    order_hash: bytes
    agreement_hash: bytes
    question: str  # its id in the agreement
    micro: int

    @property
    def key(self) -> dict[str, Any]:
        """What the answer belongs to."""
        return {
            "requester_oin": self.requester_oin,
            "question_digest": self.question_digest,
            "period": self.period,
        }

    @property
    def mine(self) -> dict[str, Any]:
        """The same, as long as it is this order that the answer is reserved for."""
        return {**self.key, "order_hash": self.order_hash}


class Spent(NamedTuple):
    """What went to one question of one requester."""

    requester_oin: str
    agreement_hash: bytes
    question: str
    micro: int
    times: int


def year_of(now_ms: int) -> int:
    """The year (UTC) that a moment's epsilon is spent in."""
    return datetime.fromtimestamp(now_ms / 1000, UTC).year


class EpsilonLedger:
    """Keeps the books; `per_year` is the epsilon that the register has in a year. Safe to share by threads."""

    def __init__(self, database: Database, per_year: float) -> None:
        self._database = database
        self.limit = round(per_year * MICRO)

    def look(self, claim: Claim, now_ms: int) -> bytes | None:
        """The serialised signed table that was given before, if there is one; else None, or what `reserve` raises.

        Reads only: told before the register is looked at.
        """
        with self._database.read() as connection:
            found = _found(connection, claim, now_ms)
            if found and found.state == "answered":
                table: bytes = found.signed_table
                return table
            if not found or found.state != "reserved":
                self._require_left(connection, claim, now_ms)
        return None

    def reserve(self, connection: Connection, claim: Claim, now_ms: int) -> bytes | None:
        """Reserve an answer and its epsilon, in the caller's transaction; or the table that was given before.

        Refusal("count_under_way") while an attempt's list is checked, Refusal("count_lost"), Refusal
        ("epsilon_exhausted"), or the refusal that was noted before.
        """
        found = _found(connection, claim, now_ms)
        if found and found.state == "answered":
            table: bytes = found.signed_table
            return table
        if found and found.state == "reserved":  # paid for, and nothing was told
            renewed = {"order_hash": claim.order_hash, "at": now_ms}
            connection.execute(update(count_answer).filter_by(**claim.key).values(**renewed))
            return None
        connection.execute(delete(count_answer).filter_by(**claim.key))  # what does not stand any more
        self._require_left(connection, claim, now_ms)
        connection.execute(
            insert(epsilon_spent).values(
                year=year_of(now_ms),
                micro=claim.micro,
                requester_oin=claim.requester_oin,
                agreement_hash=claim.agreement_hash,
                question=claim.question,
                order_hash=claim.order_hash,
                at=now_ms,
            )
        )
        connection.execute(insert(count_answer).values(**claim.mine, state="reserved", at=now_ms))
        return None

    def begin_checking(self, connection: Connection, claim: Claim, now_ms: int) -> None:
        """The list came back: use the reservation up. Refusal("count_under_way") if a later attempt took it over."""
        _move(connection, claim, "reserved", state="checking", at=now_ms)

    def answer(self, connection: Connection, claim: Claim, signed_table: bytes, now_ms: int) -> None:
        """Keep the answer; Refusal("count_under_way") if it took so long that another attempt began."""
        _move(connection, claim, "checking", state="answered", signed_table=signed_table, at=now_ms)

    def lose(self, connection: Connection, claim: Claim, now_ms: int) -> None:
        """The list did not hold: no answer in this period, and the epsilon stays spent."""
        of_this = update(count_answer).filter_by(**claim.mine, state="checking")
        connection.execute(of_this.values(state="lost", at=now_ms))

    def drop(self, connection: Connection, claim: Claim) -> None:
        """The list was never judged, for a fault of this node: the next attempt pays again."""
        connection.execute(delete(count_answer).filter_by(**claim.mine, state="checking"))

    def refuse(self, claim: Claim, code: str, now_ms: int) -> None:
        """Note that the register does not fit the question, so that it is not tried again in this period.

        Whoever had a reservation loses it: what was reserved stays spent.
        """
        values = {"order_hash": claim.order_hash, "state": "refused", "at": now_ms}
        with self._database.write() as connection:
            found = _found(connection, claim, now_ms)
            if found is None or found.state == "reserved":
                connection.execute(delete(count_answer).filter_by(**claim.key))
                why = {"reason": code, "agreement_hash": claim.agreement_hash}
                connection.execute(insert(count_answer).values(**claim.key, **values, **why))

    def _require_left(self, connection: Connection, claim: Claim, now_ms: int) -> None:
        spent = _spent(connection, year_of(now_ms))
        if spent + claim.micro > self.limit:
            left = f"{spent / MICRO:g} of {self.limit / MICRO:g} is spent"
            raise Refusal("epsilon_exhausted", f"{left}, {claim.micro / MICRO:g} is asked for")

    def spent(self, year: int) -> int:
        """Epsilon spent in a year, in millionths."""
        with self._database.read() as connection:
            return _spent(connection, year)

    def by_question(self, year: int) -> list[Spent]:
        """What was spent in a year on each question of each requester."""
        columns = epsilon_spent.c.requester_oin, epsilon_spent.c.agreement_hash, epsilon_spent.c.question
        totals = cast(func.sum(epsilon_spent.c.micro), BigInteger), func.count()
        query = select(*columns, *totals).filter_by(year=year).group_by(*columns).order_by(*columns)
        with self._database.read() as connection:
            return [Spent._make(row) for row in connection.execute(query)]


def _found(connection: Connection, claim: Claim, now_ms: int) -> Row[Any] | None:
    """What stands about the answer: reserved or answered; None if nothing does; Refusal if there will be none now."""
    found = connection.execute(select(count_answer).filter_by(**claim.key)).first()
    if found is None or found.state in ("reserved", "answered"):
        return found
    if found.state == "lost":
        raise Refusal("count_lost")
    if found.state == "refused":
        if found.agreement_hash != claim.agreement_hash:
            return None  # other buckets, say
        raise Refusal(found.reason)
    if now_ms < found.at + COUNT_CHECKING_MS:
        raise Refusal("count_under_way")
    return None  # the node went down over it, and told nothing


def _spent(connection: Connection, year: int) -> int:
    return int(connection.scalar(select(func.sum(epsilon_spent.c.micro)).filter_by(year=year)) or 0)


def _move(connection: Connection, claim: Claim, before: str, **values: Any) -> None:
    moved = connection.execute(update(count_answer).filter_by(**claim.mine, state=before).values(**values))
    if moved.rowcount != 1:
        raise Refusal("count_under_way", "another attempt took this one's place")
