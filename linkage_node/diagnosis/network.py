"""Checks over the network: the node's own address, and its peers."""

import errno
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import grpc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from grpc_health.v1 import health_pb2, health_pb2_grpc

from linkage_node.config import split_address
from linkage_node.diagnosis.findings import Finding, State, fault, from_error, ok, warning
from linkage_node.errors import LinkageError, Unreachable
from linkage_node.limits import LOOK_SECONDS
from linkage_node.node import Node
from linkage_node.peers.card import Card
from linkage_node.peers.certificates import load_identity
from linkage_node.peers.channel import client_context, look_at
from linkage_node.peers.tls import client_options


def check_listening(node: Node) -> Iterator[Finding]:
    """The addresses to listen on are free, or this very node listens there and is well."""
    for address in filter(None, (node.config.listen, node.config.listen_systems)):
        yield _listening(node, address)


def _listening(node: Node, address: str) -> Finding:
    host, port = split_address(address)
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.create_server((host, port), family=family):
            return warning("listening", f"{address} is free: the node does not run", "`linkage-node serve`")
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            return fault(
                "listening",
                f"{address}: {error.strerror or error}",
                "Choose an address of this machine in `listen`.",
            )
    shown = _certificate_at(node, _reachable(host), port)
    if shown is None:
        return fault("listening", f"something else listens on {address}", "Stop it, or choose another port.")
    own = load_identity(node.config).certificate
    if shown != own:
        return fault(
            "listening",
            f"what listens on {address} shows another certificate than tls.certificate",
            "If the certificate was renewed, start the node anew; else stop what listens there.",
        )
    status = _health(node, _reachable(host), port, own)
    if status == health_pb2.HealthCheckResponse.SERVING:
        return ok("listening", f"the node runs on {address}")
    return warning("listening", f"the node on {address} is starting, stopping or busy", "Look at its log.")


def _reachable(host: str) -> str:
    """An address to call what listens on `host`."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return host if not address.is_unspecified else "::1" if address.version == 6 else "127.0.0.1"


def _certificate_at(node: Node, host: str, port: int) -> x509.Certificate | None:
    """The certificate that a TLS server there shows, unverified: it is compared with the node's own."""
    context = client_context(node.config)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=LOOK_SECONDS) as plain,
            context.wrap_socket(plain) as secure,
        ):
            return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"")
    except (OSError, ValueError):
        return None


def _health(node: Node, host: str, port: int, own: x509.Certificate) -> int | None:
    """What the node there says of its own health; None if it says nothing."""
    identity = load_identity(node.config)
    credentials = grpc.ssl_channel_credentials(own.public_bytes(Encoding.PEM), identity.key, identity.chain)
    options: list[tuple[str, object]] = [*client_options()]
    if names := _host_names(own):
        options.append(("grpc.ssl_target_name_override", names[0]))
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    with grpc.secure_channel(target, credentials, options=options) as channel:
        try:
            stub = health_pb2_grpc.HealthStub(channel)
            status: int = stub.Check(health_pb2.HealthCheckRequest(), timeout=LOOK_SECONDS).status
            return status
        except grpc.RpcError:
            return None


def _host_names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return names.get_values_for_type(x509.DNSName)


def check_peers(node: Node) -> Iterator[Finding]:
    """Each peer answers with a certificate of its own OIN. One that is down is its own trouble: a warning."""
    cards = node.peers.list()
    if not cards:
        yield warning("peers", "none yet", "`linkage-node peers add card.yaml`")
        return
    with ThreadPoolExecutor(min(len(cards), 8)) as pool:
        yield from pool.map(lambda card: _look(node, card), cards)


def _look(node: Node, card: Card) -> Finding:
    try:
        seen = look_at(node.config, card, timeout=LOOK_SECONDS)
    except LinkageError as error:
        state = State.WARNING if isinstance(error, Unreachable) else State.FAULT
        finding = from_error("peers", error, state)
        return finding._replace(seen=f"{card.name} ({card.oin}): {finding.seen}")
    return ok("peers", f"{card.name} ({card.oin}) answers, {seen.version}")
