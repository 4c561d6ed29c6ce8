"""Engine `authzen`: the organisation's own policy decision point decides, by OpenID's AuthZEN Authorization API 1.0.

The question is an access evaluation (https://openid.net/specs/authorization-api-1_0.html) in the NLGov profile:
`action.properties.processing_activity_id`, `context.time`. The answer is `{"decision": true, "context": {...}}`, or
false. Of the context, which AuthZEN leaves to the parties, this is read, and each part may be left out:

- `reasons`: a list of codes that say why not (a-z, 0-9 and `_`). The other organisation hears them.
- `obligations`: conditions of an approval, named as in the node's own rules; they can only make those stricter.
- `revision`: of what decided, for the evidence.
- `id`, `reason_admin`, `reason_user`: what AuthZEN's examples have for people. It is left aside.

Anything else in an approval is a condition that nobody here would keep: it is refused.
"""

import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from linkage_node.config import Policy, Tls
from linkage_node.errors import InputError, LinkageError, Refusal
from linkage_node.limits import POLICY_TOKEN_CHARACTERS
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.external import ExternalDecisionPoint
from linkage_node.policy.http import PolicyServer, plain_json
from linkage_node.policy.outcome import NOTHING, Obligations, Outcome, parse_outcome
from linkage_node.policy.question import Question, decision_input
from linkage_node.secrets import check_private, read_bytes

_READ = {"reasons", "obligations", "revision"}
_LEFT_ASIDE = {"id", "reason_admin", "reason_user"}
_REVISION = re.compile(r"[!-~]{1,64}")
_TOKEN = re.compile(r"[!-~]+")


class AuthzenDecisionPoint(ExternalDecisionPoint):
    """Decides by asking the service at `settings.pdp_url`, within what `own` allows.

    It is shown the certificate of `identity` if it asks for one, and the token in `settings.pdp_token_file`, which is
    read again for each question. InputError as PolicyServer, and for the token's file.
    """

    def __init__(self, settings: Policy, identity: Tls, own: DecisionPoint, *, production: bool) -> None:
        super().__init__(url := str(settings.pdp_url), own)
        self._server = PolicyServer(url, "policy.pdp", settings.pdp_ca, identity, production=production)
        self._token_file = settings.pdp_token_file
        if self._token_file is not None:
            if not self._server.private:
                raise InputError(
                    "mode_refused", f"policy.pdp_url {url}: a token does not travel over plain http"
                )
            _read_token(self._token_file)

    def ask(self, question: Question, agreed: Outcome) -> Outcome:
        """What the service decides. The revision names the node's own rules too, which allowed as much."""
        outcome = parse_evaluation(self.evaluate(decision_input(question)), agreed.obligations)
        return replace(outcome, revision=f"{agreed.revision}+{outcome.revision}")

    def look(self, question: Question) -> Outcome:
        """What the service says."""
        return parse_evaluation(self.evaluate(decision_input(question)), NOTHING)

    def evaluate(self, decision_input: dict[str, Any]) -> object:
        """What the service answers. Refusal("policy_unavailable", "policy_malformed")."""
        request_id = str(uuid4())
        headers = {"X-Request-ID": request_id, **self._authorization()}
        answer = self._server.post(self._server.path or "/", json.dumps(decision_input).encode(), headers)
        if answer.headers.get("X-Request-ID", request_id) != request_id:
            raise Refusal("policy_malformed", f"{self._server.url}: the answer to another request")
        return plain_json(answer.body)

    def _authorization(self) -> dict[str, str]:
        if self._token_file is None:
            return {}
        try:
            return {"Authorization": f"Bearer {_read_token(self._token_file)}"}
        except LinkageError as error:
            raise Refusal("policy_unavailable", error.message) from None


def parse_evaluation(raw: object, agreed: Obligations) -> Outcome:
    """An AuthZEN answer as an outcome; conditions that it does not name are those of `agreed`.

    Refusal("policy_malformed") or ("unknown_obligation") for whatever is not exactly a decision.
    """
    if not isinstance(raw, dict) or not {"decision"} <= raw.keys() <= {"decision", "context"}:
        raise _malformed("not an object of decision and context")
    allow, context = raw["decision"], raw.get("context", {})
    if not isinstance(context, dict):
        raise _malformed("context")
    if allow is True and (unknown := context.keys() - _READ - _LEFT_ASIDE):
        raise _malformed(f"an approval with {sorted(unknown)[0][:40]} in its context")
    reasons, obligations = context.get("reasons", []), context.get("obligations", {})
    if not isinstance(obligations, dict):
        raise _malformed("obligations")
    revision = context.get("revision", "authzen")
    if not isinstance(revision, str) or not _REVISION.fullmatch(revision):
        raise _malformed("revision")
    own = {name: list(one) if isinstance(one, tuple) else one for name, one in asdict(agreed).items()}
    conditions = own | obligations
    return parse_outcome(
        {"allow": allow, "reasons": reasons, "obligations": conditions, "revision": revision}
    )


def _read_token(file: Path) -> str:
    """The bearer token in a file that others cannot read; InputError."""
    check_private(file, group_may_read=True)  # Kubernetes mounts secrets so
    token = read_bytes(file).decode("latin-1").strip()
    if not _TOKEN.fullmatch(token) or len(token) > POLICY_TOKEN_CHARACTERS:
        raise InputError("file_malformed", f"{file} holds no token: one line, without spaces")
    return token


def _malformed(what: str) -> Refusal:
    return Refusal("policy_malformed", what)
