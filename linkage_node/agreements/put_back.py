"""Rejections and revocations that are in the evidence and went from the signatures are put back: one deleted row would
bring an ended agreement into force again."""

import threading
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Connection, insert, select

from linkage_node.agreements.signatures import Signature, check_signer, read
from linkage_node.agreements.signing import EVENTS
from linkage_node.errors import Refusal, StorageError
from linkage_node.evidence import EvidenceLog
from linkage_node.evidence.chain import Record
from linkage_node.evidence.log import read as content_of
from linkage_node.storage import Database
from linkage_node.storage.tables import agreement_signature

_log = structlog.get_logger()
_FINAL = frozenset(event for kind, event in EVENTS.items() if kind != "accept")
_MARKS = tuple(
    f'"event":"{event}"'.encode() for event in _FINAL
)  # as JCS writes it: most records need no parsing
_Key = tuple[bytes, str, str]  # content hash, OIN, type


class PutBack:
    """Looks at each record of the evidence once, and every time whether what it found is still kept.

    A signature must hold, and be that of `oin`, this node, or of the partner that its record names. Its CA need not be
    trusted any more, as with what is kept: a revocation outlives its certificate.
    """

    def __init__(self, database: Database, evidence: EvidenceLog, oin: str) -> None:
        self._database, self._evidence, self._oin = database, evidence, oin
        self._lock = threading.Lock()
        self._walked: Record | None = None  # up to here the evidence was looked at
        self._found: dict[_Key, tuple[Signature, int]] = {}  # and when it came in, milliseconds

    def run(self) -> int:
        """Put back what is missing; how many. StorageError("evidence_broken"): what ended may be missing from it.

        Also then what was found is put back: each signature stands by itself.
        """
        with self._lock:
            try:
                self._walked = self._evidence.walk(self._walked, self._look_at)
            finally:
                put_back = self._put_back()
        return put_back

    def _put_back(self) -> int:
        with self._database.read() as connection:
            if self._found.keys() <= _kept(connection):
                return 0
        with self._database.write() as connection:
            missing = sorted(self._found.keys() - _kept(connection))
            for key in missing:
                connection.execute(insert(agreement_signature).values(self._row(key)))
        for content, oin, kind in missing:
            _log.warning("signature put back from the evidence", agreement=content.hex(), oin=oin, type=kind)
        return len(missing)

    def _look_at(self, record: Record) -> None:
        if not any(mark in record.body for mark in _MARKS):
            return
        try:
            said = content_of(record)
            if said["event"] not in _FINAL:
                return
            content, text = bytes.fromhex(said["agreement_hash"]), said["jws"]
            parties, at = frozenset({self._oin, said["peer"]}), datetime.fromisoformat(said["at"])
        except (ValueError, KeyError, TypeError):
            raise StorageError("evidence_broken", f"record {record.seq} cannot be read") from None
        try:
            signature = read(text, content)
            check_signer(signature, parties)
        except Refusal as refusal:
            _log.warning("a signature in the evidence does not hold", record=record.seq, code=refusal.code)
            return
        if signature.type != "accept":
            key = (content, signature.oin, signature.type)
            self._found.setdefault(key, (signature, round(at.timestamp() * 1000)))

    def _row(self, key: _Key) -> dict[str, Any]:
        content, oin, kind = key
        signature, at = self._found[key]
        return {"agreement_hash": content, "oin": oin, "type": kind, "jws": signature.text, "received_at": at}


def _kept(connection: Connection) -> set[_Key]:
    table = agreement_signature
    rows = connection.execute(
        select(table.c.agreement_hash, table.c.oin, table.c.type).where(table.c.type != "accept")
    )
    return {(bytes(row.agreement_hash), row.oin, row.type) for row in rows}
