"""What policy is asked, in the shape of AuthZEN: subject, action, resource, context."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal

from linkage_node.clock import iso
from linkage_node.errors import Refusal
from linkage_node.limits import DISCLOSED_ATTRIBUTES, POLICY_NUMBER, POLICY_TEXT_CHARACTERS

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # Unicode's categories Cc and Cs


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question of the requester to the provider, as one of the two nodes sees it."""

    role: Literal["requester", "provider"]  # of the node that decides
    subject_oin: str  # in the peer's certificate; at the requester its own
    requester_oin: str  # in the order
    provider_oin: str
    agreement_id: str
    agreement_hash: str  # 128 hexadecimal digits, lower case
    purpose: str
    kind: str
    answer: str  # count | hit | attributes
    operation: str  # evaluate | fetch_tag_set | count | disclose | report_hits
    elements: int  # elements or claim tokens; 0 when fetching a tag set
    used_today: int  # evaluations under this agreement on this UTC day, before this question
    epoch: int
    time_ms: int  # milliseconds since 1970-01-01 UTC
    mode: Literal["development", "production"]
    status: str = "unsigned"  # of the agreement: agreements/standing.py
    processing_activity: str = ""  # URI in the art. 30 register, as the agreement says
    question: str = ""  # count: its id in the agreement's catalogue
    attributes: tuple[str, ...] = ()  # disclose: the names that are asked for
    for_a_case: bool = False  # disclose: a case reference is given


def decision_input(question: Question) -> dict[str, Any]:
    """The question as policy input; Refusal("malformed") for what engines would not all read alike.

    A NUL, measured: regopy takes the text as ended there and would approve of `agreed purpose\\0something else`.
    And for what is longer than any agreement has it: 1,500 names of attributes kept the engine busy for a second.
    """
    for field in fields(question):
        _CHECKS[field.name](field.name, getattr(question, field.name))
    return {
        "subject": {"type": "organisation", "id": question.subject_oin, "properties": {}},
        "action": {
            "name": question.operation,
            "properties": {
                "purpose": question.purpose,
                "answer": question.answer,
                "elements": question.elements,
                "question": question.question,
                "attributes": list(question.attributes),
                "for_a_case": question.for_a_case,
                "processing_activity_id": question.processing_activity,
            },
        },
        "resource": {"type": "register", "id": question.provider_oin, "properties": {"kind": question.kind}},
        "context": {
            "role": question.role,
            "mode": question.mode,
            "requester_oin": question.requester_oin,
            "agreement": {
                "id": question.agreement_id,
                "hash": question.agreement_hash,
                "status": question.status,
            },
            "epoch": question.epoch,
            "used_today": question.used_today,
            "time": iso(question.time_ms),
        },
    }


def _text(name: str, value: object) -> None:
    if not isinstance(value, str) or _CONTROL.search(value):
        raise Refusal("malformed", f"{name} is no text, or holds a control character")
    if len(value) > POLICY_TEXT_CHARACTERS:
        raise Refusal("malformed", f"{name} has more than {POLICY_TEXT_CHARACTERS} characters")


def _number(name: str, value: object) -> None:
    if type(value) is not int or not 0 <= value <= POLICY_NUMBER:
        raise Refusal("malformed", f"{name} is not a number from 0 to {POLICY_NUMBER}")


def _texts(name: str, value: object) -> None:
    if not isinstance(value, tuple):
        raise Refusal("malformed", f"{name} is no list")
    if len(value) > DISCLOSED_ATTRIBUTES:
        raise Refusal("malformed", f"more than {DISCLOSED_ATTRIBUTES} {name}")
    for text in value:
        _text(name, text)


def _flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise Refusal("malformed", f"{name} is neither true nor false")


_OTHERS: dict[str, Callable[[str, object], None]] = {
    **dict.fromkeys(("elements", "used_today", "epoch", "time_ms"), _number),
    "attributes": _texts,
    "for_a_case": _flag,
}
_CHECKS = {field.name: _OTHERS.get(field.name, _text) for field in fields(Question)}
