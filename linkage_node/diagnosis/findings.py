"""Findings, and the run over all checks."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from linkage_node.errors import LinkageError
from linkage_node.node import Node


class State(StrEnum):
    """How bad it is: a node with warnings works."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"
    SKIPPED = "skipped"


class Finding(NamedTuple):
    """What one check saw, and what to do about it."""

    check: str
    state: State
    seen: str
    remedy: str = ""
    code: str = ""


def ok(check: str, seen: str) -> Finding:
    """All is well."""
    return Finding(check, State.OK, seen)


def warning(check: str, seen: str, remedy: str) -> Finding:
    """It works, and needs attention."""
    return Finding(check, State.WARNING, seen, remedy)


def fault(check: str, seen: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(check, State.FAULT, seen, remedy)


def from_error(check: str, error: LinkageError, state: State = State.FAULT) -> Finding:
    """The error that a part of the node raised."""
    return Finding(check, state, error.message, error.hint, error.code)


class Check(NamedTuple):
    """One check; it is left out when one of those that it `needs` found a fault. `slow` ones can be left out too."""

    name: str
    run: Callable[[Node], Iterator[Finding]]
    needs: tuple[str, ...] = ()
    slow: bool = False


def diagnose(config: Path, *, health: bool = False) -> Iterator[Finding]:
    """All findings about the node of this configuration, one after another; never raises a LinkageError.

    `health` leaves the slow checks out and takes a node that does not run, or is not well, for a fault.
    """
    from linkage_node.diagnosis.checks import CHECKS

    try:
        node = Node.open(config)
    except LinkageError as error:
        yield from_error("configuration", error)
        return
    yield ok("configuration", f"{node.config.name}, OIN {node.config.oin}, {node.config.mode} mode")
    faulty: set[str] = set()
    with node:
        for check in CHECKS:
            if health and check.slow:
                continue
            broken = [name for name in check.needs if name in faulty]
            findings = (
                [Finding(check.name, State.SKIPPED, f"needs: {broken[0]}")] if broken else _run(check, node)
            )
            if health and check.name == "listening":
                findings = [
                    one._replace(state=State.FAULT) if one.state is State.WARNING else one for one in findings
                ]
            if any(finding.state in (State.FAULT, State.SKIPPED) for finding in findings):
                faulty.add(check.name)
            yield from findings


def _run(check: Check, node: Node) -> list[Finding]:
    findings: list[Finding] = []
    try:
        findings.extend(check.run(node))
    except LinkageError as error:
        findings.append(from_error(check.name, error))
    except Exception as error:  # a doctor that dies of the illness helps nobody
        findings.append(fault(check.name, f"a defect of the check: {type(error).__name__}", "Report it."))
    return findings
