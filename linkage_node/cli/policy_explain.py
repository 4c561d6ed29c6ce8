"""`policy explain`: one question, what policy decides about it, and why, for somebody who knows the law."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from linkage_node.cli import option_words
from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    errors,
    open_node,
    print_json,
    warn,
)
from linkage_node.cli.language import LanguageOption
from linkage_node.errors import ExitCode, InputError


def explain(
    agreement: Annotated[
        str, typer.Option("--agreement", help="Put a question under this agreement, by its id.")
    ] = "",
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            help="Identifier kind, in Dutch or English; default: the first agreed.",
            parser=option_words.kind,
            metavar="TEXT",
        ),
    ] = "",
    answer: Annotated[
        str | None,
        typer.Option(
            "--answer",
            help="aantal (count), treffer (hit) or gegevens (attributes); default: the first agreed.",
            parser=option_words.answer,
            metavar="TEXT",
        ),
    ] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", help="Default: the agreed one.")] = None,
    elements: Annotated[
        int | None, typer.Option("--elements", min=1, help="Persons or addresses; default: 1.")
    ] = None,
    question: Annotated[
        str | None, typer.Option("--question", help="Count: id of a question; default: the first agreed.")
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option("--attribute", help="Attributes: a name; repeat it. Default: all agreed."),
    ] = None,
    case: Annotated[
        str | None,
        typer.Option(
            "--case", help="Attributes: asked in this case. Only whether there is one is looked at."
        ),
    ] = None,
    no_case: Annotated[bool, typer.Option("--no-case", help="Attributes: asked in no case.")] = False,
    used_today: Annotated[
        int | None, typer.Option("--used-today", min=0, help="Persons asked about before, on that day.")
    ] = None,
    moment: Annotated[
        str, typer.Option("--date", "--time", help="Day, or moment in UTC; default: now.")
    ] = "",
    role: Annotated[
        Literal["requester", "provider"] | None,
        typer.Option("--role", help="The node that decides; default: this one."),
    ] = None,
    requester: Annotated[
        str | None, typer.Option("--requester", help="OIN of who asks; default: the agreed one.")
    ] = None,
    status: Annotated[
        Literal["unsigned", "in_force", "rejected", "revoked", "not_activated"] | None,
        typer.Option("--status", help="As if the agreement were in this state; default: the state it is in."),
    ] = None,
    given: Annotated[
        Path | None,
        typer.Option("--input", metavar="FILE", help="A question as policy input (AuthZEN), YAML or JSON."),
    ] = None,
    transaction: Annotated[
        str,
        typer.Option("--transaction", help="What was asked under this transaction id, or its beginning."),
    ] = "",
    rules: Annotated[
        bool, typer.Option("--rules", help="Name all lines of the rules that a reason rests on.")
    ] = False,
    expect: Annotated[
        Literal["allow", "deny"] | None,
        typer.Option("--expect", help="For scripts: exit code 4 if it is decided otherwise."),
    ] = None,
    language: LanguageOption = "nl",
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Explain what policy decides about a question: which reason, rule, agreement and article, and what to do now.

    Give the question with --agreement and what should differ from one that fits, with --input, or with --transaction.
    Exit code 0 for a refusal too: it is explained. With --expect, 4 if it is decided otherwise.
    """
    from linkage_node.cli.policy_explain_tell import as_data, tell
    from linkage_node.cli.policy_questions import Posed, by_options, from_file, lines_of, recorded
    from linkage_node.matching.disclosure import check_case_reference
    from linkage_node.policy.asked import decided
    from linkage_node.policy.embedded import EmbeddedDecisionPoint
    from linkage_node.policy.explained import explain as explained
    from linkage_node.policy.known import coming, of_node
    from linkage_node.policy.verdicts import findings

    if sum(map(bool, (agreement, given, transaction))) != 1:
        raise InputError("option_missing", "give one of --agreement, --input and --transaction")
    if case and no_case:
        raise InputError("options_conflict", "--case and --no-case")
    if case:
        check_case_reference(case)
    changes = {
        "purpose": purpose,
        "elements": elements,
        "question": question,
        "attributes": tuple(attribute) if attribute else None,
        "for_a_case": False if no_case else bool(case) if case is not None else None,
        "used_today": used_today,
        "role": role,
        "subject_oin": requester,
        "requester_oin": requester,
        "status": status,
    }
    with open_node(config) as node:
        if transaction:
            questions = recorded(node, transaction)
        elif given:
            questions = [Posed(from_file(given))]
        else:
            questions = [Posed(by_options(node, agreement, answer, kind, moment, changes))]
        next_one = (
            coming(node, node.agreements.get_by_id(agreement)) if agreement and status == "in_force" else None
        )
        if next_one:
            warn("by_coming_policy", agreement=agreement)
        policy = next_one or of_node(node)
        decide = EmbeddedDecisionPoint(next_one) if next_one else node.decide
        data = policy.data()
        told: list[Any] = []
        otherwise = False
        for posed in questions:
            outcome = decided(decide, posed.asked)
            otherwise |= expect is not None and outcome.allow != (expect == "allow")
            explanation = explained(
                posed.asked,
                outcome,
                rules=policy.rules,
                data=data,
                language=language,
                judge=lambda judged: findings(policy.rules, data["catalogue"], judged),
                line_of=lines_of(node, posed.asked),
            )
            told.append(as_data(explanation, posed))
            if not as_json:
                tell(explanation, posed, rules=rules)
    if as_json:
        print_json(told if transaction else told[0])
    if otherwise:
        errors.print(f"--expect {expect}: it is decided otherwise.")
        raise typer.Exit(ExitCode.REFUSED)
