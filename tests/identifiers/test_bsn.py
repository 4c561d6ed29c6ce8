"""The BSN: what is one, what is none, and that no error shows it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from linkage_node.identifiers import KINDS, IdentifierError
from linkage_node.identifiers.bsn import canonicalise, is_test_number, shows_in

PREFIXES = st.integers(0, 9999).map(lambda number: f"9999{number:04d}")
WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2)


def check_digit(eight: str) -> int:
    """What the ninth digit must be, modulo 11; 10 means that no BSN begins so."""
    return sum(weight * int(digit) for weight, digit in zip(WEIGHTS, eight, strict=True)) % 11


def outcome(value: str) -> bytes | str:
    """The canonical bytes, or the reason why there are none."""
    try:
        return canonicalise(value)
    except IdentifierError as error:
        return error.code


@given(PREFIXES)
def test_at_most_one_last_digit_passes(eight: str) -> None:
    """Of the ten numbers that share eight digits exactly the one with the right check digit is a BSN, or none."""
    outcomes = {last: outcome(f"{eight}{last}") for last in range(10)}
    expected: dict[int, bytes | str] = dict.fromkeys(range(10), "bsn_fails_elfproef")
    if check_digit(eight) < 10:
        expected[check_digit(eight)] = f"{eight}{check_digit(eight)}".encode()
    assert outcomes == expected


@given(PREFIXES, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_found(eight: str, position: int, change: int) -> None:
    """A typing error in one digit never yields another BSN."""
    assume(check_digit(eight) < 10)
    good = f"{eight}{check_digit(eight)}"
    bad = good[:position] + str((int(good[position]) + change) % 10) + good[position + 1 :]
    with pytest.raises(IdentifierError, match="bsn_fails_elfproef"):
        canonicalise(bad)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("999990019", b"999990019"),
        (" 999990019\t", b"999990019"),
        ("9999.90.019", b"999990019"),
        ("9999 90 019", b"999990019"),
        ("9999\u00a090019", b"999990019"),
        ("00001107", b"000001107"),
    ],
)
def test_ways_to_write_it(written: str, canonical: bytes) -> None:
    """Blanks and dots are dropped, and eight digits get their leading zero back."""
    assert canonicalise(written) == canonical
    assert canonicalise(canonical.decode()) == canonical


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "bsn_not_nine_digits"),
        ("9999900", "bsn_not_nine_digits"),
        ("9999900190", "bsn_not_nine_digits"),
        ("99999001A", "bsn_not_nine_digits"),
        ("999-990019", "bsn_not_nine_digits"),
        ("-99990019", "bsn_not_nine_digits"),
        ("٩٩٩٩٩٠٠١٩", "bsn_not_nine_digits"),
        ("９９９９９００１９", "bsn_not_nine_digits"),
        ("999990018", "bsn_fails_elfproef"),
        ("000000000", "bsn_fails_elfproef"),
        ("00000000", "bsn_fails_elfproef"),
    ],
)
def test_what_is_no_bsn(value: str, code: str) -> None:
    """Each fault has its reason."""
    with pytest.raises(IdentifierError) as raised:
        canonicalise(value)
    assert raised.value.code == code
    assert raised.value.field == "bsn"


@given(st.text(max_size=20))
def test_no_error_shows_the_value(value: str) -> None:
    """Whatever is wrong with a value, the error says the same: its reason and field."""
    with pytest.raises(IdentifierError) as raised:
        canonicalise(value + "x")
    expected = IdentifierError(raised.value.code, "bsn")
    assert (str(raised.value), raised.value.message) == (str(expected), expected.message)
    assert raised.value.args == expected.args


def test_test_numbers_are_refused_in_production() -> None:
    """Numbers beginning with 99999 or 0000 are for testing, and no others."""
    bsn = KINDS["bsn"]
    for number in ("999990019", "000001107"):
        assert is_test_number(bsn.checked({"bsn": number}, production=False))
        with pytest.raises(IdentifierError, match="test_number"):
            bsn.checked({"bsn": number}, production=True)
    assert not is_test_number(b"999900019")
    assert not is_test_number(b"000100000")


@pytest.mark.parametrize(
    ("value", "text", "shows"),
    [
        ("999990019", "999990019", True),
        ("999990019", "client 9999.90.019", True),
        ("999990019", "9999-90-019", True),
        ("999990019", "client 999/990/019", True),
        ("999-990-019", "999990019", True),
        ("00001107", "000001107", True),
        ("000001107", "1107", True),
        ("999990018", "x999990018", True),  # a mistyped one shows as well
        ("999990019", "client-1", False),
        ("12", "row 120", False),
        ("", "999990019", False),
        ("999990019", "", False),
    ],
)
def test_seeing_a_bsn_in_a_text(value: str, text: str, shows: bool) -> None:
    """A reference or attribute that holds the number is found out, however it is written."""
    assert shows_in(value, text) is shows
