"""What the numbers of a series count, in words."""

from linkage_node.identifiers import KINDS


def unit_of(kind: str) -> str:
    """What one identifier of a kind stands for: "people" or "addresses"."""
    return "addresses" if kind in KINDS and KINDS[kind].of_address else "people"


def counted(kind: str, answer: str) -> str:
    """What is counted: a count is of identifiers, the numbers of hits are of the requester's own records."""
    unit = unit_of(kind)
    what = unit if answer == "count" else f"own records, found by their {unit}"
    not_people = ", of which each can have several people" if unit == "addresses" else ""
    return f"{what} (kind {kind}){not_people}"
