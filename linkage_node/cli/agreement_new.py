"""`linkage-node agreements new` and `templates`: a new agreement, for one of the cases of the social domain."""

import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from linkage_node.cli.common import JsonOption, console, print_json, tell, warn
from linkage_node.cli.language import LanguageOption, say

if TYPE_CHECKING:
    from linkage_node.agreements.template_cases import Case, CaseWords

_DAYS = ["%Y-%m-%d"]


def templates(language: LanguageOption = "nl", as_json: JsonOption = False) -> None:
    """List the templates of `agreements new --template`: one for each case of the social domain."""
    from rich.box import HORIZONTALS
    from rich.table import Table

    from linkage_node.agreements.template import words_of
    from linkage_node.agreements.template_cases import CASES

    cases = words_of(language).CASES
    if as_json:
        print_json(
            [{"template": name, "purpose": cases[name].purpose, **CASES[name]._asdict()} for name in CASES]
        )
        return
    heads = {
        "nl": ("sjabloon", "doel", "grondslag", "antwoorden"),
        "en": ("template", "purpose", "legal basis", "answers"),
    }
    table = Table(*heads[language], box=HORIZONTALS, show_lines=True, pad_edge=False)
    for name, case in CASES.items():
        (word,) = _said(language, "purpose_category", [name])
        called = name if word == name else f"{word}\n{name}"
        table.add_row(
            called, cases[name].purpose, case.legal_basis, "\n".join(_said(language, "answers", case.answers))
        )
    console.print(table)
    tell("templates_either")


def new(
    template: Annotated[
        str | None,
        typer.Option("--template", help="A case of the social domain: see `agreements templates`."),
    ] = None,
    requester: Annotated[
        Path | None,
        typer.Option("--requester", help="card.yaml of the organisation that asks. [to be filled in]"),
    ] = None,
    provider: Annotated[
        Path | None,
        typer.Option("--provider", help="card.yaml of the organisation that answers. [to be filled in]"),
    ] = None,
    agreement_id: Annotated[
        str | None, typer.Option("--id", help="A short name: a-z, 0-9, dots, dashes. [the template's]")
    ] = None,
    purpose: Annotated[
        str | None, typer.Option("--purpose", help="The purpose (doel), in one line. [the template's]")
    ] = None,
    legal_basis: Annotated[
        str | None, typer.Option("--legal-basis", help="Its id in the catalogue. [the template's]")
    ] = None,
    category: Annotated[
        str | None, typer.Option("--category", help="Category of the purpose. [the template's]")
    ] = None,
    requester_kind: Annotated[
        str | None, typer.Option("--requester-kind", help="Kind of organisation that asks. [to be filled in]")
    ] = None,
    provider_kind: Annotated[
        str | None,
        typer.Option("--provider-kind", help="Kind of organisation that answers. [to be filled in]"),
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="May be given more than once. [bsn, or the template's]")
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option(
            "--answer",
            help="count, hit or attributes; may be given more than once. [hit, or the template's]",
        ),
    ] = None,
    valid_from: Annotated[datetime | None, typer.Option(formats=_DAYS, help="First day. [today]")] = None,
    valid_until: Annotated[
        datetime | None, typer.Option(formats=_DAYS, help="Last day. [365 days in all]")
    ] = None,
    evaluations_per_day: Annotated[
        int | None,
        typer.Option(help="Elements that may be asked about in one day. [100000, or the template's]"),
    ] = None,
    largest_query: Annotated[
        int | None, typer.Option(help="Elements in one query. [100000, or the template's]")
    ] = None,
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
    schema: Annotated[
        Path | None,
        typer.Option(
            "--schema",
            help="Write the JSON Schema here too, and name it in the agreement: an editor with YAML support then"
            " completes and checks while one types, without internet.",
        ),
    ] = None,
    language: LanguageOption = "nl",
) -> None:
    """Print a new agreement with comments, to be completed: for a case (`--template`), or from what is given here.

    Without `--template` both cards, the id and the purpose are needed, and the legal basis is to be filled in.
    """
    from linkage_node.agreements.schema import modeline, schema_text
    from linkage_node.agreements.template import Proposal, a_year_from, agreement_text
    from linkage_node.outputs import check_writable, write_whole
    from linkage_node.peers.card import Card
    from linkage_node.policy.source import policy_folder, read_catalogue
    from linkage_node.yaml_model import load_model

    case, words = _case(template, language)
    if template is None and (
        requester is None or provider is None or agreement_id is None or purpose is None
    ):
        raise typer.BadParameter("needs --template, or --requester, --provider, --id and --purpose")
    given: dict[str, Any] = {
        "purpose_category": category,
        "legal_basis": legal_basis,
        "kinds": kind and tuple(kind),
        "answers": answer and tuple(answer),
        "evaluations_per_day": evaluations_per_day,
        "largest_query": largest_query,
    }
    case = case._replace(**{name: _meant(name, value) for name, value in given.items() if value is not None})
    catalogue = read_catalogue(policy_folder(None))
    asks, answers = (load_model(card, Card) if card else None for card in (requester, provider))
    first: date = valid_from.date() if valid_from else datetime.now(UTC).date()
    text = agreement_text(
        Proposal(
            id=agreement_id or words.id,
            purpose=purpose or words.purpose,
            case=case,
            valid_from=first,
            valid_until=valid_until.date() if valid_until else a_year_from(first),
            requester_oin=asks.oin if asks else None,
            requester_name=asks.name if asks else None,
            provider_oin=answers.oin if answers else None,
            provider_name=answers.name if answers else None,
            article=catalogue["legal_bases"].get(case.legal_basis, {}).get("article"),
            requester_kind=_meant("requester_kind", requester_kind),
            provider_kind=_meant("provider_kind", provider_kind),
            requester_bucket=requester_bucket,
            provider_bucket=provider_bucket,
            intro=words.intro,
            language=language,
        )
    )
    if schema:
        content = schema_text(language, catalogue).encode()
        check_writable(schema, [content[: content.index(b",")]])  # an older schema is replaced
        write_whole(schema, content)
        text = modeline(schema) + text
    sys.stdout.write(text)
    sys.stdout.flush()
    for side, card, told, usual in (
        ("requester", asks, requester_kind, case.requester_kind),
        ("provider", answers, provider_kind, case.provider_kind),
    ):
        if usual and not told:
            (word,) = _said(language, f"{side}.kind", [usual])
            warn("kind_usual", side=side, name=card.name if card else say(f"the_{side}"), kind=word)


def _case(template: str | None, language: Literal["nl", "en"]) -> "tuple[Case, CaseWords]":
    from linkage_node.agreements.template import words_of
    from linkage_node.agreements.template_cases import CASES, Case, CaseWords
    from linkage_node.yaml_model import near_word

    if template is None:
        return Case(), CaseWords("", "", "")
    known = {word: name for name in CASES for word in (name, *_said("nl", "purpose_category", [name]))}
    if template not in known:
        near = near_word(template, known)
        meant = f" Did you mean {near}?" if near else " `agreements templates` lists them."
        raise typer.BadParameter(f"there is no template {template}.{meant}", param_hint="--template")
    name = known[template]
    return CASES[name], words_of(language).CASES[name]


def _meant(name: str, value: Any) -> Any:
    """What is given, in the words of the model: Dutch is as good."""
    from linkage_node.agreements.template import SAID
    from linkage_node.agreements.words import meant

    return meant(SAID[name], value) if name in SAID else value


def _said(language: Literal["nl", "en"], field: str, values: Any) -> list[str]:
    from linkage_node.agreements.words import value_in

    return [str(word) for word in value_in(language, field, list(values))]
