"""What the provider's books must say: of epsilon and counts, and of claim tokens and what they opened."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from linkage_node.answering.disclosures import Told
from linkage_node.asking.queries import Opened
from linkage_node.limits import MICRO
from tests.simulation.agreed import Question

SIZES = {"set_too_small", "category_full"}
CHANGED_LISTS = {"trap_missing", "element_duplicate", "elements_mismatch", "element_invalid"}
CHECKING_MS = 10 * 60 * 1000  # after which a list that is being checked never will be


class Key(NamedTuple):
    """What an answer belongs to; there is one requester."""

    question: str
    kind: str
    period: str


@dataclass
class Attempt:
    """One order for a count, as it was put."""

    key: Key
    transaction_id: bytes
    at: int
    micro: int
    cells: list[int]  # that an answer to it would have
    to_come: int  # messages with elements that the provider has not got yet
    misfit: str  # the code with which the provider's register refuses it, if it is looked at

    @property
    def returned(self) -> bool:
        """Whether V came in whole."""
        return self.to_come == 0


class State(NamedTuple):
    """How far an answer is: reserved, checking, answered, lost or refused; by which order, and since when."""

    name: str
    order_hash: bytes
    at: int
    reason: str | None = None  # if refused

    def stands(self, now: int) -> bool:
        """Whether it is more than a list that was being checked when the node died."""
        return self.name != "checking" or now < self.at + CHECKING_MS


class CountModel:
    """Epsilon, and answers. What happened to an order is told by the provider's evidence."""

    def __init__(self, limit: int) -> None:
        self.limit = limit  # millionths in a calendar year
        self.attempts: dict[bytes, Attempt] = {}
        self.states: dict[Key, State] = {}
        self.spent: Counter[int] = Counter()  # by year
        self.paid: Counter[str] = Counter()  # times, by question
        self.answers: Counter[str] = Counter()  # by question

    def refusal(self, key: Key, micro: int, now: int) -> str:
        """The code with which the ledger refuses a new attempt; none if it does not."""
        state = self.states.get(key)
        if state and state.stands(now):
            refused = {"checking": "count_under_way", "lost": "count_lost", "refused": state.reason or ""}
            return refused.get(state.name, "")
        return "epsilon_exhausted" if self.spent[year_of(now)] + micro > self.limit else ""

    def key(self, question: Question, kind: str, now: int) -> tuple[Key, int]:
        """What an answer of now would belong to, and its price."""
        return Key(question.id, kind, period(question.every, now)), round(question.epsilon * MICRO)

    def given(self, key: Key) -> bool:
        """Whether there is an answer already."""
        state = self.states.get(key)
        return state is not None and state.name == "answered"

    def approved(self, order_hash: bytes, charged: int) -> None:
        """An order was admitted: it was answered before, took a reservation over, or made one and paid."""
        attempt = self.attempts[order_hash]
        assert not self.refusal(attempt.key, attempt.micro, attempt.at)
        assert not attempt.misfit or self.given(attempt.key)
        assert bool(charged) != self.given(attempt.key)
        if self.given(attempt.key):
            return
        state = self.states.get(attempt.key)
        if state is None or state.name == "checking":
            self.spent[year_of(attempt.at)] += attempt.micro
            self.paid[attempt.key.question] += 1
        self.states[attempt.key] = State("reserved", order_hash, attempt.at)

    def completed(self, order_hash: bytes, detail: str, at: int) -> None:
        """A table was told, and it is this order's if it was not `given_before`."""
        key = self.attempts[order_hash].key
        if detail == "given_before":
            assert self.given(key)
        else:
            assert self.attempts[order_hash].returned
            assert self.states[key].order_hash == order_hash
            assert not self.given(key)
            self.states[key] = State("answered", order_hash, at)
            self.answers[key.question] += 1

    def aborted(self, order_hash: bytes, detail: str, at: int) -> None:
        """An attempt broke off. Without V, the reservation is the next attempt's; a V that was changed is the last."""
        attempt = self.attempts[order_hash]
        mine = self.states.get(attempt.key)
        if attempt.returned and mine and (mine.name, mine.order_hash) == ("reserved", order_hash):
            assert detail in CHANGED_LISTS, detail
            self.states[attempt.key] = State("lost", order_hash, at)

    def refused(self, order_hash: bytes, reason: str) -> None:
        """A register that does not fit the question is not looked at again; who had a reservation loses it."""
        attempt = self.attempts[order_hash]
        state = self.states.get(attempt.key)
        if reason in SIZES and (not state or state.name == "reserved" or not state.stands(attempt.at)):
            assert reason == attempt.misfit
            self.states[attempt.key] = State("refused", order_hash, attempt.at, reason)

    def agrees(self, found: dict[Key, State]) -> None:
        """The provider's table of answers is the model's.

        Of a node that died some things are not in the evidence: that it began to check a list, or noted a refusal.
        """
        for key, state in found.items():
            mine, attempt = self.states.get(key), self.attempts[state.order_hash]
            if state.name == "checking" and mine and mine.name == "reserved":
                assert attempt.returned
                self.states[key] = mine._replace(name="checking", at=state.at)
            if state.name == "refused" and state != mine:
                self.refused(state.order_hash, attempt.misfit)
        assert found == self.states


