"""The figures themselves: group arithmetic, a first match and its repeat, one person, a count, memory a record."""

import os
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import grpc

from linkage_node._generated.linkage.v1 import system_pb2 as wire
from linkage_node._generated.linkage.v1.order_pb2 import ANSWER_HIT
from linkage_node._generated.linkage.v1.system_pb2_grpc import QueryServiceStub
from linkage_node.bench.pair import AGREEMENT, QUESTION, Host, Pair
from linkage_node.clock import DAY_MS
from linkage_node.config import load_config
from linkage_node.limits import BENCH_SECONDS
from linkage_node.pseudonyms import group
from linkage_node.pseudonyms.oprf import hash_to_group
from linkage_node.pseudonyms.parallel import in_pieces

Usage = Sequence[dict[str, Any]]  # what each node told of itself
CORES = os.cpu_count() or 1
_CHANGED = 0.01  # of the records, on both sides, before the repeat
_SAMPLE_ELEMENTS = 20_000
_PERSONS = 200  # questions about one person


class GroupSpeed(NamedTuple):
    """Multiplications a second."""

    one_core: float
    all_cores: float


class Match(NamedTuple):
    """A match of a whole register."""

    seconds: float
    evaluated: int
    hits: int
    group_share: float  # of the two nodes' processor time, spent in group arithmetic
    busy_share: float  # of the time of all cores, used by the two nodes


def group_speed() -> GroupSpeed:
    """How fast this machine multiplies."""
    elements = hash_to_group(b"%d" % number for number in range(_SAMPLE_ELEMENTS))
    scalar = group.random_scalar()
    started = time.perf_counter()
    group.multiply(scalar, elements)
    one = _SAMPLE_ELEMENTS / (time.perf_counter() - started)
    with ThreadPoolExecutor(CORES) as executor:
        started = time.perf_counter()
        in_pieces(executor, partial(group.multiply, scalar), elements)
        return GroupSpeed(one, _SAMPLE_ELEMENTS / (time.perf_counter() - started))


def measure_match(requester: Host, provider: Host) -> Match:
    """Let the requester match its whole register."""
    before = requester.do("usage"), provider.do("usage")
    result = requester.do("ask", wish={"agreement_id": AGREEMENT})
    after = result, provider.do("usage")
    return Match(
        result["seconds"],
        result["evaluated"],
        result["hits"],
        _spent("group_seconds", before, after) / _spent("cpu_seconds", before, after),
        _spent("cpu_seconds", before, after) / (result["seconds"] * CORES),
    )


def _spent(what: str, before: Usage, after: Usage) -> float:
    """How much both nodes used meanwhile."""
    return sum(float(late[what] - early[what]) for late, early in zip(after, before, strict=True))


class Count(NamedTuple):
    """A count of one register against another."""

    seconds: float
    sent_bytes: int  # by the requester, TLS included
    received_bytes: int
    multiplications: int  # at both nodes, those of padding and traps included
    multiplications_alone_seconds: float  # that so many take with all cores
    over_alone: float  # times as long the count takes
    group_share: float  # of the two nodes' processor time, spent in group arithmetic
    given_again_seconds: float  # when the same is asked again


def measure_count(records: int, against: int) -> Count:
    """Count how many of `records` clients another node with `against` clients has too."""
    wish = {"agreement_id": AGREEMENT, "answer": "count", "question": QUESTION}
    with TemporaryDirectory(prefix="linkage-bench-") as folder:
        pair = Pair(Path(folder), against, changes=256, counting=records)
        with pair.running() as (requester, provider):
            before = requester.do("usage"), provider.do("usage")
            asked = requester.do("ask", wish=wish)
            after = asked, provider.do("usage")
            again = requester.do("ask", wish=wish)
    done = int(_spent("group_elements", before, after))
    alone = done / group_speed().all_cores
    return Count(
        seconds=asked["seconds"],
        sent_bytes=asked["sent_bytes"] - before[0]["sent_bytes"],
        received_bytes=asked["received_bytes"] - before[0]["received_bytes"],
        multiplications=done,
        multiplications_alone_seconds=alone,
        over_alone=asked["seconds"] / alone,
        group_share=_spent("group_seconds", before, after) / _spent("cpu_seconds", before, after),
        given_again_seconds=again["seconds"],
    )


def first_and_repeat(pair: Pair, requester: Host, provider: Host) -> tuple[Match, Match]:
    """A first match; then 1% of both registers changes, a day passes, and it is asked again."""
    first = measure_match(requester, provider)
    changed, fresh = int(pair.records * _CHANGED), pair.records * 10
    pair.fill("requester", range(fresh, fresh + changed))
    pair.fill("provider", range(fresh, fresh + changed))
    for host in (requester, provider):
        host.do("move_clock", ms=DAY_MS)
    return first, measure_match(requester, provider)


def one_person(pair: Pair) -> list[float]:
    """Milliseconds of single questions to the requester's own node, everything included."""
    config = load_config(pair.config("requester")).config
    keys = pair.config("requester").parent / "keys"
    credentials = grpc.ssl_channel_credentials(
        config.tls.ca.read_bytes(), (keys / "system.key").read_bytes(), (keys / "system.pem").read_bytes()
    )
    header = wire.QueryHeader(agreement_id=AGREEMENT, answer=ANSWER_HIT, source=wire.SOURCE_PERSONS)
    taken = []
    with grpc.secure_channel(config.listen, credentials) as channel:
        stub = QueryServiceStub(channel)
        for number in range(_PERSONS + 1):
            person = wire.Person(record_ref=f"counter-{number}", identifiers={"bsn": _test_bsn(number)})
            started = time.perf_counter()
            stub.MatchPerson(wire.MatchPersonRequest(header=header, person=person), timeout=BENCH_SECONDS)
            taken.append((time.perf_counter() - started) * 1000)
    return taken[1:]  # the first opened the channel to the provider


def _test_bsn(number: int) -> str:
    """The valid test BSN after 0000 + number: BSNs for testing begin with 0000."""
    for last in range(100):
        digits = f"0000{number + 1:03d}{last:02d}"
        total = sum(
            int(digit) * weight for digit, weight in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True)
        )
        if total % 11 == 0:
            return digits
    raise AssertionError("one in eleven passes")


def peak_bytes(records: int) -> tuple[int, int]:
    """Peak memory of requester and provider in a first match of so many records on each side."""
    with TemporaryDirectory(prefix="linkage-bench-") as folder:
        pair = Pair(Path(folder), records, changes=int(records * _CHANGED))
        with pair.running() as (requester, provider):
            requester.do("ask", wish={"agreement_id": AGREEMENT})
            return requester.do("usage")["peak_bytes"], provider.do("usage")["peak_bytes"]


def median(values: list[float]) -> float:
    """The median."""
    return statistics.median(values)
