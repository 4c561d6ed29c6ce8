"""What a requester remembers within an epoch: pinned keys, its own clients' marks (sealed), the providers' tag sets."""

import os
from collections.abc import Callable, Container
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, delete, func, insert, select

from linkage_node._generated.linkage.v1.order_pb2 import EpochKey, Signed
from linkage_node.errors import Refusal
from linkage_node.limits import OWN_TAGS_PACKS
from linkage_node.pseudonyms.epoch_keys import KeyLabel
from linkage_node.pseudonyms.sealing import NONCE_BYTES, Sealer
from linkage_node.pseudonyms.tags import MARK
from linkage_node.register.root import element_ids_of
from linkage_node.storage import Database
from linkage_node.storage.tables import own_tags, peer_tag_set, pinned_key, removed_element


class PinnedKey(NamedTuple):
    """The provider's public key of one epoch, as first seen. Times in milliseconds since 1970-01-01 UTC."""

    public_key: bytes
    starts_at: int
    ends_at: int


class HeldTagSet(NamedTuple):
    """A provider's tag set as this node holds it; version 0 is none yet."""

    version: int
    tags: bytes  # packed, sorted
    digest: bytes  # SHA-256 over it


class OwnTags(NamedTuple):
    """Tags and claim tokens of the own register's elements, aligned, shape (n,) each."""

    ids: np.ndarray  # int64
    marks: np.ndarray  # MARK


NO_TAG_SET = HeldTagSet(0, b"", b"")
NO_TAGS = OwnTags(np.zeros(0, "<i8"), np.zeros(0, MARK))


