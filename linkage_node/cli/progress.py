"""Runs a question in the command's own process, with a bar for every provider."""

from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from linkage_node.cli.common import errors

if TYPE_CHECKING:
    from linkage_node.asking.queries import Query
    from linkage_node.asking.several import Whole
    from linkage_node.assembly import Assembly


class _Done(MofNCompleteColumn):
    """How much of how much, once that is known."""

    def render(self, task: Task) -> Text:
        return super().render(task) if task.completed and task.total else Text()


class _Left(TimeRemainingColumn):
    """How long it will still take, once that can be told."""

    def render(self, task: Task) -> Text:
        return Text() if task.finished or task.time_remaining is None else super().render(task)


def run_with_progress(assembly: "Assembly", whole: "Whole") -> "Whole":
    """Run what has not ended; on a terminal a bar for each provider shows its state, with a true total.

    Raises what stopped a question to one provider. Of several, the errors are kept in the whole. Interrupted, it tells
    how to go on.
    """
    from linkage_node.asking.several import run

    names = {card.oin: card.name for card in assembly.node.peers.list()}
    with Progress(*columns(), console=errors, transient=True, disable=not errors.is_terminal) as bars:
        tasks = {part.id: bars.add_task(label(part, names), total=None) for part in whole.parts}

        def watch(now: "Query") -> None:
            total, completed = numbers(now)
            bars.update(tasks[now.id], description=label(now, names), total=total, completed=completed)

        try:
            done = run(assembly, whole, watch)
        except KeyboardInterrupt:
            bars.stop()
            errors.print(f"To go on: `linkage-node queries resume {whole.id}`", soft_wrap=True)
            raise
    if len(done.parts) == 1 and done.errors:
        raise done.errors[done.only.id]
    return done


def columns() -> tuple[ProgressColumn, ...]:
    """What stands on a line: the provider, a bar, and numbers where there are any."""
    return TextColumn("{task.description}"), BarColumn(), _Done(), _Left()


def label(part: "Query", names: dict[str, str]) -> str:
    """Who is asked, and what is being done there: markup."""
    return Text(f"{names.get(part.provider_oin) or part.provider_oin}: {_doing(part)}").markup


def numbers(part: "Query") -> tuple[int | None, int]:
    """The total of a bar (None: not known yet), and how much of it is done. What has ended stands still."""
    from linkage_node.asking.queries import QUEUED, RUNNING

    if part.state in (QUEUED, RUNNING):
        return part.elements or None, part.evaluated
    return part.evaluated or 1, part.evaluated or 1


def _doing(part: "Query") -> str:
    """A provider is asked in chunks, before which all elements are made ready."""
    from linkage_node.asking.queries import RUNNING

    if part.state != RUNNING:
        return part.state
    if not part.evaluated:
        return "preparing"
    return "comparing" if part.evaluated >= part.elements else "asking"
