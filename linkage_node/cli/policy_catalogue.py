"""`policy legal-bases`: the legal bases that an agreement can name, for whom each is, and what it allows."""

from typing import Annotated, Any, Literal

import typer
from rich.table import Column, Table
from rich.text import Text

from linkage_node.cli.agreement_check import PoliciesOption
from linkage_node.cli.common import JsonOption, console, print_json
from linkage_node.cli.language import LanguageOption
from linkage_node.errors import InputError

Language = Literal["nl", "en"]
_WORDS: dict[Language, dict[str, str]] = {
    "nl": {
        "id": "grondslag",
        "title": "titel",
        "article": "wetsartikel",
        "status": "stand",
        "in_force": "van kracht",
        "bill": "wetsvoorstel; geen grondslag",
        "repealed": "vervallen",
        "from": "vanaf {}",
        "until": "tot en met {}",
        "requesters": "vragers",
        "providers": "antwoorders",
        "purposes": "doelen",
        "answers": "antwoorden",
        "checked": "nagelezen",
        "yes": "ja, de wettekst",
        "no": "nee; lees het artikel voordat u erop steunt",
        "note": "let op",
        "more": "Met `linkage-node policy legal-bases GRONDSLAG` ziet u voor wie een grondslag is en wat zij toelaat.",
    },
    "en": {
        "id": "legal basis",
        "title": "title",
        "article": "article",
        "status": "status",
        "in_force": "in force",
        "bill": "bill; no legal basis",
        "repealed": "repealed",
        "from": "from {}",
        "until": "until {}",
        "requesters": "requesters",
        "providers": "providers",
        "purposes": "purposes",
        "answers": "answers",
        "checked": "checked",
        "yes": "yes, against the text of the law",
        "no": "no; read the article before you rely on it",
        "note": "note (Dutch)",
        "more": "`linkage-node policy legal-bases ID` shows for whom a legal basis is and what it allows.",
    },
}


def legal_bases(
    basis_id: Annotated[
        str, typer.Argument(metavar="[ID]", help="One of them, in full; default: a list of all.")
    ] = "",
    policies: PoliciesOption = None,
    language: LanguageOption = "nl",
    as_json: JsonOption = False,
) -> None:
    """Show the legal bases (grondslagen) that an agreement can name: for whom, by which identifiers, for what."""
    from linkage_node.policy.source import policy_folder, read_catalogue

    catalogue = read_catalogue(policy_folder(policies))
    bases = catalogue["legal_bases"]
    if basis_id and basis_id not in bases:
        raise InputError("legal_basis_unknown", basis_id[:64])
    if as_json:
        print_json({"id": basis_id, **bases[basis_id]} if basis_id else bases)
    elif basis_id:
        _tell(basis_id, bases[basis_id], catalogue, language)
    else:
        _list(bases, language)


def _list(bases: dict[str, Any], language: Language) -> None:
    words = _WORDS[language]
    wide = (Column(words[name], overflow="fold") for name in ("title", "status"))
    table = Table(Column(words["id"], no_wrap=True), *wide)
    for basis_id, basis in bases.items():
        table.add_row(basis_id, Text(basis["title"]), Text(_status(basis, words)))
    console.print(table)
    console.print(words["more"], markup=False, soft_wrap=True)


def _status(basis: dict[str, Any], words: dict[str, str]) -> str:
    days = [
        words[name].format(basis[f"valid_{name}"]) for name in ("from", "until") if f"valid_{name}" in basis
    ]
    return ", ".join([words[basis["status"]], *days])


def _tell(basis_id: str, basis: dict[str, Any], catalogue: dict[str, Any], language: Language) -> None:
    """Each field on lines of its own; the words that an agreement writes stand in brackets behind titles."""
    words, names = _WORDS[language], _names(language)

    def told(field: str, code: str, title: str = "") -> str:
        word = names.get(field, {}).get(code, code)
        return f"{title} ({word})" if title and language == "nl" else word  # titles are Dutch

    kinds = catalogue["organisation_kinds"]
    lines = [
        ("id", [basis_id]),
        ("title", [basis["title"]]),
        ("article", [basis["article"]]),
        ("status", [_status(basis, words)]),
        *(
            (
                side,
                [
                    f"{told('requester.kind', code, kinds[code]['title'])}: "
                    + ", ".join(told("kinds", kind) for kind in allowed)
                    for code, allowed in basis[side].items()
                ],
            )
            for side in ("requesters", "providers")
        ),
        (
            "purposes",
            [
                told("purpose_category", code, catalogue["purposes"][code]["title"])
                for code in basis["purposes"]
            ],
        ),
        ("answers", [", ".join(told("answers", code) for code in basis["answers"])]),
        ("checked", [words["yes" if basis["checked"] else "no"]]),
        ("note", [basis["note"]] if "note" in basis else []),
    ]
    table = Table.grid(Column(), Column(overflow="fold"), padding=(0, 2))
    for field, values in lines:
        for number, value in enumerate(values):
            table.add_row("" if number else words[field], Text(value))
    console.print(table)


def _names(language: Language) -> dict[str, dict[str, str]]:
    """The words that an agreement writes in this language, by field and by the catalogue's own word."""
    from linkage_node.agreements.words_nl import VALUES

    if language == "en":
        return {}
    return {field: {str(code): word for word, code in values.items()} for field, values in VALUES.items()}
