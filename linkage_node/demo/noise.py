"""A released table held against the truth: the noise is discrete Laplace, so how far a number can be off is known.

For scale 1/epsilon, P(X = x) = (1-p)/(1+p) · p^|x| with p = e^-epsilon, so P(|X| > t) = 2·p^(t+1)/(1+p).
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from linkage_node.demo.truth import Cells

FALSE_ALARM = 1e-6  # chance that honest noise is called a defect, over all tables of the demonstration


class Released(NamedTuple):
    """A table as it was released; a cell is None where the number was too small."""

    cells: Mapping[tuple[str, str], int | None]
    epsilon: float
    smallest_cell: int


class HeldTable(NamedTuple):
    """A released table beside the true one."""

    question: str
    truth: Cells
    released: Released


class TableComparison(NamedTuple):
    """One table, held against the truth."""

    question: str
    cells: int
    suppressed: int
    allowed: int  # how far a number may be off
    furthest: int  # how far one of the released numbers is
    wrong: tuple[tuple[str, str], ...]  # the cells that noise does not explain

    @property
    def holds(self) -> bool:
        """Noise explains every cell."""
        return not self.wrong


def tail(epsilon: float, off: int) -> float:
    """The chance that the noise on one cell is more than `off`, up or down."""
    p = math.exp(-epsilon)
    return 2 * p ** (off + 1) / (1 + p)


def most_off(epsilon: float, chance: float) -> int:
    """The smallest number that the noise on one cell exceeds with no more than this chance."""
    p = math.exp(-epsilon)
    off = max(0, math.ceil(math.log(chance * (1 + p) / 2) / -epsilon) - 1)
    while tail(epsilon, off) > chance:
        off += 1
    while off and tail(epsilon, off - 1) <= chance:
        off -= 1
    return off


def bare(tables: Sequence[HeldTable]) -> bool:
    """Whether all these numbers are exactly the true ones, so many that honest noise does not do that."""
    chance = 1.0
    for table in tables:
        p = math.exp(-table.released.epsilon)
        for cell, told in table.released.cells.items():
            if told is not None and told != table.truth.get(cell):
                return False
            chance *= (1 - p) / (1 + p) if told is not None else 1
    return chance < FALSE_ALARM / 2


def compare_all(tables: Sequence[HeldTable]) -> list[TableComparison]:
    """Every table held against the truth; a false alarm over all of them is rarer than FALSE_ALARM / 2."""
    cells = sum(len(table.truth) for table in tables)
    return [_compare(table, FALSE_ALARM / 2 / cells) for table in tables]


def _compare(table: HeldTable, chance: float) -> TableComparison:
    """Which cells are further off than happens with `chance` (one cell), or are not as they should be at all."""
    question, truth, released = table
    allowed = most_off(released.epsilon, chance)
    wrong = list(truth.keys() ^ released.cells.keys())
    furthest = 0
    for cell in truth.keys() & released.cells.keys():
        told = released.cells[cell]
        if told is None:  # small, or made small by the noise
            fits = truth[cell] - allowed < released.smallest_cell
        else:
            off = abs(told - truth[cell])
            furthest = max(furthest, off)
            fits = off <= allowed and told >= released.smallest_cell
        if not fits:
            wrong.append(cell)
    suppressed = sum(told is None for told in released.cells.values())
    return TableComparison(question, len(truth), suppressed, allowed, furthest, tuple(sorted(wrong)))
