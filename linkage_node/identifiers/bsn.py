"""The BSN (burgerservicenummer): nine digits that pass the elfproef (11-proof)."""

import re
import unicodedata
from collections.abc import Iterator

from linkage_node.identifiers.errors import IdentifierError

_FIELD = "bsn"
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_DIGITS = re.compile(r"[0-9]{8,9}")
_SEPARATORS = str.maketrans("", "", ". \t\u00a0")  # as people write it: 1234.56.789, 1234 56 789
_BETWEEN = str.maketrans("", "", ". \t\u00a0-/")  # in other texts: 1234-56-789, 1234/56/789 as well
_READABLE_DIGITS = 8  # from this length on, digits within a longer text are taken for the number
_LONGEST_DIGITS = 9
_GROUPS = re.compile(r"[0-9]+(?:[\W_]+[0-9]+)*")  # digits with anything but letters between them


def canonicalise(value: str) -> bytes:
    """The nine ASCII digits of a BSN. Dots and blanks are dropped; eight digits get the zero that a spreadsheet ate.

    IdentifierError `bsn_not_nine_digits` or `bsn_fails_elfproef`.
    """
    digits = value.strip().translate(_SEPARATORS)
    if not _DIGITS.fullmatch(digits):
        raise IdentifierError("bsn_not_nine_digits", _FIELD)
    digits = digits.zfill(9)
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    if total % 11 or digits == "000000000":
        raise IdentifierError("bsn_fails_elfproef", _FIELD)
    return digits.encode("ascii")


def is_test_number(canonical: bytes) -> bool:
    """Whether nobody has this number: those that begin with 99999 or 0000 are for testing."""
    return canonical.startswith((b"99999", b"0000"))


def reads_as_bsn(text: str) -> bool:
    """Whether a text is, for all one can see, a BSN: of random numbers of nine digits, one in eleven is."""
    try:
        canonicalise(text.translate(_BETWEEN))
    except IdentifierError:
        return False
    return True


def holds_bsn(text: str) -> bool:
    """Whether a BSN can be read in a text: eight or nine digits, of any script, that pass the elfproef. Whatever stands
    between them but letters is left out, and neither letters nor further groups of digits beside them hide them."""
    plain = "".join(
        str(unicodedata.decimal(one)) if one.isdecimal() else one
        for one in unicodedata.normalize("NFKC", text)
    )
    return any(
        reads_as_bsn(digits)
        for found in _GROUPS.findall(plain)
        for digits in _joined(re.findall("[0-9]+", found))
    )


def _joined(groups: list[str]) -> Iterator[str]:
    """Every run of neighbouring groups, joined, that is as long as a BSN."""
    for first in range(len(groups)):
        digits = ""
        for group in groups[first:]:
            digits += group
            if len(digits) > _LONGEST_DIGITS:
                break
            if len(digits) >= _READABLE_DIGITS:
                yield digits


def shows_in(value: str, text: str) -> bool:
    """Whether `value`, a BSN or what was meant to be one, can be read in `text`."""
    digits = value.strip().translate(_BETWEEN)
    squeezed = text.strip().translate(_BETWEEN)
    if not digits or not squeezed:
        return False
    if len(digits) >= _READABLE_DIGITS and digits in squeezed:
        return True
    return digits.zfill(9) in squeezed or digits.lstrip("0") == squeezed.lstrip("0")
