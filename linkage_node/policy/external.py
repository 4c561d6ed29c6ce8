"""Another decision point, in the place of the embedded one: it can refuse everything, and lift nothing.

What the node's own rules refuse is refused, and the other does not even hear the question. What it approves of is done
within the conditions of both. So whatever it says, nothing is done beyond an agreement that is in force, and nothing
that a guardrail is against.
"""

from abc import abstractmethod
from dataclasses import replace

from linkage_node.errors import InputError
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.outcome import NOTHING, Outcome, reasons_against, stricter
from linkage_node.policy.question import Question


class ExternalDecisionPoint(DecisionPoint):
    """Decides by asking a server, within what `own` allows: the node's own rules and agreements."""

    def __init__(self, url: str, own: DecisionPoint) -> None:
        self.url = url
        self.own = own

    def decide(self, question: Question) -> Outcome:
        """As every decision point. Of the server's conditions and the node's own the stricter hold."""
        agreed = self.own.decide(question)
        if not agreed.allow:
            return agreed
        outcome = self.ask(question, agreed)
        if not outcome.allow:
            return outcome
        obligations = stricter(outcome.obligations, agreed.obligations)
        if reasons := reasons_against(obligations, question):
            return replace(outcome, allow=False, reasons=reasons, obligations=NOTHING)
        return replace(outcome, obligations=obligations)

    @abstractmethod
    def ask(self, question: Question, agreed: Outcome) -> Outcome:
        """What the server decides on a question that the node's own rules approved of, as `agreed`; a Refusal."""

    def check(self, unagreed: Question) -> str:
        """Ask the server itself about a question that must be refused; its revision.

        Refusal if it does not answer, InputError("policy_lax") if it approves.
        """
        outcome = self.look(unagreed)
        if outcome.allow:
            raise InputError("policy_lax", f"{self.url}, revision {outcome.revision}")
        return outcome.revision

    @abstractmethod
    def look(self, question: Question) -> Outcome:
        """What the server alone says to a question; a Refusal. Nothing may be done by it."""
