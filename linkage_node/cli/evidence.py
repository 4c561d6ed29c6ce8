"""`evidence`: read and verify what this node recorded of every query."""

from typing import Annotated, Any

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

_SHOWN = ("peer", "charged", "evaluated", "hits", "reported", "disclosed", "reasons", "revision", "detail")

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
        str,
        typer.Option(
            "--transaction", help="Only those of this transaction id, or of the one that begins so."
        ),
    ] = "",
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """The records, oldest first."""
    from linkage_node.evidence import EvidenceLog
    from linkage_node.evidence.log import read

    with open_node(config) as node:
        found = [read(record) for record in EvidenceLog.of(node).records(after)]
    if transaction:
        ids = [one.get("transaction_id", "") for one in found]
        hint = "`linkage-node evidence show` lists the transactions."
        wanted = find_id(ids, transaction.lower(), hint=hint)
        found = [one for one in found if one.get("transaction_id") == wanted]
    if as_json:
        print_json(found)
        return
    table = Table(
        *(Column(name, no_wrap=True) for name in ("#", "when (UTC)", "event", "transaction")),
        Column("what", overflow="fold"),
    )
    for one in found:
        what = "\n".join(f"{key} {_words(one[key])}" for key in _SHOWN if one.get(key))
        when = one["at"][:19].replace("T", "\n")  # narrow, so that an OIN fits beside it on 80 columns
        event = f"{one['role']}:\n{one['event']}"
        table.add_row(str(one["seq"]), when, event, one.get("transaction_id", "")[:8], Text(what))
    console.print(table if found else "No records.")


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
