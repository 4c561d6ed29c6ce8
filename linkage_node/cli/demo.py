"""`demo`: five invented organisations find the clients they share."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from linkage_node.cli.common import console as standard
from linkage_node.errors import ExitCode, InputError

_TERMINATED = 128 + signal.SIGTERM  # as shells report it
_COLUMNS = 100  # at the most: lines that are longer are hard to read


def demo(
    people: Annotated[int, typer.Option(min=300, help="How many people to invent.")] = 4000,
    seed: Annotated[int, typer.Option(help="Another seed gives other people.")] = 2026,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Leave everything in this new folder.")
    ] = None,
) -> None:
    """Five invented organisations help the same people: real nodes, commands and mutual TLS on this machine.

    Ends by comparing every answer with the truth. Exit code 0 if there is no miss, no false hit, and no number further
    from the truth than its noise allows; else 1, as when a step did not do what it should.
    """
    from linkage_node.demo.story import tell

    if keep is not None:
        keep = keep.resolve()
        if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
            raise InputError("file_exists", str(keep), hint="Give a new folder to --keep.")
        keep.mkdir(parents=True, exist_ok=True)
    console = Console(highlight=False, width=min(standard.width, _COLUMNS))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # so that the nodes are stopped too
    holds = tell(console, people=people, seed=seed, keep=keep)
    if keep is not None:
        console.print(f"Everything is in {keep}; no node runs any more.", soft_wrap=True)
    else:
        console.print(
            "The files it wrote are gone; `linkage-node demo --keep DIR` leaves them in a new folder."
        )
    if not holds:
        raise typer.Exit(ExitCode.INTERNAL)
