"""What the chapters of the demonstration share: the organisations, their nodes and administrations, and the console."""

import re
import shlex
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any, Self, TypeVar

from rich.console import Console
from rich.text import Text

from linkage_node.demo.administration import Administration, administer
from linkage_node.demo.deals import Goal
from linkage_node.demo.nodes import DemoNode, free_ports
from linkage_node.demo.noise import HeldTable
from linkage_node.demo.people import bsns_for_testing, invent
from linkage_node.demo.registers import ORGANISATIONS, TOWN, Organisation
from linkage_node.demo.results import Comparison

T = TypeVar("T")
_MARGIN = 6  # characters of a line that a command leaves for its indent and its backslash


class Stage:
    """Everything in place, and nothing running yet. `comparisons` and `tables` grow with the questions."""

    def __init__(self, console: Console, home: Path, people: int, seed: int) -> None:
        random = Random(seed)  # noqa: S311 - invented people, repeatable on purpose
        self.console, self.home = console, home
        self.people = invent(random, people, bsns_for_testing())
        self.title = ""  # of the chapter that is told
        self.comparisons: list[Comparison] = []
        self.tables: list[HeldTable] = []
        self._books = {one.key: administer(random, one, self.people) for one in ORGANISATIONS}
        self._running: dict[str, ExitStack] = {}
        ports = free_ports(len(ORGANISATIONS))
        self.nodes = [DemoNode(one, home, port) for one, port in zip(ORGANISATIONS, ports, strict=True)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.everywhere(self.stop)

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

    def start(self, node: DemoNode) -> None:
        """Let a node serve until `stop`, or until the stage is left."""
        running = ExitStack()
        running.enter_context(node.serving())
        self._running[node.organisation.key] = running

    def stop(self, node: DemoNode) -> None:
        """Stop a node if it serves."""
        if running := self._running.pop(node.organisation.key, None):
            running.close()

    def file(self, name: str) -> Path:
        """A file beside the nodes' folders."""
        return self.home / name

    def chapter(self, title: str, *sentences: str) -> None:
        """Begin a chapter: what happens."""
        self.title = title
        self.console.print(f"\n[bold cyan]{title}[/]")
        for sentence in sentences:
            self.say(sentence)

    def allowed(self, *goals: Goal) -> None:
        """Why it may be asked."""
        for goal in goals:
            partners = ", ".join(deal.answers_from.name for deal in goal.deals)
            self._told("Allowed by", f"agreement with {partners}: “{goal.purpose}” ({goal.article})")

    def learnt(self, who: Organisation | str, what: str) -> None:
        """What one side got to know."""
        self._told(f"{who if isinstance(who, str) else who.name} has learnt", what)

    def _told(self, label: str, what: str) -> None:
        self.say(Text.assemble((f"{label}: ", "bold"), what), indent=2)

    def command(self, *words: str) -> None:
        """Show a command as it is typed in the folder of the demonstration."""
        lines = ["$ linkage-node"]
        for part in _options(words):
            if len(lines[-1]) + len(part) > self.console.width - _MARGIN:
                lines[-1] += " \\"
                lines.append("   ")
            lines[-1] += f" {part}"
        for line in lines:
            self.say(Text(line, style="dim"), indent=2)

    def say(self, what: str | Text, indent: int = 0) -> None:
        """Print a paragraph, indented as a whole."""
        text = Text.from_markup(what) if isinstance(what, str) else what
        for line in text.wrap(self.console, self.console.width - indent):
            line.rstrip()
            self.console.print(Text(" " * indent) + line)

    def ask(self, *words: str, by: Organisation = TOWN, expect: int = 0) -> Any:
        """Show a command of an organisation, run it, and give what it printed as JSON."""
        self.command(*words, "--config", f"{by.key}/node.yaml")
        with self.console.status(f"{by.name} waits"):
            return self.node(by).ask(*words, expect=expect)

    def run(self, *words: str) -> None:
        """Show a command of the municipality, and run it."""
        self.command(*words, "--config", f"{TOWN.key}/node.yaml")
        with self.console.status(f"{TOWN.name} waits"):
            self.node(TOWN).run(*words)


def _options(words: Iterable[str]) -> list[str]:
    """The words as a shell reads them, each option with its value."""
    parts: list[str] = []
    for word in map(shlex.quote, words):
        if parts and re.fullmatch("--[a-z-]+", parts[-1]) and not word.startswith("-"):
            parts[-1] += f" {word}"
        else:
            parts.append(word)
    return parts


def agreed(goal: Goal) -> Iterable[str]:
    """The words that name all agreements of a goal."""
    return [word for deal in goal.deals for word in ("--agreement", deal.id)]
