"""What stands beside a bar while a question is put."""

import io
from dataclasses import replace

import pytest
from rich.console import Console
from rich.progress import Progress

from linkage_node.asking.queries import DONE, FAILED, QUEUED, RUNNING, Query
from linkage_node.cli.progress import columns, label, numbers
from tests.nodes import OIN_B

STATES = [
    (QUEUED, 0, 0, "queued", (None, 0)),
    (RUNNING, 0, 0, "preparing", (None, 0)),
    (RUNNING, 0, 900, "preparing", (900, 0)),
    (RUNNING, 300, 900, "asking", (900, 300)),
    (RUNNING, 900, 900, "comparing", (900, 900)),
    (DONE, 900, 900, "done", (900, 900)),
    (DONE, 0, 0, "done", (1, 1)),
    (FAILED, 300, 900, "failed", (300, 300)),
]


def part(state: str, evaluated: int, elements: int) -> Query:
    """A query that is so far."""
    new = Query("ab" * 16, b"", "a", OIN_B, "bsn", "hit", "register", "cli", 0)
    return replace(new, state=state, evaluated=evaluated, elements=elements)


@pytest.mark.parametrize(("state", "evaluated", "elements", "doing", "bar"), STATES)
def test_what_is_being_done(
    state: str, evaluated: int, elements: int, doing: str, bar: tuple[int | None, int]
) -> None:
    """Before the first chunk comes back it is being prepared; a bar of what has ended stands still."""
    now = part(state, evaluated, elements)
    assert label(now, {OIN_B: "Bank [b]"}) == f"Bank \\[b]: {doing}"
    assert label(now, {}) == f"{OIN_B}: {doing}"
    assert numbers(now) == bar


def test_no_time_is_told_that_nobody_knows() -> None:
    """Neither a total that is unknown nor the time that is left until then stands on the line."""
    out = io.StringIO()
    with Progress(*columns(), console=Console(file=out, force_terminal=True, width=80)) as bars:
        bars.add_task("Bank: preparing", total=None)
        bars.refresh()
    shown = out.getvalue()
    assert "Bank: preparing" in shown
    assert "-:--" not in shown
    assert "?" not in shown.replace("\x1b[?25", "")
