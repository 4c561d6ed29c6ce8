"""What each side of an honest count sees holds nothing that it could order or map back."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from linkage_node.limits import COUNT_TRAPS, ELEMENT_BYTES
from linkage_node.matching import blinding
from linkage_node.pseudonyms import group
from tests.chance import chi_square, evenly
from tests.matching.count_world import ANSWERER, ASKER, begin, element, rows

seeds = st.binary(min_size=32, max_size=32)
lists = st.lists(st.integers(0, 30).map("person {}".format), max_size=8, unique=True)


@settings(max_examples=25, deadline=None)
@given(lists, lists, st.lists(seeds, min_size=4, max_size=4, unique=True))
def test_a_retry_shows_unrelated_elements(asked: list[str], known: list[str], drawn: list[bytes]) -> None:
    """Two providers, or two attempts, see no element twice, nor one that stands in a register."""
    seen: list[bytes] = []
    for seed, secret in (drawn[:2], drawn[2:]):
        world = begin([asked], [known], seed=seed, secret=secret, group_bucket=10)
        seen += [
            *rows(world.mine.sent),
            *rows(world.session.sent),
            *rows(world.lift()),
            world.mine.base_point,
        ]
    seen += [element(person, ASKER) for person in asked] + [element(person, ANSWERER) for person in known]
    assert len(set(seen)) == len(seen)


@settings(max_examples=25, deadline=None)
@given(st.lists(lists, min_size=1, max_size=3), st.lists(lists, min_size=1, max_size=3), seeds)
def test_no_size_shows_who_is_there(
    groups: list[list[str]], categories: list[list[str]], seed: bytes
) -> None:
    """Each side sends as much as its buckets hold, whoever is in them, and no element twice."""
    distinct = [[f"{number} {person}" for person in part] for number, part in enumerate(categories)]
    world = begin(groups, distinct, seed=seed, group_bucket=8, bucket=8 + COUNT_TRAPS)
    assert len(world.mine.sent) == len(groups) * 8 * ELEMENT_BYTES
    assert len(world.session.sent) == len(categories) * (8 + COUNT_TRAPS) * ELEMENT_BYTES
    assert len(world.lift()) == len(world.session.sent)
    assert len(set(rows(world.session.sent))) == len(categories) * (8 + COUNT_TRAPS)


@settings(max_examples=25, deadline=None)
@given(seeds, seeds)
def test_a_seed_gives_the_same_attempt_again(seed: bytes, secret: bytes) -> None:
    """An auditor replays U from its seed; another seed gives another scalar, so another list altogether."""
    assume(seed != secret)
    first, again, other = (begin([["x"]], [["y"]], seed=one).mine for one in (seed, seed, secret))
    assert (first.sent, first.base_point) == (again.sent, again.base_point)
    assert first.factor != other.factor


class Places(NamedTuple):
    """Where things stood in many attempts with the same two lists; shape (ATTEMPTS,) each."""

    in_u: npt.NDArray[np.int64]  # the first of the requester's people
    in_s: npt.NDArray[np.int64]  # the first record of the provider's register
    in_v: npt.NDArray[np.int64]  # what came first in S


ATTEMPTS = 390
PEOPLE = [f"person {number}" for number in range(2)]
IN_U, IN_S = 13, COUNT_TRAPS + len(PEOPLE)


@pytest.fixture(scope="module")
def places() -> Places:
    """Of attempts that differ in their seeds alone."""
    found = []
    for number in range(ATTEMPTS):
        seed, secret = (bytes([side]) * 30 + number.to_bytes(2, "big") for side in (1, 2))
        world = begin([PEOPLE], [PEOPLE], seed=seed, secret=secret, group_bucket=IN_U)
        u, s, v = map(rows, (world.mine.sent, world.session.sent, world.lift()))
        found.append(
            (
                u.index(group.multiply(blinding.count_scalar(seed), element(PEOPLE[0], ASKER))),
                s.index(group.multiply(blinding.count_scalar(secret), element(PEOPLE[0], ANSWERER))),
                v.index(group.multiply(world.mine.factor, s[0])),
            )
        )
    return Places(*np.array(found).T)


def test_the_provider_cannot_order_u(places: Places) -> None:
    """A person of the requester stands at any place of U with the same chance."""
    assert evenly(places.in_u, IN_U) < 1


def test_the_requester_cannot_order_s(places: Places) -> None:
    """The provider's oldest record stands at any place of S with the same chance, among traps that look alike."""
    assert evenly(places.in_s // 4, IN_S // 4) < 1


def test_v_is_in_no_order_of_s(places: Places) -> None:
    """What the provider sent first comes back at any place with the same chance."""
    assert evenly(places.in_v // 4, IN_S // 4) < 1


def test_one_attempt_tells_nothing_of_the_next(places: Places) -> None:
    """Where a record stands hangs neither on where it stood before, nor on where it stands in the other list."""
    quarters = places.in_s * 4 // IN_S
    for others in (np.roll(quarters, 1), places.in_v * 4 // IN_S, places.in_u * 4 // IN_U):
        together = np.zeros((4, 4))
        np.add.at(together, (quarters, others), 1)
        expected = np.outer(together.sum(axis=1), together.sum(axis=0)) / ATTEMPTS
        assert chi_square(together, expected, fitted=7) < 1
