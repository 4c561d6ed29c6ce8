"""What the server side of TLS accepts, tried with Python's own TLS client against a real gRPC server."""

import socket
import ssl
import subprocess
import sys
from pathlib import Path

import grpc
import pytest

from linkage_node.config import split_address
from linkage_node.errors import InputError, Refusal
from linkage_node.peers.certificates import load_identity
from linkage_node.peers.tls import server_credentials
from tests.nodes import OIN_B, edit
from tests.peers.conftest import Serve, config_of, echo

HTTP2_SETTINGS = 4  # frame type, the fourth byte of what a gRPC server says first


def greeting(config_path: Path, version: ssl.TLSVersion, ciphers: str, *, certificate: bool = True) -> bytes:
    """The first bytes that the server says over such a connection; empty if it hangs up."""
    config = config_of(config_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = version
    context.set_ciphers(ciphers)
    context.set_alpn_protocols(["h2"])
    context.load_verify_locations(config.tls.ca)
    if certificate:
        context.load_cert_chain(config.tls.certificate, config.tls.key)
    host, port = split_address(config.listen)
    with socket.create_connection((host, port), timeout=5) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=host) as secure:
                return secure.recv(9)
        except (ssl.SSLError, ConnectionError):
            return b""


@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning"
)  # asking for TLS 1.1 is deprecated, and the point here
@pytest.mark.parametrize(
    ("version", "ciphers", "served"),
    [
        (ssl.TLSVersion.TLSv1_3, "DEFAULT", True),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-GCM-SHA384", True),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-CHACHA20-POLY1305", True),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256", False),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES256-SHA", False),
        (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0", False),
        (ssl.TLSVersion.TLSv1, "ALL:@SECLEVEL=0", False),
    ],
)
def test_versions_and_suites(
    pair: tuple[Path, Path], serve: Serve, version: ssl.TLSVersion, ciphers: str, served: bool
) -> None:
    """TLS 1.3 and the good suites of 1.2 are served; AES-128 and CBC under 1.2, and anything older, are not."""
    serve(config_of(pair[0]))
    said = greeting(pair[0], version, ciphers)
    assert (said[3:4] == bytes([HTTP2_SETTINGS])) is served


def test_client_without_certificate(pair: tuple[Path, Path], serve: Serve) -> None:
    """Who shows no certificate is not served."""
    serve(config_of(pair[0]))
    assert greeting(pair[0], ssl.TLSVersion.TLSv1_3, "DEFAULT", certificate=False) == b""


def test_settings_stand_before_grpc_is_imported() -> None:
    """gRPC reads its TLS suites when it is imported, so any module of ours sets them before that."""
    script = (
        "import sys, linkage_node, os; assert 'grpc' not in sys.modules; "
        "import linkage_node.peers.tls; assert 'grpc' in sys.modules; print(os.environ['GRPC_SSL_CIPHER_SUITES'])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert "AES256-GCM" in printed
    assert "AES128" not in printed


def test_port_in_use_is_noticed(pair: tuple[Path, Path], serve: Serve) -> None:
    """A second server on the same port fails in place of sharing it silently."""
    config = config_of(pair[0])
    serve(config)
    with pytest.raises(RuntimeError):
        serve(config)


def test_silent_client_is_cut_off(
    pair: tuple[Path, Path], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that connects and never speaks TLS is hung up on after the handshake's deadline."""
    monkeypatch.setattr("linkage_node.peers.tls.HANDSHAKE_TIMEOUT_MS", 200)
    config = config_of(pair[0])
    serve(config)
    with socket.create_connection(split_address(config.listen), timeout=10) as plain:
        assert plain.recv(1) == b""


def test_message_over_the_limit(
    pair: tuple[Path, Path], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message over the limit is refused by gRPC itself, and never reaches a handler."""
    from linkage_node.node import Node
    from linkage_node.peers import tls
    from linkage_node.peers.channel import open_channel

    monkeypatch.setattr(tls, "_SIZES", [*tls._SIZES[1:], ("grpc.max_receive_message_length", 1024)])
    serve(config_of(pair[1]))
    with Node.open(pair[0]) as node:
        card = node.peers.get(OIN_B)
    with open_channel(config_of(pair[0]), card) as channel:
        with pytest.raises(grpc.RpcError) as error:
            echo(channel, bytes(2048))
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert echo(channel, b"small") == b"small"


def test_production_refuses_development_certificates(pair: tuple[Path, Path]) -> None:
    """A node that is switched to production does not start with certificates of the development CA."""
    edit(pair[0], "mode: development", "mode: production")
    with pytest.raises(Refusal) as refusal:
        server_credentials(config_of(pair[0]))
    assert refusal.value.code == "development_certificate"


def test_key_that_others_may_read(pair: tuple[Path, Path]) -> None:
    """A TLS key that other accounts may read is not used, and the hint says how to mend it."""
    key = pair[0].parent / "keys" / "node.key"
    key.chmod(0o640)
    load_identity(config_of(pair[0]))  # a group of its own may read it, as Kubernetes mounts secrets
    key.chmod(0o604)
    with pytest.raises(InputError) as error:
        load_identity(config_of(pair[0]))
    assert error.value.code == "key_not_private"
    assert f"chmod 600 {key}" in error.value.hint


@pytest.mark.parametrize(
    ("file", "content"), [("node.pem", b"nothing"), ("node.key", b"nothing"), ("ca.pem", b"")]
)
def test_unusable_files(pair: tuple[Path, Path], file: str, content: bytes) -> None:
    """A file that holds no certificate or key is named."""
    (pair[0].parent / "keys" / file).write_bytes(content)
    with pytest.raises(InputError) as error:
        load_identity(config_of(pair[0]))
    assert error.value.code == "file_malformed"
    assert file in error.value.detail


def test_encrypted_key(pair: tuple[Path, Path]) -> None:
    """An encrypted key is told apart from a broken one."""
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_pem_private_key,
    )

    path = pair[0].parent / "keys" / "node.key"
    key = load_pem_private_key(path.read_bytes(), None)
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))
    with pytest.raises(InputError, match="encrypted"):
        load_identity(config_of(pair[0]))
