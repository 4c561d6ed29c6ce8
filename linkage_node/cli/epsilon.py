"""`epsilon`: what this node's register told in counts."""

from typing import Annotated, Any

import typer
from rich.table import Column, Table
from rich.text import Text

from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    console,
    open_node,
    print_json,
)

epsilon_app = typer.Typer(help="What this node's register tells in counts.", no_args_is_help=True)


@epsilon_app.command("show")
def show(
    year: Annotated[
        int | None, typer.Option("--year", help="A calendar year (UTC). [this year]", show_default=False)
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """The register's epsilon of a year: the budget, what is spent and left, and who spent it on what.

    The budget is `count.epsilon_per_year` in node.yaml. What was spent is never given back.
    """
    from linkage_node.agreements import content_hash
    from linkage_node.answering.epsilon import EpsilonLedger, year_of
    from linkage_node.clock import now_ms
    from linkage_node.limits import MICRO

    with open_node(config) as node:
        ledger = EpsilonLedger(node.database, node.config.count.epsilon_per_year)
        asked = year_of(now_ms()) if year is None else year
        spent, rows = ledger.spent(asked), ledger.by_question(asked)
        ids = {content_hash(agreement): agreement.id for agreement in node.agreements.list()}
        names = {card.oin: card.name for card in node.peers.list()}
    left = max(0, ledger.limit - spent)
    by_question: list[dict[str, Any]] = [
        {
            "requester": row.requester_oin,
            "requester_name": names.get(row.requester_oin),
            "agreement": ids.get(row.agreement_hash),  # None: it is not here any more
            "agreement_hash": row.agreement_hash.hex(),
            "question": row.question,
            "times": row.times,
            "epsilon": row.micro / MICRO,
        }
        for row in rows
    ]
    if as_json:
        print_json(
            {
                "year": asked,
                "budget": ledger.limit / MICRO,
                "spent": spent / MICRO,
                "left": left / MICRO,
                "by_question": by_question,
            }
        )
        return
    console.print(
        f"{asked}: {spent / MICRO:g} of {ledger.limit / MICRO:g} is spent, {left / MICRO:g} is left.",
        soft_wrap=True,
    )
    if not by_question:
        return
    words = (Column(name, overflow="fold") for name in ("requester", "agreement", "question"))
    table = Table(*words, *(Column(name, justify="right") for name in ("times", "epsilon")))
    for one in by_question:
        agreement = one["agreement"] or f"gone ({str(one['agreement_hash'])[:16]})"
        table.add_row(
            Text("\n".join(filter(None, (one["requester_name"], one["requester"])))),
            str(agreement),
            str(one["question"]),
            str(one["times"]),
            f"{one['epsilon']:g}",
        )
    console.print(table)
