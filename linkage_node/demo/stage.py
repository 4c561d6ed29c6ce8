"""What the chapters of the demonstration share: the organisations, their nodes and administrations, and the console."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

from rich.console import Console

from linkage_node.demo.nodes import DemoNode, free_ports
from linkage_node.demo.people import bsns_for_testing, invent
from linkage_node.demo.registers import (
    BANK,
    DESK,
    ORGANISATIONS,
    TOWN,
    Administration,
    Organisation,
    administer,
)
from linkage_node.demo.results import Comparison

T = TypeVar("T")


class Deal(NamedTuple):
    """One agreement of the story."""

    id: str
    asks: Organisation
    answers: Organisation
    kind: str
    purpose: str
    article: str


ALLOWANCE = Deal(
    "energietoeslag", TOWN, DESK, "bsn",
    "Inwoners vinden die recht hebben op energietoeslag", "Participatiewet art. 35",
)  # fmt: skip
DEBTS = Deal(
    "vroegsignalering", TOWN, BANK, "household",
    "Vroegsignalering van schulden bij huishoudens", "Wet gemeentelijke schuldhulpverlening art. 3 lid 1 onder b",
)  # fmt: skip
DEALS = (ALLOWANCE, DEBTS)


class Asked(NamedTuple):
    """A question that was answered."""

    records: int
    hits: int
    evaluated: int
    seconds: float


class Stage:
    """Everything in place, and nothing running yet. `comparisons` grows with the questions."""

    def __init__(self, console: Console, home: Path, people: int, seed: int) -> None:
        random = Random(seed)  # noqa: S311 - invented people, repeatable on purpose
        self.console, self.home = console, home
        self.people = invent(random, people, bsns_for_testing())
        self.comparisons: list[Comparison] = []
        self._books = {one.key: administer(random, one, self.people) for one in ORGANISATIONS}
        self.nodes = [
            DemoNode(one, home, port)
            for one, port in zip(ORGANISATIONS, free_ports(len(ORGANISATIONS)), strict=True)
        ]

    def node(self, organisation: Organisation) -> DemoNode:
        """The node of an organisation."""
        return next(node for node in self.nodes if node.organisation is organisation)

    def book(self, organisation: Organisation) -> Administration:
        """The administration of an organisation, with the truth about it."""
        return self._books[organisation.key]

    def everywhere(self, do: Callable[[DemoNode], T]) -> list[T]:
        """Do something at all nodes at once, as organisations would; what came of it, in order."""
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            return list(pool.map(do, self.nodes))

    def file(self, name: str) -> Path:
        """A file beside the nodes' folders."""
        return self.home / name

    def chapter(self, title: str, *sentences: str) -> None:
        """Begin a chapter."""
        self.console.print(f"\n[bold cyan]{title}[/]")
        for sentence in sentences:
            self.console.print(sentence)

    def match(self, deal: Deal, output: str) -> Asked:
        """The asking side asks about its whole register."""
        started = time.monotonic()
        with self.console.status(f"{deal.asks.name} asks {deal.answers.name}"):
            done = self.node(deal.asks).ask(
                "match",
                "--agreement",
                deal.id,
                "--provider",
                deal.answers.oin,
                "--output",
                str(self.file(output)),
            )
        return Asked(done["records"], done["hits"], done["evaluated"], time.monotonic() - started)
