"""Obligations and enums between policy's words and the wire's messages."""

from linkage_node._generated.linkage.v1 import order_pb2 as wire
from linkage_node.errors import Refusal
from linkage_node.policy import Obligations

ANSWER_NAMES: dict[int, str] = {
    wire.ANSWER_COUNT: "count",
    wire.ANSWER_HIT: "hit",
    wire.ANSWER_ATTRIBUTES: "attributes",
}
OPERATION_NAMES: dict[int, str] = {
    wire.OPERATION_EVALUATE: "evaluate",
    wire.OPERATION_FETCH_TAG_SET: "fetch_tag_set",
}


ANSWERS = {name: number for number, name in ANSWER_NAMES.items()}
_OFFERED = {"hit"}


def require_offered(answer: str, obligations: Obligations) -> None:
    """Refuse what policy may approve and this version cannot do: another answer than hit, receipts by token."""
    if answer not in _OFFERED:
        raise Refusal("answer_not_offered", answer)
    if obligations.receipts:
        raise Refusal("unknown_obligation", "receipts: reporting hits by token")


def obligations_message(obligations: Obligations) -> wire.Obligations:
    """Policy's obligations as they are signed."""
    return wire.Obligations(
        evaluations_per_day=obligations.evaluations_per_day,
        largest_query=obligations.largest_query,
        kinds=obligations.kinds,
        answers=obligations.answers,
        result_retention_days=obligations.result_retention_days,
        proof=obligations.proof,
        receipts=obligations.receipts,
    )


def obligations_of(message: wire.Obligations) -> Obligations:
    """A receipt's obligations as policy's."""
    return Obligations(
        evaluations_per_day=message.evaluations_per_day,
        largest_query=message.largest_query,
        kinds=tuple(message.kinds),
        answers=tuple(message.answers),
        result_retention_days=message.result_retention_days,
        proof=message.proof,
        receipts=message.receipts,
    )