class Memory:
    """Keeps and gives back what was learnt in an epoch; `forget_ended` drops what is over."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._held: dict[KeyLabel, HeldTagSet] = {}

    def key(self, label: KeyLabel) -> PinnedKey | None:
        """The pinned key, if there is one."""
        with self._database.read() as connection:
            row = connection.execute(
                select(pinned_key.c.public_key, pinned_key.c.starts_at, pinned_key.c.ends_at).filter_by(
                    **_where(label)
                )
            ).first()
        return PinnedKey(*row) if row else None

    def pin(self, label: KeyLabel, key: EpochKey, statement: Signed) -> PinnedKey:
        """Pin the key of a checked statement; Refusal("key_changed") if another one is pinned for this epoch."""
        with self._database.write() as connection:
            pinned = connection.execute(select(pinned_key.c.public_key).filter_by(**_where(label))).scalar()
            if pinned is None:
                connection.execute(
                    insert(pinned_key).values(
                        **_where(label),
                        public_key=key.public_key,
                        statement=statement.SerializeToString(),
                        starts_at=key.starts_at_ms,
                        ends_at=key.ends_at_ms,
                    )
                )
            elif pinned != key.public_key:
                raise Refusal("key_changed", f"epoch {label.epoch}")
        return PinnedKey(key.public_key, key.starts_at_ms, key.ends_at_ms)

    def own(self, label: KeyLabel) -> OwnTags:
        """All remembered marks of own elements, sorted by element id, each id once."""
        with self._database.read() as connection:
            packs = connection.execute(
                select(own_tags.c.pack, own_tags.c.sealed)
                .filter_by(**_where(label))
                .order_by(own_tags.c.pack)
            ).all()
        parts = [_unpack(self._sealer.open(pack.sealed, *_context(label, pack.pack))) for pack in packs]
        ids = np.concatenate([NO_TAGS.ids, *(part.ids for part in parts)])
        marks = np.concatenate([NO_TAGS.marks, *(part.marks for part in parts)])
        if (ids[1:] > ids[:-1]).all():
            return OwnTags(ids, marks)
        _, first = np.unique(ids, return_index=True)
        return OwnTags(ids[first], marks[first])

    def remember(self, label: KeyLabel, ids: np.ndarray, marks: np.ndarray) -> None:
        """Add marks of own elements, durably, so that a query that breaks off does not ask for them again."""
        with self._database.write() as connection:
            last = connection.execute(select(func.max(own_tags.c.pack)).filter_by(**_where(label))).scalar()
            self._put(connection, label, 0 if last is None else last + 1, OwnTags(ids, marks))
        if last is not None and last + 1 >= OWN_TAGS_PACKS:
            self._rewrite(label, lambda known: known)

    def forget_removed(self) -> None:
        """Drop the remembered marks of elements that were removed from the register, in every epoch."""
        with self._database.read() as connection:
            removed = connection.scalars(select(removed_element.c.element_id)).all()
            labels = connection.execute(
                select(own_tags.c.agreement_hash, own_tags.c.kind, own_tags.c.epoch).distinct()
            ).all()
        if not removed:
            return
        for agreement_hash, kind, epoch in labels:
            label = KeyLabel("", "", agreement_hash, "", kind, epoch)
            present = element_ids_of(self._database, kind)

            def still_there(known: OwnTags, present: np.ndarray = present) -> OwnTags:
                stay = np.isin(known.ids, present)
                return OwnTags(known.ids[stay], known.marks[stay])

            self._rewrite(label, still_there)
        with self._database.write() as connection:
            connection.execute(delete(removed_element).where(removed_element.c.element_id <= max(removed)))
            self._database.owe_scrub(connection, own_tags.name)

    def _rewrite(self, label: KeyLabel, change: Callable[[OwnTags], OwnTags]) -> None:
        with self._database.write() as connection:  # nobody adds a pack between reading and writing
            known = change(self.own(label))
            connection.execute(delete(own_tags).filter_by(**_where(label)))
            self._put(connection, label, 0, known)

    def _put(self, connection: Connection, label: KeyLabel, pack: int, known: OwnTags) -> None:
        plain = known.ids.astype("<i8").tobytes() + known.marks.tobytes()
        sealed = self._sealer.seal(plain, os.urandom(NONCE_BYTES), *_context(label, pack))
        connection.execute(insert(own_tags).values(**_where(label), pack=pack, sealed=sealed))

    def tag_set(self, label: KeyLabel) -> HeldTagSet:
        """The provider's set of this epoch, or none."""
        with self._database.read() as connection:
            stands = select(peer_tag_set.c.version, peer_tag_set.c.digest).filter_by(**_where(label))
            state = connection.execute(stands).first()
            if state is None:
                return NO_TAG_SET
            cached = self._held.get(label)
            if cached is None or (cached.version, cached.digest) != (state.version, state.digest):
                columns = peer_tag_set.c.version, peer_tag_set.c.tags, peer_tag_set.c.digest
                cached = HeldTagSet(*connection.execute(select(*columns).filter_by(**_where(label))).one())
                self._held = {label: cached}  # the one in use; a whole set can be large
        return cached

    def hold(self, label: KeyLabel, held: HeldTagSet) -> None:
        """Keep the provider's set in place of an older one, of this epoch or one before."""
        where = _where(label)
        with self._database.write() as connection:
            connection.execute(
                delete(peer_tag_set).filter_by(agreement_hash=label.agreement_hash, kind=label.kind)
            )
            connection.execute(insert(peer_tag_set).values(**where, **held._asdict()))

    def forget(self, agreements: Container[bytes]) -> None:
        """Drop from memory the sets under these agreements, by content hash; the database's part is destroyed."""
        self._held = {
            label: one for label, one in self._held.items() if label.agreement_hash not in agreements
        }

    def forget_ended(self, now_ms: int) -> None:
        """Drop tags and tag sets of epochs that are over; the pinned keys stay as long, as evidence does."""
        with self._database.write() as connection:
            for key in connection.execute(select(pinned_key).where(pinned_key.c.ends_at <= now_ms)):
                where = {"agreement_hash": key.agreement_hash, "kind": key.kind, "epoch": key.epoch}
                for table in (own_tags, peer_tag_set):
                    if connection.execute(delete(table).filter_by(**where)).rowcount:
                        self._database.owe_scrub(connection, table.name)


def _where(label: KeyLabel) -> dict[str, object]:
    return {"agreement_hash": label.agreement_hash, "kind": label.kind, "epoch": label.epoch}


def _context(label: KeyLabel, pack: int) -> tuple[str | bytes, ...]:
    return ("own-tags", label.agreement_hash, label.kind, str(label.epoch), str(pack))


def _unpack(plain: bytes) -> OwnTags:
    count = len(plain) // (8 + MARK.itemsize)
    return OwnTags(np.frombuffer(plain, "<i8", count), np.frombuffer(plain, MARK, count, count * 8))
