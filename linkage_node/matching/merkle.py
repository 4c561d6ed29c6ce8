"""Merkle tree hashes (RFC 9162 section 2.1.1, SHA-256) over packed 32-byte elements.

A chunk of CHUNK_ELEMENTS leaves is a whole subtree, so the root of a list is also the root over its chunks' roots:
a receiver can check each chunk when it comes, before it does anything with it.
"""

import hashlib

from linkage_node.limits import CHUNK_ELEMENTS, ELEMENT_BYTES

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
_CHUNK_BYTES = CHUNK_ELEMENTS * ELEMENT_BYTES


def _combine(level: list[bytes]) -> bytes:
    """The root over subtree roots; pairing from the left is the RFC's split at the largest power of two."""
    sha256 = hashlib.sha256
    while len(level) > 1:
        paired = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(level[::2], level[1::2], strict=False)
        ]
        level = paired + level[len(paired) * 2 :]
    return level[0] if level else EMPTY_ROOT


def chunks(elements: bytes) -> list[bytes]:
    """The elements cut into chunks, all full but the last."""
    return [elements[at : at + _CHUNK_BYTES] for at in range(0, len(elements), _CHUNK_BYTES)]


def chunk_root(chunk: bytes) -> bytes:
    """The root over one chunk."""
    sha256 = hashlib.sha256
    return _combine(
        [sha256(b"\x00" + chunk[at : at + 32]).digest() for at in range(0, len(chunk), ELEMENT_BYTES)]
    )


def chunk_roots(elements: bytes) -> bytes:
    """The packed roots of all chunks, 32 bytes each."""
    return b"".join(chunk_root(chunk) for chunk in chunks(elements))


def root_of_chunks(roots: bytes) -> bytes:
    """The root of the whole list from the packed roots of its chunks."""
    return _combine([roots[at : at + HASH_BYTES] for at in range(0, len(roots), HASH_BYTES)])


def root(elements: bytes) -> bytes:
    """The root over packed elements; of none, the hash of nothing."""
    return root_of_chunks(chunk_roots(elements))
