"""For each reason of policy: what was asked beside what was agreed, and the fields of the agreement that say so."""

from collections.abc import Callable, Mapping

from linkage_node.limits import (
    COUNT_SMALLEST_CELL_ADVISED,
    COUNT_SMALLEST_SET_ADVISED,
    EPSILON_IN_PRODUCTION,
)
from linkage_node.policy.asked import faults
from linkage_node.policy.basis_comparisons import BASIS_COMPARISONS
from linkage_node.policy.explained_words import field_name
from linkage_node.policy.seen import Compared, Seen


def compare(code: str, seen: Seen) -> Compared | None:
    """The two values that a reason is about; None for one that has none."""
    comparison = _COMPARISONS.get(code)
    return comparison(seen) if comparison else None


def _purpose(seen: Seen) -> Compared:
    purpose, agreed = seen.of_question("action.properties.purpose"), seen.agreed("purpose")
    return seen.compared("purpose", seen.show(purpose), seen.show(agreed), "purpose")


def _kind(seen: Seen) -> Compared:
    kind, kinds = seen.of_question("resource.properties.kind"), seen.agreed("kinds")
    return seen.compared("kind", seen.words("kinds", kind), seen.words("kinds", kinds), "kinds")


def _answer(seen: Seen) -> Compared:
    answer, answers = seen.of_question("action.properties.answer"), seen.agreed("answers")
    return seen.compared("answer", seen.words("answers", answer), seen.words("answers", answers), "answers")


def _question(seen: Seen) -> Compared:
    questions = seen.agreed("count.questions")
    ids = (
        [one.get("id") for one in questions if isinstance(one, Mapping)]
        if isinstance(questions, list)
        else []
    )
    asked = seen.show(seen.of_question("action.properties.question"))
    return seen.compared("question", asked, seen.words("count.questions", ids), "count.questions")


def _protection(seen: Seen) -> Compared:
    """What bounds the count, as agreed, beside what production asks for (counts.rego)."""
    name, questions = seen.of_question("action.properties.question"), seen.agreed("count.questions")
    known = [one for one in questions if isinstance(one, Mapping)] if isinstance(questions, list) else []
    epsilon = next((one.get("epsilon") for one in known if one.get("id") == name), None)
    bounds = {
        "count.smallest_set": (seen.agreed("count.smallest_set"), f">= {COUNT_SMALLEST_SET_ADVISED}"),
        "count.smallest_cell": (seen.agreed("count.smallest_cell"), f">= {COUNT_SMALLEST_CELL_ADVISED}"),
        "count.questions": (f"epsilon {seen.show(epsilon)}", f"epsilon <= {EPSILON_IN_PRODUCTION:g}"),
    }
    agreed = ", ".join(
        f"{field_name(seen.language, field)} {seen.show(said)}" for field, (said, _) in bounds.items()
    )
    asks = ", ".join(f"{field_name(seen.language, field)} {least}" for field, (_, least) in bounds.items())
    return seen.compared("question", agreed, asks, *bounds, beside="required", asked_as="written")


def _names(seen: Seen) -> Compared:
    asked = seen.words("attributes.names", seen.of_question("action.properties.attributes") or [])
    agreed = seen.words("attributes.names", seen.agreed("attributes.names") or [])
    return seen.compared("attributes", asked, agreed, "attributes.names")


def _forbidden(seen: Seen) -> Compared:
    """Names that are asked for and are not in the agreement; else those in it, of which a finding tells which it is."""
    agreed = seen.agreed("attributes.names") or []
    names = seen.of_question("action.properties.attributes")
    asked = [name for name in names if name not in agreed] if isinstance(names, list) else []
    never = {"beside": "permitted", "asked_as": "asked" if asked else "written"}
    told = asked or [*agreed, *(attribute for _, attribute in _breakdowns(seen))]
    return seen.compared("attribute_names", seen.words("attributes.names", told), seen.say("never"), **never)


def _areas(seen: Seen) -> Compared:
    told = [f"{field}: {attribute}" for field, attribute in _breakdowns(seen)]
    asked = seen.words("count.questions", told)
    return seen.compared(
        "breakdown", asked, seen.say("never"), "count.questions", beside="permitted", asked_as="written"
    )


def _breakdowns(seen: Seen) -> list[tuple[str, str]]:
    """What the counts of the agreement are broken down by: id of the question, and the attribute."""
    questions = seen.agreed("count.questions")
    return [
        (str(one.get("id")), str(side["attribute"]))
        for one in (questions if isinstance(questions, list) else [])
        for side in (one.get("by_requester"), one.get("by_provider"))
        if isinstance(side, Mapping) and "attribute" in side
    ]


def _readable(seen: Seen) -> Compared:
    return _forbidden(seen)._replace(beside=seen.say("required"), agreed=seen.say("readable_names"))


def _case(seen: Seen) -> Compared:
    given = seen.of_question("action.properties.for_a_case") is True
    said = seen.say("for_a_case" if given else "not_for_a_case")
    return seen.compared("a_case", said, seen.say("for_a_case"), beside="required")


def _kind_of_answer(seen: Seen) -> Compared:
    kind = seen.words("kinds", seen.of_question("resource.properties.kind"))
    answer = seen.words("answers", seen.of_question("action.properties.answer"))
    return seen.compared("kind", f"{answer}: {kind}", seen.say("one_person"), "kinds", beside="required")


