"""Two nodes through weeks of changes, questions, dropped lines, crashes and replays, from a seed, against a model."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from linkage_node._generated.linkage.v1.peer_pb2 import EvaluateRequest
from linkage_node.answering import service
from linkage_node.asking import exchange, queries
from linkage_node.asking.intake import Wish
from linkage_node.asking.queries import Query
from linkage_node.clock import DAY_MS, HOUR_MS
from linkage_node.errors import LinkageError
from linkage_node.evidence.log import read
from linkage_node.matching import blinding, hit, merkle
from linkage_node.register import root
from linkage_node.register.rows import SourceRow
from linkage_node.storage import tables
from tests.nodes import OIN_A, OIN_B, introduce, make_node
from tests.registers import test_bsns as numbers_for_tests
from tests.simulation.model import ProviderModel
from tests.simulation.side import Crash, Line, Side, used_by_day

CHUNK = 8  # elements, so that a handful of people makes several messages
CHANGES = 3
BUDGET = 30
FIRST_DAY = date(2031, 3, 1)
START_MS = int(datetime(2031, 3, 1, 9, tzinfo=UTC).timestamp()) * 1000
STEPS = 100
SEEDS = range(4)
ID = "simulated"
AGREEMENT = {
    "id": ID,
    "purpose": "Simulating",
    "legal_basis": {"article": "Wgs art. 8"},
    "requester": {"oin": OIN_A},
    "provider": {"oin": OIN_B},
    "kinds": ["bsn"],
    "answers": ["hit"],
    "valid_from": FIRST_DAY,
    "valid_until": FIRST_DAY + timedelta(days=3000),
    "epoch_days": 3,
    "tag_set": {"bucket": 32, "changes": CHANGES, "every_hours": 12},
    "limits": {"evaluations_per_day": BUDGET, "largest_query": 100},
}
EXPECTED = {"peer_dropped", "budget_exhausted", "register_empty", "cancelled"}  # refusals that may come of it


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of a few elements, each remembered at once: a register of dozens goes the way of one of thousands."""
    for module in (hit, blinding, exchange, root, merkle):
        monkeypatch.setattr(module, "CHUNK_ELEMENTS", CHUNK)
    monkeypatch.setattr(merkle, "_CHUNK_BYTES", CHUNK * 32)
    monkeypatch.setattr(exchange, "SAVE_CHUNKS", 1)
    monkeypatch.setattr(service, "_MESSAGE_BYTES", 200)


