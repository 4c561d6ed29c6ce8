"""The policies that were put into force: kept in the database with their signatures, each activation in the evidence.

The sequence number of what is in force only goes up. The evidence tells of every activation, so that an older row that
is put back as the newest, or a newer one that is taken away, is seen as such.
"""

import json
from collections.abc import Callable, Sequence
from hashlib import sha256
from threading import Lock
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select

from linkage_node import jws
from linkage_node.config import Officer
from linkage_node.errors import InputError, LinkageError, Refusal
from linkage_node.evidence import EvidenceLog
from linkage_node.evidence.chain import Record
from linkage_node.evidence.log import read
from linkage_node.policy import approval
from linkage_node.policy.approval import Approval, Said
from linkage_node.policy.archive import Bundle, read_bundle
from linkage_node.policy.loading import load
from linkage_node.policy.own_cases import check_own_cases
from linkage_node.storage import Database
from linkage_node.storage.tables import policy_activation

ACTIVATED, REFUSED = "policy_activated", "policy_refused"
Version = tuple[int, str, int]  # sequence, revision, activated_at


class Activation(NamedTuple):
    """One policy that was put into force."""

    sequence: int
    revision: str
    activated_at: int  # milliseconds since 1970-01-01 UTC
    officers: list[str]  # as their signatures say; verified when it was activated


