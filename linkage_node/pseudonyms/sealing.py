"""Secrets at rest: AES-256-GCM under keys derived from the operator's sealing key (HKDF, RFC 5869).

Every context (what is sealed, and where it belongs) has a key of its own, so that a sealed thing cannot be moved to
another place, and so that random nonces stay far below their birthday bound.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from linkage_node.errors import StorageError

KEY_BYTES = 32
NONCE_BYTES = 12
_FORMAT = b"\x01"


def derive(key: bytes, *context: str | bytes, length: int = KEY_BYTES) -> bytes:
    """A key of `length` bytes for one context, by HKDF-SHA-256 over length-prefixed parts."""
    parts = [part.encode() if isinstance(part, str) else part for part in context]
    return HKDF(SHA256(), length, salt=None, info=length_prefixed(*parts)).derive(key)


def length_prefixed(*parts: bytes) -> bytes:
    """Each part behind its length in 4 bytes, big-endian: no byte can move from one part to the next unseen."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


class Sealer:
    """Seals and opens byte strings under one sealing key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise StorageError(
                "secret_unreadable", f"the sealing key has {len(key)} bytes in place of {KEY_BYTES}"
            )
        self._key = key

    def seal(self, plaintext: bytes, nonce: bytes, *context: str | bytes) -> bytes:
        """`plaintext` sealed for `context`; `nonce` is 12 fresh random bytes."""
        return _FORMAT + nonce + AESGCM(derive(self._key, "seal", *context)).encrypt(nonce, plaintext, None)

    def open(self, sealed: bytes, *context: str | bytes) -> bytes:
        """What was sealed for `context`; StorageError("secret_unreadable") for anything else."""
        head, nonce, body = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            if head != _FORMAT:
                raise StorageError("secret_unreadable", "unknown format")
            return AESGCM(derive(self._key, "seal", *context)).decrypt(nonce, body, None)
        except (InvalidTag, ValueError):
            raise StorageError("secret_unreadable", f"context {context[0]!r}") from None

    def mac_key(self, *context: str | bytes) -> bytes:
        """A key of 32 bytes for keyed digests within this node."""
        return derive(self._key, "mac", *context)
