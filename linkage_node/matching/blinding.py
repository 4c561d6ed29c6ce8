"""Blinds and the order of asking, all drawn from one seed, so that an auditor can replay an order.

The stream is ChaCha20 (RFC 8439) under keys derived from the seed. The seed is committed to in the order and sealed
to the auditor; whoever holds neither the seed nor a blind sees uniformly random elements in a random order.
"""

import hashlib

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

from linkage_node.limits import CHUNK_ELEMENTS
from linkage_node.pseudonyms import group
from linkage_node.pseudonyms.sealing import derive

SEED_BYTES = 32


def _stream(key: bytes, part: int, length: int) -> bytes:
    # the first 8 bytes are the block counter, so that no two parts overlap
    cipher = Cipher(ChaCha20(key, bytes(8) + part.to_bytes(8, "little")), mode=None)
    return cipher.encryptor().update(bytes(length))


def commitment(seed: bytes) -> bytes:
    """SHA-256 of the seed, behind a label: what the order shows of it."""
    return hashlib.sha256(b"linkage-node blinding seed" + seed).digest()


def shuffle(seed: bytes, count: int, name: str = "") -> np.ndarray:
    """A uniform permutation of `count` positions: place i has item shuffle[i]. Shape (count,), int64.

    Another `name` gives an unrelated one.
    """
    keys = np.frombuffer(_stream(derive(seed, "shuffle" + name), 0, count * 8), dtype="<u8")
    return np.argsort(keys, kind="stable")


def blinds(seed: bytes, chunk: int, count: int) -> bytes:
    """The blinds b_i ≠ 0 of one chunk, packed, 32 bytes each; `count` ≤ CHUNK_ELEMENTS."""
    if count > CHUNK_ELEMENTS:
        raise ValueError("more than a chunk")
    return group.reduce_scalars(_stream(derive(seed, "blinds"), chunk, count * group.UNIFORM_BYTES))


def count_scalar(seed: bytes) -> bytes:
    """The one scalar ≠ 0 of an attempt to count, 32 bytes."""
    return group.reduce_scalars(_stream(derive(seed, "count scalar"), 0, group.UNIFORM_BYTES))


def padding(seed: bytes, part: int, count: int) -> bytes:
    """Uniform bytes for `count` random elements, 64 bytes each."""
    return _stream(derive(seed, "padding"), part, count * group.UNIFORM_BYTES)


def trap_scalars(seed: bytes, part: int, count: int) -> bytes:
    """The scalars d ≠ 0 of `count` traps, packed, 32 bytes each."""
    return group.reduce_scalars(_stream(derive(seed, "traps"), part, count * group.UNIFORM_BYTES))
