"""The `hit` answer, both sides (see "The disclosure ladder" in the design).

requester  B_i = b_i · E_i, shuffled                     provider   Z_i = (t·a_P) · B_i
requester  N_i = (b_i · a_R)^-1 · Z_i → mark: tag, looked up in the provider's tag set of N = t · E, and claim token
"""

from concurrent.futures import Executor
from functools import partial
from typing import NamedTuple

import numpy as np

from linkage_node.errors import Refusal
from linkage_node.limits import CHUNK_ELEMENTS, ELEMENT_BYTES
from linkage_node.matching import blinding, merkle
from linkage_node.pseudonyms import group
from linkage_node.pseudonyms.epoch_keys import EpochSecret, KeyLabel
from linkage_node.pseudonyms.parallel import in_pieces
from linkage_node.pseudonyms.tags import marks, tags


class Question(NamedTuple):
    """A blinded question: what goes on the wire, and which item each place asks about."""

    blinded: bytes  # packed B_i, in shuffled order
    places: np.ndarray  # item number of each place, shape (n,), int64
    chunk_roots: bytes  # packed, 32 bytes a chunk


def blind(elements: bytes, seed: bytes, executor: Executor) -> Question:
    """Requester: blind and shuffle packed E's (n·32 bytes) with everything drawn from `seed`."""
    rows = np.frombuffer(elements, dtype=f"V{ELEMENT_BYTES}")
    places = blinding.shuffle(seed, len(rows))
    blinded = bytearray()
    roots = []
    for chunk, start in enumerate(range(0, len(rows), CHUNK_ELEMENTS)):
        part = rows[places[start : start + CHUNK_ELEMENTS]].tobytes()
        scalars = blinding.blinds(seed, chunk, len(part) // ELEMENT_BYTES)
        multiplied = in_pieces(executor, group.multiply_each, scalars, part)
        roots.append(merkle.chunk_root(multiplied))
        blinded += multiplied
    return Question(bytes(blinded), places, b"".join(roots))


def check_chunk(elements: bytes, *, index: int, total: int, chunk_roots: bytes) -> None:
    """Either side: a chunk has the size its number asks for, and is the one that was committed to."""
    expected = min(CHUNK_ELEMENTS, total - index * CHUNK_ELEMENTS)
    if expected <= 0 or len(elements) != expected * ELEMENT_BYTES:
        raise Refusal("elements_mismatch", f"chunk {index} has another size")
    at = index * merkle.HASH_BYTES
    if merkle.chunk_root(elements) != chunk_roots[at : at + merkle.HASH_BYTES]:
        raise Refusal("elements_mismatch", f"chunk {index} is not the one committed to")


def check_chunk_roots(chunk_roots: bytes, *, total: int, root: bytes) -> None:
    """Provider: the roots of the chunks are as many as the order's elements need, and give the order's root."""
    chunk_count = -(-total // CHUNK_ELEMENTS)
    if len(chunk_roots) != chunk_count * merkle.HASH_BYTES or merkle.root_of_chunks(chunk_roots) != root:
        raise Refusal("elements_mismatch", "the roots of the chunks do not give the order's root")


def evaluate(secret: EpochSecret, blinded: bytes, executor: Executor) -> bytes:
    """Provider: Z_i = k · B_i with k = t·a; refuses any B_i that is no valid element."""
    return in_pieces(executor, partial(group.multiply, secret.k), blinded)


def own_tags(secret: EpochSecret, label: KeyLabel, elements: bytes, executor: Executor) -> bytes:
    """Provider: the tags of its own stored E's, packed: N = t · E, because E holds `a` already."""
    return tags(label, secret.public_key, _lifted(secret, elements, executor))


def own_marks(secret: EpochSecret, label: KeyLabel, elements: bytes, executor: Executor) -> bytes:
    """Provider: the marks of its own stored E's, packed, where claim tokens will be shown to it."""
    return marks(label, secret.public_key, _lifted(secret, elements, executor))


def _lifted(secret: EpochSecret, elements: bytes, executor: Executor) -> bytes:
    return in_pieces(executor, partial(group.multiply, secret.t), elements)


def unblind(
    evaluated: bytes,
    *,
    seed: bytes,
    chunk: int,
    register_scalar: bytes,
    label: KeyLabel,
    public_key: bytes,
    executor: Executor,
) -> bytes:
    """Requester: packed marks for one chunk of packed Z's, in the order in which they were asked."""
    scalars = blinding.blinds(seed, chunk, len(evaluated) // ELEMENT_BYTES)
    inverses = group.invert_each(scalars, register_scalar)
    return marks(label, public_key, in_pieces(executor, group.multiply_each, inverses, evaluated))


class RepeatCheck:
    """Provider: refuses the same person twice in one order, seen on what multiplication gives out.

    Two encodings of one element look different when they come in, never when they go out. Keeps 8 bytes an element;
    two of 10 million different ones look alike with a chance below 10^-5, and then the order is only refused.
    """

    def __init__(self) -> None:
        self._sorted: list[np.ndarray] = []  # each more than twice as long as the next

    def add(self, evaluated: bytes) -> None:
        """Take in one chunk of packed Z's; Refusal("element_duplicate") if one was seen before."""
        fresh = np.sort(np.frombuffer(evaluated, dtype="<u8").reshape(-1, ELEMENT_BYTES // 8)[:, 0])
        repeated = (fresh[1:] == fresh[:-1]).any()
        for known in self._sorted:
            at = np.minimum(np.searchsorted(known, fresh), len(known) - 1)
            repeated = repeated or (known[at] == fresh).any()
        if repeated:
            raise Refusal("element_duplicate")
        while self._sorted and len(self._sorted[-1]) <= 2 * len(fresh):
            fresh = np.sort(np.concatenate([self._sorted.pop(), fresh]))
        self._sorted.append(fresh)
