"""The household: a Dutch address by postcode, house number and addition (huisletter and toevoeging)."""

import re

from linkage_node.identifiers.errors import IdentifierError
from linkage_node.limits import HOUSE_ADDITION_CHARACTERS

_POSTCODE = re.compile(r"[1-9][0-9]{3}[A-Z]{2}")
_NUMBER = re.compile(r"0*[1-9][0-9]{0,4}")  # exports of fixed width pad it with zeros
_ADDITION = re.compile(r"[A-Z0-9]*")
_BLANKS = re.compile(r"\s+")
_NOISE = re.compile(r"[\s\-]+")
_NOT_SECRET = {"", "0", "nee", "n", "no", "false"}


def canonicalise(postcode: str, house_number: str, addition: str = "") -> bytes:
    """`1234AB|12|A2`: upper case, no blanks, no leading zeros, no hyphens in the addition.

    The parts cannot hold the bar, so no two addresses have the same bytes. IdentifierError `postcode_invalid`,
    `house_number_invalid` or `house_addition_invalid`.
    """
    code = _upper(_BLANKS.sub("", postcode))
    if not _POSTCODE.fullmatch(code):
        raise IdentifierError("postcode_invalid", "postcode")
    number = house_number.strip()
    if not _NUMBER.fullmatch(number):
        raise IdentifierError("house_number_invalid", "house_number")
    extra = _upper(_NOISE.sub("", addition))
    if len(extra) > HOUSE_ADDITION_CHARACTERS or not _ADDITION.fullmatch(extra):
        raise IdentifierError("house_addition_invalid", "addition")
    return f"{code}|{number.lstrip('0')}|{extra}".encode("ascii")


def is_secret(indication: str) -> bool:
    """Whether an address is secret, by what a source says of it (BRP 07.70.10, indicatie geheim: 0 to 7).

    Whatever does not plainly say no means yes.
    """
    return indication.strip().lower() not in _NOT_SECRET


def _upper(text: str) -> str:
    """Upper case for ASCII alone: `ı`.upper() is `I` and `ß`.upper() is `SS`, which are other addresses."""
    return text.upper() if text.isascii() else text
