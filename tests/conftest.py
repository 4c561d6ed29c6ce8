"""What all tests share."""

import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

import linkage_node  # noqa: F401 - before anything imports gRPC, which reads its TLS settings from here

SHARED = Path(__file__).parents[2] / "shared"  # test data that does not belong to the product

# A job in a shell's background ignores SIGINT and its children inherit that; tests interrupt theirs.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def executor() -> Iterator[Executor]:
    """Two threads, for group arithmetic."""
    with ThreadPoolExecutor(2) as pool:
        yield pool