class Simulation:
    """The two nodes, the model, and a list of operations that the seed chooses."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = START_MS
        configs = make_node(folder / "asks", OIN_A), make_node(folder / "answers", OIN_B)
        introduce(*configs)
        self.requester, self.provider = (Side(config, lambda: self.now) for config in configs)
        for side in (self.requester, self.provider):
            side.node.agreements.add(yaml.safe_dump(AGREEMENT))
        self.line = Line(lambda: self.provider.assembly.answering, OIN_A)
        self.requester.connect_to(self.line)
        self.people = self.chance.sample(numbers_for_tests(), 40)
        self.own: dict[str, str] = {}
        self.model = ProviderModel(CHANGES)
        self.done: Counter[str] = Counter()
        self._set_seen: tuple[int, int] | None = None
        for at in range(25):
            self._put_own(f"r{at}", self.chance.choice(self.people))
            self._put_theirs(f"p{at}", self.chance.choice(self.people))

    # --- operations

    def step(self) -> None:
        """One operation, chosen by the seed; then the provider's set is compared with the model's schedule."""
        operations: list[tuple[Callable[[], None], int]] = [
            (self.change_own, 12),
            (self.change_theirs, 18),
            (self.ask_about_register, 10),
            (self.ask_about_persons, 8),
            (self.ask_about_one, 4),
            (self.ask_over_a_line_that_breaks, 6),
            (self.ask_and_crash, 8),
            (self.replay, 4),
            (self.resume, 4),
            (self.keep_house, 5),
            (self.time_passes, 14),
            (self.restart, 2),
        ]
        operation = self.chance.choices(*zip(*operations, strict=True))[0]
        operation()
        self.done[operation.__name__] += 1
        self.observe()

    def change_own(self) -> None:
        """The requester's register changes."""
        if self.own and self.chance.random() < 0.4:
            ref = self.chance.choice(list(self.own))
            del self.own[ref]
            self.requester.remove(ref)
        else:
            self._put_own(f"r{self.chance.randrange(30)}", self.chance.choice(self.people))

    def change_theirs(self) -> None:
        """The provider's register changes: by one person or many; some come back before they were gone."""
        for _ in range(self.chance.choice([1, 1, 1, 2, 5])):
            if self.model.refs and self.chance.random() < 0.5:
                ref = self.chance.choice(list(self.model.refs))
                self.model.remove(ref)
                self.provider.remove(ref)
            else:
                back = self.model.left if self.chance.random() < 0.3 else ()
                self._put_theirs(f"p{self.chance.randrange(30)}", self.chance.choice(back or self.people))

    def _put_own(self, ref: str, person: str) -> None:
        self.own[ref] = person
        self.requester.put(ref, person)

    def _put_theirs(self, ref: str, person: str) -> None:
        self.model.put(ref, person)
        self.provider.put(ref, person)

    def ask_about_register(self) -> None:
        """A question about the whole register; asked again at once, it costs nothing."""
        if self._ask(self._about_register) and self.chance.random() < 0.3:
            query = self._ask(self._about_register)
            assert query is None or query.evaluated == 0

    def ask_about_persons(self) -> None:
        """A question about some people, clients or not, some of them twice."""
        self._ask(self._about_persons)

    def ask_about_one(self) -> None:
        """The counter's question."""
        person = self.chance.choice(self.people)
        intake, runner = self.requester.assembly.intake, self.requester.assembly.runner
        whole, persons = intake.about_one(Wish(ID), "one", {"bsn": person}, "call")
        try:
            hits = runner.ask_now(whole.only, persons, lambda: False).hits
        except LinkageError as error:
            self._tolerate(error, EXPECTED)
            return
        self.observe()
        self._check({"one": person}, {"one": hits == "1"})

    def ask_over_a_line_that_breaks(self) -> None:
        """A question whose line breaks after some messages; asked again, only the rest is new."""
        self.line.drop_after = self.chance.randrange(12)
        self._ask(self.chance.choice([self._about_register, self._about_persons]))
        self.line.drop_after = None

    def ask_and_crash(self) -> None:
        """One of the nodes dies in the middle of a question, and is started again."""
        side = self.chance.choice([self.requester, self.provider])
        side.mortal.moment = self.chance.choice(["before", "in", "after"])
        side.mortal.countdown = self.chance.randrange(8)
        try:
            self._ask(self.chance.choice([self._about_register, self._about_persons]))
        except Crash:
            self.done[f"crash {side.node.config.oin} {side.mortal.moment}"] += 1
        side.reopen()
        self.requester.connect_to(self.line)

    def replay(self) -> None:
        """An order that was answered comes again: it is refused, and costs nothing."""
        if not self.line.answered:
            return
        before = used_by_day(self.provider)
        requests: list[EvaluateRequest] = self.chance.choice(self.line.answered)
        try:
            responses = list(self.line.sent(requests))
        except LinkageError as error:
            self._tolerate(error, {"replayed", "order_expired", "epoch_not_current"})
        else:
            assert len(responses) == 1
            assert not responses[0].evaluated
        assert used_by_day(self.provider) == before

    def resume(self) -> None:
        """Questions that a crash or a broken line left unfinished are taken up."""
        store = self.requester.assembly.queries
        for query in store.all():
            if query.state in (queries.RUNNING, queries.FAILED):
                self._run(query)

    def keep_house(self) -> None:
        """What servers do now and then."""
        self.requester.assembly.housekeeping()
        self.provider.assembly.housekeeping()

    def time_passes(self) -> None:
        """Hours, or days, sometimes to just before or after a new epoch."""
        wait = self.chance.choice([60_000, HOUR_MS, 5 * HOUR_MS, 12 * HOUR_MS, DAY_MS, 4 * DAY_MS])
        if self.chance.random() < 0.2:
            epoch = int(str(AGREEMENT["epoch_days"])) * DAY_MS
            since = (self.now - START_MS + 9 * HOUR_MS) % epoch
            wait = epoch - since + self.chance.choice([-1, 0, 1])
        self.now += max(wait, 0)

    def restart(self) -> None:
        """Both nodes stop and start."""
        self.requester.reopen()
        self.provider.reopen()
        self.requester.connect_to(self.line)

    # --- asking and checking

    def _about_register(self) -> Query:
        return self.requester.assembly.intake.about_register(Wish(ID), "cli").only

    def _about_persons(self) -> Query:
        asked = self.chance.choices(self.people, k=self.chance.randrange(1, 20))
        rows = [SourceRow(at, f"{at}:{one}", {"bsn": {"bsn": one}}, {}) for at, one in enumerate(asked)]
        # A reference that shows the BSN is refused, so the people get numbers of their own.
        rows = [row._replace(ref=f"{row.row}-{self.people.index(asked[row.row])}") for row in rows]
        return self.requester.assembly.intake.about_persons(Wish(ID), rows, "cli")[0].only

    def _ask(self, make: Callable[[], Query]) -> Query | None:
        return self._run(make())

    def _run(self, query: Query) -> Query | None:
        """Run a query; if it is done, its results are the model's. None if it was refused or broke off."""
        assembly = self.requester.assembly
        try:
            done = assembly.runner.run(query.id, lambda _query: None, lambda: False)
        except LinkageError as error:
            self._tolerate(error, EXPECTED)
            return None
        self.observe()
        results: dict[str, bool] = {}
        for refs, hits in assembly.queries.results(done.id, self.now):
            results |= {ref: one == "1" for ref, one in zip(refs, hits, strict=True)}
        if query.source == "register":
            self._check(self.own, results)
        else:
            self._check({ref: self.people[int(ref.split("-")[1])] for ref in results}, results)
        assert (done.records, done.hits) == (len(results), sum(results.values()))
        self.done[f"answered {query.source}"] += 1
        return done

    def _tolerate(self, error: LinkageError, codes: set[str]) -> None:
        if error.code not in codes:
            raise error
        self.done[error.code] += 1

    def _check(self, people: dict[str, str], results: dict[str, bool]) -> None:
        assert results.keys() == people.keys()
        for ref, person in people.items():
            expected = self.model.visible(person)
            assert expected is None or results[ref] == expected, (ref, expected)

    def observe(self) -> None:
        """See which versions the provider's set went through, and let the model go through them too."""
        epoch = (self.now - START_MS + 9 * HOUR_MS) // (3 * DAY_MS)
        query = select(tables.tag_set.c.id, tables.tag_set.c.version).filter_by(epoch=epoch)
        with self.provider.node.database.read() as connection:
            found = connection.execute(query).first()
        if found is None:
            return
        set_id, version = found
        if self._set_seen is None or self._set_seen[0] != set_id:
            self.model.built()
            self._set_seen = set_id, 1
        for _ in range(version - self._set_seen[1]):
            self.model.delta()
        self._set_seen = set_id, version

    def check_books(self) -> None:
        """The budget was kept, and both chains of evidence hold and tell the same."""
        charged: Counter[str] = Counter()
        for record in self.provider.assembly.evidence.records():
            content = read(record)
            if content["event"] == "approved":
                charged[content["at"][:10]] += content["charged"]
        assert {day: used for day, used in charged.items() if used} == {
            day: used for day, used in used_by_day(self.provider).items() if used
        }
        assert max(charged.values(), default=0) <= BUDGET
        for side in (self.requester, self.provider):
            assert side.assembly.evidence.verify() is not None
            with side.node.database.read() as connection:
                assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []


