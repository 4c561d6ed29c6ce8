"""What a register tells in counts ends at its budget; an answer belongs to its question, whoever asks how often."""

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from linkage_node._generated.linkage.v1.peer_pb2 import CountRequest
from linkage_node.answering.noise import discrete_laplace
from linkage_node.limits import COUNT_CHECKING_MS
from linkage_node.storage.tables import count_answer, evidence_head
from tests.counting.town import PER_YEAR, Town, agreement_text, in_messages, names, opened
from tests.nodes import OIN_A
from tests.signed import add_signed

RENAMED = """
  - {id: newly-named, title: The same in other words, epsilon: 1.0, every: month}
  - {id: reordered, epsilon: 1.0, every: week, by_provider: {attribute: district, values: [south, north]}}
  - {id: other, epsilon: 1.0, every: day}
"""


def new_year(town: Town) -> None:
    """Turn the clock to the first moment of 2027."""
    town.clock.now = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp() * 1000)


def test_the_budget_is_the_registers(town: Town) -> None:
    """Spent by two requesters under three agreements together; then refused with its code, until the new year."""
    add_signed(town.nodes["b"], agreement_text("more", OIN_A, RENAMED))
    town.fill(dict.fromkeys(names(0, 12), "north"))
    a, c = town.a_asks, town.c_asks
    given = a.count(names(8, 18))
    for heard in (a.count(names(8, 18), question="district"), c.count(names(8, 18))):
        assert heard.error == ""
    assert a.count(names(8, 18), question="other", agreement="more").error == ""
    assert town.spent() == PER_YEAR
    for refused in (
        c.count(names(8, 18), question="district"),
        a.count(names(8, 18), [], question="both"),
        a.count(names(8, 18), question="sharp"),
    ):
        assert refused.refused == "epsilon_exhausted"
        assert not refused.s
        assert town.last_event() == ("refused", "epsilon_exhausted")
    assert town.spent() == PER_YEAR
    assert a.count(names(0, 3)).signed_table == given.signed_table  # what was told costs nothing
    new_year(town)
    assert town.spent() == 0
    assert list(c.count(names(8, 18), question="district").table.cells) == [4, -1]
    assert town.spent() == 1.0


def test_a_question_that_costs_more_than_is_left(town: Town) -> None:
    """It is refused, and a cheaper one is still answered."""
    town.fill(names(0, 12))
    assert town.a_asks.count(names(8, 18), question="sharp").error == ""
    assert town.a_asks.count(names(8, 18)).error == ""
    assert town.c_asks.count(names(8, 18), question="sharp").refused == "epsilon_exhausted"
    assert town.c_asks.count(names(8, 18)).error == ""
    assert town.spent() == PER_YEAR


@pytest.fixture
def noisy(template: Path, tmp_path: Path, executor: Executor) -> Iterator[Town]:
    """A provider that counts as a real one does, with noise."""
    with opened(template, tmp_path / "noisy", executor, discrete_laplace) as made:
        yield made


def test_the_same_question_has_the_same_answer(noisy: Town) -> None:
    """Persons added, dropped or swapped at either side; another name, another agreement, another order of values."""
    add_signed(noisy.nodes["b"], agreement_text("more", OIN_A, RENAMED))
    noisy.fill(dict.fromkeys(names(0, 25), "north"))
    asks = noisy.a_asks
    first, split = asks.count(names(5, 20)), asks.count(names(5, 20), question="district")
    noisy.b.register.remove(["ref person 7"], noisy.clock())
    noisy.fill({"newcomer": "south"})
    noisy.clock.pass_days(1)
    for again in (
        asks.count(names(5, 20)),
        asks.count(names(5, 21)),
        asks.count(names(5, 19)),
        asks.count([*names(5, 19), "newcomer"]),
        asks.count([]),
        asks.count(names(5, 20), question="newly-named", agreement="more"),
    ):
        assert again.signed_table == first.signed_table
        (receipt,) = again.receipts
        assert receipt.stage == 2
        assert not again.s
        assert noisy.last_event() == ("completed", "given_before")
    reordered = asks.count(names(5, 20), question="reordered", agreement="more")
    assert reordered.signed_table == split.signed_table
    assert list(reordered.table.categories) == ["north", "south"]
    assert noisy.spent() == 2.0
    noisy.clock.pass_days(31)
    assert asks.count(names(5, 20)).table.period == "2026-02"
    assert noisy.spent() == 3.0


def test_an_answer_is_its_requesters(noisy: Town) -> None:
    """Another requester's answer to the same question has noise of its own, and is paid for."""
    noisy.fill(names(0, 25))
    tables = [asks.count(names(5, 20)).signed_table for asks in (noisy.a_asks, noisy.c_asks)]
    assert tables[0] != tables[1]
    assert noisy.spent() == 2.0


def test_a_tampered_list_is_paid_for(town: Town) -> None:
    """An attempt that was caught cost epsilon, and its question is lost until the next period: for nobody else, and
    no other question. So one requester cannot spend the register's year by tampering, nor learn from many tries how
    many of the elements are traps."""
    town.fill(names(0, 12))
    caught = town.a_asks.put(town.a_asks.craft(names(8, 18)), v=in_messages)
    assert caught.error == "trap_missing"
    for _ in range(3):
        assert town.a_asks.count(names(8, 18)).refused == "count_lost"
        assert (town.spent(), town.states()) == (1.0, ["lost"])
    assert town.c_asks.count(names(8, 18)).error == ""
    assert town.spent() == 2.0
    town.clock.pass_days(31)
    assert town.a_asks.count(names(8, 18)).error == ""
    assert town.spent() == 3.0


