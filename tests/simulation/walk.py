"""A random walk, from a seed: everything that happens to two nodes, each step of it against the models."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from linkage_node._generated.linkage.v1.order_pb2 import (
    ANSWER_ATTRIBUTES,
    OPERATION_DISCLOSE,
)
from linkage_node.asking import queries
from linkage_node.asking.intake import Wish
from linkage_node.clock import DAY_MS, HOUR_MS
from linkage_node.errors import LinkageError
from linkage_node.limits import ORDER_LIFETIME_MS
from linkage_node.matching.disclosure import tokens_digest
from linkage_node.matching.orders import Ask, make_order
from linkage_node.matching.signing import order_hash, sign
from tests.simulation.agreed import (
    BUDGET,
    CATALOGUE,
    EPOCH_DAYS,
    HITS,
    LADDER,
    LARGEST,
    NAMES,
    START_MS,
)
from tests.simulation.books import Books
from tests.simulation.ledgers import CHANGED_LISTS
from tests.simulation.line import Crash
from tests.simulation.questions import TAGS, Make, Questions

BROKEN = {"peer_dropped", "peer_unreachable"}  # what a broken line, or a node that died, may give
# what time may give that passes in the middle of a question
CHANGED = {"epoch_not_current", "order_expired", "seed_destroyed", "count_under_way"}


class Walk(Questions):
    """Operations that the seed chooses."""

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__(folder, seed)
        self.books = Books(self.world)
        self.done = self.world.done
        self.trail: list[str] = []  # operations so far
        self._asked_last = "all", "bsn"  # question and kind of a count

    # --- one step

    def step(self, name: str = "") -> None:
        """One operation, chosen by the seed; then everything is looked at."""
        operations: list[tuple[Callable[[], None], int]] = [
            (self.change_own, 10),
            (self.change_theirs, 14),
            (self.address_becomes_secret, 3),
            (self.ask_about_tags, 12),
            (self.ask_about_one, 4),
            (self.count, 10),
            (self.count_again, 6),
            (self.ask_over_a_line_that_breaks, 10),
            (self.ask_and_crash, 12),
            (self.ask_while_things_change, 8),
            (self.cheat_at_a_count, 2),
            (self.show_old_tokens, 6),
            (self.replay, 4),
            (self.resume, 4),
            (self.keep_house, 4),
            (self.time_passes, 14),
            (self.restart, 2),
        ]
        operation = getattr(self, name) if name else self.chance.choices(*zip(*operations, strict=True))[0]
        self.tolerated = set()
        self.done[operation.__name__] += 1
        self.trail.append(operation.__name__)
        operation()
        self.follow()
        self.books.check()
        self._check_queries()

    def follow(self) -> None:
        """Let the models see what happened."""
        self.world.observe()
        self.world.catch_up()

    def finish(self) -> None:
        """On a good line, and given time, no query and no count is stuck."""
        self.tolerated = CHANGED
        self.resume()
        world = self.world
        world.now += HOUR_MS
        for kind in ("bsn", "household"):
            self.run(self.counting("all", kind)())
        world.catch_up()
        self.books.check()
        states = {query.state for query in world.requester.assembly.queries.all()}
        assert states <= queries.ENDED, states

    def _check_queries(self) -> None:
        """Who is under way without anybody who runs it was interrupted by a crash."""
        stuck = [
            query.id
            for query in self.world.requester.assembly.queries.all()
            if query.state in (queries.QUEUED, queries.RUNNING)
        ]
        assert len(stuck) <= self.done["requester died"], stuck

    # --- asking

    def ask_about_tags(self) -> None:
        """A question about hits or attributes; asked again at once, it costs no evaluation."""
        make = self.about_tags()
        if self.run(make()) and self.chance.random() < 0.3 and "register" in make.__name__:
            query = self.run(make())
            assert query is None or query.evaluated == 0

    def ask_about_one(self) -> None:
        """The counter's question: about a hit, or attributes."""
        person = self.chance.choice(self.world.people["bsn"])
        agreement, wish = self.chance.choice([(HITS, {}), (LADDER, {}), (LADDER, self.case())])
        assembly, epoch = self.world.requester.assembly, self.world.epoch_number(LADDER)
        self.world.seen_at_claim = None
        whole, persons = assembly.intake.about_one(Wish(agreement, **wish), "one", {"bsn": person}, "call")
        try:
            answered = assembly.runner.ask_now(whole.only, persons, lambda: False)
        except LinkageError as error:
            self.tolerate(error, TAGS)
            return
        self.world.observe()
        self.check_hits(agreement, "bsn", {"one": person}, {"one": answered.hits == "1"})
        disclosed = {one.ref: one for one in answered.disclosed}
        if wish:
            self.check_disclosed(whole.only, epoch, {"one": person}, {"one": answered.hits == "1"}, disclosed)

    def count(self) -> None:
        """A question of the catalogue."""
        self._asked_last = self.chance.choice(list(CATALOGUE)), self.chance.choice(["bsn", "household"])
        self.run(self.counting(*self._asked_last)())

    def count_again(self) -> None:
        """The same count: at once, or when its period is over."""
        if self.chance.random() < 0.3:
            ends_at = self._next_boundary(CATALOGUE[self._asked_last[0]].every)
            self.world.now = ends_at + self.chance.choice([-1, 0])
        self.run(self.counting(*self._asked_last)())

    def ask_over_a_line_that_breaks(self) -> None:
        """A question whose line breaks after some messages; asked again, only the rest is new."""
        make = self.anything()
        self.tolerated = BROKEN
        self.world.line.drop_after = self.chance.randrange(60 if make.__name__ == "count" else 16)
        try:
            self.run(make())
        finally:
            self.world.line.drop_after = None

    def ask_and_crash(self) -> None:
        """One of the nodes dies in the middle of a question, and is started again."""
        make = self.anything()
        query = make()
        side = self.chance.choice([self.world.requester, self.world.provider])
        self.tolerated = BROKEN
        side.mortal.moment = self.chance.choice(["before", "in", "after"])
        side.mortal.countdown = self.chance.randrange(9)
        try:
            self.run(query)
        except Crash:
            self.done["requester died"] += 1
        finally:
            died, moment = side.mortal.dead, side.mortal.moment
            side.reopen()
            self.world.requester.connect_to(self.world.line)
        if died:
            who = "asks" if side is self.world.requester else "answers"
            self.done[f"crash {who} {moment}"] += 1

    def ask_while_things_change(self) -> None:
        """In the middle of a question about counts or attributes, something else happens."""
        make = self.anything(hits=False)
        counting = make.__name__ == "count"
        others: list[Callable[[], Any]] = [self.change_theirs, self.keep_house, self._time_flies]
        if counting:
            others += [self.change_own, self._ask_the_same_meanwhile(make)] * 2
        chosen = self.chance.sample(others, self.chance.choice([1, 1, 2]))

        def happens() -> None:
            for one in chosen:
                self.follow()
                one()
                self.done["meanwhile"] += 1

        self.tolerated = CHANGED
        self.world.line.meanwhile = happens
        # a count's order has been decided by its third message
        self.world.line.meanwhile_after = (
            2 + self.chance.randrange(60) if counting else self.chance.randrange(16)
        )
        try:
            self.run(make())
        finally:
            self.world.line.meanwhile_after = None

    def _ask_the_same_meanwhile(self, make: Make) -> Callable[[], Any]:
        return lambda: self.run(make())

    def _time_flies(self) -> None:
        self.world.now += self.chance.choice([60_000, 20 * 60_000, 5 * HOUR_MS])

    def cheat_at_a_count(self) -> None:
        """The requester sends something else back than it got: no answer, and what was reserved stays spent."""
        self.tolerated = CHANGED_LISTS
        own = b""

        def spoilt(number: int, chunk: bytes) -> bytes:
            nonlocal own
            if not number:
                own = chunk
            return chunk if number < 9 else (own * 2)[: len(chunk)]

        self.world.line.spoils = spoilt
        try:
            self._asked_last = "all", self.chance.choice(["bsn", "household"])
            self.run(self.counting(*self._asked_last)())
        finally:
            self.world.line.spoils = lambda _number, chunk: chunk

    def show_old_tokens(self) -> None:
        """Tokens are shown that no question came by now: of the living, the erased, of strangers, of other epochs."""
        world = self.world
        if not world.theirs.known("bsn"):
            return
        known = world.tokens("bsn")
        victim = self.chance.choice(sorted(world.theirs.known("bsn")))
        if self.chance.random() < 0.5:
            for ref, _ in world.theirs.of("bsn", victim):
                self.erase(ref)
        others = [
            *self.chance.sample(sorted(known.values()), 2),
            os.urandom(16),
            *world.old_tokens("bsn")[:1],
        ]
        tokens = {known[victim], *self.chance.sample(others, self.chance.randrange(len(others)))}
        if self.chance.random() < 0.1:
            tokens = set(self.chance.sample(sorted(known.values()), LARGEST + 1))
        packed = b"".join(sorted(tokens))
        epoch = world.current_epoch("bsn")
        order = make_order(
            Ask(
                label=epoch.label,
                agreement_id=LADDER,
                operation=OPERATION_DISCLOSE,
                answer=ANSWER_ATTRIBUTES,
                public_key=epoch.secret.public_key,
                transaction_id=os.urandom(16),
                nonce=os.urandom(16),
                expires_at_ms=world.now + ORDER_LIFETIME_MS,
                register_root=bytes(32),
                element_count=len(tokens),
                tokens_digest=tokens_digest(packed),
                case_reference="zaak 7",
                attributes=NAMES,
            )
        )
        signed = sign(order, world.requester.node.secrets.signing_key)
        responses = list(world.line.disclose(signed, packed, lambda: False))
        too_many = len(tokens) > LARGEST or world.spent_today(LADDER) > BUDGET[LADDER] - len(tokens)
        if not too_many or len(responses) > 1:
            assert world.disclosures.orders[order_hash(signed)].arrived == len(tokens)

    def replay(self) -> None:
        """A call that was answered comes again: it is refused, and nothing is told, charged or recorded."""
        world = self.world
        if not world.line.approved:
            return
        before = world.charged.copy(), len(world.disclosures.rows), world.counts.spent.copy()
        try:
            responses = world.line.play(self.chance.choice(world.line.approved))
        except LinkageError as error:
            self.tolerate(error, {"replayed", "order_expired", "epoch_not_current"})
        else:
            (only,) = responses
            assert [field.name for field, _ in only.ListFields()] == ["receipt"]
        world.catch_up()
        assert before == (world.charged, len(world.disclosures.rows), world.counts.spent)

    def resume(self) -> None:
        """Questions that a crash or a broken line left unfinished are taken up."""
        for query in self.world.requester.assembly.queries.all():
            if query.state in (queries.QUEUED, queries.RUNNING, queries.FAILED):
                self.run(query)

    # --- time, and servers

    def keep_house(self) -> None:
        """What servers do now and then."""
        self.world.requester.assembly.housekeeping()
        self.world.provider.assembly.housekeeping()

    def time_passes(self) -> None:
        """Hours, or days; or to just before or after the end of an epoch, a day, a week, a month, a year."""
        if self.chance.random() < 0.6:
            self.world.now += self.chance.choice(
                [60_000, HOUR_MS, 5 * HOUR_MS, 12 * HOUR_MS, DAY_MS, 4 * DAY_MS]
            )
            return
        ends = [*EPOCH_DAYS, "day", "day", "week", "month", "year"]
        self.world.now = max(
            self.world.now, self._next_boundary(self.chance.choice(ends)) + self.chance.choice([-1, 0, 1])
        )

    def _next_boundary(self, what: str) -> int:
        """The next end of a period of the calendar, or of an epoch of an agreement."""
        now = self.world.now
        midnight = START_MS - 9 * HOUR_MS
        if what in EPOCH_DAYS:
            length = EPOCH_DAYS[what] * DAY_MS
            return now + length - (now - midnight) % length
        moment = datetime.fromtimestamp(now / 1000, UTC)
        if what in ("month", "year"):
            month = 12 if what == "year" else moment.month
            end = datetime(moment.year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
            return int(end.timestamp()) * 1000
        end_of_day = now + DAY_MS - (now - midnight) % DAY_MS
        return end_of_day + (6 - moment.weekday()) * DAY_MS if what == "week" else end_of_day

    def restart(self) -> None:
        """Both nodes stop and start."""
        self.world.requester.reopen()
        self.world.provider.reopen()
        self.world.requester.connect_to(self.world.line)
