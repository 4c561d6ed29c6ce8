"""A node in a process of its own that the bench drives: it serves, matches on request, and tells what it used.

Commands come as JSON lines on standard input, answers leave as JSON lines on standard output.
"""

import json
import resource
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


def _match(assembly: Assembly, agreement: str) -> dict[str, Any]:
    started = time.perf_counter()
    query = assembly.intake.about_register(Wish(agreement), "bench")
    done = assembly.runner.run(query.id, lambda _query: None, lambda: False)
    return {"seconds": time.perf_counter() - started, "hits": done.hits, "evaluated": done.evaluated}


def _usage() -> dict[str, float]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "group_seconds": meter.seconds,
        "group_elements": meter.elements,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_bytes": _peak_bytes(),
    }


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
        print(json.dumps({"ready": True}), flush=True)
        for line in sys.stdin:
            command = json.loads(line)
            answer: dict[str, Any] = {}
            if command["do"] == "move_clock":
                offset_ms += command["ms"]
                assembly.housekeeping()  # a node that runs does this every half minute, not when it is asked
            elif command["do"] == "match":
                answer = _match(assembly, command["agreement"])
            print(json.dumps({**answer, **_usage()}), flush=True)
        server.stop()
        assembly.close()


if __name__ == "__main__":
    main()
