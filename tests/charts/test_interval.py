"""How far noise reaches: against the distribution itself."""

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_node.charts.interval import CONFIDENCE, half_width
from linkage_node.limits import COUNT_CELLS, EPSILON_LARGEST, EPSILON_SMALLEST


def chances(epsilon: float) -> np.ndarray:
    """The probabilities of -n to n, where nothing lies outside."""
    reach = int(45 / epsilon) + 2
    p = exp(-epsilon)
    found: np.ndarray = (1 - p) / (1 + p) * p ** np.abs(np.arange(-reach, reach + 1))
    return found


def within(probabilities: np.ndarray, k: int) -> float:
    """The probability of -k to k."""
    middle = len(probabilities) // 2
    return float(probabilities[middle - k : middle + k + 1].sum()) if k >= 0 else 0.0


@given(st.floats(0.01, EPSILON_LARGEST))
@settings(max_examples=60)
def test_one_number(epsilon: float) -> None:
    """With 95% the noise lies within the band, and within no narrower one."""
    k = half_width(epsilon)
    assert within(chances(epsilon), k) >= CONFIDENCE - 1e-9
    assert within(chances(epsilon), k - 1) < CONFIDENCE + 1e-9


@given(st.floats(0.05, 5.0), st.integers(2, 9))
@settings(max_examples=40)
def test_a_sum(epsilon: float, cells: int) -> None:
    """The same of a sum, against a convolution done step by step."""
    total = chances(epsilon)
    for _ in range(cells - 1):
        total = np.convolve(total, chances(epsilon))
    k = half_width(epsilon, cells)
    assert within(total, k) >= CONFIDENCE - 1e-9
    assert within(total, k - 1) < CONFIDENCE + 1e-9


@pytest.mark.parametrize("epsilon", [EPSILON_SMALLEST, 0.1, EPSILON_LARGEST])
def test_more_cells_more_noise(epsilon: float) -> None:
    """Up to the largest table, and as the square root of the number of cells when they are many."""
    reaches = [half_width(epsilon, cells) for cells in (1, 4, 16, 64, COUNT_CELLS)]
    assert reaches == sorted(reaches)
    deviation = (2 * exp(-epsilon) * COUNT_CELLS) ** 0.5 / (1 - exp(-epsilon))
    assert abs(reaches[-1] - 1.96 * deviation) <= 1 + 0.02 * deviation


def test_no_noise() -> None:
    """A number without noise, and a sum of nothing, have no band."""
    assert half_width(0.0) == half_width(0.0, 5) == half_width(0.5, 0) == 0
