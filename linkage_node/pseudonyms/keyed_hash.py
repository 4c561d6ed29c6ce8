"""Canonical bytes → keyed hash → pseudonym: HMAC-SHA-256 under the domain key, lifted by the node's own scalar."""

import hmac
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial

from linkage_node.pseudonyms import group, oprf
from linkage_node.pseudonyms.parallel import in_pieces
from linkage_node.pseudonyms.sealing import derive

DOMAIN_SECRET_BYTES = 32
_HASH_BYTES = 32


def domain_key(domain_secret: bytes, kind: str) -> bytes:
    """The domain key of one identifier kind, 32 bytes, by HKDF from the domain secret."""
    if len(domain_secret) != DOMAIN_SECRET_BYTES:
        raise ValueError("a domain secret has 32 bytes")
    return derive(domain_secret, "domain-key", kind)


def _lift(scalar: bytes, hashes: bytes) -> bytes:
    messages = (hashes[at : at + _HASH_BYTES] for at in range(0, len(hashes), _HASH_BYTES))
    return group.multiply(scalar, oprf.hash_to_group(messages))


def pseudonymise(
    kind: str, canonical: Sequence[bytes], domain_secret: bytes, register_scalar: bytes, executor: Executor
) -> bytes:
    """E = a · HashToGroup(HMAC-SHA-256(domain key, canonical bytes)) for every value: packed, 32 bytes each."""
    key = domain_key(domain_secret, kind)
    hashes = b"".join(hmac.digest(key, value, "sha256") for value in canonical)
    return in_pieces(executor, partial(_lift, register_scalar), hashes)