class Row(NamedTuple):
    """What must be on record of one person."""

    answer: str
    kind: str
    transaction_id: bytes
    records: tuple[Told, ...]
    case_reference: str


@dataclass
class Shown:
    """One order with claim tokens, and what must come of it."""

    answer: str  # hit: a report | attributes
    kind: str
    epoch: int
    transaction_id: bytes
    case_reference: str
    names: list[str]
    tokens: list[bytes]
    opened: list[Opened] = field(default_factory=list)  # of each token, once it was approved
    rows: list[Row] = field(default_factory=list)
    arrived: int = 0  # entries

    def row(self, records: list[Told]) -> Row:
        """What must be on record of one person."""
        return Row(self.answer, self.kind, self.transaction_id, tuple(records), self.case_reference)


Records = list[tuple[str, dict[str, str]]]  # reference and attributes
Holder = Callable[[Shown, bytes], tuple[str, Records]]  # whose a token is that lives; none has no records


class DisclosureModel:
    """How often tokens were shown, and all that was told."""

    def __init__(self, per_token: int) -> None:
        self.per_token = per_token
        self.orders: dict[bytes, Shown] = {}
        self.uses: Counter[tuple[int, bytes]] = Counter()  # by epoch and token
        self.rows: list[Row] = []
        self.reached: dict[tuple[bytes, bytes], Opened] = {}  # by transaction and token: what came last
        self._reported: set[tuple[str, str, str]] = set()  # day, kind and person: noted once

    def approved(self, order_hash: bytes, holder: Holder) -> None:
        """An order for attributes was admitted: each token counts as shown, and opens what is in the register now."""
        shown = self.orders[order_hash]
        if shown.answer == "hit":
            return
        for token in shown.tokens:
            within = self.uses[shown.epoch, token] < self.per_token
            self.uses[shown.epoch, token] += within
            records = holder(shown, token)[1] if within else []
            told = [
                {name: attributes[name] for name in sorted(shown.names) if name in attributes}
                for _, attributes in records
            ]
            withheld = "" if records else "not_disclosed" if within else "disclosure_limit"
            shown.opened.append(Opened(tuple(told), withheld))
            if records:
                of_each = zip(records, told, strict=True)
                shown.rows.append(shown.row([Told(ref, tuple(names)) for (ref, _), names in of_each]))

    def disclosed(self, order_hash: bytes, holder: Holder, day: str) -> Shown:
        """It is on record; of hits, those that are in the register now, once a day."""
        shown = self.orders[order_hash]
        for token in shown.tokens if shown.answer == "hit" else ():
            person, records = holder(shown, token)
            if records and (day, shown.kind, person) not in self._reported:
                self._reported.add((day, shown.kind, person))
                shown.rows.append(shown.row([Told(ref, ()) for ref, _ in records]))
        self.rows += shown.rows
        return shown

    def arrives(self, order_hash: bytes, opened: list[Opened]) -> None:
        """Entries reached the requester: those that the model says, in the order of the tokens."""
        shown = self.orders[order_hash]
        part = slice(shown.arrived, shown.arrived + len(opened))
        assert opened == shown.opened[part]
        for token, one in zip(shown.tokens[part], opened, strict=True):
            self.reached[shown.transaction_id, token] = one
        shown.arrived += len(opened)


def year_of(now: int) -> int:
    """The calendar year, UTC."""
    return datetime.fromtimestamp(now / 1000, UTC).year


def period(every: str, now: int) -> str:
    """The day, ISO week or month of a moment, UTC."""
    moment = datetime.fromtimestamp(now / 1000, UTC)
    return moment.strftime({"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}[every])
