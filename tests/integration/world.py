"""Real nodes for tests: real commands, real servers in processes of their own, real mutual TLS."""

import csv
import json
import os
import re
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import IO, Any, NamedTuple, cast

import grpc
import yaml
from sqlalchemy import create_engine, text

from linkage_node._generated.linkage.v1.peer_pb2_grpc import PeerServiceStub
from linkage_node._generated.linkage.v1.system_pb2_grpc import QueryServiceStub, RegisterServiceStub
from linkage_node.config import load_config
from linkage_node.evidence import EvidenceLog
from linkage_node.evidence.log import read
from linkage_node.node import Node
from tests.nodes import OIN_A, OIN_B, introduce, make_node
from tests.registers import write_csv
from tests.signed import add_signed

COMMAND = Path(sys.executable).with_name("linkage-node")
START_SECONDS = 30.0
STOP_SECONDS = 15.0
AGREEMENT = "shared-clients"
PURPOSE = "Finding clients that both organisations help"


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, parsed."""
        return json.loads(self.out)

    @property
    def words(self) -> str:
        """What it said on stderr, on one line, without the borders of the panel."""
        return re.sub(r"[\s─│╭╮╰╯]+", " ", self.err)


class LiveNode:
    """One node, whose commands run in processes of their own, and whose server can be started, stopped and killed."""

    def __init__(self, config: Path) -> None:
        self.config, self.folder = config, config.parent
        loaded = load_config(config).config
        self.oin, self.address, self._storage = loaded.oin, loaded.listen, loaded.storage
        self.log = self.folder.with_name(self.folder.name + ".stderr")
        self._process: subprocess.Popen[str] | None = None

    @classmethod
    def initialised(cls, folder: Path, *options: object) -> "LiveNode":
        """A node made with the real `init`."""
        done = subprocess.run(
            [COMMAND, "init", folder, *map(str, options)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return cls(folder / "node.yaml")

    # --- commands

    def cli(self, *arguments: object, timeout: float = 60, wrapper: Iterable[str] = ()) -> Ran:
        """Run a command of this node to its end."""
        done = subprocess.run(
            [*wrapper, COMMAND, *map(str, arguments), "--config", self.config],
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            env={**os.environ, "COLUMNS": "200"},
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def did(self, *arguments: object, timeout: float = 60) -> Ran:
        """Run a command that must succeed."""
        ran = self.cli(*arguments, timeout=timeout)
        assert ran.code == 0, (arguments, ran)
        return ran

    def match(self, output: Path, *options: object, agreement: str = AGREEMENT, timeout: float = 60) -> Ran:
        """`linkage-node match`, as the issue lists it."""
        return self.cli(
            "match", "--agreement", agreement, "--output", output, "--json", *options, timeout=timeout
        )

    def load(self, rows: Iterable[tuple[str, str]], *options: object) -> Ran:
        """Load (reference, BSN) rows with the real command."""
        source = write_csv(self.folder.with_name(f"{self.folder.name}-source.csv"), ("ref", "bsn"), rows)
        mapping = self.folder.with_name("mapping.yaml")
        mapping.write_text("identifiers: {bsn: bsn}\nrecord_ref: ref\n")
        return self.did("register", "load", source, "--mapping", mapping, "--json", *options)

    # --- the server

    def start(self) -> "LiveNode":
        """Start the server and wait for its line."""
        self._process = self.popen()
        line = first_line(self._process)
        assert line.startswith("ready: "), (line, self.log.read_text())
        assert self.address in line
        return self

    def popen(self) -> "subprocess.Popen[str]":
        """The server's process, not waited for."""
        with self.log.open("a") as log:
            return subprocess.Popen(
                [COMMAND, "serve", "--config", self.config],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "COLUMNS": "200"},
            )

    def terminate(self, seconds: float = STOP_SECONDS) -> str:
        """Stop the server as an operator does; what it printed meanwhile. It must end well, and in time."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        out, _ = self._process.communicate(timeout=seconds)
        assert self._process.returncode == 0, self.log.read_text()
        self._process = None
        return out

    def kill(self) -> None:
        """End the server as a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def said(self) -> str:
        """What the server wrote on stderr: its log."""
        return self.log.read_text()

    # --- its faces

    @contextmanager
    def channel(self, certificate: Path | None = None, key: Path | None = None) -> Iterator[grpc.Channel]:
        """A channel to this node, by default with the certificate of one of its own systems."""
        own = self.folder / "keys"
        credentials = grpc.ssl_channel_credentials(
            (own / "ca.pem").read_bytes(),
            (key or own / "system.key").read_bytes(),
            (certificate or own / "system.pem").read_bytes(),
        )
        with grpc.secure_channel(self.address, credentials) as channel:
            yield channel

    # --- what it keeps

    def rows(self, query: str) -> list[Any]:
        """What a question to the node's database gives."""
        engine = create_engine(self._storage)
        try:
            with engine.connect() as connection:
                return list(connection.execute(text(query)).all())
        finally:
            engine.dispose()

    def change(self, statement: str) -> None:
        """Change the node's database behind its back."""
        engine = create_engine(self._storage)
        try:
            with engine.begin() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()

    def budget(self) -> int:
        """Evaluations that were charged at this provider, under all agreements."""
        return int(self.rows("SELECT coalesce(sum(used), 0) FROM budget")[0][0])

    def evidence(self) -> list[dict[str, Any]]:
        """The node's evidence, verified."""
        with Node.open(self.config) as node:
            log = EvidenceLog.of(node)
            log.verify()
            return [read(record) for record in log.records()]

    def bring_delta_forward(self) -> None:
        """Make the next delta of the tag sets due now; the schedule's shortest period is an hour."""
        self.change("UPDATE tag_set SET next_delta_at = 1000 * strftime('%s', 'now') - 1000")


