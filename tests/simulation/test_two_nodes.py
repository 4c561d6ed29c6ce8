"""Two nodes through months of changes, questions, dropped lines, crashes and replays, from a seed, against models.

`SIMULATION_SEEDS=0-500 SIMULATION_STEPS=300 pytest tests/simulation` walks further.
"""

import os

import pytest

from tests.simulation.conftest import Simulate

FIRST, _, LAST = os.environ.get("SIMULATION_SEEDS", "0-2").partition("-")
STEPS = int(os.environ.get("SIMULATION_STEPS", "130"))


@pytest.mark.parametrize("seed", range(int(FIRST), int(LAST)))
def test_answers_are_the_models(simulate: Simulate, seed: int) -> None:
    """Whatever happens, each question that is answered is answered as the models say, and the books are right."""
    done = simulate(seed, STEPS).done
    assert done["answered hit register"] + done["answered hit persons"] > 3
    assert done["counted"]


@pytest.mark.slow
def test_all_of_it_happens(simulate: Simulate) -> None:
    """A simulation worth its name: every operation, end and crash of both nodes occurs in one of them."""
    done = simulate(1000, 4 * STEPS).done
    for what in (
        "answered hit register",
        "answered hit persons",
        "answered attributes register",
        "answered attributes persons",
        "disclosed",
        "withheld",
        "counted",
        "counted before",
        "count_lost",
        "epsilon_exhausted",
        "set_too_small",
        "budget_exhausted",
        "meanwhile",
        "replay",
        "resume",
        "keep_house",
        "restart",
    ):
        assert done[what], what
    for who in ("asks", "answers"):
        for moment in ("before", "in", "after"):
            assert done[f"crash {who} {moment}"], (who, moment)
