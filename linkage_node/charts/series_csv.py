"""A series as a CSV file: a row for every point and cell."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence

from linkage_node.asking.results import harmless
from linkage_node.asking.series import AGAIN, RUNNING, Point
from linkage_node.charts.interval import half_width
from linkage_node.clock import iso
from linkage_node.notices import unit_of

HEADER = (
    *("standing", "kind", "unit", "at", "provider", "provider_name", "agreement", "agreement_version"),
    *("state", "reasons"),
    *("question", "period", "given_at", "group", "category", "count", "noise_95", "smallest_cell", "records"),
)
Row = tuple[str | int, ...]


def series_csv(
    kind: str, points: Sequence[Point], agreements: Mapping[str, str], names: Mapping[str, str]
) -> bytes:
    """The points as a CSV file, UTF-8; `agreements` by provider's OIN, `names` of organisations by OIN.

    `kind` is that of the identifiers; `unit` tells what one stands for, people or addresses.
    `count` is empty for a cell that was not released. A run without an answer has one row without numbers. An answer
    that was given again stands there once, and a run that is under way is left out.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for point in points:
        if point.state not in (AGAIN, RUNNING):
            writer.writerows(_rows(kind, point, agreements, names))
    return text.getvalue().encode()


def _rows(kind: str, point: Point, agreements: Mapping[str, str], names: Mapping[str, str]) -> Iterator[Row]:
    oin, numbers = point.provider_oin, point.numbers
    what_for: Row = (point.name, kind, unit_of(kind))
    who: Row = (*what_for, iso(point.at), oin, harmless(names.get(oin, "")), agreements.get(oin, ""))
    reasons = " ".join(point.reasons)
    if numbers is None:
        yield *who, "", point.state, reasons, *[""] * 9
        return
    what: Row = (numbers.agreement_version or "", point.state, reasons, numbers.question, numbers.period)
    given = iso(numbers.given_at)
    rest: Row = (half_width(numbers.epsilon), numbers.smallest_cell or "", numbers.records or "")
    for group, cells in zip(numbers.groups, numbers.cells, strict=True):
        for category, cell in zip(numbers.categories, cells, strict=True):
            count = "" if cell is None else cell
            yield *who, *what, given, harmless(group), harmless(category), count, *rest
