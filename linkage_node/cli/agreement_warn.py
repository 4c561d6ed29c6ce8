"""Warns of what is wrong with an agreement that can be added: unfinished, refused by the own node, finding nobody."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from linkage_node.cli.common import errors, warn
from linkage_node.cli.language import say, spoken

if TYPE_CHECKING:
    from linkage_node.agreements import Agreement
    from linkage_node.node import Node
    from linkage_node.policy.verdicts import Finding
    from linkage_node.register.coverage import Coverage


class Judged(NamedTuple):
    """What the rules in the folder of the node make of an agreement."""

    findings: "list[Finding]"
    refused: dict[str, tuple[str, ...]]  # what is asked, to reason codes


def judge(node: "Node", new: "Agreement") -> Judged:
    """Try an agreement on the rules before it is kept. Raises what they raise that cannot judge it."""
    from linkage_node.agreements.model import as_data
    from linkage_node.clock import now_ms
    from linkage_node.policy.embedded import EmbeddedDecisionPoint
    from linkage_node.policy.known import of_one
    from linkage_node.policy.trial import refused
    from linkage_node.policy.verdicts import findings

    config, policy = node.config, of_one(node, new)
    decide = EmbeddedDecisionPoint(policy)
    return Judged(
        findings(policy.rules, policy.data()["catalogue"], as_data(new)),
        refused(decide, new, own_oin=config.oin, mode=config.mode, now_ms=now_ms()),
    )


def warn_of(node: "Node", added: "Agreement", judged: Judged) -> None:
    """All that should be looked at, on stderr."""
    _warn_of_the_unfinished(node, added)
    warn_of_partner(node, added)
    warn_of_term(added)
    _warn_of_thin_terms(added)
    _warn_of_epsilon(node, added)
    _warn_of_refusals(node, added, judged)
    warn_of_words(node, added)


def warn_of_partner(node: "Node", agreement: "Agreement") -> None:
    """The partner has no card here, or another name on it: its OIN may be mistyped, and who signs is another then."""
    partner = agreement.partner_of(node.config.oin)
    cards = {card.oin: card for card in node.peers.list()}
    if partner.oin not in cards:
        warn("partner_unknown", partner=partner.name or partner.oin, oin=partner.oin)
    elif partner.name and partner.name != (name := cards[partner.oin].name):
        warn("partner_named", oin=partner.oin, partner=partner.name, name=name)


def warn_of_term(agreement: "Agreement") -> None:
    """It is over, begins long after now, or lasts long."""
    from linkage_node.agreements.advice import odd_term
    from linkage_node.clock import now_ms

    for one in odd_term(agreement, now_ms(), spoken()):
        _say(one.what)


def _warn_of_the_unfinished(node: "Node", added: "Agreement") -> None:
    from linkage_node.agreements.advice import misread
    from linkage_node.agreements.lines import Places
    from linkage_node.agreements.template import unfilled

    places = Places(node.agreements.text(added.id))
    if fields := unfilled(added):
        warn("unfilled", fields=", ".join(map(places.called, fields)))
    for one in misread(added, spoken()):
        _say(f"{places.called(one.field)}: {one.what}")


def _warn_of_thin_terms(added: "Agreement") -> None:
    """Terms that are allowed, and protect little."""
    from linkage_node.agreements.advice import thin_terms

    for one in thin_terms(added, spoken()):
        _say(one.what)


def _warn_of_epsilon(node: "Node", added: "Agreement") -> None:
    """At the provider: a year of all catalogues against the year's budget of the register."""
    if not added.count or added.provider.oin != node.config.oin:
        return
    own, budget = added.epsilon_per_year, node.config.count.epsilon_per_year
    others = sum(
        one.epsilon_per_year
        for one in node.agreements.list()
        if one.provider.oin == node.config.oin and one.id != added.id
    )
    if own + others <= budget:
        return
    with_others = say("epsilon_with_others", epsilon=f"{own + others:g}") if others else ""
    warn("epsilon_beyond", own=f"{own:g}", with_others=with_others, budget=f"{budget:g}")


