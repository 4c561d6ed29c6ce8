"""`linkage-node agreements`: what this organisation and its partners agreed on."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Column, Table

from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    add_each,
    console,
    errors,
    open_node,
    print_json,
)

if TYPE_CHECKING:
    from linkage_node.agreements import Agreement
    from linkage_node.node import Node

agreements_app = typer.Typer(help="What this organisation and its partners agreed on.", no_args_is_help=True)

AgreementId = Annotated[str, typer.Argument(metavar="ID", help="The agreement's id.")]
_DAYS = ["%Y-%m-%d"]


@agreements_app.command("add")
def add(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="The agreement, a YAML file; the partner adds exactly the same."
        ),
    ],
    config: ConfigOption = DEFAULT_CONFIG,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in place of another agreement with the same id.")
    ] = False,
) -> None:
    """Add agreements, each by itself. Adding the same again changes nothing.

    Exit code 7 if some were refused and some not.
    """
    from linkage_node.yaml_model import read_text

    with open_node(config) as node:

        def add_file(file: Path) -> None:
            _tell_added(node.agreements.add(read_text(file), replace=replace, source=str(file)))
            _remind_of_bundle(node)

        add_each(files, add_file)


def _tell_added(added: "Agreement") -> None:
    from linkage_node.agreements import content_hash
    from linkage_node.agreements.template import ARTICLE_TO_FILL_IN
    from linkage_node.identifiers import KINDS
    from linkage_node.limits import TAG_BYTES

    console.print(f"Added {added.id}: {_parties(added)}, {added.valid_from} to {added.valid_until}.")
    console.print(f"Its content hash, the same at your partner: {content_hash(added).hex()}", soft_wrap=True)
    console.print(
        f"Its tag sets hold the provider's people, {added.padding:,} entries of padding, and what fills the last"
        f" bucket of {added.tag_set.bucket:,}: {added.padding * TAG_BYTES / 1e6:.1f} MB of padding for each kind.",
        soft_wrap=True,
    )
    if added.legal_basis.article == ARTICLE_TO_FILL_IN:
        errors.print("Its legal basis is still to be filled in; with that it will be another agreement.")
    if added.receipts:
        errors.print("`receipts: true` is not possible yet: every question is refused (unknown_obligation).")
    if refused := [answer for answer in added.answers if answer != "hit"]:
        errors.print(
            f"Only `hit` is answered now; {', '.join(refused)} will be refused (answer_not_offered)."
        )
    for kind in added.kinds:
        if kind not in KINDS:
            errors.print(
                f"This version of linkage-node does not know the kind {kind!r}: nothing is found by it."
            )


@agreements_app.command("list")
def list_agreements(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Show the agreements."""
    from linkage_node.agreements.model import as_data

    with open_node(config) as node:
        known = node.agreements.list()
    if as_json:
        print_json([as_data(agreement) for agreement in known])
        return
    if not known:
        console.print(
            "No agreements yet: `linkage-node agreements new` writes one, `agreements add FILE` adds it."
        )
        return
    words = (Column(name, overflow="fold") for name in ("id", "parties", "purpose", "kinds", "answers"))
    table = Table(*words, *(Column(name, no_wrap=True) for name in ("first day", "last day")))
    for one in known:
        days = str(one.valid_from), str(one.valid_until)
        table.add_row(
            one.id, _parties(one), escape(one.purpose), ", ".join(one.kinds), ", ".join(one.answers), *days
        )
    console.print(table)


@agreements_app.command("show")
def show(
    agreement_id: AgreementId, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False
) -> None:
    """Print an agreement as it was added; with `--json`, all its fields and its content hash."""
    from linkage_node.agreements import content_hash
    from linkage_node.agreements.model import as_data

    with open_node(config) as node:
        agreement, text = node.agreements.get_by_id(agreement_id), node.agreements.text(agreement_id)
    if as_json:
        print_json({**as_data(agreement), "content_hash": content_hash(agreement).hex()})
    else:
        sys.stdout.write(text)


@agreements_app.command("remove")
def remove(agreement_id: AgreementId, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Forget an agreement: nothing is asked or answered under it any more."""
    with open_node(config) as node:
        node.agreements.remove(agreement_id)
        console.print(f"Removed {agreement_id}.")
        _remind_of_bundle(node)


@agreements_app.command("new")
def new(
    requester: Annotated[Path, typer.Option("--requester", help="card.yaml of the organisation that asks.")],
    provider: Annotated[Path, typer.Option("--provider", help="card.yaml of the organisation that answers.")],
    agreement_id: Annotated[str, typer.Option("--id", help="A short name: a-z, 0-9, dots, dashes.")],
    purpose: Annotated[str, typer.Option("--purpose", help="The purpose (doel), in one line.")],
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="May be given more than once. [bsn]")
    ] = None,
    answer: Annotated[
        list[str] | None, typer.Option("--answer", help="May be given more than once. [hit]")
    ] = None,
    valid_from: Annotated[datetime | None, typer.Option(formats=_DAYS, help="First day. [today]")] = None,
    valid_until: Annotated[
        datetime | None, typer.Option(formats=_DAYS, help="Last day. [365 days in all]")
    ] = None,
    evaluations_per_day: Annotated[
        int, typer.Option(help="Elements that may be asked about in one day.")
    ] = 100_000,
    largest_query: Annotated[int, typer.Option(help="Elements in one query.")] = 100_000,
) -> None:
    """Print a new agreement between two cards, with comments, ready to be completed."""
    from linkage_node.agreements.template import Proposal, a_year_from, agreement_text
    from linkage_node.peers.card import Card
    from linkage_node.yaml_model import load_model

    asks, answers = load_model(requester, Card), load_model(provider, Card)
    first: date = valid_from.date() if valid_from else datetime.now(UTC).date()
    proposal = Proposal(
        id=agreement_id,
        purpose=purpose,
        requester_oin=asks.oin,
        requester_name=asks.name,
        provider_oin=answers.oin,
        provider_name=answers.name,
        kinds=tuple(kind or ["bsn"]),
        answers=tuple(answer or ["hit"]),
        valid_from=first,
        valid_until=valid_until.date() if valid_until else a_year_from(first),
        evaluations_per_day=evaluations_per_day,
        largest_query=largest_query,
    )
    sys.stdout.write(agreement_text(proposal))


def _parties(agreement: "Agreement") -> str:
    asks, answers = agreement.requester, agreement.provider
    return escape(f"{asks.name or asks.oin} asks {answers.name or answers.oin}")


def _remind_of_bundle(node: "Node") -> None:
    if node.config.policy.engine == "opa":
        errors.print("The OPA server decides by its own copy: run `linkage-node policy bundle DIR` again.")
