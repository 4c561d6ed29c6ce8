"""The OPA engine against servers that fail, lie, drip and die: there is never an approval, and never a long wait."""

import gzip
import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
import trustme

from linkage_node.errors import InputError, Refusal
from linkage_node.limits import POLICY_ANSWER_BYTES, POLICY_CALLS, POLICY_DEADLINE_SECONDS
from linkage_node.policy.opa import OpaDecisionPoint
from tests.nodes import free_port
from tests.opa_server import OpaServer
from tests.policy.corpus import AGREEMENT, POLICIES, RULES, StaticPolicy, hash_of, question

SLACK_SECONDS = 1.0  # for a busy machine, on top of the deadline
APPROVAL = json.dumps(
    {
        "result": {
            "allow": True,
            "reasons": [],
            "obligations": {
                "evaluations_per_day": 1000,
                "largest_query": 1000,
                "result_retention_days": 30,
                "kinds": ["bsn"],
                "answers": ["hit"],
                "proof": False,
                "receipts": False,
            },
            "revision": "r1",
        }
    }
).encode()

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
        length = 0
        while line := self.rfile.readline():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
            if line == b"\r\n":
                self.rfile.read(length)
                return True
        return False

    def say(self, body: bytes, status: str = "200 OK", *headers: str) -> None:
        """One HTTP answer."""
        lines = [
            f"HTTP/1.1 {status}",
            f"Content-Length: {len(body)}",
            "Content-Type: application/json",
            *headers,
        ]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + body)


class Fake(socketserver.ThreadingTCPServer):
    """A server that answers as the test says."""

    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Peer)
        self.answer, self.asked, self.stopping = answer, 0, threading.Event()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server_address[1]}"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)


@contextmanager
def server(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Fake]:
    """A fake server while the block runs."""
    with Fake(answer, tls) as fake:
        threading.Thread(target=fake.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield fake
        finally:
            fake.stopping.set()
            fake.shutdown()


def _says(body: bytes, status: str = "200 OK", *headers: str) -> Answer:
    return lambda peer: peer.say(body, status, *headers)


def _hang(peer: Peer) -> None:
    peer.server.stopping.wait(30)


def _drip(head: bytes, body: bytes) -> Answer:
    def answer(peer: Peer) -> None:
        peer.wfile.write(head)
        for byte in body:
            peer.wfile.write(bytes([byte]))
            if peer.server.stopping.wait(POLICY_DEADLINE_SECONDS / 10):
                return

    return answer


def _cut_off(peer: Peer) -> None:
    peer.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + APPROVAL)
    peer.connection.shutdown(socket.SHUT_RDWR)


def _changed(old: bytes, new: bytes) -> bytes:
    assert APPROVAL.count(old) == 1
    return APPROVAL.replace(old, new)


def _refusal(decision_point: OpaDecisionPoint) -> str:
    """The code of the refusal, which must come in time."""
    started = monotonic()
    with pytest.raises(Refusal) as refused:
        decision_point.decide(question())
    assert monotonic() - started < POLICY_DEADLINE_SECONDS + SLACK_SECONDS
    return refused.value.code


