"""`linkage-node policy test` and `coverage`: a policy tried on its cases, and what the cases reach."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    console,
    error_data,
    errors,
    open_node,
    print_json,
    tell,
    warn,
)
from linkage_node.cli.language import LanguageOption, each, say, spoken
from linkage_node.errors import ExitCode, InputError, Refusal
from linkage_node.paths import as_written

if TYPE_CHECKING:
    from linkage_node.node import Node
    from linkage_node.policy.case_runs import Result
    from linkage_node.policy.cases import Case
    from linkage_node.policy.coverage import Lines
    from linkage_node.policy.engine import DecisionPoint
    from linkage_node.policy.trying import Trial

FolderArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[DIR]",
        help="A policy folder, or a folder of cases alone; without it the node's own policy folder and cases.",
    ),
]
_BAR_AFTER_SECONDS = 2.0
_EMBEDDED = "embedded"


def try_cases(
    folder: FolderArgument = None,
    config: ConfigOption = DEFAULT_CONFIG,
    _language: LanguageOption = "nl",
    as_json: JsonOption = False,
) -> None:
    """Put every case (cases/*.yaml) to the rules, and say which are decided otherwise than they tell."""
    from linkage_node.policy.case_runs import CasePolicy
    from linkage_node.policy.embedded import EmbeddedDecisionPoint

    with _opened(folder, config) as (trial, node):
        embedded = EmbeddedDecisionPoint(CasePolicy(trial.rules, trial.catalogue, trial.cases))
        runs = [_run(_EMBEDDED, embedded, trial.cases)]
        if node is not None and node.config.policy.engine != _EMBEDDED:
            runs.append(_run_elsewhere(node, trial.cases))
    failed = sum(len(run["otherwise"]) for run in runs)
    if as_json:
        told = {"folder": str(trial.folder), "cases": len(trial.cases), "cases_own": trial.counted.own}
        print_json({**told, "engines": runs})
        if failed:
            raise typer.Exit(ExitCode.REFUSED)
        return
    product, own = trial.counted
    if trial.cases_in:
        tell("cases_are", product=product, own=own, folder=as_written(trial.cases_in))
    else:
        tell("cases_of_product", product=product)
    for run in runs:
        _show(run, len(trial.cases))
    if failed:
        raise Refusal(
            "policy_tests_failed",
            f"{failed} decided otherwise",
            hint="Change the rule, the agreement or the case: one of them does not say what you mean.",
        )


def coverage(
    folder: FolderArgument = None,
    config: ConfigOption = DEFAULT_CONFIG,
    at_least: Annotated[
        float | None,
        typer.Option(
            "--at-least", min=0, max=100, metavar="PERCENT", help="Exit code 4 if fewer lines are reached."
        ),
    ] = None,
    _language: LanguageOption = "nl",
    as_json: JsonOption = False,
) -> None:
    """Which lines of the rules the cases reach, and which reasons and agreements no case is about.

    The lines are told by OPA: without the program `opa` they are left out, and with --at-least that is an error.
    """
    from linkage_node.policy.coverage import line_coverage, missing, percentage

    with _opened(folder, config) as (trial, _):
        lacking = missing(trial.rules, trial.cases, trial.agreements)
    lines, error = {}, None
    try:
        lines = line_coverage(trial.rules, trial.catalogue, trial.cases)
    except InputError as caught:
        if at_least is not None or caught.code != "tool_missing":
            raise
        error = caught
    told = None if error else percentage(lines)
    if as_json:
        files = {name: one._asdict() for name, one in lines.items()}
        print_json({"percentage": told, "files": files, **lacking._asdict(), **error_data(error)})
    else:
        _show_lines(lines, told)
        tell("reasons_without_case", names=", ".join(lacking.reasons) or say("none"))
        tell("agreements_without_case", names=", ".join(lacking.agreements) or say("none"))
        if error:
            tell("lines_untold")
    if at_least is not None and told is not None and told < at_least:
        warn("too_few_lines", percentage=f"{told:.1f}", least=f"{at_least:g}")
        raise typer.Exit(ExitCode.REFUSED)


@contextmanager
def _opened(folder: Path | None, config: Path) -> "Iterator[tuple[Trial, Node | None]]":
    """What is tried, and the node if there is one: a folder is tried without, too."""
    from linkage_node.config import Policy
    from linkage_node.policy.trying import read_trial

    if folder is not None and not config.exists():
        yield read_trial(folder, Policy(), None), None
        return
    with open_node(config) as node:
        yield read_trial(folder, node.config.policy, node.agreements.list()), node


def _run(
    engine: str, decide: "DecisionPoint", cases: "list[Case]", **read: Callable[[Any], dict[str, Any]]
) -> dict[str, Any]:
    """What an engine made of the cases, as it is printed."""
    from linkage_node.policy.case_runs import run_cases

    otherwise = [
        {
            "case": result.case.name,
            "source": result.case.source,
            "why": result.case.why,
            "differences": {
                field: {"expected": expected, "found": found}
                for field, (expected, found) in result.differences.items()
            },
        }
        for result in _watched(run_cases(decide, cases, **read), len(cases))
        if not result.as_told
    ]
    return {"engine": engine, "tried": len(cases), "otherwise": otherwise}


def _run_elsewhere(node: "Node", cases: "list[Case]") -> dict[str, Any]:
    """The node's own decision point knows no agreements but the node's: only cases about these are put to it."""
    from linkage_node.agreements import content_hash
    from linkage_node.policy.authzen import AuthzenDecisionPoint

    known = {content_hash(agreement).hex() for agreement in node.agreements.list()}
    there = [case for case in cases if case.agreement_hash in known]
    read = {"read": _decision_alone} if isinstance(node.decide, AuthzenDecisionPoint) else {}
    return _run(node.config.policy.engine, node.decide, there, **read)


def _decision_alone(raw: Any) -> dict[str, Any]:
    """AuthZEN tells a decision; reasons and conditions are the service's own."""
    from linkage_node.policy.authzen import parse_evaluation
    from linkage_node.policy.outcome import NOTHING

    return {"allow": parse_evaluation(raw, NOTHING).allow}


def _watched(results: "Iterable[Result]", total: int) -> "Iterator[Result]":
    """The results, with a bar on a terminal if they take long."""
    from time import monotonic

    from rich.progress import Progress

    from linkage_node.cli.progress import columns

    begun, task = monotonic(), None
    with Progress(*columns(), console=errors, transient=True, disable=not errors.is_terminal) as bar:
        for done, result in enumerate(results, start=1):
            if task is not None:
                bar.update(task, completed=done)
            elif monotonic() - begun > _BAR_AFTER_SECONDS:
                task = bar.add_task(say("cases"), total=total, completed=done)
            yield result


def _show(run: dict[str, Any], cases: int) -> None:
    for failed in run["otherwise"]:
        tell("case_failed", case=failed["case"], source=failed["source"], why=failed["why"])
        for field, values in _telling(failed["differences"]).items():
            expected, found = _told(values["expected"]), _told(values["found"])
            tell("case_differs", field=say(f"decided_{field}"), expected=expected, found=found)
    agreed = run["tried"] - len(run["otherwise"])
    tell("cases_tried", engine=say(f"engine_{run['engine']}"), agreed=agreed, tried=run["tried"])
    if run["tried"] < cases:
        tell("cases_elsewhere", cases=cases - run["tried"])


def _telling(differences: dict[str, Any]) -> dict[str, Any]:
    """What a person needs of them: of the conditions those that differ, and none if one of the two is a refusal."""
    told = {field: dict(values) for field, values in differences.items()}
    if "allow" in told:
        told.pop("obligations", None)
    elif "obligations" in told:
        expected, found = told["obligations"].values()
        others = {name for name in {**expected, **found} if expected.get(name) != found.get(name)}
        for side, values in told["obligations"].items():
            told["obligations"][side] = {name: values[name] for name in others if name in values}
    return told


def _told(value: Any) -> str:
    from linkage_node.policy.explained_words import condition

    if isinstance(value, bool):
        return say("approved_so" if value else "refused_so")
    if isinstance(value, dict):
        return ", ".join(condition(spoken(), *one) for one in sorted(value.items())) or say("none")
    return ", ".join(map(str, value)) or say("none")


def _show_lines(lines: "dict[str, Lines]", told: float | None) -> None:
    from rich.table import Table

    if told is None:
        return
    table = Table(title=say("lines_reached", percentage=f"{told:.1f}"))
    file, reached, missed, which = each("coverage", "file reached missed lines")
    table.add_column(file, no_wrap=True)
    table.add_column(reached, justify="right")
    table.add_column(missed, justify="right")
    table.add_column(which)
    for name, one in sorted(lines.items()):
        table.add_row(name, str(one.reached), str(len(one.missed)), _ranges(one.missed))
    console.print(table)


def _ranges(lines: tuple[int, ...]) -> str:
    """Line numbers, those that follow each other as `24-29`."""
    parts: list[list[int]] = []
    for line in lines:
        if parts and parts[-1][1] + 1 == line:
            parts[-1][1] = line
        else:
            parts.append([line, line])
    return ", ".join(f"{first}-{last}" if first < last else str(first) for first, last in parts)
