"""Which certificates may sign under an agreement: those whose chain ends at a CA of `tls.ca`, as for TLS itself. And
which node may: the one whose key the organisation's card publishes."""

from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from linkage_node.config import Mode, Tls
from linkage_node.errors import InputError, Refusal
from linkage_node.jws import check_size
from linkage_node.peers.certificates import Revocation, is_development, parse_chain
from linkage_node.secrets import read_bytes

if TYPE_CHECKING:
    from linkage_node.node import Node
    from linkage_node.peers.card import Card


_ADD_CARD = (
    "Add its card (`linkage-node peers add card.yaml`), after comparing the key in it over another channel."
)


class NodeKeys:
    """The keys that nodes sign with, looked up when needed: this node's own, and those on the cards of partners."""

    def __init__(
        self, own_oin: str, own: Callable[[], Ed25519PublicKey], card: Callable[[str], "Card"]
    ) -> None:
        self.own_oin, self._own, self._card = own_oin, own, card

    def get(self, oin: str) -> Ed25519PublicKey:
        """The key of one organisation's node; Refusal("peer_unknown") for one without a card."""
        if oin == self.own_oin:
            return self._own()
        try:
            return self._card(oin).verifying_key()
        except Refusal as refusal:
            raise Refusal(refusal.code, refusal.detail, hint=_ADD_CARD) from None


class Trust:
    """Whom one node believes: CAs and revocation lists, and `nodes`.

    The files are read when needed, and again when they change.
    """

    def __init__(self, tls: Tls, nodes: NodeKeys, mode: Mode = "development") -> None:
        self._tls, self._mode, self.nodes = tls, mode, nodes
        self._revocation = Revocation(tls)
        self._read: tuple[Hashable, list[x509.Certificate]] | None = None

    @classmethod
    def of(cls, node: "Node") -> "Trust":
        """That of an opened node."""

        def own() -> Ed25519PublicKey:
            return node.secrets.signing_key.public_key()

        def card(oin: str) -> "Card":
            return node.peers.get(oin)

        return cls(node.config.tls, NodeKeys(node.config.oin, own, card), node.config.mode)

    def version(self) -> Hashable:
        """Another value after every change of `tls.ca`, told quickly."""
        try:
            status = self._tls.ca.stat()
        except OSError as error:
            raise InputError("file_unreadable", f"{self._tls.ca}: {error.strerror}") from None
        return status.st_ino, status.st_size, status.st_mtime_ns

    def check(self, chain: Sequence[x509.Certificate], seconds: int) -> None:
        """Refusal("signature_untrusted") unless the chain, a node's own certificate first, held at that moment.

        `seconds` since 1970-01-01 UTC. Refusal("development_certificate") in production mode.
        """
        verify_chain(chain, self._authorities(), datetime.fromtimestamp(seconds, UTC))

    def check_not_revoked(self, certificate: x509.Certificate, seconds: int) -> None:
        """Refusal("certificate_revoked") as `tls.crl` says now; without it nothing is checked."""
        self._revocation.check(certificate, datetime.fromtimestamp(seconds, UTC))

    def _authorities(self) -> list[x509.Certificate]:
        version = self.version()
        if self._read is None or self._read[0] != version:
            self._read = version, parse_chain(read_bytes(self._tls.ca), self._tls.ca)
        if self._mode == "production" and any(map(is_development, self._read[1])):
            raise Refusal("development_certificate", str(self._tls.ca))
        return self._read[1]


def verify_chain(
    chain: Sequence[x509.Certificate], authorities: list[x509.Certificate], at: datetime
) -> None:
    """Refusal("signature_untrusted") unless `chain` led, at that moment, from a node's certificate to an authority."""
    for one in chain:
        check_size(one.public_key())
    builder = PolicyBuilder().store(Store(authorities)).time(at)
    verifier = builder.extension_policies(ca_policy=_AUTHORITY, ee_policy=_NODE).build_client_verifier()
    try:
        verifier.verify(chain[0], list(chain[1:]))
    except VerificationError as error:
        reason = str(error).partition(" (encountered")[0]
        raise Refusal("signature_untrusted", f"on {at:%Y-%m-%d %H:%M} UTC: {reason}") from None


def _is_authority(_policy: Policy, _of: x509.Certificate, basic: x509.BasicConstraints) -> None:
    if not basic.ca:
        raise ValueError("a certificate of the chain is no CA's")


def _may_certify(_policy: Policy, _of: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.key_cert_sign:
        raise ValueError("a CA of the chain may not make certificates")


def _is_no_authority(_policy: Policy, _of: x509.Certificate, basic: x509.BasicConstraints | None) -> None:
    if basic is not None and basic.ca:
        raise ValueError("a CA signs under no agreement")


def _may_sign(_policy: Policy, _of: x509.Certificate, usage: x509.KeyUsage | None) -> None:
    if usage is not None and not usage.digital_signature:
        raise ValueError("the certificate is not for signatures")


def _is_a_nodes(_policy: Policy, _of: x509.Certificate, usage: x509.ExtendedKeyUsage | None) -> None:
    if usage is not None and ExtendedKeyUsageOID.CLIENT_AUTH not in usage:
        raise ValueError("the certificate is not for a node's connections")


# As lenient as TLS is about what does not matter here (a web browser's rules refuse a critical subjectAltName, say).
# Signatures, dates, names, path lengths and unknown critical extensions are looked at whatever stands here.
_AUTHORITY = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_authority)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_certify)
)
_NODE = (
    ExtensionPolicy.permit_all()
    .may_be_present(x509.BasicConstraints, Criticality.AGNOSTIC, _is_no_authority)
    .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, _may_sign)
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _is_a_nodes)
)
