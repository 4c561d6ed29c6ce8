"""A requester and five providers, each a real node, and the truth about whom they share."""

import contextlib
import io
import logging
import random
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import structlog

from linkage_node.assembly import Assembly
from linkage_node.cli.main import main
from linkage_node.clock import now_ms
from linkage_node.node import Node
from linkage_node.pseudonyms.parallel import local_executor
from linkage_node.register.rows import SourceRow, judge
from linkage_node.server.lifecycle import Server
from tests.integration.fake_provider import fake_provider
from tests.integration.world import LiveNode, Ran, agree
from tests.nodes import OIN_A, introduce, make_node
from tests.registers import test_bsns as numbers_for_tests

Message = TypeVar("Message")
NUMBERS = numbers_for_tests()
PEOPLE = 60  # of the requester
PROVIDERS = tuple(f"00000099{number:09d}000" for number in (20, 30, 40, 50, 60))
BANDS = ("young", "old", "nobody")  # the last is nearly never released: its true number is 0
FORMULA = '=HYPERLINK("http://127.0.0.1/")'  # what no cell of ours may begin with
TERMS: dict[str, Any] = {
    "answers": ["count", "hit", "attributes"],
    "count": {
        "requester_bucket": 80,
        "provider_bucket": 160,
        "smallest_set": 5,
        "smallest_cell": 1,
        "questions": [
            {"id": "shared", "epsilon": 5.0},
            {"id": "by-band", "epsilon": 5.0, "by_requester": {"attribute": "band", "values": list(BANDS)}},
        ],
    },
    "attributes": {"names": ["desk", "phone"], "largest": 50, "per_token": 50},
}


def agreement_id(oin: str) -> str:
    """The agreement with a provider."""
    return f"with-{PROVIDERS.index(oin) + 1}"


def run_here(live: LiveNode, *arguments: object) -> Ran:
    """Run a command of a node to its end, in this process: a fifth of the time of one of its own."""
    root, log, argv = logging.getLogger(), structlog.get_config(), sys.argv
    handlers, level = root.handlers[:], root.level
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    try:
        sys.argv = ["linkage-node", *map(str, arguments), "--config", str(live.config)]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as end:
        code = end.code
    finally:
        sys.argv = argv
        structlog.configure(**log)
        root.handlers[:], root.level = handlers, level
    return Ran(int(str(code or 0)), out.getvalue(), err.getvalue())


class Ring(NamedTuple):
    """The nodes, and of every provider the requester's references that it knows."""

    requester: LiveNode
    providers: Mapping[str, LiveNode]
    known: Mapping[str, set[str]]

    def options(self, *oins: str) -> list[str]:
        """Options of `match` that name these providers' agreements."""
        return [word for oin in oins for word in ("--agreement", agreement_id(oin))]

    def known_at(self, *oins: str) -> dict[str, int]:
        """In truth, for every reference: at how many of these providers it is known."""
        return {ref: sum(ref in self.known[oin] for oin in oins) for ref in REFS}


REFS = [f"a{at}" for at in range(PEOPLE)]


def make_ring(folder: Path) -> Ring:
    """All know each other and agreed; nobody serves yet. Provider 3 lacks the agreement, so it refuses."""
    chance = random.Random(3)
    requester = LiveNode(make_node(folder / "asks", OIN_A))
    providers = {
        oin: LiveNode(make_node(folder / f"answers-{at}", oin)) for at, oin in enumerate(PROVIDERS, 1)
    }
    introduce(requester.config, *(node.config for node in providers.values()))
    fill(requester, ((ref, NUMBERS[at], {"band": BANDS[at % 2]}) for at, ref in enumerate(REFS)))
    known = {}
    for number, (oin, provider) in enumerate(providers.items()):
        shared = sorted(chance.sample(range(PEOPLE), 25))
        others = range(100 + 20 * number, 120 + 20 * number)
        about = {"desk": FORMULA, "phone": f"desk {number}", "secret": "not agreed"}
        fill(provider, ((f"b{at}", NUMBERS[at], about) for at in (*shared, *others)))
        known[oin] = {REFS[at] for at in shared}
        agree(requester, *([provider] if number != 2 else []), id=agreement_id(oin), provider=oin, **TERMS)
    return Ring(requester, providers, known)


def fill(live: LiveNode, people: Iterable[tuple[str, str, dict[str, str]]]) -> None:
    """Load references, BSNs and attributes into a register."""
    rows = [
        SourceRow(at, ref, {"bsn": {"bsn": bsn}}, about) for at, (ref, bsn, about) in enumerate(people, 1)
    ]
    with opened(live) as assembly:
        judged = [judge(row, production=False) for row in rows]
        assembly.register.upsert(assembly.loader.staged(judged), now_ms())


@contextmanager
def opened(live: LiveNode) -> Iterator[Assembly]:
    """A node's parts, in this process."""
    with (
        Node.open(live.config) as node,
        local_executor() as executor,
        closing(Assembly(node, executor)) as assembly,
    ):
        yield assembly


@contextmanager
def serving(*nodes: LiveNode) -> Iterator[None]:
    """The real servers of these nodes, in this process."""
    with ExitStack() as stack:
        for live in nodes:
            server = Server(stack.enter_context(opened(live)))
            server.start()
            stack.callback(server.stop)
        yield


class Gate:
    """Holds a provider's answer back until it is opened."""

    def __init__(self) -> None:
        self.reached, self._open = threading.Event(), threading.Event()

    def held(self, responses: Iterator[Message]) -> Iterator[Message]:
        """The answer, once the gate is open."""
        self.reached.set()
        assert self._open.wait(60)
        yield from responses

    def open(self) -> None:
        """Let everything through."""
        self._open.set()


@contextmanager
def slow(live: LiveNode) -> Iterator[Gate]:
    """A provider that keeps its answers behind a gate."""
    gate = Gate()
    with fake_provider(live) as fake:
        fake.evaluations = gate.held
        fake.tag_sets = gate.held
        try:
            yield gate
        finally:
            gate.open()
