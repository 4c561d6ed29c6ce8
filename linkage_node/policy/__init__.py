"""May this question be asked, may it be answered: the decision, its input and outcome, and the two engines."""

from linkage_node.policy.engine import DecisionPoint, make_decision_point
from linkage_node.policy.outcome import (
    Obligations,
    Outcome,
    parse_outcome,
    reasons_against,
    require_at_least,
    stricter,
)
from linkage_node.policy.question import Question, decision_input

__all__ = [
    "DecisionPoint",
    "Obligations",
    "Outcome",
    "Question",
    "decision_input",
    "make_decision_point",
    "parse_outcome",
    "reasons_against",
    "require_at_least",
    "stricter",
]