FAULTS: dict[str, tuple[Answer, str]] = {
    "status_500": (_says(b"{}", "500 Internal Server Error"), "policy_unavailable"),
    "status_500_with_an_approval": (_says(APPROVAL, "500 Internal Server Error"), "policy_unavailable"),
    "status_404_with_an_approval": (_says(APPROVAL, "404 Not Found"), "policy_unavailable"),
    "status_302_with_an_approval": (_says(APPROVAL, "302 Found"), "policy_unavailable"),
    "status_202_with_an_approval": (_says(APPROVAL, "202 Accepted"), "policy_unavailable"),
    "empty_object": (_says(b"{}"), "policy_malformed"),
    "no_body": (_says(b""), "policy_malformed"),
    "result_null": (_says(b'{"result": null}'), "policy_malformed"),
    "result_true": (_says(b'{"result": true}'), "policy_malformed"),
    "result_text_true": (_says(b'{"result": "true"}'), "policy_malformed"),
    "result_text_false": (_says(b'{"result": "false"}'), "policy_malformed"),
    "bare_true": (_says(b"true"), "policy_malformed"),
    "list_of_an_approval": (_says(b"[" + APPROVAL + b"]"), "policy_malformed"),
    "result_empty": (_says(b'{"result": {}}'), "policy_malformed"),
    "allow_alone": (_says(b'{"result": {"allow": true}}'), "policy_malformed"),
    "allow_text_false": (_says(_changed(b'"allow": true', b'"allow": "false"')), "policy_malformed"),
    "allow_text_true": (_says(_changed(b'"allow": true', b'"allow": "true"')), "policy_malformed"),
    "allow_one": (_says(_changed(b'"allow": true', b'"allow": 1')), "policy_malformed"),
    "allow_twice": (_says(_changed(b'"allow": true', b'"allow": false, "allow": true')), "policy_malformed"),
    "result_twice": (_says(b'{"result": {}, ' + APPROVAL[1:]), "policy_malformed"),
    "unknown_obligation": (_says(_changed(b'"proof"', b'"notify": true, "proof"')), "unknown_obligation"),
    "obligation_dropped": (_says(_changed(b'"proof": false, ', b"")), "policy_malformed"),
    "not_json": (_says(b"<html>allow</html>"), "policy_malformed"),
    "deeply_nested": (_says(b'{"result":' + b"[" * 30_000 + b"]" * 30_000 + b"}"), "policy_malformed"),
    "ten_megabytes": (_says(APPROVAL + b" " * 10_000_000), "policy_malformed"),
    "one_byte_too_long": (_says(APPROVAL.ljust(POLICY_ANSWER_BYTES + 1)), "policy_malformed"),
    "compressed_unasked": (
        _says(gzip.compress(APPROVAL), "200 OK", "Content-Encoding: gzip"),
        "policy_malformed",
    ),
    "not_http": (
        lambda peer: _ignore(peer.wfile.write(b"220 mail.example ESMTP\r\n\r\n")),
        "policy_unavailable",
    ),
    "cut_off": (_cut_off, "policy_unavailable"),
    "hangs": (_hang, "policy_unavailable"),
    "drips_the_body": (
        _drip(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(APPROVAL), APPROVAL),
        "policy_unavailable",
    ),
    "drips_the_head": (_drip(b"", b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 1000), "policy_unavailable"),
}


def _ignore(_value: object) -> None:
    return None


