"""Judging a row: what is used of it, what is not and why, and that no identifier is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.limits import ATTRIBUTE_CHARACTERS, FIELD_CHARACTERS, RECORD_REF_CHARACTERS
from linkage_node.register.rows import Judged, Reject, SourceRow, judge, judge_ref

GOOD = "999990019"
ADDRESS = {"postcode": "1234 AB", "house_number": "5", "addition": ""}


def row(
    ref: str = "r1", bsn: str = GOOD, address: dict[str, str] | None = None, **attributes: str
) -> SourceRow:
    """A row of line 2 with a BSN, an address and attributes."""
    return SourceRow(2, ref, {"bsn": {"bsn": bsn}, "household": address or {}}, attributes)


def judged(source: SourceRow) -> Judged:
    """The row as it is judged in development."""
    return judge(source, production=False)


def test_a_good_row_is_used() -> None:
    """All kinds that are given have their canonical form; nothing is rejected."""
    assert judged(row(address=ADDRESS, city="Voorbeeldstad")) == Judged(
        2, True, "r1", {"bsn": GOOD.encode(), "household": b"1234AB|5|"}, {"city": "Voorbeeldstad"}, ()
    )


def test_one_bad_identifier_leaves_the_other() -> None:
    """Who has a mistyped address is still found by BSN; the address is reported."""
    found = judged(row(address=ADDRESS | {"postcode": "12AB"}))
    assert found.used
    assert found.canonicals == {"bsn": GOOD.encode(), "household": None}
    assert found.rejects == (Reject(2, "postcode", "r1", "postcode_invalid"),)


@pytest.mark.parametrize(
    ("source", "field", "ref", "reason"),
    [
        (row(bsn=""), "identifiers", "r1", "identifier_missing"),
        (row(ref="", bsn=" "), "identifiers", "", "identifier_missing"),
        (row(bsn="999990018"), "bsn", "r1", "bsn_fails_elfproef"),
        (row(bsn="9" * (FIELD_CHARACTERS + 1)), "bsn", "r1", "value_too_long"),
        (row(ref="", bsn="999990018"), "bsn", "", "bsn_fails_elfproef"),
        (row(ref="x999990018", bsn="999990018"), "bsn", "", "bsn_fails_elfproef"),
        (row(ref=""), "record_ref", "", "record_ref_missing"),
        (
            row(ref="r" * (RECORD_REF_CHARACTERS + 1)),
            "record_ref",
            "r" * RECORD_REF_CHARACTERS,
            "value_too_long",
        ),
        (row(ref="r\x001"), "record_ref", "r1", "record_ref_invalid"),
        (row(ref="r\x1b[2J"), "record_ref", "r[2J", "record_ref_invalid"),
        (row(ref="99999\x000019"), "record_ref", "", "record_ref_invalid"),
        (row(ref=GOOD), "record_ref", "", "record_ref_is_identifier"),
        (row(ref="9999.90.019"), "record_ref", "", "record_ref_is_identifier"),
        (row(note=f"BSN {GOOD}"), "attributes.note", "r1", "attribute_is_identifier"),
        (row(note="x" * (ATTRIBUTE_CHARACTERS + 1)), "attributes.note", "r1", "value_too_long"),
        (row()._replace(fault=("bsn", "encoding_invalid")), "bsn", "r1", "encoding_invalid"),
        (SourceRow(2, "", {}, {}, ("", "row_malformed")), "", "", "row_malformed"),
    ],
)
def test_what_is_not_used(source: SourceRow, field: str, ref: str, reason: str) -> None:
    """Each fault is reported with row, field, reference and reason; a reference that shows the BSN is left out."""
    found = judged(source)
    assert not found.used
    assert found.rejects == (Reject(2, field, ref, reason),)


def test_test_numbers_in_production() -> None:
    """A production node takes no people who do not exist."""
    assert judge(row(), production=True).rejects == (Reject(2, "bsn", "r1", "test_number"),)


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_no_reject_shows_the_bsn(ref: str, digits: str, note: str) -> None:
    """Whatever a row holds, what is told of it never holds its BSN."""
    source = row(ref=ref + GOOD + digits, note=note)
    assert GOOD not in repr(judged(source).rejects)
    assert not judged(source).used


def test_for_removal_only_the_reference_counts() -> None:
    """A file of records to remove needs no identifiers."""
    assert judge_ref(SourceRow(2, "r1", {}, {})).used
    assert judge_ref(SourceRow(2, "", {}, {})).rejects == (Reject(2, "record_ref", "", "record_ref_missing"),)
