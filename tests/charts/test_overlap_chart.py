"""The overlap chart: its bars, dots and words, for what several providers answered."""

import re
from pathlib import Path

import pytest

from linkage_node.asking.overlap import Combination
from linkage_node.charts.overlap import Subject, write
from linkage_node.errors import InputError, Refusal
from linkage_node.identifiers import KINDS
from linkage_node.limits import CHART_COMBINATIONS
from tests.charts.drawn import SVG, description, read, texts
from tests.nodes import OIN_A, OIN_B, OIN_C

BLACK = "#000000"  # an SVG fills with it unless it is told otherwise
NAMES = {OIN_A: "Credit bank", OIN_B: "Housing association", OIN_C: "Energy desk"}
SUBJECT = Subject(("Households in trouble",), ("one", "two", "three"), "household", "2026-11-22")
FOUND = [
    Combination((), 700),
    Combination((OIN_A,), 111),
    Combination((OIN_A, OIN_C), 42),
    Combination((OIN_A, OIN_B, OIN_C), 7),
]


def draw(path: Path, found: list[Combination] = FOUND, subject: Subject = SUBJECT) -> Path:
    """Draw an overlap of three providers."""
    write(path, [OIN_A, OIN_B, OIN_C], found, names=NAMES, subject=subject)
    return path


def dots(path: Path, colour: str) -> int:
    """How many dots of a colour the matrix has."""
    styles = [found.attrib["style"] for found in read(path).iter(f"{SVG}use")]
    return styles.count(f"stroke: {colour}" if colour == BLACK else f"fill: {colour}; stroke: {colour}")


def test_what_it_shows(tmp_path: Path) -> None:
    """Every combination's number, every provider's name and number in all, and what it is about."""
    path = draw(tmp_path / "x.svg")
    shown = texts(path)
    for told in (
        "clients by household",
        "Purpose: Households in trouble",
        "Agreements: one, two, three. Asked on 2026-11-22",
        *NAMES.values(),
        *("700", "111", "42", "7"),
        *("160", "49"),  # known in all: the credit bank and the energy desk
        "never a decision",
    ):
        assert re.search(rf"(?<!\d){re.escape(told)}(?!\d)", shown), told
    words = description(path)
    assert f"Known at Credit bank ({OIN_A}) and Energy desk ({OIN_C}) and no other: 42." in words
    assert "Known at none of them and no other: 700." in words
    assert f"Housing association ({OIN_B}): 7 known." in words


def test_the_dots_say_which(tmp_path: Path) -> None:
    """As many black dots as the combinations have providers; the others are pale."""
    path = draw(tmp_path / "x.svg")
    assert (dots(path, BLACK), dots(path, "#d9d9d9")) == (6, 6)


def test_who_has_not_answered_is_told(tmp_path: Path) -> None:
    """And so are records that were left out, and combinations that are not drawn."""
    many = [Combination((OIN_A,), 1_000 - at) for at in range(CHART_COMBINATIONS + 5)]
    path = draw(tmp_path / "x.svg", many, SUBJECT._replace(left_out=3, unanswered=(OIN_B,)))
    shown = texts(path)
    assert f"says nothing of those that have not answered: Housing association ({OIN_B})." in shown
    assert "3 records came or left between the questions" in shown
    assert "Not drawn: 5 smaller combinations, 4,840 records in all." in shown


@pytest.mark.parametrize("name", ["x.svg", "x.png"])
def test_the_same_overlap_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    """Nothing in it depends on when it is drawn."""
    assert draw(tmp_path / name).read_bytes() == draw(tmp_path / name).read_bytes()


def test_nobody_answered(tmp_path: Path) -> None:
    """Told, and no file is made; neither is one in another format."""
    with pytest.raises(Refusal, match="series_empty"):
        write(tmp_path / "x.svg", [], [], names={}, subject=SUBJECT)
    with pytest.raises(InputError, match="chart_format"):
        draw(tmp_path / "x.gif")
    assert list(tmp_path.iterdir()) == []


def test_nothing_in_common(tmp_path: Path) -> None:
    """A chart of one provider, or of no records at all, is a chart too."""
    assert draw(tmp_path / "x.png", []).stat().st_size > 1_000
    write(tmp_path / "y.svg", [OIN_A], [Combination((), 5)], names=NAMES, subject=SUBJECT)
    assert "Known at none of them" in description(tmp_path / "y.svg")


def test_an_address_is_no_person(tmp_path: Path) -> None:
    """Where addresses were found the chart says so, as the command line does."""
    told = {
        kind: description(draw(tmp_path / f"{kind}.svg", subject=SUBJECT._replace(kind=kind)))
        for kind in KINDS
    }
    assert "an address is not a person" in told["household"]
    assert "an address is not a person" not in told["bsn"]
    assert all("never a decision (AVG art. 22)" in one for one in told.values())
