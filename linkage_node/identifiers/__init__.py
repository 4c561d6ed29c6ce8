"""A value from a source file → canonical bytes. Bytes and text in, bytes out: no files, clocks or tables."""

from linkage_node.identifiers.kinds import KINDS, IdentifierError, Kind, find_kind
from linkage_node.identifiers.oin import check_oin

__all__ = ["KINDS", "IdentifierError", "Kind", "check_oin", "find_kind"]
