"""The check of a released table: every field that is not what was asked is found."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_node._generated.linkage.v1.order_pb2 import CountTable, Order
from linkage_node.agreements.periods import period_of
from linkage_node.agreements.terms import CountTerms
from linkage_node.clock import DAY_MS, HOUR_MS
from linkage_node.errors import Refusal
from linkage_node.limits import COUNT_ELEMENTS, COUNT_TRAPS, NOT_RELEASED
from linkage_node.matching.table import Asked, check_table

NOON = 1_767_268_800_000  # 2026-01-01T12:00Z in milliseconds
MINUTE_MS = 60 * 1000
HASH = bytes(range(32))
SMALLEST, LARGEST, SMALLEST_SET = 4, 60, 5
TERMS = CountTerms.model_validate(
    {
        "requester_bucket": LARGEST,
        "provider_bucket": 120,
        "smallest_set": SMALLEST_SET,
        "smallest_cell": SMALLEST,
        "questions": [
            {
                "id": "table",
                "epsilon": 0.25,
                "every": "month",
                "by_requester": {"attribute": "district", "values": ["noord", "zuid"], "other": True},
                "by_provider": {"attribute": "debt", "values": ["rent", "energy"]},
            },
            {"id": "daily", "epsilon": 0.25, "every": "day"},
        ],
    }
)
TABLE, DAILY = TERMS.questions
ORDER = Order(requester_oin="R", provider_oin="P", kind="bsn")


def table(**changes: Any) -> CountTable:
    """The answer to the question about the table, with fields changed."""
    honest = {
        "version": 1,
        "order_hash": HASH,
        "provider_oin": "P",
        "requester_oin": "R",
        "question_digest": TABLE.digest("bsn", SMALLEST, SMALLEST_SET),
        "kind": "bsn",
        "period": "2026-01",
        "groups": TABLE.groups,
        "categories": TABLE.categories,
        "cells": [SMALLEST, LARGEST, NOT_RELEASED, 10, 11, 12],
        "epsilon_micro": 250_000,
        "smallest_cell": SMALLEST,
        "given_at_ms": NOON,
    }
    return CountTable(**{**honest, **changes})


def daily(**changes: Any) -> CountTable:
    """The answer to the question that is asked every day."""
    one = {
        "question_digest": DAILY.digest("bsn", SMALLEST, SMALLEST_SET),
        "groups": ["all"],
        "categories": ["all"],
    }
    return table(**{**one, "cells": [10], "period": "2026-01-01", **changes})


def check(
    answer: CountTable, *, now: int = NOON, given_before: bool = False, every_day: bool = False
) -> None:
    """Check it as the answer to an order that was decided just now."""
    asked = Asked(ORDER, bytes(32) if given_before else HASH, TERMS, DAILY if every_day else TABLE, now)
    check_table(answer, asked, now_ms=now, given_before=given_before)


WRONG: dict[str, dict[str, Any]] = {
    "version": {"version": 2},
    "another provider": {"provider_oin": "Q"},
    "another requester": {"requester_oin": "Q"},
    "another question": {"question_digest": DAILY.digest("bsn", SMALLEST, SMALLEST_SET)},
    "no question": {"question_digest": b""},
    "another kind": {"kind": "household"},
    "last month's": {"period": "2025-12"},
    "a day's": {"period": "2026-01-01"},
    "no period": {"period": ""},
    "a group less": {"groups": ["noord", "zuid"]},
    "a group twice": {"groups": ["noord", "noord", "other"]},
    "another group": {"groups": ["noord", "oost", "other"]},
    "another category": {"categories": ["rent", "origin"]},
    "no categories": {"categories": [], "cells": []},
    "rows and columns exchanged": {"groups": TABLE.categories, "categories": TABLE.groups},
    "a cell less": {"cells": [10] * 5},
    "a cell more": {"cells": [10] * 7},
    "no cells": {"cells": []},
    "a cell that is too small to be told": {"cells": [10, 10, 10, SMALLEST - 1, 10, 10]},
    "zero": {"cells": [10, 10, 10, 0, 10, 10]},
    "a negative cell": {"cells": [10, 10, 10, -2, 10, 10]},
    "a cell with more than ever fit": {"cells": [10, 10, 10, 10, 10, COUNT_ELEMENTS + 1]},
    "another epsilon": {"epsilon_micro": 500_000},
    "another smallest cell": {"smallest_cell": SMALLEST - 1},
    "given tomorrow": {"given_at_ms": NOON + DAY_MS},
    "given before all time": {"given_at_ms": -(2**62)},
    "given after all time": {"given_at_ms": 2**62},
}


@pytest.mark.parametrize("given_before", [False, True])
@pytest.mark.parametrize("name", WRONG)
def test_a_table_with_a_fault(name: str, given_before: bool) -> None:
    """A table with one field that is not what was asked is refused, new or given before."""
    check(table(), given_before=given_before)
    with pytest.raises(Refusal, match="table_invalid"):
        check(table(**WRONG[name]), given_before=given_before)


def test_whose_answer_it_is() -> None:
    """A new table answers this order; one that was given before answered another."""
    for given_before, order_hash in ((False, bytes(32)), (True, bytes(32)), (False, b"")):
        with pytest.raises(Refusal, match="order_hash"):
            check(table(order_hash=order_hash), given_before=given_before)


def test_categories_in_another_order() -> None:
    """Only what was given before may name the categories in another order than the agreement has now."""
    turned = table(groups=["other", "zuid", "noord"], categories=["energy", "rent"])
    check(turned, given_before=True)
    with pytest.raises(Refusal, match="categories"):
        check(turned)


def test_the_provider_has_room_for_its_traps() -> None:
    """A new cell is never more than the persons that a category of either side has room for now."""
    full = table(cells=[LARGEST + 1] * 6)
    check(full, given_before=True)  # the buckets may have been larger then
    with pytest.raises(Refusal, match="smaller or larger"):
        check(full)
    small = TERMS.model_copy(update={"provider_bucket": COUNT_TRAPS + 20})
    asked = Asked(ORDER, HASH, small, TABLE, NOON)
    check_table(table(cells=[20] * 6), asked, now_ms=NOON, given_before=False)
    with pytest.raises(Refusal, match="smaller or larger"):
        check_table(table(cells=[21] * 6), asked, now_ms=NOON, given_before=False)


MIDNIGHT = NOON + DAY_MS // 2
TIMES: dict[str, tuple[CountTable, int, bool, bool]] = {  # what is given, when, before, and whether it passes
    "today's": (daily(), NOON, False, True),
    "tomorrow's, by a clock that is ahead": (
        daily(period="2026-01-02", given_at_ms=MIDNIGHT),
        MIDNIGHT - 5 * MINUTE_MS,
        False,
        True,
    ),
    "tomorrow's, by a clock that is too far ahead": (
        daily(period="2026-01-02", given_at_ms=MIDNIGHT),
        MIDNIGHT - 30 * MINUTE_MS,
        False,
        False,
    ),
    "yesterday's, by a clock that is behind": (
        daily(given_at_ms=MIDNIGHT - MINUTE_MS),
        MIDNIGHT + 5 * MINUTE_MS,
        False,
        True,
    ),
    "yesterday's, given before midnight": (daily(), MIDNIGHT + 5 * MINUTE_MS, True, True),
    "yesterday's": (daily(), MIDNIGHT + HOUR_MS, True, False),
    "given long before the order": (daily(given_at_ms=NOON - HOUR_MS), NOON, False, False),
    "given before, this morning": (daily(given_at_ms=NOON - 11 * HOUR_MS), NOON, True, True),
    "given in another period": (daily(given_at_ms=NOON - 30 * HOUR_MS), NOON, True, False),
    "asked before midnight and given after": (
        daily(given_at_ms=MIDNIGHT + MINUTE_MS),
        MIDNIGHT - MINUTE_MS,
        False,
        True,
    ),
}


@pytest.mark.parametrize("name", TIMES)
def test_when_a_table_was_given(name: str) -> None:
    """The period is that of the answer, and of now, give or take what clocks differ by."""
    answer, now, given_before, passes = TIMES[name]
    if passes:
        check(answer, now=now, given_before=given_before, every_day=True)
    else:
        with pytest.raises(Refusal, match="table_invalid"):
            check(answer, now=now, given_before=given_before, every_day=True)


@given(st.integers(NOON, NOON + 800 * DAY_MS), st.integers(-15 * MINUTE_MS, 15 * MINUTE_MS))
def test_clocks_that_differ_a_little(now: int, apart: int) -> None:
    """An honest answer passes whatever the time is, also when the clocks differ by a quarter of an hour."""
    theirs = now + apart
    check(daily(period=period_of("day", theirs), given_at_ms=theirs), now=now, every_day=True)
