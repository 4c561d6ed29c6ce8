"""A real provider of counts in one process, and requesters that say what a test wants them to say.

The provider is B. A and C ask it; messages travel as bytes. What a requester does honestly is `matching/count.py`.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from linkage_node._generated.linkage.v1.order_pb2 import (
    ANSWER_COUNT,
    OPERATION_COUNT,
    CountTable,
    Order,
    Receipt,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import CountRequest, CountResponse
from linkage_node.agreements import Agreement, content_hash
from linkage_node.agreements.terms import CountQuestion, CountTerms
from linkage_node.answering.epsilon import EpsilonLedger, year_of
from linkage_node.answering.noise import Noise
from linkage_node.assembly import Assembly
from linkage_node.errors import LinkageError
from linkage_node.evidence.log import read
from linkage_node.limits import EPSILON_PER_YEAR, MICRO, ORDER_LIFETIME_MS
from linkage_node.matching import blinding, count, merkle
from linkage_node.matching.orders import Ask, make_order
from linkage_node.matching.signing import order_hash, sign
from linkage_node.node import Node
from linkage_node.pseudonyms import pseudonymise
from linkage_node.pseudonyms.epoch_keys import KeyLabel
from linkage_node.register.staging import Staged
from linkage_node.storage.tables import count_answer
from tests.attacks.pair import Clock
from tests.nodes import OIN_A, OIN_B, OIN_C, edit, introduce, make_node
from tests.signed import add_signed

BUCKET = 24  # of the requester
ROOM = 30  # persons in one of the provider's categories
PER_YEAR = 4.0  # epsilon of the register
QUESTIONS = """
  - {id: all, epsilon: 1.0, every: month}
  - {id: sharp, epsilon: 2.0, every: week}
  - {id: district, epsilon: 1.0, every: week, by_provider: {attribute: district, values: [north, south]}}
  - id: both
    epsilon: 1.0
    by_requester: {attribute: debts, values: ["yes", "no"]}
    by_provider: {attribute: district, values: [north, south], other: true}
"""


def agreement_text(
    agreement_id: str = "counts",
    requester: str = OIN_A,
    questions: str = QUESTIONS,
    terms: Mapping[str, int] | None = None,
) -> str:
    """An agreement about counts; `terms` are put in place of the usual ones."""
    numbers = {
        "requester_bucket": BUCKET,
        "provider_bucket": ROOM + 50,
        "smallest_set": 2,
        "smallest_cell": 1,
        **(terms or {}),
    }
    count_section = "".join(f"  {name}: {value}\n" for name, value in numbers.items())
    return f"""
