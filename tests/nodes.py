"""Makes real nodes for tests."""

import contextlib
import random
import socket
from pathlib import Path
from typing import Any

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from linkage_node.initialise import NewNode, initialise
from linkage_node.node import Node

OIN_A = "00000099000000010000"
OIN_B = "00000099000000020000"
OIN_C = "00000099000000030000"


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on, below those that outgoing connections are given (32768 and up)."""
    while True:
        port = random.randrange(10_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def make_node(folder: Path, oin: str = OIN_A, **changes: Any) -> Path:
    """The node.yaml of a new node; nodes in the same parent folder share a development CA and a domain secret."""
    defaults = NewNode(
        folder=folder,
        oin=oin,
        name=f"Organisation {folder.name}",
        listen=f"127.0.0.1:{free_port()}",
        address=None,
        mode="development",
        storage="sqlite:///node.db",
        sealing_key=None,
        domain_secret=folder.parent / "domain.secret",
        certificates=folder.parent / "dev-ca",
    )
    initialise(defaults._replace(**changes))
    return folder / "node.yaml"


def introduce(*configs: Path) -> None:
    """Let these nodes know each other."""
    for config in configs:
        with Node.open(config) as node:
            for other in configs:
                if other != config:
                    node.peers.add((other.parent / "card.yaml").read_text())


def edit(config: Path, old: str, new: str) -> None:
    """Change a node.yaml: `old` stands in it once."""
    text = config.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {config}"
    config.write_text(text.replace(old, new))


def certify(root: trustme.CA, oin: str) -> tuple[bytes, bytes, bytes]:
    """Certificate chain, key and root for an OIN, by an intermediate CA that trustme made."""
    middle = root.create_child_ca()
    leaf = middle.issue_cert("127.0.0.1")
    plain = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.SERIAL_NUMBER, oin)]))
        .issuer_name(plain.issuer)
        .public_key(plain.public_key())
        .serial_number(plain.serial_number)
        .not_valid_before(plain.not_valid_before_utc)
        .not_valid_after(plain.not_valid_after_utc)
    )
    for extension in plain.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    signing = load_pem_private_key(middle.private_key_pem.bytes(), None)
    certificate = builder.sign(signing, SHA256()).public_bytes(Encoding.PEM)  # type: ignore[arg-type]
    rest = b"".join(part.bytes() for part in leaf.cert_chain_pems[1:])
    return certificate + rest, leaf.private_key_pem.bytes(), root.cert_pem.bytes()
