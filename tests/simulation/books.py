"""What must be so of two nodes at any time, whatever happened."""

import re
from collections import Counter
from typing import Any

from linkage_node.answering.disclosures import Disclosures
from linkage_node.matching.disclosure import token_hashes
from tests.simulation.agreed import (
    BUDGET,
    CATALOGUE,
    LADDER,
    PER_TOKEN,
    SECRET_VALUE,
    SMALLEST_CELL,
    SMALLEST_SET,
)
from tests.simulation.ledgers import (
    Key,
    Row,
    State,
)
from tests.simulation.side import table
from tests.simulation.world import World

_NUMBER, _ADDRESS = re.compile(rb"9999[0-9]{5}(?![0-9a-f])"), re.compile(rb"XQ[| ]")


class Books:
    """Looks into both nodes' databases."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._spent_rows: list[Any] = []  # of epsilon, as they were

    def check(self) -> None:
        """Both chains of evidence hold, the provider's books are the model's, and nothing raw is stored."""
        for side in (self.world.requester, self.world.provider):
            side.assembly.evidence.verify()
            assert table(side, "PRAGMA foreign_key_check") == []
        self._check_epsilon()
        self._check_disclosures()
        self._check_budget()
        self._check_nothing_raw()

    def _check_epsilon(self) -> None:
        rows = table(
            self.world.provider, "SELECT id, year, micro, question, order_hash FROM epsilon_spent ORDER BY id"
        )
        assert rows[: len(self._spent_rows)] == self._spent_rows, "epsilon was given back"
        self._spent_rows = rows
        spent: Counter[int] = Counter()
        paid = Counter(row.question for row in rows)
        for row in rows:
            spent[row.year] += row.micro
        assert spent == self.world.counts.spent
        assert paid == self.world.counts.paid
        assert max(spent.values(), default=0) <= self.world.counts.limit
        assert all(paid[question] >= fresh for question, fresh in self.world.counts.answers.items())
        agreement = self.world.agreement()
        names = {
            agreement.question(question)[1].digest(kind, SMALLEST_CELL, SMALLEST_SET): (question, kind)
            for question in CATALOGUE
            for kind in self.world.people
        }
        found = table(
            self.world.provider,
            "SELECT question_digest, period, state, order_hash, at, reason FROM count_answer",
        )
        self.world.counts.agrees(
            {
                Key(*names[row[0]], row.period): State(row.state, row.order_hash, row.at, row.reason)
                for row in found
            }
        )

    def _check_disclosures(self) -> None:
        (stored,) = table(self.world.provider, "SELECT count(*) FROM disclosure")[0]
        assert stored == len(self.world.disclosures.rows)
        if stored > self.world.done["rows checked"]:
            kept = Disclosures(self.world.provider.node.database, self.world.provider.node.sealer).all()
            rows = [
                Row(one.answer, one.kind, one.transaction_id, one.records, one.case_reference) for one in kept
            ]
            assert rows == self.world.disclosures.rows
            self.world.done["rows checked"] = stored
        now = self.world.epoch_number(LADDER)
        used = {
            row.token_hash: row.used
            for row in table(self.world.provider, "SELECT token_hash, used, epoch FROM token_use")
            if row.epoch == now
        }
        uses = {
            token_hashes(token): used
            for (epoch, token), used in self.world.disclosures.uses.items()
            if epoch == now and used
        }
        assert used == uses
        assert max(used.values(), default=0) <= PER_TOKEN

    def _check_budget(self) -> None:
        names = {hashed: one for one, hashed in self.world.hashes.items()}
        rows = table(self.world.provider, "SELECT agreement_hash, day, used FROM budget")
        assert {(names[row[0]], row.day): row.used for row in rows if row.used} == {
            at: used for at, used in self.world.charged.items() if used
        }
        assert all(used <= BUDGET[agreement] for (agreement, _), used in self.world.charged.items())

    def _check_nothing_raw(self) -> None:
        numbers = {one.encode() for one in self.world.people["bsn"]}
        for file in self.world.folder.glob("*/node.db*"):
            stored = file.read_bytes()
            for found in _NUMBER.finditer(stored):  # digits amid a digest's are no number
                assert found[0] not in numbers or stored[found.start() - 1 : found.start()].isalnum(), (
                    file.name
                )
            for found in _ADDRESS.finditer(stored):
                assert not stored[found.start() - 4 : found.start()].isdigit(), file.name
            assert SECRET_VALUE.encode() not in stored, file.name
