"""`disclosures`: what this node told about whom, to whom and why."""

from typing import TYPE_CHECKING, Annotated, Any

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

if TYPE_CHECKING:
    from linkage_node.answering.disclosures import Disclosure

disclosures_app = typer.Typer(help="What this node told about whom, to whom and why.", no_args_is_help=True)


@disclosures_app.callback()
def _group() -> None:
    """A group, also with one command in it."""


@disclosures_app.command("list")
def list_disclosures(
    record_ref: Annotated[
        str, typer.Option("--record-ref", help="Only what was told of this record of the register.")
    ] = "",
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Every disclosure, oldest first: attributes that were told, and hits that their requester reported.

    A hit is on record only where the agreement has `receipts: true`; else no provider knows who was a hit.
    """
    from linkage_node.answering.disclosures import Disclosures

    with open_node(config) as node:
        found = list(Disclosures(node.database, node.sealer).all(record_ref))
    if as_json:
        print_json([_as_data(one) for one in found])
        return
    table = Table(
        *(Column(name, no_wrap=True) for name in ("when (UTC)", "to", "told")),
        *(Column(name, overflow="fold") for name in ("records", "why")),
    )
    for one in found:
        data = _as_data(one)
        told = "\n".join(dict.fromkeys(name for record in one.records for name in record.attributes))
        why = [
            one.purpose,
            f"case {one.case_reference}" if one.case_reference else "",
            f"agreement {one.agreement_id}",
        ]
        table.add_row(
            data["at"][:19].replace("T", "\n"),
            one.requester_oin,
            Text(told or one.answer),
            Text("\n".join(record.ref for record in one.records)),
            Text("\n".join(filter(None, why))),
        )
    console.print(table if found else "Nothing was disclosed.")


def _as_data(one: "Disclosure") -> dict[str, Any]:
    from linkage_node.clock import iso

    return {
        "at": iso(one.at),
        "requester": one.requester_oin,
        "agreement": one.agreement_id,
        "purpose": one.purpose,
        "kind": one.kind,
        "answer": one.answer,
        "records": [
            {"record_ref": record.ref, "attributes": list(record.attributes)} for record in one.records
        ],
        "case_reference": one.case_reference,
        "transaction_id": one.transaction_id.hex(),
    }
