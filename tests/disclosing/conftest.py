"""Two requesters and a provider for every test."""

from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import pytest

from tests.disclosing.desk import Desk, make_desk, opened


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of the three nodes, to be copied."""
    folder = tmp_path_factory.mktemp("desk") / "template"
    folder.mkdir()
    make_desk(folder)
    return folder


@pytest.fixture
def desk(template: Path, tmp_path: Path, executor: Executor) -> Iterator[Desk]:
    """A and C ask, B answers; their registers are empty."""
    with opened(template, tmp_path / "desk", executor) as made:
        yield made
