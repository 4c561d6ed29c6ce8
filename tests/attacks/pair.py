"""Two real nodes in one process: messages go from one to the other as bytes, which a test can look at and change."""

import os
import shutil
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from google.protobuf.message import Message
from sqlalchemy import select

from linkage_node._generated.linkage.v1.order_pb2 import (
    ANSWER_HIT,
    OPERATION_EVALUATE,
    OPERATION_FETCH_TAG_SET,
    Order,
    Receipt,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import (
    CountRequest,
    CountResponse,
    DiscloseRequest,
    DiscloseResponse,
    EvaluateRequest,
    EvaluateResponse,
    FetchTagSetResponse,
    GetEpochKeyResponse,
    ReportHitsRequest,
    ReportHitsResponse,
)
from linkage_node.agreements import Agreement, content_hash
from linkage_node.asking.intake import Wish
from linkage_node.asking.peer_client import PeerClient
from linkage_node.asking.queries import Query
from linkage_node.assembly import Assembly, Channels
from linkage_node.clock import DAY_MS, day_of
from linkage_node.errors import Unreachable
from linkage_node.evidence.log import read
from linkage_node.limits import ORDER_LIFETIME_MS
from linkage_node.matching import blinding, merkle
from linkage_node.matching.orders import Ask, make_order
from linkage_node.matching.signing import sign
from linkage_node.node import Node
from linkage_node.peers.card import Card
from linkage_node.pseudonyms import group, oprf, pseudonymise
from linkage_node.pseudonyms.epoch_keys import KeyLabel
from linkage_node.register.staging import Staged
from linkage_node.storage.tables import budget
from tests.nodes import OIN_A, OIN_B, OIN_C, introduce, make_node
from tests.signed import add_signed

AGREEMENT = f"""
id: shared
purpose: Finding shared clients
purpose_category: intake
legal_basis: {{id: wgs-4a, article: Participatiewet art. 35}}
requester: {{kind: municipality, oin: "{OIN_A}"}}
provider: {{kind: credit_bank, oin: "{OIN_B}"}}
kinds: [bsn, household]
answers: [hit]
valid_from: 2026-01-01
valid_until: 2026-03-31
epoch_days: 7
tag_set: {{bucket: 64, changes: 4, every_hours: 24}}
limits: {{evaluations_per_day: 6000, largest_query: 5000, result_retention_days: 30}}
"""
PROVEN = AGREEMENT.replace("id: shared", "id: proven") + "proof: true\n"
START = 1_767_225_600_000  # 2026-01-01T00:00Z in milliseconds
AnyMessage = TypeVar("AnyMessage", bound=Message)


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = START + DAY_MS // 2

    def __call__(self) -> int:
        return self.now

    def pass_days(self, days: float) -> None:
        """Turn it on."""
        self.now += int(days * DAY_MS)


class Wire:
    """Stands between the nodes in place of gRPC: hands on real bytes, counts them, lets a test change messages."""

    def __init__(self, provider: Assembly, requester_oin: str) -> None:
        self.provider, self.oin = provider, requester_oin
        self.sizes: list[tuple[str, int]] = []  # of every answer
        self.tamper: Callable[[Message], Message | None] = lambda message: message  # None: it never arrives
        self.counted: list[CountRequest] = []
        self._calls: list[Iterator[Message]] = []

    @contextmanager
    def connect(self, _card: Card) -> Iterator[PeerClient]:
        """In place of opening a channel."""
        yield cast("PeerClient", self)

    def close(self) -> None:
        """Hang up: the provider sees its calls end."""
        for call in self._calls:
            hang_up(call)
        self._calls.clear()

    def epoch_key(self, agreement_hash: bytes, kind: str) -> Signed:
        """As PeerClient's."""
        key = self.provider.answering.epoch_key(agreement_hash, kind, self.oin)
        (response,) = self._pass(iter([GetEpochKeyResponse(epoch_key=key)]))
        arrived: Signed = response.epoch_key
        return arrived

    def fetch_tag_set(self, order: Signed) -> Iterator[FetchTagSetResponse]:
        """As PeerClient's."""
        copied = Signed.FromString(order.SerializeToString())
        return self._call(self.provider.answering.fetch_tag_set(copied, self.oin))

    def evaluate(
        self, order: Signed, chunk_roots: bytes, chunks: list[bytes], _cancelled: Callable[[], bool]
    ) -> Iterator[EvaluateResponse]:
        """As PeerClient's."""
        return self.send(requests_of(order, chunk_roots, chunks))

    def send(self, requests: Iterable[EvaluateRequest], oin: str | None = None) -> Iterator[EvaluateResponse]:
        """Any requests at all, from the holder of the certificate of `oin`."""
        copies = (EvaluateRequest.FromString(request.SerializeToString()) for request in requests)
        return self._call(self.provider.answering.evaluate(copies, oin or self.oin))

    def count(
        self,
        order: Signed,
        chunk_roots: bytes,
        chunks: Iterable[bytes],
        _messages: int,
        _cancelled: Callable[[], bool],
    ) -> Iterator[CountResponse]:
        """As PeerClient's."""

        def requests() -> Iterator[CountRequest]:
            yield CountRequest(order=order, chunk_roots=chunk_roots)
            for chunk in chunks:
                yield CountRequest(elements=chunk)

        return self.send_count(requests())

    def send_count(self, requests: Iterable[CountRequest], oin: str | None = None) -> Iterator[CountResponse]:
        """Any requests at all for a count; `counted` keeps those that the provider took."""

        def copies() -> Iterator[CountRequest]:
            for request in requests:
                self.counted.append(CountRequest.FromString(request.SerializeToString()))
                yield self.counted[-1]

        return self._call(self.provider.counting.count(copies(), oin or self.oin))

    def disclose(
        self, order: Signed, tokens: bytes, _cancelled: Callable[[], bool]
    ) -> Iterator[DiscloseResponse]:
        """As PeerClient's."""
        return self.send_tokens(DiscloseRequest(order=order, tokens=tokens))

    def send_tokens(self, request: DiscloseRequest, oin: str | None = None) -> Iterator[DiscloseResponse]:
        """Any request at all for attributes."""
        copied = DiscloseRequest.FromString(request.SerializeToString())
        return self._call(self.provider.disclosing.disclose(copied, oin or self.oin))

    def report_hits(self, order: Signed, tokens: bytes) -> ReportHitsResponse:
        """As PeerClient's, with few tokens in a message."""
        cuts = range(0, len(tokens), 48)
        requests = [
            ReportHitsRequest(order=order),
            *(ReportHitsRequest(tokens=tokens[at : at + 48]) for at in cuts),
        ]
        return self.send_report(requests)

    def send_report(
        self, requests: Iterable[ReportHitsRequest], oin: str | None = None
    ) -> ReportHitsResponse:
        """Any report at all."""
        copies = (ReportHitsRequest.FromString(request.SerializeToString()) for request in requests)
        for response in self._pass(iter([self.provider.disclosing.report_hits(copies, oin or self.oin)])):
            return response
        raise Unreachable("peer_dropped")

    def _call(self, responses: Iterator[AnyMessage]) -> Iterator[AnyMessage]:
        call = self._pass(responses)
        self._calls.append(call)
        return call

    def _pass(self, responses: Iterator[AnyMessage]) -> Iterator[AnyMessage]:
        try:
            for response in responses:
                self.sizes.append((type(response).__name__, response.ByteSize()))
                arrived = self.tamper(type(response).FromString(response.SerializeToString()))
                if arrived is not None:
                    yield cast("AnyMessage", arrived)
        finally:
            hang_up(responses)


def hang_up(call: Iterator[Any]) -> None:
    """End a call; the other side sees it."""
    if isinstance(call, Generator):
        call.close()


def requests_of(order: Signed, chunk_roots: bytes, chunks: list[bytes]) -> list[EvaluateRequest]:
    """The stream that an honest requester sends."""
    first = EvaluateRequest(order=order, chunk_roots=chunk_roots, elements=chunks[0] if chunks else b"")
    return [first, *(EvaluateRequest(elements=chunk) for chunk in chunks[1:])]


class Crafted(NamedTuple):
    """An order that a test made, and the stream that goes with it."""

    order: Order
    signed: Signed
    requests: list[EvaluateRequest]


class Pair:
    """Organisation A, which asks, and organisation B, which answers."""

    def __init__(self, folder: Path, executor: Executor, clock: Clock) -> None:
        self.folder, self.clock, self.executor = folder, clock, executor
        self.nodes = {name: Node.open(folder / name / "node.yaml") for name in ("a", "b")}
        self.a, self.b = (Assembly(node, executor, clock) for node in self.nodes.values())
        self.wire = Wire(self.b, OIN_A)
        self.a.channels = cast("Channels", self.wire)
        self.agreement: Agreement = self.nodes["b"].agreements.get_by_id("shared")

    def close(self) -> None:
        """Close both nodes."""
        for assembly in (self.a, self.b):
            assembly.close()
        for node in self.nodes.values():
            node.close()

    # --- registers

    def fill(self, assembly: Assembly, names: Iterable[str], kind: str = "bsn") -> None:
        """Add records whose references are their names, with real pseudonyms."""
        wanted = list(names)
        packed = self.pseudonyms(assembly, wanted, kind)
        rows = [
            Staged(at, name, None, {kind: packed[at * 32 : at * 32 + 32]}) for at, name in enumerate(wanted)
        ]
        assembly.register.upsert(rows, self.clock())

    def remove(self, assembly: Assembly, names: Iterable[str]) -> None:
        """Remove records."""
        assembly.register.remove(list(names), self.clock())

    def pseudonyms(self, assembly: Assembly, names: list[str], kind: str = "bsn") -> bytes:
        """What these names look like in a node's register."""
        secrets = assembly.node.secrets
        values = [name.encode() for name in names]
        return pseudonymise(kind, values, secrets.domain_secret, secrets.register_scalar, self.executor)

    # --- asking honestly

    def start(self, agreement: str = "shared") -> Query:
        """A query about A's whole register, not run yet."""
        return self.a.intake.about_register(Wish(agreement), "cli").only

    def run(self, query: Query) -> Query:
        """Run a query to its end, in this thread."""
        return self.a.runner.run(query.id, lambda _query: None, lambda: False)

    def ask(self, agreement: str = "shared") -> dict[str, bool]:
        """A's whole register asked about: record reference → hit."""
        return self.results(self.run(self.start(agreement)))

    def results(self, query: Query) -> dict[str, bool]:
        """The results of a query that is done."""
        packs = self.a.queries.results(query.id, self.clock())
        return {ref: hit == "1" for refs, hits in packs for ref, hit in zip(refs, hits, strict=True)}

    # --- asking dishonestly

    def label(self, kind: str = "bsn") -> KeyLabel:
        """The label of now."""
        epoch = self.agreement.epoch_at(self.clock())
        return KeyLabel(OIN_B, OIN_A, content_hash(self.agreement), self.agreement.purpose, kind, epoch)

    def public_key(self, kind: str = "bsn") -> bytes:
        """The provider's public key of now."""
        return self.b.epochs.current(self.agreement, kind, self.clock()).secret.public_key

    def craft(self, elements: bytes, **changes: Any) -> Crafted:
        """An order about these blinded elements, with fields changed, signed by A all the same."""
        roots = merkle.chunk_roots(elements)
        order = make_order(self._filled(elements_root=merkle.root_of_chunks(roots), elements=elements))
        for field, value in changes.items():
            setattr(order, field, value)
        signed = sign(order, self.nodes["a"].secrets.signing_key)
        return Crafted(order, signed, requests_of(signed, roots, merkle.chunks(elements)))

    def craft_fetch(self, **changes: Any) -> Signed:
        """An order for the tag set, with fields changed, signed by A all the same."""
        order = make_order(
            self._filled()._replace(
                operation=OPERATION_FETCH_TAG_SET, elements_root=b"", blinding_commitment=b"", element_count=0
            )
        )
        for field, value in changes.items():
            setattr(order, field, value)
        return sign(order, self.nodes["a"].secrets.signing_key)

    def _filled(self, elements: bytes = b"", elements_root: bytes = b"") -> Ask:
        return Ask(
            label=self.label(),
            agreement_id="shared",
            operation=OPERATION_EVALUATE,
            answer=ANSWER_HIT,
            public_key=self.public_key(),
            transaction_id=os.urandom(16),
            nonce=os.urandom(16),
            expires_at_ms=self.clock() + ORDER_LIFETIME_MS,
            register_root=bytes(32),
            element_count=len(elements) // 32,
            elements_root=elements_root,
            blinding_commitment=blinding.commitment(bytes(32)),
        )

    # --- looking

    def used(self) -> int:
        """Evaluations charged today."""
        day = {"agreement_hash": content_hash(self.agreement), "day": day_of(self.clock())}
        with self.nodes["b"].database.read() as connection:
            return connection.execute(select(budget.c.used).filter_by(**day)).scalar() or 0

    def events(self, assembly: Assembly) -> list[dict[str, Any]]:
        """The whole evidence of a node, checked."""
        assembly.evidence.verify()
        return [read(record) for record in assembly.evidence.records()]

    def resign(self, message: Message) -> Signed:
        """Signed by the provider."""
        return sign(message, self.nodes["b"].secrets.signing_key)


def make_pair(folder: Path, storage: Callable[[], str] = lambda: "sqlite:///node.db") -> None:
    """The folders of two nodes that know each other and their agreement; A knows C too. Each has its own `storage`."""
    configs = [
        make_node(folder / name, oin, storage=storage())
        for name, oin in (("a", OIN_A), ("b", OIN_B), ("c", OIN_C))
    ]
    introduce(*configs)
    for config in configs[:2]:
        with Node.open(config) as node:
            add_signed(node, AGREEMENT)
            add_signed(node, PROVEN)


@contextmanager
def opened(template: Path, folder: Path, executor: Executor) -> Iterator[Pair]:
    """A pair of its own for one test."""
    shutil.copytree(template, folder)
    with closing(Pair(folder, executor, Clock())) as pair:
        yield pair


def blinded(count: int, seed: int = 0) -> bytes:
    """Elements as a requester could send them, all different."""
    return oprf.hash_to_group(f"{seed} {at}".encode() for at in range(count))


def second_encoding(element: bytes) -> bytes:
    """The same element as libsodium reads it, in other bytes."""
    return element[:31] + bytes([element[31] | 0x80])


def receipt_of(response: EvaluateResponse | FetchTagSetResponse) -> Receipt:
    """What the receipt of a response says."""
    return Receipt.FromString(response.receipt.payload)


BASE = group.multiply_base((1).to_bytes(32, "little"))
