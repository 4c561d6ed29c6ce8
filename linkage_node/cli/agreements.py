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
from linkage_node.cli.agreement_standing import told_of
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
from linkage_node.cli.language import LanguageOption, each, in_language, say, speak_or_default, spoken
from linkage_node.errors import Refusal

if TYPE_CHECKING:
    from linkage_node.node import Node

agreements_app = typer.Typer(help="What this organisation and its partners agreed on.", no_args_is_help=True)

AgreementId = Annotated[str, typer.Argument(metavar="ID", help="The agreement's id.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


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
    yes: YesOption = False,
    _language: LanguageOption = "nl",
) -> None:
    """Add agreements, each by itself. Adding the same again changes nothing.

    Replacing one that both organisations signed stops it here at once: that is said first, and asked. Exit code 7 if
    some were refused and some not.
    """
    from linkage_node.agreements import content_hash, parse_agreement
    from linkage_node.cli.agreement_leaving import ask_to_replace, leaving, tell_replaced
    from linkage_node.cli.agreement_tell import tell_added
    from linkage_node.cli.agreement_warn import judge
    from linkage_node.yaml_model import read_text

    with open_node(config) as node:

        def add_file(file: Path) -> None:
            text = read_text(file)
            new = parse_agreement(text, str(file))
            judged = judge(node, new)  # what the rules cannot take is not kept
            old = leaving(node, new.id) if replace else None
            is_known = any(content_hash(one) == content_hash(new) for one in node.agreements.list())
            if old and content_hash(old.agreement) == content_hash(new):
                old = None
            if old:
                ask_to_replace(old, new, yes=yes)
            added = node.agreements.add(text, replace=replace, source=str(file))
            tell_added(node, added, judged, is_known=is_known)
            if old:
                tell_replaced(node, old)
            _remind_of_bundle(node)

        add_each(files, add_file)


@agreements_app.command("list")
def list_agreements(
    config: ConfigOption = DEFAULT_CONFIG, _language: LanguageOption = "nl", as_json: JsonOption = False
) -> None:
    """Show the agreements."""
    from rich.box import HORIZONTALS

    from linkage_node.agreements.model import as_data
    from linkage_node.agreements.store import HASH_DIGITS
    from linkage_node.agreements.words import value_in
    from linkage_node.cli.agreement_tell import legal, parties

    with open_node(config) as node:
        known, unfit = node.agreements.list(), node.agreements.unfit()
        told = [told_of(node, agreement) for agreement in known]
    for name, why in unfit.items():
        warn("unfit", agreement=name, why=in_language(Refusal("agreement_unfit", why)).detail)
    if as_json:
        names = ("content_hash", "status", "missing_signatures")
        print_json(
            [
                as_data(agreement) | {name: standing[name] for name in names}
                for agreement, standing in zip(known, told, strict=True)
            ]
        )
        return
    if not known:
        if not unfit:
            tell("agreements_none")
        return
    words = (Column(name, overflow="fold") for name in each("list", "id parties"))
    words_each = (Column(name, no_wrap=True) for name in each("list", "by answers days"))
    table = Table(
        *words, *words_each, box=HORIZONTALS, show_lines=True, pad_edge=False
    )  # names fit 80 columns
    for one, standing in zip(known, told, strict=True):
        table.add_row(
            "\n".join(
                [
                    one.id,
                    say("list_version", version=str(one.version)),
                    say(f"is_{standing['status']}"),
                    say("list_hash", content=standing["content_hash"][:HASH_DIGITS]),
                ]
            ),
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
    agreement_id: Annotated[
        str, typer.Argument(metavar="ID", help="The agreement's id, or 16 digits or more of its hash.")
    ],
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

    One that was replaced or removed here is found by its hash, and printed in the words of the screen.
    It tells too which of its words no record of the own register has. With `--json`: all its fields, its content
    hash, and the epsilon of a year.
    """
    from linkage_node.agreements import content_hash
    from linkage_node.agreements.model import as_data
    from linkage_node.agreements.rendered import rendered
    from linkage_node.cli.agreement_tell import tell_terms
    from linkage_node.cli.agreement_warn import warn_of_words

    with open_node(config) as node:
        agreement = node.agreements.named(agreement_id)
        told, is_here = told_of(node, agreement), node.agreements.has(content_hash(agreement))
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
        as_added = is_here and not language
        sys.stdout.write(
            node.agreements.text(agreement.id) if as_added else rendered(agreement, language or spoken())
        )
        sys.stdout.flush()
        errors.print(told["words"], markup=False, soft_wrap=True)
        tell_terms(agreement)
        if is_here:
            warn_of_words(node, agreement)


@agreements_app.command("remove")
def remove(
    agreement_id: AgreementId,
    config: ConfigOption = DEFAULT_CONFIG,
    yes: YesOption = False,
    _language: LanguageOption = "nl",
) -> None:
    """Take an agreement out: nothing is asked or answered under it here any more. The partner is not told.

    To end one that both organisations signed, revoke it. `remove` takes out one that cannot be read, too.
    """
    from linkage_node.cli.agreement_leaving import ask_to_remove, leaving, tell_what_stays

    with open_node(config) as node:
        if old := leaving(node, agreement_id):
            ask_to_remove(old, yes=yes)
        node.agreements.remove(agreement_id)
        tell("removed", agreement=agreement_id)
        if old:
            tell_what_stays(node, old)
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
