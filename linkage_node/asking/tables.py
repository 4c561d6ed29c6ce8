"""Released tables of counts, for whoever shows or keeps them. Everything here is made of released cells only."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from linkage_node._generated.linkage.v1.order_pb2 import CountTable
from linkage_node.asking.queries import Query, QueryStore
from linkage_node.limits import MICRO, NOT_RELEASED


@dataclass(frozen=True)
class ReleasedTable:
    """What a provider released for a question. Numbers have noise: discrete Laplace of scale 1/epsilon each."""

    provider_oin: str
    agreement_id: str
    question: str  # its id in the agreement's catalogue
    kind: str
    period: str  # that it is the answer for: "2026-11-22", "2026-W47", "2026-11", "2026-Q4" or "2026"
    given_at: int  # first, in milliseconds since 1970-01-01 UTC
    groups: tuple[str, ...]  # the requester's categories: the rows
    categories: tuple[str, ...]  # the provider's categories: the columns
    cells: tuple[tuple[int | None, ...], ...]  # row after row; None: not released, being below smallest_cell
    epsilon: float
    smallest_cell: int
    by_requester: str = ""  # the attribute of the requester's categories, where the agreement is at hand
    by_provider: str = ""  # the attribute of the provider's


class Margin(NamedTuple):
    """A sum of released cells."""

    total: int
    left_out: int  # cells that were not released, and so are not in it: it is exact only if this is 0

    @classmethod
    def of(cls, cells: Iterable[int | None]) -> "Margin":
        """The sum of these cells."""
        every = list(cells)
        return cls(sum(cell or 0 for cell in every), every.count(None))


def row_totals(table: ReleasedTable) -> tuple[Margin, ...]:
    """A margin for each group."""
    return tuple(Margin.of(row) for row in table.cells)


def column_totals(table: ReleasedTable) -> tuple[Margin, ...]:
    """A margin for each category."""
    return tuple(Margin.of(column) for column in zip(*table.cells, strict=True))


def total(table: ReleasedTable) -> Margin:
    """The margin of the whole table."""
    return Margin.of(cell for row in table.cells for cell in row)


def table_of(store: QueryStore, query: Query, now_ms: int) -> ReleasedTable:
    """The table of a count that is done, which was checked when it came in.

    Refusal("not_a_count"), Refusal("query_not_done") or Refusal("results_expired") where there is none.
    """
    table = CountTable.FromString(store.table(query.id, now_ms).payload)
    width = len(table.categories)
    cells = [None if cell == NOT_RELEASED else cell for cell in table.cells]
    return ReleasedTable(
        provider_oin=table.provider_oin,
        agreement_id=query.agreement_id,
        question=query.question,
        kind=table.kind,
        period=table.period,
        given_at=table.given_at_ms,
        groups=tuple(table.groups),
        categories=tuple(table.categories),
        cells=tuple(tuple(cells[at : at + width]) for at in range(0, len(cells), width)),
        epsilon=table.epsilon_micro / MICRO,
        smallest_cell=table.smallest_cell,
    )
