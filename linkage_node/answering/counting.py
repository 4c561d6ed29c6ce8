"""The provider's side of a count as a stream of messages."""

from collections.abc import Iterator

from linkage_node._generated.linkage.v1.peer_pb2 import CountRequest, CountResponse
from linkage_node.answering.admission import Admission
from linkage_node.errors import Refusal


class CountingService:
    """Answers counts. `certificate_oin` is the organisation on the other end of the line."""

    def __init__(self, *, admission: Admission) -> None:
        self._admission = admission

    def count(self, requests: Iterator[CountRequest], certificate_oin: str) -> Iterator[CountResponse]:
        """The receipt; then S, the receipt of completion and the table."""
        raise Refusal("answer_not_offered", certificate_oin)
