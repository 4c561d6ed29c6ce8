"""Engine `opa`: an OPA server decides, asked through opa-python-client.

The node only asks; it never writes to the server, which therefore can refuse every write. The server is given the rules
and agreements as a folder, written by `linkage-node policy bundle DIR` and loaded with
`opa run --server --watch --bundle DIR`: after `agreements add` or `remove`, write it again. Until then its revision is
another than the node's own, and every decision is `policy_stale` (policy/pinned.py).

Measured, and closed here: the client follows redirects and believes another host's `allow`; it takes proxies and
passwords from the environment; a dripping answer outlives its timeout; failures come as raw `requests` exceptions.
"""

import io
import json
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from opa_client import OpaClient

from linkage_node.errors import InputError, Refusal
from linkage_node.limits import POLICY_ANSWER_BYTES, POLICY_CALLS, POLICY_DEADLINE_SECONDS
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.source import ENTRYPOINT

_READ_BYTES = 16 * 1024


class OpaDecisionPoint(DecisionPoint):
    """Decides by asking the OPA server at `url`; `ca` is the PEM file of the CA of an https server.

    InputError("config_invalid") for a URL that cannot be used, ("mode_refused") for one that may not in production.
    """

    def __init__(self, url: str, ca: Path | None = None, *, production: bool = True) -> None:
        scheme, host, port = _split(url)
        if production and scheme != "https" and not _is_loopback(host):
            raise InputError("mode_refused", f"policy.opa_url {url}: plain http to another machine")
        if ca is not None and not ca.is_file():
            raise InputError("file_missing", f"policy.opa_ca: {ca}")
        self._url = url
        self._client = OpaClient(
            host=f"[{host}]" if ":" in host else host,
            port=port,
            ssl=scheme == "https",
            retries=0,
            timeout=POLICY_DEADLINE_SECONDS,
        )
        self._client._session = _Session(str(ca) if ca else True)
        # A call that drips beyond its deadline keeps its place until the other side ends it: such a server is refused
        # for as long, and cannot pile up threads here.
        self._places = BoundedSemaphore(POLICY_CALLS)

    def evaluate(self, decision_input: dict[str, Any]) -> object:
        """What the server answers; None if its policy has no decision. Refusal("policy_unavailable")."""
        package, _, rule = ENTRYPOINT.rpartition("/")
        return self._ask(lambda: self._client.query_rule(decision_input, package, rule))

    def revision(self) -> object:
        """The revision of the rules and agreements that the server has loaded; None if it has none."""
        return self._ask(lambda: self._client.query_rule({}, "revision"))

    def _ask(self, call: Callable[[], Any]) -> object:
        """`result` of the answer to `call`, within the deadline, whatever the other side does."""
        ends_at = monotonic() + POLICY_DEADLINE_SECONDS
        if not self._places.acquire(timeout=POLICY_DEADLINE_SECONDS):
            raise self._unavailable("it still holds all earlier calls")
        answers: SimpleQueue[Any] = SimpleQueue()

        def run() -> None:
            try:
                answers.put(call())
            except Exception as error:  # whatever it is, there is no decision
                answers.put(error)
            finally:
                self._places.release()

        Thread(target=run, name="opa", daemon=True).start()
        try:
            answer = answers.get(timeout=max(0.0, ends_at - monotonic()))
        except Empty:
            raise self._unavailable(f"no answer within {POLICY_DEADLINE_SECONDS} s") from None
        if isinstance(answer, Refusal):
            raise answer
        if isinstance(answer, Exception):
            raise self._unavailable(type(answer).__name__)
        return answer.get("result") if isinstance(answer, dict) else None

    def _unavailable(self, why: str) -> Refusal:
        return Refusal("policy_unavailable", f"{self._url}: {why}")


class _Session(requests.Session):
    """A session that talks to one server only, and reads a bounded answer of status 200 or none."""

    def __init__(self, verify: str | bool) -> None:
        super().__init__()
        self.verify = verify
        self.trust_env = False  # no proxy and no password that happens to be in the environment
        self.headers["Accept-Encoding"] = "identity"  # the cap is on what is parsed

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        ends_at = monotonic() + POLICY_DEADLINE_SECONDS
        options |= {"allow_redirects": False, "stream": True}
        response = super().request(method, url, *args, **options)
        try:
            body = _read(response, ends_at)
        except BaseException:
            response.close()
            raise
        response.raw = io.BytesIO(body)
        return response


def _read(response: requests.Response, ends_at: float) -> bytes:
    """The body of an answer of status 200, read up to a size and a time."""
    if response.status_code != HTTPStatus.OK:
        raise Refusal("policy_unavailable", f"HTTP status {response.status_code}")
    body = bytearray()
    while piece := response.raw.read1(_READ_BYTES, decode_content=False):
        body += piece
        if len(body) > POLICY_ANSWER_BYTES:
            raise Refusal("policy_malformed", f"more than {POLICY_ANSWER_BYTES} bytes")
        if monotonic() > ends_at:
            raise Refusal("policy_unavailable", "the answer drips")
    return _checked(bytes(body))


def _checked(body: bytes) -> bytes:
    """`body` if it is JSON that all readers read alike: no key stands twice."""
    try:
        json.loads(body, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise Refusal("policy_malformed", "the answer is not plain JSON") from None
    return body


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _split(url: str) -> tuple[str, str, int]:
    try:
        parts = urlsplit(url)
        usual_port = {"http": 8181, "https": 443}[parts.scheme]
        port = parts.port or usual_port
    except (ValueError, KeyError):
        raise InputError("config_invalid", f"policy.opa_url: {url}") from None
    if not parts.hostname or parts.path not in {"", "/"} or parts.query or parts.fragment or parts.username:
        raise InputError("config_invalid", f"policy.opa_url: expected http(s)://HOST:PORT in place of {url}")
    return parts.scheme, parts.hostname, port


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