class Activations:
    """The activations of the node of organisation `oin`. Safe to share by threads."""

    def __init__(
        self, database: Database, oin: str, officers: Sequence[Officer], evidence: Callable[[], EvidenceLog]
    ) -> None:
        self._database, self._oin, self._officers, self._evidence = database, oin, officers, evidence
        self._lock = Lock()
        self._walked: Record | None = None  # up to here the evidence was looked at
        self._told: list[dict[str, Any]] = []  # what it tells of activations, in order

    def version(self) -> Version | None:
        """What is in force, told quickly; None if nothing is."""
        with self._database.read() as connection:
            row = connection.execute(_NEWEST).one_or_none()
        return (row.sequence, row.revision, row.activated_at) if row else None

    def next_sequence(self) -> int:
        """The number of the next policy: above all that were in force, also of rows that are gone."""
        return self._highest() + 1

    def check_next(self, sequence: int) -> None:
        """The number of a policy that may come; Refusal("policy_older", "policy_ahead")."""
        highest = self._highest()
        approval.check_newer(sequence, highest)
        approval.check_near(sequence, highest)

    def _approvals(
        self, content: bytes, signatures: Sequence[str], now_ms: int
    ) -> tuple[Said, list[Approval]]:
        """What enough officers say of a policy for this node that nobody has read yet; Refusal as `approval` tells."""
        approvals = approval.verified(signatures, self._officers, now_ms // 1000)
        approval.check_enough(approvals)
        said = approvals[0].said._replace(bundle_sha256=sha256(content).hexdigest(), oin=self._oin)
        approval.check_said(approvals, said)
        return said, approvals

    def activate(
        self, content: bytes, signatures: Sequence[str], now_ms: int
    ) -> tuple[Bundle, list[Approval]]:
        """Put a policy into force: what it is, and who approved. A refusal is put into the evidence, and raised."""
        said = None
        try:
            said, approvals = self._approvals(content, signatures, now_ms)
            approval.check_recent(approvals, now_ms // 1000)
            self.check_next(said.sequence)
            bundle = _read(content, said)
            load(bundle)
            check_own_cases(bundle)
            self._keep(bundle, signatures, approvals, now_ms)
        except (Refusal, InputError) as error:
            self.record_refusal(error, now_ms, said.sequence if said else 0)
            raise
        return bundle, approvals

    def _keep(
        self, bundle: Bundle, signatures: Sequence[str], approvals: Sequence[Approval], now_ms: int
    ) -> None:
        with self._database.write() as connection:
            highest = connection.scalar(select(func.max(policy_activation.c.sequence)))
            approval.check_newer(bundle.sequence, highest or 0)  # another command may have been faster
            record = self._evidence().append(
                connection,
                event=ACTIVATED,
                role="officers",
                at_ms=now_ms,
                sequence=bundle.sequence,
                revision=bundle.revision,
                bundle_sha256=bundle.sha256,
                officers=[one.officer for one in approvals],
                officer_keys=[
                    one.key for one in approvals
                ],  # whoever has a name in node.yaml, the key is his
                signatures=list(signatures),
            )
            connection.execute(
                insert(policy_activation).values(
                    sequence=bundle.sequence,
                    revision=bundle.revision,
                    bundle=bundle.content,
                    signatures="\n".join(signatures),
                    activated_at=now_ms,
                    evidence_seq=record.seq,
                )
            )

    def record_refusal(self, error: LinkageError, now_ms: int, sequence: int) -> None:
        """Put into the evidence that a policy was refused; `sequence` is 0 if nobody can tell which."""
        self._evidence().write(
            event=REFUSED,
            role="officers",
            at_ms=now_ms,
            sequence=sequence,
            reasons=[error.code],
            detail=error.detail[:500],
        )

    def newest(self, seen: int, now_ms: int) -> tuple[Version, Bundle]:
        """What is in force, verified anew; `seen` is the highest sequence number that this process knows of.

        Refusal: "policy_not_activated" if nothing is, "policy_older" if something newer was, "policy_tampered" for a
        row that is not the one that was activated, and as the signatures' checks in `activate`. Nothing of a policy is
        read before all these. StorageError("evidence_broken"): then nobody can tell whether it is the newest.
        """
        with self._database.read() as connection:
            row = connection.execute(_WHOLE).one_or_none()
        if row is None:
            raise Refusal("policy_not_activated")
        content = bytes(row.bundle)
        said, _ = self._approvals(content, row.signatures.splitlines(), now_ms)
        if (row.sequence, row.revision) != (said.sequence, said.revision):
            raise Refusal("policy_tampered", f"the stored policy {row.sequence} is another one")
        told = self._evidenced()
        own = {"sequence": said.sequence, "bundle_sha256": said.bundle_sha256, "seq": row.evidence_seq}
        if not any(own.items() <= one.items() for one in told):
            raise Refusal(
                "policy_tampered", f"the evidence does not tell of the stored policy {row.sequence}"
            )
        highest = max(seen, *(one["sequence"] for one in told))
        if said.sequence < highest:
            raise Refusal("policy_older", f"{highest} was in force, and {said.sequence} stands in its place")
        return (row.sequence, row.revision, row.activated_at), _read(content, said)

    def history(self) -> list[Activation]:
        """All activations, the first one first."""
        with self._database.read() as connection:
            rows = connection.execute(_HISTORY).all()
        return [
            Activation(row.sequence, row.revision, row.activated_at, _signers(row.signatures)) for row in rows
        ]

    def stored(self, sequence: int) -> bytes:
        """The file of a policy that was in force; Refusal("policy_number_unknown")."""
        with self._database.read() as connection:
            content = connection.scalar(select(policy_activation.c.bundle).filter_by(sequence=sequence))
        if content is None:
            raise Refusal("policy_number_unknown", f"there was none with sequence number {sequence}")
        return bytes(content)

    def _highest(self) -> int:
        with self._database.read() as connection:
            kept: int | None = connection.scalar(select(func.max(policy_activation.c.sequence)))
        return max([kept or 0, *(int(one["sequence"]) for one in self._evidenced())])

    def _evidenced(self) -> list[dict[str, Any]]:
        """What the evidence, verified up to its signed head, tells of activations: an edited record hides none.

        Records of questions are not even parsed.
        """
        mark, new = json.dumps(ACTIVATED).encode(), list[Record]()

        def look(record: Record) -> None:
            if mark in record.body:
                new.append(record)

        with self._lock:
            self._walked = self._evidence().walk(self._walked, look)
            self._told += [told for told in map(read, new) if told["event"] == ACTIVATED]
            return list(self._told)


_table = policy_activation.c
_NEWEST = (
    select(_table.sequence, _table.revision, _table.activated_at).order_by(_table.sequence.desc()).limit(1)
)
_WHOLE = select(policy_activation).order_by(_table.sequence.desc()).limit(1)
_HISTORY = select(_table.sequence, _table.revision, _table.activated_at, _table.signatures).order_by(
    _table.sequence
)


def _read(content: bytes, said: Said) -> Bundle:
    """The policy, once officers' signatures over the file hold, and if it is what they say."""
    bundle = read_bundle(content)
    if Said.of(bundle) != said:
        raise Refusal("policy_tampered", "its signatures say something else of it than it says itself")
    return bundle


def _signers(signatures: str) -> list[str]:
    return [str(jws.header_of(one).get("kid")) for one in signatures.splitlines()]
