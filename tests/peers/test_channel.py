"""The channel to a peer, over real TLS: whose certificate it is, and what becomes of each way it can be wrong."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from linkage_node.config import load_config
from linkage_node.errors import InputError, LinkageError, Refusal, Unreachable
from linkage_node.node import Node
from linkage_node.peers import channel as channel_module
from linkage_node.peers.card import Card
from linkage_node.peers.certificates import load_identity
from linkage_node.peers.channel import look_at, open_channel
from linkage_node.peers.dev_ca import open_dev_ca
from linkage_node.secrets import write_private
from tests.nodes import OIN_A, OIN_B, OIN_C, certify, edit, free_port, make_node
from tests.peers.conftest import Serve, config_of, echo


def card_of(config: Path, oin: str) -> Card:
    """The card of `oin` as the node of `config` has it."""
    with Node.open(config) as node:
        return node.peers.get(oin)


def replace_certificate(
    config: Path, *, oin: str, hosts: tuple[str, ...] = (), start: datetime | None = None, days: int = 1
) -> None:
    """Give a node another certificate of the same development CA."""
    issued = open_dev_ca(config.parent.parent / "dev-ca").issue(
        oin=oin, organisation="x", common_name="x", hosts=hosts, start=start, days=days
    )
    write_private(config.parent / "keys" / "node.pem", issued.certificate_pem)
    write_private(config.parent / "keys" / "node.key", issued.key_pem)


def test_call_between_two_nodes(pair: tuple[Path, Path], serve: Serve) -> None:
    """Two nodes of one CA reach each other by TLS 1.3, and a call goes through."""
    first, second = pair
    serve(config_of(second))
    card = card_of(first, OIN_B)
    with open_channel(config_of(first), card) as channel:
        assert echo(channel, b"hello") == b"hello"
    assert look_at(config_of(first), card).version == "TLSv1.3"


def test_other_oin_is_refused(pair: tuple[Path, Path], serve: Serve) -> None:
    """A server of the same CA that bears another OIN than the card is refused, and told so."""
    first, _ = pair
    card = card_of(first, OIN_B)
    third = make_node(first.parent.parent / "c", OIN_C, listen=card.address)
    serve(config_of(third))
    with pytest.raises(Refusal) as refusal:
        open_channel(config_of(first), card)
    assert refusal.value.code == "oin_mismatch"
    assert OIN_C in refusal.value.detail
    assert OIN_B in refusal.value.detail


def test_swap_between_preflight_and_connection(
    pair: tuple[Path, Path], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that shows the right certificate at first and another organisation's at the second look never gets a
    channel, though both are of the trusted CA."""
    first, second = pair
    card = card_of(first, OIN_B)
    third = make_node(first.parent.parent / "c", OIN_C, listen=card.address)
    right = serve(config_of(second))
    connects = channel_module._connects
    outcomes: list[bool] = []

    def swap_first(channel: grpc.Channel, deadline: float) -> bool:
        if not outcomes:
            right.stop(None).wait()
            serve(config_of(third))
        outcomes.append(connects(channel, deadline))
        return outcomes[-1]

    monkeypatch.setattr(channel_module, "_connects", swap_first)
    with pytest.raises(Refusal) as refusal:
        open_channel(config_of(first), card)
    assert outcomes == [False]  # the pinned channel did not connect
    assert refusal.value.code == "oin_mismatch"  # which the second preflight explains