def _warn_of_refusals(node: "Node", added: "Agreement", judged: Judged) -> None:
    from linkage_node.agreements.lines import Places
    from linkage_node.agreements.words import value_in
    from linkage_node.clock import now_ms
    from linkage_node.policy.findings_nl import in_dutch
    from linkage_node.policy.trial import explained_by

    found = judged.refused | _refused_now(node, added)
    for what, reasons in found.items():
        answer, space, question = what.partition(" ")
        said = f"{value_in(spoken(), 'answers', answer)}{space}{question}"
        warn("own_refusal", what=said, codes=", ".join(reasons))
        warn("own_refusal_why", command=explained_by(added, what, now_ms()))
    told = {code for reasons in found.values() for code in reasons}
    places = Places(node.agreements.text(added.id))
    for one in judged.findings:
        if one.code not in told:
            what = in_dutch(one.what) if spoken() == "nl" else one.what
            warn("own_finding", field=places.called(one.field), what=what, source=one.source, code=one.code)


def _refused_now(node: "Node", added: "Agreement") -> dict[str, tuple[str, ...]]:
    """What the node refuses by another decision point than the rules in its folder, or by a policy that has this."""
    from linkage_node.clock import now_ms
    from linkage_node.errors import LinkageError
    from linkage_node.policy.known import coming
    from linkage_node.policy.trial import refused

    config = node.config
    try:
        if coming(node, added):
            warn("await_officers")
            return {}
        if node.active_policy is None and config.policy.engine == "embedded":
            return {}  # that is what judged it
        return refused(node.decide, added, own_oin=config.oin, mode=config.mode, now_ms=now_ms())
    except LinkageError:  # an OPA server that is down, or has the bundle of before; it is told elsewhere
        return {}


def warn_of_words(node: "Node", agreement: "Agreement") -> None:
    """Attributes and values of the own side that no record of the own register has: misspelt, or never loaded.

    Reads the whole register once; nothing is told of one without records.
    """
    from linkage_node.errors import LinkageError
    from linkage_node.register.coverage import coverage

    requester = agreement.requester.oin == node.config.oin
    named = list(_named(agreement, node.agreements.text(agreement.id), requester=requester))
    if not named:
        return
    wanted: dict[str, set[str]] = {}
    for one in named:
        wanted.setdefault(one.attribute, set()).update(one.values)
    try:
        found = coverage(node.database, node.sealer, wanted)
    except LinkageError as error:
        warn("words_unseen", code=error.code)
        return
    faults = [(one, fault) for one in named for fault in _missing(one, found)] if found.records else []
    for _, fault in faults:
        _say(fault)
    if faults:
        counted = any(one.values for one, _ in faults)  # an attribute that is told has none agreed
        warn("words_mend", effect=say("words_counted" if counted else "words_told"))


class _Named(NamedTuple):
    """What an agreement names of one side's register."""

    field: str
    attribute: str
    values: tuple[str, ...]  # none: whatever the value is


def _named(agreement: "Agreement", text: str, *, requester: bool) -> "Iterator[_Named]":
    from linkage_node.agreements.lines import Places

    side, places = "by_requester" if requester else "by_provider", Places(text)
    for number, question in enumerate(agreement.count.questions if agreement.count else ()):
        if breakdown := getattr(question, side):
            field = places.called(f"count.questions.{number}.{side}")
            yield _Named(field, breakdown.attribute, breakdown.values)
    if agreement.attributes and not requester:
        for name in agreement.attributes.names:
            yield _Named(places.called("attributes.names"), name, ())


def _missing(one: _Named, found: "Coverage") -> Iterator[str]:
    having = found.having[one.attribute]
    if not having:
        near = get_close_matches(one.attribute, found.having, n=1)
        meant = say("attribute_meant", near=near[0]) if near else ""
        yield (
            say("attribute_absent", field=one.field, records=found.records, attribute=one.attribute) + meant
        )
        return
    absent = [repr(value) for value in one.values if not found.values[one.attribute][value]]
    if absent:
        values = say("or").join(absent)
        yield say("value_absent", field=one.field, records=having, attribute=one.attribute, values=values)


def _say(text: str) -> None:
    errors.print(text, markup=False, soft_wrap=True)
