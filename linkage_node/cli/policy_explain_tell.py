"""Tells an explained decision to a person, or to a script."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.text import Text

from linkage_node.cli.common import console
from linkage_node.cli.suggested import with_config

if TYPE_CHECKING:
    from linkage_node.cli.policy_questions import Posed
    from linkage_node.policy.explained import Explanation, FieldShown, ReasonShown
    from linkage_node.policy.explained_words import Language
    from linkage_node.policy.recorded import Recorded
    from linkage_node.policy.seen import Compared


def tell(explanation: "Explanation", posed: "Posed", *, rules: bool) -> None:
    """The decision, what it rests on, and every reason against; each on lines of its own.

    `rules`: with all lines of the rules, not only the first that gives a reason.
    """
    from linkage_node.policy.explained_words import word

    language, allow = explanation.language, explanation.allow
    style = "bold green" if allow else "bold red"
    console.print(Text(word(language, "approved" if allow else "refused"), style=style), end="")
    revision = explanation.revision
    console.print(Text(f", {word(language, 'by_revision', revision)}" if revision else ""), soft_wrap=True)
    lines = [_line(explanation.question_as.capitalize(), explanation.question)]
    lines += _recorded(explanation, posed.recorded)
    lines += _agreement(explanation)
    if allow:
        lines += [
            "",
            f"{word(language, 'held')}:",
            *(f"  {line}" for one in explanation.held for line in _two(one)),
        ]
        lines += ["", f"{word(language, 'conditions')}:", *(f"  {one}" for one in explanation.obligations)]
    for number, reason in enumerate(explanation.reasons, start=1):
        lines += ["", f"{number}. {reason.code}: {reason.meaning}"]
        lines += [f"   {line}" for line in _reason(reason, language, rules=rules)]
    console.print(Text("\n".join(lines)), soft_wrap=True)
    console.print()


def _line(label: str, value: str) -> str:
    return f"{label}: {value}"


def _recorded(explanation: "Explanation", recorded: "Recorded | None") -> Iterator[str]:
    from linkage_node.policy.explained_words import word

    if recorded is None:
        return
    language, at = explanation.language, recorded.at
    if recorded.allow is None:
        yield word(language, "recorded_undecided", at)
        return
    said = word(language, "approved" if recorded.allow else "refused").lower()
    codes = f" ({', '.join(recorded.reasons)})" if recorded.reasons else ""
    yield word(language, "recorded_as", at, said + codes, recorded.revision)
    now = (explanation.allow, [one.code for one in explanation.reasons])
    if now != (recorded.allow, list(recorded.reasons)):
        yield word(language, "decided_otherwise")


def _agreement(explanation: "Explanation") -> Iterator[str]:
    from linkage_node.policy.explained_words import word

    language, agreement, basis = explanation.language, explanation.agreement, explanation.legal_basis
    if agreement is None or basis is None:
        return
    yield _line(
        word(language, "agreement").capitalize(),
        word(language, "called", agreement.id, agreement.version, agreement.hash),
    )
    yield f"  {word(language, 'asks', agreement.requester, agreement.provider)}"
    yield f"  {_line(word(language, 'purpose'), agreement.purpose)}"
    unchecked = "" if basis.checked or not basis.title else word(language, "unchecked")
    told = [one for one in (basis.title, basis.status, basis.period, unchecked) if one]
    named = f"{basis.id} ({', '.join(told)})" if told else basis.id
    yield f"  {_line(word(language, 'legal_basis'), named or word(language, 'missing'))}"
    yield f"  {_line(word(language, 'article'), basis.article)}"


def _two(compared: "Compared") -> Iterator[str]:
    yield f"{compared.about}: {compared.asked}; {compared.beside}: {compared.agreed}"


def _reason(reason: "ReasonShown", language: "Language", *, rules: bool) -> Iterator[str]:
    from linkage_node.policy.explained_words import word

    if compared := reason.compared:
        where = f" ({'; '.join(_field(one, language) for one in reason.fields)})" if reason.fields else ""
        written = compared.asked_as == word(language, "written")  # which of the two the agreement says
        asked, agreed = (where, "") if written else ("", where)
        yield _line(f"{compared.about}, {compared.asked_as}", compared.asked + asked)
        yield _line(f"{compared.about}, {compared.beside}", compared.agreed + agreed)
    for finding in reason.findings:
        yield _line(word(language, "written"), finding.what + _at_line(finding.field, language))
        yield f"  {_line(word(language, 'says'), finding.says)}"
        yield f"  {_line(word(language, 'source'), finding.source)}"
    for place in reason.rules if rules else reason.rules[:1]:
        yield _line(word(language, "rule"), str(place))
    if not reason.rules:
        yield _line(word(language, "rule"), word(language, "in_no_rule"))
    for place in reason.conditions if rules else ():
        yield _line(word(language, "condition"), str(place))
    yield _line(word(language, "what_to_do"), with_config(reason.what_to_do))


def _field(field: "FieldShown", language: "Language") -> str:
    return field.name + _at_line(field, language)


def _at_line(field: "FieldShown", language: "Language") -> str:
    from linkage_node.policy.explained_words import word

    return word(language, "on_line", field.line) if field.line else ""


def as_data(explanation: "Explanation", posed: "Posed") -> dict[str, Any]:
    """The same for scripts."""
    told = asdict(explanation)
    for name in ("held",):
        told[name] = [one._asdict() for one in explanation.held]
    told["reasons"] = [_reason_data(one) for one in explanation.reasons]
    if recorded := posed.recorded:
        told["recorded"] = {
            "transaction_id": recorded.transaction_id,
            "at": recorded.at,
            "allow": recorded.allow,
            "reasons": list(recorded.reasons),
            "revision": recorded.revision,
        }
    return told


def _reason_data(reason: "ReasonShown") -> dict[str, Any]:
    return {
        "code": reason.code,
        "meaning": reason.meaning,
        "what_to_do": reason.what_to_do,
        "compared": reason.compared._asdict() if reason.compared else None,
        "fields": [one._asdict() for one in reason.fields],
        "rules": [one._asdict() for one in reason.rules],
        "conditions": [one._asdict() for one in reason.conditions],
        "findings": [one._asdict() | {"field": one.field._asdict()} for one in reason.findings],
    }
