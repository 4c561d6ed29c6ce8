"""The core of a count, both sides, without noise: the table against the truth, and every check."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_node.errors import Refusal
from linkage_node.limits import CHUNK_ELEMENTS, COUNT_TRAPS, NOT_RELEASED
from linkage_node.matching import blinding, count
from linkage_node.matching.release import release
from linkage_node.pseudonyms import group
from tests.matching.count_world import ANSWERER, ASKER, World, begin, elements, rows

people = st.integers(0, 14).map("person {}".format)
seeds = st.binary(min_size=32, max_size=32)


def truth(groups: Sequence[Sequence[str]], categories: Sequence[Sequence[str]]) -> list[list[int]]:
    """How many persons group i and category j share; a person is in the first group that has him."""
    first = {person: number for number, part in reversed(list(enumerate(groups))) for person in part}
    return [
        [sum(1 for person in category if first.get(person) == number) for category in categories]
        for number in range(len(groups))
    ]


@st.composite
def sides(draw: st.DrawFn) -> tuple[list[list[str]], list[list[str]]]:
    """Groups, with people who stand in them more than once; and categories, each person in one at the most."""
    groups = draw(st.lists(st.lists(people, max_size=12), min_size=1, max_size=4))
    number_of = draw(st.dictionaries(people, st.integers(0, 2), max_size=12))
    number = draw(st.integers(1, 3))
    return groups, [[person for person, at in number_of.items() if at % number == j] for j in range(number)]


@settings(max_examples=60, deadline=None)
@given(sides(), seeds, seeds, st.integers(0, 9), st.integers(1, 6))
def test_without_noise_the_released_table_is_the_true_one(
    made: tuple[list[list[str]], list[list[str]]], seed: bytes, secret: bytes, spare: int, smallest: int
) -> None:
    """Whatever stands on either side, broken down or not and with people twice: each cell is true, or not told."""
    groups, categories = made
    room = max(1, *map(len, groups)) + spare
    world = begin(groups, categories, seed=seed, secret=secret, group_bucket=room)
    exact, true = world.tally(), truth(groups, categories)
    assert exact.tolist() == true
    released = release(exact, lambda cells: cells, smallest_cell=smallest, largest=room)
    flat = [cell for row in true for cell in row]
    assert released == [cell if cell >= smallest else NOT_RELEASED for cell in flat]


def test_a_person_counts_once_in_his_first_group() -> None:
    """He stands twice in one group and once in the next: one, and in the first."""
    world = begin([["x", "y", "x"], ["x", "z"]], [["x", "z"]])
    assert world.tally().tolist() == [[1], [1]]


def test_more_than_a_chunk() -> None:
    """Lists of several chunks are counted as one list."""
    many = [f"person {number}" for number in range(300)]
    world = begin([many], [[*many[100:], "stranger"]], group_bucket=CHUNK_ELEMENTS + 9)
    assert world.tally().tolist() == [[200]]


def test_noise_is_on_every_cell_and_a_cell_stays_what_fits() -> None:
    """Noise goes over the zeros too; a number is cut off at what fits, and not told below the smallest cell."""
    seen: list[list[int]] = []

    def more(exact: list[int]) -> list[int]:
        seen.append(exact)
        return [cell + 5 for cell in exact]

    released = release(np.array([[0, 3], [9, 4]]), more, smallest_cell=8, largest=12)
    assert seen == [[0, 3, 9, 4]]
    assert released == [NOT_RELEASED, 8, 12, 9]


@pytest.mark.parametrize(
    ("categories", "room", "smallest", "code"),
    [
        ([["a"] * 3, ["b"] * 4], 3, 1, "category_full"),
        ([["a"] * 3, ["b"] * 3], 3, 7, "set_too_small"),
        ([[]], 3, 1, "set_too_small"),
    ],
)
def test_sizes_are_checked_and_not_told(
    categories: list[list[str]], room: int, smallest: int, code: str
) -> None:
    """Too many for a bucket, or too few for a count: refused, without the number."""
    packed = [elements(part, ASKER) for part in categories]
    with pytest.raises(Refusal, match=code) as refused:
        count.check_sizes(packed, room=room, smallest=smallest)
    assert str(sum(map(len, categories))) not in refused.value.detail


def test_sizes_that_just_fit() -> None:
    """As many as there is room for, and as few as are enough."""
    count.check_sizes([elements(["a", "b"], ASKER), elements(["c"], ASKER)], room=2, smallest=3)


def test_nobody_is_left_out_silently() -> None:
    """A group or category with one person too many is refused by the core as well."""
    with pytest.raises(Refusal, match="category_full"):
        begin([["x", "y"]], [["x"]], group_bucket=1)
    with pytest.raises(Refusal, match="category_full"):
        begin([["x"]], [["x", "y"]], bucket=COUNT_TRAPS + 1)


# --- what a provider sends to a requester

Change = Callable[[World], bytes]
HOSTILE_S: dict[str, tuple[Change, str]] = {
    "one element less": (lambda world: world.session.sent[32:], "elements_mismatch"),
    "one element more": (lambda world: world.session.sent + b"\x02" * 32, "elements_mismatch"),
    "a category less": (lambda world: world.session.sent[: world.bucket * 32], "elements_mismatch"),
    "an element twice": (
        lambda world: world.session.sent[:-32] + world.session.sent[:32],
        "element_duplicate",
    ),
    "the requester's own element": (
        lambda world: world.mine.sent[:32] + world.session.sent[32:],
        "elements_mismatch",
    ),
    "the requester's own base point": (
        lambda world: world.session.sent[:-32] + world.mine.base_point,
        "elements_mismatch",
    ),
    "the identity": (lambda world: bytes(32) + world.session.sent[32:], "element_invalid"),
    "a second encoding": (lambda world: second(world.session.sent), "element_invalid"),
    "no element at all": (lambda world: b"\x01" + bytes(31) + world.session.sent[32:], "element_invalid"),
}


def second(packed: bytes) -> bytes:
    """The last element in the other bytes that libsodium takes for it."""
    return packed[:-1] + bytes([packed[-1] | 0x80])


@pytest.mark.parametrize("name", HOSTILE_S)
def test_a_requester_lifts_nothing_odd(name: str) -> None:
    """A list that is not as agreed, or holds what the requester sent itself, is never lifted."""
    change, code = HOSTILE_S[name]
    world = begin([["x", "y"]], [["x"], ["z"]])
    with pytest.raises(Refusal, match=code):
        world.lift(change(world))


# --- what a requester sends back to a provider

HOSTILE_V: dict[str, tuple[Change, str]] = {
    "S as it came": (lambda world: world.session.sent, "trap_missing"),
    "one element less": (lambda world: world.lift()[32:], "elements_mismatch"),
    "one element more": (lambda world: world.lift() + b"\x02" * 32, "elements_mismatch"),
    "nothing": (lambda _world: b"", "elements_mismatch"),
    "the identity": (lambda world: bytes(32) + world.lift()[32:], "element_invalid"),
    "a second encoding": (lambda world: second(world.lift()), "element_invalid"),
    "an element twice": (lambda world: world.lift()[:-32] + world.lift()[:32], "element_duplicate"),
    "the same once more in other bytes": (
        lambda world: second(world.lift()[:-32] + world.lift()[:32]),
        "element_invalid",
    ),
    "the categories changed about": (
        lambda world: world.lift()[world.bucket * 32 :] + world.lift()[: world.bucket * 32],
        "trap_missing",
    ),
    "lifted with another scalar": (
        lambda world: group.multiply((9).to_bytes(32, "little"), world.lift()),
        "trap_missing",
    ),
    "everything random": (
        lambda world: elements([f"r{at}" for at in range(2 * world.bucket)], ASKER),
        "trap_missing",
    ),
}


@pytest.mark.parametrize("name", HOSTILE_V)
def test_a_provider_counts_nothing_odd(name: str) -> None:
    """A list that is not S as it was lifted is refused, and no number comes of it."""
    change, code = HOSTILE_V[name]
    world = begin([["x", "y"]], [["x", "z"], ["y"]])
    with pytest.raises(Refusal, match=code):
        world.tally(change(world))


def test_a_provider_takes_no_invalid_element() -> None:
    """The identity and the second encoding in U are refused before anything is matched."""
    world = begin([["x"]], [["x"]])
    for chunk in (bytes(32), second(world.mine.sent)):
        with pytest.raises(Refusal, match="element_invalid"):
            world.session.take(chunk)


def test_every_element_of_u_has_to_come() -> None:
    """A list that is shorter than what was agreed is not counted."""
    world = begin([["x", "y"]], [["x"]], sent=elements(["x"], ASKER))
    with pytest.raises(Refusal, match="elements_mismatch"):
        world.tally()


# --- a person who is made many

ONE = (1).to_bytes(32, "little")
MULTIPLES = [(number + 2).to_bytes(32, "little") for number in range(100)]
TARGET = "client 0"
REGISTER = [f"client {number}" for number in range(200)]


def amplified(run: int, share: float) -> tuple[World, bytes]:
    """U is r_i·c·E of one target for many i; that share of V is r_i times other elements of V.

    The provider's category is full, so that there are only as few traps as there can be.
    """
    rng = np.random.default_rng(run)
    bucket = len(REGISTER) + COUNT_TRAPS
    seed, secret = rng.bytes(32), rng.bytes(32)
    factor = begin([[TARGET]], [[]], seed=seed).mine.factor
    target = group.multiply(factor, elements([TARGET], ONE))
    sent = group.multiply_each(b"".join(MULTIPLES), target * len(MULTIPLES))
    world = begin([[TARGET]], [REGISTER], group_bucket=len(MULTIPLES), sent=sent, seed=seed, secret=secret)
    honest = rows(world.lift())
    returned = list(honest)
    changed = rng.choice(bucket, size=round(share * bucket), replace=False)
    for number, place in enumerate(changed):  # no product comes twice
        returned[place] = group.multiply(MULTIPLES[number], honest[rng.integers(bucket)])
    return world, b"".join(returned)


def outcome(seed: int, share: float) -> str:
    """The code that the provider refused it with; nothing if it was counted."""
    world, returned = amplified(seed, share)
    try:
        world.tally(returned)
    except Refusal as refusal:
        return refusal.code
    return ""


def test_whoever_makes_one_person_many_is_stopped() -> None:
    """Of 20 tries with 5% of the list changed at least 17 meet a trap, and with 20% all."""
    assert [outcome(seed, 0.05) for seed in range(20)].count("trap_missing") >= 17
    assert {outcome(seed, 0.20) for seed in range(20)} == {"trap_missing"}


def test_without_traps_one_person_would_be_many() -> None:
    """The attack is real: who knew where the traps are would count the target as often as he likes."""
    world, unchanged = amplified(1, 0.0)
    d = blinding.trap_scalars(world.secret, 0, COUNT_TRAPS)
    traps = set(rows(group.multiply_each(d, world.mine.base_point * COUNT_TRAPS)))
    scalar = group.multiply_scalars(world.mine.factor, blinding.count_scalar(world.secret))
    target = group.multiply(scalar, elements([TARGET], ANSWERER))
    returned = rows(unchanged)
    assert target in returned
    assert traps < set(returned)
    free = [place for place, row in enumerate(returned) if row not in traps]
    for place, multiple in zip(free, MULTIPLES[:60], strict=False):
        returned[place] = group.multiply(multiple, target)
    assert world.tally(b"".join(returned)).tolist() == [[60]]
