"""Signs agreements in the organisation's name, and takes the partner's signatures in, with evidence of both."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from linkage_node.agreements.ending import destroy
from linkage_node.agreements.model import Agreement, content_hash
from linkage_node.agreements.signature_store import final_first
from linkage_node.agreements.signatures import Signature, check_sender, make, read
from linkage_node.agreements.standing import SignatureType
from linkage_node.agreements.store import AgreementStore
from linkage_node.clock import now_ms
from linkage_node.config import NodeConfig
from linkage_node.errors import InputError, Refusal
from linkage_node.evidence import EvidenceLog
from linkage_node.jws import PrivateKey
from linkage_node.limits import SIGNATURE_CHAIN
from linkage_node.peers.certificates import load_identity, parse_chain, private_key
from linkage_node.storage import Database

if TYPE_CHECKING:
    from linkage_node.node import Node

EVENTS: dict[SignatureType, str] = {
    "accept": "agreement_signed",
    "reject": "agreement_rejected",
    "revoke": "agreement_revoked",
}


class Signing:
    """Signs with the key of the node's certificate and with `node_key`, the one on its card.

    `clock` gives milliseconds since 1970-01-01 UTC.
    """

    def __init__(
        self,
        config: NodeConfig,
        database: Database,
        agreements: AgreementStore,
        evidence: EvidenceLog,
        node_key: Ed25519PrivateKey,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self._config, self._database, self._agreements = config, database, agreements
        self._evidence, self._node_key, self._clock = evidence, node_key, clock

    @classmethod
    def of(cls, node: "Node") -> "Signing":
        """That of an opened node."""
        evidence = EvidenceLog.of(node)
        return cls(node.config, node.database, node.agreements, evidence, node.secrets.signing_key)

    def sign(self, agreement: Agreement, signature: SignatureType) -> bool:
        """Sign in the own organisation's name; False if that was said before.

        Refusal("signature_final") to approve of what has ended; what is wrong with the own certificate.
        """
        identity, now = load_identity(self._config), self._clock()
        chain = parse_chain(identity.chain, self._config.tls.certificate)[:SIGNATURE_CHAIN]
        key = private_key(identity.key, self._config.tls.key)
        if not isinstance(key, PrivateKey):
            raise InputError("file_malformed", f"{self._config.tls.key}: nobody signs with this kind of key")
        content = content_hash(agreement)
        text = make(content, signature, key, chain, now // 1000, self._node_key)
        own = frozenset({self._config.oin})
        return bool(
            self._keep(agreement, [self._agreements.signatures.checked(text, content, own, now // 1000)])
        )

    def take_in(self, agreement: Agreement, texts: Sequence[str]) -> list[Signature]:
        """Keep what the partner tells, all or none of what is `heard`: the signatures that are new.

        Refusal: "signature_by_third_party" for any but the partner's (an own rejection or revocation may come back;
        "signature_own" for an own approval), "signature_final" for an approval of what has ended, or what is wrong with
        one of them.
        """
        content, seconds = content_hash(agreement), self._clock() // 1000
        own, partner = self._config.oin, agreement.partner_of(self._config.oin).oin
        store = self._agreements.signatures
        heard = self.heard(agreement, texts)
        checked = [store.checked(text, content, agreement.parties, seconds) for text in heard]
        if any(one.oin == own and one.type == "accept" for one in checked):
            raise Refusal("signature_own", agreement.id)
        for one in checked:
            check_sender(one, partner, own)
        return self._keep(agreement, final_first(checked))

    def heard(self, agreement: Agreement, texts: Sequence[str]) -> Sequence[str]:
        """What of the partner's signatures counts: all; of a text that was replaced or removed here what ends it.

        Refusal: what `read` raises.
        """
        content = content_hash(agreement)
        if self._agreements.has(content):
            return texts
        return [text for text in texts if read(text, content).type != "accept"]

    def _keep(self, agreement: Agreement, signatures: Sequence[Signature]) -> list[Signature]:
        now, store = self._clock(), self._agreements.signatures
        with self._database.read() as connection:  # partners repeat themselves: nobody waits for a lock then
            if not any(store.is_new(connection, one, agreement.parties) for one in signatures):
                return []
        with self._database.write() as connection:
            new = [one for one in signatures if store.keep(connection, one, agreement.parties, now)]
            for one in new:
                self._note(connection, agreement, one, now)
            ends = any(one.type != "accept" for one in new)
            if ends:
                destroy(connection, self._database)
        if ends:
            self._database.scrub()
        return new

    def _note(self, connection: Connection, agreement: Agreement, one: Signature, now: int) -> None:
        own = self._config.oin
        self._evidence.append(
            connection,
            event=EVENTS[one.type],
            role="requester" if agreement.requester.oin == own else "provider",
            at_ms=now,
            peer=agreement.partner_of(own).oin,
            agreement=agreement.id,
            agreement_hash=one.content,
            signed_by=one.oin,
            signed_at=one.signed_at,
            certificate=one.thumbprint,
            jws=one.text,
            detail=f"{agreement.id}, signed by {one.oin}",
        )
