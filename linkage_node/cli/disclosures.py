"""`disclosures`: what this node told about whom, to whom and why."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

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
    from linkage_node.agreements import Agreement
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
        names = {card.oin: card.name for card in node.peers.list()}
        silent = sorted(one.id for one in node.agreements.list() if _is_silent(one, node.config.oin))
    if as_json:
        print_json([_as_data(one, names) for one in found])
        _tell_silent(errors, silent)
        return
    table = Table(
        Column("when (UTC)", no_wrap=True),
        *(Column(name, overflow="fold") for name in ("to", "told", "records", "why")),
    )
    for one in found:
        data = _as_data(one, names)
        told = "\n".join(dict.fromkeys(name for record in one.records for name in record.attributes))
        why = [
            one.purpose,
            f"case {one.case_reference}" if one.case_reference else "",
            f"agreement {one.agreement_id}",
        ]
        table.add_row(
            data["at"][:19].replace("T", "\n"),
            Text("\n".join(filter(None, (names.get(one.requester_oin), one.requester_oin)))),
            Text(told or one.answer),
            Text("\n".join(record.ref for record in one.records)),
            Text("\n".join(filter(None, why))),
        )
    nothing = (
        f"Nothing on file for reference {record_ref}; is it yours?"
        if record_ref
        else "Nothing was disclosed."
    )
    console.print(table if found else Text(nothing))
    _tell_silent(console, silent)


def _is_silent(agreement: "Agreement", own_oin: str) -> bool:
    """Whether this node answers hits under it that nobody reports."""
    answers = {"hit", "attributes"} & set(agreement.answers)
    return agreement.provider.oin == own_oin and bool(answers) and not agreement.receipts


def _tell_silent(where: Console, agreements: list[str]) -> None:
    if agreements:
        told = f"Hits are not recorded under agreements without `receipts: true`: {', '.join(agreements)}."
        where.print(Text(told), soft_wrap=True)


def _as_data(one: "Disclosure", names: dict[str, str]) -> dict[str, Any]:
    from linkage_node.clock import iso

    return {
        "at": iso(one.at),
        "requester": one.requester_oin,
        "requester_name": names.get(one.requester_oin),
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
