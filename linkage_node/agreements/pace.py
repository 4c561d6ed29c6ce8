"""How much of the exchange of signatures a node does for one organisation in a minute: no budget counts it.

Counted are agreements asked about and signatures brought, so that one call with many of them weighs as many small ones.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sized
from threading import Lock
from time import monotonic

import structlog

from linkage_node.errors import Refusal

_log = structlog.get_logger()
_SECONDS = 60


def work_of(brought: Iterable[Sized]) -> int:
    """What a call weighs that brings these signatures, by agreement; one that names no agreement is a call too."""
    return sum(1 + len(signatures) for signatures in brought) or 1


class Pace:
    """Counts by organisation and minute, in memory: what a restart forgets is a minute's. Safe to share by threads.

    `clock` gives seconds that only go up.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = monotonic) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._lock = Lock()
        self._minute = 0
        self._spent: Counter[str] = Counter()
        self._refused: set[str] = set()  # in this minute: the log tells each once

    def spend(self, oin: str, work: int) -> None:
        """Note what an organisation asks for; Refusal("too_many_calls"), and nothing noted, if it is too much."""
        with self._lock:
            minute = int(self._clock() // _SECONDS)
            if minute != self._minute:
                self._minute = minute
                self._spent.clear()
                self._refused.clear()
            if self._spent[oin] + work <= self._per_minute:
                self._spent[oin] += work
                return
            first = oin not in self._refused
            self._refused.add(oin)
        if first:
            _log.warning("signatures refused for this minute", code="too_many_calls", oin=oin)
        raise Refusal("too_many_calls", f"{self._per_minute} agreements and signatures in a minute")
