"""The one small interface before both policy engines."""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any

from linkage_node.agreements import AgreementStore
from linkage_node.config import NodeConfig
from linkage_node.policy.outcome import NOTHING, Outcome, parse_outcome, reasons_against
from linkage_node.policy.question import Question, decision_input


class DecisionPoint(ABC):
    """Decides questions. Safe to share by threads."""

    def decide(self, question: Question) -> Outcome:
        """The decision; a plain no is an Outcome with its reasons, never an exception.

        Refusal("malformed", "policy_unavailable", "policy_malformed", "unknown_obligation"): there was no decision,
        which is a refusal too. An approval whose own conditions forbid the question is a no.
        """
        outcome = parse_outcome(self.evaluate(decision_input(question)))
        if outcome.allow and (reasons := reasons_against(outcome.obligations, question)):
            return replace(outcome, allow=False, reasons=reasons, obligations=NOTHING)
        return outcome

    @abstractmethod
    def evaluate(self, decision_input: dict[str, Any]) -> object:
        """What the engine answers, unchecked; None if it has no answer. Refusal("policy_unavailable")."""


def make_decision_point(config: NodeConfig, agreements: AgreementStore) -> DecisionPoint:
    """The engine that the configuration names. InputError if its policies, URL or CA cannot be used."""
    from linkage_node.policy.source import StoredPolicy, policy_folder

    source = StoredPolicy(policy_folder(config.policy.path), agreements)
    if config.policy.engine == "opa":
        from linkage_node.policy.opa import OpaDecisionPoint
        from linkage_node.policy.pinned import PinnedDecisionPoint

        production = config.mode == "production"
        server = OpaDecisionPoint(str(config.policy.opa_url), config.policy.opa_ca, production=production)
        return PinnedDecisionPoint(server, source, agreements)
    from linkage_node.policy.embedded import EmbeddedDecisionPoint

    return EmbeddedDecisionPoint(source)
