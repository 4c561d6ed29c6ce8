"""The face for other nodes."""

from collections.abc import Iterator

import grpc

from linkage_node._generated.linkage.v1 import peer_pb2 as wire
from linkage_node._generated.linkage.v1.peer_pb2_grpc import PeerServiceServicer
from linkage_node.agreements.exchange import SignatureExchange
from linkage_node.answering.counting import CountingService
from linkage_node.answering.disclosing import DisclosingService
from linkage_node.answering.service import AnsweringService
from linkage_node.server.guard import caller_oin


class PeerServicer(PeerServiceServicer):
    """Hands calls on to the answering services, with the OIN of the caller's certificate."""

    def __init__(
        self,
        answering: AnsweringService,
        counting: CountingService,
        disclosing: DisclosingService,
        signatures: SignatureExchange,
    ) -> None:
        self._answering, self._counting, self._disclosing = answering, counting, disclosing
        self._signatures = signatures

    def GetEpochKey(
        self, request: wire.GetEpochKeyRequest, context: grpc.ServicerContext
    ) -> wire.GetEpochKeyResponse:
        """The public OPRF key of the running epoch."""
        signed = self._answering.epoch_key(request.agreement_hash, request.kind, caller_oin(context))
        return wire.GetEpochKeyResponse(epoch_key=signed)

    def FetchTagSet(
        self, request: wire.FetchTagSetRequest, context: grpc.ServicerContext
    ) -> Iterator[wire.FetchTagSetResponse]:
        """The tag set, whole or by delta."""
        yield from self._answering.fetch_tag_set(request.order, caller_oin(context))

    def Evaluate(
        self, request_iterator: Iterator[wire.EvaluateRequest], context: grpc.ServicerContext
    ) -> Iterator[wire.EvaluateResponse]:
        """Blinded elements in, evaluated elements out."""
        yield from self._answering.evaluate(request_iterator, caller_oin(context))

    def Count(
        self, request_iterator: Iterator[wire.CountRequest], context: grpc.ServicerContext
    ) -> Iterator[wire.CountResponse]:
        """A question of the catalogue."""
        yield from self._counting.count(request_iterator, caller_oin(context))

    def Disclose(
        self, request: wire.DiscloseRequest, context: grpc.ServicerContext
    ) -> Iterator[wire.DiscloseResponse]:
        """Claim tokens in, agreed attributes out."""
        yield from self._disclosing.disclose(request, caller_oin(context))

    def ReportHits(
        self, request_iterator: Iterator[wire.ReportHitsRequest], context: grpc.ServicerContext
    ) -> wire.ReportHitsResponse:
        """The requester's hits by claim token."""
        return self._disclosing.report_hits(request_iterator, caller_oin(context))

    def ExchangeSignatures(
        self, request: wire.ExchangeSignaturesRequest, context: grpc.ServicerContext
    ) -> wire.ExchangeSignaturesResponse:
        """Signatures under agreements with the caller's organisation."""
        return self._signatures.answer(request, caller_oin(context))
