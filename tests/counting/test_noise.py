"""The noise on released tables is the one that is stated. OpenDP cannot be seeded; the people here are."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from linkage_node.answering.noise import discrete_laplace
from linkage_node.limits import NOT_RELEASED
from linkage_node.matching.release import release
from tests.chance import chi_square, off

RUNS = 2_000
LARGEST = 100_000
EXACT = np.random.default_rng(20260101).integers(5_000, 9_000, size=(3, 4))  # never near the smallest cell

Whole = npt.NDArray[np.int64]


def probability(x: Whole, epsilon: float) -> npt.NDArray[np.float64]:
    """Of noise x, by the definition of the discrete Laplace distribution of scale 1/epsilon."""
    q = np.exp(-epsilon)
    density: npt.NDArray[np.float64] = (1 - q) / (1 + q) * q ** np.abs(x)
    return density


def tables(epsilon: float) -> Whole:
    """Released tables, shape (RUNS, groups, categories)."""

    def noise(exact: list[int]) -> list[int]:
        return discrete_laplace(exact, epsilon)

    made = [release(EXACT, noise, smallest_cell=10, largest=LARGEST) for _ in range(RUNS)]
    return np.array(made).reshape(RUNS, *EXACT.shape)


@pytest.mark.parametrize("epsilon", [0.1, 0.5, 1.0, 3.0])
def test_the_error_of_released_tables_is_the_stated_noise(epsilon: float) -> None:
    """Over 2,000 tables: the shape (chi-square), the mean and the variance of the error are discrete Laplace's."""
    errors = (tables(epsilon) - EXACT).ravel()
    width = int(np.log(errors.size * probability(np.array([0]), epsilon)[0] / 10) / epsilon)
    inner = np.arange(-width, width + 1)
    expected = errors.size * probability(inner, epsilon)
    observed = np.array([(errors == value).sum() for value in inner])
    tails = errors.size - observed.sum(), errors.size - expected.sum()
    assert chi_square([*observed, tails[0]], [*expected, tails[1]]) < 1

    x = np.arange(-int(60 / epsilon), int(60 / epsilon) + 1)
    variance, fourth = ((x**power * probability(x, epsilon)).sum() for power in (2, 4))
    q = np.exp(-epsilon)
    assert variance == pytest.approx(2 * q / (1 - q) ** 2)
    assert off(errors.mean(), 0, (variance / errors.size) ** 0.5) < 1
    assert off((errors**2).mean(), variance, ((fourth - variance**2) / errors.size) ** 0.5) < 1


def test_cells_have_noise_of_their_own() -> None:
    """The noise of one cell says nothing about that of another, or of the next table."""
    errors = (tables(0.5) - EXACT).reshape(RUNS, -1)
    together = np.corrcoef(np.hstack([errors[:-1], errors[1:]]).T)
    np.fill_diagonal(together, 0)
    assert off(float(np.abs(together).max()), 0, RUNS**-0.5) < 1.25  # the largest of some 300


@pytest.mark.parametrize("exact", [0, 6, 10, 14])
def test_the_smallest_cell_is_looked_at_after_the_noise(exact: int) -> None:
    """An empty cell is told as often as its noise takes it over the smallest, and a large one withheld as often."""
    epsilon, smallest = 0.4, 10
    cells = np.full((1, 10), exact)
    told = 0
    for _ in range(RUNS):
        made = release(cells, lambda e: discrete_laplace(e, epsilon), smallest_cell=smallest, largest=LARGEST)
        assert all(cell == NOT_RELEASED or cell >= smallest for cell in made)
        told += sum(cell != NOT_RELEASED for cell in made)
    chance = probability(np.arange(smallest - exact, 400), epsilon).sum()
    number = RUNS * cells.size
    assert off(told / number, chance, (chance * (1 - chance) / number) ** 0.5) < 1


def test_less_noise_than_asked_for_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the library account for more loss than epsilon, nothing is told."""
    import opendp.prelude as dp

    made = dp.m.make_laplace

    def half(domain: Any, metric: Any, scale: float) -> Any:
        return made(domain, metric, scale=scale / 2)

    monkeypatch.setattr(dp.m, "make_laplace", half)
    with pytest.raises(AssertionError, match="less than"):
        discrete_laplace([1, 2], 1.0)
