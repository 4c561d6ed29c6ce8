"""Registers on SQLite, and on a real PostgreSQL server where both must do the same."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linkage_node.register.loader import Loader
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database
from tests.postgres_server import postgres_server
from tests.registers import SEALER, open_loader


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes new databases on one PostgreSQL server."""
    with postgres_server() as make_database:
        yield make_database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A new SQLite database."""
    opened = Database(f"sqlite:///{tmp_path / 'node.db'}")
    opened.create()
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A new database of each engine in turn."""
    url = f"sqlite:///{tmp_path / 'node.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres")()
    opened = Database(url)
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
