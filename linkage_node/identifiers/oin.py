"""The OIN (organisatie-identificatienummer): who an organisation is, in certificates, cards and agreements."""

import re
import unicodedata

from linkage_node.errors import InputError

# Eight digits of prefix, eight or nine positions of number, zeros to make it twenty (Logius, OIN-stelsel).
OIN_PATTERN = "[0-9]{8}(?:[A-Za-z0-9]{8}0{4}|[A-Za-z0-9]{9}0{3})"
_OIN = re.compile(OIN_PATTERN)


def is_oin(text: str) -> bool:
    """Whether a text has the shape of an OIN."""
    return bool(_OIN.fullmatch(text))


def holds_oin(text: str) -> bool:
    """Whether something like an OIN can be read in a text, in digits and letters of any width."""
    return bool(_OIN.search(unicodedata.normalize("NFKC", text)))


def check_oin(text: str) -> str:
    """The OIN itself; InputError `oin_invalid` if `text` is none."""
    if not is_oin(text):
        raise InputError("oin_invalid", repr(text[:40]))
    return text
