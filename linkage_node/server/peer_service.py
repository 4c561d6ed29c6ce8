"""The face for other nodes."""

from collections.abc import Iterator

import grpc

from linkage_node._generated.linkage.v1 import peer_pb2 as wire
from linkage_node._generated.linkage.v1.peer_pb2_grpc import PeerServiceServicer
from linkage_node.answering.service import AnsweringService
from linkage_node.server.guard import Guard


class PeerServicer(PeerServiceServicer):
    """Hands calls on to the answering service, with the OIN of the caller's certificate."""

    def __init__(self, guard: Guard, answering: AnsweringService) -> None:
        self._guard = guard
        self._answering = answering

    def GetEpochKey(
        self, request: wire.GetEpochKeyRequest, context: grpc.ServicerContext
    ) -> wire.GetEpochKeyResponse:
        """The public OPRF key of the running epoch."""
        with self._guard.call(context, lambda: self._guard.peer(context)) as caller:
            signed = self._answering.epoch_key(request.agreement_hash, request.kind, caller.oin)
            return wire.GetEpochKeyResponse(epoch_key=signed)

    def FetchTagSet(
        self, request: wire.FetchTagSetRequest, context: grpc.ServicerContext
    ) -> Iterator[wire.FetchTagSetResponse]:
        """The tag set, whole or by delta."""
        with self._guard.call(context, lambda: self._guard.peer(context)) as caller:
            yield from self._answering.fetch_tag_set(request.order, caller.oin)

    def Evaluate(
        self, request_iterator: Iterator[wire.EvaluateRequest], context: grpc.ServicerContext
    ) -> Iterator[wire.EvaluateResponse]:
        """Blinded elements in, evaluated elements out."""
        with self._guard.call(context, lambda: self._guard.peer(context)) as caller:
            requests = self._guard.idle.messages(request_iterator, context.cancel)
            yield from self._answering.evaluate(requests, caller.oin)
