"""Asks a server that decides, over HTTP/1.1: a bounded answer within one deadline, or a refusal.

The timeouts of `requests` and urllib3 are for each read, so a server that sends a byte now and then holds a call for
as long as it likes (measured). Here the deadline is for the whole: each wait on the socket gets what is left of it, in
the caller's own thread. So no call has to be cut off by another thread, and none can pile up.

One connection for each question: an answer too many cannot be taken for the answer to the next one.
"""

import io
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPMessage, HTTPResponse
from ipaddress import ip_address
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from linkage_node import TLS12_SUITES
from linkage_node.config import Tls
from linkage_node.errors import InputError, Refusal
from linkage_node.limits import POLICY_ANSWER_BYTES, POLICY_DEADLINE_SECONDS, POLICY_WIRE_BYTES


class Answer(NamedTuple):
    """An answer of status 200: its body, which is plain JSON, and its headers."""

    body: bytes
    headers: HTTPMessage


class PolicyServer:
    """The server at `url`, and only that one: redirects, proxies and passwords of the environment do not count.

    `setting` is how the configuration calls it: with "policy.opa", the URL stands in `policy.opa_url`. `ca` is the PEM
    file of the CA of an https server; None trusts the public ones. `identity` is the node's certificate, for a server
    that asks for one. Safe to share by threads.

    InputError("config_invalid") for a URL that cannot be used, ("mode_refused") for one that may not in production,
    ("file_missing", "file_malformed") for the files.
    """

    def __init__(
        self,
        url: str,
        setting: str,
        ca: Path | None = None,
        identity: Tls | None = None,
        *,
        production: bool,
        http_port: int = 80,
    ) -> None:
        parts = _split(url, setting)
        self.url, self.path, self._netloc = url, parts.path, parts.netloc
        self.host = parts.hostname or ""
        self.port = parts.port or {"http": http_port, "https": 443}[parts.scheme]
        self.private = parts.scheme == "https" or _is_loopback(self.host)  # nobody else hears what is sent
        if production and not self.private:
            raise InputError("mode_refused", f"{setting}_url {url}: plain http to another machine")
        if ca is not None and not ca.is_file():
            raise InputError("file_missing", f"{setting}_ca: {ca}")
        self._tls = _context(setting, ca, identity) if parts.scheme == "https" else None
        self._name = _Name(self.host, self.port)

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """What the server answers to this JSON, within POLICY_DEADLINE_SECONDS, whatever it does.

        Refusal("policy_unavailable", "policy_malformed").
        """
        ends_at = monotonic() + POLICY_DEADLINE_SECONDS
        try:
            with self._connected(ends_at) as connected:
                line = HTTPConnection(self.host, self.port)
                line.auto_open = 0
                line.sock = _Wire(connected, ends_at)
                line.request("POST", path, body, {**self._headers(), **(headers or {})})
                return _read(line.getresponse())
        except Refusal as refusal:
            raise Refusal(refusal.code, f"{self.url}: {refusal.detail}") from None
        except TimeoutError:
            why = f"no answer within {POLICY_DEADLINE_SECONDS} s"
        except Exception as error:  # whatever it is, there is no decision
            why = type(error).__name__
        raise Refusal("policy_unavailable", f"{self.url}: {why}")

    def _headers(self) -> dict[str, str]:
        return {
            "Host": self._netloc,
            "Connection": "close",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # the cap is on what is parsed
        }

    @contextmanager
    def _connected(self, ends_at: float) -> Iterator[socket.socket]:
        with closing(_connect(self._name.addresses(ends_at), ends_at)) as plain:
            if self._tls is None:
                yield plain
                return
            plain.settimeout(_left(ends_at))  # for the handshake as a whole
            with closing(self._tls.wrap_socket(plain, server_hostname=self.host)) as secure:
                yield secure


def plain_json(body: bytes) -> Any:
    """`body` as a document that all readers read alike: UTF-8, no key twice, only numbers that JSON has.

    Refusal("policy_malformed").
    """
    try:
        return json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Refusal("policy_malformed", "the answer is not plain JSON") from None


