"""The OPA engine against servers that fail, lie, drip and die: there is never an approval, and never a long wait."""

import gzip
import json
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
import trustme

from linkage_node.errors import InputError, Refusal
from linkage_node.limits import POLICY_ANSWER_BYTES, POLICY_DEADLINE_SECONDS
from linkage_node.policy.opa import OpaDecisionPoint
from tests.nodes import free_port
from tests.opa_server import OpaServer
from tests.policy.corpus import AGREEMENT, POLICIES, RULES, StaticPolicy, hash_of, question
from tests.policy.faulty import (
    Answer,
    Peer,
    drips_the_body,
    drips_the_head,
    hangs,
    says,
    says_raw,
    server,
)

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


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def _cut_off(peer: Peer) -> None:
    peer.wfile.write(_HEAD + b"Content-Length: 5000\r\n\r\n" + APPROVAL)
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
    "status_500": (says(b"{}", "500 Internal Server Error"), "policy_unavailable"),
    "status_500_with_an_approval": (says(APPROVAL, "500 Internal Server Error"), "policy_unavailable"),
    "status_404_with_an_approval": (says(APPROVAL, "404 Not Found"), "policy_unavailable"),
    "status_302_with_an_approval": (says(APPROVAL, "302 Found"), "policy_unavailable"),
    "status_202_with_an_approval": (says(APPROVAL, "202 Accepted"), "policy_unavailable"),
    "empty_object": (says(b"{}"), "policy_malformed"),
    "no_body": (says(b""), "policy_malformed"),
    "result_null": (says(b'{"result": null}'), "policy_malformed"),
    "result_true": (says(b'{"result": true}'), "policy_malformed"),
    "result_text_true": (says(b'{"result": "true"}'), "policy_malformed"),
    "result_text_false": (says(b'{"result": "false"}'), "policy_malformed"),
    "bare_true": (says(b"true"), "policy_malformed"),
    "list_of_an_approval": (says(b"[" + APPROVAL + b"]"), "policy_malformed"),
    "result_empty": (says(b'{"result": {}}'), "policy_malformed"),
    "allow_alone": (says(b'{"result": {"allow": true}}'), "policy_malformed"),
    "allow_text_false": (says(_changed(b'"allow": true', b'"allow": "false"')), "policy_malformed"),
    "allow_text_true": (says(_changed(b'"allow": true', b'"allow": "true"')), "policy_malformed"),
    "allow_one": (says(_changed(b'"allow": true', b'"allow": 1')), "policy_malformed"),
    "allow_twice": (says(_changed(b'"allow": true', b'"allow": false, "allow": true')), "policy_malformed"),
    "result_twice": (says(b'{"result": {}, ' + APPROVAL[1:]), "policy_malformed"),
    "unknown_obligation": (says(_changed(b'"proof"', b'"notify": true, "proof"')), "unknown_obligation"),
    "obligation_dropped": (says(_changed(b'"proof": false, ', b"")), "policy_malformed"),
    "not_json": (says(b"<html>allow</html>"), "policy_malformed"),
    "deeply_nested": (says(b'{"result":' + b"[" * 30_000 + b"]" * 30_000 + b"}"), "policy_malformed"),
    "ten_megabytes": (says(APPROVAL + b" " * 10_000_000), "policy_malformed"),
    "one_byte_too_long": (says(APPROVAL.ljust(POLICY_ANSWER_BYTES + 1)), "policy_malformed"),
    "compressed_unasked": (
        says(gzip.compress(APPROVAL), "200 OK", "Content-Encoding: gzip"),
        "policy_malformed",
    ),
    "not_http": (says_raw(b"220 mail.example ESMTP\r\n\r\n"), "policy_unavailable"),
    "cut_off": (_cut_off, "policy_unavailable"),
    "hangs": (hangs, "policy_unavailable"),
    "drips_the_body": (drips_the_body(APPROVAL), "policy_unavailable"),
    "drips_the_head": (drips_the_head(), "policy_unavailable"),
    "another_content_type": (says(APPROVAL, "200 OK", "Content-Type: text/html"), "policy_malformed"),
    "no_number": (says(_changed(b'"largest_query": 1000', b'"largest_query": NaN')), "policy_malformed"),
    "utf_16": (says(APPROVAL.decode().encode("utf-16")), "policy_malformed"),
    "garbage_in_chunks": (
        says_raw(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nx\r\nZZ\r\n" + APPROVAL),
        "policy_unavailable",
    ),
    "chunks_without_an_end": (
        says_raw(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(APPROVAL), APPROVAL)),
        "policy_unavailable",
    ),
    "a_chunk_below_zero": (
        lambda peer: _for_ever(peer, b" " * 65536, _HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n"),
        "policy_malformed",
    ),
    "no_length": (says_raw(_HEAD + b"\r\n" + APPROVAL), "policy_malformed"),
    "two_lengths": (
        says_raw(_HEAD + b"Content-Length: %d\r\nContent-Length: 5\r\n\r\n" % len(APPROVAL) + APPROVAL),
        "policy_malformed",
    ),
    "a_length_and_chunks": (
        says_raw(
            _HEAD
            + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n"
            % (len(APPROVAL), APPROVAL)
        ),
        "policy_malformed",
    ),
    "continues_for_ever": (
        lambda peer: _for_ever(peer, b"HTTP/1.1 100 Continue\r\n\r\n"),
        "policy_malformed",
    ),
    "headers_for_ever": (lambda peer: _for_ever(peer, b"X-More: of it\r\n", _HEAD), "policy_unavailable"),
}


