"""What a chart of a series shows: for each provider the lines, their gaps, and the runs without an answer."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from linkage_node.agreements.terms import ALL
from linkage_node.asking.series import AGAIN, RUNNING, Numbers, Point
from linkage_node.charts.interval import half_width
from linkage_node.limits import CHART_LINES, CHART_POINTS

By = Literal["cell", "category", "group", "total"]


class Mark(NamedTuple):
    """One number at one time."""

    at: int  # milliseconds since 1970-01-01 UTC
    value: int | None  # None: not released
    reach: int  # of its noise, to either side
    left_out: int  # of a sum: cells that were not released


class Line(NamedTuple):
    """One number over time."""

    label: str
    marks: tuple[Mark, ...]


class Panel(NamedTuple):
    """One provider."""

    provider_oin: str
    lines: tuple[Line, ...]
    unanswered: tuple[tuple[int, str], ...]  # time of a run without an answer, and the code of why
    replaced: tuple[int, ...]  # from when another text of the agreement counts
    periods: tuple[str, ...]  # count: of the answers, in order
    epsilons: tuple[float, ...]  # that the noise was drawn with, if any
    smallest_cells: tuple[int, ...]  # count


def panels(points: Sequence[Point], by: By | None = None) -> list[Panel]:
    """A panel for each provider. `by` None: a line for each cell, or for what they add up to if they are too many."""
    shown = [point for point in points if point.state not in (AGAIN, RUNNING)]
    oins = sorted({point.provider_oin for point in shown})
    return [
        _panel(oin, [one for one in shown if one.provider_oin == oin][-CHART_POINTS:], by) for oin in oins
    ]


def _panel(oin: str, points: list[Point], by: By | None) -> Panel:
    every = [point.numbers for point in points if point.numbers is not None]
    chosen = by or _fitting(every)
    lines: dict[str, list[Mark]] = {}
    for numbers in every:
        for label, cells in _sums(numbers, chosen):
            lines.setdefault(label, []).append(_mark(numbers, cells))
    return Panel(
        oin,
        tuple(Line(label, tuple(marks)) for label, marks in lines.items()),
        tuple(
            (point.at, next(iter(point.reasons), point.state)) for point in points if point.numbers is None
        ),
        tuple(one.numbers.given_at for one in points if one.numbers and "agreement_replaced" in one.reasons),
        tuple(dict.fromkeys(numbers.period for numbers in every if numbers.period)),
        tuple(sorted({numbers.epsilon for numbers in every if numbers.epsilon})),
        tuple(sorted({numbers.smallest_cell for numbers in every if numbers.smallest_cell})),
    )


def _fitting(every: Sequence[Numbers]) -> By:
    """The finest breakdown whose lines can be told apart."""
    tried: tuple[By, ...] = ("cell", "category", "group")
    for by in tried:
        if len({label for numbers in every for label, _ in _sums(numbers, by)}) <= CHART_LINES:
            return by
    return "total"


def _sums(numbers: Numbers, by: By) -> Iterator[tuple[str, Sequence[int | None]]]:
    """The label of each line, and the cells that it is the sum of."""
    if by == "total":
        yield "total", [cell for row in numbers.cells for cell in row]
    if by == "group":
        yield from zip(numbers.groups, numbers.cells, strict=True)
    if by == "category":
        yield from zip(numbers.categories, zip(*numbers.cells, strict=True), strict=True)
    if by == "cell":
        for group, row in zip(numbers.groups, numbers.cells, strict=True):
            for category, cell in zip(numbers.categories, row, strict=True):
                names = [name for name in (group, category) if name != ALL]
                yield " / ".join(names) or "total", [cell]


def _mark(numbers: Numbers, cells: Sequence[int | None]) -> Mark:
    released = [cell for cell in cells if cell is not None]
    value = sum(released) if released else None
    reach = half_width(numbers.epsilon, len(released))
    return Mark(numbers.given_at, value, reach, len(cells) - len(released))
