"""The counter: a case system that asks its own node about the person in front of it, over gRPC."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import grpc

from linkage_node._generated.linkage.v1.order_pb2 import ANSWER_HIT
from linkage_node._generated.linkage.v1.system_pb2 import (
    SOURCE_PERSONS,
    MatchPersonRequest,
    Person,
    QueryHeader,
)
from linkage_node._generated.linkage.v1.system_pb2_grpc import QueryServiceStub
from linkage_node.demo.nodes import DemoNode

_SECONDS = 30


class Answered(NamedTuple):
    """One answer, and how long it took."""

    hit: bool
    milliseconds: float


class Counter:
    """A channel to the own node, with the certificate that `init` made for the first of the own systems."""

    def __init__(self, channel: grpc.Channel, agreement_id: str) -> None:
        self._service = QueryServiceStub(channel)
        self._agreement_id = agreement_id

    def ask(self, record_ref: str, bsn: str) -> Answered:
        """Is this person known at the provider of the agreement?"""
        request = MatchPersonRequest(
            header=QueryHeader(
                agreement_id=self._agreement_id, kind="bsn", answer=ANSWER_HIT, source=SOURCE_PERSONS
            ),
            person=Person(record_ref=record_ref, identifiers={"bsn": bsn}),
        )
        started = time.perf_counter()
        response = self._service.MatchPerson(request, timeout=_SECONDS)
        return Answered(response.result.hit, (time.perf_counter() - started) * 1000)


@contextmanager
def at_the_counter(node: DemoNode, agreement_id: str) -> Iterator[Counter]:
    """A connection to the organisation's own node."""
    keys = node.folder / "keys"
    credentials = grpc.ssl_channel_credentials(
        *((keys / name).read_bytes() for name in ("ca.pem", "system.key", "system.pem"))
    )
    with grpc.secure_channel(f"127.0.0.1:{node.port}", credentials) as channel:
        yield Counter(channel, agreement_id)
