"""Through the whole of the provider: the released table against the truth, without noise."""

import random

import pytest

from linkage_node.limits import NOT_RELEASED
from tests.counting.town import BUCKET, Town, agreement_text, names
from tests.signed import add_signed

EVERYBODY = names(0, 30)


@pytest.mark.parametrize("seed", range(6))
def test_the_released_table_is_the_true_one_but_for_suppressed_cells(town: Town, seed: int) -> None:
    """Both sides broken down; persons with several records in several districts, and clients in both groups."""
    rng = random.Random(seed)
    smallest = rng.randrange(1, 5)
    text = agreement_text("seeded", terms={"smallest_cell": smallest, "smallest_set": 1})
    add_signed(town.nodes["b"], text)
    district_of: dict[str, str | None] = {}
    for load in range(3):
        records = {
            person: rng.choice(["north", "south", "east", None])
            for person in rng.sample(EVERYBODY, rng.randrange(1, 16))
        }
        town.fill(records, prefix=f"load {load}")
        district_of = {**records, **district_of}  # the first record decides
    groups = [rng.sample(EVERYBODY, rng.randrange(BUCKET)) for _ in range(2)]
    group_of = {person: number for number, group in reversed(list(enumerate(groups))) for person in group}

    def true(group: int, district: str) -> int:
        return sum(
            1
            for person, lives in district_of.items()
            if group_of.get(person) == group
            and (lives if lives in ("north", "south") else "other") == district
        )

    exact = [true(group, district) for group in range(2) for district in ("north", "south", "other")]
    expected = [cell if cell >= smallest else NOT_RELEASED for cell in exact]
    table = town.a_asks.count(*groups, question="both", agreement="seeded").table
    assert list(table.cells) == expected
    whole = town.a_asks.count(groups[0], question="all", agreement="seeded").table
    shared = len(set(groups[0]) & set(district_of))
    assert list(whole.cells) == [shared if shared >= smallest else NOT_RELEASED]
