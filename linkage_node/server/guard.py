"""Stands before every call: who is it, may he, how many are open, how long may it take, what does he see of errors."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn, TypeVar, cast

import grpc
import structlog
from cryptography import x509
from grpc_health.v1 import health

from linkage_node._generated.linkage.v1 import peer_pb2, system_pb2
from linkage_node.config import NodeConfig
from linkage_node.errors import InputError, LinkageError, Refusal, StorageError, Unreachable
from linkage_node.limits import CALL_SECONDS, STREAM_IDLE_SECONDS, STREAMS_PER_IDENTITY
from linkage_node.peers.card import PeerStore
from linkage_node.peers.certificates import Revocation, fingerprint, oin_of
from linkage_node.reasons import ROW_CODES, for_systems

Message = TypeVar("Message")
_log = structlog.get_logger()
PEER = peer_pb2.DESCRIPTOR.services_by_name["PeerService"].full_name
_NEEDS = {
    system_pb2.DESCRIPTOR.services_by_name["QueryService"].full_name: "match",
    system_pb2.DESCRIPTOR.services_by_name["RegisterService"].full_name: "register",
}
_IDENTITY_CODES = {
    "oin_mismatch",
    "certificate_without_oin",
    "certificate_revoked",
    "peer_unknown",
    "system_unknown",
    "development_certificate",
}
_BAD_MESSAGE = {"malformed", "element_invalid", "version_unknown"} | ROW_CODES
_TOO_MANY = {"too_many_streams", "too_many_calls"}
_TOLD_ONCE = {"too_many_calls"}  # in the log, by who counts them: or a caller could fill it
_NOT_FOUND = {"query_unknown", "agreement_unknown", "agreement_not_here"}


class Caller(NamedTuple):
    """Whose certificate is on the other end of the line."""

    oin: str
    fingerprint: str  # SHA-256 of the DER, hexadecimal


class Guard(grpc.ServerInterceptor):
    """Around every call of every service of a node.

    gRPC waits for the message of a plain call in one of its workers before anybody sees the call, so every call is
    taken as a stream: who calls is looked at before anything is waited for.
    """

    def __init__(
        self,
        config: NodeConfig,
        peers: PeerStore,
        idle_seconds: float = STREAM_IDLE_SECONDS,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        self._config = config
        self._peers = peers
        self._revocation = Revocation(config.tls)
        self._open: Counter[tuple[str, bool]] = Counter()
        self._lock = (
            threading.RLock()
        )  # a call can be tidied up, by Python's collector, in a thread that holds it
        self._idle_seconds, self._call_seconds = idle_seconds, call_seconds
        self.watch = Watch(min(1.0, idle_seconds / 4))

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], "grpc.RpcMethodHandler[Any, Any] | None"],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """The method, guarded; None if there is none, which gRPC tells the caller without a worker."""
        handler = continuation(handler_call_details)
        if handler is None:
            return None
        service = handler_call_details.method.split("/")[1]
        return grpc.stream_stream_rpc_method_handler(
            lambda requests, context: self._serve(service, handler, requests, context),
            handler.request_deserializer,
            handler.response_serializer,
        )

    def _serve(
        self,
        service: str,
        handler: "grpc.RpcMethodHandler[Any, Any]",
        requests: Iterator[Any],
        context: grpc.ServicerContext,
    ) -> Iterator[Any]:
        with self._call(service, context):
            messages = self._messages(requests, context.cancel)
            asked = messages if handler.request_streaming else next(messages, None)
            if asked is None:
                raise Refusal("malformed", "no message")
            behaviour = (
                handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream
            )
            answer = cast("Callable[[Any, grpc.ServicerContext], Any]", behaviour)(asked, context)
            for message in answer if handler.response_streaming else [answer]:
                # gRPC asks for the next one when the caller has taken this one
                with self.watch.within(self._idle_seconds, context.cancel):
                    yield message

    def _messages(self, stream: Iterator[Message], cancel: Callable[[], object]) -> Iterator[Message]:
        """The messages of a stream; the time that the node itself takes between two does not count."""
        while True:
            with self.watch.within(self._idle_seconds, cancel):
                message = next(stream, None)
            if message is None:
                return
            yield message

    def _admit(self, service: str, context: grpc.ServicerContext) -> Caller:
        """Who calls, if he may call this service. Health is told to all that bear the own OIN, as the doctor does."""
        certificate = _certificate(context)
        self._revocation.check(certificate, datetime.now(UTC))
        caller = Caller(oin_of(certificate), fingerprint(certificate))
        if service == PEER:
            if caller.oin == self._config.oin:
                raise Refusal("peer_unknown", "the node's own organisation is no peer")
            self._peers.get(caller.oin)
        elif caller.oin != self._config.oin or (
            service != health.SERVICE_NAME and not self._may(service, caller)
        ):
            raise Refusal("system_unknown")
        return caller

    def _may(self, service: str, caller: Caller) -> bool:
        """Whether this is a registered system, and allowed what the service needs; the rest needs nothing."""
        needs = _NEEDS.get(service)
        return any(
            system.fingerprint == caller.fingerprint and (needs is None or needs in system.may)
            for system in self._config.systems
        )

    @contextmanager
    def _call(self, service: str, context: grpc.ServicerContext) -> Iterator[None]:
        """Everything around one call; errors end it with a status whose details start with the reason code."""
        caller: Caller | None = None
        try:
            caller = self._admit(service, context)
            # the doctor must not find a node ill that is only busy
            place = caller.oin, service == health.SERVICE_NAME
            self._enter(place)
            try:
                with self.watch.within(self._call_seconds, context.cancel):
                    yield
            finally:
                self._leave(place)
        except LinkageError as error:
            if error.code not in _TOLD_ONCE:
                oin = caller.oin if caller else ""
                _log.info("call refused", code=error.code, detail=error.detail, oin=oin)
            _abort(context, error)
        except grpc.RpcError:
            raise  # the caller hung up
        except Exception as error:
            if not context.is_active():
                raise
            _log.error("defect", error=type(error).__name__, exc_info=True)
            context.abort(grpc.StatusCode.INTERNAL, "internal: the node met a defect of its own")

    def _enter(self, place: tuple[str, bool]) -> None:
        with self._lock:
            if self._open[place] >= STREAMS_PER_IDENTITY:
                raise Refusal("too_many_streams", f"{STREAMS_PER_IDENTITY} are open")
            self._open[place] += 1

    def _leave(self, place: tuple[str, bool]) -> None:
        with self._lock:
            self._open[place] -= 1


def caller_oin(context: grpc.ServicerContext) -> str:
    """The OIN in the caller's certificate, which the guard has checked."""
    return oin_of(_certificate(context))


