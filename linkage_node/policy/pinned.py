"""Holds an OPA server to what this node has: its rules and agreements, by revision."""

from typing import Any

from linkage_node.errors import Refusal
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.external import ExternalDecisionPoint
from linkage_node.policy.opa import OpaDecisionPoint
from linkage_node.policy.outcome import Outcome, parse_outcome
from linkage_node.policy.question import Question, decision_input


class PinnedDecisionPoint(ExternalDecisionPoint):
    """Decides by asking `server`, which must have the rules and agreements of `own`."""

    def __init__(self, server: OpaDecisionPoint, own: DecisionPoint) -> None:
        super().__init__(server.url, own)
        self.server = server

    def ask(self, question: Question, agreed: Outcome) -> Outcome:
        """What the server decides; Refusal("policy_stale") for another revision, yes or no."""
        outcome = self.look(question)
        if outcome.revision != agreed.revision:
            raise Refusal(
                "policy_stale", f"revision {outcome.revision} decided; this node has {agreed.revision}"
            )
        return outcome

    def look(self, question: Question) -> Outcome:
        """What the server says."""
        return parse_outcome(self.evaluate(decision_input(question)))

    def evaluate(self, decision_input: dict[str, Any]) -> object:
        """What the server answers."""
        return self.server.evaluate(decision_input)
