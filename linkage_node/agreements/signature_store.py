"""The signatures under a node's agreements, own and received: kept as they came, and verified again when read."""

from collections.abc import Hashable, Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from linkage_node.agreements.signatures import Signature, check_node, check_signer, check_trust, read
from linkage_node.agreements.standing import SignatureType, Status, status_of
from linkage_node.agreements.trust import Trust
from linkage_node.errors import LinkageError, Refusal
from linkage_node.limits import SIGNATURES_VERIFIED
from linkage_node.storage import Database
from linkage_node.storage.tables import agreement, agreement_signature

_signature = agreement_signature
# Made once: it runs twice for every question.
_STANDING = (
    select(agreement.c.id, _signature)
    .select_from(agreement.outerjoin(_signature, _signature.c.agreement_hash == agreement.c.hash))
    .where(agreement.c.hash == bindparam("content"))
    .order_by(_signature.c.id)
)


class Kept(NamedTuple):
    """A signature as it is kept. Times in milliseconds since 1970-01-01 UTC."""

    oin: str
    type: SignatureType
    received_at: int
    delivered_at: int | None  # own ones: when the partner's node took it
    signature: Signature | None  # None: it does not hold any more
    fault: str  # reason code: why not


class Standing(NamedTuple):
    """What the signatures under an agreement come to."""

    status: Status
    missing: tuple[str, ...]  # OINs of the parties whose approval is not there