def test_renewal_between_preflight_and_connection(
    pair: tuple[Path, Path], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that renews its certificate at just that moment, under the same OIN, is reached at the second try."""
    first, second = pair
    card = card_of(first, OIN_B)
    old = serve(config_of(second))
    connects = channel_module._connects
    outcomes: list[bool] = []

    def renew_first(channel: grpc.Channel, deadline: float) -> bool:
        if not outcomes:
            old.stop(None).wait()
            replace_certificate(second, oin=OIN_B)
            serve(config_of(second))
        outcomes.append(connects(channel, deadline))
        return outcomes[-1]

    monkeypatch.setattr(channel_module, "_connects", renew_first)
    with open_channel(config_of(first), card) as channel:
        assert echo(channel, b"hello") == b"hello"
    assert outcomes == [False, True]


def test_intermediate_ca(tmp_path: Path, serve: Serve) -> None:
    """A certificate with its chain by way of an intermediate CA works too: the leaf is what is pinned."""
    root = trustme.CA()
    paths = []
    for folder, oin in (("a", OIN_A), ("b", OIN_B)):
        paths.append(make_node(tmp_path / folder, oin))
        with_oin = certify(root, oin)
        for name, content in zip(("node.pem", "node.key", "ca.pem"), with_oin, strict=True):
            write_private(tmp_path / folder / "keys" / name, content)
    with Node.open(paths[0]) as node:
        card = node.peers.add((tmp_path / "b" / "card.yaml").read_text())
    serve(config_of(paths[1]))
    with open_channel(config_of(paths[0]), card) as channel:
        assert echo(channel, b"hello") == b"hello"


def _expired(second: Path) -> None:
    replace_certificate(second, oin=OIN_B, start=datetime.now(UTC) - timedelta(days=30), days=10)


def _not_yet(second: Path) -> None:
    replace_certificate(second, oin=OIN_B, start=datetime.now(UTC) + timedelta(days=10), days=10)


def _foreign(second: Path) -> None:
    issued = open_dev_ca(second.parent.parent / "another-ca").issue(
        oin=OIN_B, organisation="x", common_name="x"
    )
    write_private(second.parent / "keys" / "node.pem", issued.certificate_pem)
    write_private(second.parent / "keys" / "node.key", issued.key_pem)


@pytest.mark.parametrize(
    ("spoil", "words"), [(_expired, "has expired"), (_not_yet, "not valid yet"), (_foreign, "does not trust")]
)
def test_bad_server_certificate(
    pair: tuple[Path, Path], serve: Serve, spoil: Callable[[Path], None], words: str
) -> None:
    """An expired, premature or foreign certificate of the server is refused with its reason in words."""
    first, second = pair
    spoil(second)
    serve(config_of(second))
    with pytest.raises(Refusal) as refusal:
        open_channel(config_of(first), card_of(first, OIN_B))
    assert refusal.value.code == "certificate_refused"
    assert words in refusal.value.detail


def test_wrong_host_name(pair: tuple[Path, Path], serve: Serve) -> None:
    """A certificate for other host names than the one in the card is refused."""
    first, second = pair
    port = config_of(second).listen.rpartition(":")[2]
    edit(second, f'listen: "127.0.0.1:{port}"', f'listen: "127.0.0.2:{port}"')
    serve(config_of(second))
    card = card_of(first, OIN_B).model_copy(update={"address": f"127.0.0.2:{port}"})
    with pytest.raises(Refusal) as refusal:
        open_channel(config_of(first), card)
    assert refusal.value.code == "certificate_refused"
    assert "is not for 127.0.0.2" in refusal.value.detail


def test_own_certificate_is_not_trusted_there(pair: tuple[Path, Path], serve: Serve) -> None:
    """A server that does not trust this node's CA hangs up after a TLS 1.3 handshake that looked fine: the reason is
    still the certificate, not the network."""
    first, second = pair
    other = open_dev_ca(first.parent.parent / "another-ca").issue(
        oin=OIN_A, organisation="x", common_name="x"
    )
    write_private(first.parent / "keys" / "node.pem", other.certificate_pem)
    write_private(first.parent / "keys" / "node.key", other.key_pem)
    serve(config_of(second))
    with pytest.raises(Refusal) as refusal:
        open_channel(config_of(first), card_of(first, OIN_B))
    assert refusal.value.code == "certificate_refused"
    assert "this node's certificate" in refusal.value.detail


def test_expired_own_certificate(pair: tuple[Path, Path], serve: Serve) -> None:
    """A node whose own certificate has expired is refused by the server."""
    first, second = pair
    replace_certificate(first, oin=OIN_A, start=datetime.now(UTC) - timedelta(days=30), days=10)
    serve(config_of(second))
    with pytest.raises(Refusal) as refusal:
        open_channel(config_of(first), card_of(first, OIN_B))
    assert refusal.value.code == "certificate_refused"


def test_nobody_listens(pair: tuple[Path, Path]) -> None:
    """A peer that is down is unreachable."""
    first, _ = pair
    with pytest.raises(Unreachable) as error:
        open_channel(config_of(first), card_of(first, OIN_B))
    assert error.value.code == "peer_unreachable"
    assert "refused" in error.value.detail


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_silent_peer(pair: tuple[Path, Path], silent: int) -> None:
    """A peer that takes the connection and says nothing is unreachable, within the deadline."""
    first, _ = pair
    card = card_of(first, OIN_B).model_copy(update={"address": f"127.0.0.1:{silent}"})
    with pytest.raises(Unreachable) as error:
        open_channel(config_of(first), card, timeout=0.3)
    assert error.value.code == "peer_unreachable"


@pytest.mark.parametrize(
    ("answer", "code"), [(b"", "peer_unreachable"), (b"HTTP/1.1 400 no\r\n\r\n", "certificate_refused")]
)
def test_no_tls_there(pair: tuple[Path, Path], answer: bytes, code: str) -> None:
    """A server that hangs up, or speaks no TLS, is told apart from a node."""
    first, _ = pair
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_once() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=answer_once)
        thread.start()
        card = card_of(first, OIN_B).model_copy(update={"address": f"127.0.0.1:{server.getsockname()[1]}"})
        with pytest.raises(LinkageError) as error:
            open_channel(config_of(first), card)
        thread.join()
    assert error.value.code == code


def test_unknown_host(pair: tuple[Path, Path]) -> None:
    """A host name that does not exist is said to be so."""
    first, _ = pair
    card = card_of(first, OIN_B).model_copy(update={"address": f"node.invalid:{free_port()}"})
    with pytest.raises(Unreachable) as error:
        open_channel(config_of(first), card)
    assert "host name" in error.value.detail


def test_own_identity_is_checked_first(pair: tuple[Path, Path]) -> None:
    """A node whose own certificate bears another OIN than its configuration does not call anybody."""
    first, _ = pair
    replace_certificate(first, oin=OIN_C)
    with pytest.raises(Refusal) as refusal:
        open_channel(config_of(first), card_of(first, OIN_B))
    assert refusal.value.code == "oin_mismatch"


def test_key_of_another_certificate(pair: tuple[Path, Path]) -> None:
    """A key that does not belong to the certificate is named."""
    first, second = pair
    write_private(first.parent / "keys" / "node.key", (second.parent / "keys" / "node.key").read_bytes())
    with pytest.raises(InputError) as error:
        open_channel(config_of(first), card_of(first, OIN_B))
    assert "is not the key of" in error.value.detail


def test_proxy_variables_are_ignored(
    pair: tuple[Path, Path], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy in the environment does not come between two nodes."""
    first, second = pair
    for name in ("http_proxy", "https_proxy", "grpc_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    serve(config_of(second))
    with open_channel(config_of(first), card_of(first, OIN_B)) as channel:
        assert echo(channel, b"hello") == b"hello"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_servers_tls_versions(pair: tuple[Path, Path], version: ssl.TLSVersion) -> None:
    """The preflight takes a server that speaks TLS 1.2 with a good suite, or 1.3, and says which it was."""
    first, second = pair
    config = load_config(second).config
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(config.tls.certificate, config.tls.key)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            connection, _ = server.accept()
            with context.wrap_socket(connection, server_side=True) as secure:
                secure.sendall(b"x")

        thread = threading.Thread(target=greet)
        thread.start()
        card = card_of(first, OIN_B).model_copy(update={"address": f"127.0.0.1:{server.getsockname()[1]}"})
        seen = look_at(config_of(first), card)
        thread.join()
    assert seen.version == {ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3"}[version]


def test_revoked_peer(pair: tuple[Path, Path], serve: Serve) -> None:
    """A peer whose certificate was revoked gets no channel, once the operator names the list."""
    first, second = pair
    authority = open_dev_ca(first.parent.parent / "dev-ca")
    now = datetime.now(UTC)
    revoked = x509.RevokedCertificateBuilder(
        load_identity(config_of(second)).certificate.serial_number, now
    ).build()
    builder = x509.CertificateRevocationListBuilder(
        authority.certificate.subject, now, now + timedelta(days=1), revoked_certificates=[revoked]
    )
    crl = builder.sign(authority._key, SHA256()).public_bytes(Encoding.PEM)
    (first.parent / "keys" / "ca.crl").write_bytes(crl)
    serve(config_of(second))
    card = card_of(first, OIN_B)
    open_channel(config_of(first), card).close()
    edit(first, "  # crl: keys/ca.crl", "  crl: keys/ca.crl")
    with pytest.raises(Refusal) as refusal:
        open_channel(config_of(first), card)
    assert refusal.value.code == "certificate_revoked"
