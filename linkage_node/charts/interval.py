"""How far the noise of a released number reaches."""

from functools import cache
from math import ceil, exp, expm1, log

import numpy as np

CONFIDENCE = 0.95
_TAIL = 40.0  # e-foldings of the distribution that are looked at


@cache
def half_width(epsilon: float, cells: int = 1) -> int:
    """The smallest k such that the noise of a sum of so many cells lies in [-k, k] with a probability of 95%.

    The noise of a cell is discrete Laplace: P(x) = (1-p)/(1+p)·p^|x| with p = exp(-epsilon). 0 without noise.
    """
    if not epsilon or not cells:
        return 0
    if cells == 1:  # P(|X| > k) = 2·p^(k+1) / (1+p)
        outside = (1 - CONFIDENCE) * (1 + exp(-epsilon)) / 2
        return max(0, ceil(-log(outside) / epsilon - 1e-12) - 1)
    return _of_sum(epsilon, cells)


def _of_sum(epsilon: float, cells: int) -> int:
    """By the characteristic function of the sum, on a grid so wide that what lies outside it is nothing."""
    reach = ceil((_TAIL + 2 * cells) / epsilon)
    size = 1 << (2 * reach).bit_length()
    angle = 2 * np.pi * np.arange(size) / size
    gap = expm1(-epsilon)  # p - 1
    squared = gap * gap / (gap * gap + 2 * exp(-epsilon) * (1 - np.cos(angle)))
    chance = np.fft.ifft(squared**cells).real  # of 0, 1, 2, ... and, from the end, -1, -2, ...
    inside = chance[0] + 2 * np.cumsum(chance[1 : size // 2])
    return 1 + int(np.searchsorted(inside, CONFIDENCE)) if chance[0] < CONFIDENCE else 0
