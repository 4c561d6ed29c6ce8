"""The OIN (organisatie-identificatienummer): who an organisation is, in certificates, cards and agreements."""

import re

from linkage_node.errors import InputError

# Eight digits of prefix, eight or nine positions of number, zeros to make it twenty (Logius, OIN-stelsel).
_OIN = re.compile(r"\d{8}(?:[A-Za-z0-9]{8}0{4}|[A-Za-z0-9]{9}0{3})", re.ASCII)


def check_oin(text: str) -> str:
    """The OIN itself; InputError `oin_invalid` if `text` is none."""
    if not _OIN.fullmatch(text):
        raise InputError("oin_invalid", repr(text[:40]))
    return text
