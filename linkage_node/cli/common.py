"""What every command shares: consoles, the `--config` option, and how errors are shown."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from linkage_node.cli.language import in_language, say
from linkage_node.cli.suggested import remember_config, with_config
from linkage_node.errors import ExitCode, LinkageError, Refusal

if TYPE_CHECKING:
    from linkage_node.node import Node

console = Console(highlight=False)  # results, on stdout
errors = Console(stderr=True, highlight=False)  # what went wrong and how far it is, on stderr

ConfigOption = Annotated[
    Path,
    typer.Option(
        "--config",
        "-c",
        help="The node's configuration.",
        envvar="LINKAGE_NODE_CONFIG",
        callback=remember_config,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, for scripts.")]
DEFAULT_CONFIG = Path("node.yaml")
AtLeastOption = Annotated[
    int, typer.Option("--at-least", min=0, help="Only records that at least so many of the providers know.")
]
NotKnownOption = Annotated[
    bool,
    typer.Option(
        "--not-known", help="Only records that none of the providers knows; all must have answered."
    ),
]
QuestionOption = Annotated[
    str, typer.Option("--question", help="Count: id of a question in the agreement's catalogue.")
]
GroupByOption = Annotated[
    list[str] | None,
    typer.Option(
        "--group-by", help="Count: attribute to break it down by, in place of --question; repeat it."
    ),
]
_YES = {"j", "ja", "y", "yes"}  # in either language: nobody knows which one a prompt will read
_SHORTEST_PREFIX = 6  # of an id, in hexadecimal digits


def open_node(config: Path, *, quiet: bool = True) -> "Node":
    """The node of this configuration, with its logs set up; use it as a context manager.

    A command talks to a person: `quiet` leaves only what is out of the ordinary in the log beside it, on a terminal.
    """
    from linkage_node.logs import configure_logs
    from linkage_node.node import Node

    node = Node.open(config)
    level = node.config.log_level
    hushed = quiet and node.config.log_file is None and level == "info"
    configure_logs("warning" if hushed else level, node.config.log_file)
    return node


def find_id(ids: Iterable[str], start: str, *, hint: str = "") -> str:
    """The one id that begins with `start`; Refusal("query_unknown") if it is none, too short, or not the only one."""
    found = {one for one in ids if one.startswith(start)}
    if start in found:
        return start
    if len(start) < _SHORTEST_PREFIX:
        raise Refusal(
            "query_unknown", f"{start!r}: give at least {_SHORTEST_PREFIX} positions of it", hint=hint
        )
    if len(found) > 1:
        raise Refusal("query_unknown", f"{len(found)} begin with {start}: give more of it", hint=hint)
    if not found:
        raise Refusal("query_unknown", f"none begins with {start[:40]}", hint=hint)
    return found.pop()


def tell(key: str, **values: object) -> None:
    """One of the screen's sentences, on stdout."""
    console.print(with_config(say(key, **values)), markup=False, soft_wrap=True)


def warn(key: str, **values: object) -> None:
    """One of the screen's sentences beside the result, on stderr."""
    errors.print(with_config(say(key, **values)), markup=False, soft_wrap=True)


def confirm(key: str) -> None:
    """Ask one of the screen's questions, and go on at `j`, `ja`, `y` or `yes`; all else is a no, and ends it.

    Exit code 1 for a no.
    """
    answer = ask(f"{say(key)} [{say('yes_or_no')}]", default="", show_default=False)
    if answer.strip().casefold() not in _YES:
        raise _interrupted()


def ask(question: str, **how: Any) -> str:
    """What somebody types; `how` as `typer.prompt` takes it. Ctrl-C and the end of the input end the command."""
    try:
        answer: str = typer.prompt(question, **how)
    except typer.Abort:
        errors.print()
        raise _interrupted() from None
    return answer


def _interrupted() -> typer.Exit:
    warn("interrupted")
    return typer.Exit(ExitCode.INTERNAL)


def print_json(value: Any) -> None:
    """One JSON document on stdout, whole and without colours; escaped where stdout is not Unicode."""
    encoding = sys.stdout.encoding or "utf-8"
    json.dump(value, sys.stdout, indent=2, ensure_ascii=not encoding.lower().startswith("utf"))
    sys.stdout.write("\n")
    sys.stdout.flush()


def show_error(error: LinkageError) -> None:
    """What went wrong, where, and what to do now; on stderr."""
    told = in_language(error)
    lines = [Text(told.meaning)]
    if told.detail:
        lines.append(Text(told.detail, style="bold"))
    if told.what_to_do:
        lines.append(Text.assemble((f"\n{say('what_to_do')}", "green"), with_config(told.what_to_do)))
    errors.print(Panel(Group(*lines), title=error.code, title_align="left", border_style="red", expand=False))


def error_data(error: LinkageError | None) -> dict[str, str]:
    """An error as scripts are told it; nothing if there is none."""
    from linkage_node.reasons import explain

    if error is None:
        return {}
    meaning = explain(error.code).meaning
    return {"error": error.code, "meaning": meaning, "detail": error.detail, "what_to_do": error.hint}


def add_each(files: Sequence[Path], add: Callable[[Path], None]) -> None:
    """`add` every file, each by itself: one that is refused is told, and keeps no other out.

    Exit code 7 if some were refused and some not, that of the first error if all were.
    """
    failed: list[LinkageError] = []
    for file in files:
        try:
            add(file)
        except LinkageError as error:
            if len(files) == 1:
                raise
            errors.print(say("not_added", file=file), markup=False, soft_wrap=True)
            show_error(error)
            failed.append(error)
    if failed:
        raise typer.Exit(failed[0].exit_code if len(failed) == len(files) else ExitCode.PARTIAL)
