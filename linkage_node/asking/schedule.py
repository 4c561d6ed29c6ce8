"""When a standing question is due: cron's syntax in a time zone, by the library `cronsim`."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from linkage_node.errors import InputError
from linkage_node.limits import SCHEDULE_CHARACTERS

_FIELDS = 5  # a sixth would be seconds
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Schedule(NamedTuple):
    """A schedule that was checked."""

    text: str  # minute, hour, day of the month, month, day of the week
    timezone: str  # its name in the IANA database

    @classmethod
    def of(cls, text: str, timezone: str) -> Self:
        """InputError unless it is a schedule that ever comes ("schedule_invalid"), in a time zone that there is.

        "timezone_invalid" for one that there is not.
        """
        told = text[:SCHEDULE_CHARACTERS]
        if len(text) > SCHEDULE_CHARACTERS or len(text.split()) != _FIELDS:
            raise InputError("schedule_invalid", f"{told!r} has not {_FIELDS} fields")
        try:
            ZoneInfo(timezone)
        except (KeyError, OSError, ValueError):
            raise InputError("timezone_invalid", repr(timezone[:64])) from None
        try:
            next(CronSim(text, _SOME_DAY))
        except CronSimError as error:
            raise InputError("schedule_invalid", f"{told!r}: {error}") from None
        except StopIteration:
            raise InputError("schedule_invalid", f"{told!r} never comes") from None
        return cls(text, timezone)

    def after(self, now_ms: int) -> Iterator[int]:
        """All times after `now_ms`, in milliseconds since 1970-01-01 UTC.

        A time of day that a day does not have, when summer time begins, comes at the first moment that there is. One
        that it has twice comes once, at its first.
        """
        start = datetime.fromtimestamp(now_ms // 1000, ZoneInfo(self.timezone))
        for moment in CronSim(self.text, start):
            found = round(moment.timestamp()) * 1000
            if found > now_ms:  # within the hour that comes twice, the library looks from its beginning
                yield found

    def next_after(self, now_ms: int) -> int:
        """The first time after `now_ms`, in milliseconds since 1970-01-01 UTC."""
        return next(self.after(now_ms))
