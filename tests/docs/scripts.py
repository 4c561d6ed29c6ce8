"""Runs the code blocks of a document in a shell, as its reader would paste them."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from linkage_node.demo.nodes import free_ports

_PORTS = ("7400", "7401", "7410", "7411")  # that documents write; tests must not meet on them

# Else a server that was started keeps the output open when a later command fails.
_STOP_ALL = "trap 'jobs -p | xargs --no-run-if-empty kill 2>/dev/null' EXIT"


def blocks_of(document: Path) -> list[str]:
    """The shell blocks of a document, in order."""
    return re.findall(r"```bash\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)


def run(script: str, folder: Path, temporary: Path, seconds: float) -> str:
    """What `script` prints, run in `folder`, on ports that are free; it must end well."""
    for written, port in zip(_PORTS, free_ports(len(_PORTS)), strict=True):
        script = script.replace(f"127.0.0.1:{written}", f"127.0.0.1:{port}")
    process = subprocess.Popen(
        ["bash", "-c", f"{_STOP_ALL}\n{script}"],
        cwd=folder,
        env={
            **os.environ,
            "COLUMNS": "120",
            "TMPDIR": str(temporary),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        told, _ = process.communicate(timeout=seconds)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, told
    return told
