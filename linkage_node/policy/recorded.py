"""Questions that were put to policy before, read back from the evidence, so that they can be put again.

A record of a decision bears the field `question`: at the requester all that policy was asked, at the provider what its
signed order does not tell. Records from before that field cannot be put again.
"""

import base64
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from linkage_node._generated.linkage.v1.order_pb2 import Order
from linkage_node.errors import Refusal
from linkage_node.obligations import ANSWER_NAMES, OPERATION_NAMES
from linkage_node.policy.question import Question

# What a provider decides on besides the order, the certificate's OIN and the moment, which its record has anyway.
_BESIDE_THE_ORDER = ("used_today", "mode", "status", "processing_activity")


class Recorded(NamedTuple):
    """A question, and what policy decided about it then."""

    seq: int  # number of the record in the chain
    transaction_id: str
    at: str  # RFC 3339, UTC
    question: Question
    allow: bool | None  # None: policy came to no decision
    reasons: tuple[str, ...]  # of policy; empty for an approval, whatever else came in between
    revision: str


def kept_by_requester(question: Question) -> dict[str, Any]:
    """The field `question` of a requester's record: all that was asked."""
    return {**asdict(question), "attributes": list(question.attributes)}


def kept_by_provider(question: Question) -> dict[str, Any]:
    """The field `question` of a provider's record, which holds the signed order too."""
    return {name: getattr(question, name) for name in _BESIDE_THE_ORDER}


def question_in(record: Mapping[str, Any]) -> Recorded | None:
    """The question that a record of evidence tells of; None if policy was not asked.

    Refusal("question_unrecorded") for the record of an earlier version, which does not hold all that it was asked.
    """
    if record.get("event") not in {"approved", "refused", "decided"}:
        return None
    kept = record.get("question")
    if kept is None:
        if record["event"] == "refused" and not record.get("revision"):
            return None  # refused before policy was asked
        raise Refusal("question_unrecorded", f"record {record['seq']}")
    told = {**_of_order(record), **kept}
    question = Question(**{**told, "attributes": tuple(told["attributes"])})
    allow = record.get("allow")
    return Recorded(
        seq=record["seq"],
        transaction_id=record["transaction_id"],
        at=record["at"],
        question=question,
        allow=allow,
        reasons=() if allow else tuple(record.get("reasons", ())),
        revision=record.get("revision", ""),
    )


def _of_order(record: Mapping[str, Any]) -> dict[str, Any]:
    """What the provider's record tells by its order; nothing of a requester's, which keeps the whole question."""
    if "order" not in record:
        return {}
    order = Order.FromString(base64.b64decode(record["order"]["payload"]))
    return {
        "role": "provider",
        "subject_oin": record["peer"],
        "requester_oin": order.requester_oin,
        "provider_oin": order.provider_oin,
        "agreement_id": order.agreement_id,
        "agreement_hash": order.agreement_hash.hex(),
        "purpose": order.purpose,
        "kind": order.kind,
        "answer": ANSWER_NAMES[order.answer],
        "operation": OPERATION_NAMES[order.operation],
        "elements": order.element_count,
        "epoch": order.epoch,
        "time_ms": round(datetime.fromisoformat(record["at"]).timestamp() * 1000),
        "question": order.question,
        "attributes": order.attributes,
        "for_a_case": bool(order.case_reference),
    }
