"""Obligations and enums between policy's words and the wire's messages."""

from linkage_node._generated.linkage.v1 import order_pb2 as wire
from linkage_node.policy import Obligations

ANSWER_NAMES: dict[int, str] = {
    wire.ANSWER_COUNT: "count",
    wire.ANSWER_HIT: "hit",
    wire.ANSWER_ATTRIBUTES: "attributes",
}
OPERATION_NAMES: dict[int, str] = {
    wire.OPERATION_EVALUATE: "evaluate",
    wire.OPERATION_FETCH_TAG_SET: "fetch_tag_set",
    wire.OPERATION_COUNT: "count",
    wire.OPERATION_DISCLOSE: "disclose",
    wire.OPERATION_REPORT_HITS: "report_hits",
}


ANSWERS = {name: number for number, name in ANSWER_NAMES.items()}


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
