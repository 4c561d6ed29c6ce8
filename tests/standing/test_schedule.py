"""Schedules: what is one, and when the next run is, on every day of the year."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linkage_node.asking.schedule import Schedule
from linkage_node.errors import InputError

AMSTERDAM = "Europe/Amsterdam"
ZONES = (AMSTERDAM, "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia")


def ms(text: str) -> int:
    """A moment, in milliseconds since 1970-01-01 UTC."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def local(moment: int, zone: str = AMSTERDAM) -> datetime:
    """What the clock on the wall shows."""
    return datetime.fromtimestamp(moment / 1000, ZoneInfo(zone))


def next_of(text: str, now: str) -> str:
    """The next run in Amsterdam."""
    return local(Schedule.of(text, AMSTERDAM).next_after(ms(now))).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("text", "now", "then"),
    [
        ("0 6 1 * *", "2026-01-15T00:00+00:00", "2026-02-01T06:00+01:00"),
        ("0 6 1 * *", "2026-02-01T05:00+00:00", "2026-03-01T06:00+01:00"),  # exactly then: it is over
        ("0 6 1 * *", "2026-03-01T05:00+00:00", "2026-04-01T06:00+02:00"),  # summer time began
        ("0 6 * * mon", "2026-10-23T12:00+00:00", "2026-10-26T06:00+01:00"),  # winter time began
        ("30 2 * * *", "2026-03-28T12:00+00:00", "2026-03-29T03:00+02:00"),  # half past two is not there
        ("30 2 * * *", "2026-03-29T01:00+00:00", "2026-03-30T02:30+02:00"),
        ("30 2 * * *", "2026-10-24T12:00+00:00", "2026-10-25T02:30+02:00"),  # there twice: the first
        ("30 2 * * *", "2026-10-25T00:30+00:00", "2026-10-26T02:30+01:00"),  # and not again
        ("30 2 * * *", "2026-10-25T01:10+00:00", "2026-10-26T02:30+01:00"),  # in the hour that comes again
        ("*/15 * * * *", "2026-10-25T00:45+00:00", "2026-10-25T02:00+01:00"),  # every quarter of both hours
        ("0 0 L * *", "2026-02-03T00:00+00:00", "2026-02-28T00:00+01:00"),
        ("0 6 29 2 *", "2026-03-01T00:00+00:00", "2028-02-29T06:00+01:00"),
    ],
)
def test_the_next_run(text: str, now: str, then: str) -> None:
    """By the clock on the wall, also on the days that have an hour more or less."""
    assert next_of(text, now) == then


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "daily",
            "@daily",
            "0 6 1 *",
            "0 0 6 1 * *",
            "60 6 1 * *",
            "0 24 1 * *",
            "0 6 0 * *",
            "0 6 32 * *",
        ),
        *("0 6 1 13 *", "0 6 1 * 8", "0 6 30 2 *", "0 6 1 * mo", "0 6 1-0 * *", "*/0 * * * *", "a b c d e"),
        *("0 6 1 * *" + " " * 200, "0," * 100 + "0 6 1 * *", "0 6 L/ * *", "0 6 1 * 1#6"),
    ],
)
def test_what_is_no_schedule(text: str) -> None:
    """Refused with a reason, and not taken for another."""
    with pytest.raises(InputError) as raised:
        Schedule.of(text, AMSTERDAM)
    assert raised.value.code == "schedule_invalid"


@pytest.mark.parametrize(
    "zone", ["", "Amsterdam", "../../etc/passwd", "/etc/localtime", "Europe", "\0", "a" * 500]
)
def test_what_is_no_time_zone(zone: str) -> None:
    """A time zone that there is not, or a path to a file, is refused."""
    with pytest.raises(InputError) as raised:
        Schedule.of("0 6 1 * *", zone)
    assert raised.value.code == "timezone_invalid"


@given(st.text(alphabet="0123456789*/-,#LW MONJAN ", max_size=30))
def test_any_text_is_a_schedule_or_none(text: str) -> None:
    """Whatever is written, it is a schedule with a next run, or refused as such."""
    with suppress(InputError):
        assert Schedule.of(text, AMSTERDAM).next_after(0) > 0


moments = st.integers(ms("2025-01-01T00:00+00:00"), ms("2028-12-31T00:00+00:00"))
minutes, hours, days = st.integers(0, 59), st.integers(0, 23), st.integers(1, 28)


@given(moments, minutes, hours, st.sampled_from(ZONES))
@example(ms("2026-10-25T01:10+00:00"), 30, 2, AMSTERDAM)
def test_a_daily_run(now: int, minute: int, hour: int, zone: str) -> None:
    """It is after now, within 25 hours or so, and at that time of day wherever the day has it."""
    then = Schedule.of(f"{minute} {hour} * * *", zone).next_after(now)
    assert now < then <= now + timedelta(hours=50) / timedelta(milliseconds=1)
    shown = local(then, zone)
    if (shown.hour, shown.minute) != (hour, minute):
        wanted = shown.replace(hour=hour, minute=minute, fold=0)
        assert wanted.astimezone(UTC).astimezone(wanted.tzinfo) != wanted, "the day has that time"
        assert abs((shown - wanted).total_seconds()) <= 24 * 3600


@given(moments, minutes, hours, days, st.sampled_from(ZONES))
def test_a_monthly_run(now: int, minute: int, hour: int, day: int, zone: str) -> None:
    """It comes once a month and never twice; each next one is after the one before."""
    runs = list(islice(Schedule.of(f"{minute} {hour} {day} * *", zone).after(now), 14))
    assert runs[0] > now
    assert all(first < second for first, second in pairwise(runs))
    assert len({local(run, zone).strftime("%Y-%m") for run in runs}) == 14


@given(moments, st.sampled_from(["*/7 * * * *", "0 */5 * * *", "15 3 * * sun", "0 0 1,15 * 1", "5 4 L * *"]))
def test_runs_go_on(now: int, text: str) -> None:
    """From any run the next is found: asked anew after each, the same runs come as in one go."""
    schedule = Schedule.of(text, AMSTERDAM)
    once = list(islice(schedule.after(now), 6))
    step, stepped = now, []
    for _ in range(6):
        step = schedule.next_after(step)
        stepped.append(step)
    assert stepped == once
