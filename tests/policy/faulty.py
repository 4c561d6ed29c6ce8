"""Servers that answer as a test says: with an approval, or with whatever is none."""

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from linkage_node.limits import POLICY_DEADLINE_SECONDS

Answer = Callable[["Peer"], None]


class Peer(socketserver.StreamRequestHandler):
    """Reads requests and lets the test answer each."""

    server: "Fake"

    def handle(self) -> None:
        while self._read_request():
            self.server.asked += 1
            try:
                self.server.answer(self)
            except OSError:  # the node hung up
                return

    def _read_request(self) -> bool:
        self.headers: dict[str, str] = {}
        self.path = ""
        while line := self.rfile.readline():
            if line == b"\r\n":
                self.body = self.rfile.read(int(self.headers.get("content-length", 0)))
                return True
            if self.path:
                name, _, value = line.decode().partition(":")
                self.headers[name.lower()] = value.strip()
            else:
                self.path = line.decode().split()[1]
        return False

    def say(self, body: bytes, status: str = "200 OK", *headers: str) -> None:
        """One HTTP answer; JSON, unless the headers say something else."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        if not any(header.lower().startswith("content-type:") for header in headers):
            lines.append("Content-Type: application/json")
        self.wfile.write("\r\n".join([*lines, "", ""]).encode())
        self.wfile.write(body)


class Fake(socketserver.ThreadingTCPServer):
    """A server that answers as the test says."""

    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Peer)
        self.answer, self.asked, self.stopping = answer, 0, threading.Event()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server_address[1]}"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is no news here."""


@contextmanager
def server(answer: Answer, tls: ssl.SSLContext | None = None, port: int = 0) -> Iterator[Fake]:
    """A fake server while the block runs."""
    with Fake(answer, tls, port) as fake:
        threading.Thread(target=fake.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield fake
        finally:
            fake.stopping.set()
            fake.shutdown()


def says(body: bytes, status: str = "200 OK", *headers: str) -> Answer:
    """Always this answer."""
    return lambda peer: peer.say(body, status, *headers)


def says_raw(answer: bytes) -> Answer:
    """Always these bytes, and then the end."""

    def answer_so(peer: Peer) -> None:
        peer.wfile.write(answer)
        peer.connection.shutdown(socket.SHUT_WR)

    return answer_so


def hangs(peer: Peer) -> None:
    """Nothing, until the other side hangs up."""
    peer.rfile.read(1)


def drips(head: bytes, body: bytes) -> Answer:
    """The head at once, then a byte ten times in a deadline."""

    def answer(peer: Peer) -> None:
        peer.wfile.write(head)
        for byte in body:
            peer.wfile.write(bytes([byte]))
            if peer.server.stopping.wait(POLICY_DEADLINE_SECONDS / 10):
                return

    return answer


def drips_the_head() -> Answer:
    """A head that takes hours."""
    return drips(b"", b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 100_000)


def drips_the_body(body: bytes) -> Answer:
    """A head at once, and the body byte by byte."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    return drips(head, body)