class Systems(NamedTuple):
    """Stubs over one channel."""

    queries: QueryServiceStub
    register: RegisterServiceStub
    peers: PeerServiceStub


def stubs(channel: grpc.Channel) -> Systems:
    """The services of a node."""
    return Systems(QueryServiceStub(channel), RegisterServiceStub(channel), PeerServiceStub(channel))


def first_line(process: "subprocess.Popen[str]", seconds: float = START_SECONDS) -> str:
    """The first line that a process prints, or what it printed before it ended."""
    out = cast("IO[str]", process.stdout)
    with selectors.DefaultSelector() as selector:
        selector.register(out, selectors.EVENT_READ)
        if not selector.select(seconds):
            process.kill()
            raise AssertionError("the server printed nothing in time")
    return out.readline()


def await_that(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until something holds, at most so long."""
    ends_at = monotonic() + seconds
    while not condition():
        assert monotonic() < ends_at, "it did not come to hold in time"


def agreement_text(*, requester: str = OIN_A, provider: str = OIN_B, **changes: Any) -> str:
    """An agreement that runs now."""
    today = datetime.now(UTC).date()
    content = {
        "id": AGREEMENT,
        "purpose": PURPOSE,
        "purpose_category": "intake",
        "legal_basis": {"id": "wgs-4a", "article": "Wgs art. 4a"},
        "requester": {"kind": "municipality", "oin": requester, "name": "Asks"},
        "provider": {"kind": "credit_bank", "oin": provider, "name": "Answers"},
        "kinds": ["bsn"],
        "answers": ["hit"],
        "valid_from": today - timedelta(days=3),
        "valid_until": today + timedelta(days=300),
        "tag_set": {"bucket": 1024, "changes": 8, "every_hours": 24},
        "limits": {"evaluations_per_day": 1_000_000, "largest_query": 100_000},
    }
    return yaml.safe_dump({**content, **changes}, sort_keys=False)


def agree(*nodes: LiveNode, **changes: Any) -> None:
    """Add the same agreement at all of them."""
    for live in nodes:
        with Node.open(live.config) as node:
            add_signed(node, agreement_text(**changes))


def make_pair(folder: Path, **changes: Any) -> tuple[LiveNode, LiveNode]:
    """A requester and a provider that know each other and agreed; not started."""
    configs = make_node(folder / "asks", OIN_A), make_node(folder / "answers", OIN_B)
    introduce(*configs)
    requester, provider = LiveNode(configs[0]), LiveNode(configs[1])
    agree(requester, provider, **changes)
    return requester, provider


def read_results(path: Path) -> dict[str, bool]:
    """A results file: reference → hit."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["hit"] in ("true", "false") for row in rows)
    found = {row["record_ref"]: row["hit"] == "true" for row in rows}
    assert len(found) == len(rows)
    return found


def hits_in(path: Path) -> set[str]:
    """The references that hit."""
    return {ref for ref, hit in read_results(path).items() if hit}
