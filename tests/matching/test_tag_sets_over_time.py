"""The provider's tag sets through whole epochs of changes, against a model, and followed by a requester.

The hashes of claim tokens that stand beside the tags are followed with them.
"""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert

from linkage_node.agreements import Agreement
from linkage_node.agreements.model import parse_agreement
from linkage_node.answering.epochs import Epoch, Epochs
from linkage_node.answering.tag_sets import NOBODY, TagSet, TagSets
from linkage_node.clock import DAY_MS, HOUR_MS
from linkage_node.limits import TAG_BYTES
from linkage_node.matching import hit
from linkage_node.matching.disclosure import token_hashes
from linkage_node.matching.tag_set import apply_delta, check_sorted, digest, find
from linkage_node.pseudonyms import oprf
from linkage_node.pseudonyms.tags import MARK
from linkage_node.register.root import element_ids_of
from linkage_node.register.staging import Staged
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database
from linkage_node.storage.tables import element
from tests.nodes import OIN_A, OIN_B
from tests.registers import REGISTER_SCALAR, SEALER

CHANGES, BUCKET, TICKS = 3, 16, 10
AGREEMENT = f"""
id: over-time
purpose: Following a register
purpose_category: intake
legal_basis: {{id: wgs-4a, article: Participatiewet art. 35}}
requester: {{kind: municipality, oin: "{OIN_A}"}}
provider: {{kind: credit_bank, oin: "{OIN_B}"}}
kinds: [bsn]
answers: [hit]
valid_from: 2026-01-01
valid_until: 2026-12-31
epoch_days: {TICKS}
tag_set: {{bucket: {BUCKET}, changes: {CHANGES}, every_hours: 24}}
limits: {{evaluations_per_day: 100, largest_query: 100}}
receipts: true
"""


class World:
    """A register, its tag sets, a requester that follows them, and a model of what they should be."""

    def __init__(self, folder: Path, executor: Executor) -> None:
        self.database = Database(f"sqlite:///{folder / 'node.db'}")
        self.database.create()
        self.agreement: Agreement = parse_agreement(AGREEMENT)
        self.executor = executor
        self.register = RegisterStore(self.database, SEALER)
        self.epochs = Epochs(self.database, SEALER, REGISTER_SCALAR)
        self.now = self.agreement.starts_at_ms + 5 * HOUR_MS
        self.names: set[str] = set()  # who is in the register
        self.ever: set[str] = set()
        self.restart()
        self.held: TagSet | None = None  # what the requester holds
        self.sizes: set[int] = set()

    def restart(self) -> None:
        """The provider's process ends, and another begins."""
        self.tag_sets = TagSets(self.database, SEALER, self.register, self.executor)

    @property
    def epoch(self) -> Epoch:
        """The running epoch."""
        return self.epochs.current(self.agreement, "bsn", self.now)

    def current(self) -> TagSet:
        """The provider's set of now, checked for what must always hold."""
        found = self.tag_sets.current(self.agreement, self.epoch, self.now)
        check_sorted(found.tags)
        assert len(found.tags) % (BUCKET * TAG_BYTES) == 0
        assert digest(found.tags) == found.digest
        self.sizes.add(len(found.tags))
        return found

    def add(self, names: list[str]) -> None:
        """Add records, of persons who may have been there before."""
        packed = oprf.hash_to_group(name.encode() for name in names)
        rows = [
            Staged(at, name, None, {"bsn": packed[at * 32 : at * 32 + 32]}) for at, name in enumerate(names)
        ]
        self.register.upsert(rows, self.now)
        self.names |= set(names)
        self.ever |= set(names)

    def remove(self, names: list[str]) -> None:
        """Remove records."""
        self.register.remove(names, self.now)
        self.names -= set(names)

    def tick(self, days: int = 1) -> None:
        """Time for so many deltas passes."""
        self.now += days * DAY_MS

    def follow(self) -> None:
        """The requester catches up by deltas, and then holds exactly the provider's set."""
        theirs = self.current()
        if self.held is None:
            self.held = theirs
        tags, version = self.held.tags, self.held.version
        for version, delta in self.tag_sets.deltas(theirs.id, self.held.version):  # noqa: B007
            assert len(delta.additions) == len(delta.removals) == CHANGES * TAG_BYTES
            before = tags
            tags = apply_delta(tags, delta, CHANGES)
            assert not find(before, delta.additions).any()
            assert not find(tags, delta.removals).any()
        assert (version, digest(tags)) == (theirs.version, theirs.digest)
        self.held = theirs

    def real(self) -> set[str]:
        """Of everybody who ever was in the register: those whose tags are in the set.

        Just their claim tokens have an owner, who is they themselves or nobody who is in the register now.
        """
        everybody = sorted(self.ever)
        elements = oprf.hash_to_group(name.encode() for name in everybody)
        packed = hit.own_marks(self.epoch.secret, self.epoch.label, elements, self.executor)
        own = np.frombuffer(packed, dtype=MARK)
        found = find(self.current().tags, own["tag"].tobytes())
        owners = self.tag_sets.owners(self.epoch, token_hashes(own["token"].tobytes()))
        assert ((owners != NOBODY) == found).all()
        alive = np.isin(owners, element_ids_of(self.database, "bsn"))
        assert (owners[alive] == self.register.element_ids("bsn", elements)[alive]).all()
        return {name for name, there in zip(everybody, found, strict=True) if there}


