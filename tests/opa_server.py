"""A real OPA server process for tests: `with opa_server(*paths) as url`."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
import requests

from tests.nodes import free_port

_START_SECONDS = 20.0
_BUILT = Path(__file__).parents[1] / ".tools" / "bin" / "opa"


def opa_binary() -> str:
    """OPA as `make tools` builds it, or the one on PATH. Without it: skip, loudly; in CI: fail."""
    found = str(_BUILT) if _BUILT.exists() else shutil.which("opa")
    if found is None:
        complaint = "no OPA binary: neither .tools/bin/opa (run `make tools`) nor `opa` on PATH"
        if os.environ.get("CI") == "true":
            pytest.fail(complaint)
        print(f"\nSKIPPED: {complaint}", file=sys.stderr)
        pytest.skip(complaint)
    return found


class OpaServer:
    """An OPA server over `arguments` (files, folders, options of `opa run`) that can be stopped and started again."""

    def __init__(self, *arguments: str | Path, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = [str(argument) for argument in arguments]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it answers."""
        self._process = subprocess.Popen(
            [
                opa_binary(),
                "run",
                "--server",
                "--addr",
                f"127.0.0.1:{self.port}",
                "--log-level=error",
                "--skip-version-check",
                *self._arguments,
            ]
        )
        ends_at = monotonic() + _START_SECONDS
        while not self._healthy():
            if self._process.poll() is not None or monotonic() > ends_at:
                self.stop()
                pytest.fail(f"OPA did not start over {self._arguments}")

    def pause(self) -> None:
        """Stop it in its tracks (SIGSTOP): the kernel still takes connections for it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Kill it, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _healthy(self) -> bool:
        try:
            return requests.get(f"{self.url}/health", timeout=1).ok
        except requests.RequestException:
            return False


@contextmanager
def opa_server(*arguments: str | Path) -> Iterator[str]:
    """The URL of an OPA server over these files, folders and options of `opa run`; stopped at the end."""
    server = OpaServer(*arguments)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()
