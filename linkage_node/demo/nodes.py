"""Nodes as they run in earnest: a process each, and commands as processes beside them."""

import json
import os
import select
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from linkage_node.demo.registers import Organisation
from linkage_node.errors import LinkageError

_COMMAND_SECONDS = 120
_READY_SECONDS = 60
_STOP_SECONDS = 30
_PROGRAM = (sys.executable, "-m", "linkage_node")


class DemoFailed(LinkageError):
    """A step of the demonstration did not do what it should."""

    def __init__(self, what: str) -> None:
        super().__init__("demo_failed", what)


class Ran(NamedTuple):
    """What a command printed."""

    stdout: str
    stderr: str


class DemoNode(NamedTuple):
    """One organisation's node in the folder of the demonstration."""

    organisation: Organisation
    home: Path  # of the whole demonstration
    port: int

    @property
    def folder(self) -> Path:
        """The node's own folder."""
        return self.home / self.organisation.key

    @property
    def config(self) -> Path:
        """The node's configuration."""
        return self.folder / "node.yaml"

    @property
    def card(self) -> Path:
        """What it hands to its partners."""
        return self.folder / "card.yaml"

    def run(self, *words: str, expect: int = 0) -> "Ran":
        """Run a command on this node. DemoFailed for any exit code but `expect`."""
        return run(*words, "--config", str(self.config), expect=expect, home=self.home)

    def ask(self, *words: str, expect: int = 0) -> Any:
        """Run a command that prints JSON; what it printed."""
        return json.loads(self.run(*words, "--json", expect=expect).stdout)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """The node listens; it is stopped at the end, however that comes."""
        log = self.folder / "serve.log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(  # noqa: S603 - this program itself
                [*_PROGRAM, "serve", "--config", str(self.config)],
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,  # Ctrl-C is for the demonstration, which stops the nodes itself
            )
        try:
            _await_ready(process, log)
            yield
        finally:
            _stop(process)


def _await_ready(process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait for the line that `serve` prints when it listens."""
    if process.stdout is None:
        raise AssertionError("its stdout is a pipe")
    deadline = time.monotonic() + _READY_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        if select.select([process.stdout], [], [], left)[0]:
            if process.stdout.readline().startswith(b"ready"):
                return
            break
    raise DemoFailed(f"a node did not start; see {log}: {log.read_text()[-2000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def run(*words: str, home: Path, expect: int = 0) -> Ran:
    """Run a command of linkage-node in the folder `home`. DemoFailed for any exit code but `expect`."""
    told = f"`linkage-node {shlex.join(words)}`"
    try:
        done = subprocess.run(  # noqa: S603 - this program itself
            [*_PROGRAM, *words],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_COMMAND_SECONDS,
            cwd=home,
            env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DemoFailed(f"{told} did not end in {_COMMAND_SECONDS} seconds") from None
    if done.returncode != expect:
        raise DemoFailed(
            f"{told} ended with {done.returncode} and not {expect}: {(done.stderr or done.stdout)[-2000:]}"
        )
    return Ran(done.stdout, done.stderr)


def free_ports(count: int) -> list[int]:
    """Ports on 127.0.0.1 that nobody listens on."""
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in servers]
    for server in servers:
        server.close()
    return ports
