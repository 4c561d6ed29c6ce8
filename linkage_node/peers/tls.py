"""Mutual TLS for gRPC: server credentials and the options that keep a silent or greedy peer at bay.

TLS 1.3 is preferred and 1.2 accepted with the suites in `linkage_node.TLS12_SUITES`; gRPC refuses what is older.
"""

import grpc

from linkage_node.config import NodeConfig
from linkage_node.limits import (
    HANDSHAKE_TIMEOUT_MS,
    KEEPALIVE_MS,
    KEEPALIVE_TIMEOUT_MS,
    MESSAGE_BYTES,
    METADATA_BYTES,
    PING_INTERVAL_MS,
    STREAMS_PER_CONNECTION,
)
from linkage_node.peers.certificates import load_identity

_SIZES = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.max_metadata_size", METADATA_BYTES),
    ("grpc.absolute_max_metadata_size", METADATA_BYTES),
    ("grpc.keepalive_time_ms", KEEPALIVE_MS),
    ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_MS),
]


def server_credentials(config: NodeConfig) -> grpc.ServerCredentials:
    """Credentials that show the node's certificate and ask for one of a trusted CA from every caller."""
    identity = load_identity(config)
    return grpc.ssl_server_credentials(
        [(identity.key, identity.chain)], identity.ca, require_client_auth=True
    )


def server_options() -> list[tuple[str, int]]:
    """Channel arguments of a node's server."""
    return [
        *_SIZES,
        ("grpc.so_reuseport", 0),  # or a second node on the same port would go unnoticed
        ("grpc.server_handshake_timeout_ms", HANDSHAKE_TIMEOUT_MS),
        ("grpc.max_concurrent_streams", STREAMS_PER_CONNECTION),
        ("grpc.http2.min_ping_interval_without_data_ms", PING_INTERVAL_MS),
        ("grpc.http2.max_ping_strikes", 2),
    ]


def client_options() -> list[tuple[str, int]]:
    """Channel arguments of a node's channel to a peer."""
    return [
        *_SIZES,
        ("grpc.enable_http_proxy", 0),  # the preflight goes straight to the peer, so the channel does
        (
            "grpc.use_local_subchannel_pool",
            1,
        ),  # a channel never takes over a connection that another one checked
        ("grpc.enable_retries", 0),  # an order is used once
    ]
