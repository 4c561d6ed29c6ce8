"""A run is begun by one process only, whoever else tries at the same moment."""

import json
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from linkage_node.asking.series import SeriesStore
from linkage_node.asking.standing import Standing, StandingStore, Target
from linkage_node.clock import DAY_MS, now_ms
from linkage_node.errors import Refusal
from linkage_node.node import Node
from linkage_node.storage import Database
from tests.attacks.pair import AGREEMENT
from tests.nodes import OIN_A, OIN_B, introduce, make_node
from tests.postgres_server import postgres_server
from tests.registers import SEALER
from tests.signed import add_signed
from tests.standing.trio import DAILY

COMMAND = Path(sys.executable).with_name("linkage-node")
THREADS = 6


def question(name: str, next_at: int) -> Standing:
    """A standing question that is due at this time."""
    target = Target("shared", OIN_B, "ab", 30)
    return Standing(name, "hit", "bsn", "", (), (target,), DAILY, 0, next_at)


def claims(url: str, name: str, now: int, *, due: bool) -> list[int]:
    """The times of the runs that several threads, each with connections of its own, begin at the same moment."""
    barrier = threading.Barrier(THREADS)
    begun: list[int] = []

    def claim() -> None:
        database = Database(url)
        try:
            barrier.wait()
            claimed = SeriesStore(database, SEALER).claim(name, now, due=due)
            if claimed is not None:
                begun.append(claimed[1])
        except Refusal:
            pass
        finally:
            database.close()

    threads = [threading.Thread(target=claim) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return begun


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_several_at_once(engine: str, tmp_path: Path) -> None:
    """Of many that see it due, or put it by hand, one begins it."""
    with ExitStack() as stack:
        url = f"sqlite:///{tmp_path / 'node.db'}"
        if engine == "postgresql":
            url = stack.enter_context(postgres_server())()
        database = Database(url)
        database.create()
        store = StandingStore(database)
        for number in range(4):
            name = f"q{number}"
            store.add(question(name, 1_000))
            assert len(claims(url, name, 2_000, due=number % 2 == 0)) == 1
            assert [point.name for point in SeriesStore(database, SEALER).points(name)] == [name]
            assert store.get(name).next_at > 2_000
        database.close()


def test_two_commands_at_once(tmp_path: Path) -> None:
    """Two processes that put what is due at the same moment leave one point, with the one run's reason."""
    config, other = make_node(tmp_path / "a", OIN_A), make_node(tmp_path / "b", OIN_B)
    introduce(config, other)
    with Node.open(config) as node:
        add_signed(node, AGREEMENT.replace("2026-03-31", "2046-03-31"))
        store = StandingStore(node.database)
        store.add(question("q", now_ms() - DAY_MS))
        words = [str(word) for word in (COMMAND, "standing", "run", "--due", "--json", "--config", config)]
        runs = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
        said = [json.loads(run.communicate(timeout=60)[0]) for run in runs]
        points = SeriesStore(node.database, node.sealer).points("q")
        assert sorted(map(len, said)) == [0, 1]
        assert sorted(run.returncode for run in runs) == [0, 4]
        assert [(point.state, point.reasons) for point in points] == [("refused", ("register_empty",))]
        assert store.get("q").next_at > now_ms()
