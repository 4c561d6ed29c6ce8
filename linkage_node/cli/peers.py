"""`linkage-node peers`: which other organisations this node knows."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from linkage_node.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, console, open_node, print_json

peers_app = typer.Typer(help="The other organisations that this node knows.", no_args_is_help=True)


@peers_app.command("add")
def add(
    card: Annotated[Path, typer.Argument(help="The card.yaml that the other organisation handed over.")],
    config: ConfigOption = DEFAULT_CONFIG,
    replace: Annotated[
        bool, typer.Option("--replace", help="Accept another signing key than the known one.")
    ] = False,
) -> None:
    """Add a partner's card, or renew it."""
    from linkage_node.yaml_model import read_text

    with open_node(config) as node:
        added = node.peers.add(read_text(card), replace=replace, source=str(card))
    console.print(f"Added {added.name} (OIN {added.oin}), at {added.address}.")


@peers_app.command("list")
def list_peers(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Show the partners."""
    with open_node(config) as node:
        cards = node.peers.list()
    if as_json:
        print_json([card.model_dump() for card in cards])
        return
    table = Table("OIN", "name", "address", "signing key")
    for card in cards:
        table.add_row(card.oin, card.name, card.address, card.signing_key)
    console.print(table if cards else "No peers yet: `linkage-node peers add card.yaml`.")


@peers_app.command("remove")
def remove(
    oin: Annotated[str, typer.Argument(help="OIN of the organisation.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Forget a partner: it is not served any more, and not asked."""
    with open_node(config) as node:
        node.peers.remove(oin)
    console.print(f"Removed OIN {oin}.")
