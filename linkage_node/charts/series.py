"""The series of a standing question over time: lines with the reach of their noise, and every gap told."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from math import nan
from pathlib import Path
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, StrMethodFormatter
from matplotlib.transforms import ScaledTranslation

from linkage_node.charts import canvas
from linkage_node.charts.lines import Line, Mark, Panel
from linkage_node.clock import DAY_MS, day_of
from linkage_node.errors import Refusal
from linkage_node.notices import counted, notice_of, unit_of

_WIDTH, _ROW = 9.0, 3.0  # inches
_CHARACTERS = 104  # of a line of text across the chart
_LEGEND = 26
_ROOM = 3.0  # days at either end, at the least
_STEP = 5 / 72  # inches between the crosses of two lines


class Subject(NamedTuple):
    """What the chart is about, in words."""

    name: str  # of the standing question
    purposes: tuple[str, ...]
    agreements: Mapping[str, str]  # by provider's OIN: the agreement's id
    names: Mapping[str, str]  # of organisations, by OIN
    kind: str
    answer: str  # count | hit


def write(path: Path, subject: Subject, panels: Sequence[Panel]) -> None:
    """Draw a chart with a panel for each provider; the format is told by the suffix.

    Refusal("series_empty") if there is no answer in it; InputError("chart_format"), and what `write_whole` raises.
    """
    canvas.check_format(path)
    if not any(panel.lines for panel in panels):
        raise Refusal("series_empty", subject.name)
    heading = f"{subject.name}: {_what(subject)}"
    with canvas.figure(_WIDTH, 1.6 + _ROW * len(panels)) as made:
        canvas.title(made, heading, _about(subject, panels), _CHARACTERS)
        axes = made.subplots(len(panels), 1, squeeze=False, sharex=True)[:, 0]
        for axis, panel in zip(axes, panels, strict=True):
            _draw(axis, panel, subject)
        axes[0].set_xlim(*_span(panels))  # of all: they share it
        canvas.notes(made, _notes(subject, panels), _CHARACTERS + 20)
        canvas.save(made, path, heading, describe(subject, panels))


def describe(subject: Subject, panels: Sequence[Panel]) -> str:
    """The chart in words: every number of it, and every gap."""
    told = [f"{subject.name}: {_what(subject)}.", *(f"{line}." for line in _about(subject, panels))]
    for panel in panels:
        told.append(f"{_provider(panel, subject)}.")
        for line in panel.lines:
            numbers = ", ".join(f"{day_of(mark.at)} {_number(mark)}" for mark in line.marks)
            told.append(f"{line.label}: {numbers}.")
        told += [f"{day_of(at)}: no answer ({code})." for at, code in panel.unanswered]
    return " ".join(told + _notes(subject, panels))


def _what(subject: Subject) -> str:
    known = "addresses" if unit_of(subject.kind) == "addresses" else "clients"
    return f"{known} of both organisations, by {subject.kind}"


def _about(subject: Subject, panels: Sequence[Panel]) -> list[str]:
    periods = sorted({period for panel in panels for period in panel.periods})
    days = sorted(mark.at for panel in panels for line in panel.lines for mark in line.marks)
    span = (periods[0], periods[-1]) if periods else (day_of(days[0]), day_of(days[-1]))
    return [
        f"Counted: {counted(subject.kind, subject.answer)}",
        f"Purpose: {'; '.join(subject.purposes) or 'its agreement is no longer here'}",
        f"Period: {span[0]}" + (f" to {span[1]}" if span[0] != span[1] else ""),
    ]


def _provider(panel: Panel, subject: Subject) -> str:
    name = subject.names.get(panel.provider_oin, "")
    agreement = f"agreement {subject.agreements[panel.provider_oin]}"
    return f"{name} ({panel.provider_oin}), {agreement}" if name else f"{panel.provider_oin}, {agreement}"


def _notes(subject: Subject, panels: Sequence[Panel]) -> list[str]:
    marks = [mark for panel in panels for line in panel.lines for mark in line.marks]
    told = []
    if epsilons := sorted({one for panel in panels for one in panel.epsilons}):
        scales = " or ".join(f"{1 / epsilon:g}" for epsilon in epsilons)
        told.append(
            f"Every number that was counted has noise (discrete Laplace, scale {scales}). With a probability of 95% "
            "the noise is no larger than the band around the line."
        )
    if any(mark.value is None for mark in marks):
        least = " or ".join(
            f"{one:,}" for one in sorted({one for panel in panels for one in panel.smallest_cells})
        )
        told.append(f"A cross at the foot and a gap in the line: not released, being smaller than {least}.")
    if any(mark.value is not None and mark.left_out for mark in marks):
        told.append("Hollow: a sum of released numbers only, so without those that are too small.")
    if codes := sorted({code for panel in panels for _, code in panel.unanswered}):
        told.append(f"A grey vertical line: no answer at that time ({', '.join(codes)}).")
    if any(panel.replaced for panel in panels):
        told.append("A dotted vertical line: from here on under another text of the agreement.")
    return [*told, notice_of(subject.answer, subject.kind)]


def _times(panel: Panel) -> list[int]:
    """When something was asked, in order."""
    return sorted(
        {*(at for at, _ in panel.unanswered), *(mark.at for line in panel.lines for mark in line.marks)}
    )


def _span(panels: Sequence[Panel]) -> tuple[float, float]:
    """The days from the first to the last, with room at both ends."""
    days = [_days(at) for panel in panels for at in _times(panel)]
    room = max(_ROOM, 0.03 * (max(days) - min(days)))
    return min(days) - room, max(days) + room


def _top(panel: Panel) -> float:
    """The height of a panel: room for the largest number and its noise."""
    highest = [
        mark.value + mark.reach for line in panel.lines for mark in line.marks if mark.value is not None
    ]
    return 1.06 * max(highest, default=1)


def _draw(axis: Axes, panel: Panel, subject: Subject) -> None:
    axis.set_title(
        "\n".join(canvas.wrapped(_provider(panel, subject), _CHARACTERS - 20)), loc="left", fontsize=9
    )
    asked = _times(panel)
    handles = []
    gaps = [line for line in panel.lines if any(mark.value is None for mark in line.marks)]
    for line, look in zip(panel.lines, canvas.looks(), strict=False):
        aside = _STEP * (gaps.index(line) - (len(gaps) - 1) / 2) if line in gaps else 0
        handles.append(_draw_line(axis, line, look, asked, aside))
    for at, _ in panel.unanswered:
        axis.axvline(_days(at), color=canvas.PALE, linewidth=3, zorder=0)
    for at in panel.replaced:
        axis.axvline(_days(at), color=canvas.GREY, linewidth=1, linestyle=":")
    axis.set_ylim(0, max(1.0, _top(panel)))
    axis.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    axis.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axis.set_ylabel(unit_of(subject.kind) if subject.answer == "count" else "records")
    axis.grid(axis="y", color=canvas.PALE, linewidth=0.5)
    locator = AutoDateLocator(tz=UTC, minticks=2, maxticks=10)  # type: ignore[no-untyped-call]
    axis.xaxis.set_major_locator(locator)
    axis.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=UTC))  # type: ignore[no-untyped-call]
    axis.tick_params(labelbottom=True)
    if handles:
        axis.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize=8)


def _draw_line(axis: Axes, line: Line, look: canvas.Look, asked: Sequence[int], aside: float) -> Line2D:
    """A line that is broken wherever there is no number; there stands a cross, so many inches aside."""
    colour, marker, dashes = look
    by_time = {mark.at: mark for mark in line.marks}
    times = [_days(at) for at in asked]
    marks = [by_time.get(at) for at in asked]
    values = [nan if mark is None or mark.value is None else mark.value for mark in marks]
    low = [max(0.0, value - (mark.reach if mark else 0)) for value, mark in zip(values, marks, strict=True)]
    high = [value + (mark.reach if mark else 0) for value, mark in zip(values, marks, strict=True)]
    axis.fill_between(times, low, high, color=colour, alpha=0.15, linewidth=0)
    axis.vlines(times, low, high, color=colour, alpha=0.35, linewidth=1)
    axis.plot(times, values, color=colour, linestyle=dashes, linewidth=1.5)
    for time, value, mark in zip(times, values, marks, strict=True):
        if mark is not None and mark.value is None:
            cross = Line2D([time], [0], color=colour, marker="x", markersize=5, clip_on=False, zorder=5)
            root = axis.get_figure(root=True)
            if root is not None:
                cross.set_transform(axis.transData + ScaledTranslation(aside, 0, root.dpi_scale_trans))
            axis.add_line(cross)
        elif mark is not None:
            face = "white" if mark.left_out else colour
            axis.plot([time], [value], color=colour, marker=marker, markersize=5, markerfacecolor=face)
    label = "\n".join(canvas.wrapped(line.label, _LEGEND))
    return Line2D(
        [], [], color=colour, marker=marker, linestyle=dashes, linewidth=1.5, markersize=5, label=label
    )


def _number(mark: Mark) -> str:
    if mark.value is None:
        return "not released"
    noise = f" ± {mark.reach:,}" if mark.reach else ""
    return f"{mark.value:,}{noise}" + (f" without {mark.left_out} not released" if mark.left_out else "")


def _days(at: int) -> float:
    """A time as matplotlib has dates: days since 1970-01-01 UTC."""
    return at / DAY_MS
