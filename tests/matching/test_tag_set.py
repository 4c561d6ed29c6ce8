"""Tag sets as bytes: order, search and deltas, with tags that end in zeros or are full of them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.errors import Refusal
from linkage_node.limits import TAG_BYTES
from linkage_node.matching.tag_set import (
    Delta,
    Padding,
    apply_delta,
    as_array,
    check_sorted,
    digest,
    dummies_needed,
    find,
)

# numpy cuts trailing zeros off its strings when it hands one out: tags of these bytes are where that would show
tags = st.lists(st.sampled_from([0, 1, 0x7F, 0x80, 0xFE, 0xFF]), min_size=10, max_size=10).map(bytes)
NASTY = [
    bytes(10),
    bytes(9) + b"\x01",
    b"\x01" + bytes(9),
    b"\x01" + bytes(8) + b"\x01",
    b"\xff" * 9 + b"\x00",
    b"\xff" * 10,
    b"\x00\xff" * 5,
    b"\xff\x00" * 5,
    b"\x80" + bytes(9),
    b"\x7f" + b"\xff" * 9,
]


def packed(entries: list[bytes]) -> bytes:
    """Sorted and packed."""
    return b"".join(sorted(entries))


def cut(entries: bytes) -> list[bytes]:
    """One by one."""
    return [entries[at : at + TAG_BYTES] for at in range(0, len(entries), TAG_BYTES)]


@given(st.lists(tags, max_size=12))
def test_order_is_bytewise(entries: list[bytes]) -> None:
    """A list is in order exactly if Python's bytes are, each less than the next."""
    ordered = all(one < other for one, other in pairwise(entries))
    joined = b"".join(entries)
    assert as_array(joined).tobytes() == joined
    if ordered:
        check_sorted(joined)
    else:
        with pytest.raises(Refusal) as caught:
            check_sorted(joined)
        assert caught.value.code == "tag_set_invalid"


@given(st.sets(tags, max_size=12), st.lists(tags, max_size=8))
def test_find(entries: set[bytes], wanted: list[bytes]) -> None:
    """Found is what is there, byte by byte, and nothing else."""
    everything = wanted + sorted(entries)
    found = find(packed(list(entries)), b"".join(everything))
    assert found.tolist() == [tag in entries for tag in everything]


@pytest.mark.parametrize("missing", NASTY, ids=bytes.hex)
def test_find_at_every_edge(missing: bytes) -> None:
    """Each of the tags that are full of zeros or ones is found if it is there, and not if it alone is not."""
    others = [tag for tag in NASTY if tag != missing]
    assert find(packed(NASTY), b"".join(NASTY)).all()
    assert find(packed(others), b"".join(NASTY)).tolist() == [tag != missing for tag in NASTY]
    assert find(b"", missing).tolist() == [False]


@given(st.sets(tags, min_size=6, max_size=14), st.data())
def test_apply_delta(entries: set[bytes], data: st.DataObject) -> None:
    """A delta that fits gives exactly the set without what it removes and with what it adds."""
    known = sorted(entries)
    changes = data.draw(st.integers(1, 3))
    removed = data.draw(st.lists(st.sampled_from(known), min_size=changes, max_size=changes, unique=True))
    added = data.draw(
        st.lists(tags.filter(lambda tag: tag not in entries), min_size=changes, max_size=changes, unique=True)
    )
    result = apply_delta(packed(known), Delta(packed(added), packed(removed)), changes)
    assert cut(result) == sorted((entries - set(removed)) | set(added))
    assert len(result) == len(known) * TAG_BYTES


SET = packed(NASTY)
NEW = [b"\x02" + bytes(9), b"\x03" + bytes(9)]
FIT = Delta(packed(NEW), packed(NASTY[:2]))
DELTAS: dict[str, Delta] = {
    "too few additions": FIT._replace(additions=NEW[0]),
    "too many additions": FIT._replace(additions=packed([*NEW, b"\x04" + bytes(9)])),
    "too few removals": FIT._replace(removals=NASTY[0]),
    "too many removals": FIT._replace(removals=packed(NASTY[:3])),
    "no removals": FIT._replace(removals=b""),
    "half an entry": FIT._replace(additions=FIT.additions[:-5]),
    "additions unsorted": FIT._replace(additions=NEW[1] + NEW[0]),
    "removals unsorted": FIT._replace(removals=NASTY[1] + NASTY[0]),
    "an addition twice": FIT._replace(additions=NEW[0] * 2),
    "a removal twice": FIT._replace(removals=NASTY[0] * 2),
    "adds what is there": FIT._replace(additions=packed([NEW[0], b"\xff" * 10])),
    "removes what is not there": FIT._replace(removals=packed([NASTY[0], NEW[0]])),
    "removes what is behind all": FIT._replace(removals=packed([NASTY[0], b"\xff" * 9 + b"\xfe"])),
    "adds what it could only have removed": Delta(packed([NEW[0], NEW[1]]), packed([NEW[0], NEW[1]])),
}


@pytest.mark.parametrize("attack", DELTAS)
def test_deltas_that_do_not_fit(attack: str) -> None:
    """A delta of another size, out of order, or that does not fit the set is refused."""
    assert len(apply_delta(SET, FIT, 2)) == len(SET)
    with pytest.raises(Refusal) as caught:
        apply_delta(SET, DELTAS[attack], 2)
    assert caught.value.code == "tag_set_invalid"


@given(st.integers(0, 500), st.integers(1, 100), st.integers(1, 20), st.integers(1, 30))
def test_padding(count: int, bucket: int, changes: int, deltas: int) -> None:
    """A set is whole buckets, has dummies for every delta of its epoch, and never a bucket more than needed."""
    padding = Padding(bucket, changes, deltas)
    size = padding.size(count)
    assert size % bucket == 0
    assert changes * deltas <= dummies_needed(count, padding) == size - count < changes * deltas + bucket
    assert padding.size(count + 1) in {size, size + bucket}


@given(st.sets(tags, max_size=8), st.sets(tags, max_size=8))
def test_digest(one: set[bytes], other: set[bytes]) -> None:
    """Two sets have one digest only if they are the same set."""
    assert (digest(packed(list(one))) == digest(packed(list(other)))) == (one == other)


def test_needles_need_not_be_sorted() -> None:
    """What is looked up may come in any order, and more than once."""
    needles = [NASTY[3], NASTY[0], NASTY[3], b"\x05" * 10, NASTY[9]]
    assert find(SET, b"".join(needles)).tolist() == [True, True, True, False, True]
