"""A provider as the requester's code sees it; every failure a LinkageError with a stable code."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import grpc

from linkage_node._generated.linkage.v1.order_pb2 import Signed
from linkage_node._generated.linkage.v1.peer_pb2 import (
    AgreementSignatures,
    CountRequest,
    CountResponse,
    DiscloseRequest,
    DiscloseResponse,
    EvaluateRequest,
    EvaluateResponse,
    ExchangeSignaturesRequest,
    ExchangeSignaturesResponse,
    FetchTagSetRequest,
    FetchTagSetResponse,
    GetEpochKeyRequest,
    ReportHitsRequest,
    ReportHitsResponse,
)
from linkage_node._generated.linkage.v1.peer_pb2_grpc import PeerServiceStub
from linkage_node.errors import Cancelled, LinkageError, Refusal, Unreachable
from linkage_node.limits import (
    CHUNK_SECONDS,
    PREPARE_SECONDS,
    REPORTED_TOKENS,
    TOKEN_BYTES,
    UNARY_DEADLINE_SECONDS,
)
from linkage_node.printable import quoted
from linkage_node.reasons import OUTAGE_CODES, REASONS, REFUSAL_CODES

_REPORT_BYTES = REPORTED_TOKENS * TOKEN_BYTES  # of one message


class PeerClient:
    """Calls one provider over one channel."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel
        self._stub = PeerServiceStub(channel)

    def epoch_key(self, agreement_hash: bytes, kind: str) -> Signed:
        """The signed statement of the running epoch's public key."""
        with _translated():
            request = GetEpochKeyRequest(agreement_hash=agreement_hash, kind=kind)
            signed: Signed = self._stub.GetEpochKey(request, timeout=UNARY_DEADLINE_SECONDS).epoch_key
            return signed

    def fetch_tag_set(self, order: Signed) -> Generator[FetchTagSetResponse]:
        """The receipt, then entries."""
        with _translated():
            yield from self._stub.FetchTagSet(FetchTagSetRequest(order=order), timeout=PREPARE_SECONDS)

    def evaluate(
        self, order: Signed, chunk_roots: bytes, chunks: list[bytes], cancelled: Callable[[], bool]
    ) -> Generator[EvaluateResponse]:
        """The receipt of the decision, the chunks, the receipt of completion. Ends the call when `cancelled`."""

        def requests() -> Iterator[EvaluateRequest]:
            yield EvaluateRequest(order=order, chunk_roots=chunk_roots, elements=chunks[0])
            for chunk in chunks[1:]:
                yield EvaluateRequest(elements=chunk)

        call = self._stub.Evaluate(requests(), timeout=PREPARE_SECONDS + CHUNK_SECONDS * len(chunks))
        yield from _responses(call, cancelled)

    def count(
        self,
        order: Signed,
        chunk_roots: bytes,
        chunks: Iterable[bytes],
        messages: int,
        cancelled: Callable[[], bool],
    ) -> Generator[CountResponse]:
        """The receipt, S in chunks, the receipt of completion with the table. Ends the call when `cancelled`.

        `chunks`, of U and then V, are taken in a thread of their own, so that one may wait for what comes in; they
        must end when the call does. `messages` is how many there are at most, both ways.
        """

        def requests() -> Iterator[CountRequest]:
            yield CountRequest(order=order, chunk_roots=chunk_roots)
            for chunk in chunks:
                yield CountRequest(elements=chunk)

        call = self._stub.Count(requests(), timeout=PREPARE_SECONDS + CHUNK_SECONDS * messages)
        yield from _responses(call, cancelled)

    def disclose(
        self, order: Signed, tokens: bytes, cancelled: Callable[[], bool]
    ) -> Generator[DiscloseResponse]:
        """The receipt of the decision, entries, the receipt of completion. Ends the call when `cancelled`."""
        call = self._stub.Disclose(DiscloseRequest(order=order, tokens=tokens), timeout=PREPARE_SECONDS)
        yield from _responses(call, cancelled)

    def report_hits(self, order: Signed, tokens: bytes) -> ReportHitsResponse:
        """The receipt; packed tokens of any number go in several messages."""

        def requests() -> Iterator[ReportHitsRequest]:
            yield ReportHitsRequest(order=order)
            for at in range(0, len(tokens), _REPORT_BYTES):
                yield ReportHitsRequest(tokens=tokens[at : at + _REPORT_BYTES])

        with _translated():
            response: ReportHitsResponse = self._stub.ReportHits(requests(), timeout=PREPARE_SECONDS)
            return response

    def exchange_signatures(self, own: Mapping[bytes, Sequence[str]]) -> ExchangeSignaturesResponse:
        """Bring own signatures by content hash (none: only ask); which were taken, and the partner's."""
        signatures = [AgreementSignatures(agreement_hash=one, jws=texts) for one, texts in own.items()]
        request = ExchangeSignaturesRequest(signatures=signatures)
        with _translated():
            response: ExchangeSignaturesResponse = self._stub.ExchangeSignatures(
                request, timeout=UNARY_DEADLINE_SECONDS
            )
            return response

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()


def _responses(call: Any, cancelled: Callable[[], bool]) -> Iterator[Any]:
    """What comes in, until whoever asked does not want it any more."""
    with _translated():
        try:
            for response in call:
                yield response
                if cancelled():
                    raise Cancelled
        finally:
            call.cancel()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except grpc.RpcError as error:
        raise error_of(error) from None


def error_of(error: grpc.RpcError) -> LinkageError:
    """What a failed call means: the peer's own reason code where it gave one, else what the network did."""
    code, details = error.code(), error.details() or ""
    reason = details.partition(":")[0]
    if code == grpc.StatusCode.UNAVAILABLE:
        if reason in OUTAGE_CODES:
            return Unreachable(reason, "this is the other node, which cannot answer now")
        return Unreachable("peer_unreachable", quoted(details))
    if code == grpc.StatusCode.DEADLINE_EXCEEDED:
        return Unreachable("stream_idle", "no answer within the deadline")
    if code in (grpc.StatusCode.CANCELLED, grpc.StatusCode.ABORTED, grpc.StatusCode.INTERNAL):
        return Unreachable("peer_dropped", quoted(details))
    if reason in REFUSAL_CODES:
        return Refusal(reason, "the other node refused")
    if reason in REASONS:  # but no provider's to give
        return Refusal("policy_denied", f"the other node refused: {quoted(reason)}")
    return Refusal("malformed", f"{code.name}: {quoted(details)}")