def _size(seen: Seen) -> Compared:
    largest = seen.number(seen.agreed("limits.largest_query"))
    asked = seen.number(seen.of_question("action.properties.elements"))
    if seen.of_question("action.name") != "disclose":
        return seen.compared("amount", asked, seen.say("at_most", largest), "limits.largest_query")
    if seen.agreement and not seen.agreed("attributes"):
        nobodys = seen.say("attributes_of_nobody")
        return seen.compared("amount", seen.say("attributes_of", asked), nobodys, "answers")
    persons = seen.number(seen.agreed("attributes.largest"))
    agreed = seen.say("persons_disclosed", largest, persons)
    return seen.compared("amount", asked, agreed, "limits.largest_query", "attributes.largest")


def _budget(seen: Seen) -> Compared:
    used, asked = seen.of_question("context.used_today"), seen.of_question("action.properties.elements")
    if seen.of_question("action.name") == "report_hits":
        asked = 0  # telling who was found costs nothing
    numbers = type(used) is int and type(asked) is int
    told = seen.say("used_and_asked", *map(seen.number, (used, asked, used + asked if numbers else None)))
    most = seen.number(seen.agreed("limits.evaluations_per_day"))
    return seen.compared("day", told, seen.say("a_day", most), "limits.evaluations_per_day")


def _validity(seen: Seen) -> Compared:
    period = seen.say("until", seen.show(seen.agreed("valid_from")), seen.show(seen.agreed("valid_until")))
    return seen.compared("validity", seen.day, period, "valid_from", "valid_until")


def _requester(seen: Seen) -> Compared:
    asked = seen.show(seen.of_question("context.requester_oin"))
    return seen.compared("requester", asked, _party(seen, "requester"), "requester.oin")


def _provider(seen: Seen) -> Compared:
    return seen.compared(
        "provider", seen.show(seen.of_question("resource.id")), _party(seen, "provider"), "provider.oin"
    )


def _party(seen: Seen, side: str) -> str:
    name, oin = (seen.agreed(f"{side}.{field}") for field in ("name", "oin"))
    return f"{seen.show(name)} ({seen.show(oin)})" if name else seen.show(oin)


def _certificate(seen: Seen) -> Compared:
    asked = seen.show(seen.of_question("subject.id"))
    return seen.compared(
        "certificate", asked, seen.show(seen.of_question("context.requester_oin")), beside="required"
    )


def _status(seen: Seen) -> Compared:
    status = seen.of_question("context.agreement.status")
    return seen.compared(
        "standing", seen.named(status), seen.say("both_signed"), beside="required", asked_as="found"
    )


def _known(seen: Seen) -> Compared:
    name, content = (seen.of_question(f"context.agreement.{field}") for field in ("id", "hash"))
    asked = seen.say("content", seen.show(name), seen.show(content)[:16])
    agreements = seen.data.get("agreements", {})
    others = [
        known[:16] for known, one in agreements.items() if isinstance(one, Mapping) and one.get("id") == name
    ]
    known = (
        seen.say("known_otherwise", seen.show(name), ", ".join(others)) if others else seen.say("not_known")
    )
    return seen.compared("agreement", asked, known, beside="found")


def _malformed(seen: Seen) -> Compared:
    wrong = faults(seen.asked)
    asked = (
        seen.say("fields_at_fault", ", ".join(wrong)) if wrong else seen.show(seen.of_question("action.name"))
    )
    return seen.compared("shape", asked, seen.say("whole_question"), beside="required", asked_as="found")


def _guardrails(seen: Seen) -> Compared:
    return seen.compared(
        "guardrails", seen.say("missing"), seen.say("a_verdict"), beside="required", asked_as="found"
    )


_COMPARISONS: dict[str, Callable[[Seen], Compared]] = {
    "agreement_unknown": _known,
    "malformed": _malformed,
    "oin_mismatch": _certificate,
    "requester_not_in_agreement": _requester,
    "provider_not_in_agreement": _provider,
    **dict.fromkeys(("agreement_not_yet_valid", "agreement_expired"), _validity),
    **dict.fromkeys(
        (f"agreement_{status}" for status in ("unsigned", "rejected", "revoked", "not_activated")), _status
    ),
    "purpose_not_agreed": _purpose,
    "kind_not_agreed": _kind,
    "answer_not_agreed": _answer,
    "question_not_agreed": _question,
    "count_unprotected": _protection,
    "attribute_not_agreed": _names,
    "case_reference_missing": _case,
    "query_too_large": _size,
    "budget_exhausted": _budget,
    "answer_never_for_kind": _kind_of_answer,
    "attribute_name_invalid": _readable,
    **dict.fromkeys(("special_category", "attribute_never"), _forbidden),
    "area_sweep": _areas,
    "guardrails_unchecked": _guardrails,
    **BASIS_COMPARISONS,
}


def held(seen: Seen) -> list[Compared]:
    """What an approval rests on: every comparison that a question of its kind was put to."""
    codes = [
        "requester_not_in_agreement",
        "provider_not_in_agreement",
        "agreement_unsigned",
        "agreement_expired",
    ]
    codes += ["purpose_not_agreed", "kind_not_agreed", "answer_not_agreed"]
    operation = seen.of_question("action.name")
    if operation == "count":
        codes.append("question_not_agreed")
    if operation == "disclose":
        codes += ["attribute_not_agreed", "case_reference_missing"]
    if operation not in ("fetch_tag_set", "report_hits"):
        codes += ["query_too_large", "budget_exhausted"]
    if seen.basis:
        codes.append("legal_basis_not_in_force")
    return [_COMPARISONS[code](seen) for code in codes]
