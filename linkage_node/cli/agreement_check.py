"""`linkage-node agreements check` and `schema`: what helps an officer write, without a node."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from linkage_node.cli.common import JsonOption, console, print_json
from linkage_node.cli.language import LanguageOption, in_language
from linkage_node.errors import ExitCode, LinkageError

if TYPE_CHECKING:
    from linkage_node.agreements import Agreement
    from linkage_node.agreements.checked import Remark

PoliciesOption = Annotated[
    Path | None,
    typer.Option("--policies", metavar="DIR", help="Rules and catalogue. [those that came with the product]"),
]
_CONCERNS = {
    "nl": {
        "fault": "fout",
        "to_fill_in": "in te vullen",
        "guardrail": "mag niet",
        "advice": "weeg",
        "asks": "vraagt",
        "answers": "antwoordt",
        "no_kind": "de soort is niet genoemd",
        "good": "in orde",
        "hash": "kenmerk (hash), bij uw partner hetzelfde",
    },
    "en": {
        "fault": "fault",
        "to_fill_in": "to fill in",
        "guardrail": "not allowed",
        "advice": "weigh",
        "asks": "asks",
        "answers": "answers",
        "no_kind": "its kind is not said",
        "good": "nothing is wrong",
        "hash": "content hash, the same at your partner",
    },
}


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Agreements, each a YAML file.")],
    policies: PoliciesOption = None,
    language: LanguageOption = "nl",
    as_json: JsonOption = False,
) -> None:
    """Say all that is wrong with agreements, without a node: faults, what is to be filled in, what no agreement may.

    Each with its line and its field in the words of the file; what is not allowed with the article that says so. Terms
    that protect little, or are over, are told as well, and are not wrong. It says too which kind of organisation each
    party is taken for. Exit code 0 if nothing is wrong, 3 if a file is not usable
    yet, 4 if all can be read but something is not allowed.
    """
    try:
        told, worst = _check_each(files, policies, language, alone=len(files) == 1 and not as_json)
    except LinkageError as error:
        if not as_json:
            raise
        found = in_language(error)
        print_json({"error": error.code, **found._asdict()})
        raise typer.Exit(error.exit_code) from None
    if as_json:
        print_json([_data(one) for one in told])
    else:
        for one in told:
            _show(one, language)
    if worst:
        raise typer.Exit(worst)


class _Checked(NamedTuple):
    """One file, and what is to be said of it."""

    file: Path
    agreement: "Agreement | None"
    content: str | None  # content hash, hexadecimal
    remarks: "list[Remark]"


def _check_each(
    files: list[Path], policies: Path | None, language: Literal["nl", "en"], *, alone: bool
) -> tuple[list[_Checked], int]:
    """Every file by itself, and the exit code; the error of a file that cannot be read, if it is `alone`."""
    from functools import partial

    from linkage_node.agreements import content_hash
    from linkage_node.agreements.checked import check as check_text
    from linkage_node.clock import now_ms
    from linkage_node.policy.source import policy_folder, read_catalogue, read_rules
    from linkage_node.policy.verdicts import findings
    from linkage_node.yaml_model import read_text

    folder = policy_folder(policies)
    catalogue = read_catalogue(folder)
    judge = partial(findings, read_rules(folder), catalogue)
    told: list[_Checked] = []
    worst = 0
    for file in files:
        agreement = None
        try:
            agreement, remarks = check_text(read_text(file), judge, catalogue, language, now_ms())
        except LinkageError as error:  # a file that cannot be read, rules that do not load
            if alone:
                raise
            remarks = [_unreadable(error)]
        wrong = {one.concern for one in remarks if one.is_wrong}
        code = ExitCode.OK if not wrong else ExitCode.REFUSED if wrong == {"guardrail"} else ExitCode.INPUT
        # What is not usable weighs more than what is not allowed.
        worst = ExitCode.INPUT if ExitCode.INPUT in {worst, code} else max(worst, code)
        told.append(_Checked(file, agreement, content_hash(agreement).hex() if agreement else None, remarks))
    return told, worst


def schema(
    language: Annotated[
        Literal["nl", "en", "both"],
        typer.Option("--language", help="Of the fields: Dutch, English, or either."),
    ] = "both",
    policies: PoliciesOption = None,
) -> None:
    """Print the JSON Schema (2020-12) of agreements, with which an editor completes and checks while one types."""
    from linkage_node.agreements.schema import schema_text
    from linkage_node.policy.source import policy_folder, read_catalogue

    sys.stdout.write(schema_text(language, read_catalogue(policy_folder(policies))))


def _unreadable(error: LinkageError) -> "Remark":
    from linkage_node.agreements.checked import Remark

    told = in_language(error)
    return Remark(1, "(file)", "fault", told.message, error.code, what_to_do=told.what_to_do)


def _data(checked: _Checked) -> dict[str, Any]:
    from linkage_node.agreements.model import as_data

    agreed = as_data(checked.agreement) if checked.agreement else {}
    return {
        "file": str(checked.file),
        "content_hash": checked.content,
        **{party: agreed.get(party) for party in ("requester", "provider")},
        "remarks": [one._asdict() for one in checked.remarks],
    }


def _show(checked: _Checked, language: Literal["nl", "en"]) -> None:
    from linkage_node.agreements.lines import counted

    file, words = checked.file, _CONCERNS[language]
    for one in checked.remarks:
        source = f" ({one.source})" if one.source else ""
        code = f" [{one.code}]" if one.concern == "guardrail" else ""
        _say(f"{file}:{one.line}: {counted(one.field)}: {words[one.concern]}: {one.what}{source}{code}")
        if one.what_to_do:
            _say(f"    {one.what_to_do}")
    if checked.agreement:
        _show_parties(file, checked.agreement, language)
    if checked.content and not any(one.is_wrong for one in checked.remarks):
        _say(f"{file}: {words['good']}; {words['hash']}: {checked.content}")


def _show_parties(file: Path, agreement: "Agreement", language: Literal["nl", "en"]) -> None:
    """What kind of organisation each is taken for: all that follows depends on it."""
    from linkage_node.agreements.words import value_in

    words = _CONCERNS[language]
    for party, name in ((agreement.requester, "asks"), (agreement.provider, "answers")):
        kind = value_in(language, "requester.kind", party.kind) or words["no_kind"]
        _say(f"{file}: {words[name]}: {party.name or party.oin}: {kind}")


def _say(text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)
