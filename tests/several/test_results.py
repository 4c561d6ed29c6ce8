"""What another organisation wrote, in a CSV file that somebody opens in a spreadsheet."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.asking.results import harmless

STARTS = "=+-@\uff1d\uff0b\uff0d\uff20"
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
    ("\t=1+1", "'\t'=1+1"),
    ("\tplain", "'\tplain"),
    ("x;=1+1", "x;'=1+1"),
    ('x";=1+1', "x\";'=1+1"),
    ("x\r\n=1+1", "x\r\n'=1+1"),
    ("\uff1d1+1", "'\uff1d1+1"),
]


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_value_stays_as_it_is(text: str) -> None:
    """A value that no spreadsheet takes for a formula is not touched."""
    assert harmless(text) == text


@pytest.mark.parametrize(("text", "written"), FORMULAS)
def test_a_formula_is_made_text(text: str, written: str) -> None:
    """A value that begins as a formula does, also behind what ends a cell, gets an apostrophe in front."""
    assert harmless(text) == written


@given(st.text(alphabet=STARTS + ' ;,|\t\r\n"ab1'))
def test_no_cell_begins_as_a_formula(text: str) -> None:
    """Wherever a spreadsheet cuts the file, at `,`, `;`, a tab or `|`, no cell begins as a formula does."""
    file = io.StringIO(newline="")
    csv.writer(file).writerow(("ref", harmless(text), "true"))
    for delimiter in (",", ";", "\t", "|"):
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            rows = csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=delimiter, quoting=quoting)
            for row in rows:
                for cell in row:
                    assert not cell.strip().startswith(tuple(STARTS)), (text, file.getvalue(), delimiter)
