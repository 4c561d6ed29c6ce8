"""Makes real nodes for tests."""

import socket
from pathlib import Path
from typing import Any

from linkage_node.initialise import NewNode, initialise
from linkage_node.node import Node

OIN_A = "00000099000000010000"
OIN_B = "00000099000000020000"
OIN_C = "00000099000000030000"


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def make_node(folder: Path, oin: str = OIN_A, **changes: Any) -> Path:
    """The node.yaml of a new node; nodes in the same parent folder share a development CA and a domain secret."""
    defaults = NewNode(
        folder=folder,
        oin=oin,
        name=f"Organisation {folder.name}",
        listen=f"127.0.0.1:{free_port()}",
        address=None,
        mode="development",
        storage="sqlite:///node.db",
        sealing_key=None,
        domain_secret=folder.parent / "domain.secret",
        certificates=folder.parent / "dev-ca",
    )
    initialise(defaults._replace(**changes))
    return folder / "node.yaml"


def introduce(*configs: Path) -> None:
    """Let these nodes know each other."""
    for config in configs:
        with Node.open(config) as node:
            for other in configs:
                if other != config:
                    node.peers.add((other.parent / "card.yaml").read_text())


def edit(config: Path, old: str, new: str) -> None:
    """Change a node.yaml: `old` stands in it once."""
    text = config.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {config}"
    config.write_text(text.replace(old, new))
