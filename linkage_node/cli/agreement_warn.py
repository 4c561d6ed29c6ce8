"""Warns of what is wrong with an agreement that can be added: unfinished, refused by the own node, finding nobody."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from linkage_node.cli.common import errors

if TYPE_CHECKING:
    from linkage_node.agreements import Agreement
    from linkage_node.node import Node
    from linkage_node.register.coverage import Coverage


def warn(node: "Node", added: "Agreement") -> None:
    """All that should be looked at, on stderr."""
    _warn_of_the_unfinished(added)
    _warn_of_thin_terms(added)
    _warn_of_epsilon(node, added)
    _warn_of_refusals(node, added)
    warn_of_words(node, added)


def _warn_of_the_unfinished(added: "Agreement") -> None:
    from linkage_node.agreements.advice import unknown_kinds
    from linkage_node.agreements.template import unfilled

    if fields := unfilled(added):
        _say(
            f"Still to be filled in: {', '.join(fields)}. With that it will be another agreement: fill it in before"
            " your partner adds the file, and add it anew with --replace."
        )
    for kind in unknown_kinds(added):
        _say(kind.what)


def _warn_of_thin_terms(added: "Agreement") -> None:
    """Terms that are allowed, and protect little."""
    from linkage_node.agreements.advice import thin_terms

    for one in thin_terms(added):
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
    with_others = f", with your other agreements {own + others:g}" if others else ""
    errors.print(
        f"A year of its questions costs an epsilon of {own:g}{with_others}; your register may tell {budget:g} a year"
        " (count.epsilon_per_year in node.yaml). What is asked beyond that is refused (epsilon_exhausted).",
        soft_wrap=True,
    )


def _warn_of_refusals(node: "Node", added: "Agreement") -> None:
    from linkage_node.clock import now_ms
    from linkage_node.errors import LinkageError
    from linkage_node.policy.trial import explained_by, refused

    config, now = node.config, now_ms()
    try:
        found = refused(node.decide, added, own_oin=config.oin, mode=config.mode, now_ms=now)
    except LinkageError:  # an OPA server that is down, or has the bundle of before; it is told elsewhere
        return
    for what, reasons in found.items():
        errors.print(f"Your own policy refuses {what}: {', '.join(reasons)}.", soft_wrap=True)
        errors.print(f"  Why: `{explained_by(added, what, now)}`", soft_wrap=True)


def warn_of_words(node: "Node", agreement: "Agreement") -> None:
    """Attributes and values of the own side that no record of the own register has: misspelt, or never loaded.

    Reads the whole register once; nothing is told of one without records.
    """
    from linkage_node.errors import LinkageError
    from linkage_node.register.coverage import coverage

    named = list(_named(agreement, requester=agreement.requester.oin == node.config.oin))
    if not named:
        return
    wanted: dict[str, set[str]] = {}
    for one in named:
        wanted.setdefault(one.attribute, set()).update(one.values)
    try:
        found = coverage(node.database, node.sealer, wanted)
    except LinkageError as error:
        _say(f"Whether your register has what it names cannot be seen: {error.code}.")
        return
    faults = [fault for one in named for fault in _missing(one, found)] if found.records else []
    for fault in faults:
        _say(fault)
    if faults:
        _say(
            "Nobody is found by these, and a count costs epsilon all the same. Mend the words in the agreement, or in"
            " the mapping (`attributes`) and load again."
        )


class _Named(NamedTuple):
    """What an agreement names of one side's register."""

    field: str
    attribute: str
    values: tuple[str, ...]  # none: whatever the value is


def _named(agreement: "Agreement", *, requester: bool) -> "Iterator[_Named]":
    side = "by_requester" if requester else "by_provider"
    for question in agreement.count.questions if agreement.count else ():
        if breakdown := getattr(question, side):
            yield _Named(f"question {question.id}, {side}", breakdown.attribute, breakdown.values)
    if agreement.attributes and not requester:
        for name in agreement.attributes.names:
            yield _Named("attributes.names", name, ())


def _missing(one: _Named, found: "Coverage") -> Iterator[str]:
    having = found.having[one.attribute]
    if not having:
        near = get_close_matches(one.attribute, found.having, n=1)
        meant = f" Did you mean `{near[0]}`?" if near else ""
        yield f"{one.field}: 0 of {found.records:,} records of your register have `{one.attribute}`.{meant}"
        return
    absent = [repr(value) for value in one.values if not found.values[one.attribute][value]]
    if absent:
        yield f"{one.field}: 0 of {having:,} records with `{one.attribute}` have the value {' or '.join(absent)}."


def _say(text: str) -> None:
    errors.print(text, markup=False, soft_wrap=True)
