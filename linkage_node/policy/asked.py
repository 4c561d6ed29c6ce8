"""A question as policy input, given by somebody else: read back, put to a decision point, and what is wrong with it.

Only the fields that a node itself sends are looked at. Whatever else stands in a given input is neither put to policy
nor shown: it could name a person.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from linkage_node.errors import LinkageError, Refusal
from linkage_node.limits import POLICY_NUMBER
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.outcome import NOTHING, Outcome, parse_outcome
from linkage_node.policy.question import Question

# Where each part of a question stands in the input (policy/question.py writes it).
PATHS = {
    "role": "context.role",
    "mode": "context.mode",
    "subject_oin": "subject.id",
    "requester_oin": "context.requester_oin",
    "provider_oin": "resource.id",
    "agreement_id": "context.agreement.id",
    "agreement_hash": "context.agreement.hash",
    "status": "context.agreement.status",
    "purpose": "action.properties.purpose",
    "processing_activity": "action.properties.processing_activity_id",
    "kind": "resource.properties.kind",
    "operation": "action.name",
    "answer": "action.properties.answer",
    "question": "action.properties.question",
    "attributes": "action.properties.attributes",
    "for_a_case": "action.properties.for_a_case",
    "elements": "action.properties.elements",
    "used_today": "context.used_today",
    "epoch": "context.epoch",
    "time_ms": "context.time",
}
TYPES = {"subject.type": "organisation", "resource.type": "register"}
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z")
_OPERATIONS = ("evaluate", "fetch_tag_set", "count", "disclose", "report_hits")
_ANSWERS = ("count", "hit", "attributes")


def value_at(document: Any, path: str) -> Any:
    """The value at a dotted path; None if there is none."""
    for part in path.split("."):
        if not isinstance(document, Mapping):
            return None
        document = document.get(part)
    return document


def known_part(asked: Any) -> dict[str, Any]:
    """The fields of an input that a question has; the others are left out."""
    known: dict[str, Any] = {"subject": {"properties": {}}}
    for path in (*TYPES, *PATHS.values()):
        *parents, last = path.split(".")
        parent = value_at(asked, ".".join(parents))
        if isinstance(parent, Mapping) and last in parent:
            holder = known
            for part in parents:
                holder = holder.setdefault(part, {})
            holder[last] = parent[last]
    return known


def faults(asked: Any) -> list[str]:
    """The fields of an input that are not there, or not of their type, as dotted paths."""
    wrong = [path for path, value in TYPES.items() if value_at(asked, path) != value]
    return wrong + [
        path for name, path in PATHS.items() if not _CHECKS.get(name, _text)(value_at(asked, path))
    ]


def question_of(asked: Any) -> Question:
    """The question that an input puts; Refusal("malformed") names the fields at fault."""
    if wrong := faults(asked):
        raise Refusal("malformed", ", ".join(wrong))
    values = {name: value_at(asked, path) for name, path in PATHS.items()}
    values["attributes"] = tuple(values["attributes"])
    values["time_ms"] = int(datetime.fromisoformat(values["time_ms"]).timestamp() * 1000)
    return Question(**values)


def decided(decide: DecisionPoint, asked: Any) -> Outcome:
    """The decision about an input, as a node would come to it. No decision is a refusal, with its code."""
    try:
        question = question_of(asked)
    except Refusal as refusal:
        outcome = evaluated(decide, known_part(asked))
        reasons = (refusal.code,) if outcome.allow else outcome.reasons
        return Outcome(allow=False, reasons=reasons, obligations=NOTHING, revision=outcome.revision)
    return decided_question(decide, question)


def decided_question(decide: DecisionPoint, question: Question) -> Outcome:
    """The same about a question that can be read."""
    try:
        return decide.decide(question)
    except LinkageError as error:
        return _no_decision(error)


def evaluated(decide: DecisionPoint, asked: Any) -> Outcome:
    """What the rules say about an input, whatever it is. No decision is a refusal, with its code."""
    try:
        return parse_outcome(decide.evaluate(asked))
    except LinkageError as error:
        return _no_decision(error)


def _no_decision(error: LinkageError) -> Outcome:
    return Outcome(allow=False, reasons=(error.code,), obligations=NOTHING, revision="")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= POLICY_NUMBER


def _moment(value: Any) -> bool:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in words


_CHECKS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("elements", "used_today", "epoch"), _number),
    "time_ms": _moment,
    "attributes": _texts,
    "for_a_case": lambda value: isinstance(value, bool),
    "role": _one_of("requester", "provider"),
    "mode": _one_of("development", "production"),
    "operation": _one_of(*_OPERATIONS),
    "answer": _one_of(*_ANSWERS),
}
