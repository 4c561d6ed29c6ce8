"""Questions of the requester, each with what must come of it by the models."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from linkage_node._generated.linkage.v1.order_pb2 import (
    CountTable,
)
from linkage_node.asking.intake import Wish
from linkage_node.asking.queries import Disclosed, Opened, Query
from linkage_node.errors import LinkageError
from linkage_node.register.rows import SourceRow
from tests.simulation.agreed import (
    BUCKET,
    BUDGET,
    CATALOGUE,
    LADDER,
    LARGEST,
    NAMES,
    SETS,
)
from tests.simulation.registers import Registers
from tests.simulation.side import identifier
from tests.simulation.world import misfit

TAGS = {"budget_exhausted", "register_empty"}  # what a question about tags may meet
Make = Callable[[], Query]


class Questions(Registers):
    """Makes questions that the seed chooses, runs them and checks them."""

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__(folder, seed)
        self.tolerated: set[str] = set()  # of this step: what may go wrong on top of what the models say

    # --- making

    def anything(self, *, hits: bool = True) -> Make:
        if self.chance.random() < 0.5:
            return self.counting(
                self.chance.choice(list(CATALOGUE)), self.chance.choice(["bsn", "household"])
            )
        return self.about_tags(hits=hits)

    def about_tags(self, *, hits: bool = True) -> Make:
        agreement, kind = self.chance.choice(SETS) if hits else (LADDER, "bsn")
        wants = (agreement, kind) == (LADDER, "bsn") and (not hits or self.chance.random() < 0.7)
        wish = Wish(agreement, kind=kind, **(self.case() if wants else {}))
        if self.chance.random() < 0.5:
            return self._about_register(wish)
        return self._about_persons(wish, kind)

    def case(self) -> dict[str, Any]:
        names = tuple(self.chance.sample(NAMES, self.chance.randrange(len(NAMES) + 1)))
        return {
            "answer": "attributes",
            "case_reference": f"zaak {self.chance.randrange(5)}",
            "attributes": names,
        }

    def _about_register(self, wish: Wish) -> Make:
        def register() -> Query:
            return self.world.requester.assembly.intake.about_register(wish, "cli").only

        return register

    def counting(self, question: str, kind: str) -> Make:
        def count() -> Query:
            wish = Wish(LADDER, kind=kind, answer="count", question=question)
            return self.world.requester.assembly.intake.about_register(wish, "cli").only

        return count

    def _about_persons(self, wish: Wish, kind: str) -> Make:
        people = self.world.people[kind]
        asked = self.chance.choices(people, k=self.chance.randrange(1, 14))

        def persons() -> Query:
            # A reference that shows the BSN is refused, so the people get numbers of their own.
            rows = [
                SourceRow(at, f"{at}-{people.index(one)}", {kind: identifier(kind, one)}, {})
                for at, one in enumerate(asked)
            ]
            return self.world.requester.assembly.intake.about_persons(wish, rows, "cli")[0].only

        return persons

    # --- asking, and what must come of it

    def run(self, query: Query) -> Query | None:
        """Run a query; if it is done, its results are the models'. None if it was refused or broke off."""
        world, assembly = self.world, self.world.requester.assembly
        if query.answer == "count":
            return self._run_count(query)
        world.seen_at_claim = None
        epoch = world.epoch_number(LADDER)
        try:
            done = assembly.runner.run(query.id, lambda _query: None, lambda: False)
        except LinkageError as error:
            too_many = {"query_too_large"} if query.answer == "attributes" else set()
            self.tolerate(error, TAGS | too_many)
            if error.code in too_many:
                world.observe()
                visible = map(world.sets[LADDER, query.kind].visible, world.people[query.kind])
                assert sum(one is not False for one in visible) > LARGEST
            return None
        world.observe()
        results: dict[str, bool] = {}
        for refs, hits in assembly.queries.results(done.id, world.now):
            results |= {ref: one == "1" for ref, one in zip(refs, hits, strict=True)}
        if query.source == "register":
            records = world.own.records.items()
            about = {ref: value for ref, entry in records if (value := entry.value(query.kind))}
        else:
            about = {ref: world.people[query.kind][int(ref.split("-")[1])] for ref in results}
        self.check_hits(query.agreement_id, query.kind, about, results)
        assert (done.records, done.hits) == (len(results), sum(results.values()))
        disclosed = assembly.queries.attributes_of(done.id, world.now)
        if query.answer == "attributes":
            self.check_disclosed(done, epoch, about, results, disclosed)
        else:
            assert not disclosed
        self.world.done[f"answered {query.answer} {query.source}"] += 1
        return done

    def check_hits(self, agreement: str, kind: str, people: dict[str, str], results: dict[str, bool]) -> None:
        assert results.keys() == people.keys()
        model, at_claim = self.world.sets[agreement, kind], self.world.seen_at_claim
        for ref, person in people.items():
            expected = model.visible(person) if at_claim is None else at_claim.get(person, False)
            assert expected is None or results[ref] == expected, (ref, expected)

    def check_disclosed(
        self,
        query: Query,
        epoch: int,
        people: dict[str, str],
        results: dict[str, bool],
        disclosed: dict[str, Disclosed],
    ) -> None:
        """What is kept of each hit is what came over the line for his token, in this query, last."""
        assert disclosed.keys() == {ref for ref, one in results.items() if one}
        tokens = self.world.tokens("bsn", epoch) if disclosed else {}
        for ref, one in disclosed.items():
            at = query.transaction_id, tokens[people[ref]]
            # who became a hit after the one order was answered is not asked about any more
            reached = self.world.disclosures.reached.get(at, Opened((), "not_disclosed"))
            assert (list(one.records), one.withheld) == (list(reached.records), reached.withheld)
            self.world.done["withheld" if one.withheld else "disclosed"] += 1

    def _run_count(self, query: Query) -> Query | None:
        world, assembly = self.world, self.world.requester.assembly
        expected = self._count_refusal(query)
        try:
            done = assembly.runner.run(query.id, lambda _query: None, lambda: False)
        except LinkageError as error:
            self.tolerate(error, {expected})
            return None
        assert not expected
        world.catch_up()
        table = CountTable.FromString(assembly.queries.table(done.id, world.now).payload)
        attempts = world.counts.attempts
        mine = [one for one in attempts.values() if one.transaction_id == query.transaction_id][-1]
        told = attempts[table.order_hash]
        assert list(table.cells) == told.cells
        assert told.key == mine.key
        assert table.period == mine.key.period
        assert world.counts.states[mine.key].order_hash == table.order_hash
        self.world.done["counted" if told is mine else "counted before"] += 1
        return done

    def _count_refusal(self, query: Query) -> str:
        """The code with which this count is refused on a good line; none if it is answered."""
        world, question = self.world, CATALOGUE[query.question]
        if refusal := misfit(world.groups(query.kind, question)):
            return refusal
        if world.spent_today(LADDER) + question.cells[0] * BUCKET > BUDGET[LADDER]:
            return "budget_exhausted"
        key, micro = world.counts.key(question, query.kind, world.now)
        if world.counts.given(key) or (refusal := world.counts.refusal(key, micro, world.now)):
            return refusal
        return misfit(world.categories(query.kind, question))

    def tolerate(self, error: LinkageError, codes: set[str]) -> None:
        if error.code not in codes | self.tolerated:
            raise error
        self.world.done[error.code] += 1
