"""The provider's tag sets at rest: built once an epoch, moved on by constant deltas on the agreement's schedule.

Where claim tokens will be shown, the hash of each tag's token stands beside it.
"""

import os
import threading
from collections.abc import Container
from concurrent.futures import Executor
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import Row

from linkage_node.agreements import Agreement
from linkage_node.answering.epochs import Epoch
from linkage_node.clock import HOUR_MS
from linkage_node.errors import Refusal, StorageError
from linkage_node.limits import ELEMENT_BYTES, TAG_BYTES
from linkage_node.matching import hit
from linkage_node.matching.disclosure import HASH_BYTES, token_hashes
from linkage_node.matching.tag_set import (
    Delta,
    Padding,
    apply_delta,
    as_array,
    digest,
    dummies_needed,
    find,
)
from linkage_node.pseudonyms.epoch_keys import KeyLabel
from linkage_node.pseudonyms.sealing import NONCE_BYTES, Sealer
from linkage_node.pseudonyms.tags import MARK
from linkage_node.register.root import present_ids
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database
from linkage_node.storage.tables import element, epoch_seed, tag_delta, tag_set

NOBODY = 0  # in the place of an element's id, which are counted from 1: a dummy's, or an unknown token's


class TagSet(NamedTuple):
    """A version of a tag set."""

    id: int
    version: int
    tags: bytes  # packed, sorted
    digest: bytes  # SHA-256 over the whole set
    next_delta_at: int
    ends_at: int  # of the epoch


class _Marked(NamedTuple):
    """Some of the register's elements, in their order."""

    tags: bytes  # packed
    hashes: bytes  # of their tokens, packed; empty where none is kept


class _Owners(NamedTuple):
    """Whose token each is: the hashes sorted, and the elements' ids beside them."""

    tag_set_id: int
    version: int
    hashes: np.ndarray  # S32, shape (n,)
    ids: np.ndarray  # int64, shape (n,)


def keeps_tokens(agreement: Agreement) -> bool:
    """Whether claim tokens will be shown under this agreement: to be told attributes, or to report hits."""
    return agreement.receipts or "attributes" in agreement.answers


def padding_of(agreement: Agreement) -> Padding:
    """How the agreement pads its sets."""
    return Padding(agreement.tag_set.bucket, agreement.tag_set.changes, agreement.ticks_per_epoch)


