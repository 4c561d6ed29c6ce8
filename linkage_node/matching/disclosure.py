"""What claim tokens open: the checks of both sides on tokens, case references, names and entries (see the design)."""

import hashlib
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from linkage_node._generated.linkage.v1.peer_pb2 import (
    DISCLOSURE_STATUS_DISCLOSED,
    DISCLOSURE_STATUS_LIMIT_REACHED,
    DISCLOSURE_STATUS_NOT_KNOWN,
    DisclosedEntry,
)
from linkage_node.errors import Refusal
from linkage_node.identifiers import bsn
from linkage_node.identifiers.kinds import KINDS
from linkage_node.limits import (
    ATTRIBUTE_CHARACTERS,
    CASE_REFERENCE_CHARACTERS,
    DISCLOSED_RECORDS,
    TOKEN_BYTES,
)

HASH_BYTES = 32
_EMPTY_HANDED = {DISCLOSURE_STATUS_NOT_KNOWN, DISCLOSURE_STATUS_LIMIT_REACHED}


def token_hashes(tokens: bytes) -> bytes:
    """SHA-256 of each packed token of 16 bytes, packed, 32 bytes each: what a provider keeps of them."""
    cuts = range(0, len(tokens), TOKEN_BYTES)
    return b"".join(hashlib.sha256(tokens[at : at + TOKEN_BYTES]).digest() for at in cuts)


def tokens_digest(tokens: bytes) -> bytes:
    """What an order commits to: SHA-256 over the packed tokens, 32 bytes."""
    return hashlib.sha256(tokens).digest()


def check_tokens(tokens: bytes, *, count: int, digest: bytes) -> None:
    """Provider: these are the tokens that the order commits to, and none stands twice. Refusal("tokens_mismatch")."""
    if len(tokens) != count * TOKEN_BYTES or tokens_digest(tokens) != digest:
        raise Refusal("tokens_mismatch", "not the tokens that the order commits to")
    ordered = np.sort(np.frombuffer(tokens, dtype=f"S{TOKEN_BYTES}"))
    if (ordered[1:] == ordered[:-1]).any():
        raise Refusal("tokens_mismatch", "a token stands twice")


def check_kind(kind: str) -> None:
    """Both: attributes are told by kinds that name one person only. Refusal("answer_never_for_kind")."""
    known = KINDS.get(kind)
    if known is None or known.ambiguous:
        raise Refusal("answer_never_for_kind", kind[:64])


def check_case_reference(text: str) -> None:
    """Both: a reference of a case is there, can be shown, and holds, for all one can see, no BSN."""
    if not text:
        raise Refusal("case_reference_missing")
    if len(text) > CASE_REFERENCE_CHARACTERS or not text.isprintable() or text != text.strip():
        raise Refusal("case_reference_invalid", f"{len(text)} characters")
    if bsn.holds_bsn(text):
        raise Refusal("case_reference_is_identifier")


def check_names(names: Sequence[str], agreed: Collection[str]) -> None:
    """Both: at least one attribute is asked for, none twice, and each is agreed. Refusal("attribute_not_agreed")."""
    if not names or len(set(names)) != len(names):
        raise Refusal("attribute_not_agreed", "none is named, or one twice")
    for name in names:
        if name not in agreed:
            raise Refusal("attribute_not_agreed", name[:ATTRIBUTE_CHARACTERS])


def results_root(entries: Iterable[DisclosedEntry]) -> bytes:
    """SHA-256 over the deterministic serialisations of all entries, in order, 32 bytes."""
    digest = hashlib.sha256()
    for entry in entries:
        digest.update(entry.SerializeToString(deterministic=True))
    return digest.digest()


def check_entry(entry: DisclosedEntry, names: Collection[str]) -> None:
    """Requester: an entry says one thing only, and tells no more than was asked. Refusal("disclosure_invalid").

    A record of which none of the attributes is known is told without any: its person is known all the same.
    """
    if len(entry.records) > DISCLOSED_RECORDS:
        raise Refusal("disclosure_invalid", f"{len(entry.records)} records of one person")
    if entry.status == DISCLOSURE_STATUS_DISCLOSED:
        if not entry.records:
            raise Refusal("disclosure_invalid", "disclosed, without a record")
    elif entry.status not in _EMPTY_HANDED or entry.records:
        raise Refusal("disclosure_invalid", f"status {entry.status} with {len(entry.records)} records")
    for record in entry.records:
        if len(record.attributes) > len(names):
            raise Refusal("disclosure_invalid", "more attributes than were asked for")
        told = [attribute.name for attribute in record.attributes]
        if told != sorted(set(told)):
            raise Refusal("disclosure_invalid", "attributes out of order, or one twice")
        if not set(told) <= set(names):
            raise Refusal("disclosure_invalid", "an attribute that was not asked for")
        if any(len(attribute.value) > ATTRIBUTE_CHARACTERS for attribute in record.attributes):
            raise Refusal("disclosure_invalid", "a value that is too long")
