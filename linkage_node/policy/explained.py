"""One decision explained to somebody who knows the law: which reason, rule, agreement and article, and what to do now.

Nothing here reads a file, a clock or a database. What is shown of a question are the fields that a node itself sends.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from linkage_node import reasons
from linkage_node.policy.asked import known_part
from linkage_node.policy.comparisons import compare, held
from linkage_node.policy.explained_words import Language, field_name, in_words, number, word
from linkage_node.policy.findings_nl import in_dutch
from linkage_node.policy.outcome import Obligations, Outcome
from linkage_node.policy.rule_places import RulePlace, condition_of, places_of
from linkage_node.policy.seen import Compared, Seen, part_of
from linkage_node.policy.verdicts import Finding
from linkage_node.reasons_nl import REASONS_NL

HASH_SHOWN = 16  # hexadecimal digits of a content hash
LineOf = Callable[[str], int | None]  # of a field of the agreement, in the file that was added
Judge = Callable[[Mapping[str, Any]], Sequence[Finding]]  # what a verdict finds in an agreement


class FieldShown(NamedTuple):
    """A field of the agreement: its name in the language, and its line in the file that was added, if that is known."""

    path: str
    name: str
    line: int | None


class FindingShown(NamedTuple):
    """What a guardrail found: the field of the agreement with its value, the rule's words, and the law it cites."""

    what: str
    says: str
    source: str
    field: FieldShown


@dataclass(frozen=True, kw_only=True)
class ReasonShown:
    """Why the answer is no."""

    code: str
    meaning: str
    what_to_do: str
    compared: Compared | None
    fields: tuple[FieldShown, ...]
    rules: tuple[RulePlace, ...]  # that give this reason
    conditions: tuple[RulePlace, ...]  # that had to hold, and did not
    findings: tuple[FindingShown, ...]


@dataclass(frozen=True, kw_only=True)
class AgreementShown:
    """The agreement that decides."""

    id: str
    version: int | None
    hash: str  # its first hexadecimal digits
    purpose: str
    requester: str
    provider: str