@pytest.fixture
def world(tmp_path: Path, executor: Executor) -> Iterator[World]:
    """A new one."""
    made = World(tmp_path, executor)
    yield made
    made.database.close()


@pytest.mark.parametrize("seed", range(8))
def test_sets_follow_the_register(world: World, seed: int) -> None:
    """Whatever comes, goes and comes back, deltas keep their size, lead where they should, and catch up in the end."""
    chance = random.Random(seed)
    pool = [f"{seed} {at}" for at in range(20)]
    world.add(chance.sample(pool, chance.randrange(12)) or pool[:1])
    world.follow()
    assert world.real() == world.names
    for _ in range(TICKS - 4):
        for _ in range(chance.randrange(4)):
            chosen = chance.sample(pool, chance.randrange(1, 2 * CHANGES))
            here, away = [n for n in chosen if n in world.names], [n for n in chosen if n not in world.names]
            if chance.random() < 0.5 and here:
                world.remove(here)
            elif away:
                world.add(away)
        if chance.random() < 0.3:
            world.restart()
        if chance.random() < 0.3:
            world.tag_sets.forget_ended(world.now)
        world.tick()
        if chance.random() < 0.7:
            world.follow()
    waiting = len(world.real() ^ world.names)
    world.tick(3)  # the last of this epoch
    world.follow()
    assert len(world.sizes) == 1
    assert len(world.real() ^ world.names) <= max(0, waiting - 3 * CHANGES)
    world.tick(2)  # a new epoch begins with what is there
    world.held = None
    world.follow()
    assert world.real() == world.names


def additions(world: World, tick: int) -> None:
    """As many come as fit a delta."""
    world.add([f"{tick} {at}" for at in range(CHANGES)])


def crowds(world: World, tick: int) -> None:
    """Many more come than fit."""
    world.add([f"{tick} {at}" for at in range(3 * CHANGES)])


def removals(world: World, tick: int) -> None:
    """As many go as fit a delta."""
    world.remove([f"start {tick * CHANGES + at}" for at in range(CHANGES)])


def everything(world: World, tick: int) -> None:
    """All go on the first day."""
    if tick == 0:
        world.remove(sorted(world.names))


def exchange(world: World, tick: int) -> None:
    """As many come as go."""
    additions(world, tick)
    removals(world, tick)


def back_and_forth(world: World, _tick: int) -> None:
    """The same persons go and come back before the delta."""
    some = sorted(world.names)[:CHANGES]
    world.remove(some)
    world.add(some)


def to_and_fro(world: World, tick: int) -> None:
    """The same persons go on one day and come back on the next."""
    some = [f"start {at}" for at in range(CHANGES)]
    (world.remove if tick % 2 == 0 else world.add)(some)


