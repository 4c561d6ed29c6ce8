"""Tells people what an agreement comes to: its padding, its catalogue of counts, what it opens."""

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Column, Table

from linkage_node.agreements.words import value_in
from linkage_node.cli.agreement_standing import told_of
from linkage_node.cli.agreement_warn import Judged, warn_of
from linkage_node.cli.common import errors, tell, warn
from linkage_node.cli.language import each, say, spoken
from linkage_node.policy.explained_words import number, word

if TYPE_CHECKING:
    from linkage_node.agreements import Agreement
    from linkage_node.agreements.terms import AttributeTerms, Breakdown, CountTerms
    from linkage_node.node import Node


def parties(agreement: "Agreement") -> str:
    """Who asks whom."""
    asks, answers = agreement.requester, agreement.provider
    return word(spoken(), "asks", asks.name or asks.oin, answers.name or answers.oin)


def legal(agreement: "Agreement") -> list[str]:
    """The legal basis, the category of the purpose, and the kinds of organisations, as far as they are said."""
    basis, kinds = agreement.legal_basis, (agreement.requester.kind, agreement.provider.kind)
    told = [say("basis_is", basis=f"{basis.id or say('no_basis')}: {basis.article}")]
    if agreement.purpose_category or any(kinds):
        language = spoken()
        asks, answers = (value_in(language, "requester.kind", kind) or "?" for kind in kinds)
        category = value_in(language, "purpose_category", agreement.purpose_category)
        told.append(say("category_is", category=category or say("no_category")))
        told.append(say("kinds_ask", asks=asks, answers=answers))
    return told


def tell_added(node: "Node", added: "Agreement", judged: "Judged", *, is_known: bool) -> None:
    """What was added and how it stands, on stdout; what should be looked at, on stderr."""
    from linkage_node.agreements import content_hash

    days = {"first": added.valid_from, "last": added.valid_until}
    tell(
        "added_before" if is_known else "added",
        agreement=added.id,
        version=str(added.version),
        parties=parties(added),
        **days,
    )
    tell("added_hash", content=content_hash(added).hex())
    tell("standing_of", agreement=added.id, standing=told_of(node, added)["words"])
    _tell_padding(added)
    warn_of(node, added, judged)


def _tell_padding(added: "Agreement") -> None:
    if {"hit", "attributes"} & set(added.answers):  # a count has no tag sets
        tell("padding", entries=added.padding)


def tell_terms(agreement: "Agreement") -> None:
    """The legal basis, and the sections `count` and `attributes` in words; on stderr."""
    for line in legal(agreement):
        errors.print(line, markup=False, soft_wrap=True)
    if agreement.count:
        _tell_catalogue(agreement, agreement.count)
    if agreement.attributes:
        _tell_attributes(agreement, agreement.attributes)


def _tell_catalogue(agreement: "Agreement", terms: "CountTerms") -> None:
    from linkage_node.agreements.periods import TIMES_A_YEAR
    from linkage_node.charts.interval import half_width

    words = (Column(name, overflow="fold") for name in each("counts", "question rows columns every"))
    numbers = (Column(name, justify="right") for name in each("counts", "epsilon within year"))
    table = Table(*words, *numbers, title=say("counts_title"), title_justify="left")
    for one in terms.questions:
        year = one.epsilon * TIMES_A_YEAR[one.every] * len(agreement.kinds)
        table.add_row(
            one.id,
            _sides(one.by_requester),
            _sides(one.by_provider),
            value_in(spoken(), "count.questions.*.every", one.every),
            f"{one.epsilon:g}",
            f"± {number(spoken(), half_width(one.epsilon))}",
            f"{year:g}",
        )
    errors.print(table)
    by_kinds = say("counts_kinds", kinds=len(agreement.kinds)) if len(agreement.kinds) > 1 else ""
    warn(
        "counts_cost",
        by_kinds=by_kinds,
        epsilon=f"{agreement.epsilon_per_year:g}",
        set=terms.smallest_set,
        cell=terms.smallest_cell,
    )


def _sides(breakdown: "Breakdown | None") -> str:
    return (
        escape(f"{breakdown.attribute}: {', '.join(breakdown.categories)}")
        if breakdown
        else say("counts_all")
    )


def _tell_attributes(agreement: "Agreement", terms: "AttributeTerms") -> None:
    warn(
        "attributes_told",
        names=", ".join(terms.names),
        largest=terms.largest,
        times=terms.per_token,
        days=agreement.epoch_days,
        reported=say("hits_reported" if agreement.receipts else "hits_unreported"),
    )
