"""An organisation's own decision point for tests: AuthZEN over HTTPS in front of a real OPA server."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

PATH = "/access/v1/evaluation"


class Pdp(ThreadingHTTPServer):
    """Answers access evaluations with what the OPA server at `opa_url` decides, for whoever has the token."""

    daemon_threads = True

    def __init__(self, opa_url: str, tls: ssl.SSLContext, token: str) -> None:
        super().__init__(("127.0.0.1", 0), _Evaluation)
        self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.opa_url, self.token = opa_url, token
        self.url = f"https://127.0.0.1:{self.server_address[1]}{PATH}"
        self.callers: list[str] = []  # OINs in the certificates of those that asked

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is no news here."""


class _Evaluation(BaseHTTPRequestHandler):
    server: Pdp
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != PATH or self.headers["Content-Type"] != "application/json":
            self._say(400, {"error": "no access evaluation"})
            return
        if self.headers["Authorization"] != f"Bearer {self.server.token}":
            self._say(401, {"error": "who are you?"})
            return
        if isinstance(self.connection, ssl.SSLSocket):
            subject = (self.connection.getpeercert() or {}).get("subject", ())
            self.server.callers += [one[1] for part in subject for one in part if one[0] == "serialNumber"]
        question = {"input": json.loads(body)}
        opa = f"{self.server.opa_url}/v1/data/linkage/match/decision"
        decided = requests.post(opa, json=question, timeout=5).json()["result"]
        context = {"reasons": decided["reasons"], "revision": decided["revision"]}
        if decided["allow"]:
            context["obligations"] = decided["obligations"]
        self._say(200, {"decision": decided["allow"], "context": context})

    def _say(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Request-ID", self.headers["X-Request-ID"])
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@contextmanager
def pdp(opa_url: str, tls: ssl.SSLContext, token: str) -> Iterator[Pdp]:
    """A decision point while the block runs."""
    with Pdp(opa_url, tls, token) as made:
        threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield made
        finally:
            made.shutdown()
