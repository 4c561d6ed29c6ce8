"""Registers on SQLite, and on a real PostgreSQL server where both must do the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from linkage_node.register.loader import Loader
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database
from tests.registers import SEALER, open_loader


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A new SQLite database."""
    opened = Database(f"sqlite:///{tmp_path / 'node.db'}")
    opened.create()
    yield opened
    opened.close()


@pytest.fixture
def any_database(storage: str) -> Iterator[Database]:
    """A new database of each engine in turn."""
    opened = Database(storage)
    opened.create()
    yield opened
    opened.close()


@pytest.fixture
def store(database: Database) -> RegisterStore:
    """The register in the SQLite database."""
    return RegisterStore(database, SEALER)


@pytest.fixture
def loader(database: Database) -> Iterator[Loader]:
    """A loader into the SQLite database."""
    with open_loader(database) as opened:
        yield opened
