"""Two nodes that know each other, what is agreed between them, and what must be so of both."""

import base64
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from linkage_node._generated.linkage.v1.order_pb2 import OPERATION_REPORT_HITS, Order, Signed
from linkage_node._generated.linkage.v1.peer_pb2 import DISCLOSURE_STATUS_LIMIT_REACHED, DisclosedEntry
from linkage_node.agreements import Agreement, content_hash
from linkage_node.answering.disclosures import Disclosures
from linkage_node.answering.epochs import Epoch
from linkage_node.asking.queries import Opened
from linkage_node.clock import DAY_MS, HOUR_MS, day_of
from linkage_node.evidence.log import read
from linkage_node.limits import EPSILON_PER_YEAR, MICRO, TOKEN_BYTES
from linkage_node.matching import hit
from linkage_node.matching.signing import order_hash
from linkage_node.pseudonyms.tags import MARK
from tests.nodes import OIN_A, OIN_B, edit, introduce, make_node
from tests.registers import test_bsns as numbers_for_tests
from tests.signed import add_signed
from tests.simulation.agreed import (
    AGREEMENTS,
    BUCKET,
    CATALOGUE,
    CHANGES,
    CHUNK,
    EPOCH_DAYS,
    EPSILON,
    HITS,
    LADDER,
    PER_TOKEN,
    SETS,
    SMALLEST_CELL,
    SMALLEST_SET,
    START_MS,
    TRAPS,
    Question,
)
from tests.simulation.ledgers import (
    Attempt,
    CountModel,
    DisclosureModel,
    Key,
    Records,
    Shown,
    period,
)
from tests.simulation.line import Line
from tests.simulation.model import RegisterModel, TagSetModel
from tests.simulation.side import Here, Side, table


