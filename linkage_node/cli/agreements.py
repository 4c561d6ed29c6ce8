"""`linkage-node agreements`: what this organisation and its partners agreed on."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

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
    from linkage_node.cli.agreement_tell import tell_added
    from linkage_node.yaml_model import read_text

    with open_node(config) as node:

        def add_file(file: Path) -> None:
            tell_added(node, node.agreements.add(read_text(file), replace=replace, source=str(file)))
            _remind_of_bundle(node)

        add_each(files, add_file)


@agreements_app.command("list")
def list_agreements(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Show the agreements."""
    from rich.box import HORIZONTALS

    from linkage_node.agreements.model import as_data
    from linkage_node.cli.agreement_tell import parties

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
    words = (Column(name, overflow="fold") for name in ("id", "parties and purpose"))
    words_each = (Column(name, no_wrap=True) for name in ("by", "answers", "days"))
    table = Table(
        *words, *words_each, box=HORIZONTALS, show_lines=True, pad_edge=False
    )  # names fit 80 columns
    for one in known:
        table.add_row(
            one.id,
            f"{parties(one)}\n{escape(one.purpose)}",
            "\n".join(one.kinds),
            "\n".join(one.answers),
            f"{one.valid_from}\n{one.valid_until}",
        )
    console.print(table)


@agreements_app.command("show")
def show(
    agreement_id: AgreementId, config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False
) -> None:
    """Print an agreement as it was added, and beside it (on stderr) what it comes to: its catalogue, and what it costs.

    It tells too which of its words no record of the own register has. With `--json`: all its fields, its content
    hash, and the epsilon of a year.
    """
    from linkage_node.agreements import content_hash
    from linkage_node.agreements.model import as_data
    from linkage_node.cli.agreement_tell import tell_terms
    from linkage_node.cli.agreement_warn import warn_of_words

    with open_node(config) as node:
        agreement, text = node.agreements.get_by_id(agreement_id), node.agreements.text(agreement_id)
        if as_json:
            print_json(
                {
                    **as_data(agreement),
                    "content_hash": content_hash(agreement).hex(),
                    "epsilon_per_year": agreement.epsilon_per_year,
                }
            )
            return
        sys.stdout.write(text)
        sys.stdout.flush()
        tell_terms(agreement)
        warn_of_words(node, agreement)


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
        list[str] | None,
        typer.Option("--answer", help="count, hit or attributes; may be given more than once. [hit]"),
    ] = None,
    valid_from: Annotated[datetime | None, typer.Option(formats=_DAYS, help="First day. [today]")] = None,
    valid_until: Annotated[
        datetime | None, typer.Option(formats=_DAYS, help="Last day. [365 days in all]")
    ] = None,
    evaluations_per_day: Annotated[
        int, typer.Option(help="Elements that may be asked about in one day.")
    ] = 100_000,
    largest_query: Annotated[int, typer.Option(help="Elements in one query.")] = 100_000,
    requester_bucket: Annotated[
        int | None,
        typer.Option(
            min=1, help="Count: room of each of the requester's categories. [10000, or what the limits allow]"
        ),
    ] = None,
    provider_bucket: Annotated[
        int | None,
        typer.Option(min=1, help="Count: the same of the provider's. [as above, or 1024 if that is more]"),
    ] = None,
    language: Annotated[
        Literal["nl", "en"], typer.Option("--language", help="Of the comments: Dutch or English.")
    ] = "nl",
) -> None:
    """Print a new agreement between two cards, with comments, to be completed: the legal basis first."""
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
        requester_bucket=requester_bucket,
        provider_bucket=provider_bucket,
        language=language,
    )
    sys.stdout.write(agreement_text(proposal))


def _remind_of_bundle(node: "Node") -> None:
    if node.config.policy.engine == "opa":
        errors.print("The OPA server decides by its own copy: run `linkage-node policy bundle DIR` again.")
