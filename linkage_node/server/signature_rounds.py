"""Brings signatures to partners, and asks for theirs, while the node serves: each partner in a thread of its own."""

import threading
from collections.abc import Callable
from time import monotonic

import structlog

from linkage_node.agreements.exchange import SignatureExchange
from linkage_node.errors import LinkageError
from linkage_node.limits import SIGNATURES_ASKED_SECONDS, SIGNATURES_EVERY_SECONDS, STOP_QUERY_SECONDS

_log = structlog.get_logger()


class SignatureRounds:
    """A round every SIGNATURES_EVERY_SECONDS. A partner that is down or slow holds up nobody else, and is tried again.

    `destroy_ended` destroys what belongs to agreements that ended, whoever of the node's processes heard of it.
    """

    def __init__(self, exchange: SignatureExchange, destroy_ended: Callable[[], None]) -> None:
        self._exchange, self._destroy_ended = exchange, destroy_ended
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._threads: set[threading.Thread] = set()
        self._busy: set[str] = set()  # partners that are being called, by OIN
        self._asked_at: dict[str, float] = {}  # when a partner was last reached; monotonic seconds
        self._told: dict[str, frozenset[str]] = {}  # reason codes that the log has of a partner

    def start(self) -> None:
        """Begin, with a call to every partner."""
        self._start(self._run)

    def stop(self) -> None:
        """Begin no more calls."""
        self._stopped.set()

    def wait(self) -> None:
        """Wait a little for calls under way, which end when their channels are closed."""
        ends_at = monotonic() + STOP_QUERY_SECONDS
        for thread in list(self._threads):
            thread.join(max(0.0, ends_at - monotonic()))

    def _start(self, target: Callable[..., None], *arguments: str) -> None:
        thread = threading.Thread(target=target, args=arguments, name="signatures", daemon=True)
        self._threads = {one for one in self._threads if one.is_alive()} | {thread}
        thread.start()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._destroy_ended()
                for partner, lacks in self._exchange.partners().items():
                    if lacks or self._is_due(partner):
                        self._begin(partner)
            except LinkageError as error:
                _log.warning("round of signatures failed", code=error.code, detail=error.detail)
            except Exception:
                _log.error("defect in a round of signatures", exc_info=True)
            self._stopped.wait(SIGNATURES_EVERY_SECONDS)

    def _is_due(self, partner: str) -> bool:
        asked_at = self._asked_at.get(partner)
        return asked_at is None or monotonic() - asked_at >= SIGNATURES_ASKED_SECONDS

    def _begin(self, partner: str) -> None:
        with self._lock:
            if partner in self._busy:
                return
            self._busy.add(partner)
        self._start(self._call, partner)

    def _call(self, partner: str) -> None:
        codes: frozenset[str] = frozenset()
        try:
            called = self._exchange.call(partner)
            self._asked_at[partner] = monotonic()
            codes = frozenset(fault.code for fault in called.faults.values())
            if any(one.type != "accept" for one in called.received):
                self._destroy_ended()
        except LinkageError as error:
            codes = frozenset({error.code})
        except Exception:
            if not self._stopped.is_set():
                _log.error("defect in the exchange of signatures", oin=partner, exc_info=True)
        finally:
            if codes and codes != self._told.get(partner):  # not every 15 seconds
                _log.info("signatures not exchanged", oin=partner, codes=sorted(codes))
            self._told[partner] = codes
            with self._lock:
                self._busy.discard(partner)