class World:
    """Both nodes and all models. It watches the line, and knows what must be so."""

    def __init__(self, folder: Path, seed_people: Sequence[int]) -> None:
        self.now = START_MS
        configs = make_node(folder / "asks", OIN_A), make_node(folder / "answers", OIN_B)
        edit(configs[1], f"epsilon_per_year: {EPSILON_PER_YEAR:g}", f"epsilon_per_year: {EPSILON}")
        introduce(*configs)
        self.folder = folder
        self.requester, self.provider = (Side(config, lambda: self.now) for config in configs)
        for side in (self.requester, self.provider):
            for agreement in AGREEMENTS:
                add_signed(side.node, yaml.safe_dump(agreement))
        self.line = Line(lambda: self.provider.assembly, OIN_A, self)
        self.requester.connect_to(self.line)
        numbers = numbers_for_tests()
        self.people = {
            "bsn": [numbers[at] for at in seed_people],
            "household": [f"{1000 + at * 37}XQ {at + 1}" for at in range(len(seed_people) // 2)],
        }
        self.hashes = {one: content_hash(self.agreement(one)) for one in (HITS, LADDER)}
        self.own, self.theirs = RegisterModel(), RegisterModel()
        self.sets = {one: TagSetModel(CHANGES) for one in SETS}
        self.counts = CountModel(round(EPSILON * MICRO))
        self.disclosures = DisclosureModel(PER_TOKEN)
        self.charged: Counter[tuple[str, str]] = Counter()  # by agreement and day
        self.seen_at_claim: dict[str, bool | None] | None = None  # `visible`, when hits were claimed
        self.done: Counter[str] = Counter()
        self._set_seen: dict[tuple[str, str], tuple[int, int]] = {}
        self._read_to = 0
        self._marks: dict[tuple[str, int], dict[str, bytes]] = {}

    def close(self) -> None:
        """Close both nodes."""
        self.requester.node.close()
        self.provider.node.close()

    def agreement(self, agreement_id: str = LADDER) -> Agreement:
        """As the provider has it."""
        return self.provider.node.agreements.get_by_id(agreement_id)

    def epoch_number(self, agreement_id: str, now: int | None = None) -> int:
        """The epoch that runs."""
        return ((self.now if now is None else now) - START_MS + 9 * HOUR_MS) // (
            EPOCH_DAYS[agreement_id] * DAY_MS
        )

    def current_epoch(self, kind: str) -> Epoch:
        """The provider's, under the ladder."""
        return self.provider.assembly.epochs.current(self.agreement(), kind, self.now)

    def tokens(self, kind: str, number: int | None = None) -> dict[str, bytes]:
        """Everybody's claim token under the ladder, in the register or not: of now, or of an epoch looked at then."""
        at = kind, self.epoch_number(LADDER) if number is None else number
        if at not in self._marks:
            epoch = self.current_epoch(kind)
            assert epoch.label.epoch == at[1]
            elements = self.provider.elements(kind, self.people[kind])
            packed = hit.own_marks(epoch.secret, epoch.label, elements, Here())
            ends = range(MARK.itemsize, len(packed) + 1, MARK.itemsize)
            self._marks[at] = {
                one: packed[end - TOKEN_BYTES : end] for one, end in zip(self.people[kind], ends, strict=True)
            }
        return self._marks[at]

    def old_tokens(self, kind: str) -> list[bytes]:
        """Tokens of epochs that are over."""
        now = self.epoch_number(LADDER)
        return [
            token
            for (of, at), known in self._marks.items()
            if of == kind and at < now
            for token in known.values()
        ]

    # --- the models follow

    def change_theirs(self, change: Any) -> None:
        """A change of the provider's model of its register, told to the models of its sets."""
        before = {kind: self.theirs.known(kind) for kind in self.people}
        change()
        for (_, kind), model in self.sets.items():
            model.changed(before[kind], self.theirs.known(kind))

    def observe(self) -> None:
        """See which versions the provider's sets went through, and let the models go through them too."""
        rows = table(self.provider, "SELECT id, version, agreement_hash, kind, epoch FROM tag_set")
        for (agreement_id, kind), model in self.sets.items():
            wanted = self.hashes[agreement_id], kind, self.epoch_number(agreement_id)
            found = [row for row in rows if tuple(row[2:]) == wanted]
            if not found:
                continue
            at = agreement_id, kind
            set_id, version = found[0][:2]
            if at not in self._set_seen or self._set_seen[at][0] != set_id:
                model.built(self.theirs.known(kind))
                self._set_seen[at] = set_id, 1
            for _ in range(version - self._set_seen[at][1]):
                model.delta()
            self._set_seen[at] = set_id, version

    def catch_up(self) -> None:
        """Let the ledgers take in what the provider's evidence says."""
        for record in self.provider.assembly.evidence.records(after=self._read_to):
            self._read_to = record.seq
            content = read(record)
            event = content["event"]
            if event == "approved":
                self._approved(content)
                continue
            at = int(datetime.fromisoformat(content["at"]).timestamp() * 1000)
            if event == "refused":
                refused = order_hash(_signed(content["order"]))
                if refused in self.counts.attempts and content["reasons"]:
                    self.counts.refused(refused, content["reasons"][0])
                continue
            order = bytes.fromhex(content.get("order_hash", ""))
            if event == "disclosed":
                shown = self.disclosures.disclosed(order, self._behind, content["at"][:10])
                assert content["disclosed"] == len(shown.rows)
                digest = Disclosures(self.provider.node.database, self.provider.node.sealer).digest(order)
                assert content["disclosures_digest"] == digest.hex()
            elif order in self.counts.attempts and event == "completed":
                self.counts.completed(order, content["detail"], at)
            elif order in self.counts.attempts and event == "aborted":
                self.counts.aborted(order, content["detail"], at)

    def _approved(self, content: dict[str, Any]) -> None:
        self.charged[content["agreement"], content["at"][:10]] += content["charged"]
        order = order_hash(_signed(content["order"]))
        if content["operation"] == "count":
            self.counts.approved(order, content["charged"])
        elif order in self.disclosures.orders:
            self.disclosures.approved(order, self._behind)

    def _behind(self, shown: Shown, token: bytes) -> tuple[str, Records]:
        """Whose token this is, and his records: none of somebody whose token is dead."""
        for value, known in self.tokens(shown.kind).items():
            if known == token and self.sets[LADDER, shown.kind].lives(value):
                return value, [(ref, entry.attributes) for ref, entry in self.theirs.of(shown.kind, value)]
        return "", []

    # --- watching the line

    def asks_for_count(self, order: Signed) -> None:
        """What its answer must be, as both registers are now."""
        content = Order.FromString(order.payload)
        question = CATALOGUE[content.question]
        rows, columns = question.cells
        categories = self.categories(content.kind, question)
        cells = [
            len(group & category) for group in self.groups(content.kind, question) for category in categories
        ]
        self.counts.attempts[order_hash(order)] = Attempt(
            key=Key(question.id, content.kind, period(question.every, self.now)),
            transaction_id=content.transaction_id,
            at=self.now,
            micro=round(question.epsilon * MICRO),
            cells=[cell if cell >= SMALLEST_CELL else -1 for cell in cells],
            misfit=misfit(categories),
            to_come=-(-rows * BUCKET // CHUNK) - (-columns * (BUCKET + TRAPS) // CHUNK),
        )

    def groups(self, kind: str, question: Question) -> list[set[str]]:
        """The requester's persons by category."""
        return self.own.by_category(kind, "debts", question.debts, other=question.other)

    def categories(self, kind: str, question: Question) -> list[set[str]]:
        """The provider's."""
        return self.theirs.by_category(kind, "district", question.districts, other=question.other)

    def takes_elements(self, order: Signed) -> None:
        """The provider gets one more."""
        self.counts.attempts[order_hash(order)].to_come -= 1

    def gives_elements(self, order: Signed) -> None:
        """Not before epsilon was reserved, durably, for this very order."""
        rows = table(self.provider, "SELECT order_hash, state FROM count_answer")
        assert (order_hash(order), "reserved") in [tuple(row) for row in rows] or not self._is_newest(order)

    def _is_newest(self, order: Signed) -> bool:
        mine = self.counts.attempts[order_hash(order)]
        return [at for at in self.counts.attempts.values() if at.key == mine.key][-1] is mine

    def shows_tokens(self, order: Signed, tokens: bytes) -> None:
        """Note the order; what comes of it is known when it is decided."""
        if self.seen_at_claim is None:
            self.observe()
            content = Order.FromString(order.payload)
            self.seen_at_claim = self.sets[LADDER, content.kind].seen()
        content = Order.FromString(order.payload)
        reports = content.operation == OPERATION_REPORT_HITS
        self.disclosures.orders[order_hash(order)] = Shown(
            answer="hit" if reports else "attributes",
            kind=content.kind,
            epoch=content.epoch,
            transaction_id=content.transaction_id,
            case_reference=content.case_reference,
            names=list(content.attributes),
            tokens=[tokens[at : at + TOKEN_BYTES] for at in range(0, len(tokens), TOKEN_BYTES)],
        )

    def answers_tokens(self) -> None:
        """The moment of the truth: nothing changes between deciding and answering."""
        self.observe()
        self.catch_up()

    def gives_entries(self, order: Signed, entries: list[DisclosedEntry]) -> None:
        """Attributes arrive: on record before, and what the model says."""
        if not entries:
            return
        shown = self.disclosures.orders[order_hash(order)]
        rows = table(self.provider, "SELECT order_hash FROM disclosure")
        assert sum(row.order_hash == order_hash(order) for row in rows) == len(shown.rows)
        self.disclosures.arrives(order_hash(order), [_opened(entry) for entry in entries])

    def spent_today(self, agreement_id: str) -> int:
        """Of the budget."""
        return self.charged[agreement_id, day_of(self.now)]


def _signed(plain: dict[str, str]) -> Signed:
    return Signed(**{name: base64.b64decode(value) for name, value in plain.items()})


def misfit(categories: list[set[str]]) -> str:
    """The code with which a side refuses to count these people; none if it does not."""
    if any(len(category) > BUCKET for category in categories):
        return "category_full"
    return "set_too_small" if sum(map(len, categories)) < SMALLEST_SET else ""


def _opened(entry: DisclosedEntry) -> Opened:
    if entry.records:
        return Opened(
            tuple({one.name: one.value for one in record.attributes} for record in entry.records), ""
        )
    limit = entry.status == DISCLOSURE_STATUS_LIMIT_REACHED
    return Opened((), "disclosure_limit" if limit else "not_disclosed")