def _for_ever(peer: Peer, piece: bytes, head: bytes = b"") -> None:
    peer.wfile.write(head)
    while True:
        peer.wfile.write(piece)


@pytest.mark.parametrize(("answer", "code"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_server_never_approves(answer: Answer, code: str) -> None:
    """Whatever is not a decision, whole and in time, is a refusal with a stable code."""
    with server(answer) as fake:
        assert _refusal(OpaDecisionPoint(fake.url)) == code
        assert fake.asked == 1


def test_the_fake_server_can_approve() -> None:
    """Without a fault the same server approves, so the faults above are what is refused."""
    with server(says(APPROVAL)) as fake:
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
    with server(says(APPROVAL)) as other:
        with server(says(b"", status, f"Location: {other.url}/v1/data/linkage/match/decision")) as fake:
            assert _refusal(OpaDecisionPoint(fake.url)) == "policy_unavailable"
        assert other.asked == 0


def test_a_proxy_in_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is decided about is nobody else's business, and nobody else decides."""
    with server(says(APPROVAL)) as proxy:
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
    """However many questions a dripping server holds, each ends at its deadline and leaves no thread and no socket."""
    with server(drips_the_head()) as fake:
        decision_point = OpaDecisionPoint(fake.url)
        before = len(os.listdir("/proc/self/fd"))
        codes: list[str] = []
        asking = [
            threading.Thread(target=lambda: codes.append(_refusal(decision_point)), name="asking")
            for _ in range(32)
        ]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        assert codes == ["policy_unavailable"] * len(asking)
        assert {thread.name for thread in threading.enumerate()}.isdisjoint({"asking", "policy-name"})
        fake.answer = says(APPROVAL)
        assert decision_point.decide(question()).allow
        fake.stopping.set()
        fake.shutdown()
    assert len(os.listdir("/proc/self/fd")) <= before + len(
        asking
    )  # of the server's side, which may still end


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
    with server(says(APPROVAL), _tls(authority, "127.0.0.1")) as fake:
        assert OpaDecisionPoint(fake.url, ca).decide(question()).allow
        assert fake.asked == 1
        assert _refusal(OpaDecisionPoint(fake.url, other_ca)) == "policy_unavailable"
        assert _refusal(OpaDecisionPoint(fake.url)) == "policy_unavailable"
        assert fake.asked == 1
    with server(says(APPROVAL), _tls(authority, "opa.example")) as fake:
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
