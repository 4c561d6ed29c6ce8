"""Stands before every call: who is it, may he, how many calls has he open, and what does he see of an error."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple, NoReturn, TypeVar, cast

import grpc
import structlog
from cryptography import x509

from linkage_node.config import NodeConfig
from linkage_node.errors import InputError, LinkageError, Refusal, StorageError, Unreachable
from linkage_node.limits import STREAM_IDLE_SECONDS, STREAMS_PER_IDENTITY
from linkage_node.peers.certificates import Revocation, fingerprint, oin_of
from linkage_node.reasons import ROW_CODES

Message = TypeVar("Message")
_log = structlog.get_logger()
_IDENTITY_CODES = {
    "oin_mismatch",
    "certificate_without_oin",
    "certificate_revoked",
    "peer_unknown",
    "system_unknown",
    "development_certificate",
}
_BAD_MESSAGE = {"malformed", "element_invalid", "version_unknown"} | ROW_CODES
_NOT_FOUND = {"query_unknown", "agreement_unknown"}


class Caller(NamedTuple):
    """Whose certificate is on the other end of the line."""

    oin: str
    fingerprint: str  # SHA-256 of the DER, hexadecimal


class Guard:
    """One for all services of a node."""

    def __init__(self, config: NodeConfig, idle_seconds: float = STREAM_IDLE_SECONDS) -> None:
        self._config = config
        self._revocation = Revocation(config.tls)
        self._open: Counter[str] = Counter()
        self._lock = (
            threading.RLock()
        )  # a call can be tidied up, by Python's collector, in a thread that holds it
        self.idle = IdleWatch(idle_seconds)

    def peer(self, context: grpc.ServicerContext) -> Caller:
        """The calling organisation, which is another one than the node's own."""
        caller = self._caller(context)
        if caller.oin == self._config.oin:
            raise Refusal("peer_unknown", "the node's own organisation is no peer")
        return caller

    def system(self, context: grpc.ServicerContext, needs: str) -> Caller:
        """One of the own organisation's systems, registered and allowed `needs` ("match" or "register")."""
        caller = self._caller(context)
        for system in self._config.systems:
            if (
                system.fingerprint == caller.fingerprint
                and needs in system.may
                and caller.oin == self._config.oin
            ):
                return caller
        raise Refusal("system_unknown")

    def _caller(self, context: grpc.ServicerContext) -> Caller:
        shown = cast("Mapping[str, Sequence[bytes]]", context.auth_context())
        pems = shown.get("x509_pem_cert", [])
        if len(pems) != 1:
            raise Refusal("certificate_without_oin", "no client certificate")
        certificate = x509.load_pem_x509_certificate(pems[0])
        self._revocation.check(certificate, datetime.now(UTC))
        return Caller(oin_of(certificate), fingerprint(certificate))

    @contextmanager
    def call(self, context: grpc.ServicerContext, who: Callable[[], Caller]) -> Iterator[Caller]:
        """Everything around one call; errors end it with a status whose details start with the reason code."""
        caller: Caller | None = None
        try:
            caller = who()
            self._enter(caller)
            try:
                yield caller
            finally:
                self._leave(caller)
        except LinkageError as error:
            _log.info("call refused", code=error.code, detail=error.detail, oin=caller.oin if caller else "")
            _abort(context, error)
        except grpc.RpcError:
            raise  # the caller hung up
        except Exception as error:
            if not context.is_active():
                raise
            _log.error("defect", error=type(error).__name__, exc_info=True)
            context.abort(grpc.StatusCode.INTERNAL, "internal: the node met a defect of its own")

    def _enter(self, caller: Caller) -> None:
        with self._lock:
            if self._open[caller.oin] >= STREAMS_PER_IDENTITY:
                raise Refusal("too_many_streams", f"{STREAMS_PER_IDENTITY} are open")
            self._open[caller.oin] += 1

    def _leave(self, caller: Caller) -> None:
        with self._lock:
            self._open[caller.oin] -= 1


def _abort(context: grpc.ServicerContext, error: LinkageError) -> NoReturn:
    """A peer is told the code and its meaning; the detail stays in the log and the evidence."""
    if isinstance(error, StorageError | Unreachable):
        status = grpc.StatusCode.UNAVAILABLE
    elif error.code in _IDENTITY_CODES:
        status = grpc.StatusCode.PERMISSION_DENIED
    elif error.code in _NOT_FOUND:
        status = grpc.StatusCode.NOT_FOUND
    elif error.code == "too_many_streams":
        status = grpc.StatusCode.RESOURCE_EXHAUSTED
    elif isinstance(error, InputError) or error.code in _BAD_MESSAGE:
        status = grpc.StatusCode.INVALID_ARGUMENT
    else:
        status = grpc.StatusCode.FAILED_PRECONDITION
    context.abort(status, f"{error.code}: {LinkageError(error.code).message}. {error.hint}")


class IdleWatch:
    """Ends streams whose other side stays silent: one thread looks at all of them.

    Without a lock: an abandoned stream is tidied up when Python collects it, which can be in any thread at any moment,
    also in one that would hold the lock. Each step on the dictionary is atomic.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last: dict[int, tuple[float, Callable[[], object]]] = {}
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def messages(self, stream: Iterator[Message], cancel: Callable[[], object]) -> Iterator[Message]:
        """The messages of a stream; `cancel` is called when the next one takes too long."""
        key = id(stream)
        try:
            while True:
                self._last[key] = (time.monotonic(), cancel)
                message = next(stream, None)
                self._last.pop(key, None)  # the time that the node itself takes does not count
                if message is None:
                    return
                yield message
        finally:
            self._last.pop(key, None)

    def start(self) -> None:
        """Start looking."""
        self._thread = threading.Thread(target=self._look, name="idle-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stopped.set()

    def _look(self) -> None:
        while not self._stopped.wait(min(1.0, self._seconds / 4)):
            silent_since = time.monotonic() - self._seconds
            for last, cancel in list(self._last.values()):
                if last < silent_since:
                    _log.info("stream ended", code="stream_idle")
                    cancel()