@pytest.mark.parametrize(("answer", "code"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_server_never_approves(answer: Answer, code: str) -> None:
    """Whatever is not a decision, whole and in time, is a refusal with a stable code."""
    with server(answer) as fake:
        assert _refusal(OpaDecisionPoint(fake.url)) == code
        assert fake.asked == 1


def test_the_fake_server_can_approve() -> None:
    """Without a fault the same server approves, so the faults above are what is refused."""
    with server(_says(APPROVAL)) as fake:
        decision_point = OpaDecisionPoint(fake.url)
        assert decision_point.decide(question()).allow
        assert decision_point.decide(question(elements=1001)).reasons == (
            "budget_exhausted",
            "query_too_large",
        )


@pytest.mark.parametrize(
    "status", ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect"]
)
def test_a_redirect_to_a_server_that_approves_is_not_followed(status: str) -> None:
    """Another host's approval is never asked for."""
    with server(_says(APPROVAL)) as other:
        with server(_says(b"", status, f"Location: {other.url}/v1/data/linkage/match/decision")) as fake:
            assert _refusal(OpaDecisionPoint(fake.url)) == "policy_unavailable"
        assert other.asked == 0


def test_a_proxy_in_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is decided about is nobody else's business, and nobody else decides."""
    with server(_says(APPROVAL)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        assert _refusal(OpaDecisionPoint(f"http://127.0.0.1:{free_port()}")) == "policy_unavailable"
        assert proxy.asked == 0


def test_a_server_that_is_down_is_a_refusal() -> None:
    """Nobody listens: refused at once."""
    assert _refusal(OpaDecisionPoint(f"http://127.0.0.1:{free_port()}")) == "policy_unavailable"


def test_dripping_calls_cannot_pile_up() -> None:
    """However many questions a dripping server holds, threads are bounded, and it is asked again once it lets go."""
    before = threading.active_count()
    with server(_drip(b"", b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 100_000)) as fake:
        decision_point = OpaDecisionPoint(fake.url)
        codes: list[str] = []
        asking = [
            threading.Thread(target=lambda: codes.append(_refusal(decision_point)))
            for _ in range(2 * POLICY_CALLS)
        ]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        assert codes == ["policy_unavailable"] * len(asking)
        assert fake.asked <= POLICY_CALLS
        assert sum(thread.name == "opa" for thread in threading.enumerate()) <= POLICY_CALLS
        fake.answer = _says(APPROVAL)
        fake.stopping.set()
        for thread in threading.enumerate():
            if thread.name == "opa":
                thread.join(10)
        assert decision_point.decide(question()).allow
    assert threading.active_count() <= before + 2 * POLICY_CALLS


@pytest.fixture
def real(tmp_path: Path) -> Iterator[OpaServer]:
    """A real OPA server over the policies and the example agreement."""
    data = tmp_path / "data.json"
    data.write_text(json.dumps(StaticPolicy(RULES, {hash_of(AGREEMENT): AGREEMENT}).data()))
    opa = OpaServer(POLICIES / "linkage", data)
    opa.start()
    yield opa
    opa.stop()


def test_opa_killed_mid_run_means_refusal_and_started_again_approval(real: OpaServer) -> None:
    """No decision point, no approval; nothing has to be done at the node when it is back."""
    decision_point = OpaDecisionPoint(real.url)
    assert decision_point.decide(question()).allow
    real.stop()
    assert [_refusal(decision_point) for _ in range(3)] == ["policy_unavailable"] * 3
    real.start()
    assert decision_point.decide(question()).allow


def test_opa_without_our_policy_or_data_never_approves(tmp_path: Path) -> None:
    """An OPA server that was given nothing answers `{}`; given the rules alone it denies."""
    (tmp_path / "empty.rego").write_text("package empty\n")
    for path, code in ((tmp_path / "empty.rego", "policy_malformed"), (POLICIES / "linkage", None)):
        opa = OpaServer(path)
        opa.start()
        try:
            decision_point = OpaDecisionPoint(opa.url)
            assert decision_point.revision() is None
            if code:
                assert _refusal(decision_point) == code
            else:
                outcome = decision_point.decide(question())
                assert (outcome.allow, outcome.reasons) == (False, ("policy_denied",))
        finally:
            opa.stop()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A CA for the test."""
    return trustme.CA()


def _tls(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_https_is_checked_against_the_ca(authority: trustme.CA, tmp_path: Path) -> None:
    """The right CA and name: approved. Another CA, none, or another name: refused without being asked."""
    ca, other_ca = tmp_path / "ca.pem", tmp_path / "other.pem"
    authority.cert_pem.write_to_path(str(ca))
    trustme.CA().cert_pem.write_to_path(str(other_ca))
    with server(_says(APPROVAL), _tls(authority, "127.0.0.1")) as fake:
        assert OpaDecisionPoint(fake.url, ca).decide(question()).allow
        assert fake.asked == 1
        assert _refusal(OpaDecisionPoint(fake.url, other_ca)) == "policy_unavailable"
        assert _refusal(OpaDecisionPoint(fake.url)) == "policy_unavailable"
        assert fake.asked == 1
    with server(_says(APPROVAL), _tls(authority, "opa.example")) as fake:
        assert _refusal(OpaDecisionPoint(fake.url, ca)) == "policy_unavailable"


URLS = {
    "http://opa.example:8181": "mode_refused",
    "http://10.0.0.1:8181": "mode_refused",
    "http://127.0.0.1.example:8181": "mode_refused",
    "ftp://127.0.0.1:8181": "config_invalid",
    "http://": "config_invalid",
    "http://127.0.0.1:99999": "config_invalid",
    "http://127.0.0.1:8181/v1/data": "config_invalid",
    "http://127.0.0.1:8181/?pretty": "config_invalid",
    "http://user:secret@127.0.0.1:8181": "config_invalid",
}


@pytest.mark.parametrize(("url", "code"), URLS.items(), ids=URLS)
def test_urls_that_cannot_be_trusted_are_refused_in_production(url: str, code: str) -> None:
    """Plain http only to this machine; nothing but host and port."""
    with pytest.raises(InputError) as refused:
        OpaDecisionPoint(url, production=True)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8181", "http://[::1]:8181", "http://localhost", "https://opa.example"]
)
def test_urls_that_can_be_trusted_are_taken(url: str) -> None:
    """Loopback over http, anything over https."""
    assert OpaDecisionPoint(url, production=True)._client.root_url.startswith(url.rstrip("/"))


def test_a_ca_file_that_is_not_there_is_told_at_the_start(tmp_path: Path) -> None:
    """Not at the first question."""
    with pytest.raises(InputError) as refused:
        OpaDecisionPoint("https://opa.example", tmp_path / "ca.pem")
    assert refused.value.code == "file_missing"
