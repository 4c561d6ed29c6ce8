"""A simulation for every test."""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from linkage_node.answering import counting, service
from linkage_node.asking import count_exchange, exchange
from linkage_node.matching import blinding, count, hit, merkle
from linkage_node.register import root
from tests.simulation.agreed import CHUNK
from tests.simulation.walk import Walk

Simulate = Callable[[int, int], Walk]


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of a few elements, each remembered at once: a register of dozens goes the way of one of thousands."""
    for module in (hit, blinding, exchange, root, merkle, count, count_exchange, counting):
        monkeypatch.setattr(module, "CHUNK_ELEMENTS", CHUNK)
    monkeypatch.setattr(merkle, "_CHUNK_BYTES", CHUNK * 32)
    monkeypatch.setattr(exchange, "SAVE_CHUNKS", 1)
    monkeypatch.setattr(service, "_MESSAGE_BYTES", 200)


@pytest.fixture
def simulate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Simulate]:
    """Run a simulation: seed, steps. What the nodes draw comes from the seed too, so that it can be run again."""
    made: list[Walk] = []

    def run(seed: int, steps: int) -> Walk:
        drawn = random.Random(seed).randbytes
        monkeypatch.setattr(os, "urandom", drawn)
        monkeypatch.setattr(random, "_urandom", drawn)  # `secrets` draws from it
        walk = Walk(tmp_path / str(seed), seed)
        made.append(walk)
        for _ in range(steps):
            walk.step()
        if steps:
            walk.finish()
        return walk

    yield run
    for walk in made:
        walk.world.close()
