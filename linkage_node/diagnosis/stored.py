"""Checks of what stands in the database: that it can be used, the clock, overdue seeds, the chain of evidence."""

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from linkage_node.clock import DAY_MS, iso, now_ms
from linkage_node.diagnosis.findings import Finding, State, fault, from_error, ok, warning
from linkage_node.errors import StorageError
from linkage_node.limits import HOUSEKEEPING_SECONDS, SCRUB_WARNING_MS
from linkage_node.node import Node
from linkage_node.storage import tables

# When this was written: a clock before it is wrong.
_EARLIEST_MS = 1_767_225_600_000  # 2026-01-01
_CLOCK_SLACK_MS = 5_000


def check_database(node: Node) -> Iterator[Finding]:
    """It is there, and of this version."""
    yield ok("database", node.database.engine.url.render_as_string(hide_password=True))


def check_writing(node: Node) -> Iterator[Finding]:
    """It can be written."""
    try:
        with node.database.write():
            yield ok("writing", "the database can be written")
    except StorageError as error:
        if error.code != "storage_locked":
            raise
        yield from_error("writing", error, State.WARNING)


def check_clock(node: Node) -> Iterator[Finding]:
    """The clock has not gone back behind the last record of evidence."""
    now = now_ms()
    with node.database.read() as connection:
        last = connection.execute(
            select(tables.evidence.c.body).order_by(tables.evidence.c.seq.desc()).limit(1)
        ).scalar_one_or_none()
    latest = _EARLIEST_MS
    if last is not None:
        latest = max(latest, int(datetime.fromisoformat(json.loads(last)["at"]).timestamp() * 1000))
    if now < latest - _CLOCK_SLACK_MS:
        yield fault(
            "clock",
            f"it says {iso(now)}, which is before {iso(latest)}",
            "Set the clock (NTP): orders expire by it.",
        )
    else:
        yield ok("clock", iso(now))


def check_seeds(node: Node) -> Iterator[Finding]:
    """No seed outlives its epoch: as long as it is there, old tag sets can be opened with it."""
    overdue_since = now_ms() - int(HOUSEKEEPING_SECONDS * 2000)
    with node.database.read() as connection:
        count, oldest = connection.execute(
            select(func.count(), func.min(tables.epoch_seed.c.ends_at)).where(
                tables.epoch_seed.c.ends_at <= overdue_since, tables.epoch_seed.c.sealed.is_not(None)
            )
        ).one()
    if count:
        days = (now_ms() - oldest) // DAY_MS
        yield warning(
            "epoch seeds",
            f"{count} of epochs that are over are not destroyed yet, the oldest {days} days late",
            "Start the node, `linkage-node serve`: it destroys them.",
        )
    else:
        yield ok("epoch seeds", "none is overdue")


def check_wiping(node: Node) -> Iterator[Finding]:
    """What was destroyed is off the disk too."""
    since = node.database.scrub_owed_since()
    if since is not None and since < now_ms() - SCRUB_WARNING_MS:
        yield warning(
            "wiping",
            f"the disk may still hold what was destroyed since {iso(since)}",
            "Start the node, which tries again; if it runs, end what keeps the database open: a backup, a shell.",
        )
    else:
        yield ok("wiping", "nothing that was destroyed is overdue")


def check_evidence(node: Node) -> Iterator[Finding]:
    """The chain is unbroken, up to the head that the node signed."""
    from linkage_node.evidence import EvidenceLog

    last = EvidenceLog.of(node).verify()
    yield ok("evidence", f"unbroken, {last.seq if last else 0} records")
