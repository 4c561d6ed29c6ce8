"""Series to draw, and what an SVG shows of them."""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from linkage_node.asking.series import Numbers, Point
from linkage_node.charts.lines import By, panels
from linkage_node.charts.series import Subject, write
from linkage_node.clock import DAY_MS
from tests.nodes import OIN_B, OIN_C

START = 1_767_225_600_000  # 2026-01-01T00:00Z
SVG = "{http://www.w3.org/2000/svg}"
Cells = Sequence[Sequence[int | None]]
SUBJECT = Subject(
    "monthly",
    ("Steering information",),
    {OIN_B: "debts-housing", OIN_C: "debts-energy"},
    {OIN_B: "Housing association", OIN_C: "Energy desk"},
    "bsn",
    "count",
)


def numbers(month: int, cells: Cells, epsilon: float = 0.5) -> Numbers:
    """An answer of the month with this number, from 1."""
    groups = tuple(f"group {at}" for at in range(len(cells))) if len(cells) > 1 else ("all",)
    categories = tuple(f"debt {at}" for at in range(len(cells[0]))) if len(cells[0]) > 1 else ("all",)
    at = START + (month - 1) * 30 * DAY_MS
    period, rows = f"2026-{month:02}", tuple(map(tuple, cells))
    return Numbers("ab", 1, "table", period, at, groups, categories, rows, epsilon, 10, 0)


def point(month: int, cells: Cells | None, *reasons: str, oin: str = OIN_B, state: str = "done") -> Point:
    """A point of that month; without cells it has no answer."""
    told = None if cells is None else numbers(month, cells)
    return Point("monthly", START + (month - 1) * 30 * DAY_MS, oin, "", state, reasons, told, 0)


def draw(path: Path, points: Sequence[Point], by: By | None = None, subject: Subject = SUBJECT) -> Path:
    """Draw a series."""
    write(path, subject, panels(points, by))
    return path


def read(path: Path) -> ElementTree.Element:
    """An SVG as XML."""
    return ElementTree.fromstring(path.read_bytes())  # noqa: S314 - of our own making


def texts(path: Path) -> str:
    """All text that an SVG shows, without its description, on one line."""
    root = read(path)
    shown = ["".join(found.itertext()) for found in root.iter(f"{SVG}text")]
    return re.sub(r"\s+", " ", " ".join(shown))


def description(path: Path) -> str:
    """The words for who cannot see it."""
    root = read(path)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "title desc"
    parts = {
        found.attrib["id"]: found.text or "" for found in root if found.tag in (f"{SVG}title", f"{SVG}desc")
    }
    assert parts["title"]
    return parts["desc"]
