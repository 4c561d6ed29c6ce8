"""A node in a process of its own that the bench drives: it serves, asks on request, and tells what it used.

Commands come as JSON lines on standard input, answers leave as JSON lines on standard output.
"""

import contextlib
import json
import os
import resource
import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

from linkage_node.asking.intake import Wish
from linkage_node.assembly import Assembly
from linkage_node.clock import now_ms
from linkage_node.logs import configure_logs
from linkage_node.node import Node
from linkage_node.pseudonyms.parallel import local_executor, meter
from linkage_node.server.lifecycle import Server

_TCP_INFO_BYTES, _TCP_INFO_COUNTS = (
    136,
    120,
)  # up to tcpi_bytes_received; where tcpi_bytes_acked stands before it


def _ask(assembly: Assembly, wish: Wish) -> dict[str, Any]:
    started = time.perf_counter()
    query = assembly.intake.about_register(wish, "bench").only
    done = assembly.runner.run(query.id, lambda _query: None, lambda: False)
    return {"seconds": time.perf_counter() - started, "hits": done.hits, "evaluated": done.evaluated}


def _usage(own_port: int) -> dict[str, float]:
    sent, received = _wire_bytes(own_port)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "group_seconds": meter.seconds,
        "group_elements": meter.elements,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_bytes": _peak_bytes(),
        "sent_bytes": sent,
        "received_bytes": received,
    }


def _wire_bytes(own_port: int) -> tuple[int, int]:
    """Bytes sent and received on the connections that this process opened, TLS and all (Linux: struct tcp_info)."""
    sent = received = 0
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(int(name))) as one:
            one.getpeername()
            if one.getsockname()[1] != own_port:
                info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_BYTES)
                acknowledged, arrived = struct.unpack_from("=QQ", info, _TCP_INFO_COUNTS)
                sent, received = sent + acknowledged, received + arrived
    return sent, received


def _peak_bytes() -> int:
    """Peak memory of this process. getrusage would tell that of its parent too, if that was larger (Linux)."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def main() -> None:
    """Serve the node of the node.yaml in the first argument until standard input ends."""
    offset_ms = 0

    def clock() -> int:
        return now_ms() + offset_ms

    configure_logs("error")
    with Node.open(Path(sys.argv[1])) as node, local_executor() as executor:
        assembly = Assembly(node, executor, clock)
        server = Server(assembly)
        server.start()
        own_port = int(node.config.listen.rpartition(":")[2])
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            command = json.loads(line)
            answer: dict[str, Any] = {}
            if command["do"] == "move_clock":
                offset_ms += command["ms"]
                assembly.housekeeping()  # a node that runs does this every half minute, not when it is asked
            elif command["do"] == "ask":
                answer = _ask(assembly, Wish(**command["wish"]))
            print(json.dumps({**answer, **_usage(own_port)}), flush=True)
        server.stop()
        assembly.close()


if __name__ == "__main__":
    main()
