"""Merkle roots against the definition of RFC 9162, written anew."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_node.errors import Refusal
from linkage_node.limits import CHUNK_ELEMENTS
from linkage_node.matching import hit, merkle


def mth(leaves: list[bytes]) -> bytes:
    """The Merkle tree hash as section 2.1.1 of the RFC defines it."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:split]) + mth(leaves[split:])).digest()


def leaves(count: int, seed: int = 0) -> list[bytes]:
    """Different elements."""
    return [hashlib.sha256(f"{seed} {at}".encode()).digest() for at in range(count)]


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_root_of_few(elements: list[bytes]) -> None:
    """For any short list the root is the RFC's."""
    assert merkle.root(b"".join(elements)) == mth(elements)


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 3 * CHUNK_ELEMENTS + 2), st.integers(0, 5))
def test_root_over_chunks(count: int, seed: int) -> None:
    """The root over the roots of chunks is the RFC's root over all elements, however many there are."""
    elements = leaves(count, seed)
    packed = b"".join(elements)
    roots = merkle.chunk_roots(packed)
    assert len(roots) == 32 * -(-count // CHUNK_ELEMENTS)
    assert merkle.root_of_chunks(roots) == merkle.root(packed) == mth(elements)
    assert b"".join(merkle.chunks(packed)) == packed


@pytest.mark.parametrize(
    "count", [0, 1, CHUNK_ELEMENTS - 1, CHUNK_ELEMENTS, CHUNK_ELEMENTS + 1, 2 * CHUNK_ELEMENTS]
)
def test_root_at_the_borders_of_chunks(count: int) -> None:
    """Around the size of a chunk the root is the RFC's."""
    elements = leaves(count)
    assert merkle.root(b"".join(elements)) == mth(elements)


@given(st.integers(1, 40), st.data())
def test_every_change_changes_the_root(count: int, data: st.DataObject) -> None:
    """One bit changed, an element dropped, added or exchanged with another: another root."""
    elements = leaves(count)
    at = data.draw(st.integers(0, count - 1))
    root = merkle.root(b"".join(elements))
    changed = list(elements)
    changed[at] = bytes([changed[at][0] ^ 1]) + changed[at][1:]
    others = [changed, elements[:at] + elements[at + 1 :], [*elements, elements[at]]]
    if count > 1:
        swapped = list(elements)
        swapped[at], swapped[at - 1] = swapped[at - 1], swapped[at]
        others.append(swapped)
    assert root not in [merkle.root(b"".join(other)) for other in others]


def test_a_root_is_no_leaf() -> None:
    """Two leaves and the one leaf that their hashes would make have different roots."""
    two = leaves(2)
    inner = b"".join(hashlib.sha256(b"\x00" + leaf).digest() for leaf in two)
    assert merkle.root(b"".join(two)) != merkle.root(inner)
    assert merkle.root(b"".join(two)) != hashlib.sha256(b"\x00" + inner).digest()


PACKED = b"".join(leaves(CHUNK_ELEMENTS + 3))
ROOTS = merkle.chunk_roots(PACKED)
FIRST, SECOND = merkle.chunks(PACKED)


@pytest.mark.parametrize(
    ("chunk", "index"),
    [
        (FIRST, 1),
        (SECOND, 0),
        (SECOND, 2),
        (SECOND[:-32], 1),
        (SECOND + SECOND[:32], 1),
        (SECOND[:-1], 1),
        (b"", 1),
        (b"", 0),
        (FIRST[32:], 0),
        (FIRST[32:] + FIRST[:32], 0),
        (bytes(len(SECOND)), 1),
    ],
)
def test_chunks_that_are_not_the_committed_ones(chunk: bytes, index: int) -> None:
    """A chunk of another size, place or content is refused before anything is done with it."""
    hit.check_chunk(FIRST, index=0, total=CHUNK_ELEMENTS + 3, chunk_roots=ROOTS)
    hit.check_chunk(SECOND, index=1, total=CHUNK_ELEMENTS + 3, chunk_roots=ROOTS)
    with pytest.raises(Refusal) as caught:
        hit.check_chunk(chunk, index=index, total=CHUNK_ELEMENTS + 3, chunk_roots=ROOTS)
    assert caught.value.code == "elements_mismatch"


@pytest.mark.parametrize(
    "total", [CHUNK_ELEMENTS, CHUNK_ELEMENTS + 2, CHUNK_ELEMENTS + 4, 2 * CHUNK_ELEMENTS]
)
def test_a_chunk_of_another_size_than_was_charged(total: int) -> None:
    """A chunk that fits its root, but not the number of elements that the order was charged for, is refused."""
    with pytest.raises(Refusal) as caught:
        hit.check_chunk(SECOND, index=1, total=total, chunk_roots=ROOTS)
    assert caught.value.code == "elements_mismatch"


@pytest.mark.parametrize(
    ("roots", "total"),
    [
        (b"", CHUNK_ELEMENTS + 3),
        (ROOTS[:32], CHUNK_ELEMENTS + 3),
        (ROOTS + ROOTS[:32], CHUNK_ELEMENTS + 3),
        (ROOTS[32:] + ROOTS[:32], CHUNK_ELEMENTS + 3),
        (ROOTS, CHUNK_ELEMENTS),
        (ROOTS, 2 * CHUNK_ELEMENTS + 1),
    ],
)
def test_chunk_roots_that_are_off(roots: bytes, total: int) -> None:
    """Roots that are too few, too many, exchanged, or for another number of elements are refused."""
    root = merkle.root_of_chunks(ROOTS)
    hit.check_chunk_roots(ROOTS, total=CHUNK_ELEMENTS + 3, root=root)
    with pytest.raises(Refusal) as caught:
        hit.check_chunk_roots(roots, total=total, root=root)
    assert caught.value.code == "elements_mismatch"


def test_one_root_in_place_of_all_still_needs_its_leaves() -> None:
    """Who shows the order's root as the root of a single chunk finds no chunk that fits it."""
    root = merkle.root_of_chunks(ROOTS)
    hit.check_chunk_roots(root, total=2, root=root)
    with pytest.raises(Refusal):
        hit.check_chunk(ROOTS, index=0, total=2, chunk_roots=root)
