"""`match`: put a question to another node and write what came of it."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    console,
    errors,
    open_node,
    print_json,
)

if TYPE_CHECKING:
    from linkage_node.asking.queries import Query
    from linkage_node.assembly import Assembly
    from linkage_node.register.rows import Reject

RUNNER = "cli"
NOTICE = "A hit is a signal for a person to look at, never a decision (AVG art. 22)."


def match(
    agreement: Annotated[str, typer.Option("--agreement", help="Id of the agreement.")],
    output: Annotated[
        Path, typer.Option("--output", help="CSV file for the results: record_ref,provider,hit.")
    ],
    provider: Annotated[str, typer.Option("--provider", help="OIN of the provider.")] = "",
    persons: Annotated[
        Path | None,
        typer.Option(
            "--persons",
            help="CSV file of persons to ask about, with columns record_ref and the kind's fields (bsn; or "
            "postcode, house_number, addition). Left out: the whole register.",
        ),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="Mapping file, where --persons has other columns.")
    ] = None,
    kind: Annotated[
        str, typer.Option("--kind", help="Identifier kind; left out: the agreement's first.")
    ] = "",
    answer: Annotated[
        Literal["count", "hit", "attributes"], typer.Option("--answer", help="Only hit is answered now.")
    ] = "hit",
    purpose: Annotated[str, typer.Option("--purpose", help="Left out: the agreement's.")] = "",
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects", help="Where persons that cannot be asked about are listed; left out: beside OUTPUT."
        ),
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Ask another node which of our clients it knows, and write the answer to OUTPUT.

    Asking again costs only what changed. A question that broke off goes on where it was when it is asked again.
    """
    from linkage_node.asking.intake import Wish
    from linkage_node.asking.results import check_writable, write_results
    from linkage_node.assembly import Assembly
    from linkage_node.pseudonyms.parallel import local_executor

    wish = Wish(agreement, (provider,) if provider else (), kind, answer, purpose)
    rejects_path = rejects or output.with_name(output.name + ".rejects.csv")
    check_writable(output)
    with (
        open_node(config) as node,
        local_executor() as executor,
        closing(Assembly(node, executor)) as assembly,
    ):
        refused: list[Reject] = []
        if persons is None:
            query = assembly.intake.about_register(wish, RUNNER).only
        else:
            query, refused = _from_file(assembly, wish, persons, mapping, rejects_path)
        done = run_with_progress(assembly, query)
        write_results(output, done, assembly.queries.results(done.id, assembly.clock()))
    _tell(done, output, refused, rejects_path, as_json)


def _from_file(
    assembly: "Assembly", wish: Any, persons: Path, mapping: Path | None, rejects_path: Path
) -> "tuple[Query, list[Reject]]":
    from linkage_node.asking.persons_file import read_persons

    kind = assembly.intake.resolve(wish).kind
    with read_persons(persons, mapping, kind) as source:
        whole, refused = assembly.intake.about_persons(wish, source.rows(), RUNNER)
        if refused:
            source.write_rejects(rejects_path, refused)
    return whole.only, refused


def run_with_progress(assembly: "Assembly", query: "Query") -> "Query":
    """Run a query in this process, with a progress bar on the terminal whose total is true."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("asking", total=None)

        def watch(now: "Query") -> None:
            bar.update(task, total=now.elements or None, completed=now.evaluated)

        return assembly.runner.run(query.id, watch, lambda: False)


def _tell(done: "Query", output: Path, refused: "list[Reject]", rejects_path: Path, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "query_id": done.id,
                "transaction_id": done.id,
                "agreement": done.agreement_id,
                "provider": done.provider_oin,
                "kind": done.kind,
                "answer": done.answer,
                "records": done.records,
                "hits": done.hits,
                "evaluated": done.evaluated,
                "rejected": len({one.row for one in refused}),
                "rejects": str(rejects_path) if refused else None,
                "output": str(output),
                "notice": NOTICE,
            }
        )
        return
    table = Table(
        title=f"{done.agreement_id}: asked {done.provider_oin}", show_header=False, title_justify="left"
    )
    table.add_row("records asked about", f"{done.records:,}")
    table.add_row("known to both", f"[bold]{done.hits:,}[/bold]")
    table.add_row("new elements evaluated", f"{done.evaluated:,}")
    table.add_row("transaction id", done.id)
    table.add_row("results", str(output))
    if refused:
        table.add_row(
            "[red]not asked about[/red]", f"{len({one.row for one in refused}):,}, see {rejects_path}"
        )
    console.print(table)
    console.print(NOTICE)