@pytest.fixture
def simulate(tmp_path: Path) -> Iterator[Callable[[int, int], Simulation]]:
    """Run a simulation: seed, steps."""
    made: list[Simulation] = []

    def run(seed: int, steps: int) -> Simulation:
        simulation = Simulation(tmp_path, seed)
        made.append(simulation)
        for _ in range(steps):
            simulation.step()
        simulation.check_books()
        return simulation

    yield run
    for simulation in made:
        simulation.requester.node.close()
        simulation.provider.node.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_hits_are_the_models(simulate: Callable[[int, int], Simulation], seed: int) -> None:
    """Whatever happens, each question that is answered is answered as the model says, and the books are right."""
    done = simulate(seed, STEPS).done
    assert done["answered register"] + done["answered persons"] > 5


@pytest.mark.slow
def test_all_of_it_happens(simulate: Callable[[int, int], Simulation]) -> None:
    """A simulation worth its name: every operation, and crashes of both nodes, occur in one of them."""
    done = simulate(1000, 2 * STEPS).done
    for operation in (
        "ask_about_one",
        "ask_over_a_line_that_breaks",
        "replay",
        "resume",
        "budget_exhausted",
        "keep_house",
        "restart",
    ):
        assert done[operation], operation
    assert sum(number for name, number in done.items() if name.startswith(f"crash {OIN_A}"))
    assert sum(number for name, number in done.items() if name.startswith(f"crash {OIN_B}"))
