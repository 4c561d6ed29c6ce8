"""The Typer app: all commands, and what becomes of errors."""

import errno
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from linkage_node import __version__
from linkage_node.cli.agreements import agreements_app
from linkage_node.cli.bench import bench
from linkage_node.cli.common import error_data, errors, print_json, show_error
from linkage_node.cli.demo import demo
from linkage_node.cli.disclosures import disclosures_app
from linkage_node.cli.doctor import doctor
from linkage_node.cli.epsilon import epsilon_app
from linkage_node.cli.evidence import evidence_app
from linkage_node.cli.init import init
from linkage_node.cli.language import say, speak
from linkage_node.cli.match import match
from linkage_node.cli.peers import peers_app
from linkage_node.cli.policy import policy_app
from linkage_node.cli.query_chart import queries_app
from linkage_node.cli.register import register_app
from linkage_node.cli.serve import serve
from linkage_node.cli.standing import standing_app
from linkage_node.cli.suggested import forget_config
from linkage_node.cli.upgrade import upgrade
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
    speak("en")  # a command of the officer has a language of its own
    forget_config()


for _name, _group in {
    "peers": peers_app,
    "agreements": agreements_app,
    "policy": policy_app,
    "register": register_app,
    "queries": queries_app,
    "standing": standing_app,
    "epsilon": epsilon_app,
    "evidence": evidence_app,
    "disclosures": disclosures_app,
}.items():
    app.add_typer(_group, name=_name)
for _command in (init, serve, match, doctor, upgrade, demo, bench):
    app.command()(_command)


def main() -> None:
    """Run the command line; the exit code says how it ended (see `ExitCode`)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # what a terminal cannot show is no reason to fail
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:
            errors.print(say("interrupted"))
        raise
    except LinkageError as error:
        show_error(error)
        if "--json" in sys.argv:
            print_json(error_data(error))
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
