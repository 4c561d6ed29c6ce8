"""The period that an answer belongs to, by the calendar in UTC."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.agreements.periods import period_of
from linkage_node.agreements.terms import Period

CASES: list[tuple[str, dict[Period, str]]] = [
    (
        "2026-11-22T23:59:59",
        {"day": "2026-11-22", "week": "2026-W47", "month": "2026-11", "quarter": "2026-Q4"},
    ),
    ("2026-01-01T00:00:00", {"day": "2026-01-01", "week": "2026-W01", "month": "2026-01", "year": "2026"}),
    ("2027-01-03T12:00:00", {"week": "2026-W53", "quarter": "2027-Q1", "year": "2027"}),
    ("2024-12-30T00:00:00", {"week": "2025-W01", "quarter": "2024-Q4", "year": "2024"}),
    ("2026-03-31T23:59:59", {"quarter": "2026-Q1"}),
    ("2026-04-01T00:00:00", {"quarter": "2026-Q2"}),
]


@pytest.mark.parametrize(("moment", "periods"), CASES)
def test_periods_are_named_as_the_calendar_does(moment: str, periods: dict[Period, str]) -> None:
    """Days, ISO weeks (whose year is not always the day's), months, quarters and years."""
    now_ms = int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000)
    assert {every: period_of(every, now_ms) for every in periods} == periods


@given(
    st.dates(date(1971, 1, 1), date(2199, 12, 31)),
    st.sampled_from(["day", "week", "month", "quarter", "year"]),
)
def test_a_period_is_one_stretch_of_whole_days(day: date, every: Period) -> None:
    """All of a day is in one period, and the names of later days never sort before those of earlier ones."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    end = start + timedelta(days=1) - timedelta(milliseconds=1)
    later = start + timedelta(days=1)
    named, last, after = (period_of(every, int(one.timestamp() * 1000)) for one in (start, end, later))
    assert named == last
    assert named <= after
