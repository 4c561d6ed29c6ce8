"""From exact numbers to a released table: noise, then the smallest cell. What has noise needs no more secrecy."""

from collections.abc import Callable

import numpy as np

from linkage_node.limits import NOT_RELEASED


def release(
    exact: np.ndarray, noise: Callable[[list[int]], list[int]], *, smallest_cell: int, largest: int
) -> list[int]:
    """The released cells, row after row, of exact numbers of shape (groups, categories).

    Every cell has noise, also one that is zero. A cell is never above `largest`, which is how many persons fit, and
    one below `smallest_cell` is NOT_RELEASED.
    """
    noisy = noise([int(cell) for cell in exact.flat])
    capped = (min(cell, largest) for cell in noisy)
    return [cell if cell >= smallest_cell else NOT_RELEASED for cell in capped]
