"""`queries`: the questions this node put, and their results."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    console,
    find_id,
    open_node,
    print_json,
)
from linkage_node.cli.outcome import Outcome
from linkage_node.cli.summaries import overlap_data, part_data
from linkage_node.cli.telling import NOTICE, tell_overlap
from linkage_node.errors import Refusal

if TYPE_CHECKING:
    from linkage_node.asking.queries import QueryStore
    from linkage_node.asking.several import Whole
    from linkage_node.node import Node

queries_app = typer.Typer(
    help="The questions this node put to others, and their results.", no_args_is_help=True
)
QueryId = Annotated[
    str,
    typer.Argument(
        help="The id of a query, or of a question to several providers, as `queries list` shows it; or how it begins."
    ),
]


@queries_app.command("list")
def list_queries(as_json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """All queries, newest first. Those of one question to several providers stand together, and bear its id."""
    from linkage_node.asking.queries import QueryStore
    from linkage_node.clock import iso

    with open_node(config) as node:
        found = QueryStore(node.database, node.sealer).all()
        names = {card.oin: card.name for card in node.peers.list()}
    if as_json:
        print_json([part_data(one, names) for one in found])
        return
    columns = ("query", "when (UTC)", "agreement", "asked for", "state", "records", "hits")
    table = Table(*(Column(name, overflow="fold") for name in columns))
    whole_id = ""
    for one in found:
        if one.whole_id not in ("", whole_id):
            table.add_row(
                f"[bold]{one.whole_id}[/bold]", "", "[bold]several providers[/bold]", "", "", "", ""
            )
        whole_id = one.whole_id
        state = f"{one.state} ({one.reasons})" if one.reasons else one.state
        table.add_row(
            one.id,
            iso(one.created_at)[:19].replace("T", "\n"),
            one.agreement_id,
            f"{one.answer}, {one.source}",
            Text(state),
            f"{one.records:,}",
            f"{one.hits:,}" if one.answer != "count" else "",
        )
    console.print(table if found else "No queries yet.")


@queries_app.command("show")
def show(query_id: QueryId, as_json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """What every provider did with a question, how their answers overlap, and the tables of a count."""
    from linkage_node.clock import now_ms

    with open_node(config) as node:
        whole = _whole(_store(node), query_id)
        try:
            outcome = Outcome.of(node, whole, now_ms())
        except Refusal as error:
            if error.code != "results_expired":
                raise
            outcome = Outcome.bare(node, whole)
    outcome.tell(as_json=as_json)


@queries_app.command("overlap")
def overlap(query_id: QueryId, as_json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """At how many of the providers that answered the records are known, and in which combination of them."""
    from linkage_node.asking.answers import Answers
    from linkage_node.clock import now_ms

    with open_node(config) as node:
        store = _store(node)
        whole = _whole(store, query_id)
        found = Answers(store, whole, now_ms()).overlap
        names = {card.oin: card.name for card in node.peers.list()}
    if as_json:
        unanswered = [part.provider_oin for part in whole.unanswered]
        print_json({"query_id": whole.id, **overlap_data(found), "unanswered": unanswered, "notice": NOTICE})
        return
    tell_overlap(found, whole, names)
    console.print(NOTICE)


@queries_app.command("results")
def results(
    query_id: QueryId,
    output: Annotated[Path, typer.Option("--output", help="CSV file for the results.")],
    at_least: Annotated[
        int,
        typer.Option("--at-least", min=0, help="Only records that at least so many of the providers know."),
    ] = 0,
    not_known: Annotated[
        bool,
        typer.Option(
            "--not-known", help="Only records that none of the providers knows; all must have answered."
        ),
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the results of a query that is done once more; nothing is asked."""
    from linkage_node.clock import now_ms
    from linkage_node.outputs import check_writable

    check_writable(output)
    with open_node(config) as node:
        outcome = Outcome.of(node, _whole(_store(node), query_id), now_ms())
        failure = outcome.failure(not_known=not_known)
        if failure:
            raise failure
        outcome.write(output, at_least=at_least, not_known=not_known)
    console.print(f"written: {output}")
    outcome.end()


@queries_app.command("resume")
def resume(query_id: QueryId, as_json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Go on with a question that broke off; only what was not answered yet is asked, and only those who have not."""
    from linkage_node.asking.queries import ENDED
    from linkage_node.assembly import Assembly
    from linkage_node.cli.progress import run_with_progress
    from linkage_node.pseudonyms.parallel import local_executor

    with (
        open_node(config) as node,
        local_executor() as executor,
        closing(Assembly(node, executor)) as assembly,
    ):
        whole = _whole(assembly.queries, query_id)
        ended = all(part.state in ENDED for part in whole.parts)
        if ended and not as_json:
            console.print(f"This query has ended: {whole.state}.")
            return
        if not ended:
            whole = run_with_progress(assembly, whole)
        outcome = Outcome.of(node, whole, assembly.clock())
    failure = outcome.failure()
    outcome.tell(as_json=as_json, failure=failure)
    if not failure and not as_json:
        console.print(
            f"`linkage-node queries results {outcome.whole.id} --output OUT.csv` writes the results."
        )
    outcome.end(failure)


def _store(node: "Node") -> "QueryStore":
    from linkage_node.asking.queries import QueryStore

    return QueryStore(node.database, node.sealer)


def _whole(store: "QueryStore", query_id: str) -> "Whole":
    from linkage_node.asking.several import Whole

    ids = {name for one in store.all() for name in (one.id, one.whole_id) if name}
    return Whole(tuple(store.parts(find_id(ids, query_id.lower()))))
