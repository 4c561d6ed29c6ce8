"""Two policies compared: which recorded, imagined and case questions are answered differently by the one and the other.

Every question is put to both. One that names an agreement by the content that one policy has is put to the other under
the content that the other has by the same id, so that a changed agreement shows by its answers and not by its hash.
"""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import asdict
from functools import cached_property
from typing import Any, NamedTuple

from linkage_node.policy.asked import decided, evaluated, value_at
from linkage_node.policy.case_runs import CasePolicy
from linkage_node.policy.cases import Case
from linkage_node.policy.diff_questions import Origin, Put
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.known import KnownPolicy
from linkage_node.policy.outcome import Outcome


class Answer(NamedTuple):
    """What a policy answers, without its revision."""

    allow: bool
    reasons: tuple[str, ...]
    obligations: dict[str, Any]  # empty in a refusal


class Difference(NamedTuple):
    """A question that the two policies answer differently."""

    put: Put
    before: Answer
    after: Answer


class Side:
    """One policy, ready to be asked about real agreements and about cases."""

    def __init__(self, policy: KnownPolicy, cases: Iterable[Case]) -> None:
        data = policy.data()
        self._hashes = {agreement["id"]: content for content, agreement in data["agreements"].items()}
        self._known = data["agreements"].keys()
        self._decide: DecisionPoint = EmbeddedDecisionPoint(policy)
        self._of_cases = CasePolicy(policy.rules, data["catalogue"], cases)

    @cached_property
    def _cases(self) -> DecisionPoint:
        return EmbeddedDecisionPoint(self._of_cases)

    def answer(self, put: Put) -> Answer:
        """What this policy answers."""
        if put.origin == "case":
            return _answer(evaluated(self._cases, put.asked))
        return _answer(decided(self._decide, self._readdressed(put.asked)))

    def _readdressed(self, asked: Any) -> Any:
        """The question under the content that this policy has of the agreement by that id, if it is another one."""
        own = self._hashes.get(value_at(asked, "context.agreement.id"))
        if own is None or value_at(asked, "context.agreement.hash") in self._known:
            return asked
        changed = deepcopy(asked)
        changed["context"]["agreement"]["hash"] = own
        return changed


def differences(old: Side, new: Side, questions: Iterable[Put]) -> Iterator[Difference]:
    """The questions of which the decision, a reason or a condition is another."""
    for put in questions:
        before, after = old.answer(put), new.answer(put)
        if before != after:
            yield Difference(put, before, after)


def _answer(outcome: Outcome) -> Answer:
    return Answer(outcome.allow, outcome.reasons, asdict(outcome.obligations) if outcome.allow else {})


class Group(NamedTuple):
    """Questions of one agreement that change in the same way."""

    agreement: str
    allowed_before: bool
    before: tuple[str, ...]  # reasons of a refusal
    allowed_after: bool
    after: tuple[str, ...]
    conditions: tuple[tuple[str, Any, Any], ...]  # of approvals by both: what is another, from what, to what
    origins: dict[Origin, int]  # how many of each
    names: list[str]

    @property
    def decides_otherwise(self) -> bool:
        """What was approved is refused, or the reverse; else reasons or conditions are others."""
        return self.allowed_before != self.allowed_after

    @property
    def questions(self) -> int:
        """How many questions."""
        return sum(self.origins.values())


def grouped(found: Iterable[Difference]) -> list[Group]:
    """The differences by agreement and change: other decisions first, then the most frequent.

    Keeps of each question its name alone.
    """
    groups: dict[Any, Group] = {}
    for one in found:
        before, after, changed = one.before, one.after, _conditions(one)
        change = (one.put.agreement, before.allow, before.reasons, after.allow, after.reasons)
        group = groups.setdefault((*change, repr(changed)), Group(*change, changed, {}, []))
        put = one.put
        group.origins[put.origin] = group.origins.get(put.origin, 0) + 1
        group.names.append(put.name)
    return sorted(
        groups.values(),
        key=lambda group: (not group.decides_otherwise, -group.questions, *group[:5], repr(group.conditions)),
    )


def _conditions(one: Difference) -> tuple[tuple[str, Any, Any], ...]:
    before, after = one.before.obligations, one.after.obligations
    if not (one.before.allow and one.after.allow):
        return ()
    return tuple((name, before[name], after[name]) for name in before if before[name] != after[name])
