"""`queries chart`: how the answers of several providers overlap, drawn."""

from pathlib import Path
from typing import Annotated

from typer import Option

from linkage_node.cli.common import DEFAULT_CONFIG, ConfigOption, console, find_id, open_node
from linkage_node.cli.queries import QueryId, end_if_partial, queries_app
from linkage_node.cli.telling import tell_unanswered

__all__ = ["queries_app"]


@queries_app.command("chart")
def chart(
    query_id: QueryId,
    output: Annotated[Path, Option("--output", help="PNG or SVG file, by its suffix.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Draw at which of the providers the records are known: a bar for every combination (UpSet).

    Exit code 7 if some of the providers have not answered: it says nothing of them.
    """
    from linkage_node.asking.answers import Answers
    from linkage_node.asking.queries import QueryStore
    from linkage_node.asking.several import Whole
    from linkage_node.charts import overlap
    from linkage_node.charts.canvas import check_chart
    from linkage_node.clock import day_of, now_ms

    check_chart(output)
    with open_node(config) as node:
        store = QueryStore(node.database, node.sealer)
        ids = {name for one in store.all() for name in (one.id, one.whole_id) if name}
        whole = Whole(tuple(store.parts(find_id(ids, query_id.lower()))))
        found = Answers(store, whole, now_ms()).overlap
        names = {card.oin: card.name for card in node.peers.list()}
    first = whole.parts[0]
    subject = overlap.Subject(
        tuple(dict.fromkeys(part.purpose for part in whole.parts)),
        tuple(part.agreement_id for part in whole.parts),
        first.kind,
        day_of(first.created_at),
        found.left_out,
        tuple(part.provider_oin for part in whole.unanswered),
    )
    overlap.write(output, found.providers, found.combinations(), names=names, subject=subject)
    console.print(f"written: {output}", markup=False, soft_wrap=True)
    tell_unanswered(whole, names, "The chart")
    end_if_partial(whole)
