"""`linkage-node agreements`: what this organisation and its partners agreed on."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.markup import escape
from rich.table import Column, Table

from linkage_node.cli.agreement_check import check, schema
from linkage_node.cli.agreement_new import new, templates
from linkage_node.cli.agreement_signatures import receive, reject, revoke, sign, signatures
from linkage_node.cli.agreement_standing import told_of, what_removing_leaves
from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    add_each,
    console,
    errors,
    open_node,
    print_json,
    tell,
    warn,
)
from linkage_node.cli.language import LanguageOption, each, speak_or_default, spoken

if TYPE_CHECKING:
    from linkage_node.node import Node

agreements_app = typer.Typer(help="What this organisation and its partners agreed on.", no_args_is_help=True)

AgreementId = Annotated[str, typer.Argument(metavar="ID", help="The agreement's id.")]


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
    _language: LanguageOption = "nl",
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
def list_agreements(
    config: ConfigOption = DEFAULT_CONFIG, _language: LanguageOption = "nl", as_json: JsonOption = False
) -> None:
    """Show the agreements."""
    from rich.box import HORIZONTALS

    from linkage_node.agreements.model import as_data
    from linkage_node.agreements.words import value_in
    from linkage_node.cli.agreement_tell import legal, parties

    with open_node(config) as node:
        known = node.agreements.list()
        told = [told_of(node, agreement) for agreement in known]
    if as_json:
        names = ("status", "missing_signatures")
        print_json(
            [
                as_data(agreement) | {name: standing[name] for name in names}
                for agreement, standing in zip(known, told, strict=True)
            ]
        )
        return
    if not known:
        tell("agreements_none")
        return
    words = (Column(name, overflow="fold") for name in each("list", "id parties"))
    words_each = (Column(name, no_wrap=True) for name in each("list", "by answers days"))
    table = Table(
        *words, *words_each, box=HORIZONTALS, show_lines=True, pad_edge=False
    )  # names fit 80 columns
    for one in known:
        table.add_row(
            one.id,
            escape("\n".join([parties(one), one.purpose, *legal(one)])),
            "\n".join(value_in(spoken(), "kinds", list(one.kinds))),
            "\n".join(value_in(spoken(), "answers", list(one.answers))),
            f"{one.valid_from}\n{one.valid_until}",
        )
    console.print(table)
    for standing in told:
        if standing["status"] != "in_force":
            tell("standing_of", agreement=standing["agreement"], standing=standing["words"])


@agreements_app.command("show")
def show(
    agreement_id: AgreementId,
    config: ConfigOption = DEFAULT_CONFIG,
    as_json: JsonOption = False,
    language: Annotated[
        Literal["nl", "en"] | None,
        typer.Option(
            "--language",
            callback=speak_or_default,
            help="Say it in Dutch or English words. [as it was added]",
        ),
    ] = None,
) -> None:
    """Print an agreement as it was added, and beside it (on stderr) what it comes to: its catalogue, and what it costs.

    It tells too which of its words no record of the own register has. With `--json`: all its fields, its content
    hash, and the epsilon of a year.
    """
    from linkage_node.agreements import content_hash
    from linkage_node.agreements.model import as_data
    from linkage_node.agreements.rendered import rendered
    from linkage_node.cli.agreement_tell import tell_terms
    from linkage_node.cli.agreement_warn import warn_of_words

    with open_node(config) as node:
        agreement, text = node.agreements.get_by_id(agreement_id), node.agreements.text(agreement_id)
        told = told_of(node, agreement)
        if as_json:
            print_json(
                {
                    **as_data(agreement),
                    "content_hash": content_hash(agreement).hex(),
                    "epsilon_per_year": agreement.epsilon_per_year,
                    "status": told["status"],
                    "missing_signatures": told["missing_signatures"],
                }
            )
            return
        sys.stdout.write(rendered(agreement, language) if language else text)
        sys.stdout.flush()
        errors.print(told["words"], markup=False, soft_wrap=True)
        tell_terms(agreement)
        warn_of_words(node, agreement)


@agreements_app.command("remove")
def remove(
    agreement_id: AgreementId, config: ConfigOption = DEFAULT_CONFIG, _language: LanguageOption = "nl"
) -> None:
    """Forget an agreement: nothing is asked or answered under it any more."""
    with open_node(config) as node:
        left = what_removing_leaves(node, agreement_id)
        node.agreements.remove(agreement_id)
        tell("removed", agreement=agreement_id)
        if left:
            errors.print(left, markup=False, soft_wrap=True)
        _remind_of_bundle(node)


def _remind_of_bundle(node: "Node") -> None:
    if node.config.policy.engine == "opa":
        warn("opa_has_a_copy")


agreements_app.command("check")(check)
agreements_app.command("schema")(schema)
agreements_app.command("new")(new)
agreements_app.command("templates")(templates)
for _command in (sign, reject, revoke, signatures, receive):
    agreements_app.command()(_command)
