"""A node's life: start listening, say so, keep house, and stop without leaving anything half-done."""

import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import grpc
import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from linkage_node._generated.linkage.v1 import peer_pb2_grpc, system_pb2, system_pb2_grpc
from linkage_node.assembly import Assembly
from linkage_node.errors import InputError, LinkageError
from linkage_node.limits import (
    CALL_SECONDS,
    HOUSEKEEPING_SECONDS,
    SERVER_WORKERS,
    STOP_GRACE_SECONDS,
    STREAM_IDLE_SECONDS,
)
from linkage_node.peers.tls import server_credentials, server_options
from linkage_node.server.guard import PEER, Guard
from linkage_node.server.jobs import RUNNER, Jobs
from linkage_node.server.peer_service import PeerServicer
from linkage_node.server.query_service import QueryServicer
from linkage_node.server.register_service import RegisterServicer
from linkage_node.server.signature_rounds import SignatureRounds

_log = structlog.get_logger()
_SYSTEM = [service.full_name for service in system_pb2.DESCRIPTOR.services_by_name.values()]


class Server:
    """The listening node."""

    def __init__(
        self,
        assembly: Assembly,
        idle_seconds: float = STREAM_IDLE_SECONDS,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        self._assembly = assembly
        self._guard = Guard(assembly.node.config, assembly.node.peers, idle_seconds, call_seconds)
        self._jobs = Jobs(assembly.runner, assembly.queries, assembly.channels.close)
        self._rounds = SignatureRounds(assembly.signatures, assembly.destroy_ended)
        self._health = health.HealthServicer(experimental_non_blocking=False)  # the guard holds plain methods
        self._servers: list[grpc.Server] = []
        self._stopped = threading.Event()

    def start(self) -> list[str]:
        """Listen; the addresses. InputError("port_in_use") if one is taken; StorageError("evidence_broken")."""
        self._assembly.put_back.run()  # before anybody is answered
        config = self._assembly.node.config
        peers = self._listen(config.listen, systems=config.listen_systems is None, peers=True)
        addresses = [peers]
        if config.listen_systems is not None:
            addresses.append(self._listen(config.listen_systems, systems=True, peers=False))
        self._guard.watch.start()
        for server in self._servers:
            server.start()
        for service in ("", PEER, *_SYSTEM):
            self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        self._jobs.resume()
        threading.Thread(target=self._keep_house, name="housekeeping", daemon=True).start()
        if (active := self._assembly.node.active_policy) is not None:
            threading.Thread(target=active.watch, args=(self._stopped,), name="policy", daemon=True).start()
        self._rounds.start()
        return addresses

    def _listen(self, address: str, *, peers: bool, systems: bool) -> str:
        server = grpc.server(
            ThreadPoolExecutor(SERVER_WORKERS, thread_name_prefix="call"),
            interceptors=[self._guard],
            options=server_options(),
        )
        names = [health.SERVICE_NAME, reflection.SERVICE_NAME]
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        if peers:
            one = self._assembly
            servicer = PeerServicer(one.answering, one.counting, one.disclosing, one.signatures)
            peer_pb2_grpc.add_PeerServiceServicer_to_server(servicer, server)
            names.append(PEER)
        if systems:
            system_pb2_grpc.add_QueryServiceServicer_to_server(
                QueryServicer(self._assembly, self._jobs), server
            )
            system_pb2_grpc.add_RegisterServiceServicer_to_server(RegisterServicer(self._assembly), server)
            names += _SYSTEM
        reflection.enable_server_reflection(names, server)
        try:
            server.add_secure_port(address, server_credentials(self._assembly.node.config))
        except RuntimeError:
            raise InputError("port_in_use", address) from None
        self._servers.append(server)
        return address

    def _keep_house(self) -> None:
        while True:
            for task in (
                self._assembly.put_back.run,
                self._assembly.housekeeping,
                self._put_standing_questions,
            ):
                try:
                    task()
                except LinkageError as error:
                    _log.warning("housekeeping failed", code=error.code, detail=error.detail)
                except Exception:
                    _log.error("defect in housekeeping", exc_info=True)
            if self._stopped.wait(HOUSEKEEPING_SECONDS):
                return

    def _put_standing_questions(self) -> None:
        """Begin those that are due; they run beside others."""
        for begun in self._assembly.standing.begin_due(RUNNER):
            for part in begun.whole.parts if begun.whole else ():
                self._jobs.start(part)

    def stop(self) -> None:
        """Say so, take no new calls, let those under way end, stop queries between two chunks."""
        self._stopped.set()
        self._rounds.stop()
        self._health.enter_graceful_shutdown()
        waits = [server.stop(STOP_GRACE_SECONDS) for server in self._servers]
        self._jobs.stop()
        self._rounds.wait()
        for wait in waits:
            wait.wait()
        self._guard.watch.stop()

    def run_until_told(self, ready: Callable[[list[str]], None]) -> None:
        """Start, call `ready`, and serve until SIGTERM or SIGINT."""
        told = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: told.set())
        ready(self.start())
        told.wait()
        _log.info("stopping")
        self.stop()
