"""The provider's epochs: a random seed for each, sealed, made when first asked for and destroyed when it is over."""

import os
import threading
from collections.abc import Container
from typing import NamedTuple

from sqlalchemy import delete, insert, select, update

from linkage_node.agreements import Agreement, content_hash
from linkage_node.errors import StorageError
from linkage_node.pseudonyms.epoch_keys import EpochSecret, KeyLabel, derive_epoch_secret
from linkage_node.pseudonyms.oprf import SEED_BYTES
from linkage_node.pseudonyms.sealing import NONCE_BYTES, Sealer
from linkage_node.storage import Database
from linkage_node.storage.tables import epoch_seed, tag_set, token_use


class Epoch(NamedTuple):
    """One running epoch of one agreement and kind. Times in milliseconds since 1970-01-01 UTC."""

    label: KeyLabel
    secret: EpochSecret
    starts_at: int
    ends_at: int


class Epochs:
    """Makes, remembers and destroys the keys of epochs."""

    def __init__(self, database: Database, sealer: Sealer, register_scalar: bytes) -> None:
        self._database = database
        self._sealer = sealer
        self._scalar = register_scalar
        self._running: dict[KeyLabel, Epoch] = {}
        self._lock = threading.Lock()

    def current(self, agreement: Agreement, kind: str, now_ms: int) -> Epoch:
        """The running epoch; Refusal outside the agreement's dates, StorageError when its seed was destroyed."""
        number = agreement.epoch_at(now_ms)
        label = KeyLabel(
            agreement.provider.oin,
            agreement.requester.oin,
            content_hash(agreement),
            agreement.purpose,
            kind,
            number,
        )
        with self._lock:
            if label not in self._running:
                starts_at, ends_at = agreement.epoch_bounds(number)
                seed = self._seed(label, ends_at)
                self._running[label] = Epoch(
                    label, derive_epoch_secret(seed, label, self._scalar), starts_at, ends_at
                )
            return self._running[label]

    def _seed(self, label: KeyLabel, ends_at: int) -> bytes:
        key = {"agreement_hash": label.agreement_hash, "epoch": label.epoch}
        context = ("epoch-seed", label.agreement_hash, str(label.epoch))
        with self._database.write() as connection:
            row = connection.execute(select(epoch_seed.c.sealed).filter_by(**key)).first()
            if row is None:
                seed = os.urandom(SEED_BYTES)
                sealed = self._sealer.seal(seed, os.urandom(NONCE_BYTES), *context)
                connection.execute(insert(epoch_seed).values(**key, sealed=sealed, ends_at=ends_at))
                return seed
        if row.sealed is None:
            raise StorageError("seed_destroyed", f"epoch {label.epoch}")
        return self._sealer.open(row.sealed, *context)

    def forget(self, agreements: Container[bytes]) -> None:
        """Drop from memory the keys under these agreements, by content hash; the database's part is destroyed."""
        with self._lock:
            kept = self._running.items()
            self._running = {one: epoch for one, epoch in kept if one.agreement_hash not in agreements}

    def destroy_ended(self, now_ms: int) -> int:
        """Destroy the seeds, tag sets and counted tokens of epochs that are over; how many seeds that were."""
        with self._lock:
            self._running = {label: epoch for label, epoch in self._running.items() if epoch.ends_at > now_ms}
        with self._database.read() as connection:
            ended = connection.execute(
                select(epoch_seed.c.agreement_hash, epoch_seed.c.epoch).where(
                    epoch_seed.c.ends_at <= now_ms, epoch_seed.c.sealed.is_not(None)
                )
            ).all()
        if not ended:
            return 0
        with self._database.write() as connection:
            for agreement_hash, number in ended:
                key = {"agreement_hash": agreement_hash, "epoch": number}
                connection.execute(update(epoch_seed).filter_by(**key).values(sealed=None))
                connection.execute(delete(tag_set).filter_by(**key))
                connection.execute(delete(token_use).filter_by(**key))
            self._database.owe_scrub(connection, epoch_seed.name, tag_set.name, token_use.name)
        self._database.scrub()
        return len(ended)
