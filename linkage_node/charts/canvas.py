"""What all charts share: looks, words and files. The same input gives the same bytes.

Figures are made without pyplot, whose state is shared by a whole process.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from textwrap import wrap
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

from matplotlib import style
from matplotlib.figure import Figure

from linkage_node.errors import InputError
from linkage_node.outputs import check_writable, write_whole

FORMATS = (".png", ".svg")
# Okabe and Ito's colours, which the colour-blind can tell apart, without the yellow: it is pale on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES: tuple[Literal["-", "--"], ...] = ("-", "--")
GREY, PALE = "#595959", "#D9D9D9"
_DPI = 150
_HEADS = (b"\x89PNG", b"<?xml")  # how the files begin
_STYLE = {
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 9,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "svg.fonttype": "none",  # text stays text: to be searched, and read aloud
    "svg.hashsalt": "linkage-node",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": False,
    "figure.constrained_layout.h_pad": 0.1,
}


@contextmanager
def figure(width: float, height: float) -> Iterator[Figure]:
    """An empty figure of so many inches, in the looks of all charts whatever the user's own are."""
    with style.context(["default", _STYLE]), warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "Glyph .* missing"
        )  # an empty box in place of a character is told by itself
        yield Figure(figsize=(width, height), layout="constrained")


def title(made: Figure, heading: str, lines: list[str], width: int) -> None:
    """A heading, wrapped, and smaller lines under it."""
    text = "\n".join(part for line in (heading, *lines) for part in wrapped(line, width))
    made.suptitle(text, x=0.01, ha="left", fontsize=10, linespacing=1.4)


def notes(made: Figure, lines: list[str], width: int) -> None:
    """What has to be said, in small letters at the foot."""
    text = "\n".join(part for line in lines for part in wrapped(line, width))
    made.supxlabel(text, x=0.01, ha="left", fontsize=8, color=GREY, linespacing=1.4)


def wrapped(text: str, width: int) -> list[str]:
    """A text in lines, of which one has more than `width` characters only if a word has."""
    return wrap(text, width, break_long_words=False) or [text]


class Look(NamedTuple):
    """What tells a line apart, by colour and without."""

    colour: str
    marker: str
    dashes: Literal["-", "--"]


def looks() -> Iterator[Look]:
    """Line after line; no two are the same within fourteen."""
    for dashes in cycle(DASHES):
        for colour, marker in zip(COLOURS, MARKERS, strict=True):
            yield Look(colour, marker, dashes)


def check_format(path: Path) -> None:
    """InputError("chart_format") for another format than those there are, told by the file's suffix."""
    if path.suffix.lower() not in FORMATS:
        raise InputError("chart_format", f"{path.name}; there are: {', '.join(FORMATS)}")


def check_chart(path: Path) -> None:
    """InputError, before anything is drawn, if no chart can be written at `path`; an earlier one is replaced."""
    check_writable(path, _HEADS)
    check_format(path)


def save(made: Figure, path: Path, heading: str, description: str) -> None:
    """Write the figure, whole or not at all, with words for who cannot see it. Raises what `write_whole` raises."""
    check_format(path)
    buffer = io.BytesIO()
    if path.suffix.lower() == ".svg":
        metadata = {"Date": None, "Creator": None, "Title": heading}
        made.savefig(buffer, format="svg", metadata=metadata)
        content = _described(buffer.getvalue().decode(), heading, description).encode()
    else:
        words = {"Software": None, "Title": heading, "Description": description}
        made.savefig(buffer, format="png", dpi=_DPI, metadata=words)
        content = buffer.getvalue()
    write_whole(path, content)


def _described(svg: str, heading: str, description: str) -> str:
    """The SVG as an image with a title and a description, as screen readers look for them."""
    head, _, rest = svg.partition("<svg ")
    root, _, inside = rest.partition(">")
    told = f'<title id="title">{escape(heading)}</title>\n <desc id="desc">{escape(description)}</desc>'
    plain = f"<title>{escape(heading)}</title>"
    if plain not in inside:
        raise AssertionError("matplotlib writes titles in another way now")
    return f'{head}<svg role="img" aria-labelledby="title desc" {root}>{inside.replace(plain, told, 1)}'
