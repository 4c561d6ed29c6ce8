"""Tells people what an agreement comes to: its padding, its catalogue of counts, what it opens."""

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Column, Table

from linkage_node.cli.agreement_warn import warn
from linkage_node.cli.common import console, errors

if TYPE_CHECKING:
    from linkage_node.agreements import Agreement
    from linkage_node.agreements.terms import AttributeTerms, Breakdown, CountTerms
    from linkage_node.node import Node


def parties(agreement: "Agreement") -> str:
    """Who asks whom, ready for a console."""
    asks, answers = agreement.requester, agreement.provider
    return escape(f"{asks.name or asks.oin} asks {answers.name or answers.oin}")


def legal(agreement: "Agreement") -> list[str]:
    """The legal basis, the category of the purpose, and the kinds of organisations, as far as they are said."""
    basis, kinds = agreement.legal_basis, (agreement.requester.kind, agreement.provider.kind)
    told = [f"{basis.id or 'no legal basis of the catalogue'}: {basis.article}"]
    if agreement.purpose_category or any(kinds):
        asks = " asks ".join(kind or "?" for kind in kinds)
        told.append(f"{agreement.purpose_category or 'no category'}; {asks}")
    return [escape(one) for one in told]


def tell_added(node: "Node", added: "Agreement") -> None:
    """What was added, on stdout; what should be looked at, on stderr."""
    from linkage_node.agreements import content_hash

    console.print(f"Added {added.id}: {parties(added)}, {added.valid_from} to {added.valid_until}.")
    console.print(f"Its content hash, the same at your partner: {content_hash(added).hex()}", soft_wrap=True)
    _tell_padding(added)
    warn(node, added)


def _tell_padding(added: "Agreement") -> None:
    from linkage_node.limits import TAG_BYTES

    if not {"hit", "attributes"} & set(added.answers):
        return  # a count has no tag sets
    console.print(
        f"Its tag sets hold the provider's people, {added.padding:,} entries of padding, and what fills the last"
        f" bucket of {added.tag_set.bucket:,}: {added.padding * TAG_BYTES / 1e6:.1f} MB of padding for each kind.",
        soft_wrap=True,
    )


def tell_terms(agreement: "Agreement") -> None:
    """The legal basis, and the sections `count` and `attributes` in words; on stderr."""
    for line in legal(agreement):
        errors.print(line, soft_wrap=True)
    if agreement.count:
        _tell_catalogue(agreement, agreement.count)
    if agreement.attributes:
        _tell_attributes(agreement, agreement.attributes)


def _tell_catalogue(agreement: "Agreement", terms: "CountTerms") -> None:
    from linkage_node.agreements.periods import TIMES_A_YEAR
    from linkage_node.charts.interval import half_width

    words = (Column(name, overflow="fold") for name in ("question", "rows", "columns", "every"))
    numbers = (Column(name, justify="right") for name in ("epsilon", "95% within", "a year costs"))
    table = Table(*words, *numbers, title="What may be counted", title_justify="left")
    for one in terms.questions:
        year = one.epsilon * TIMES_A_YEAR[one.every] * len(agreement.kinds)
        table.add_row(
            one.id,
            _sides(one.by_requester),
            _sides(one.by_provider),
            one.every,
            f"{one.epsilon:g}",
            f"± {half_width(one.epsilon):,}",
            f"{year:g}",
        )
    errors.print(table)
    kinds = f", by each of {len(agreement.kinds)} kinds" if len(agreement.kinds) > 1 else ""
    errors.print(
        f"A year of asking everything{kinds} costs an epsilon of {agreement.epsilon_per_year:g} at the most."
        f" Each organisation has {terms.smallest_set:,} persons in a question at the least;"
        f" a number below {terms.smallest_cell:,} is not told.",
        soft_wrap=True,
    )


def _sides(breakdown: "Breakdown | None") -> str:
    return escape(f"{breakdown.attribute}: {', '.join(breakdown.categories)}") if breakdown else "all"


def _tell_attributes(agreement: "Agreement", terms: "AttributeTerms") -> None:
    reported = "hits are reported" if agreement.receipts else "hits are not reported (`receipts` is not true)"
    errors.print(
        f"What may be told, in a case: {escape(', '.join(terms.names))}. Of at most {terms.largest:,} persons in one"
        f" order, and {terms.per_token:,} times of one person in {agreement.epoch_days} days; {reported}.",
        soft_wrap=True,
    )
