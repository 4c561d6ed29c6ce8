"""`linkage-node doctor`: what is wrong with a node, and how to mend it."""

from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from linkage_node.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, console, print_json
from linkage_node.errors import ExitCode

_COLOURS = {"ok": "green", "warning": "yellow", "fault": "red", "skipped": "dim"}


def doctor(
    config: ConfigOption = DEFAULT_CONFIG,
    health: Annotated[
        bool,
        typer.Option(
            "--health",
            help="For health checks: only what is quick, and a node that does not run is a fault.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check a node: configuration, files, secrets, certificate, database, peers, agreements, policy, evidence.

    Exit code 0 when all is well or there are only warnings, 3 when something does not work.
    """
    from linkage_node.diagnosis import State, diagnose
    from linkage_node.logs import configure_logs

    configure_logs("error")
    findings = list(diagnose(config, health=health))
    faults = sum(finding.state is State.FAULT for finding in findings)
    warnings = sum(finding.state is State.WARNING for finding in findings)
    if as_json:
        print_json(
            {"faults": faults, "warnings": warnings, "findings": [finding._asdict() for finding in findings]}
        )
    else:
        table = Table(*(Column(name, overflow="fold") for name in ("check", "state", "seen", "what to do")))
        for finding in findings:
            state = Text(finding.state.value, style=_COLOURS[finding.state.value])
            table.add_row(finding.check, state, Text(finding.seen), Text(finding.remedy))
        console.print(table)
        told = f"{_counted(faults, 'fault')}, {_counted(warnings, 'warning')}."
        console.print(told if faults or warnings else "All is well.")
    if faults:
        raise typer.Exit(ExitCode.INPUT)


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