class _Wire(io.RawIOBase):
    """As much of a socket as http.client uses: all waits together end at `ends_at`, and no more is read than may come.

    http.client itself reads on for a chunk of size -1 as long as something comes.
    """

    def __init__(self, connected: socket.socket, ends_at: float) -> None:
        self._connected, self._ends_at = connected, ends_at
        self._left = POLICY_WIRE_BYTES

    def sendall(self, data: bytes) -> None:
        self._connected.settimeout(_left(self._ends_at))
        self._connected.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._left <= 0:
            raise Refusal(
                "policy_malformed", f"more than {POLICY_WIRE_BYTES} bytes with all that is around it"
            )
        self._connected.settimeout(_left(self._ends_at))
        read = self._connected.recv_into(buffer)
        self._left -= read
        return read

    def close(self) -> None:
        """Nothing: http.client closes before it reads the body. Who connected closes."""


class _Name:
    """A host's addresses. A name is looked up beside the caller, one look-up at a time: none can be interrupted."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        try:
            numeric = socket.AI_NUMERICHOST
            self._written = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=numeric)
        except OSError:
            self._written = []  # it is a name
        self._lock = Lock()
        self._under_way: Future[list[Any]] | None = None

    def addresses(self, ends_at: float) -> list[Any]:
        """As socket.getaddrinfo gives them; OSError."""
        if self._written:
            return self._written
        with self._lock:
            found = self._under_way
            if found is None or found.done():
                found = self._under_way = Future()
                Thread(target=self._look_up, args=(found,), name="policy-name", daemon=True).start()
        return found.result(_left(ends_at))

    def _look_up(self, found: Future[list[Any]]) -> None:
        try:
            found.set_result(socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM))
        except Exception as error:  # for the caller to hear
            found.set_exception(error)


def _connect(addresses: list[Any], ends_at: float) -> socket.socket:
    """A connection to the first address that takes one; each gets its share of the time."""
    failed: OSError = ConnectionError("there is no address")
    for place, (family, kind, protocol, _, address) in enumerate(addresses):
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(_left(ends_at) / (len(addresses) - place))
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # head and body are sent apart
            plain.connect(address)
            return plain
        except OSError as error:
            plain.close()
            failed = error
    raise failed


def _read(response: HTTPResponse) -> Answer:
    """An answer of status 200 in plain JSON, up to a size."""
    if response.status != HTTPStatus.OK:
        raise Refusal("policy_unavailable", f"HTTP status {response.status}")
    if (kind := response.headers.get_content_type()) != "application/json":
        raise Refusal("policy_malformed", f"the answer is {kind[:40]}")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise Refusal("policy_malformed", "the answer is compressed, which was not asked for")
    framing = response.headers.get_all("Content-Length", []) + response.headers.get_all(
        "Transfer-Encoding", []
    )
    if len(framing) != 1:
        raise Refusal("policy_malformed", "nobody can tell where the answer ends: it has no length, or two")
    announced = response.length or 0  # 0: it comes in chunks
    if (
        announced > POLICY_ANSWER_BYTES
        or len(body := response.read(POLICY_ANSWER_BYTES + 1)) > POLICY_ANSWER_BYTES
    ):
        raise Refusal("policy_malformed", f"more than {POLICY_ANSWER_BYTES} bytes")
    if len(body) < announced:
        raise Refusal("policy_unavailable", "the answer was cut off")
    plain_json(body)
    return Answer(body, response.headers)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _left(ends_at: float) -> float:
    if (left := ends_at - monotonic()) <= 0:
        raise TimeoutError
    return left


def _context(setting: str, ca: Path | None, identity: Tls | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(TLS12_SUITES)
    context.hostname_checks_common_name = False
    try:
        context.load_verify_locations(ca or DEFAULT_CA_BUNDLE_PATH)
    except (ssl.SSLError, OSError):
        raise InputError("file_malformed", f"{setting}_ca: {ca} holds no certificate in PEM") from None
    if identity is not None:
        try:
            context.load_cert_chain(identity.certificate, identity.key)
        except (ssl.SSLError, OSError) as error:
            raise InputError("file_malformed", f"{identity.certificate}, {identity.key}: {error}") from None
    return context


def _split(url: str, setting: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = (
            parts.port != 0 and parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isascii()
        )
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or parts.username is not None:
        raise InputError("config_invalid", f"{setting}_url: expected http(s)://HOST:PORT in place of {url}")
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
