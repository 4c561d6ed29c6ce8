"""Tag and claim token: what both sides derive from N = k · HashToGroup(h), which itself is thrown away.

RFC 9497's Finalize hashes the input along with N. A node no longer has the input, so here the label and the whole
context stand in its place.
"""

import hashlib

from linkage_node.limits import ELEMENT_BYTES, TAG_BYTES, TOKEN_BYTES
from linkage_node.pseudonyms.epoch_keys import KeyLabel
from linkage_node.pseudonyms.sealing import length_prefixed


def _digests(name: bytes, length: int, label: KeyLabel, public_key: bytes, evaluated: bytes) -> bytes:
    prefix = hashlib.sha512(length_prefixed(name, label.encode(), public_key))
    out = []
    for at in range(0, len(evaluated), ELEMENT_BYTES):
        digest = prefix.copy()
        digest.update(evaluated[at : at + ELEMENT_BYTES])
        out.append(digest.digest()[:length])
    return b"".join(out)


def tags(label: KeyLabel, public_key: bytes, evaluated: bytes) -> bytes:
    """Packed tags of 10 bytes for packed N's of 32 bytes: the tag finds."""
    return _digests(b"tag", TAG_BYTES, label, public_key, evaluated)


def tokens(label: KeyLabel, public_key: bytes, evaluated: bytes) -> bytes:
    """Packed claim tokens of 16 bytes for packed N's of 32 bytes: the token entitles."""
    return _digests(b"token", TOKEN_BYTES, label, public_key, evaluated)
