"""The chain itself, without I/O: hash = SHA-256(previous hash || body), body in JCS form (RFC 8785)."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import rfc8785

from linkage_node.errors import StorageError

GENESIS = bytes(32)  # stands before the first record


class Record(NamedTuple):
    """One record as it is kept."""

    seq: int
    body: bytes
    hash: bytes


def link(previous: Record | None, content: dict[str, Any]) -> Record:
    """The record that follows `previous`; its number is written into the body."""
    seq = previous.seq + 1 if previous else 1
    body = rfc8785.dumps({**content, "seq": seq})
    return Record(seq, body, _hash(previous.hash if previous else GENESIS, body))


def _hash(previous: bytes, body: bytes) -> bytes:
    return hashlib.sha256(previous + body).digest()


def linked(records: Iterable[Record], last: Record | None = None) -> Iterator[Record]:
    """The records that follow `last`, each once its number and its hash are found to follow from the one before.

    StorageError("evidence_broken") names the first record that was changed, removed or added.
    """
    for record in records:
        expected = last.seq + 1 if last else 1
        if record.seq != expected:
            raise StorageError(
                "evidence_broken", f"record {expected} is missing; {record.seq} stands in its place"
            )
        if record.hash != _hash(last.hash if last else GENESIS, record.body):
            raise StorageError("evidence_broken", f"record {record.seq} was changed, or the one before it")
        yield record
        last = record


def verify(records: Iterable[Record], each: Callable[[Record], None] = lambda _record: None) -> Record | None:
    """The last record of an unbroken chain (None of an empty one); `each` is called with every good record.

    StorageError("evidence_broken") as `linked`, and for a record that was moved.
    """
    last: Record | None = None
    for record in linked(records):
        if _seq(record.body) != record.seq:
            raise StorageError("evidence_broken", f"record {record.seq} was moved")
        each(record)
        last = record
    return last


def _seq(body: bytes) -> object:
    """The number that a body states; None if it is no record's body."""
    try:
        return json.loads(body)["seq"]
    except (ValueError, TypeError, KeyError):
        return None
