"""Tag and claim token: what both sides derive from N = k · HashToGroup(h), which itself is thrown away.

RFC 9497's Finalize hashes the input along with N. A node no longer has the input, so here the label and the whole
context stand in its place.
"""

import hashlib

import numpy as np

from linkage_node.limits import ELEMENT_BYTES, TAG_BYTES, TOKEN_BYTES
from linkage_node.pseudonyms.epoch_keys import KeyLabel
from linkage_node.pseudonyms.sealing import length_prefixed

# A tag and its claim token, side by side: what one N gives. Packed they have 26 bytes.
MARK = np.dtype([("tag", f"S{TAG_BYTES}"), ("token", f"S{TOKEN_BYTES}")])

_PARTS = ((b"tag", TAG_BYTES), (b"token", TOKEN_BYTES))


def tags(label: KeyLabel, public_key: bytes, evaluated: bytes) -> bytes:
    """Packed tags of 10 bytes for packed N's of 32 bytes."""
    return _digests(_PARTS[:1], label, public_key, evaluated)


def marks(label: KeyLabel, public_key: bytes, evaluated: bytes) -> bytes:
    """Packed marks (`MARK`) of 26 bytes for packed N's of 32 bytes: the tag finds, the token entitles."""
    return _digests(_PARTS, label, public_key, evaluated)


def _digests(
    parts: tuple[tuple[bytes, int], ...], label: KeyLabel, public_key: bytes, evaluated: bytes
) -> bytes:
    context = (label.encode(), public_key)
    prefixes = [(hashlib.sha512(length_prefixed(name, *context)), length) for name, length in parts]
    out = []
    for at in range(0, len(evaluated), ELEMENT_BYTES):
        lifted = evaluated[at : at + ELEMENT_BYTES]
        for prefix, length in prefixes:
            digest = prefix.copy()
            digest.update(lifted)
            out.append(digest.digest()[:length])
    return b"".join(out)
