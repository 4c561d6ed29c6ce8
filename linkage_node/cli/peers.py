"""`linkage-node peers`: which other organisations this node knows."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    add_each,
    console,
    open_node,
    print_json,
)
from linkage_node.errors import ExitCode, LinkageError, Refusal

peers_app = typer.Typer(help="The other organisations that this node knows.", no_args_is_help=True)


@peers_app.command("add")
def add(
    cards: Annotated[
        list[Path],
        typer.Argument(metavar="CARD...", help="The card.yaml that the other organisation handed over."),
    ],
    config: ConfigOption = DEFAULT_CONFIG,
    replace: Annotated[
        bool, typer.Option("--replace", help="Accept another signing key than the known one.")
    ] = False,
) -> None:
    """Add partners' cards, or renew them, each by itself. Exit code 7 if some were refused and some not."""
    from linkage_node.yaml_model import read_text

    with open_node(config) as node:

        def add_card(card: Path) -> None:
            added = node.peers.add(read_text(card), replace=replace, source=str(card))
            console.print(f"Added {added.name} (OIN {added.oin}), at {added.address}.", markup=False)

        add_each(cards, add_card)


@peers_app.command("list")
def list_peers(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Show the partners."""
    with open_node(config) as node:
        cards = node.peers.list()
    if as_json:
        print_json([card.model_dump() for card in cards])
        return
    _print_table(
        [(card.oin, card.name, card.address, card.signing_key) for card in cards], "address", "signing key"
    )


@peers_app.command("remove")
def remove(
    oin: Annotated[str, typer.Argument(help="OIN of the organisation.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Forget a partner: it is not served any more, and not asked."""
    with open_node(config) as node:
        node.peers.remove(oin)
    console.print(f"Removed OIN {oin}.")


@peers_app.command("check")
def check(
    oin: Annotated[
        str | None, typer.Argument(help="OIN of one organisation; all of them by default.")
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
) -> None:
    """Connect to partners and tell what they show. Exit code 7 if some cannot be reached, that of the fault if none."""
    from linkage_node.peers.card import LISTED
    from linkage_node.peers.certificates import fingerprint
    from linkage_node.peers.channel import look_at

    rows: list[tuple[str, str, str, str]] = []
    faults: list[LinkageError] = []
    with open_node(config) as node:
        known = node.peers.list()
        cards = [card for card in known if oin in (None, card.oin)]
        if oin and not cards:
            raise Refusal("peer_unknown", f"OIN {oin}", hint=LISTED)
        for card in cards:
            try:
                seen = look_at(node.config, card)
                until = seen.certificate.not_valid_after_utc.date().isoformat()
                rows.append(
                    (
                        card.oin,
                        card.name,
                        "ok",
                        f"{seen.version}, {fingerprint(seen.certificate)[:16]}, until {until}",
                    )
                )
            except LinkageError as error:
                faults.append(error)
                rows.append((card.oin, card.name, error.code, f"{error.message}. {error.hint}"))
    if as_json:
        print_json([dict(zip(("oin", "name", "state", "seen"), row, strict=True)) for row in rows])
    else:
        _print_table(rows, "state", "certificate")
    if faults:
        raise typer.Exit(faults[0].exit_code if len(faults) == len(rows) else ExitCode.PARTIAL)


def _print_table(rows: list[tuple[str, str, str, str]], *headings: str) -> None:
    if not rows:
        console.print("No peers yet: `linkage-node peers add card.yaml`.")
        return
    table = Table(*(Column(heading, overflow="fold") for heading in ("OIN", "name", *headings)))
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)
