"""The `count` answer, both sides (see "The disclosure ladder" in the design): who is shared shows to neither.

requester  U = c·E_R and padding, shuffled; C0 = c·a_R·G
provider   S_j = shuffle(s·E_P of its category j, and traps d·G up to the bucket)
requester  V_j = shuffle(c·a_R·S_j)
provider   every trap d·C0 is in its V_j, or the list was tampered with; n_ij = |(s·a_P·U_i) ∩ V_j|

Every category of either side travels with exactly its bucket's number of elements, so no size shows who came or left.
`c` and `s` are drawn anew for every attempt: two providers, or a retry, see unrelated elements.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np

from linkage_node.errors import Refusal
from linkage_node.limits import CHUNK_ELEMENTS, COUNT_TRAPS, ELEMENT_BYTES
from linkage_node.matching import blinding, merkle
from linkage_node.pseudonyms import group
from linkage_node.pseudonyms.parallel import in_pieces

_ROW = f"S{ELEMENT_BYTES}"  # equal as text is equal as bytes: all rows have one length


def check_sizes(categories: Sequence[bytes], *, room: int, smallest: int) -> None:
    """Either side, of its own packed E's, before anything is spent: there are enough persons, and they fit.

    Refusal("category_full") for more than `room` persons in one category, Refusal("set_too_small") for less than
    `smallest` in all. Neither tells how many there are.
    """
    for number, elements in enumerate(categories):
        _check_room(number, elements, room)
    if sum(map(len, categories)) < smallest * ELEMENT_BYTES:
        raise Refusal("set_too_small", f"less than {smallest}")


class Attempt(NamedTuple):
    """What the requester sends, and what it keeps for `lift`."""

    factor: bytes  # c·a_R, 32 bytes; used once
    base_point: bytes  # C0 = c·a_R·G, 32 bytes
    sent: bytes  # packed U, group after group, each of `bucket` elements
    chunk_roots: bytes  # packed Merkle roots of its chunks


def attempt(
    groups: Sequence[bytes], *, bucket: int, seed: bytes, register_scalar: bytes, executor: Executor
) -> Attempt:
    """Requester: blind its groups of packed E's. Everything random comes from `seed`, so that it can be replayed.

    Refusal("category_full") for a group of more than `bucket` elements.
    """
    c = blinding.count_scalar(seed)
    sent = bytearray()
    for number, elements in enumerate(groups):
        people = _check_room(number, elements, bucket)
        padding = in_pieces(
            executor,
            group.from_uniform,
            blinding.padding(seed, number, bucket - people),
            width=group.UNIFORM_BYTES,
        )
        blinded = in_pieces(executor, partial(group.multiply, c), elements)
        sent += _shuffled(blinded + padding, seed, f"U{number}")
    roots = b"".join(map(merkle.chunk_root, merkle.chunks(bytes(sent))))
    factor = group.multiply_scalars(c, register_scalar)
    return Attempt(factor, group.multiply_base(factor), bytes(sent), roots)


def lift(
    received: bytes, mine: Attempt, *, categories: int, bucket: int, seed: bytes, executor: Executor
) -> Iterator[bytes]:
    """Requester: V for the provider's packed S, category after category, each shuffled; in chunks, as they are ready.

    Checked before the first is made. Refusal("elements_mismatch") for another number or size of categories, or an
    element that is the requester's own; Refusal("element_duplicate") for one that stands twice: it would count one
    person in two places.
    """
    if len(received) != categories * bucket * ELEMENT_BYTES:
        raise Refusal("elements_mismatch", f"not {categories} categories of {bucket} elements")
    group.check_encoding(received)
    if _repeats(received):
        raise Refusal("element_duplicate")
    if np.isin(_rows(mine.sent + mine.base_point), _rows(received)).any():
        raise Refusal("elements_mismatch", "the provider sent the requester's own elements back")
    size = bucket * ELEMENT_BYTES
    shuffled = b"".join(
        _shuffled(received[number * size : (number + 1) * size], seed, f"V{number}")
        for number in range(categories)
    )
    multiply = partial(group.multiply, mine.factor)
    return (in_pieces(executor, multiply, chunk) for chunk in merkle.chunks(shuffled))


class Session:
    """Provider: one attempt of one requester. `seed` (32 bytes) is fresh, secret and forgotten with the session."""

    def __init__(
        self,
        categories: Sequence[bytes],
        *,
        bucket: int,
        groups: int,
        group_bucket: int,
        base_point: bytes,
        register_scalar: bytes,
        seed: bytes,
        executor: Executor,
    ) -> None:
        """`categories` are packed E's, none twice. Refusal("category_full") if one and its traps do not fit."""
        self._bucket, self._groups, self._group_bucket = bucket, groups, group_bucket
        self._executor = executor
        self._categories, self._base_point, self._seed = categories, base_point, seed
        for number, elements in enumerate(categories):
            _check_room(number, elements, bucket - COUNT_TRAPS)
        self._scalar = blinding.count_scalar(seed)
        self._factor = group.multiply_scalars(self._scalar, register_scalar)
        self._taken: list[bytes] = []
        self._traps: list[np.ndarray] = []  # of each category d·C0, as they must come back

    @cached_property
    def sent(self) -> bytes:
        """Packed S, category after category; made when first asked for."""
        executor, sent = self._executor, bytearray()
        for number, elements in enumerate(self._categories):
            d = blinding.trap_scalars(self._seed, number, self._bucket - len(elements) // ELEMENT_BYTES)
            traps = in_pieces(executor, group.multiply_base_each, d)
            self._traps.append(_rows(in_pieces(executor, partial(_multiply_one, self._base_point), d)))
            lifted = in_pieces(executor, partial(group.multiply, self._scalar), elements)
            sent += _shuffled(lifted + traps, self._seed, f"S{number}")
        return bytes(sent)

    def take(self, chunk: bytes) -> None:
        """The next chunk of packed U's, in the order in which they were committed to."""
        self._taken.append(in_pieces(self._executor, partial(group.multiply, self._factor), chunk))

    def tally(self, returned: bytes) -> np.ndarray:
        """How many persons group i and category j share, shape (groups, categories), int64.

        A person counts once, in the first group that has him, however often his element was sent. Refusal
        ("elements_mismatch", "element_duplicate", "trap_missing") for a V that is not S as it was lifted by the
        requester; neither says anything about who is shared.
        """
        size = self._bucket * ELEMENT_BYTES
        if len(returned) != len(self.sent):
            raise Refusal("elements_mismatch", "not as many elements as were sent")
        group.check_encoding(returned)
        if _repeats(returned):
            raise Refusal("element_duplicate")
        columns = [_rows(returned[at : at + size]) for at in range(0, len(returned), size)]
        if not all(np.isin(traps, column).all() for traps, column in zip(self._traps, columns, strict=True)):
            raise Refusal("trap_missing")
        asked = _rows(b"".join(self._taken))
        if len(asked) != self._groups * self._group_bucket:
            raise Refusal("elements_mismatch", f"{len(asked)} elements came")
        distinct, first = np.unique(asked, return_index=True)
        group_of = first // self._group_bucket
        return np.stack(
            [np.bincount(group_of[np.isin(distinct, column)], minlength=self._groups) for column in columns],
            axis=1,
        )


def check_received(elements: bytes, *, index: int, total: int) -> None:
    """Either side: a chunk of a list that no root was committed for has the size that its number asks for."""
    if len(elements) != min(CHUNK_ELEMENTS, total - index * CHUNK_ELEMENTS) * ELEMENT_BYTES:
        raise Refusal("elements_mismatch", f"chunk {index} has another size")


def _check_room(number: int, elements: bytes, room: int) -> int:
    """How many persons category `number` has; Refusal("category_full") if they do not fit."""
    people = len(elements) // ELEMENT_BYTES
    if people > room:
        raise Refusal("category_full", f"category {number} has room for {room} persons")
    return people


def _multiply_one(element: bytes, scalars: bytes) -> bytes:
    """scalar_i · element for every scalar: n·32 bytes in and out."""
    return group.multiply_each(scalars, element * (len(scalars) // ELEMENT_BYTES))


def _rows(packed: bytes) -> np.ndarray:
    return np.frombuffer(packed, dtype=_ROW)


def _repeats(packed: bytes) -> bool:
    ordered = np.sort(_rows(packed))
    return bool((ordered[1:] == ordered[:-1]).any())


def _shuffled(packed: bytes, seed: bytes, name: str) -> bytes:
    rows = np.frombuffer(packed, dtype=f"V{ELEMENT_BYTES}")
    shuffled: bytes = rows[blinding.shuffle(seed, len(rows), name)].tobytes()
    return shuffled
