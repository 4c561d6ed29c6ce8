"""Two nodes that count, for every test."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import closing
from pathlib import Path

import pytest

from tests.asking.count_pair import AGREEMENT, DEBTS, DISTRICTS, counting, fill
from tests.attacks.pair import Clock, Pair, make_pair
from tests.signed import add_signed


@pytest.fixture(scope="session")
def counting_template(tmp_path_factory: pytest.TempPathFactory, executor: Executor) -> Path:
    """The folders of two nodes with registers, to be copied."""
    folder = tmp_path_factory.mktemp("counting") / "template"
    folder.mkdir()
    make_pair(folder)
    with closing(Pair(folder, executor, Clock())) as made:
        for node in made.nodes.values():
            add_signed(node, AGREEMENT)
        fill(made, made.a, "district", DISTRICTS)
        fill(made, made.b, "debt", DEBTS)
    return folder


@pytest.fixture
def pair(counting_template: Path, tmp_path: Path, executor: Executor) -> Iterator[Pair]:
    """Organisation A, which counts, and B, which answers, without noise."""
    with counting(counting_template, tmp_path / "pair", executor) as made:
        yield made
