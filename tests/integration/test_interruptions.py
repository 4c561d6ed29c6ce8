"""Nodes that stop, die and come back in the middle of a question: nothing is lost, and nothing is counted twice."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pytest

from linkage_node._generated.linkage.v1 import system_pb2 as wire_types
from linkage_node._generated.linkage.v1.order_pb2 import ANSWER_HIT
from tests.integration.wire import Wire, wire_to
from tests.integration.world import AGREEMENT, LiveNode, agree, hits_in, read_results, stubs
from tests.nodes import OIN_A, OIN_B, free_port, introduce, make_node
from tests.registers import bsns

PEOPLE = 1200
SHARED_PEOPLE = 400
IN_THE_ANSWER = (
    40_000  # bytes from the provider: more than handshake, key and receipts, less than the elements
)
HEADER = wire_types.QueryHeader(agreement_id=AGREEMENT, answer=ANSWER_HIT, source=wire_types.SOURCE_REGISTER)


class Scene(NamedTuple):
    """A requester, a provider, and the wire between them."""

    requester: LiveNode
    provider: LiveNode
    wire: Wire
    expected: set[str]  # references of the requester's records that the provider has


class Prepared(NamedTuple):
    """Two nodes with their registers, in a folder to copy, and the port of the wire between them."""

    folder: Path
    port: int


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Two nodes that agreed on a budget of two questions and a half."""
    folder, port = tmp_path_factory.mktemp("prepared"), free_port()
    configs = (
        make_node(folder / "asks", OIN_A),
        make_node(folder / "answers", OIN_B, address=f"127.0.0.1:{port}"),
    )
    introduce(*configs)
    requester, provider = LiveNode(configs[0]), LiveNode(configs[1])
    agree(requester, provider, limits={"evaluations_per_day": 5 * PEOPLE // 2, "largest_query": PEOPLE})
    people = list(islice(bsns(5), 2 * PEOPLE))
    requester.load((f"a{at}", person) for at, person in enumerate(people[:PEOPLE]))
    first = PEOPLE - SHARED_PEOPLE
    provider.load((f"b{at}", person) for at, person in enumerate(people[first : first + PEOPLE]))
    return Prepared(folder, port)


@pytest.fixture
def scene(tmp_path: Path, prepared: Prepared) -> Iterator[Scene]:
    """A copy of the two nodes; the provider answers."""
    shutil.copytree(prepared.folder, tmp_path, dirs_exist_ok=True)
    requester = LiveNode(tmp_path / "asks" / "node.yaml")
    provider = LiveNode(tmp_path / "answers" / "node.yaml")
    with wire_to(provider.address, prepared.port) as wire:
        try:
            provider.start()
            expected = {f"a{at}" for at in range(PEOPLE - SHARED_PEOPLE, PEOPLE)}
            yield Scene(requester, provider, wire, expected)
        finally:
            requester.kill()
            provider.kill()


def start_query(node: LiveNode) -> str:
    """Start a question about the whole register, over the system face."""
    with node.channel() as channel:
        request = wire_types.StartQueryRequest(header=HEADER)
        started: str = stubs(channel).queries.StartQuery(iter([request]), timeout=20).query_id
        return started


def finished(node: LiveNode, query_id: str) -> tuple[wire_types.Query, set[str]]:
    """The query when it has ended, and the references that hit."""
    with node.channel() as channel:
        queries = stubs(channel).queries
        *_, last = queries.WatchQuery(wire_types.WatchQueryRequest(query_id=query_id), timeout=60)
        if last.query.state != wire_types.QUERY_STATE_DONE:
            return last.query, set()
        request = wire_types.FetchResultsRequest(query_id=query_id, hits_only=True)
        batches = list(queries.FetchResults(request, timeout=20))
    return last.query, {result.record_ref for batch in batches for result in batch.results if result.hit}


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_requester_ends_amid_a_query(scene: Scene, how: str) -> None:
    """The requester's server is stopped (within seconds) or killed amid a query; started again, it ends the query."""
    scene.wire.hold_after(IN_THE_ANSWER)
    scene.requester.start()
    query_id = start_query(scene.requester)
    assert scene.wire.held.wait(30)
    if how == "terminate":
        assert "stopped" in scene.requester.terminate(seconds=12)
    else:
        scene.requester.kill()
    scene.wire.release()
    scene.requester.start()
    query, hits = finished(scene.requester, query_id)
    assert query.state == wire_types.QUERY_STATE_DONE, query
    assert hits == scene.expected
    assert (query.records, query.hits) == (PEOPLE, SHARED_PEOPLE)
    assert scene.provider.budget() == 2 * PEOPLE  # what broke off was charged, and not given back
    scene.requester.evidence()
    scene.provider.evidence()


def test_provider_killed_mid_stream(scene: Scene, tmp_path: Path) -> None:
    """The provider dies while it answers: the requester says so and loses nothing; the same command then gives all."""
    scene.wire.hold_after(IN_THE_ANSWER)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(scene.requester.match, tmp_path / "out.csv")
        assert scene.wire.held.wait(30)
        scene.provider.kill()
        scene.wire.cut()
        scene.wire.release()
        broken = asked.result(60)
    assert broken.code == 5, broken
    assert "peer_dropped" in broken.err or "peer_unreachable" in broken.err
    assert not (tmp_path / "out.csv").exists()
    scene.provider.start()
    again = scene.requester.match(tmp_path / "out.csv")
    assert again.code == 0, again
    assert hits_in(tmp_path / "out.csv") == scene.expected
    assert scene.provider.budget() == 2 * PEOPLE
    scene.requester.change("DELETE FROM own_tags")  # makes the next question a whole one
    over = scene.requester.match(tmp_path / "over.csv")
    assert over.code == 4, over
    assert "budget_exhausted" in over.err
    assert scene.provider.budget() == 2 * PEOPLE
    scene.provider.evidence()


def test_line_cut_amid_a_query(scene: Scene, tmp_path: Path) -> None:
    """A line that is cut is an unreachable peer; `queries resume` and `queries results` end the question."""
    scene.wire.hold_after(IN_THE_ANSWER)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(scene.requester.match, tmp_path / "out.csv")
        assert scene.wire.held.wait(30)
        scene.wire.cut()
        scene.wire.release()
        assert asked.result(60).code == 5
    (query,) = scene.requester.did("queries", "list", "--json").json
    assert query["state"] == "failed"
    scene.requester.did("queries", "resume", query["query_id"])
    scene.requester.did("queries", "results", query["query_id"], "--output", tmp_path / "out.csv")
    assert hits_in(tmp_path / "out.csv") == scene.expected


def test_register_changes_amid_a_query(scene: Scene, tmp_path: Path) -> None:
    """Records that come or go while a question is under way have no result, and nobody gets another one's."""
    scene.wire.hold_after(IN_THE_ANSWER)
    newcomer = list(islice(bsns(5), PEOPLE + 1))[PEOPLE]  # the provider has him
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(scene.requester.match, tmp_path / "out.csv")
        assert scene.wire.held.wait(30)
        scene.requester.did("register", "remove", "a5", "a900")
        scene.requester.load([("new", newcomer)])
        scene.wire.release()
        ran = asked.result(60)
    assert ran.code == 0, ran
    results = read_results(tmp_path / "out.csv")
    assert results.keys() == {f"a{at}" for at in range(PEOPLE)} - {"a5", "a900"}
    assert {ref for ref, hit in results.items() if hit} == scene.expected - {"a900"}
    again = scene.requester.match(tmp_path / "again.csv")
    assert (again.code, again.json["evaluated"]) == (0, 1), again
    assert hits_in(tmp_path / "again.csv") == scene.expected - {"a900"} | {"new"}


def test_cancelled_amid_a_query(scene: Scene) -> None:
    """A cancelled query ends as cancelled, also when it was waiting for its turn, and has no results."""
    scene.wire.hold_after(IN_THE_ANSWER)
    scene.requester.start()
    ids = [start_query(scene.requester) for _ in range(3)]  # two run, one waits
    assert scene.wire.held.wait(30)
    with scene.requester.channel() as channel:
        for query_id in ids:
            stubs(channel).queries.CancelQuery(wire_types.CancelQueryRequest(query_id=query_id), timeout=10)
    scene.wire.release()
    for query_id in ids:
        query, _ = finished(scene.requester, query_id)
        assert query.state == wire_types.QUERY_STATE_CANCELLED
        assert list(query.reasons) == ["cancelled"]
