"""Counts with a provider in a process of its own, over real TLS: several chunks, a cancelled one, a killed provider."""

import threading
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import closing

import pytest

from linkage_node.asking.intake import Wish
from linkage_node.asking.queries import Query
from linkage_node.asking.tables import table_of, total
from linkage_node.assembly import Assembly
from linkage_node.clock import now_ms
from linkage_node.errors import Cancelled, Unreachable
from linkage_node.node import Node
from linkage_node.pseudonyms import pseudonymise
from linkage_node.register.staging import Staged
from tests.integration.world import AGREEMENT, LiveNode, await_that, make_pair

SHARED = 150
NOISE = 6  # more comes once in 10^10 times
COUNT = {
    "requester_bucket": 5_000,  # two chunks
    "provider_bucket": 9_000,  # three
    "questions": [
        # the three are the whole year's, and the noise is small
        {"id": name, "epsilon": 4, "every": every}
        for name, every in (("first", "year"), ("second", "quarter"), ("third", "month"))
    ],
}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory, executor: Executor) -> Iterator[LiveNode]:
    """A provider that serves; its requester lies beside it."""
    pair = make_pair(tmp_path_factory.mktemp("nodes"), answers=["count"], count=COUNT)
    for live, people in zip(pair, (range(300), range(SHARED, 2_000)), strict=True):
        with Node.open(live.config) as node, closing(Assembly(node, executor)) as assembly:
            secrets = node.secrets
            values = [b"p%d" % person for person in people]
            packed = pseudonymise("bsn", values, secrets.domain_secret, secrets.register_scalar, executor)
            rows = (
                Staged(at, f"r{at}", None, {"bsn": packed[at * 32 : at * 32 + 32]})
                for at in range(len(people))
            )
            assembly.register.upsert(rows, now_ms())
    yield pair[1].start()
    pair[1].kill()


@pytest.fixture
def requester(provider: LiveNode, executor: Executor) -> Iterator[Assembly]:
    """The node that asks, in this process."""
    config = provider.folder.parent / "asks" / "node.yaml"
    with Node.open(config) as node, closing(Assembly(node, executor)) as assembly:
        yield assembly


def start(requester: Assembly, question: str) -> Query:
    """A count, not run yet."""
    return requester.intake.about_register(Wish(AGREEMENT, answer="count", question=question), "cli").only


def test_several_chunks(requester: Assembly) -> None:
    """Lists of several chunks go both ways, progress goes up to the whole, and the number is right."""
    seen: list[tuple[int, int]] = []
    query = start(requester, "first")
    done = requester.runner.run(
        query.id, lambda now: seen.append((now.evaluated, now.elements)), lambda: False
    )
    table = table_of(requester.queries, done, now_ms())
    assert abs(total(table).total - SHARED) <= NOISE
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == ((0, 14_000), (14_000, 14_000))
    assert len(set(seen)) == 5


def at_work() -> int:
    """How many threads there are, but those that rules run in, which wait as long as their engine is there."""
    return sum(not thread.name.startswith("policy") for thread in threading.enumerate())


@pytest.mark.parametrize("messages", [1, 3])
def test_cancelled_on_the_way(requester: Assembly, messages: int) -> None:
    """A count that is cancelled ends the call, at whatever message, and leaves no thread that waits."""
    before = at_work()
    looks = iter(range(100))
    query = start(requester, "second")
    with pytest.raises(Cancelled):
        requester.runner.run(query.id, lambda _now: None, lambda: next(looks) >= messages)
    requester.close()
    await_that(lambda: at_work() <= before)
    assert requester.queries.get(query.id).state == "cancelled"


def test_the_provider_is_killed(requester: Assembly, provider: LiveNode) -> None:
    """A provider that is killed while its list comes is asked anew when it is back, and charges nothing twice."""
    looks = iter(range(100))

    def kill() -> bool:
        if next(looks) == 1:
            provider.kill()
        return False

    query = start(requester, "third")
    with pytest.raises(Unreachable):
        requester.runner.run(query.id, lambda _now: None, kill)
    assert requester.queries.get(query.id).state == "failed"
    provider.start()
    done = requester.runner.run(query.id, lambda _now: None, lambda: False)
    assert abs(total(table_of(requester.queries, done, now_ms())).total - SHARED) <= NOISE
    assert provider.rows("SELECT question, micro FROM epsilon_spent WHERE question = 'third'") == [
        ("third", 4_000_000)
    ]
