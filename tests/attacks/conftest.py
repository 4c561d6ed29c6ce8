"""Two nodes for every test."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import closing
from pathlib import Path

import pytest

from tests.attacks.pair import Clock, Pair, make_pair, opened


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of two nodes, to be copied."""
    folder = tmp_path_factory.mktemp("nodes") / "template"
    folder.mkdir()
    make_pair(folder)
    return folder


@pytest.fixture
def pair(
    request: pytest.FixtureRequest, template: Path, tmp_path: Path, executor: Executor
) -> Iterator[Pair]:
    """Organisation A, which asks, and B, which answers; their registers are empty. On SQLite by default."""
    if getattr(request, "param", "sqlite") == "sqlite":
        with opened(template, tmp_path / "pair", executor) as made:
            yield made
        return
    make_pair(tmp_path, request.getfixturevalue("postgres"))
    with closing(Pair(tmp_path, executor, Clock())) as made:
        yield made
