"""Runs a question in the command's own process, with a bar for every provider."""

from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from linkage_node.cli.common import errors

if TYPE_CHECKING:
    from linkage_node.asking.queries import Query
    from linkage_node.asking.several import Whole
    from linkage_node.assembly import Assembly


def run_with_progress(assembly: "Assembly", whole: "Whole") -> "Whole":
    """Run what has not ended; on a terminal a bar for each provider shows its state, with a true total.

    Raises what stopped a question to one provider. Of several, the errors are kept in the whole.
    """
    from linkage_node.asking.several import run

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bars:
        tasks = {part.id: bars.add_task(_label(part), total=None) for part in whole.parts}

        def watch(now: "Query") -> None:
            bars.update(
                tasks[now.id], description=_label(now), total=now.elements or None, completed=now.evaluated
            )

        done = run(assembly, whole, watch)
    if len(done.parts) == 1 and done.errors:
        raise done.errors[done.only.id]
    return done


def _label(part: "Query") -> str:
    return Text(f"{part.provider_oin} {part.state}").markup
