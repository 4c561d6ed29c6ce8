"""A requester and two providers in one process, with a clock that tests turn."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from linkage_node.asking.intake import Wish
from linkage_node.asking.peer_client import PeerClient
from linkage_node.asking.schedule import Schedule
from linkage_node.asking.series import Point
from linkage_node.asking.several import run
from linkage_node.asking.standing_runs import StandingQuestions
from linkage_node.assembly import Assembly, Channels
from linkage_node.errors import Unreachable
from linkage_node.node import Node
from linkage_node.peers.card import Card
from tests.attacks.pair import AGREEMENT, Clock, Pair, Wire
from tests.nodes import OIN_A, OIN_B, OIN_C
from tests.signed import add_signed

THIRD = AGREEMENT.replace("id: shared", "id: third").replace(OIN_B, OIN_C)
DAILY = Schedule.of("0 6 * * *", "Europe/Amsterdam")
MONTHLY = Schedule.of("0 6 1 * *", "Europe/Amsterdam")
HITS = Wish("shared")
BOTH = Wish("shared", further=("third",))
COUNT = Wish("counted", answer="count", question="table")
EVERY_DAY = Wish("counted", answer="count", question="again")  # of which the agreement gives an answer a day


class Lines:
    """In place of channels: a wire to each provider."""

    def __init__(self, wires: dict[str, Wire]) -> None:
        self._wires = wires
        self.down: set[str] = set()

    @contextmanager
    def connect(self, card: Card) -> Iterator[PeerClient]:
        """As Channels'."""
        if card.oin in self.down:
            raise Unreachable("peer_unreachable", card.oin)
        with self._wires[card.oin].connect(card) as client:
            yield client

    def close(self) -> None:
        """As Channels'."""
        for wire in self._wires.values():
            wire.close()


class Trio(Pair):
    """Organisation A, which asks, and B and C, which answer. Who is `down` cannot be reached."""

    def __init__(self, folder: Path, executor: Executor) -> None:
        super().__init__(folder, executor, Clock())
        self.nodes["c"] = Node.open(folder / "c" / "node.yaml")
        self.c = Assembly(self.nodes["c"], executor, self.clock)
        self.b.noise = self.c.noise = lambda exact, _epsilon: exact
        self.lines = Lines({OIN_B: self.wire, OIN_C: Wire(self.c, OIN_A)})
        self.down = self.lines.down
        self.a.channels = cast("Channels", self.lines)

    @property
    def standing(self) -> StandingQuestions:
        """The standing questions of A."""
        return self.a.standing

    def put(self, name: str = "q") -> list[Point]:
        """Put a standing question now: the points of that run."""
        begun = self.standing.begin(name, "cli")
        assert begun is not None
        if begun.whole:
            run(self.a, begun.whole, lambda _query: None)
        self.standing.gather()
        return [point for point in self.points(name) if point.at == begun.at]

    def points(self, name: str = "q") -> list[Point]:
        """The whole series."""
        return self.standing.series.points(name)

    def agree(self, text: str, *, provider: str = "b") -> None:
        """Add an agreement, or another text of one."""
        for node in ("a", provider):
            add_signed(self.nodes[node], text, replace=True)
