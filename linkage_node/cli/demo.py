"""`demo`: three invented organisations find the clients they share."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from linkage_node.cli.common import console
from linkage_node.errors import ExitCode, InputError

_TERMINATED = 128 + signal.SIGTERM  # as shells report it


def demo(
    people: Annotated[int, typer.Option(min=50, help="How many people to invent.")] = 3000,
    seed: Annotated[int, typer.Option(help="Another seed gives other people.")] = 2026,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Leave everything in this new folder.")
    ] = None,
) -> None:
    """Three invented organisations find the clients they share: real nodes, commands and mutual TLS on this machine.

    Ends by comparing every answer with the truth. Exit code 0 if there is no miss and no false hit, else 1.
    """
    from linkage_node.demo.story import tell

    if keep is not None:
        keep = keep.resolve()
        if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
            raise InputError("file_exists", str(keep), hint="Give a new folder to --keep.")
        keep.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))  # so that the nodes are stopped too
    holds = tell(console, people=people, seed=seed, keep=keep)
    if keep is not None:
        console.print(f"Everything is in {keep}; no node runs any more.", soft_wrap=True)
    if not holds:
        raise typer.Exit(ExitCode.INTERNAL)
