"""The channel to a peer.

gRPC in Python verifies a server's chain and host name, but cannot tell whose certificate it was. So a channel is
opened in two steps: a TLS handshake by Python's `ssl`, which shows the certificate and its OIN; then a gRPC channel
that trusts exactly that certificate and nothing else. A server that shows another one in between fails, even if that
is of the same CA.
"""

import socket
import ssl
import time
from datetime import UTC, datetime
from threading import Event
from typing import NamedTuple

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from linkage_node import TLS12_SUITES
from linkage_node.config import NodeConfig, split_address
from linkage_node.errors import Refusal, Unreachable
from linkage_node.limits import PEER_CONNECT_SECONDS
from linkage_node.peers.card import Card
from linkage_node.peers.certificates import Revocation, load_identity, oin_of
from linkage_node.peers.tls import client_options


class Seen(NamedTuple):
    """What a peer showed: its certificate and the TLS version that was agreed on."""

    certificate: x509.Certificate
    version: str


def open_channel(config: NodeConfig, card: Card, *, timeout: float = PEER_CONNECT_SECONDS) -> grpc.Channel:
    """A connected channel to the node of `card`, whose certificate bears the card's OIN; the caller closes it.

    Refusal `certificate_refused`, `certificate_revoked`, `certificate_without_oin` or `oin_mismatch`; Unreachable
    `peer_unreachable`. `timeout` is in seconds, for the whole.
    """
    deadline = time.monotonic() + timeout
    identity = load_identity(config)
    for _ in range(2):  # a server may renew its certificate between the two steps
        seen = _preflight(config, card, deadline)
        pinned = seen.certificate.public_bytes(Encoding.PEM)
        credentials = grpc.ssl_channel_credentials(pinned, identity.key, identity.chain)
        channel = grpc.secure_channel(card.address, credentials, options=client_options())
        if _connects(channel, deadline):
            return channel
        channel.close()
    raise Refusal(
        "certificate_refused", f"{card.address} shows another certificate at each connection, or breaks off"
    )


def look_at(config: NodeConfig, card: Card, *, timeout: float = PEER_CONNECT_SECONDS) -> Seen:
    """What the node of `card` shows in a handshake, checked like `open_channel` does, with the same errors."""
    load_identity(config)
    return _preflight(config, card, time.monotonic() + timeout)


def _preflight(config: NodeConfig, card: Card, deadline: float) -> Seen:
    host, port = split_address(card.address)
    try:
        connection = socket.create_connection((host, port), timeout=_left(deadline))
    except OSError as error:
        raise Unreachable("peer_unreachable", f"{card.address}: {_words(error)}") from None
    with connection:
        seen = _handshake(client_context(config), connection, host, card, deadline)
    found = oin_of(seen.certificate)
    if found != card.oin:
        raise Refusal(
            "oin_mismatch", f"{card.address} shows a certificate of OIN {found}, its card says {card.oin}"
        )
    Revocation(config.tls).check(seen.certificate, datetime.now(UTC))
    return seen


def client_context(config: NodeConfig) -> ssl.SSLContext:
    """The node's side of a handshake by Python's `ssl`; `load_identity` has found the files to be in order."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(TLS12_SUITES)
    context.hostname_checks_common_name = False
    context.set_alpn_protocols(["h2"])
    context.load_verify_locations(config.tls.ca)
    context.load_cert_chain(config.tls.certificate, config.tls.key)
    return context


def _handshake(
    context: ssl.SSLContext, connection: socket.socket, host: str, card: Card, deadline: float
) -> Seen:
    address = card.address
    try:
        connection.settimeout(_left(deadline))
        with context.wrap_socket(connection, server_hostname=host) as secure:
            certificate = x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"")
            _await_welcome(secure, address, deadline)
            return Seen(certificate, secure.version() or "")
    except ssl.SSLCertVerificationError as error:
        raise Refusal("certificate_refused", f"{address}: {verdict(error, host)}") from None
    except ssl.SSLEOFError:
        raise Unreachable("peer_unreachable", f"{address} broke off the TLS handshake") from None
    except ssl.SSLError as error:
        raise Refusal(
            "certificate_refused", f"{address}: the TLS handshake failed ({error.reason})"
        ) from None
    except ValueError:
        raise Refusal("certificate_refused", f"{address}: its certificate cannot be parsed") from None
    except OSError as error:
        raise Unreachable("peer_unreachable", f"{address}: {_words(error)}") from None


def _await_welcome(secure: ssl.SSLSocket, address: str, deadline: float) -> None:
    """A TLS 1.3 client believes the handshake done before the server has judged its certificate. A node that accepts it
    sends its HTTP/2 settings at once; one that does not hangs up."""
    secure.settimeout(_left(deadline))
    try:
        welcomed = bool(secure.recv(1))
    except (ssl.SSLEOFError, ConnectionError):
        welcomed = False
    except ssl.SSLError as error:
        raise Refusal(
            "certificate_refused", f"{address} refuses this node's certificate ({error.reason})"
        ) from None
    if not welcomed:
        raise Refusal(
            "certificate_refused", f"{address} hangs up on this node's certificate: it does not trust its CA"
        )


def _connects(channel: grpc.Channel, deadline: float) -> bool:
    connected, ended = Event(), Event()

    def on_change(state: grpc.ChannelConnectivity) -> None:
        if state is grpc.ChannelConnectivity.READY:
            connected.set()
        if state not in (grpc.ChannelConnectivity.IDLE, grpc.ChannelConnectivity.CONNECTING):
            ended.set()

    channel.subscribe(on_change, try_to_connect=True)
    ended.wait(_left(deadline))
    channel.unsubscribe(on_change)
    return connected.is_set()


def _left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.001)


def _words(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "there is no such host name"
    return error.strerror or type(error).__name__


def verdict(error: ssl.SSLCertVerificationError, host: str) -> str:
    """OpenSSL's verdict on the certificate (X509_V_ERR_...), in words."""
    match error.verify_code:
        case 10:
            return "its certificate has expired"
        case 9:
            return "its certificate is not valid yet"
        case 2 | 18 | 19 | 20 | 21:
            return "its certificate is of a CA that this node does not trust"
        case 62 | 64:
            return f"its certificate is not for {host}"
        case _:
            return f"its certificate is refused: {error.verify_message}"
