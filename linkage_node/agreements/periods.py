"""Periods of questions that repeat, by the calendar in UTC."""

from datetime import UTC, datetime
from typing import assert_never

from linkage_node.agreements.terms import Period

# How many of each begin in, or reach into, one calendar year at the most; a leap year can touch 54 weeks (2012 did).
TIMES_A_YEAR: dict[Period, int] = {"day": 366, "week": 54, "month": 12, "quarter": 4, "year": 1}


def period_of(every: Period, now_ms: int) -> str:
    """The period of a moment, in UTC: "2026-11-22", "2026-W47" (ISO 8601 week), "2026-11", "2026-Q4" or "2026".

    `now_ms` is in milliseconds since 1970-01-01 UTC.
    """
    day = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    match every:
        case "day":
            return day.isoformat()
        case "week":  # its year is not always the day's
            year, week, _ = day.isocalendar()
            return f"{year:04}-W{week:02}"
        case "month":
            return f"{day.year:04}-{day.month:02}"
        case "quarter":
            return f"{day.year:04}-Q{(day.month + 2) // 3}"
        case "year":
            return f"{day.year:04}"
    assert_never(every)
