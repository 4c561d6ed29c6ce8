"""The provider's tag set as the requester gets it: sorted, without repeats, padded, with deltas of constant size.

A set starts with all tags and enough dummies for every delta of its epoch, filled up to whole buckets. Every delta adds
`changes` entries and removes `changes`: real ones first, dummies for the rest. So the size of the set never changes
within an epoch, dummies never run out (each delta uses up at most `changes` of them), and neither the set nor a delta
shows how many people came or went. Changes that do not fit wait for the next delta.

Sets are packed, 10 bytes an entry, sorted bytewise.
"""

import hashlib
from typing import NamedTuple

import numpy as np

from linkage_node.errors import Refusal
from linkage_node.limits import TAG_BYTES

_TAG = f"S{TAG_BYTES}"


class Padding(NamedTuple):
    """How a set is padded: entries in a bucket, entries that each delta adds and removes, deltas in the epoch."""

    bucket: int
    changes: int
    deltas: int

    def size(self, tags: int) -> int:
        """Entries of a set that starts with `tags` real ones."""
        return -(-(tags + self.changes * self.deltas) // self.bucket) * self.bucket


class Delta(NamedTuple):
    """One step between two versions: packed, sorted, always the same number of each."""

    additions: bytes
    removals: bytes


def as_array(packed: bytes) -> np.ndarray:
    """Packed tags as an array that numpy can sort and search, shape (n,), 10 bytes each."""
    return np.frombuffer(packed, dtype=_TAG)


def sort(packed: bytes) -> bytes:
    """The tags in order."""
    return np.sort(as_array(packed)).tobytes()


def check_sorted(packed: bytes) -> None:
    """Refuse a list with a part of an entry, out of order, or with a tag twice."""
    if len(packed) % TAG_BYTES:
        raise Refusal("tag_set_invalid", "a part of an entry")
    tags = as_array(packed)
    if (tags[1:] <= tags[:-1]).any():
        raise Refusal("tag_set_invalid", "not sorted, or a tag twice")


def dummies_needed(tags: int, padding: Padding) -> int:
    """Dummies that a new set of `tags` real tags starts with."""
    return padding.size(tags) - tags


def apply_delta(packed: bytes, delta: Delta, changes: int) -> bytes:
    """The set after a delta; refuses one of another size, out of order, or that does not fit the set."""
    for part in delta:
        if len(part) != changes * TAG_BYTES:
            raise Refusal("tag_set_invalid", "a delta of another size")
        check_sorted(part)
    tags, added, removed = as_array(packed), as_array(delta.additions), as_array(delta.removals)
    at = np.searchsorted(tags, removed)
    if (at >= len(tags)).any() or (tags[np.minimum(at, len(tags) - 1)] != removed).any():
        raise Refusal("tag_set_invalid", "a delta removes what is not there")
    kept = np.delete(tags, at)
    result = np.insert(kept, np.searchsorted(kept, added), added).tobytes()
    check_sorted(result)
    return result


def digest(packed: bytes) -> bytes:
    """SHA-256 over the whole sorted set, 32 bytes."""
    return hashlib.sha256(packed).digest()


def find(packed: bytes, wanted: bytes) -> np.ndarray:
    """Which of the wanted tags are in the sorted set: shape (n,), bool."""
    tags, needles = as_array(packed), as_array(wanted)
    if not len(tags):
        return np.zeros(len(needles), dtype=bool)
    at = np.searchsorted(tags, needles)
    found: np.ndarray = tags[np.minimum(at, len(tags) - 1)] == needles
    return found
