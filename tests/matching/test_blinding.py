"""Blinds and shuffles drawn from a seed, and the check on repeated elements."""

import hashlib
import os
from concurrent.futures import Executor

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.errors import Refusal
from linkage_node.limits import CHUNK_ELEMENTS
from linkage_node.matching import blinding, hit
from linkage_node.pseudonyms import group, oprf

seeds = st.binary(min_size=32, max_size=32)


@given(seeds, st.integers(0, 300))
def test_a_shuffle_is_a_permutation(seed: bytes, count: int) -> None:
    """Every item has exactly one place, and the same seed gives the same places."""
    places = blinding.shuffle(seed, count)
    assert sorted(places.tolist()) == list(range(count))
    assert (places == blinding.shuffle(seed, count)).all()


def test_shuffles_are_even() -> None:
    """Over many seeds every item comes to every place about equally often (chi-square, far from its bounds)."""
    count, rounds = 8, 4000
    seen = np.zeros((count, count))
    for at in range(rounds):
        seen[np.arange(count), blinding.shuffle(hashlib.sha256(at.to_bytes(4, "big")).digest(), count)] += 1
    expected = rounds / count
    chi_square = ((seen - expected) ** 2 / expected).sum()
    assert 10 < chi_square < 120  # 49 degrees of freedom


@given(seeds, seeds, st.integers(0, 2**20), st.integers(0, 2**20))
def test_blinds_differ(one: bytes, other: bytes, chunk: int, another: int) -> None:
    """Blinds are the same for the same seed and chunk, and have none in common otherwise."""

    def drawn(seed: bytes, number: int) -> list[bytes]:
        packed = blinding.blinds(seed, number, 4)
        return [packed[at : at + 32] for at in range(0, len(packed), 32)]

    together = {*drawn(one, chunk), *drawn(other, another)}
    assert len(together) == (4 if (one, chunk) == (other, another) else 8)


def test_blinds_of_a_short_chunk_are_the_beginning_of_a_long_one() -> None:
    """The blind of a place does not depend on how many come after it, so that an audit can sample."""
    seed = bytes(32)
    assert blinding.blinds(seed, 3, CHUNK_ELEMENTS).startswith(blinding.blinds(seed, 3, 5))
    with pytest.raises(ValueError, match="more than a chunk"):
        blinding.blinds(seed, 3, CHUNK_ELEMENTS + 1)


def test_the_stream_never_overlaps() -> None:
    """The parts of the stream are ChaCha20 under one key with a nonce each, from block 0: none reaches into another."""
    key = bytes(range(32))
    for part in (0, 1, 2**40):
        nonce = bytes(8) + part.to_bytes(8, "little")
        expected = Cipher(ChaCha20(key, nonce), mode=None).encryptor().update(bytes(100))
        assert blinding._stream(key, part, 100) == expected
    assert not set(cut(blinding._stream(key, 0, CHUNK_ELEMENTS * 64))) & set(
        cut(blinding._stream(key, 1, CHUNK_ELEMENTS * 64))
    )


def cut(packed: bytes, width: int = 32) -> list[bytes]:
    """Packed things, one by one."""
    return [packed[at : at + width] for at in range(0, len(packed), width)]


@given(seeds, seeds)
def test_commitments(one: bytes, other: bytes) -> None:
    """The commitment binds the seed, is behind a label, and shows neither seed nor blinds."""
    assert (blinding.commitment(one) == blinding.commitment(other)) == (one == other)
    assert blinding.commitment(one) == hashlib.sha256(b"linkage-node blinding seed" + one).digest()


def test_an_auditor_can_replay_an_order(executor: Executor) -> None:
    """With the seed, and the register's elements, the blinded question comes out again to the last bit."""
    elements = oprf.hash_to_group(str(at).encode() for at in range(CHUNK_ELEMENTS + 20))
    seed = os.urandom(32)
    question = hit.blind(elements, seed, executor)
    assert hit.blind(elements, seed, executor).blinded == question.blinded
    for place in (0, 1, CHUNK_ELEMENTS - 1, CHUNK_ELEMENTS, CHUNK_ELEMENTS + 19):
        item = int(question.places[place])
        chunk, at = divmod(place, CHUNK_ELEMENTS)
        scalar = blinding.blinds(seed, chunk, at + 1)[-32:]
        element = elements[item * 32 : item * 32 + 32]
        assert group.multiply(scalar, element) == question.blinded[place * 32 : place * 32 + 32]


# --- the same person twice


def word(value: int) -> bytes:
    """Thirty-two bytes that begin with this number; all a RepeatCheck looks at."""
    return value.to_bytes(8, "little") + bytes(24)


EDGES = [0, 1, 255, 256, 2**32, 2**63 - 1, 2**63, 2**64 - 256, 2**64 - 1]


@given(
    st.lists(
        st.lists(st.sampled_from(EDGES) | st.integers(0, 40), min_size=1, max_size=12),
        min_size=1,
        max_size=12,
    )
)
def test_repeats_are_found_wherever_they_are(chunks: list[list[int]]) -> None:
    """A value that came before is refused in its chunk, however many chunks lie between; others never are."""
    check = hit.RepeatCheck()
    seen: set[int] = set()
    for chunk in chunks:
        repeated = len(set(chunk)) < len(chunk) or bool(seen & set(chunk))
        if repeated:
            with pytest.raises(Refusal) as caught:
                check.add(b"".join(map(word, chunk)))
            assert caught.value.code == "element_duplicate"
            return
        check.add(b"".join(map(word, chunk)))
        seen |= set(chunk)
    assert sum(map(len, check._sorted)) == len(seen)


def test_repeats_in_two_encodings_would_be_found() -> None:
    """Two blindings of one element multiply to one result, so the check sees persons and not bytes."""
    element = oprf.hash_to_group([b"x"])
    three = (3).to_bytes(32, "little")
    check = hit.RepeatCheck()
    check.add(group.multiply(three, element))
    with pytest.raises(Refusal):
        check.add(group.multiply(three, group.multiply((1).to_bytes(32, "little"), element)))