class SignatureStore:
    """Keeps signatures. Without `trust` none of them holds. Safe to share by threads."""

    def __init__(self, database: Database, trust: Trust | None) -> None:
        self._database, self._trust = database, trust
        self._verified = lru_cache(maxsize=SIGNATURES_VERIFIED)(self._verify)

    def standing(self, content: bytes, parties: frozenset[str]) -> Standing:
        """What an agreement's signatures come to; Refusal("agreement_unknown") if the node has no such agreement.

        A rejection or revocation was verified when it came, and stands whatever became of its certificate.
        """
        with self._database.read() as connection:
            rows = connection.execute(_STANDING, {"content": content}).all()
        if not rows:
            raise Refusal("agreement_unknown", f"hash {content.hex()[:16]}")
        signed = [(row.oin, row.type) for row in rows if row.oin is not None and row.type != "accept"]
        for row in rows:
            if row.type == "accept" and isinstance(found := self._read(row, parties), Signature):
                signed.append((found.oin, found.type))
        accepted = {oin for oin, signature in signed if signature == "accept"}
        return Standing(status_of(signed, parties), tuple(sorted(parties - accepted)))

    def of(self, content: bytes, parties: frozenset[str]) -> list[Kept]:
        """All signatures under an agreement, in the order in which they came."""
        with self._database.read() as connection:
            return self._kept(connection, content, parties)

    def checked(self, text: str, content: bytes, signers: frozenset[str], seconds: int) -> Signature:
        """A signature that comes in now (`seconds` since 1970-01-01 UTC), verified in every respect.

        Refusal: what `read`, `check_signer`, `check_trust`, `Trust.check_not_revoked`, `NodeKeys.get` and `check_node`
        raise.
        """
        trust, signature = self._required_trust(), read(text, content)
        check_signer(signature, signers)
        check_trust(signature, trust, seconds)
        trust.check_not_revoked(signature.chain[0], seconds)
        check_node(signature, trust.nodes.get(signature.oin))
        return signature

    def is_new(self, connection: Connection, one: Signature, parties: frozenset[str]) -> bool:
        """Whether a checked signature says what was not said before, or does not hold any more.

        Refusal("signature_final") for an approval of what one of the parties rejected or revoked.
        """
        kept = self._kept(connection, one.content, parties)
        if one.type == "accept" and any(other.type != "accept" for other in kept):
            raise Refusal("signature_final")
        same = (other for other in kept if (other.oin, other.type) == (one.oin, one.type))
        return not any(other.signature or other.type != "accept" for other in same)

    def keep(self, connection: Connection, new: Signature, parties: frozenset[str], now_ms: int) -> bool:
        """Keep a checked signature, in the caller's transaction; False, or a Refusal, as `is_new` says."""
        if not self.is_new(connection, new, parties):
            return False
        mine = {"agreement_hash": new.content, "oin": new.oin, "type": new.type}
        connection.execute(delete(_signature).filter_by(**mine))  # one that does not hold any more
        connection.execute(insert(_signature).values(**mine, jws=new.text, received_at=now_ms))
        return True

    def undelivered(self, own_oin: str) -> dict[bytes, list[str]]:
        """By content hash: own signatures that the partner has not taken yet.

        Of what has ended only what ended it, also where the text was replaced or removed here.
        """
        mine = (
            select(_signature.c.agreement_hash, _signature.c.type, _signature.c.jws)
            .outerjoin(agreement, agreement.c.hash == _signature.c.agreement_hash)
            .where(_signature.c.oin == own_oin, _signature.c.delivered_at.is_(None))
            .where(or_(agreement.c.hash.is_not(None), _signature.c.type != "accept"))
            .order_by(_signature.c.type == "accept", _signature.c.id)  # an end before all approvals
        )
        with self._database.read() as connection:
            rows = connection.execute(mine).all()
            over = ended(connection)
        found: dict[bytes, list[str]] = {}
        for row in rows:
            if row.type != "accept" or row.agreement_hash not in over:
                found.setdefault(row.agreement_hash, []).append(row.jws)
        return found

    def for_partner(self, own_oin: str, content: bytes, parties: frozenset[str]) -> list[str]:
        """What the partner is told: the own approval, or of an agreement that has ended what ended it, whoever's word
        that was: a partner restored from a backup has forgotten its own."""
        kept = self.of(content, parties)
        over = any(one.type != "accept" for one in kept)
        told = (one for one in kept if (one.type != "accept" if over else one.oin == own_oin))
        return [one.signature.text for one in told if one.signature]

    def what_ended(self, content: bytes, parties: frozenset[str]) -> list[str]:
        """The rejections and revocations under an agreement, whoever's word they are; none if it has not ended."""
        kept = self.of(content, parties)
        return [one.signature.text for one in kept if one.type != "accept" and one.signature]

    def delivered(self, own_oin: str, content: bytes, texts: Sequence[str], now_ms: int) -> None:
        """Note that the partner took these own signatures."""
        with self._database.write() as connection:
            mine = update(_signature).filter_by(agreement_hash=content, oin=own_oin)
            connection.execute(mine.where(_signature.c.jws.in_(texts)).values(delivered_at=now_ms))

    def _kept(self, connection: Connection, content: bytes, parties: frozenset[str]) -> list[Kept]:
        rows = connection.execute(
            select(_signature).filter_by(agreement_hash=content).order_by(_signature.c.id)
        ).all()
        found = ((row, self._read(row, parties)) for row in rows)
        return [
            Kept(row.oin, row.type, row.received_at, row.delivered_at, one, "")
            if isinstance(one, Signature)
            else Kept(row.oin, row.type, row.received_at, row.delivered_at, None, one)
            for row, one in found
        ]

    def _read(self, row: Row[Any], parties: frozenset[str]) -> Signature | str:
        version = self._trust.version() if self._trust else None
        return self._verified(row.jws, bytes(row.agreement_hash), parties, row.received_at, version)

    def _verify(
        self, text: str, content: bytes, parties: frozenset[str], received_at: int, _trust: Hashable
    ) -> Signature | str:
        """The signature if it held when it came in, else the reason code; revocation lists are of then, and gone.

        So is the card by which a partner's node was known: that node may have got another key since. The own key is
        here, and no approval is the own one without it; InputError, StorageError if it cannot be had.
        """
        try:
            trust, signature = self._required_trust(), read(text, content)
            check_signer(signature, parties)
            check_trust(signature, trust, received_at // 1000)
        except LinkageError as error:
            return error.code
        if signature.oin == trust.nodes.own_oin:
            key = trust.nodes.get(signature.oin)
            try:
                check_node(signature, key)
            except Refusal as refusal:
                return refusal.code
        return signature

    def _required_trust(self) -> Trust:
        if self._trust is None:
            raise Refusal("signature_untrusted", "there are no CAs to trust")
        return self._trust


def ended(connection: Connection) -> frozenset[bytes]:
    """Content hashes of the agreements that a party rejected or revoked, also of those that were removed since."""
    final = select(_signature.c.agreement_hash).where(_signature.c.type != "accept").distinct()
    return frozenset(map(bytes, connection.scalars(final)))


def final_first(signatures: Iterable[Signature]) -> list[Signature]:
    """Rejections and revocations, or if there are none the approvals: what ended needs no approval any more."""
    every = list(signatures)
    return [one for one in every if one.type != "accept"] or every
