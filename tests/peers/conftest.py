"""Real gRPC servers with real TLS."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from linkage_node.config import NodeConfig, load_config
from linkage_node.peers.tls import server_credentials, server_options
from tests.nodes import OIN_A, OIN_B, introduce, make_node


class Echo(grpc.GenericRpcHandler):
    """Answers any unary call with what was sent."""

    def service(self, _details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """The same handler for every method."""
        return grpc.unary_unary_rpc_method_handler(lambda request, _context: request)


Serve = Callable[[NodeConfig], grpc.Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a gRPC server with the TLS side of a node, at the address of its configuration."""
    servers: list[grpc.Server] = []

    def start(config: NodeConfig) -> grpc.Server:
        server = grpc.server(ThreadPoolExecutor(2), handlers=[Echo()], options=server_options())
        server.add_secure_port(config.listen, server_credentials(config))
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop(None).wait()


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """The node.yaml of two nodes that know each other."""
    first, second = make_node(tmp_path / "a", OIN_A), make_node(tmp_path / "b", OIN_B)
    introduce(first, second)
    return first, second


def config_of(path: Path) -> NodeConfig:
    """The configuration in a node.yaml."""
    return load_config(path).config


def echo(channel: grpc.Channel, request: bytes) -> bytes:
    """What comes back over the channel."""
    call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary("/x/y")
    return call(request, timeout=5)
