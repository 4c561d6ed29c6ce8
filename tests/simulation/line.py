"""The line between the two nodes of a simulation: real messages as bytes, which break off, are watched and are kept."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any, NamedTuple, Protocol, TypeVar

from google.protobuf.message import Message

from linkage_node._generated.linkage.v1.order_pb2 import DECISION_ALLOW, Receipt, Signed
from linkage_node._generated.linkage.v1.peer_pb2 import (
    CountRequest,
    CountResponse,
    DisclosedEntry,
    DiscloseRequest,
    DiscloseResponse,
    EvaluateRequest,
    EvaluateResponse,
    FetchTagSetResponse,
    ReportHitsRequest,
    ReportHitsResponse,
)
from linkage_node.assembly import Assembly
from linkage_node.errors import Cancelled, LinkageError, Refusal, StorageError, Unreachable
from linkage_node.peers.card import Card

_TOKENS = 3 * 16  # bytes of claim tokens in one message of a report
Answer = TypeVar("Answer", bound=Message)


class Crash(BaseException):  # no Exception, so that nothing but the simulation catches it
    """The node died."""


class Watch(Protocol):
    """Who looks at what passes; called at the moment itself."""

    def asks_for_count(self, order: Signed) -> None:
        """An order for a count goes to the provider."""

    def takes_elements(self, order: Signed) -> None:
        """The provider gets one message with elements of a count."""

    def gives_elements(self, order: Signed) -> None:
        """The provider sent elements of a count; they have not arrived."""

    def shows_tokens(self, order: Signed, tokens: bytes) -> None:
        """An order with claim tokens goes to the provider."""

    def answers_tokens(self) -> None:
        """The provider decided about an order with tokens; its answer has not arrived."""

    def gives_entries(self, order: Signed, entries: list[DisclosedEntry]) -> None:
        """Attributes arrived."""


class Replay(NamedTuple):
    """An approved call, to be played again: what it was, and its messages."""

    operation: str
    requests: list[Message]


class Line:
    """Stands in for PeerClient: hands every message, as bytes, to the other node.

    `drop_after` counts down the messages, both ways, that still come through; after that the line breaks. After
    `meanwhile_after` messages `meanwhile` is done, once. `spoils` changes the messages of a count. What the provider
    refuses before it signs anything comes as over gRPC: a Refusal with the bare code.
    """

    def __init__(self, provider: Callable[[], Assembly], requester_oin: str, watch: Watch) -> None:
        self._provider, self._oin, self._watch = provider, requester_oin, watch
        self.drop_after: int | None = None
        self.meanwhile_after: int | None = None
        self.meanwhile: Callable[[], None] = lambda: None
        self.spoils: Callable[[int, bytes], bytes] = lambda _number, chunk: chunk
        self.approved: list[Replay] = []

    @contextmanager
    def connect(self, _card: Card) -> Iterator["Line"]:
        """A client of the provider."""
        yield self

    def epoch_key(self, agreement_hash: bytes, kind: str) -> Signed:
        """As PeerClient.epoch_key."""
        with _as_over_grpc():
            key = self._provider().answering.epoch_key(agreement_hash, kind, self._oin)
        self._passes()
        return _copy(key)

    def fetch_tag_set(self, order: Signed) -> Iterator[FetchTagSetResponse]:
        """As PeerClient.fetch_tag_set."""
        self._passes()
        with _as_over_grpc():
            yield from self._through(self._provider().answering.fetch_tag_set(_copy(order), self._oin))

    def evaluate(
        self, order: Signed, chunk_roots: bytes, chunks: list[bytes], cancelled: Callable[[], bool]
    ) -> Iterator[EvaluateResponse]:
        """As PeerClient.evaluate."""
        self._passes()
        requests = [EvaluateRequest(order=order, chunk_roots=chunk_roots, elements=chunks[0])]
        requests += [EvaluateRequest(elements=chunk) for chunk in chunks[1:]]
        with closing(self.evaluated(requests)) as responses:
            for response in responses:
                self._keep("evaluate", list(requests), response.receipt)
                yield response
                if cancelled():
                    raise Cancelled

    def evaluated(self, requests: list[EvaluateRequest]) -> Generator[EvaluateResponse]:
        """What the provider answers to these messages."""
        with _as_over_grpc():
            yield from self._through(self._provider().answering.evaluate(map(_copy, requests), self._oin))

    def count(
        self,
        order: Signed,
        chunk_roots: bytes,
        chunks: Iterable[bytes],
        _messages: int,
        _cancelled: Callable[[], bool],
    ) -> Iterator[CountResponse]:
        """As PeerClient.count."""
        self._passes()
        first = CountRequest(order=order, chunk_roots=chunk_roots)
        self._watch.asks_for_count(order)

        def requests() -> Iterator[CountRequest]:
            yield first
            for number, chunk in enumerate(chunks):
                self._passes()
                self._watch.takes_elements(order)
                yield CountRequest(elements=self.spoils(number, chunk))

        def look(response: CountResponse) -> None:
            if response.elements:
                self._watch.gives_elements(order)

        with closing(self.counted(requests(), look)) as responses:
            for response in responses:
                self._keep("count", [first], response.receipt)
                yield response

    def counted(
        self, requests: Iterable[CountRequest], look: Callable[[CountResponse], None] = lambda _response: None
    ) -> Generator[CountResponse]:
        """What the provider answers to these messages."""
        with _as_over_grpc():
            answer = self._provider().counting.count(map(_copy, requests), self._oin)
            yield from self._through(answer, look)

    def disclose(
        self, order: Signed, tokens: bytes, _cancelled: Callable[[], bool]
    ) -> Iterator[DiscloseResponse]:
        """As PeerClient.disclose."""
        self._passes()
        self._watch.shows_tokens(order, tokens)
        request = DiscloseRequest(order=order, tokens=tokens)
        with closing(self.disclosed(request)) as responses:
            for response in responses:
                self._keep("disclose", [request], response.receipt)
                self._watch.gives_entries(order, list(response.entries))
                yield response

    def disclosed(self, request: DiscloseRequest) -> Generator[DiscloseResponse]:
        """What the provider answers to this message."""
        with _as_over_grpc():
            answer = self._provider().disclosing.disclose(_copy(request), self._oin)
            yield from self._through(answer, lambda _response: self._watch.answers_tokens())

    def report_hits(self, order: Signed, tokens: bytes) -> ReportHitsResponse:
        """As PeerClient.report_hits, with few tokens in a message."""
        self._passes()
        self._watch.shows_tokens(order, tokens)
        parts = [tokens[at : at + _TOKENS] for at in range(0, len(tokens), _TOKENS)]
        requests = [ReportHitsRequest(order=order), *(ReportHitsRequest(tokens=part) for part in parts)]

        def passing() -> Iterator[ReportHitsRequest]:
            for number, request in enumerate(requests):
                if number:
                    self._passes()
                yield _copy(request)

        response = self.reported(passing())
        self._watch.answers_tokens()
        self._passes()
        self._keep("report_hits", list(requests), response.receipt)
        return response

    def reported(self, requests: Iterator[ReportHitsRequest]) -> ReportHitsResponse:
        """What the provider answers to these messages."""
        with _as_over_grpc():
            return _copy(self._provider().disclosing.report_hits(requests, self._oin))

    def play(self, replay: Replay) -> list[Message]:
        """The same messages again."""
        requests: list[Any] = list(replay.requests)
        match replay.operation:
            case "evaluate":
                return list(self.evaluated(requests))
            case "count":
                return list(self.counted(requests))
            case "disclose":
                return list(self.disclosed(requests[0]))
            case _:
                return [self.reported(map(_copy, requests))]

    def _keep(self, operation: str, requests: list[Message], receipt: Signed) -> None:
        if Receipt.FromString(receipt.payload).decision == DECISION_ALLOW:
            replay = Replay(operation, requests)
            if replay not in self.approved[-1:]:
                self.approved.append(replay)

    def _through(
        self, responses: Iterator[Answer], look: Callable[[Answer], None] = lambda _response: None
    ) -> Generator[Answer]:
        try:
            for response in responses:
                look(response)
                self._passes()
                yield _copy(response)
        finally:
            if isinstance(responses, Generator):
                responses.close()  # the provider sees that the requester hung up

    def _passes(self) -> None:
        if self.meanwhile_after == 0:
            self.meanwhile_after = None
            self.meanwhile()
        elif self.meanwhile_after is not None:
            self.meanwhile_after -= 1
        if self.drop_after is not None:
            if self.drop_after == 0:
                raise Unreachable("peer_dropped", "the line broke")
            self.drop_after -= 1


def _copy(message: Answer) -> Answer:
    return type(message).FromString(message.SerializeToString())


@contextmanager
def _as_over_grpc() -> Iterator[None]:
    try:
        yield
    except Crash:
        raise Unreachable("peer_unreachable", "the other node died") from None
    except Unreachable:
        raise
    except StorageError as error:
        raise Unreachable(error.code, "the other node cannot answer now") from None
    except LinkageError as error:
        raise Refusal(error.code, "the other node refused") from None
