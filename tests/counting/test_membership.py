"""A simulated attack: requesters who work together and want to know whether one target is in the register.

They know everybody else in it. What they are told comes from the real ledger, the real noise and the real release.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from sqlalchemy import Connection

from linkage_node.agreements.periods import period_of
from linkage_node.agreements.terms import Breakdown, CountQuestion
from linkage_node.answering.epsilon import Claim, EpsilonLedger
from linkage_node.answering.noise import discrete_laplace
from linkage_node.clock import DAY_MS
from linkage_node.errors import Refusal
from linkage_node.limits import MICRO
from linkage_node.matching.release import release
from linkage_node.storage import Database
from tests.chance import ONE_SIDED

GAMES = 600  # of ten tries, each game in a year of its own with a budget of its own
PER_YEAR = 1.0  # epsilon of the register
SMALLEST_CELL = 10
OTHERS = frozenset(f"client {number}" for number in range(40))  # of all requesters and of the register
TARGET = "the target"
ASKED = OTHERS | {TARGET}


class Try(NamedTuple):
    """One question of the attack."""

    requester: str
    question: CountQuestion
    people: frozenset[str]  # in the requester's register at that moment
    after_days: int = 0


class Told(NamedTuple):
    """One fresh answer, and what it was about."""

    question: CountQuestion
    people: frozenset[str]
    cell: int  # of the district where the target lives, if he is there


def question(epsilon: float, name: str = "all", *values: str) -> CountQuestion:
    """A question of the catalogue, by district or in all."""
    breakdown = Breakdown(attribute="district", values=values) if values else None
    return CountQuestion(id=name, epsilon=epsilon, by_provider=breakdown)


def tries(epsilon: float) -> list[Try]:
    """Every way to ask again: others in one's register, another name or order, another requester, later."""
    swapped = ASKED - {"client 1"} | {"a stranger"}
    return [
        Try("A", question(epsilon), ASKED),
        Try("A", question(epsilon), OTHERS),  # one dropped
        Try("A", question(epsilon), ASKED | {"a stranger"}),  # one added
        Try("A", question(epsilon), swapped),
        Try("A", question(epsilon, "renamed"), ASKED),
        Try("A", question(epsilon, "districts", "north", "south"), ASKED),
        Try("A", question(epsilon, "districts", "south", "north"), ASKED),  # in another order
        Try("C", question(epsilon), ASKED),
        Try("A", question(epsilon), OTHERS, 5),  # within the same month
        Try("D", question(epsilon, "renamed", "north", "south"), ASKED),
        Try("C", question(epsilon), ASKED, 32),  # in the next one
    ]


class Provider:
    """Answers by its ledger; it remembers tables as the service does."""

    def __init__(
        self, database: Database, ledger: EpsilonLedger, register: frozenset[str], year: int
    ) -> None:
        self.database, self.ledger, self.register = database, ledger, register
        self.start = int(datetime(year, 1, 2, tzinfo=UTC).timestamp() * 1000)
        self.orders = 0

    def answer(self, connection: Connection, asked: Try) -> tuple[bytes, bool] | None:
        """The table and whether it is a fresh one; None when epsilon is exhausted."""
        now = self.start + asked.after_days * DAY_MS
        self.orders += 1
        claim = Claim(
            requester_oin=asked.requester,
            question_digest=asked.question.digest("bsn", SMALLEST_CELL, 1),
            period=period_of(asked.question.every, now),
            order_hash=sha256(str((self.start, self.orders)).encode()).digest(),
            agreement_hash=asked.requester.encode(),
            question=asked.question.id,
            micro=asked.question.epsilon_micro,
        )
        try:
            given = self.ledger.reserve(connection, claim, now)
        except Refusal as refusal:
            if refusal.code == "epsilon_exhausted":
                return None
            raise
        if given is not None:
            return given, False
        table = self.fresh(asked)
        self.ledger.begin_checking(connection, claim, now)
        self.ledger.answer(connection, claim, table, now)
        return table, True

    def fresh(self, asked: Try) -> bytes:
        """A table that nobody was given yet; everybody lives in the north."""
        shared = len(self.register & asked.people)
        exact = [shared if name in ("north", "all") else 0 for name in asked.question.categories]
        epsilon = asked.question.epsilon_micro / MICRO
        cells = release(
            np.array([exact]),
            lambda numbers: discrete_laplace(numbers, epsilon),
            smallest_cell=SMALLEST_CELL,
            largest=1_000,
        )
        return json.dumps(dict(zip(asked.question.categories, cells, strict=True))).encode()


