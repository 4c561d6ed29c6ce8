"""Noise for counts: OpenDP's discrete Laplace. It draws its own randomness and cannot be seeded, on purpose."""

from collections.abc import Callable

# Numbers and epsilon in, numbers with noise out. One person more or less changes one of the numbers by 1.
Noise = Callable[[list[int], float], list[int]]

_ROUNDING = 1e-9  # relative; OpenDP rounds the loss of privacy up to the next float


def discrete_laplace(exact: list[int], epsilon: float) -> list[int]:
    """Each number with discrete Laplace noise of scale 1/epsilon: P(x) proportional to exp(-epsilon·|x|).

    Two inputs that differ by 1 in one number are told apart with a loss of at most epsilon (pure differential
    privacy): OpenDP's own account of it is checked.
    """
    import opendp.prelude as dp  # a third of a second: only nodes that count load it

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    measurement = dp.m.make_laplace(*space, scale=1 / epsilon)
    loss: float = measurement.map(1)  # type: ignore[no-untyped-call]
    if loss > epsilon * (1 + _ROUNDING):
        raise AssertionError("the noise is less than epsilon asks for")
    noisy: list[int] = measurement(exact)
    return noisy
