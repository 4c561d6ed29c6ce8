"""Both sides of one count in memory, from names of persons; every step can be looked at and changed."""

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import lru_cache
from hashlib import sha512
from typing import NamedTuple

import numpy as np

from linkage_node.limits import COUNT_TRAPS
from linkage_node.matching import count, merkle
from linkage_node.pseudonyms import group

ASKER, ANSWERER = (3).to_bytes(32, "little"), (5).to_bytes(32, "little")  # register scalars
POOL: Executor = ThreadPoolExecutor(2)


@lru_cache(maxsize=100_000)
def element(person: str, scalar: bytes) -> bytes:
    """E of a person in the register that has this scalar."""
    return group.multiply(scalar, group.from_uniform(sha512(person.encode()).digest()))


def elements(people: Sequence[str], scalar: bytes) -> bytes:
    """Their packed E's."""
    return b"".join(element(person, scalar) for person in people)


class World(NamedTuple):
    """One attempt, up to S."""

    mine: count.Attempt
    session: count.Session
    seed: bytes  # of the requester
    secret: bytes  # of the provider
    bucket: int  # of the provider
    categories: int

    def lift(self, received: bytes | None = None) -> bytes:
        """V, honestly, of S or of what else came."""
        return b"".join(
            count.lift(
                self.session.sent if received is None else received,
                self.mine,
                categories=self.categories,
                bucket=self.bucket,
                seed=self.seed,
                executor=POOL,
            )
        )

    def tally(self, returned: bytes | None = None) -> np.ndarray:
        """The exact table for V, or for what came in its place."""
        return self.session.tally(self.lift() if returned is None else returned)


def begin(
    groups: Sequence[Sequence[str]],
    categories: Sequence[Sequence[str]],
    *,
    seed: bytes = bytes(32),
    secret: bytes = b"\x01" * 32,
    group_bucket: int = 0,
    bucket: int = 0,
    sent: bytes | None = None,
) -> World:
    """Both sides up to S. Buckets that fit exactly unless told otherwise; `sent` goes in place of an honest U."""
    group_bucket = group_bucket or max(1, *map(len, groups))
    bucket = bucket or max(map(len, categories)) + COUNT_TRAPS
    mine = count.attempt(
        [elements(people, ASKER) for people in groups],
        bucket=group_bucket,
        seed=seed,
        register_scalar=ASKER,
        executor=POOL,
    )
    session = count.Session(
        [elements(people, ANSWERER) for people in categories],
        bucket=bucket,
        groups=len(groups),
        group_bucket=group_bucket,
        base_point=mine.base_point,
        register_scalar=ANSWERER,
        seed=secret,
        executor=POOL,
    )
    for chunk in merkle.chunks(mine.sent if sent is None else sent):
        session.take(chunk)
    return World(mine, session, seed, secret, bucket, len(categories))


def rows(packed: bytes) -> list[bytes]:
    """The elements one by one."""
    return [packed[at : at + 32] for at in range(0, len(packed), 32)]