def cell_of(table: bytes) -> int:
    """What the table says of the north, or of all."""
    cells: dict[str, int] = json.loads(table)
    return cells.get("north", cells.get("all", 0))


def believes(told: Sequence[Told]) -> bool:
    """The best guess from these answers, by their likelihood with and without the target (with a fair coin first)."""
    ratio = 0.0
    for one in told:
        without = len(OTHERS & one.people)
        with_him = without + (TARGET in one.people)
        ratio += one.question.epsilon * (abs(one.cell - without) - abs(one.cell - with_him))
    return ratio > 0


def play(
    database: Database, per_year: float, asked: Sequence[Try], remembers: bool = True
) -> Iterator[tuple[bool, int]]:
    """Games with and without the target in turn: whether the guess was right, and how many fresh answers it had."""
    ledger = EpsilonLedger(database, per_year)
    with database.write() as connection:
        for game in range(GAMES):
            member = bool(game % 2)
            provider = Provider(database, ledger, OTHERS | {TARGET} if member else OTHERS, 2_000 + game)
            told = []
            for one in asked:
                answer = provider.answer(connection, one) if remembers else (provider.fresh(one), True)
                if answer and answer[1]:
                    told.append(Told(one.question, one.people, cell_of(answer[0])))
            yield believes(told) == member, len(told)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty one."""
    made = Database(f"sqlite:///{tmp_path / 'node.db'}")
    made.create()
    yield made
    made.close()


def most_right(epsilon: float) -> float:
    """The share of right guesses that epsilon allows, (e^eps)/(1 + e^eps), and what chance adds in GAMES games."""
    bound = 1 / (1 + np.exp(-epsilon))
    return float(bound + ONE_SIDED * (bound * (1 - bound) / GAMES) ** 0.5)


@pytest.mark.parametrize("epsilon", [1.0, 0.25])
def test_no_sequence_of_questions_tells_more_than_epsilon_allows(database: Database, epsilon: float) -> None:
    """In thousands of tries: as many fresh answers as the budget pays, and no better guesses than they allow."""
    right, fresh = zip(*play(database, PER_YEAR, tries(epsilon)), strict=True)
    assert set(fresh) == {round(PER_YEAR / epsilon)}
    assert np.mean(right) < most_right(PER_YEAR)
    assert np.mean(right) > 0.5  # the attack is one: what epsilon allows it does learn


def test_the_attack_would_work_without_the_ledger(database: Database) -> None:
    """The same tries, each answered with noise of its own, tell the target's membership well beyond the bound."""
    right, _ = zip(*play(database, PER_YEAR, tries(1.0), remembers=False), strict=True)
    assert np.mean(right) > most_right(PER_YEAR)


def test_the_same_question_has_the_same_answer(database: Database) -> None:
    """Whoever is added, dropped or swapped, and whatever the question is called: the very bytes of the first answer."""
    asked = [one for one in tries(0.25) if one.requester == "A" and not one.question.by_provider]
    asked = [one for one in asked if one.after_days < 30]
    provider = Provider(database, EpsilonLedger(database, PER_YEAR), ASKED, 2026)
    with database.write() as connection:
        answers = [provider.answer(connection, one) for one in asked]
    assert len(answers) == 6
    assert [answer and answer[1] for answer in answers] == [True, *[False] * 5]
    assert len({answer and answer[0] for answer in answers}) == 1
