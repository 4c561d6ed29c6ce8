"""Bulk group arithmetic over an executor: libsodium runs without the interpreter's lock, so threads use all cores."""

import os
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor

PIECE_ELEMENTS = 256  # elements handed to one core at a time


class Meter:
    """Counts group work: elements and the seconds that cores spent on them. For the bench and the metrics."""

    def __init__(self) -> None:
        self.elements = 0
        self.seconds = 0.0

    def add(self, elements: int, seconds: float) -> None:
        """Note `seconds` of one core spent on `elements`."""
        self.elements += elements
        self.seconds += seconds


meter = Meter()


def local_executor() -> ThreadPoolExecutor:
    """A thread for every core."""
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="group")


def _timed(function: Callable[..., bytes], pieces: tuple[bytes, ...]) -> tuple[bytes, float]:
    started = time.thread_time()
    return function(*pieces), time.thread_time() - started


def in_pieces(executor: Executor, function: Callable[..., bytes], *packed: bytes, width: int = 32) -> bytes:
    """`function` over equally long packed inputs, cut into pieces of PIECE_ELEMENTS items of `width` bytes."""
    step = PIECE_ELEMENTS * width
    total = len(packed[0])
    if total <= step:
        result, seconds = _timed(function, packed)
        meter.add(total // width, seconds)
        return result
    cuts = [tuple(part[at : at + step] for part in packed) for at in range(0, total, step)]
    done = list(executor.map(_timed, [function] * len(cuts), cuts))
    meter.add(total // width, sum(seconds for _, seconds in done))
    return b"".join(result for result, _ in done)
