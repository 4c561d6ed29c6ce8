"""A provider of counts for every test."""

from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import pytest

from tests.counting.town import Town, make_town, opened


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of the three nodes, to be copied."""
    folder = tmp_path_factory.mktemp("town") / "template"
    folder.mkdir()
    make_town(folder)
    return folder


@pytest.fixture
def town(template: Path, tmp_path: Path, executor: Executor) -> Iterator[Town]:
    """A provider that counts without noise, with an empty register."""
    with opened(template, tmp_path / "town", executor) as made:
        yield made
