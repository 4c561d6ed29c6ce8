"""What another organisation wrote, in a CSV file that somebody opens in a spreadsheet."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.asking.results import harmless
from linkage_node.printable import REPLACED

STARTS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212"
PLAIN = [
    "",
    "Energieloket",
    "Jansen-de Vries",
    "020 1234567",
    "a@example.org",
    "1 + 1",
    "'quoted'",
    "Café, 2e etage",
]
FORMULAS = [
    ("=1+1", "'=1+1"),
    ("+31201234567", "'+31201234567"),
    ("-5", "'-5"),
    ("@SUM(A1)", "'@SUM(A1)"),
    (" =1+1", "' =1+1"),
    ("\t=1+1", "' =1+1"),
    ("x;=1+1", "x;'=1+1"),
    ('x";=1+1', "x\";'=1+1"),
    ("x,;=1+1", "x,;'=1+1"),
    ("\uff1d1+1", "'\uff1d1+1"),
    ("\ufe621", "'\ufe621"),
    ("\ufe661", "'\ufe661"),
    ("\u2212 1", "'\u2212 1"),
]
UNPRINTABLE = [
    ("a\tb\r\nc", "a b  c"),
    ("a\u00a0b", "a b"),
    ("\x1b[31mred", f"{REPLACED}[31mred"),
    ("\u202eabc", f"{REPLACED}abc"),
    ("\x00=1", f"'{REPLACED}=1"),
    ("\x01=1", f"'{REPLACED}=1"),
    ("\ufeff=1", f"'{REPLACED}=1"),
    ("\u200b=1", f"'{REPLACED}=1"),
    ("\u200b \ufeff=1", f"'{REPLACED} {REPLACED}=1"),
    ("\x0b=1", "' =1"),
    ("\x0c=1", "' =1"),
    ("\x1c=1", "' =1"),
    ("\x85=1", "' =1"),
    ("\u2028=1", "' =1"),
    ("\u2029=1", "' =1"),
    ("a;\u2029=1", "a;' =1"),
    ("a;\x00=1", f"a;'{REPLACED}=1"),
]


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_value_stays_as_it_is(text: str) -> None:
    """A value that no spreadsheet takes for a formula is not touched."""
    assert harmless(text) == text


@pytest.mark.parametrize(("text", "written"), FORMULAS)
def test_a_formula_is_made_text(text: str, written: str) -> None:
    """A value that begins as a formula does, also behind what ends a cell, gets an apostrophe in front."""
    assert harmless(text) == written


@pytest.mark.parametrize(("text", "written"), UNPRINTABLE)
def test_what_cannot_be_shown_hides_no_formula(text: str, written: str) -> None:
    """Programs skip control characters, and those of no width, before they look for a formula: so they go first."""
    assert harmless(text) == written


@given(st.text())
def test_a_cell_is_one_line_that_can_be_shown(text: str) -> None:
    """Whatever somebody writes: no control character, no character of direction or of no width, no second line."""
    assert harmless(text).isprintable()
    assert harmless(harmless(text)) == harmless(text)


@given(st.text(alphabet=STARTS + ' ;,|\t\r\n\x00\u200b\u2029"ab1'))
def test_no_cell_begins_as_a_formula(text: str) -> None:
    """Wherever a spreadsheet cuts the file, at `,`, `;`, a tab or `|`, no cell begins as a formula does."""
    file = io.StringIO(newline="")
    csv.writer(file).writerow(("ref", harmless(text), "true"))
    for delimiter in (",", ";", "\t", "|"):
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            rows = csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=delimiter, quoting=quoting)
            for row in rows:
                for cell in row:
                    assert not cell.strip(f" {REPLACED}").startswith(tuple(STARTS)), (
                        text,
                        file.getvalue(),
                        delimiter,
                    )
