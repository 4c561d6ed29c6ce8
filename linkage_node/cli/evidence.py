"""`evidence`: read and verify what this node recorded of every query."""

from typing import Annotated

import typer
from rich.table import Column, Table

from linkage_node.cli.common import DEFAULT_CONFIG, ConfigOption, JsonOption, console, open_node, print_json

evidence_app = typer.Typer(help="What this node recorded of every query.", no_args_is_help=True)


@evidence_app.command("verify")
def verify(as_json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Walk the whole chain up to the signed head, and check the signatures of orders and receipts in it.

    Names the first record that was changed, removed, added or moved. An old copy of the whole database holds as well,
    as does what somebody with the sealing key made: compare the last hash with one that you noted elsewhere.
    """
    from linkage_node.evidence import EvidenceLog
    from linkage_node.evidence.signatures import Signatures

    with open_node(config) as node:
        signatures = Signatures.of(node)
        last = EvidenceLog.of(node).verify(signatures.check)
    records, head = (last.seq, last.hash.hex()) if last else (0, "")
    if as_json:
        print_json(
            {
                "records": records,
                "last_hash": head,
                "signatures_checked": signatures.checked,
                "signatures_not_checked": signatures.not_checked,
            }
        )
    else:
        console.print(
            f"[green]The chain holds[/green]: {records:,} records; last hash {head or '-'}", soft_wrap=True
        )
        console.print(f"Signatures in it: {signatures.checked:,} hold.")
        if signatures.not_checked:
            console.print(
                f"{signatures.not_checked:,} could not be checked: the partner's card is gone, or its key was replaced."
            )


@evidence_app.command("show")
def show(
    after: Annotated[int, typer.Option("--after", help="Only records after this number.")] = 0,
    transaction: Annotated[
        str, typer.Option("--transaction", help="Only those of this transaction id.")
    ] = "",
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """The records, oldest first."""
    from linkage_node.evidence import EvidenceLog
    from linkage_node.evidence.log import read

    with open_node(config) as node:
        found = [read(record) for record in EvidenceLog.of(node).records(after)]
    found = [one for one in found if not transaction or one.get("transaction_id") == transaction]
    if as_json:
        print_json(found)
        return
    table = Table(
        *(Column(name, no_wrap=True) for name in ("#", "when (UTC)", "event", "transaction")), "what"
    )
    for one in found:
        keys = ("peer", "charged", "evaluated", "hits", "reasons", "detail")
        what = ", ".join(f"{key} {one[key]}" for key in keys if one.get(key))
        event = f"{one['role']}: {one['event']}"
        table.add_row(str(one["seq"]), one["at"][:19], event, one.get("transaction_id", "")[:8], what)
    console.print(table if found else "No records.")
