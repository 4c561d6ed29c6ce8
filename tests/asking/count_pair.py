"""Two nodes in one process that count, and the truth about them. Numbers come without noise."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from google.protobuf.message import Message

from linkage_node._generated.linkage.v1.order_pb2 import CountTable, Receipt, Signed
from linkage_node._generated.linkage.v1.peer_pb2 import CountResponse
from linkage_node.asking.intake import Wish
from linkage_node.asking.queries import Query
from linkage_node.asking.tables import ReleasedTable, table_of
from linkage_node.assembly import Assembly
from linkage_node.matching.signing import sign
from linkage_node.register.staging import Staged
from tests.attacks.pair import Pair, opened
from tests.nodes import OIN_A, OIN_B

GROUPS, CATEGORIES = ("noord", "zuid", "other"), ("rent", "energy")
LARGEST, SMALLEST = 60, 4  # a released cell lies between them
SMALLEST_SET = 5
AGREEMENT = f"""
id: counted
purpose: Steering information
purpose_category: intake
legal_basis: {{id: wgs-4a, article: Participatiewet art. 8}}
requester: {{kind: municipality, oin: "{OIN_A}"}}
provider: {{kind: credit_bank, oin: "{OIN_B}"}}
kinds: [bsn]
answers: [count]
valid_from: 2026-01-01
valid_until: 2026-12-31
limits: {{evaluations_per_day: 6000, largest_query: 5000, result_retention_days: 30}}
count:
  requester_bucket: {LARGEST}
  provider_bucket: 120
  smallest_set: {SMALLEST_SET}
  smallest_cell: {SMALLEST}
  questions:
    - {{id: shared, epsilon: 0.5}}
    - {{id: again, epsilon: 0.5, every: day}}
    - id: table
      epsilon: 0.25
      by_requester: {{attribute: district, values: [noord, zuid], other: true}}
      by_provider: {{attribute: debt, values: [rent, energy]}}
"""
DISTRICTS = {
    **{f"person {number}": "noord" for number in range(20)},
    **{f"person {number}": "zuid" for number in range(20, 33)},
    **{f"person {number}": "elders" for number in range(33, 43)},
}
DEBTS = {
    **{f"person {number}": "rent" for number in range(5, 25)},
    **{f"person {number}": "energy" for number in range(25, 47)},
    **{f"person {number}": "none that is asked about" for number in range(47, 60)},
}
Tamper = Callable[[Message], Message | None]


def truth() -> dict[tuple[str, str], int]:
    """How many persons both organisations have, by group and category."""
    both = DISTRICTS.keys() & DEBTS.keys()
    named = {**dict.fromkeys(DISTRICTS.values(), "other"), "noord": "noord", "zuid": "zuid"}
    return Counter((named[DISTRICTS[name]], DEBTS[name]) for name in both)


def released(number: int) -> int | None:
    """A true number as it is told without noise."""
    return number if number >= SMALLEST else None


def fill(pair: Pair, assembly: Assembly, attribute: str, values: dict[str, str]) -> None:
    """Add records whose references are their names, with one attribute."""
    packed = pair.pseudonyms(assembly, list(values))
    rows = [
        Staged(
            at,
            name,
            assembly.register.seal_attributes(name, {attribute: value}),
            {"bsn": packed[at * 32 : at * 32 + 32]},
        )
        for at, (name, value) in enumerate(values.items())
    ]
    assembly.register.upsert(rows, pair.clock())


def start(pair: Pair, question: str = "table") -> Query:
    """A count, not run yet."""
    return pair.a.intake.about_register(Wish("counted", answer="count", question=question), "cli").only


def counted(pair: Pair, question: str = "table") -> ReleasedTable:
    """A count, done, and its table."""
    done = pair.run(start(pair, question))
    return table_of(pair.a.queries, done, pair.clock())


def cells(table: ReleasedTable) -> dict[tuple[str, str], int | None]:
    """The released cells by group and category."""
    return {
        (group, category): cell
        for group, row in zip(table.groups, table.cells, strict=True)
        for category, cell in zip(table.categories, row, strict=True)
    }


def at(number: int, change: Callable[[CountResponse], CountResponse | None]) -> Tamper:
    """Changes the provider's response number `number` of its next count, from 0; -1 is the last, with the table."""
    seen = -1

    def tamper(message: Message) -> Message | None:
        nonlocal seen
        if not isinstance(message, CountResponse):
            return message
        seen += 1
        last = message.HasField("table")
        return change(message) if (last if number < 0 else seen == number) else message

    return tamper


def with_table(
    pair: Pair, change: Callable[[CountTable], object]
) -> Callable[[CountResponse], CountResponse]:
    """Another table, which the provider signed as it signs its own, with the receipt that goes with it."""

    def changed(response: CountResponse) -> CountResponse:
        table = CountTable.FromString(response.table.payload)
        change(table)
        return signed_again(pair, response, pair.resign(table))

    return changed


def signed_again(pair: Pair, response: CountResponse, table: Signed) -> CountResponse:
    """The response with another signed table, and a receipt for it."""
    receipt = Receipt.FromString(response.receipt.payload)
    receipt.results_root = sha256(table.payload).digest()
    return CountResponse(receipt=pair.resign(receipt), table=table)


def with_receipt(pair: Pair, **changes: object) -> Callable[[CountResponse], CountResponse]:
    """Another receipt, signed by the provider."""

    def changed(response: CountResponse) -> CountResponse:
        receipt = Receipt.FromString(response.receipt.payload)
        for field, value in changes.items():
            setattr(receipt, field, value)
        response.receipt.CopyFrom(pair.resign(receipt))
        return response

    return changed


def signed_by_requester(pair: Pair, response: CountResponse) -> CountResponse:
    """A table with a signature of somebody else than the provider."""
    table = CountTable.FromString(response.table.payload)
    response.table.CopyFrom(sign(table, pair.nodes["a"].secrets.signing_key))
    return response


@contextmanager
def counting(template: Path, folder: Path, executor: Executor) -> Iterator[Pair]:
    """A pair of its own for one test, from the folders of a pair that is filled."""
    with opened(template, folder, executor) as pair:
        pair.b.noise = lambda exact, _epsilon: exact
        yield pair
