"""`standing`: questions that are put on a schedule, and the series of their answers."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    GroupByOption,
    JsonOption,
    QuestionOption,
    console,
    errors,
    open_node,
    print_json,
)
from linkage_node.cli.standing_tell import standing_data, tell_list, tell_one, tell_points
from linkage_node.errors import ExitCode, InputError, LinkageError, Refusal

if TYPE_CHECKING:
    from linkage_node.asking.series import Point
    from linkage_node.assembly import Assembly

RUNNER = "cli"
standing_app = typer.Typer(
    help="Questions that are put on a schedule, and the series of their answers.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="The standing question's name.")]


@standing_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What it is called: small letters, digits, dots, hyphens.")],
    agreements: Annotated[
        list[str] | None,
        typer.Option("--agreement", help="Id of the agreement; repeat it to ask several providers."),
    ] = None,
    providers: Annotated[
        list[str] | None,
        typer.Option(
            "--provider", help="OIN or exact name of a provider, under the one agreement that fits."
        ),
    ] = None,
    answer: Annotated[Literal["count", "hit"], typer.Option("--answer", help="How much is asked.")] = "count",
    question: QuestionOption = "",
    group_by: GroupByOption = None,
    kind: Annotated[
        str, typer.Option("--kind", help="Identifier kind; left out: the first that the agreements share.")
    ] = "",
    schedule: Annotated[
        str,
        typer.Option(
            "--schedule", help='When, in cron\'s syntax: "0 6 1 * *" is at 6:00 on the first of a month.'
        ),
    ] = "",
    timezone: Annotated[str, typer.Option("--timezone", help="Of the schedule.")] = "Europe/Amsterdam",
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Ask about the whole register at set times. Only numbers are kept, for as long as the agreement allows.

    A serving node puts it when it is due; without one, let a clock of yours call `standing run --due`.
    """
    from linkage_node.asking.intake import Wish
    from linkage_node.asking.schedule import Schedule

    if not schedule:
        raise InputError("option_missing", "--schedule")
    when = Schedule.of(schedule, timezone)
    first, *further = agreements or [""]
    wish = Wish(
        first,
        tuple(providers or ()),
        kind,
        answer,
        question=question,
        group_by=tuple(group_by or ()),
        further=tuple(further),
    )
    with _opened(config) as assembly:
        one = assembly.standing.add(name, wish, when)
        repeats = assembly.standing.repeats(one)
        names = _names(assembly)
    if as_json:
        print_json({**standing_data(one), "repeats": repeats})
        return
    tell_one(one, names)
    for agreement in repeats:
        console.print(
            f"[yellow]It is put more often than {agreement} answers anew: the same answer comes again, and stands in "
            "the series once.[/yellow]"
        )


