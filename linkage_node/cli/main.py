"""The Typer app: all commands, and what becomes of errors."""

import errno
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer

from linkage_node import __version__
from linkage_node.cli.common import errors, show_error
from linkage_node.errors import ExitCode, LinkageError, StorageError

INTERRUPTED = 130  # as shells report SIGINT

app = typer.Typer(
    name="linkage-node",
    help="Finds the clients that organisations share, without any of them handing over its administration.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"linkage-node {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a defect.")] = False,
    _show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Options that stand before the command."""


# (module, name of a Typer or a function, name of the command or group)
_COMMANDS = (
    ("init", "init", "init"),
    ("peers", "peers_app", "peers"),
    ("agreements", "agreements_app", "agreements"),
    ("policy", "policy_app", "policy"),
    ("register", "register_app", "register"),
    ("serve", "serve", "serve"),
    ("match", "match", "match"),
    ("queries", "queries_app", "queries"),
    ("evidence", "evidence_app", "evidence"),
    ("doctor", "doctor", "doctor"),
    ("demo", "demo", "demo"),
    ("bench", "bench", "bench"),
)
for _module, _attribute, _name in _COMMANDS:
    if find_spec(f"linkage_node.cli.{_module}") is None:
        continue
    _command = getattr(import_module(f"linkage_node.cli.{_module}"), _attribute)
    if isinstance(_command, typer.Typer):
        app.add_typer(_command, name=_name)
    else:
        app.command(_name)(_command)


def main() -> None:
    """Run the command line; the exit code says how it ended (see `ExitCode`)."""
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            errors.print("Interrupted.")
        raise
    except LinkageError as error:
        show_error(error)
        sys.exit(error.exit_code)
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            show_error(StorageError("storage_full"))
            sys.exit(ExitCode.STORAGE)
        if "--debug" in sys.argv:
            raise
        errors.print(
            f"internal: a defect of linkage-node ({type(error).__name__}). To report it, run it with `--debug`."
        )
        sys.exit(ExitCode.INTERNAL)
