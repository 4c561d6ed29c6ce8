"""The transport to a decision point that hangs before there is an answer at all: every wait ends at the deadline."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import trustme

from linkage_node.config import Tls
from linkage_node.errors import InputError, Refusal
from linkage_node.policy.http import PolicyServer
from tests.policy.faulty import drips_the_head, says, server

LONGEST_SECONDS = 0.5
YES = b'{"decision": true}'


def made(url: str, ca: Path | None = None, identity: Tls | None = None) -> PolicyServer:
    """The server at a URL, as a node in development sees it."""
    return PolicyServer(url, "policy.pdp", ca, identity, production=False)


def refused(asked: PolicyServer) -> Refusal:
    """The refusal, which must come in time."""
    started = monotonic()
    with pytest.raises(Refusal) as caught:
        asked.post("/", b"{}")
    assert monotonic() - started < LONGEST_SECONDS
    return caught.value


@contextmanager
def raw(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """An https URL at which the first thing that comes is what `talk` does."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        over = threading.Event()
        stack.callback(over.set)

        def accept() -> None:
            while not over.is_set():
                try:
                    connected, _ = listening.accept()
                    with connected:
                        talk(connected)
                except OSError:
                    continue

        threading.Thread(target=accept, daemon=True).start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
        over.set()
        listening.shutdown(socket.SHUT_RDWR)


def _says_nothing(connected: socket.socket) -> None:
    while connected.recv(4096):
        pass


def _drips_a_handshake(connected: socket.socket) -> None:
    connected.settimeout(0.02)
    connected.sendall(
        b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03"
    )  # a record of 16 KB: the server's hello
    for _ in range(1000):
        connected.sendall(b"a")
        try:
            if not connected.recv(4096):
                return
        except TimeoutError:
            continue


@pytest.mark.parametrize("talk", [_says_nothing, _drips_a_handshake])
def test_a_tls_handshake_that_never_ends(talk: Callable[[socket.socket], None]) -> None:
    """A handshake has no more time than the rest."""
    with raw(talk) as url:
        refusal = refused(made(url))
    assert (refusal.code, "no answer within" in refusal.detail) == ("policy_unavailable", True)


@contextmanager
def _full() -> Iterator[int]:
    """A port on 127.0.0.1 that answers no more connections: its queue is full."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def test_a_connection_that_is_never_made() -> None:
    """As behind a firewall that drops what comes."""
    with _full() as port:
        assert "no answer within" in refused(made(f"http://127.0.0.1:{port}")).detail


def test_one_dead_address_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with an address that answers nothing and one that works: the second still has time enough."""
    with _full() as dead, server(says(YES)) as alive:
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
            for port in (dead, alive.server_address[1])
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_options: found)
        assert made("http://pdp.example.nl").post("/", b"{}").body == YES


def test_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask, one thread waits for the name; once it is found, it is asked."""
    over = threading.Event()
    look_up = socket.getaddrinfo

    def hang(*arguments: Any, **options: Any) -> Any:
        over.wait(30)
        return look_up("127.0.0.1", *arguments[1:], **options)

    with server(says(YES)) as fake:
        asked = made(f"http://pdp.example.nl:{fake.server_address[1]}")
        monkeypatch.setattr(socket, "getaddrinfo", hang)
        for _ in range(3):
            assert refused(asked).code == "policy_unavailable"
        waiting = [thread for thread in threading.enumerate() if thread.name == "policy-name"]
        assert len(waiting) == 1
        over.set()
        waiting[0].join(10)
        assert asked.post("/", b"{}").body == YES


def test_a_name_that_does_not_exist() -> None:
    """Told as such, and looked up again the next time."""
    asked = made("http://nowhere.invalid")
    for _ in range(2):
        assert refused(asked).code == "policy_unavailable"


def test_a_drip_within_tls(tmp_path: Path) -> None:
    """Encrypted drops are drops."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with server(drips_the_head(), context) as fake:
        assert "no answer within" in refused(made(fake.url, tmp_path / "ca.pem")).detail


def test_files_that_are_none_are_told_at_the_start(tmp_path: Path) -> None:
    """A CA or a certificate that cannot be read is no matter for the first question."""
    junk = tmp_path / "junk.pem"
    junk.write_text("junk")
    own = Tls(certificate=junk, key=junk, ca=junk)
    for ca, identity in ((junk, None), (None, own)):
        with pytest.raises(InputError) as wrong:
            made("https://pdp.example.nl", ca, identity)
        assert (wrong.value.code, "junk.pem" in wrong.value.detail) == ("file_malformed", True)
