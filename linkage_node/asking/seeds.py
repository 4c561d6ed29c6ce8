"""Blinding seeds for the auditor: sealed to his key (HPKE, RFC 9180) where there is one, else under the node's own."""

import os
from base64 import b64decode

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from sqlalchemy import Connection, delete, insert

from linkage_node.clock import DAY_MS
from linkage_node.limits import BLINDING_SEED_DAYS
from linkage_node.pseudonyms.sealing import NONCE_BYTES, Sealer
from linkage_node.storage import Database
from linkage_node.storage.tables import blinding_seed

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class SeedKeeper:
    """Keeps seeds for the audit window and destroys them after it. `auditor_key` is an X25519 public key in base64."""

    def __init__(self, database: Database, sealer: Sealer, auditor_key: str | None) -> None:
        self._database = database
        self._sealer = sealer
        self._auditor = X25519PublicKey.from_public_bytes(b64decode(auditor_key)) if auditor_key else None

    def keep(
        self, connection: Connection, transaction_id: bytes, order_hash: bytes, seed: bytes, now_ms: int
    ) -> None:
        """Seal and keep the seed of one order, in the caller's transaction."""
        if self._auditor:
            sealed = SUITE.encrypt(seed, self._auditor, info=b"linkage-node blinding seed" + order_hash)
        else:
            sealed = self._sealer.seal(seed, os.urandom(NONCE_BYTES), "blinding-seed", order_hash)
        connection.execute(
            insert(blinding_seed).values(
                transaction_id=transaction_id,
                order_hash=order_hash,
                sealed=sealed,
                keep_until=now_ms + BLINDING_SEED_DAYS * DAY_MS,
            )
        )

    def destroy_old(self, now_ms: int) -> int:
        """Destroy seeds whose audit window is over; how many."""
        with self._database.write() as connection:
            gone = connection.execute(
                delete(blinding_seed).where(blinding_seed.c.keep_until <= now_ms)
            ).rowcount
            if gone:
                self._database.owe_scrub(connection, blinding_seed.name)
        if gone:
            self._database.scrub()
        return gone
