"""`linkage-node agreements check` and `schema`: what helps an officer write, without a node."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from linkage_node.cli.common import JsonOption, console, print_json
from linkage_node.cli.language import LanguageOption, in_language
from linkage_node.errors import ExitCode, LinkageError

if TYPE_CHECKING:
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
        "good": "in orde",
        "hash": "kenmerk (hash), bij uw partner hetzelfde",
    },
    "en": {
        "fault": "fault",
        "to_fill_in": "to fill in",
        "guardrail": "not allowed",
        "advice": "weigh",
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
    that protect little are told as well, and are not wrong. Exit code 0 if nothing is wrong, 3 if a file is not usable
    yet, 4 if all can be read but something is not allowed.
    """
    from functools import partial

    from linkage_node.agreements import content_hash
    from linkage_node.agreements.checked import check as check_text
    from linkage_node.clock import now_ms
    from linkage_node.policy.source import policy_folder, read_catalogue, read_rules
    from linkage_node.policy.verdicts import findings
    from linkage_node.yaml_model import read_text

    folder = policy_folder(policies)
    judge = partial(findings, read_rules(folder), read_catalogue(folder))
    told: list[dict[str, Any]] = []
    worst = 0
    for file in files:
        content = None
        try:
            agreement, remarks = check_text(read_text(file), judge, language, now_ms())
            content = content_hash(agreement).hex() if agreement else None
        except LinkageError as error:  # a file that cannot be read, rules that do not load
            if len(files) == 1:
                raise
            remarks = [_unreadable(error)]
        wrong = {one.concern for one in remarks if one.is_wrong}
        code = ExitCode.OK if not wrong else ExitCode.REFUSED if wrong == {"guardrail"} else ExitCode.INPUT
        # What is not usable weighs more than what is not allowed.
        worst = ExitCode.INPUT if ExitCode.INPUT in {worst, code} else max(worst, code)
        told.append(
            {"file": str(file), "content_hash": content, "remarks": [one._asdict() for one in remarks]}
        )
        if not as_json:
            _show(file, remarks, content, language)
    if as_json:
        print_json(told)
    if worst:
        raise typer.Exit(worst)


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

    return Remark(1, "(file)", "fault", in_language(error).message, error.code)


def _show(file: Path, remarks: "list[Remark]", content: str | None, language: Literal["nl", "en"]) -> None:
    words = _CONCERNS[language]
    for one in remarks:
        source = f" ({one.source})" if one.source else ""
        code = f" [{one.code}]" if one.concern == "guardrail" else ""
        _say(f"{file}:{one.line}: {one.field}: {words[one.concern]}: {one.what}{source}{code}")
        if one.what_to_do:
            _say(f"    {one.what_to_do}")
    if content and not any(one.is_wrong for one in remarks):
        _say(f"{file}: {words['good']}; {words['hash']}: {content}")


def _say(text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)