@dataclass(frozen=True, kw_only=True)
class BasisShown:
    """The legal basis: the article as the agreement words it, and what the catalogue has of it."""

    id: str
    article: str  # of the agreement
    title: str
    source: str
    status: str  # in words
    period: str
    checked: bool  # the citation was held against the text of the law


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A decision explained. `held` and `obligations` are of an approval, `reasons` of a refusal."""

    language: Language
    allow: bool
    revision: str
    question_as: str  # what a question is called
    question: str  # in one line
    agreement: AgreementShown | None
    legal_basis: BasisShown | None
    reasons: tuple[ReasonShown, ...]
    held: tuple[Compared, ...]
    obligations: tuple[str, ...]


def explain(
    asked: Any,
    outcome: Outcome,
    *,
    rules: Mapping[str, str],
    data: Mapping[str, Any],
    language: Language,
    judge: Judge = lambda _agreement: (),
    line_of: LineOf = lambda _path: None,
) -> Explanation:
    """The outcome for an input, by the rules and data that decided."""
    seen = Seen(language, known_part(asked), data)
    judged = _with_names_asked(seen)
    found = judge(judged) if outcome.reasons and judged else ()
    findings = [(one.code, _finding(one, seen, judged, line_of)) for one in found]
    return Explanation(
        language=language,
        allow=outcome.allow,
        revision=outcome.revision,
        question_as=seen.say("posed"),
        question=_question(seen),
        agreement=_agreement(seen),
        legal_basis=_basis(seen),
        reasons=tuple(_reason(code, seen, rules, findings, line_of) for code in outcome.reasons),
        held=tuple(held(seen)) if outcome.allow else (),
        obligations=_obligations(outcome.obligations, language) if outcome.allow else (),
    )


def meaning_of(code: str, language: Language, rules: Mapping[str, str]) -> reasons.Reason:
    """What a code means and asks for: of an own reason of the rules what their author wrote (METADATA)."""
    known = REASONS_NL.get(code) if language == "nl" else None
    if known is None and code in reasons.REASONS:
        known = reasons.REASONS[code]
    if known is not None:
        return known
    says = next((place.says for place in places_of(rules, code) if place.says), "")
    own = word(language, "own_reason")
    return reasons.Reason(f"{own}: {says}" if says else own, word(language, "ask_author"))


def _reason(
    code: str,
    seen: Seen,
    rules: Mapping[str, str],
    findings: Sequence[tuple[str, FindingShown]],
    line_of: LineOf,
) -> ReasonShown:
    told = meaning_of(code, seen.language, rules)
    places = places_of(rules, code)
    compared = compare(code, seen)
    fields = compared.fields if compared and seen.agreement else ()
    required = [found for place in places if (found := condition_of(rules, place))]
    return ReasonShown(
        code=code,
        meaning=told.meaning,
        what_to_do=told.remedy,
        compared=compared,
        fields=tuple(_field(seen, path, line_of) for path in fields),
        rules=places,
        conditions=tuple(required),
        findings=tuple(finding for of, finding in findings if of == code),
    )


def _finding(found: Finding, seen: Seen, judged: Mapping[str, Any], line_of: LineOf) -> FindingShown:
    field = _field(seen, found.field, line_of)
    value = part_of(judged, found.field)
    values_of = ".".join(part for part in found.field.split(".") if not part.isdigit())
    what = field.name if value is None else f"{field.name}: {seen.words(values_of, value)}"
    says = in_dutch(found.what) if seen.language == "nl" else found.what
    return FindingShown(what, says, found.source, field)


def _field(seen: Seen, path: str, line_of: LineOf) -> FieldShown:
    line = None if seen.agreed(path) is None else line_of(path)
    return FieldShown(path, field_name(seen.language, path), line)


def _question(seen: Seen) -> str:
    role = seen.of_question("context.role")
    return seen.say(
        "list_posed" if seen.of_question("action.name") == "fetch_tag_set" else "question_posed",
        seen.words("answers", seen.of_question("action.properties.answer")),
        seen.words("kinds", seen.of_question("resource.properties.kind")),
        seen.number(seen.of_question("action.properties.elements")),
        seen.show(seen.of_question("context.time")),
        seen.named(role),
    )


def _agreement(seen: Seen) -> AgreementShown | None:
    if not seen.agreement:
        return None
    version = seen.agreed("version")
    return AgreementShown(
        id=seen.show(seen.agreed("id")),
        version=version if type(version) is int else None,
        hash=str(seen.of_question("context.agreement.hash"))[:HASH_SHOWN],
        purpose=seen.show(seen.agreed("purpose")),
        requester=seen.show(seen.agreed("requester.name") or seen.agreed("requester.oin")),
        provider=seen.show(seen.agreed("provider.name") or seen.agreed("provider.oin")),
    )


def _basis(seen: Seen) -> BasisShown | None:
    if not seen.agreement:
        return None
    starts, ends, status = (seen.basis.get(name) for name in ("valid_from", "valid_until", "status"))
    period = seen.say("until", starts, ends) if ends else seen.say("from", starts) if starts else ""
    return BasisShown(
        id=_text(seen, seen.agreed("legal_basis.id")),
        article=seen.show(seen.agreed("legal_basis.article")),
        title=_text(seen, seen.basis.get("title")),
        source=_text(seen, seen.basis.get("source")),
        status=seen.named(status) if status else "",
        period=period,
        checked=seen.basis.get("checked") is True,
    )


def _text(seen: Seen, value: Any) -> str:
    return seen.show(value) if value else ""


def _obligations(obligations: Obligations, language: Language) -> tuple[str, ...]:
    numbers = ("evaluations_per_day", "largest_query", "result_retention_days")
    told = [word(language, name, number(language, getattr(obligations, name))) for name in numbers]
    for name in ("kinds", "answers"):
        told.append(word(language, name, in_words(language, name, getattr(obligations, name))))
    told += [word(language, name) for name in ("proof", "receipts") if getattr(obligations, name)]
    return tuple(told)


def _with_names_asked(seen: Seen) -> Mapping[str, Any]:
    """The agreement as it would be with the attributes that are asked for and are not agreed: its verdict says what is
    wrong with their names."""
    names = seen.of_question("action.properties.attributes")
    terms = seen.agreed("attributes")
    terms = terms if isinstance(terms, Mapping) else {}
    agreed = terms.get("names", [])
    beside = (
        [name for name in names if isinstance(name, str) and name not in agreed]
        if isinstance(names, list)
        else []
    )
    return (
        {**seen.agreement, "attributes": {**terms, "names": [*agreed, *beside]}} if beside else seen.agreement
    )
