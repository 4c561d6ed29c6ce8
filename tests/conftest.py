"""What all tests share."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

import linkage_node  # noqa: F401 - before anything imports gRPC, which reads its TLS settings from here
from tests.postgres_server import postgres_server

SHARED = Path(__file__).parents[2] / "shared"  # test data that does not belong to the product

# A job in a shell's background ignores SIGINT and its children inherit that; tests interrupt theirs.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def executor() -> Iterator[Executor]:
    """Two threads, for group arithmetic."""
    with ThreadPoolExecutor(2) as pool:
        yield pool


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """Makes new databases on one PostgreSQL server."""
    with postgres_server() as make_database:
        yield make_database


@pytest.fixture(params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new, empty database, of each engine in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'storage.db'}"
    made: str = request.getfixturevalue("postgres")()
    return made
