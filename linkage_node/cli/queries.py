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

if TYPE_CHECKING:
    from linkage_node.asking.queries import Query, QueryStore

queries_app = typer.Typer(
    help="The questions this node put to others, and their results.", no_args_is_help=True
)
QueryId = Annotated[str, typer.Argument(help="The query's id, as `queries list` shows it, or how it begins.")]


@queries_app.command("list")
def list_queries(as_json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """All queries, newest first."""
    from linkage_node.asking.queries import QueryStore
    from linkage_node.clock import iso

    with open_node(config) as node:
        found = QueryStore(node.database, node.sealer).all()
    if as_json:
        print_json(
            [
                {
                    "query_id": one.id,
                    "agreement": one.agreement_id,
                    "provider": one.provider_oin,
                    "kind": one.kind,
                    "source": one.source,
                    "state": one.state,
                    "records": one.records,
                    "hits": one.hits,
                    "reasons": [code for code in one.reasons.split(",") if code],
                    "created_at": iso(one.created_at),
                }
                for one in found
            ]
        )
        return
    names = ("query", "when (UTC)", "agreement", "about", "state", "records", "hits")
    table = Table(*(Column(name, overflow="fold") for name in names))
    for one in found:
        state = f"{one.state} ({one.reasons})" if one.reasons else one.state
        table.add_row(
            one.id,
            iso(one.created_at)[:19].replace("T", "\n"),
            one.agreement_id,
            one.source,
            Text(state),
            f"{one.records:,}",
            f"{one.hits:,}",
        )
    console.print(table if found else "No queries yet.")


@queries_app.command("results")
def results(
    query_id: QueryId,
    output: Annotated[Path, typer.Option("--output", help="CSV file for the results.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the results of a query that is done once more; nothing is asked."""
    from linkage_node.asking.queries import QueryStore
    from linkage_node.asking.results import check_writable, write_results
    from linkage_node.clock import now_ms

    check_writable(output)
    with open_node(config) as node:
        store = QueryStore(node.database, node.sealer)
        query = _find(store, query_id)
        write_results(output, query, store.results(query.id, now_ms()))
    console.print(f"written: {output}")


@queries_app.command("resume")
def resume(query_id: QueryId, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Go on with a query that broke off; only what was not answered yet is asked."""
    from linkage_node.asking.queries import ENDED
    from linkage_node.assembly import Assembly
    from linkage_node.cli.match import run_with_progress
    from linkage_node.pseudonyms.parallel import local_executor

    with (
        open_node(config) as node,
        local_executor() as executor,
        closing(Assembly(node, executor)) as assembly,
    ):
        query = _find(assembly.queries, query_id)
        if query.state in ENDED:
            console.print(f"This query has ended: {query.state}.")
            return
        done = run_with_progress(assembly, query)
    console.print(f"{done.state}: {done.hits:,} of {done.records:,} records hit.")
    console.print(f"`linkage-node queries results {done.id} --output OUT.csv` writes them.")


def _find(store: "QueryStore", query_id: str) -> "Query":
    return store.get(find_id((one.id for one in store.all()), query_id.lower()))
