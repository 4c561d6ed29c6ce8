"""Checks of the node's own certificate: a handshake of the node with itself, in memory, judges it as a peer would."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import rsa

from linkage_node.config import split_address
from linkage_node.diagnosis.findings import Finding, fault, ok, warning
from linkage_node.errors import LinkageError
from linkage_node.limits import CERTIFICATE_WARNING_DAYS
from linkage_node.node import Node
from linkage_node.peers.certificates import Revocation, expires_within, load_identity
from linkage_node.peers.channel import client_context, verdict

_GOOD_RSA_BITS = 3072  # NCSC-NL 2025-05; 2048 is being phased out


def check_certificate(node: Node) -> Iterator[Finding]:
    """It is of this organisation, in its dates, made by a trusted CA, fit for server and client, and not revoked."""
    certificate, now = load_identity(node.config).certificate, datetime.now(UTC)
    until = certificate.not_valid_after_utc.date()
    renew = "Get a new one, put it in place, and start the node anew."
    if now > certificate.not_valid_after_utc:
        yield fault("certificate", f"it expired on {until}", renew)
        return
    if now < certificate.not_valid_before_utc:
        yield fault(
            "certificate",
            f"it is valid from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC",
            "Check the clock.",
        )
        return
    try:
        _shake_hands_with_itself(node)
    except ssl.SSLCertVerificationError as error:
        yield fault(
            "certificate",
            verdict(error, _host(node)),
            "Compare `tls.certificate` with `tls.ca` and the card's address.",
        )
        return
    Revocation(node.config.tls).check(certificate, now)
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < _GOOD_RSA_BITS:
        yield warning(
            "certificate",
            f"its RSA key has {key.key_size} bits",
            "Ask for 3072 bits, or P-256, at the next renewal.",
        )
    if node.config.mode == "production" and node.config.tls.crl is None:
        yield warning(
            "certificate",
            "revocation is not checked: no `tls.crl`",
            "Fetch the CA's lists regularly and name the file.",
        )
    if expires_within(certificate, timedelta(days=CERTIFICATE_WARNING_DAYS), now):
        yield warning("certificate", f"it expires on {until}", renew)
    else:
        yield ok("certificate", f"of this organisation, until {until}")


def _host(node: Node) -> str:
    """The host that partners call, by the card; else where the node listens."""
    from linkage_node.peers.card import Card
    from linkage_node.yaml_model import load_model

    try:
        return split_address(load_model(node.folder / "card.yaml", Card).address)[0]
    except LinkageError:
        return split_address(node.config.listen)[0]


def _shake_hands_with_itself(node: Node) -> None:
    tls = node.config.tls
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.verify_mode = ssl.CERT_REQUIRED
    server.load_verify_locations(tls.ca)
    server.load_cert_chain(tls.certificate, tls.key)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client_side = client_context(node.config).wrap_bio(to_client, to_server, server_hostname=_host(node))
    server_side = server.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client_side, server_side]
    while waiting:
        side = waiting.pop(0)
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            waiting.append(side)
