"""The provider's side of attributes and of reported hits, as messages."""

from collections.abc import Iterator

from linkage_node._generated.linkage.v1.peer_pb2 import (
    DiscloseRequest,
    DiscloseResponse,
    ReportHitsRequest,
    ReportHitsResponse,
)
from linkage_node.answering.admission import Admission
from linkage_node.errors import Refusal


class DisclosingService:
    """Opens attributes against claim tokens. `certificate_oin` is the organisation on the other end of the line."""

    def __init__(self, *, admission: Admission) -> None:
        self._admission = admission

    def disclose(self, request: DiscloseRequest, certificate_oin: str) -> Iterator[DiscloseResponse]:
        """The receipt, an entry for every token, the receipt of completion."""
        raise Refusal("answer_not_offered", certificate_oin)

    def report_hits(self, requests: Iterator[ReportHitsRequest], certificate_oin: str) -> ReportHitsResponse:
        """Take note of the requester's hits."""
        raise Refusal("answer_not_offered", certificate_oin)
