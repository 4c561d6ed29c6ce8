"""Canonical bytes → pseudonym → tag. Bytes in, bytes out: no files, clocks, tables or network."""

from linkage_node.pseudonyms.keyed_hash import pseudonymise

__all__ = ["pseudonymise"]