@pytest.mark.parametrize(
    ("storm", "waits"),
    [
        (additions, 0),
        (crowds, 2 * CHANGES),
        (removals, 0),
        (everything, 0),
        (exchange, 0),
        (back_and_forth, 0),
        (to_and_fro, 0),
        (lambda _world, _tick: None, 0),
    ],
    ids=["additions", "crowds", "removals", "everything", "exchange", "back and forth", "to and fro", "none"],
)
@pytest.mark.parametrize("spare", [0, 2 * CHANGES, BUCKET - 1])
def test_dummies_never_run_out(
    world: World, storm: Callable[[World, int], None], waits: int, spare: int
) -> None:
    """With as many changes as fit on every single day of an epoch, no delta lacks a dummy, and the size stays."""
    count = CHANGES * (TICKS - 1)
    count += (spare - count - CHANGES * TICKS) % BUCKET  # from a set that is just full to one with much room
    world.add([f"start {at}" for at in range(count)])
    world.follow()
    for tick in range(TICKS - 1):
        storm(world, tick)
        world.tick()
        world.follow()
        if storm is not everything:
            assert len(world.real() ^ world.names) <= waits * (tick + 1)
    assert world.held is not None
    assert world.held.version == TICKS
    assert world.real() >= world.names or waits
    assert len(world.sizes) == 1


def test_a_set_built_in_the_middle_of_an_epoch(world: World) -> None:
    """A set that is first asked for on the fifth day has its first delta on the sixth."""
    world.tick(4)
    world.add(["a"])
    first = world.current()
    assert first.version == 1
    assert first.next_delta_at == world.agreement.starts_at_ms + 5 * DAY_MS
    world.tick(5)
    assert world.current().version == 6


def test_deltas_come_on_the_hour_and_not_with_changes(world: World) -> None:
    """Nothing that happens in the register moves a set before its time."""
    before = world.current()
    world.add(["a"])
    world.now = before.next_delta_at - 1
    assert world.current() == before
    world.now += 1
    assert world.current().version == 2
    assert world.real() == {"a"}


def test_an_element_removed_while_the_set_was_built_leaves_it(world: World) -> None:
    """A removal that was begun before a set was built, and ended after it, still takes its tag out."""
    world.add(["a", "b"])
    begun = world.now - HOUR_MS
    world.follow()
    world.register.remove(["a"], begun)
    world.names.discard("a")
    world.tag_sets.forget_ended(world.now)  # housekeeping
    world.tick()
    world.follow()
    assert world.real() == {"b"}


NASTY = [bytes(10), bytes(9) + b"\x01", b"\x01" + bytes(9), b"\xff" * 9 + b"\x00", b"\xff" * 10]


def test_tags_that_end_in_zeros(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tags full of zeros and ones are kept, owned, found and removed like others, in the set and in its deltas."""
    by_element: dict[bytes, bytes] = {}

    def nasty(_secret: object, _label: object, elements: bytes, _executor: object) -> bytes:
        return b"".join(
            by_element[elements[at : at + 32]] * 2 + bytes(6) for at in range(0, len(elements), 32)
        )

    monkeypatch.setattr(hit, "own_marks", nasty)
    names = [f"{at}" for at in range(len(NASTY))]
    packed = oprf.hash_to_group(name.encode() for name in names)
    for at, tag in enumerate(NASTY):
        by_element[packed[at * 32 : at * 32 + 32]] = tag
    world.add(names[:3])
    world.follow()
    for gone, new in ((names[:2], names[3:]), (names[3:], names[:2]), (names[2:3], [])):
        world.remove(gone)
        if new:
            world.add(new)
        world.tick()
        world.follow()
        there = find(world.current().tags, b"".join(NASTY))
        assert there.tolist() == [name in world.names for name in names]


def test_two_processes_move_a_set_on_once(world: World) -> None:
    """Two processes of one provider that find the same delta due make it once, and agree on what it was."""
    world.add(["a"])
    world.current()
    world.add(["b"])
    world.tick()
    other = TagSets(world.database, SEALER, world.register, world.executor)
    epoch = world.epoch
    with ThreadPoolExecutor(2) as threads:
        one, two = threads.map(
            lambda sets: sets.current(world.agreement, epoch, world.now), [world.tag_sets, other]
        )
    assert one == two
    assert one.version == 2
    assert len(world.tag_sets.deltas(one.id, 0)) == 1
    assert world.real() == {"a", "b"}


def test_an_element_is_counted_by_its_id(world: World) -> None:
    """Elements of another kind, however many come between, neither enter the set nor hold others back."""
    world.add(["a"])
    world.current()
    with world.database.write() as connection:
        others = [
            {"kind": "household", "element": oprf.hash_to_group([str(at).encode()])} for at in range(50)
        ]
        connection.execute(insert(element), others)
    world.add(["b"])
    world.tick()
    world.follow()
    assert world.real() == {"a", "b"}
