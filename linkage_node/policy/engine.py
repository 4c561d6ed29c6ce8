"""The one small interface before all policy engines."""

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from linkage_node.agreements import AgreementStore
from linkage_node.config import NodeConfig
from linkage_node.errors import InputError
from linkage_node.policy.outcome import NOTHING, Outcome, parse_outcome, reasons_against
from linkage_node.policy.question import Question, decision_input

if TYPE_CHECKING:
    from linkage_node.policy.active import ActivePolicy


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


def make_decision_point(
    config: NodeConfig, agreements: AgreementStore, active: "ActivePolicy | None" = None
) -> DecisionPoint:
    """The engine that the configuration names, by the policy in force; without officers by what the node has.

    InputError if its policies, URL, CA or token cannot be used, ("officers_not_named") in production without officers.
    """
    production = config.mode == "production"
    own = _own_rules(config, agreements, active)
    if config.policy.engine == "opa":
        from linkage_node.policy.opa import OpaDecisionPoint
        from linkage_node.policy.pinned import PinnedDecisionPoint

        server = OpaDecisionPoint(str(config.policy.opa_url), config.policy.opa_ca, production=production)
        return PinnedDecisionPoint(server, own)
    if config.policy.engine == "authzen":
        from linkage_node.policy.authzen import AuthzenDecisionPoint

        return AuthzenDecisionPoint(config.policy, config.tls, own, production=production)
    return own


def _own_rules(
    config: NodeConfig, agreements: AgreementStore, active: "ActivePolicy | None"
) -> DecisionPoint:
    if active is not None:
        from linkage_node.policy.active import ActiveDecisionPoint

        return ActiveDecisionPoint(active)
    if config.mode == "production":
        raise InputError("officers_not_named")
    from linkage_node.policy.embedded import EmbeddedDecisionPoint
    from linkage_node.policy.source import StoredPolicy, policy_folder

    return EmbeddedDecisionPoint(StoredPolicy(policy_folder(config.policy.path), agreements))
