"""Three nodes with registers, for every test."""

import shutil
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import closing
from pathlib import Path

import pytest

from tests.asking.count_pair import AGREEMENT, DEBTS, DISTRICTS, fill
from tests.attacks.pair import make_pair
from tests.standing.trio import THIRD, Trio


@pytest.fixture(scope="session")
def trio_template(tmp_path_factory: pytest.TempPathFactory, executor: Executor) -> Path:
    """The folders of three nodes with registers, to be copied."""
    folder = tmp_path_factory.mktemp("standing") / "template"
    folder.mkdir()
    make_pair(folder)
    with closing(Trio(folder, executor)) as made:
        made.agree(AGREEMENT)
        made.agree(THIRD, provider="c")
        fill(made, made.a, "district", DISTRICTS)
        fill(made, made.b, "debt", DEBTS)
        made.fill(made.c, ["person 1", "person 2", "somebody else"])
    return folder


@pytest.fixture
def trio(trio_template: Path, tmp_path: Path, executor: Executor) -> Iterator[Trio]:
    """Organisation A, which asks, and B and C, which answer, without noise."""
    shutil.copytree(trio_template, tmp_path / "trio")
    with closing(Trio(tmp_path / "trio", executor)) as made:
        yield made
