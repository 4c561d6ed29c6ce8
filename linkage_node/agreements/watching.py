"""Amid a long answer: is its agreement still in force?"""

from collections.abc import Callable

from linkage_node.agreements.store import AgreementStore
from linkage_node.limits import AGREEMENT_LOOKED_UP_MS


class StillInForce:
    """Looks again every AGREEMENT_LOOKED_UP_MS, when asked. `clock` gives milliseconds since 1970-01-01 UTC."""

    def __init__(self, agreements: AgreementStore, content: bytes, clock: Callable[[], int]) -> None:
        self._agreements, self._content, self._clock = agreements, content, clock
        self._looked_at = clock()  # by the decision

    def check(self) -> None:
        """Refusal with the reason if the agreement is not in force any more."""
        now = self._clock()
        if abs(now - self._looked_at) >= AGREEMENT_LOOKED_UP_MS:
            self._looked_at = now
            self._agreements.require_in_force(self._content)
