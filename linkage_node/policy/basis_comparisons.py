"""What an agreement says beside what its legal basis allows, for each reason about legal bases."""

from collections.abc import Callable, Mapping

from linkage_node.policy.asked import value_at
from linkage_node.policy.seen import Compared, Seen


def basis_named(seen: Seen) -> Compared:
    known = value_at(seen.data, "catalogue.legal_bases")
    names = ", ".join(sorted(map(str, known))) if isinstance(known, Mapping) else seen.say("none")
    asked = seen.show(seen.agreed("legal_basis.id"))
    required = seen.say("in_catalogue", names)
    return seen.compared(
        "legal_basis", asked, required, "legal_basis.id", beside="required", asked_as="written"
    )


def basis_in_force(seen: Seen) -> Compared:
    status, starts, ends = (seen.basis.get(name) for name in ("status", "valid_from", "valid_until"))
    said = seen.named(status)
    period = (
        seen.say("until", seen.show(starts), seen.show(ends)) if ends else seen.say("from", seen.show(starts))
    )
    asked = f"{seen.show(seen.agreed('legal_basis.id'))}, {seen.say('at_moment', seen.day)}"
    told = f"{said}, {period}" if starts or ends else said
    return seen.compared("legal_basis", asked, told, "legal_basis.id", beside="found")


def organisations(seen: Seen) -> Compared:
    kinds = {side: seen.agreed(f"{side}.kind") for side in ("requester", "provider")}
    asked = "; ".join(f"{seen.say(side)} {seen.words(f'{side}.kind', kind)}" for side, kind in kinds.items())
    allowed = "; ".join(
        f"{seen.say(side)} {seen.words(f'{side}.kind', list(seen.basis.get(f'{side}s') or []))}"
        for side in kinds
    )
    return seen.compared(
        "parties", asked, allowed, "requester.kind", "provider.kind", beside="allowed", asked_as="written"
    )


def identifiers(seen: Seen) -> Compared:
    asked = seen.words("kinds", seen.agreed("kinds") or [])
    allowed = []
    for side in ("requester", "provider"):
        kind = seen.agreed(f"{side}.kind")
        by_kind = seen.basis.get(f"{side}s")
        kinds = by_kind.get(kind) if isinstance(by_kind, Mapping) and isinstance(kind, str) else None
        allowed.append(f"{seen.say(side)} {seen.words('kinds', kinds or [])}")
    return seen.compared("kind", asked, "; ".join(allowed), "kinds", beside="allowed", asked_as="written")


def category(seen: Seen) -> Compared:
    field = "purpose_category"
    asked, allowed = (
        seen.words(field, seen.agreed(field)),
        seen.words(field, seen.basis.get("purposes") or []),
    )
    return seen.compared("category", asked, allowed, field, beside="allowed", asked_as="written")


def answers(seen: Seen) -> Compared:
    asked, allowed = (
        seen.words("answers", one or []) for one in (seen.agreed("answers"), seen.basis.get("answers"))
    )
    return seen.compared("answer", asked, allowed, "answers", beside="allowed", asked_as="written")


BASIS_COMPARISONS: dict[str, Callable[[Seen], Compared]] = {
    **dict.fromkeys(("legal_basis_missing", "legal_basis_unknown"), basis_named),
    "legal_basis_not_in_force": basis_in_force,
    "legal_basis_not_for_organisation": organisations,
    "legal_basis_not_for_identifier": identifiers,
    "legal_basis_not_for_purpose": category,
    "legal_basis_not_for_answer": answers,
}
