"""The signed head: the node's signature over the last record, so that nobody without its key can cut off or re-link."""

from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from linkage_node.errors import StorageError
from linkage_node.evidence.chain import GENESIS, Record
from linkage_node.pseudonyms.sealing import length_prefixed

_LABEL = b"linkage-node evidence head"


class Head(NamedTuple):
    """The last record's number (0: there is none yet) and hash, and an Ed25519 signature over both."""

    seq: int
    hash: bytes
    signature: bytes


def sign_head(last: Record | None, oin: str, key: Ed25519PrivateKey) -> Head:
    """The head of a chain that ends with `last`, at the node `oin`."""
    seq, digest = (last.seq, last.hash) if last else (0, GENESIS)
    return Head(seq, digest, key.sign(_covered(oin, seq, digest)))


def check_head(last: Record | None, head: Head | None, oin: str, key: Ed25519PublicKey) -> None:
    """StorageError("evidence_broken") unless `head` is signed and `last` is the record that it names."""
    if head is None:
        raise StorageError("evidence_broken", "the signed head is missing")
    try:
        key.verify(head.signature, _covered(oin, head.seq, head.hash))
    except InvalidSignature:
        raise StorageError("evidence_broken", "the head is not signed with this node's key") from None
    end = last.seq if last else 0
    if end < head.seq:
        raise StorageError("evidence_broken", f"records {end + 1} to {head.seq} are missing at the end")
    if end > head.seq:
        raise StorageError("evidence_broken", f"record {head.seq + 1} was added without this node's key")
    if last and last.hash != head.hash:
        raise StorageError("evidence_broken", f"record {end} is not the one that this node signed")


def _covered(oin: str, seq: int, digest: bytes) -> bytes:
    return length_prefixed(_LABEL, oin.encode(), seq.to_bytes(8, "big"), digest)
