"""The truth about the organisations' shared clients, from the people that were invented."""

from collections import Counter
from collections.abc import Hashable, Sequence

from linkage_node.agreements.terms import ALL, OTHER, Breakdown, CountQuestion
from linkage_node.demo.administration import Administration

Cells = dict[tuple[str, str], int]  # (requester's category, provider's category) → shared clients


def shared(asking: Administration, asked: Administration, kind: str) -> dict[str, bool]:
    """For every reference of the asking side that can be asked about: whether the asked side knows him, or it."""
    known = set(asked.keys(kind).values())
    return {ref: key in known for ref, key in asking.keys(kind).items()}


def known_at(asking: Administration, asked: Sequence[Administration], kind: str) -> dict[str, frozenset[str]]:
    """For every reference of the asking side: the OINs of those that know him, or it."""
    answers = {one.organisation.oin: shared(asking, one, kind) for one in asked}
    return {
        ref: frozenset(oin for oin, answer in answers.items() if answer[ref]) for ref in asking.keys(kind)
    }


def table(asking: Administration, asked: Administration, kind: str, question: CountQuestion) -> Cells:
    """How many they share, by category of either side; in a category is who comes first in the administration."""
    groups = _category_of(asking, kind, question.by_requester)
    columns = _category_of(asked, kind, question.by_provider)
    found = Counter((groups[key], columns[key]) for key in groups.keys() & columns.keys())
    return {
        (group, column): found[group, column] for group in question.groups for column in question.categories
    }


def _category_of(book: Administration, kind: str, breakdown: Breakdown | None) -> dict[Hashable, str]:
    """Identifier → category, for those that are in one. Of several records of one identifier the first decides."""
    if breakdown is None:
        return dict.fromkeys(book.keys(kind).values(), ALL)
    values: dict[Hashable, str] = {}
    for ref, key in book.keys(kind).items():
        values.setdefault(key, book.attributes[ref][breakdown.attribute])
    rest = OTHER if breakdown.other else None
    named = {key: value if value in breakdown.values else rest for key, value in values.items()}
    return {key: category for key, category in named.items() if category is not None}
