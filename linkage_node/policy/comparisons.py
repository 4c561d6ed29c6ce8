"""For each reason of policy: what was asked beside what was agreed, and the fields of the agreement that say so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from linkage_node.policy.asked import faults, value_at
from linkage_node.policy.explained_words import Language, has_word, in_words, number, shown, word


class Compared(NamedTuple):
    """Two values side by side, in words. `beside` says what the second is: agreed, allowed, required."""

    about: str
    asked_as: str
    asked: str
    beside: str
    agreed: str
    fields: tuple[str, ...] = ()  # of the agreement, as dotted paths of its model


@dataclass(frozen=True)
class Seen:
    """What a decision was about: the known part of the input, and the data of policy."""

    language: Language
    asked: Mapping[str, Any]
    data: Mapping[str, Any]

    @cached_property
    def agreement(self) -> Mapping[str, Any]:
        """The agreement as policy sees it; empty if policy does not know it."""
        content = self.of_question("context.agreement.hash")
        found = self.data.get("agreements", {}).get(content) if isinstance(content, str) else None
        known = isinstance(found, Mapping) and found.get("id") == self.of_question("context.agreement.id")
        return found if known and found is not None else {}

    @cached_property
    def basis(self) -> Mapping[str, Any]:
        """The legal basis in the catalogue; empty if the agreement names none that is there."""
        found = value_at(self.data, "catalogue.legal_bases")
        name = self.agreed("legal_basis.id")
        told = found.get(name) if isinstance(found, Mapping) and isinstance(name, str) else None
        return told if isinstance(told, Mapping) else {}

    def of_question(self, path: str) -> Any:
        """A value of the question."""
        return value_at(self.asked, path)

    def agreed(self, path: str) -> Any:
        """A value of the agreement."""
        return part_of(self.agreement, path)

    def say(self, key: str, *values: object) -> str:
        """A word."""
        return word(self.language, key, *values)

    def named(self, value: object) -> str:
        """A word of the catalogue or of a status; a value that is none is shown as it is."""
        return self.say(value) if isinstance(value, str) and has_word(value) else self.show(value)

    def show(self, value: object) -> str:
        """A value."""
        return shown(self.language, value)

    def words(self, field: str, values: object) -> str:
        """A value, or list of them, in the words of an agreement's field."""
        return in_words(self.language, field, values)

    def number(self, value: object) -> str:
        """A number."""
        return number(self.language, value)

    @property
    def day(self) -> str:
        """The UTC day of the question."""
        return self.show(self.of_question("context.time"))[:10]

    def compared(
        self,
        about: str,
        asked: str,
        agreed: str,
        *fields: str,
        beside: str = "agreed",
        asked_as: str = "asked",
    ) -> Compared:
        """Two values side by side."""
        return Compared(self.say(about), self.say(asked_as), asked, self.say(beside), agreed, fields)


def part_of(agreement: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, of which a number is a place in a list; None if there is none."""
    found: Any = agreement
    for part in path.split("."):
        if isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            found = found.get(part) if isinstance(found, Mapping) else None
    return found


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


def _names(seen: Seen) -> Compared:
    asked = seen.words("attributes.names", seen.of_question("action.properties.attributes") or [])
    agreed = seen.words("attributes.names", seen.agreed("attributes.names") or [])
    return seen.compared("attributes", asked, agreed, "attributes.names")


def _names_asked(seen: Seen) -> Compared:
    """Names that were asked for and are not in the agreement; what is in it stands with the findings."""
    agreed = seen.agreed("attributes.names") or []
    names = seen.of_question("action.properties.attributes")
    asked = [name for name in names if name not in agreed] if isinstance(names, list) else []
    return seen.compared(
        "attribute_names", seen.words("attributes.names", asked), seen.say("never"), beside="allowed"
    )


def _readable(seen: Seen) -> Compared:
    return _names_asked(seen)._replace(beside=seen.say("required"), agreed=seen.say("readable_names"))


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
    if seen.of_question("action.name") != "disclose" or not seen.agreed("attributes"):
        return seen.compared("amount", asked, seen.say("at_most", largest), "limits.largest_query")
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


def _basis_named(seen: Seen) -> Compared:
    known = value_at(seen.data, "catalogue.legal_bases")
    names = ", ".join(sorted(map(str, known))) if isinstance(known, Mapping) else seen.say("none")
    asked = seen.show(seen.agreed("legal_basis.id"))
    required = seen.say("in_catalogue", names)
    return seen.compared(
        "legal_basis", asked, required, "legal_basis.id", beside="required", asked_as="written"
    )


def _basis_in_force(seen: Seen) -> Compared:
    status, starts, ends = (seen.basis.get(name) for name in ("status", "valid_from", "valid_until"))
    said = seen.named(status)
    period = (
        seen.say("until", seen.show(starts), seen.show(ends)) if ends else seen.say("from", seen.show(starts))
    )
    asked = f"{seen.show(seen.agreed('legal_basis.id'))}, {seen.say('at_moment', seen.day)}"
    told = f"{said}, {period}" if starts or ends else said
    return seen.compared("legal_basis", asked, told, "legal_basis.id", beside="found")


def _organisations(seen: Seen) -> Compared:
    kinds = {side: seen.agreed(f"{side}.kind") for side in ("requester", "provider")}
    asked = "; ".join(f"{seen.say(side)} {seen.words(f'{side}.kind', kind)}" for side, kind in kinds.items())
    allowed = "; ".join(
        f"{seen.say(side)} {seen.words(f'{side}.kind', list(seen.basis.get(f'{side}s') or []))}"
        for side in kinds
    )
    return seen.compared(
        "parties", asked, allowed, "requester.kind", "provider.kind", beside="allowed", asked_as="written"
    )


def _identifiers(seen: Seen) -> Compared:
    asked = seen.words("kinds", seen.agreed("kinds") or [])
    allowed = []
    for side in ("requester", "provider"):
        kind = seen.agreed(f"{side}.kind")
        by_kind = seen.basis.get(f"{side}s")
        kinds = by_kind.get(kind) if isinstance(by_kind, Mapping) and isinstance(kind, str) else None
        allowed.append(f"{seen.say(side)} {seen.words('kinds', kinds or [])}")
    return seen.compared("kind", asked, "; ".join(allowed), "kinds", beside="allowed", asked_as="written")


def _category(seen: Seen) -> Compared:
    field = "purpose_category"
    asked, allowed = (
        seen.words(field, seen.agreed(field)),
        seen.words(field, seen.basis.get("purposes") or []),
    )
    return seen.compared("category", asked, allowed, field, beside="allowed", asked_as="written")


def _answers(seen: Seen) -> Compared:
    asked, allowed = (
        seen.words("answers", one or []) for one in (seen.agreed("answers"), seen.basis.get("answers"))
    )
    return seen.compared("answer", asked, allowed, "answers", beside="allowed", asked_as="written")


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
    "attribute_not_agreed": _names,
    "case_reference_missing": _case,
    "query_too_large": _size,
    "budget_exhausted": _budget,
    "answer_never_for_kind": _kind_of_answer,
    "attribute_name_invalid": _readable,
    **dict.fromkeys(("special_category", "attribute_never"), _names_asked),
    "guardrails_unchecked": _guardrails,
    **dict.fromkeys(("legal_basis_missing", "legal_basis_unknown"), _basis_named),
    "legal_basis_not_in_force": _basis_in_force,
    "legal_basis_not_for_organisation": _organisations,
    "legal_basis_not_for_identifier": _identifiers,
    "legal_basis_not_for_purpose": _category,
    "legal_basis_not_for_answer": _answers,
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
