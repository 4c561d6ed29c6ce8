"""The one place that asks the machine what time it is; cores take the time as an argument."""

import time
from datetime import UTC, datetime

HOUR_MS = 60 * 60 * 1000
DAY_MS = 24 * HOUR_MS


def now_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


def iso(ms: int) -> str:
    """RFC 3339 in UTC, for people and policy."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day_of(ms: int) -> str:
    """The UTC day, YYYY-MM-DD, to which a budget belongs."""
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()