class TagSets:
    """Builds, moves on and hands out tag sets."""

    def __init__(
        self, database: Database, sealer: Sealer, register: RegisterStore, executor: Executor
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._register = register
        self._executor = executor
        self._cached: dict[KeyLabel, TagSet] = {}
        self._owners: dict[KeyLabel, _Owners] = {}  # of the set in use; a whole one can be large
        self._building = threading.Lock()  # the arithmetic is the same for all; one at a time

    def current(self, agreement: Agreement, epoch: Epoch, now_ms: int) -> TagSet:
        """The set as it stands at `now_ms`: built if it was not there, moved on by every delta that is due."""
        state = self._state(epoch)
        if state is None or state.next_delta_at <= now_ms:
            with self._building:
                if self._state(epoch) is None:
                    self._build(agreement, epoch, now_ms)
                state = self._state(epoch)
                while state is not None and state.next_delta_at <= now_ms < epoch.ends_at:
                    self._advance(agreement, epoch)
                    state = self._state(epoch)
        if state is None:
            raise StorageError("seed_destroyed", f"epoch {epoch.label.epoch}")  # it ended meanwhile
        cached = self._cached.get(epoch.label)
        if cached is None or (cached.id, cached.version) != (state.id, state.version):
            row = self._row(epoch)
            cached = TagSet(row.id, row.version, row.tags, digest(row.tags), row.next_delta_at, epoch.ends_at)
            self._cached = {**self._cached, epoch.label: cached}
        return cached

    def forget_ended(self, now_ms: int) -> None:
        """Drop from memory what is of epochs that are over; the database's part goes with their seeds."""
        self._cached = {label: one for label, one in self._cached.items() if one.ends_at > now_ms}
        self._owners = {label: one for label, one in self._owners.items() if label in self._cached}

    def forget(self, agreements: Container[bytes]) -> None:
        """Drop from memory the sets under these agreements, by content hash; the database's part is destroyed."""
        self._cached = {
            one: kept for one, kept in self._cached.items() if one.agreement_hash not in agreements
        }
        self._owners = {label: one for label, one in self._owners.items() if label in self._cached}

    def owners(self, epoch: Epoch, hashes: bytes) -> np.ndarray:
        """Whose claim tokens have these packed hashes: ids of elements, shape (n,), NOBODY for an unknown one.

        The id says nothing about whether the element is still in the register. Refusal("answer_not_agreed") under an
        agreement that keeps no tokens.
        """
        state = self._state(epoch)
        if state is None:
            raise StorageError("seed_destroyed", f"epoch {epoch.label.epoch}")
        known = self._owners.get(epoch.label)
        if known is None or (known.tag_set_id, known.version) != (state.id, state.version):
            row = self._row(epoch)
            if row.token_hashes is None:
                raise Refusal("answer_not_agreed", "no claim tokens under this agreement")
            unsorted = _as_hashes(row.token_hashes)
            order = np.argsort(unsorted)
            known = _Owners(row.id, row.version, unsorted[order], self._open(epoch, row.element_ids)[order])
            self._owners = {epoch.label: known}
        wanted = _as_hashes(hashes)
        at = np.minimum(np.searchsorted(known.hashes, wanted), len(known.hashes) - 1)
        return np.where(known.hashes[at] == wanted, known.ids[at], NOBODY)

    def deltas(self, tag_set_id: int, after: int) -> list[tuple[int, Delta]]:
        """The deltas that lead from version `after` to the current one, with the version each leads to."""
        with self._database.read() as connection:
            rows = connection.execute(
                select(tag_delta.c.version, tag_delta.c.additions, tag_delta.c.removals)
                .where(tag_delta.c.tag_set_id == tag_set_id, tag_delta.c.version > after)
                .order_by(tag_delta.c.version)
            )
            return [(version, Delta(additions, removals)) for version, additions, removals in rows]

    def _state(self, epoch: Epoch) -> "Row[int, int, int] | None":
        """What is needed to know whether the set is there and of now; the set itself can be large."""
        columns = select(tag_set.c.id, tag_set.c.version, tag_set.c.next_delta_at)
        with self._database.read() as connection:
            return connection.execute(columns.filter_by(**_where(epoch))).first()

    def _row(self, epoch: Epoch) -> "Row[*tuple[Any, ...]]":
        with self._database.read() as connection:
            return connection.execute(select(tag_set).filter_by(**_where(epoch))).one()

    def _build(self, agreement: Agreement, epoch: Epoch, now_ms: int) -> None:
        tags, hashes, ids = bytearray(), bytearray(), [np.zeros(0, dtype="<i8")]
        for chunk_ids, elements in self._register.distinct_elements(epoch.label.kind):
            chunk = self._marked(agreement, epoch, elements)
            tags += chunk.tags
            hashes += chunk.hashes
            ids.append(chunk_ids.astype("<i8"))
        real = np.concatenate(ids)
        dummies = dummies_needed(len(real), padding_of(agreement))
        packed = as_array(bytes(tags) + _fresh(dummies))
        order = np.argsort(packed, kind="stable")
        beside = _hashes(bytes(hashes), dummies)[order].tobytes() if keeps_tokens(agreement) else None
        interval = agreement.tag_set.every_hours * HOUR_MS
        elapsed = (now_ms - epoch.starts_at) // interval
        with self._database.write() as connection:
            if connection.execute(select(tag_set.c.id).filter_by(**_where(epoch))).first():
                return  # another process was first
            seed = select(epoch_seed.c.sealed).filter_by(
                agreement_hash=epoch.label.agreement_hash, epoch=epoch.label.epoch
            )
            if connection.execute(seed).scalar() is None:
                raise StorageError("seed_destroyed", f"epoch {epoch.label.epoch}")  # it ended meanwhile
            connection.execute(
                insert(tag_set).values(
                    **_where(epoch),
                    version=1,
                    tags=packed[order].tobytes(),
                    token_hashes=beside,
                    element_ids=self._seal(epoch, np.append(real, np.zeros(dummies, dtype="<i8"))[order]),
                    last_element_id=int(real.max(initial=0)),
                    next_delta_at=epoch.starts_at + (elapsed + 1) * interval,
                )
            )

    def _advance(self, agreement: Agreement, epoch: Epoch) -> None:
        changes, row = agreement.tag_set.changes, self._row(epoch)
        owners = self._open(epoch, row.element_ids).copy()
        tags = as_array(row.tags)
        with self._database.read() as connection:
            present = present_ids(connection, epoch.label.kind)
            new_ids, new_elements = _arrived(connection, epoch.label.kind, row.last_element_id, changes)
        marked = self._marked(agreement, epoch, new_elements)
        arriving = as_array(marked.tags)
        # left and came back before the tag had gone: only the owner changes
        returned = find(row.tags, marked.tags)
        owners[np.searchsorted(tags, arriving[returned])] = new_ids[returned]
        real, real_ids = arriving[~returned], new_ids[~returned]
        # who leaves first, of too many, and which dummies leave, must not depend on their tags
        chance = np.random.default_rng(list(os.urandom(32)))
        leaving = chance.permutation(np.flatnonzero(~np.isin(owners, present) & (owners != NOBODY)))[:changes]
        retired = chance.choice(np.flatnonzero(owners == NOBODY), changes - len(leaving), replace=False)
        leaves = np.append(leaving, retired)
        joins = as_array(real.tobytes() + _fresh(changes - len(real)))
        order = np.argsort(joins, kind="stable")
        joins_ids = np.append(real_ids, np.zeros(len(joins) - len(real), dtype="<i8"))[order]
        delta = Delta(joins[order].tobytes(), np.sort(tags[leaves]).tobytes())
        at = np.searchsorted(np.delete(tags, leaves), joins[order])
        beside = None
        if row.token_hashes is not None:
            real_hashes = _as_hashes(marked.hashes)[~returned].tobytes()
            joins_hashes = _hashes(real_hashes, len(joins) - len(real))[order]
            beside = np.insert(np.delete(_as_hashes(row.token_hashes), leaves), at, joins_hashes).tobytes()
        interval = agreement.tag_set.every_hours * HOUR_MS
        with self._database.write() as connection:
            done = connection.execute(
                update(tag_set)
                .where(
                    tag_set.c.id == row.id, tag_set.c.version == row.version
                )  # else another process was first
                .values(
                    version=row.version + 1,
                    tags=apply_delta(row.tags, delta, changes),
                    token_hashes=beside,
                    element_ids=self._seal(epoch, np.insert(np.delete(owners, leaves), at, joins_ids)),
                    last_element_id=int(new_ids.max(initial=row.last_element_id)),
                    next_delta_at=row.next_delta_at + interval,
                )
            )
            if done.rowcount == 1:
                connection.execute(
                    insert(tag_delta).values(tag_set_id=row.id, version=row.version + 1, **delta._asdict())
                )

    def _marked(self, agreement: Agreement, epoch: Epoch, elements: bytes) -> "_Marked":
        if not keeps_tokens(agreement):
            return _Marked(hit.own_tags(epoch.secret, epoch.label, elements, self._executor), b"")
        marks = np.frombuffer(hit.own_marks(epoch.secret, epoch.label, elements, self._executor), dtype=MARK)
        return _Marked(marks["tag"].tobytes(), token_hashes(marks["token"].tobytes()))

    def _open(self, epoch: Epoch, sealed: bytes) -> np.ndarray:
        return np.frombuffer(self._sealer.open(sealed, *_context(epoch)), dtype="<i8")

    def _seal(self, epoch: Epoch, owners: np.ndarray) -> bytes:
        return self._sealer.seal(owners.astype("<i8").tobytes(), os.urandom(NONCE_BYTES), *_context(epoch))


def _fresh(count: int) -> bytes:
    return os.urandom(count * TAG_BYTES)


def _as_hashes(packed: bytes) -> np.ndarray:
    return np.frombuffer(packed, dtype=f"S{HASH_BYTES}")


def _hashes(real: bytes, dummies: int) -> np.ndarray:
    """Hashes of real tokens, and behind them what looks like hashes for so many dummies."""
    return _as_hashes(real + os.urandom(dummies * HASH_BYTES))


def _where(epoch: Epoch) -> dict[str, object]:
    label = epoch.label
    return {"agreement_hash": label.agreement_hash, "kind": label.kind, "epoch": label.epoch}


def _context(epoch: Epoch) -> tuple[str | bytes, ...]:
    return ("tag-set-owners", epoch.label.encode())


def _arrived(connection: Connection, kind: str, after: int, most: int) -> tuple[np.ndarray, bytes]:
    rows = connection.execute(
        select(element.c.id, element.c.element)
        .where(element.c.kind == kind, element.c.id > after)
        .order_by(element.c.id)
        .limit(most)
    ).all()
    packed = b"".join(row.element for row in rows)
    if len(packed) != len(rows) * ELEMENT_BYTES:
        raise AssertionError("stored elements have 32 bytes")
    return np.array([row.id for row in rows], dtype="<i8"), packed
