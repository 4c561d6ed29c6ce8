"""Engine `embedded`: the Rego runs inside the process (regopy, which wraps rego-cpp). Nothing needs to be installed.

Rules and agreements are compiled once; at every decision it is checked whether they are still the same, so that an
agreement which another process adds or removes counts from the next question on.
"""

from collections.abc import Hashable
from threading import Lock
from typing import Any

from linkage_node.errors import InputError, Refusal
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.outcome import parse_outcome
from linkage_node.policy.rego import Rego
from linkage_node.policy.source import ENTRYPOINT, PolicySource
from linkage_node.policy.verdicts import with_verdicts


class EmbeddedDecisionPoint(DecisionPoint):
    """Decides by the rules and data of `source`; compiles them at once: InputError("policy_invalid")."""

    def __init__(self, source: PolicySource) -> None:
        self._source = source
        self._lock = Lock()
        self._version: Hashable = None
        self._compile(source.version())

    def evaluate(self, decision_input: dict[str, Any]) -> object:
        """What the rules answer; None if nothing."""
        version = self._source.version()
        with self._lock:
            if version != self._version:
                self._compile(version)
            return self._rego.answer(decision_input)

    def _compile(self, version: Hashable) -> None:
        rules = self._source.rules
        rego = Rego(rules, with_verdicts(rules, self._source.data()), ENTRYPOINT)
        _try_out(rego)
        self._rego, self._version = rego, version


def _try_out(rego: Rego) -> None:
    """Some faults (a variable that is nowhere defined) compile, and only show in that nothing is decided."""
    try:
        outcome = parse_outcome(rego.answer({}))
    except Refusal as refusal:
        raise InputError("policy_invalid", f"data.{ENTRYPOINT}: {refusal.detail}") from None
    if outcome.allow:
        raise InputError("policy_invalid", "the rules approve of a question that asks nothing")
