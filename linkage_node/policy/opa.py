"""Engine `opa`: an OPA server decides, asked through opa-python-client.

The node only asks; it never writes to the server, which therefore can refuse every write. The server is given the rules
and agreements as a folder, written by `linkage-node policy bundle DIR` and loaded with
`opa run --server --watch --bundle DIR`: after `agreements add` or `remove`, write it again. Until then its revision is
another than the node's own, and every decision is `policy_stale` (policy/pinned.py).

The client's own transport follows redirects and believes another host's `allow`, takes proxies and passwords from the
environment, and lets a dripping answer outlive its timeout (measured). So it is given ours: policy/http.py.
"""

import io
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests
from opa_client import OpaClient
from requests.adapters import BaseAdapter

from linkage_node.errors import InputError, Refusal
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.http import PolicyServer
from linkage_node.policy.source import ENTRYPOINT

_OPA_PORT = 8181  # where an OPA server listens unless told otherwise


class OpaDecisionPoint(DecisionPoint):
    """Decides by asking the OPA server at `url`; `ca` is the PEM file of the CA of an https server.

    InputError as PolicyServer.
    """

    def __init__(self, url: str, ca: Path | None = None, *, production: bool = True) -> None:
        server = PolicyServer(url, "policy.opa", ca, production=production, http_port=_OPA_PORT)
        if server.path not in {"", "/"}:
            raise InputError(
                "config_invalid", f"policy.opa_url: expected http(s)://HOST:PORT in place of {url}"
            )
        self.url = url
        host = f"[{server.host}]" if ":" in server.host else server.host
        self._client = OpaClient(host=host, port=server.port, ssl=url.startswith("https"), retries=0)
        session = self._client._session
        session.trust_env = False  # no password that happens to be in the environment
        session.adapters.clear()
        session.mount("", _Transport(server))

    def evaluate(self, decision_input: dict[str, Any]) -> object:
        """What the server answers; None if its policy has no decision. Refusal("policy_unavailable")."""
        package, _, rule = ENTRYPOINT.rpartition("/")
        return self._result(decision_input, package, rule)

    def revision(self) -> object:
        """The revision of the rules and agreements that the server has loaded; None if it has none."""
        return self._result({}, "revision")

    def _result(self, *query: Any) -> object:
        try:
            answer = self._client.query_rule(*query)
        except Refusal:
            raise
        except Exception as error:  # whatever it is, there is no decision
            raise Refusal("policy_unavailable", f"{self.url}: {type(error).__name__}") from None
        return answer.get("result") if isinstance(answer, dict) else None


class _Transport(BaseAdapter):
    """Carries what a session sends to one server, wherever its URL points."""

    def __init__(self, server: PolicyServer) -> None:
        super().__init__()
        self._server = server

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """The answer, of status 200; Refusal for every other."""
        body = request.body or b""
        answer = self._server.post(request.path_url, body.encode() if isinstance(body, str) else body)
        response = requests.Response()
        response.status_code, response.url, response.request = HTTPStatus.OK, request.url or "", request
        response.raw = io.BytesIO(answer.body)
        return response

    def close(self) -> None:
        """Nothing is kept open."""