@standing_app.command("list")
def list_standing(as_json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """All standing questions, and when each is put next."""
    with _opened(config) as assembly:
        found = assembly.standing.store.all()
    if as_json:
        print_json([standing_data(one) for one in found])
    else:
        tell_list(found)


@standing_app.command("show")
def show(name: Name, as_json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """A standing question and what came of its runs."""
    with _opened(config) as assembly:
        one, points, names = assembly.standing.store.get(name), _points(assembly, name), _names(assembly)
    if as_json:
        print_json(standing_data(one, points))
        return
    tell_one(one, names)
    tell_points(points, names)


@standing_app.command("pause")
def pause(name: Name, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Ask no more until it is resumed; the series stays."""
    with _opened(config) as assembly:
        assembly.standing.store.pause(name)
    console.print(f"paused: {name}")


@standing_app.command("resume")
def resume(name: Name, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Ask again, from the next time on."""
    from linkage_node.clock import iso

    with _opened(config) as assembly:
        one = assembly.standing.store.resume(name, assembly.clock())
    console.print(f"resumed: {name}; next at {iso(one.next_at)}")


@standing_app.command("remove")
def remove(name: Name, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Remove a standing question and its whole series. `standing export` keeps the numbers elsewhere first."""
    with _opened(config) as assembly:
        assembly.standing.store.remove(name)
    console.print(f"removed: {name}")


@standing_app.command("run")
def run(
    name: Annotated[str, typer.Argument(help="The one to put now, due or not.")] = "",
    due: Annotated[bool, typer.Option("--due", help="Put all whose time has come, each once.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Put a standing question now, or all that are due, and wait for the answers.

    Exit code 7 if some providers answered and some did not; if none did, that of the first one's reason.
    """
    if bool(name) == due:
        raise InputError("options_conflict" if due else "option_missing", "a name, or --due")
    ended: list[Point] = []
    with _opened(config) as assembly:
        names = _names(assembly)
        for one in assembly.standing.store.due(assembly.clock()) if due else [name]:
            ended += _run(assembly, one, due=due)
    if as_json:
        from linkage_node.cli.standing_tell import point_data

        print_json([point_data(point) for point in ended])
    elif ended:
        tell_points(ended, names)
    else:
        console.print("Nothing is due.")
    _end(ended)


def _run(assembly: "Assembly", name: str, *, due: bool) -> "list[Point]":
    """One run to its end: its points."""
    from linkage_node.asking.several import run as run_whole

    begun = assembly.standing.begin(name, RUNNER, due=due)
    if begun is None:
        return []  # another process was first
    try:
        if begun.whole is not None:
            with errors.status(f"asking {name}"):
                run_whole(assembly, begun.whole, lambda _query: None)
    finally:
        assembly.standing.give_up(begun)
    return [point for point in assembly.standing.series.points(name) if point.at == begun.at]


def _end(ended: "list[Point]") -> None:
    from linkage_node.asking.series import AGAIN, DONE

    failed = [point for point in ended if point.state not in (DONE, AGAIN)]
    if failed and len(failed) < len(ended):
        raise typer.Exit(ExitCode.PARTIAL)
    if failed:
        raise typer.Exit(ExitCode.UNREACHABLE if failed[0].state == "failed" else ExitCode.REFUSED)


@standing_app.command("export")
def export(
    name: Name,
    output: Annotated[Path, typer.Option("--output", help="CSV file, with a row for each point and cell.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the series as CSV."""
    from linkage_node.charts.series_csv import HEADER, series_csv
    from linkage_node.outputs import check_writable, write_whole

    check_writable(output, [",".join(HEADER).encode()])
    with _opened(config) as assembly:
        one, points = assembly.standing.store.get(name), _points(assembly, name)
        if not points:
            raise Refusal("series_empty", name)
        agreements = {target.provider_oin: target.agreement_id for target in one.targets}
        write_whole(output, series_csv(one.kind, points, agreements, _names(assembly)))
    console.print(f"written: {output}")


@standing_app.command("chart")
def chart(
    name: Name,
    output: Annotated[Path, typer.Option("--output", help="PNG or SVG file, by its suffix.")],
    by: Annotated[
        Literal["cell", "category", "group", "total"] | None,
        typer.Option("--by", help="A line for each; left out: the finest that can be told apart."),
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Draw the series: lines over time, with the reach of their noise; gaps where there is no number."""
    from linkage_node.charts import series
    from linkage_node.charts.canvas import check_chart
    from linkage_node.charts.lines import panels

    check_chart(output)
    with _opened(config) as assembly:
        one, points = assembly.standing.store.get(name), _points(assembly, name)
        subject = series.Subject(
            name,
            _purposes(assembly, [target.agreement_id for target in one.targets]),
            {target.provider_oin: target.agreement_id for target in one.targets},
            _names(assembly),
            one.kind,
            one.answer,
        )
        series.write(output, subject, panels(points, by))
    console.print(f"written: {output}")


@contextmanager
def _opened(config: Path) -> "Iterator[Assembly]":
    from linkage_node.assembly import Assembly
    from linkage_node.pseudonyms.parallel import local_executor

    with (
        open_node(config) as node,
        local_executor() as executor,
        closing(Assembly(node, executor)) as assembly,
    ):
        yield assembly


def _points(assembly: "Assembly", name: str) -> "list[Point]":
    assembly.standing.housekeeping()
    return assembly.standing.series.points(name)


def _names(assembly: "Assembly") -> dict[str, str]:
    return {card.oin: card.name for card in assembly.node.peers.list()}


def _purposes(assembly: "Assembly", agreement_ids: list[str]) -> tuple[str, ...]:
    """The purposes of the agreements that are still here, each once."""
    found = []
    for agreement_id in agreement_ids:
        try:
            found.append(assembly.node.agreements.get_by_id(agreement_id).purpose)
        except LinkageError:
            continue
    return tuple(dict.fromkeys(found))