def _certificate(context: grpc.ServicerContext) -> x509.Certificate:
    shown = cast("Mapping[str, Sequence[bytes]]", context.auth_context())
    pems = shown.get("x509_pem_cert", [])
    if len(pems) != 1:
        raise Refusal("certificate_without_oin", "no client certificate")
    return x509.load_pem_x509_certificate(pems[0])


def _abort(context: grpc.ServicerContext, error: LinkageError) -> NoReturn:
    """A peer is told the code and its meaning; the detail stays in the log and the evidence."""
    if isinstance(error, StorageError | Unreachable):
        status = grpc.StatusCode.UNAVAILABLE
    elif error.code in _IDENTITY_CODES:
        status = grpc.StatusCode.PERMISSION_DENIED
    elif error.code in _NOT_FOUND:
        status = grpc.StatusCode.NOT_FOUND
    elif error.code in _TOO_MANY:
        status = grpc.StatusCode.RESOURCE_EXHAUSTED
    elif isinstance(error, InputError) or error.code in _BAD_MESSAGE:
        status = grpc.StatusCode.INVALID_ARGUMENT
    else:
        status = grpc.StatusCode.FAILED_PRECONDITION
    context.abort(
        status, f"{error.code}: {LinkageError(error.code).message}. {for_systems(error.hint)}".rstrip()
    )


class Watch:
    """Ends calls that take too long: one thread looks at all of them.

    Without a lock: an abandoned stream is tidied up when Python collects it, which can be in any thread at any moment,
    also in one that would hold the lock. Each step on the dictionary is atomic.
    """

    def __init__(self, period: float) -> None:
        self._period = period  # seconds between two looks
        self._ends: dict[object, tuple[float, Callable[[], object]]] = {}
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def within(self, seconds: float, cancel: Callable[[], object]) -> Iterator[None]:
        """`cancel` is called when the block takes longer."""
        key = object()
        self._ends[key] = (time.monotonic() + seconds, cancel)
        try:
            yield
        finally:
            self._ends.pop(key, None)

    def start(self) -> None:
        """Start looking."""
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stopped.set()

    def _look(self) -> None:
        while not self._stopped.wait(self._period):
            now = time.monotonic()
            for ends_at, cancel in list(self._ends.values()):
                if ends_at < now:
                    _log.info("call ended", code="stream_idle")
                    cancel()
