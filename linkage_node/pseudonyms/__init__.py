"""Canonical bytes → pseudonym → tag. Bytes in, bytes out: no files, clocks, tables or network."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from linkage_node.pseudonyms.keyed_hash import pseudonymise

__all__ = ["pseudonymise"]


def __getattr__(name: str) -> Any:
    """`pseudonymise`, when it is asked for: group arithmetic takes long to import, and sealing does without."""
    if name != "pseudonymise":
        raise AttributeError(name)
    from linkage_node.pseudonyms.keyed_hash import pseudonymise

    return pseudonymise
