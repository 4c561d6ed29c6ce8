"""One node of a simulation: the real parts over a real database, a clock of the test's, and no network between nodes.

A crash is simulated where it matters: at a write transaction. From then on nothing more is read or written until the
node is opened anew, so the code's own tidying up cannot help it, as it could not after a power cut.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection

from linkage_node._generated.linkage.v1.order_pb2 import DECISION_ALLOW, Receipt, Signed
from linkage_node._generated.linkage.v1.peer_pb2 import EvaluateRequest, EvaluateResponse, FetchTagSetResponse
from linkage_node.answering.service import AnsweringService
from linkage_node.assembly import Assembly
from linkage_node.errors import Cancelled, LinkageError, Refusal, Unreachable
from linkage_node.node import Node
from linkage_node.peers.card import Card
from linkage_node.register.rows import SourceRow, judge
from linkage_node.storage import Database

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Message = TypeVar("Message", EvaluateResponse, FetchTagSetResponse)


class Crash(BaseException):  # no Exception, so that nothing but the simulation catches it
    """The node died."""


class Here(Executor):
    """Runs what it is given at once, so that a simulation is the same every time."""

    def submit(
        self,
        function: Callable[Parameters, Result],
        /,
        *arguments: Parameters.args,
        **options: Parameters.kwargs,
    ) -> "Future[Result]":
        """The result, computed."""
        future: Future[Result] = Future()
        try:
            future.set_result(function(*arguments, **options))
        except Exception as error:
            future.set_exception(error)
        return future


class Mortal:
    """Lets a database die at a chosen write: before its transaction, in it, or just after it was committed."""

    def __init__(self, database: Database) -> None:
        self._database, self._read, self._write = database, database.read, database.write
        self.countdown: int | None = None  # writes that still succeed
        self.moment = "before"
        self.dead = False
        database.read = self.read  # type: ignore[method-assign]
        database.write = self.write  # type: ignore[method-assign]

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """As the database's own, of a node that lives."""
        self._check()
        with self._read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """As the database's own, of a node that lives until its moment has come."""
        self._check()
        dies = self.countdown == 0
        if self.countdown is not None:
            self.countdown -= 1
        if dies and self.moment == "before":
            self._die()
        with self._write() as connection:
            yield connection
            if dies and self.moment == "in":
                self._die()
        if dies:
            self._die()

    def _die(self) -> None:
        self.dead = True
        raise Crash

    def _check(self) -> None:
        if self.dead:
            raise Crash


class Side:
    """A node that can be opened anew."""

    def __init__(self, config: Path, clock: Callable[[], int]) -> None:
        self._config, self._clock = config, clock
        self.node: Node
        self.assembly: Assembly
        self.mortal: Mortal
        self.open()

    def open(self) -> None:
        """Open the node, as after a start of the process."""
        self.node = Node.open(self._config)
        self.mortal = Mortal(self.node.database)
        self.assembly = Assembly(self.node, Here(), self._clock)

    def reopen(self) -> None:
        """What died, or is stopped, starts again."""
        self.node.close()
        self.open()

    def connect_to(self, line: "Line") -> None:
        """Reach the other node over `line` in place of a network."""
        self.assembly.channels.connect = line.connect  # type: ignore[method-assign,assignment]

    def put(self, ref: str, bsn: str) -> None:
        """Add or renew a record, as the system face does."""
        judged = judge(SourceRow(1, ref, {"bsn": {"bsn": bsn}}, {}), production=False)
        assert judged.used
        self.assembly.register.upsert(self.assembly.loader.staged([judged]), self._clock())

    def remove(self, ref: str) -> None:
        """Remove a record."""
        self.assembly.register.remove([ref], self._clock())


class Line:
    """Stands in for PeerClient: hands every message, as bytes, to the other node's AnsweringService.

    `drop_after` counts down the messages that still come through; after that the line breaks. What the provider
    refuses before it signs anything comes as over gRPC: a Refusal with the bare code.
    """

    def __init__(self, answering: Callable[[], AnsweringService], requester_oin: str) -> None:
        self._answering, self._oin = answering, requester_oin
        self.drop_after: int | None = None
        self.answered: list[list[EvaluateRequest]] = []  # evaluations that the provider approved

    @contextmanager
    def connect(self, _card: Card) -> Iterator["Line"]:
        """A client of the provider."""
        yield self

    def epoch_key(self, agreement_hash: bytes, kind: str) -> Signed:
        """As PeerClient.epoch_key."""
        with _as_over_grpc():
            key = self._answering().epoch_key(agreement_hash, kind, self._oin)
        self._passes()
        return Signed.FromString(key.SerializeToString())

    def fetch_tag_set(self, order: Signed) -> Iterator[FetchTagSetResponse]:
        """As PeerClient.fetch_tag_set."""
        self._passes()
        order = Signed.FromString(order.SerializeToString())
        with _as_over_grpc():
            yield from self._through(self._answering().fetch_tag_set(order, self._oin))

    def evaluate(
        self, order: Signed, chunk_roots: bytes, chunks: list[bytes], cancelled: Callable[[], bool]
    ) -> Iterator[EvaluateResponse]:
        """As PeerClient.evaluate."""
        self._passes()
        requests = [EvaluateRequest(order=order, chunk_roots=chunk_roots, elements=chunks[0])]
        requests += [EvaluateRequest(elements=chunk) for chunk in chunks[1:]]
        with _as_over_grpc():
            for response in self.sent(requests):
                if response.HasField("receipt") and requests not in self.answered and _allows(response):
                    self.answered.append(requests)
                yield response
                if cancelled():
                    raise Cancelled

    def sent(self, requests: list[EvaluateRequest]) -> Iterator[EvaluateResponse]:
        """What the provider answers to these messages."""
        coming = (EvaluateRequest.FromString(request.SerializeToString()) for request in requests)
        return self._through(self._answering().evaluate(coming, self._oin))

    def _through(self, responses: Iterator[Message]) -> Iterator[Message]:
        for response in responses:
            self._passes()
            yield type(response).FromString(response.SerializeToString())

    def _passes(self) -> None:
        if self.drop_after is not None:
            if self.drop_after == 0:
                raise Unreachable("peer_dropped", "the line broke")
            self.drop_after -= 1


def _allows(response: EvaluateResponse) -> bool:
    return Receipt.FromString(response.receipt.payload).decision == DECISION_ALLOW


@contextmanager
def _as_over_grpc() -> Iterator[None]:
    try:
        yield
    except Unreachable:
        raise
    except LinkageError as error:
        raise Refusal(error.code, "the other node refused") from None


def used_by_day(side: Side) -> dict[str, int]:
    """The budget that the provider's database says is used, by day."""
    with side.node.database.read() as connection:
        rows: list[Any] = list(connection.exec_driver_sql("SELECT day, sum(used) FROM budget GROUP BY day"))
    return {day: int(used) for day, used in rows}