def test_attempts_that_break_off_are_paid_for_once(town: Town) -> None:
    """Ten times gone before V was in whole: one reservation, which the eleventh uses."""
    town.fill(names(0, 12))
    for after in (1, 2) * 5:
        town.a_asks.put(town.a_asks.craft(names(8, 18)), hang_up_after=after)
    assert (town.spent(), town.states()) == (1.0, ["reserved"])
    assert list(town.a_asks.count(names(8, 18)).table.cells) == [4]
    assert town.spent() == 1.0


def test_a_reservation_is_of_one_period(town: Town) -> None:
    """What broke off last month is no help this month."""
    town.fill(names(0, 12))
    town.a_asks.put(town.a_asks.craft(names(8, 18)), hang_up_after=2)
    town.clock.pass_days(31)
    assert town.a_asks.count(names(8, 18)).error == ""
    assert town.spent() == 2.0


def test_the_newest_attempt_has_the_reservation(town: Town) -> None:
    """An attempt that was overtaken by another one gets no answer, though its list is right."""
    town.fill(names(0, 12))
    crafted = town.a_asks.craft(names(8, 18))
    other = []

    def overtaken(s: bytes) -> list[CountRequest]:
        other.append(town.a_asks.count(names(8, 18)))
        return in_messages(town.a_asks.lift(crafted, s))

    first = town.a_asks.put(crafted, v=overtaken)
    assert first.error == "count_under_way"
    assert first.signed_table is None
    assert list(other[0].table.cells) == [4]
    assert (town.spent(), town.states()) == (1.0, ["answered"])


def test_nobody_comes_between_while_a_list_is_checked(town: Town) -> None:
    """A second attempt at that moment is refused and charged nothing; the first is answered."""
    town.fill(names(0, 12))
    between = []

    def noise(exact: list[int], _epsilon: float) -> list[int]:
        between.append(town.a_asks.count(names(8, 18)).refused)
        return exact

    town.b.noise = noise
    assert list(town.a_asks.count(names(8, 18)).table.cells) == [4]
    assert between == ["count_under_way"]
    assert town.spent() == 1.0


def test_a_node_that_went_down_over_a_list(town: Town) -> None:
    """The question is free again after ten minutes, and costs epsilon again: the list had been looked at."""
    town.fill(names(0, 12))
    town.a_asks.put(town.a_asks.craft(names(8, 18)), hang_up_after=2)
    with town.nodes["b"].database.write() as connection:
        connection.execute(update(count_answer).values(state="checking", at=town.clock()))
    assert town.a_asks.count(names(8, 18)).refused == "count_under_way"
    town.clock.now += COUNT_CHECKING_MS
    assert list(town.a_asks.count(names(8, 18)).table.cells) == [4]
    assert town.spent() == 2.0


def test_a_defect_while_a_list_is_checked(town: Town) -> None:
    """No answer, epsilon stays spent, the evidence says that it was broken off."""
    town.fill(names(0, 12))

    def defect(_exact: list[int], _epsilon: float) -> list[int]:
        raise ZeroDivisionError

    town.b.noise = defect
    with pytest.raises(ZeroDivisionError):
        town.a_asks.count(names(8, 18))
    assert town.last_event() == ("aborted", "broken_off")
    assert (town.spent(), town.states()) == (1.0, [])


def test_no_evidence_no_answer(town: Town) -> None:
    """When what happened cannot be written down, the table is neither kept nor told."""
    town.fill(names(0, 12))
    crafted = town.a_asks.craft(names(8, 18))

    def returned(s: bytes) -> list[CountRequest]:
        with town.nodes["b"].database.write() as connection:
            connection.execute(delete(evidence_head))
        return in_messages(town.a_asks.lift(crafted, s))

    heard = town.a_asks.put(crafted, v=returned)
    assert heard.error == "evidence_broken"
    assert heard.signed_table is None
    assert "answered" not in town.states()
    assert town.spent() == 1.0


def test_many_at_once(town: Town) -> None:
    """Six questions at the same moment, and a budget for four: four are answered."""
    town.fill(dict.fromkeys(names(0, 12), "north"))
    asked = [
        (asks, question) for asks in (town.a_asks, town.c_asks) for question in ("all", "district", "both")
    ]
    with ThreadPoolExecutor(6) as pool:
        running = [
            pool.submit(asks.count, *[names(8, 18)] * (2 if question == "both" else 1), question=question)
            for asks, question in asked
        ]
        refused = sorted(heard.result().refused for heard in running)
    assert refused == ["", "", "", "", "epsilon_exhausted", "epsilon_exhausted"]
    assert town.spent() == PER_YEAR


def test_orders_for_counts_are_limited(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those that are answered at no cost: so many a day for each peer, and no more before tomorrow."""
    monkeypatch.setattr("linkage_node.answering.admission.COUNT_ORDERS_PER_DAY", 2)
    town.fill(names(0, 12))
    answers = [town.a_asks.count(names(8, 18)).refused for _ in range(3)]
    assert answers == ["", "", "too_many_orders"]
    assert town.c_asks.count(names(8, 18)).refused == ""
    town.clock.pass_days(1)
    assert town.a_asks.count(names(8, 18)).refused == ""
