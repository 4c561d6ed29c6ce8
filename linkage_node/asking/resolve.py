"""What a wish comes to: under which agreements, by which kind, about which question of each catalogue."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from linkage_node.agreements import Agreement
from linkage_node.agreements.terms import CountQuestion
from linkage_node.errors import InputError, Refusal
from linkage_node.identifiers.kinds import Kind, find_kind
from linkage_node.identifiers.oin import is_oin
from linkage_node.limits import PROVIDERS
from linkage_node.matching.disclosure import check_case_reference


class Wish(NamedTuple):
    """What somebody wants to ask. Empty fields mean what the agreement says."""

    agreement_id: str = ""
    providers: tuple[
        str, ...
    ] = ()  # OINs, or exact names: none but these, each under the one agreement that fits
    kind: str = ""
    answer: str = "hit"
    purpose: str = ""
    question: str = ""  # count: id in the catalogue; "": the one that is broken down by `group_by`
    group_by: tuple[str, ...] = ()  # count: attributes
    case_reference: str = ""  # attributes
    attributes: tuple[str, ...] = ()  # attributes: names; none: all that the agreement names
    standing: str = ""  # name of the standing question that asks
    further: tuple[str, ...] = ()  # ids of further agreements, each with another provider

    @property
    def agreements(self) -> tuple[str, ...]:
        """The ids of all agreements that are named."""
        return tuple(filter(None, (self.agreement_id, *self.further)))


class Target(NamedTuple):
    """One provider that is asked."""

    agreement: Agreement
    question: str  # count: id in this agreement's catalogue


class Resolved(NamedTuple):
    """Who is asked, by one kind for all."""

    targets: tuple[Target, ...]
    kind: Kind


class Known(NamedTuple):
    """What the node knows of others, as far as a wish can name it."""

    own_oin: str
    named: Callable[[str], Agreement]  # by id; Refusal("agreement_not_here")
    agreements: Sequence[Agreement]
    names: Mapping[str, str]  # of organisations, by OIN
    now_ms: int  # since 1970-01-01 UTC


def resolve(wish: Wish, known: Known) -> Resolved:
    """One agreement for every provider, in the order in which they were named, and the kind.

    InputError: nobody is named ("option_missing"), or words that do not go together ("options_conflict").
    Refusal: "agreement_ambiguous" (with what there is), "provider_twice", "too_many_providers",
    "provider_not_in_agreement", "requester_not_in_agreement", "kind_not_agreed" if the agreements share none,
    "question_not_agreed" (with the catalogue), or what is wrong with the case reference. What policy must judge is
    left to policy.
    """
    _check(wish)
    agreements = _agreements(wish, known)
    if len(agreements) > PROVIDERS:
        raise Refusal("too_many_providers", f"{len(agreements)}; at most {PROVIDERS}")
    oins = [agreement.provider.oin for agreement in agreements]
    for oin in oins:
        if oins.count(oin) > 1:
            raise Refusal("provider_twice", _listed(one for one in agreements if one.provider.oin == oin))
    targets = [Target(agreement, _question(wish, agreement)) for agreement in agreements]
    return Resolved(tuple(targets), find_kind(wish.kind or _shared_kind(agreements)))


def _check(wish: Wish) -> None:
    if not wish.agreements and not wish.providers:
        raise InputError("option_missing", "an agreement, or a provider")
    only_for = {
        "count": bool(wish.question or wish.group_by),
        "attributes": bool(wish.case_reference or wish.attributes),
    }
    for answer, given in only_for.items():
        if given and wish.answer != answer:
            what = (
                "a question and a breakdown belong" if answer == "count" else "a case and attributes belong"
            )
            raise InputError("options_conflict", f"{what} to the answer {answer}, not to {wish.answer}")
    if wish.question and wish.group_by:
        raise InputError("options_conflict", "a question of the catalogue has its own breakdown")
    if wish.case_reference:  # it is kept, so it is looked at before; whether there must be one is policy's
        check_case_reference(wish.case_reference)


def _agreements(wish: Wish, known: Known) -> list[Agreement]:
    named = [known.named(one) for one in wish.agreements]
    for agreement in named:
        if agreement.requester.oin != known.own_oin:
            raise Refusal(
                "requester_not_in_agreement", f"{agreement.id}: its requester is {agreement.requester.oin}"
            )
    if not wish.providers:
        return named
    for agreement in named:
        if not any(_is(agreement, provider, known) for provider in wish.providers):
            raise Refusal(
                "provider_not_in_agreement", f"{agreement.id}: its provider is {agreement.provider.oin}"
            )
    chosen: list[Agreement] = []
    for provider in wish.providers:
        chosen += [one for one in named if _is(one, provider, known)] or [_only(provider, wish, known)]
    return chosen


def _only(provider: str, wish: Wish, known: Known) -> Agreement:
    """The one agreement under which this provider can be asked this now."""
    theirs = [
        one for one in known.agreements if one.requester.oin == known.own_oin and _is(one, provider, known)
    ]
    fitting = [
        one
        for one in theirs
        if wish.purpose in ("", one.purpose) and (not wish.kind or wish.kind in one.kinds)
        if wish.answer in one.answers
    ]
    running = [one for one in fitting if one.starts_at_ms <= known.now_ms < one.ends_at_ms]
    found = running or fitting
    if len(found) == 1:
        return found[0]
    told = f"several fit: {_listed(found)}" if found else f"none fits; there are: {_listed(theirs) or 'none'}"
    raise Refusal("agreement_ambiguous", f"{provider[:200]}: {told}")


def _is(agreement: Agreement, provider: str, known: Known) -> bool:
    theirs = agreement.provider
    if is_oin(provider):  # no name: another organisation could call itself so
        return provider == theirs.oin
    return bool(provider) and provider in (theirs.name, known.names.get(theirs.oin))


def _listed(agreements: Iterable[Agreement]) -> str:
    return ", ".join(one.id for one in agreements)


def _shared_kind(agreements: Sequence[Agreement]) -> str:
    for kind in agreements[0].kinds:
        if all(kind in one.kinds for one in agreements):
            return kind
    told = "; ".join(f"{one.id}: {', '.join(one.kinds)}" for one in agreements)
    raise Refusal("kind_not_agreed", f"they share none ({told})")


def _question(wish: Wish, agreement: Agreement) -> str:
    """The id of the question that is counted; policy tells whether the agreement counts at all."""
    if wish.answer != "count" or agreement.count is None:
        return wish.question
    questions = agreement.count.questions
    if wish.question:
        found = [one for one in questions if one.id == wish.question]
    else:
        found = [one for one in questions if _breakdown(one) == sorted(wish.group_by)]
    if len(found) == 1:
        return found[0].id
    raise Refusal("question_not_agreed", f"{agreement.id} has: {'; '.join(map(_told, questions))}")


def _breakdown(question: CountQuestion) -> list[str]:
    sides = (question.by_requester, question.by_provider)
    return sorted(side.attribute for side in sides if side)


def _told(question: CountQuestion) -> str:
    return f"{question.id} (by {', '.join(_breakdown(question)) or 'nothing'})"
