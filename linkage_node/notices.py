"""What must be said with an answer, wherever it is shown, and what its numbers count, in words."""

from linkage_node.identifiers import KINDS

_HIT = "A hit is a signal for a person to look at, never a decision (AVG art. 22)."
_ADDRESS = (
    "A hit is an address, and an address is not a person: it says nothing of who lives there. It is a signal for a "
    "person to look at, never a decision (AVG art. 22)."
)
_COUNT = "Numbers are for steering: they point at nobody, and decide nothing about anybody (AVG art. 22)."


def notice_of(answer: str, kind: str) -> str:
    """What must be said with this answer about identifiers of this kind."""
    if answer == "count":
        return _COUNT
    return _ADDRESS if unit_of(kind) == "addresses" else _HIT


def unit_of(kind: str) -> str:
    """What one identifier of a kind stands for: "people" or "addresses"."""
    return "addresses" if kind in KINDS and KINDS[kind].of_address else "people"


def counted(kind: str, answer: str) -> str:
    """What is counted: a count is of identifiers, the numbers of hits are of the requester's own records."""
    unit = unit_of(kind)
    what = unit if answer == "count" else f"own records, found by their {unit}"
    not_people = ", of which each can have several people" if unit == "addresses" else ""
    return f"{what} (kind {kind}){not_people}"