id: {agreement_id}
purpose: Finding out how many clients are shared
purpose_category: intake
legal_basis: {{id: wgs-4a, article: Participatiewet art. 35}}
requester: {{kind: municipality, oin: "{requester}"}}
provider: {{kind: credit_bank, oin: "{OIN_B}"}}
kinds: [bsn]
answers: [count]
valid_from: 2026-01-01
valid_until: 2027-12-31
limits: {{evaluations_per_day: 100000, largest_query: 5000}}
count:
{count_section}  questions: {questions.replace(chr(10), chr(10) + "  ")}
"""


def exactly(exact: list[int], _epsilon: float) -> list[int]:
    """No noise."""
    return exact


class Crafted(NamedTuple):
    """An order that a requester made, and what it keeps for its answer."""

    order: Order
    signed: Signed
    mine: count.Attempt
    seed: bytes
    terms: CountTerms
    question: CountQuestion

    @property
    def first(self) -> CountRequest:
        """The first message of an honest stream."""
        return CountRequest(order=self.signed, chunk_roots=self.mine.chunk_roots)

    @property
    def u(self) -> list[CountRequest]:
        """The messages with U."""
        return in_messages(self.mine.sent)


Returns = Callable[[bytes], Iterable[CountRequest]]  # from the packed S that came


@dataclass
class Heard:
    """What came of one stream."""

    responses: list[CountResponse] = field(default_factory=list)
    sizes: list[tuple[str, int]] = field(default_factory=list)  # of every message, both ways, in bytes
    error: str = ""  # code of the status that ended it

    @property
    def receipts(self) -> list[Receipt]:
        """All that were signed."""
        return [Receipt.FromString(one.receipt.payload) for one in self.responses if one.HasField("receipt")]

    @property
    def refused(self) -> str:
        """The code of a signed refusal, or of the status."""
        return ",".join(code for receipt in self.receipts for code in receipt.reasons) or self.error

    @property
    def s(self) -> bytes:
        """Packed S."""
        return b"".join(response.elements for response in self.responses)

    @property
    def signed_table(self) -> Signed | None:
        """The signed table, if one came."""
        last = self.responses[-1] if self.responses else CountResponse()
        return last.table if last.HasField("table") else None

    @property
    def table(self) -> CountTable:
        """The table that came."""
        assert self.signed_table, self.refused
        return CountTable.FromString(self.signed_table.payload)


class Requester:
    """One organisation that asks; it holds the agreement `agreement` unless told otherwise."""

    def __init__(self, town: "Town", node: Node, agreement: str) -> None:
        self.town, self.node, self.agreement = town, node, agreement
        self.oin = node.config.oin

    def elements(self, names: Iterable[str]) -> bytes:
        """What these names look like in its register."""
        return _pseudonyms(self.node, names, self.town.executor)

    def craft(
        self,
        *groups: Iterable[str],
        question: str = "all",
        agreement: str = "",
        sent: bytes | None = None,
        seed: bytes | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> Crafted:
        """An order about these groups of names, or about `sent`, with fields changed; signed all the same."""
        town, secret = self.town, seed or os.urandom(32)
        agreed = town.agreement(agreement or self.agreement)
        terms, asked = agreed.question(question)
        mine = count.attempt(
            [self.elements(names) for names in groups],
            bucket=terms.requester_bucket,
            seed=secret,
            register_scalar=self.node.secrets.register_scalar,
            executor=town.executor,
        )
        if sent is not None:
            mine = mine._replace(sent=sent, chunk_roots=merkle.chunk_roots(sent))
        order = make_order(self._ask(agreed, question, mine, secret))
        for name, value in (changes or {}).items():
            order.ClearField(name)
            if isinstance(value, list):
                getattr(order, name).extend(value)
            else:
                setattr(order, name, value)
        signed = sign(order, self.node.secrets.signing_key)
        return Crafted(order, signed, mine, secret, terms, asked)

    def _ask(self, agreed: Agreement, question: str, mine: count.Attempt, seed: bytes) -> Ask:
        now = self.town.clock()
        epoch = self.town.b.epochs.current(agreed, "bsn", now)
        return Ask(
            label=KeyLabel(OIN_B, self.oin, content_hash(agreed), agreed.purpose, "bsn", epoch.label.epoch),
            agreement_id=agreed.id,
            operation=OPERATION_COUNT,
            answer=ANSWER_COUNT,
            public_key=epoch.secret.public_key,
            transaction_id=os.urandom(16),
            nonce=os.urandom(16),
            expires_at_ms=now + ORDER_LIFETIME_MS,
            register_root=bytes(32),
            element_count=len(mine.sent) // 32,
            elements_root=merkle.root_of_chunks(mine.chunk_roots),
            blinding_commitment=blinding.commitment(seed),
            question=question,
            base_point=mine.base_point,
        )

    def lift(self, crafted: Crafted, s: bytes) -> bytes:
        """V, honestly."""
        return b"".join(
            count.lift(
                s,
                crafted.mine,
                categories=len(crafted.question.categories),
                bucket=crafted.terms.provider_bucket,
                seed=crafted.seed,
                executor=self.town.executor,
            )
        )

    def put(
        self,
        crafted: Crafted,
        *,
        first: CountRequest | None = None,
        u: Sequence[CountRequest] | None = None,
        v: Returns | None = None,
        hang_up_after: int | None = None,
    ) -> Heard:
        """A stream: the first message, U, and what `v` makes of S (honestly lifted); each may be another.

        `hang_up_after` so many responses the requester is gone.
        """
        heard = Heard()

        def requests() -> Iterator[CountRequest]:
            yield first or crafted.first
            yield from crafted.u if u is None else u
            yield from in_messages(self.lift(crafted, heard.s)) if v is None else v(heard.s)

        def on_the_wire() -> Iterator[CountRequest]:
            for request in requests():
                heard.sizes.append(("request", request.ByteSize()))
                yield CountRequest.FromString(request.SerializeToString())

        call = self.town.b.counting.count(on_the_wire(), self.oin)
        try:
            for response in call:
                heard.sizes.append(("response", response.ByteSize()))
                heard.responses.append(CountResponse.FromString(response.SerializeToString()))
                if len(heard.responses) == hang_up_after:
                    break
        except LinkageError as error:
            heard.error = error.code
        finally:
            call.close()  # type: ignore[attr-defined]
        return heard

    def count(self, *groups: Iterable[str], **how: Any) -> Heard:
        """An honest question from beginning to end."""
        return self.put(self.craft(*groups, **how))


class Town:
    """The provider, with a register of names, and its two requesters."""

    def __init__(self, folder: Path, executor: Executor, clock: Clock, noise: Noise) -> None:
        self.folder, self.executor, self.clock, self.noise = folder, executor, clock, noise
        self.nodes = {name: Node.open(folder / name / "node.yaml") for name in ("a", "b", "c")}
        self.b = Assembly(self.nodes["b"], executor, clock, noise)
        self.a_asks = Requester(self, self.nodes["a"], "counts")
        self.c_asks = Requester(self, self.nodes["c"], "counts-c")

    def close(self) -> None:
        """Close all nodes."""
        self.b.close()
        for node in self.nodes.values():
            node.close()

    def agreement(self, agreement_id: str) -> Agreement:
        """As the provider has it."""
        return self.nodes["b"].agreements.get_by_id(agreement_id)

    def fill(self, people: Mapping[str, str | None] | Iterable[str], prefix: str = "ref") -> None:
        """Add a record for each name, and its district where one is given."""
        districts = people if isinstance(people, Mapping) else dict.fromkeys(people)
        packed = _pseudonyms(self.nodes["b"], districts, self.executor)
        register = self.b.register
        rows = []
        for at, (name, district) in enumerate(districts.items()):
            ref = f"{prefix} {name}"
            sealed = register.seal_attributes(ref, {"district": district} if district else {})
            rows.append(Staged(at, ref, sealed, {"bsn": packed[at * 32 : at * 32 + 32]}))
        register.upsert(rows, self.clock())

    # --- looking

    def spent(self) -> float:
        """Epsilon of this year."""
        node = self.nodes["b"]
        ledger = EpsilonLedger(node.database, node.config.count.epsilon_per_year)
        return ledger.spent(year_of(self.clock())) / MICRO

    def states(self) -> list[str]:
        """Of all answers and reservations."""
        with self.nodes["b"].database.read() as connection:
            return sorted(row.state for row in connection.execute(count_answer.select()))

    def events(self) -> list[dict[str, Any]]:
        """The whole evidence of the provider, checked."""
        self.b.evidence.verify()
        return [read(record) for record in self.b.evidence.records()]

    def last_event(self) -> tuple[str, str]:
        """What the newest record says: event, and reason or detail."""
        last = self.events()[-1]
        return last["event"], ",".join(last.get("reasons", [])) or last["detail"]


def in_messages(elements: bytes) -> list[CountRequest]:
    """Packed elements as they are sent."""
    return [CountRequest(elements=chunk) for chunk in merkle.chunks(elements)]


def names(start: int, stop: int) -> list[str]:
    """Names of persons."""
    return [f"person {number}" for number in range(start, stop)]


def hash_of(crafted: Crafted) -> str:
    """The order's hash as evidence shows it."""
    return order_hash(crafted.signed).hex()


def _pseudonyms(node: Node, people: Iterable[str], executor: Executor) -> bytes:
    secrets = node.secrets
    values = [name.encode() for name in people]
    return pseudonymise("bsn", values, secrets.domain_secret, secrets.register_scalar, executor)


def make_town(folder: Path) -> None:
    """The folders of the provider and its two requesters, which know their agreements."""
    oins = (("a", OIN_A), ("b", OIN_B), ("c", OIN_C))
    configs = [make_node(folder / name, oin) for name, oin in oins]
    introduce(*configs)
    edit(configs[1], f"epsilon_per_year: {EPSILON_PER_YEAR:g}", f"epsilon_per_year: {PER_YEAR}")
    with Node.open(configs[1]) as node:
        add_signed(node, agreement_text())
        add_signed(node, agreement_text("counts-c", OIN_C))


@contextmanager
def opened(template: Path, folder: Path, executor: Executor, noise: Noise = exactly) -> Iterator[Town]:
    """A town of its own for one test."""
    shutil.copytree(template, folder)
    with closing(Town(folder, executor, Clock(), noise)) as made:
        yield made
