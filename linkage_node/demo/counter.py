"""The counter: a case system that asks its own node about the person in front of it, over gRPC."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import grpc

from linkage_node._generated.linkage.v1.order_pb2 import ANSWER_HIT
from linkage_node._generated.linkage.v1.system_pb2 import (
    QUERY_STATE_DONE,
    SOURCE_PERSONS,
    MatchPersonRequest,
    Person,
    QueryHeader,
)
from linkage_node._generated.linkage.v1.system_pb2_grpc import QueryServiceStub
from linkage_node.demo.nodes import DemoNode

_SECONDS = 30


class Answered(NamedTuple):
    """What came of one question: by OIN who knows the person, and why others gave no answer; and how long it took."""

    known: dict[str, bool]
    reasons: dict[str, str]
    milliseconds: float


class Counter:
    """A channel to the own node, with the certificate that `init` made for the first of the own systems."""

    def __init__(self, channel: grpc.Channel, agreement_ids: Sequence[str]) -> None:
        self._service = QueryServiceStub(channel)
        self._first, *self._further = agreement_ids

    def ask(self, record_ref: str, bsn: str) -> Answered:
        """At which of the agreements' providers is this person known?"""
        request = MatchPersonRequest(
            header=QueryHeader(
                agreement_id=self._first,
                further_agreement_ids=self._further,
                kind="bsn",
                answer=ANSWER_HIT,
                source=SOURCE_PERSONS,
            ),
            person=Person(record_ref=record_ref, identifiers={"bsn": bsn}),
        )
        started = time.perf_counter()
        response = self._service.MatchPerson(request, timeout=_SECONDS)
        took = (time.perf_counter() - started) * 1000
        return Answered(
            {one.provider_oin: one.hit for one in response.results},
            {
                one.provider_oin: ", ".join(one.reasons)
                for one in response.providers
                if one.state != QUERY_STATE_DONE
            },
            took,
        )


@contextmanager
def at_the_counter(node: DemoNode, agreement_ids: Sequence[str]) -> Iterator[Counter]:
    """A connection to the organisation's own node."""
    keys = node.folder / "keys"
    credentials = grpc.ssl_channel_credentials(
        *((keys / name).read_bytes() for name in ("ca.pem", "system.key", "system.pem"))
    )
    with grpc.secure_channel(f"127.0.0.1:{node.port}", credentials) as channel:
        yield Counter(channel, agreement_ids)
