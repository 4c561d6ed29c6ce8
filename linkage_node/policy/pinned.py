"""Holds an OPA server to what this node has: its rules and agreements, by revision, and each agreement's own terms."""

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

from linkage_node.agreements import Agreement, AgreementStore
from linkage_node.errors import Refusal
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.opa import OpaDecisionPoint
from linkage_node.policy.outcome import NOTHING, Obligations, Outcome, reasons_against, stricter
from linkage_node.policy.question import Question
from linkage_node.policy.source import PolicySource


class PinnedDecisionPoint(DecisionPoint):
    """Decides by asking `server`, which must have the rules and agreements of `source`."""

    def __init__(self, server: OpaDecisionPoint, source: PolicySource, agreements: AgreementStore) -> None:
        self.server = server
        self._source, self._agreements = source, agreements
        self._expected: tuple[Hashable, str] = (None, "")  # version of the source, and its revision

    def decide(self, question: Question) -> Outcome:
        """As every decision point, and: Refusal("policy_stale") for another revision, yes or no.

        Of the server's conditions and the agreement's the stricter hold: a server that lies about its revision can
        still approve of nothing that was not agreed.
        """
        outcome = super().decide(question)
        if outcome.revision != (expected := self._revision()):
            raise Refusal("policy_stale", f"revision {outcome.revision} decided; this node has {expected}")
        if not outcome.allow:
            return outcome
        agreement = self._agreements.get_by_hash(bytes.fromhex(question.agreement_hash))
        obligations = stricter(outcome.obligations, _terms(agreement))
        if reasons := reasons_against(obligations, question):
            return replace(outcome, allow=False, reasons=reasons, obligations=NOTHING)
        return replace(outcome, obligations=obligations)

    def evaluate(self, decision_input: dict[str, Any]) -> object:
        """What the server answers."""
        return self.server.evaluate(decision_input)

    def _revision(self) -> str:
        version = self._source.version()
        if self._expected[0] != version:
            self._expected = version, self._source.data()["revision"]
        return self._expected[1]


def _terms(agreement: Agreement) -> Obligations:
    limits = agreement.limits
    return Obligations(
        evaluations_per_day=limits.evaluations_per_day,
        largest_query=limits.largest_query,
        result_retention_days=limits.result_retention_days,
        kinds=agreement.kinds,
        answers=agreement.answers,
        proof=agreement.proof,
        receipts=agreement.receipts,
    )
