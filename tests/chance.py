"""Statistical tests by hand. A false alarm has a chance of about one in a million."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

ONE_SIDED = 4.7534  # standard deviations of a normal variable that are exceeded once in a million
TWO_SIDED = 4.8916

Numbers = npt.NDArray[Any] | Sequence[float]


def chi_square(observed: Numbers, expected: Numbers, fitted: int = 1) -> float:
    """Pearson's statistic in units of its critical value: above 1 the observed numbers do not fit.

    The critical value is Wilson and Hilferty's; every expected number should be 5 or more. `fitted` numbers of the
    expectation were taken from what was observed, their sum being one.
    """
    seen, wanted = np.asarray(observed, dtype=float), np.asarray(expected, dtype=float)
    freedom = seen.size - fitted
    critical = freedom * (1 - 2 / (9 * freedom) + ONE_SIDED * (2 / (9 * freedom)) ** 0.5) ** 3
    return float(((seen - wanted) ** 2 / wanted).sum() / critical)


def evenly(places: Numbers, count: int) -> float:
    """How well places from 0 to `count` - 1 fit "each as likely": as `chi_square`."""
    observed = np.bincount(np.asarray(places, dtype=int), minlength=count)
    return chi_square(observed, np.full(count, observed.sum() / count))


def off(seen: float, expected: float, deviation: float) -> float:
    """How far a mean is off, in units of what happens by chance once in a million."""
    return abs(seen - expected) / (TWO_SIDED * deviation)
