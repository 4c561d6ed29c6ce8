"""Tables held against the truth: the bound is that of the distribution, and what noise does not explain is found."""

import math
from collections.abc import Mapping
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.demo.noise import FALSE_ALARM, HeldTable, Released, bare, compare_all, most_off, tail

TRUTH = {("n", "s"): 40, ("n", "b"): 0, ("z", "s"): 12, ("z", "b"): 200}
TOLD: dict[tuple[str, str], int | None] = {
    ("n", "s"): 42,
    ("n", "b"): None,
    ("z", "s"): 11,
    ("z", "b"): 199,
}


def _held(told: Mapping[tuple[str, str], int | None], epsilon: float = 1.0) -> HeldTable:
    return HeldTable("q", TRUTH, Released(told, epsilon, 10))


@pytest.mark.parametrize("epsilon", [0.1, 0.5, 1.0, 3.0])
@pytest.mark.parametrize("off", [0, 1, 7])
def test_the_tail_is_that_of_the_distribution(epsilon: float, off: int) -> None:
    """Added up term by term from the probability of every number further off."""
    p = math.exp(-epsilon)
    terms = [2 * (1 - p) / (1 + p) * p**x for x in range(off + 1, off + 4_000)]
    assert math.isclose(tail(epsilon, off), math.fsum(terms), rel_tol=1e-9)


@given(st.floats(0.01, 10), st.floats(1e-12, 0.9))
def test_the_bound_is_the_smallest(epsilon: float, chance: float) -> None:
    """Beyond it the chance is small enough, and one nearer it is not."""
    off = most_off(epsilon, chance)
    assert tail(epsilon, off) <= chance
    assert off == 0 or tail(epsilon, off - 1) > chance


def test_what_noise_explains_holds() -> None:
    """Small differences, and a small number that is not released."""
    (found,) = compare_all([_held(TOLD)])
    assert found.holds
    assert (found.cells, found.suppressed, found.furthest) == (4, 1, 2)


def test_a_false_alarm_is_as_rare_as_is_said() -> None:
    """The chance over all cells together is within the half of the alarms that this check may give."""
    tables = [_held(TOLD), _held(TOLD, epsilon=0.5)]
    found = compare_all(tables)
    chances = [
        one.cells * tail(table.released.epsilon, one.allowed)
        for table, one in zip(tables, found, strict=True)
    ]
    assert sum(chances) <= FALSE_ALARM / 2
    assert found[0].allowed < found[1].allowed


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        (("n", "s"), 80),  # too far up
        (("z", "b"), 150),  # too far down
        (("z", "b"), None),  # not released, though far from small
        (("n", "b"), 3),  # released, though small
        (("x", "x"), 40),  # not in the question
    ],
)
def test_what_noise_does_not_explain_is_found(cell: tuple[str, str], told: int | None) -> None:
    """One such cell spoils the table, and is named."""
    (found,) = compare_all([_held({**TOLD, cell: told})])
    assert not found.holds
    assert found.wrong == (cell,)


def test_a_missing_cell_is_found() -> None:
    """A table that lacks a cell of its question does not hold."""
    (found,) = compare_all([_held({cell: told for cell, told in TOLD.items() if cell != ("z", "s")})])
    assert found.wrong == (("z", "s"),)


def test_numbers_without_noise_are_found() -> None:
    """Many numbers that are all exactly true are bare; a few may be so by chance, and one that is off has noise."""
    for tables in count(1):
        exact = [_held(dict(TRUTH) | {("n", "b"): None})] * tables
        if bare(exact):
            break
    assert (math.tanh(0.5) ** (3 * tables)) < FALSE_ALARM / 2 <= math.tanh(0.5) ** (3 * (tables - 1))
    assert not bare([*exact, _held(TOLD)])
