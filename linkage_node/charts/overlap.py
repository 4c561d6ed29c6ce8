"""How the answers of several providers overlap: an UpSet chart (Lex and others, 2014).

A bar for every combination of providers, the dots under it say which; a bar beside every provider says how many it
knows in all.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from linkage_node.asking.overlap import Combination
from linkage_node.charts import canvas
from linkage_node.errors import Refusal
from linkage_node.limits import CHART_COMBINATIONS
from linkage_node.notices import notice_of

_CHARACTERS = 100  # of a line of text across the chart
_NAME = 34
_LEFT = 3.6  # inches, of the sizes beside the dots
_HOW = "A bar counts records that are known at the providers with a black dot under it, and at no other."
_BAR = canvas.COLOURS[0]


class Subject(NamedTuple):
    """What the chart is about, in words."""

    purposes: tuple[str, ...]
    agreements: tuple[str, ...]  # ids
    kind: str
    when: str
    left_out: int = 0  # records that not all of the providers were asked about
    unanswered: tuple[str, ...] = ()  # OINs of providers of which the chart says nothing


def write(
    path: Path,
    providers: Sequence[str],
    combinations: Sequence[Combination],
    *,
    names: Mapping[str, str],
    subject: Subject,
) -> None:
    """Draw the chart; the format is told by the suffix.

    `providers` are the OINs of those that answered, `combinations` every one that occurs, the largest first, `names`
    those of organisations by OIN. Refusal("series_empty") if nobody answered; InputError("chart_format"), and what
    `write_whole` raises.
    """
    canvas.check_format(path)
    if not providers:
        raise Refusal("series_empty", "no provider has answered")
    shown = list(combinations[:CHART_COMBINATIONS])
    heading = f"Known at how many, and at which: clients by {subject.kind}"
    width = max(9.0, 5.5 + 0.32 * len(shown))
    with canvas.figure(width, 4.6 + 0.42 * len(providers)) as made:
        characters = int(_CHARACTERS * width / 9)
        canvas.title(made, heading, _about(subject), characters)
        rows = max(1.0, 0.42 * len(providers))
        grid = made.add_gridspec(2, 2, width_ratios=(_LEFT, width - _LEFT), height_ratios=(2.6, rows))
        matrix = made.add_subplot(grid[1, 1])
        _bars(made.add_subplot(grid[0, 1], sharex=matrix), shown)
        _dots(matrix, providers, shown)
        _sizes(made.add_subplot(grid[1, 0], sharey=matrix), providers, combinations, names)
        notes = [_HOW, *_notes(subject, names, combinations[len(shown) :])]
        canvas.notes(made, notes, characters + 20)
        canvas.save(made, path, heading, describe(providers, combinations, names=names, subject=subject))


def describe(
    providers: Sequence[str],
    combinations: Sequence[Combination],
    *,
    names: Mapping[str, str],
    subject: Subject,
) -> str:
    """The chart in words: every number of it."""
    told = [f"{line}." for line in _about(subject)]
    told += [f"{_named(oin, names)}: {_size(oin, combinations):,} known." for oin in providers]
    for one in combinations[:CHART_COMBINATIONS]:
        where = " and ".join(_named(oin, names) for oin in one.providers)
        told.append(f"Known at {where or 'none of them'} and no other: {one.records:,}.")
    return " ".join(told + _notes(subject, names, combinations[CHART_COMBINATIONS:]))


def _about(subject: Subject) -> list[str]:
    agreements = "agreements" if len(subject.agreements) > 1 else "agreement"
    return [
        f"Purpose: {'; '.join(subject.purposes)}",
        f"{agreements.capitalize()}: {', '.join(subject.agreements)}. Asked on {subject.when}",
    ]


def _notes(subject: Subject, names: Mapping[str, str], rest: Sequence[Combination]) -> list[str]:
    told = []
    if rest:
        records = sum(one.records for one in rest)
        told.append(f"Not drawn: {len(rest)} smaller combinations, {records:,} records in all.")
    if subject.left_out:
        told.append(f"{subject.left_out:,} records came or left between the questions and are left out.")
    if subject.unanswered:
        missing = ", ".join(_named(oin, names) for oin in subject.unanswered)
        told.append(f"This says nothing of those that have not answered: {missing}.")
    return [*told, notice_of("hit", subject.kind)]


def _named(oin: str, names: Mapping[str, str]) -> str:
    return f"{names[oin]} ({oin})" if names.get(oin) else oin


def _size(oin: str, combinations: Sequence[Combination]) -> int:
    return sum(one.records for one in combinations if oin in one.providers)


def _bars(axis: Axes, shown: Sequence[Combination]) -> None:
    bars = axis.bar(range(len(shown)), [one.records for one in shown], color=_BAR, width=0.65)
    axis.bar_label(bars, labels=[f"{one.records:,}" for one in shown], fontsize=8, padding=2)
    axis.set_ylabel("records, known at exactly these", fontsize=8)
    axis.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axis.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axis.tick_params(axis="x", length=0, labelbottom=False)
    axis.margins(y=0.12)
    axis.set_ylim(bottom=0)


def _dots(axis: Axes, providers: Sequence[str], shown: Sequence[Combination]) -> None:
    for row in range(0, len(providers), 2):
        axis.axhspan(row - 0.5, row + 0.5, color=canvas.PALE, alpha=0.35, linewidth=0)
    for column, one in enumerate(shown):
        inside = [row for row, oin in enumerate(providers) if oin in one.providers]
        outside = [row for row in range(len(providers)) if row not in inside]
        axis.plot([column] * len(outside), outside, "o", color=canvas.PALE, markersize=7)
        axis.plot([column] * len(inside), inside, "o-", color="black", markersize=7, linewidth=2)
    axis.set_ylim(len(providers) - 0.5, -0.5)
    axis.set_xlim(-0.7, max(len(shown), 1) - 0.3)
    axis.tick_params(left=False, bottom=False, labelleft=False, labelbottom=False)
    for side in ("left", "bottom"):
        axis.spines[side].set_visible(False)


def _sizes(
    axis: Axes, providers: Sequence[str], combinations: Sequence[Combination], names: Mapping[str, str]
) -> None:
    sizes = [_size(oin, combinations) for oin in providers]
    axis.invert_xaxis()
    bars = axis.barh(range(len(providers)), sizes, color=canvas.GREY, height=0.55)
    axis.bar_label(bars, labels=[f"{size:,}" for size in sizes], fontsize=8, padding=3)
    labels = ["\n".join(canvas.wrapped(names.get(oin) or oin, _NAME)) for oin in providers]
    axis.set_yticks(range(len(providers)), labels, fontsize=8)
    axis.margins(x=0.25)
    axis.set_xlabel("records known in all", fontsize=8)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=3))
    axis.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
