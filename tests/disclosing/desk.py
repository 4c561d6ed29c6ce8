"""Two requesters and a provider of attributes in one process; messages travel as bytes that a test can look at."""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

from sqlalchemy import func, select

from linkage_node._generated.linkage.v1.order_pb2 import (
    ANSWER_ATTRIBUTES,
    DECISION_ALLOW,
    OPERATION_DISCLOSE,
    Order,
    Receipt,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import DisclosedEntry, DiscloseRequest, DiscloseResponse
from linkage_node.agreements import Agreement, content_hash
from linkage_node.answering.disclosures import Disclosure, Disclosures
from linkage_node.answering.epochs import Epoch
from linkage_node.asking.intake import Wish
from linkage_node.asking.queries import Disclosed, Query
from linkage_node.assembly import Assembly, Channels
from linkage_node.errors import LinkageError
from linkage_node.evidence.log import read
from linkage_node.limits import ORDER_LIFETIME_MS
from linkage_node.matching import hit
from linkage_node.matching.disclosure import tokens_digest
from linkage_node.matching.orders import Ask, make_order
from linkage_node.matching.signing import sign
from linkage_node.node import Node
from linkage_node.pseudonyms import pseudonymise
from linkage_node.pseudonyms.tags import MARK
from linkage_node.register.staging import Staged
from linkage_node.storage import tables
from tests.attacks.pair import Clock, Wire
from tests.nodes import OIN_A, OIN_B, OIN_C, introduce, make_node
from tests.signed import add_signed

LARGEST, PER_TOKEN = 8, 2
CASE = "zaak 2026-118"
NAMES = ("debts", "desk", "phone")


def agreement_text(
    agreement_id: str, requester: str = OIN_A, answers: str = "[hit, attributes]", rest: str = ""
) -> str:
    """An agreement with B."""
    section = (
        f"attributes: {{names: [desk, phone, debts], largest: {LARGEST}, per_token: {PER_TOKEN}}}\n"
        if "attributes" in answers
        else ""
    )
    return f"""
id: {agreement_id}
purpose: Whom to call
purpose_category: intake
legal_basis: {{id: wgs-4a, article: Wgs art. 8}}
requester: {{kind: municipality, oin: "{requester}"}}
provider: {{kind: credit_bank, oin: "{OIN_B}"}}
kinds: [bsn, household]
answers: {answers}
valid_from: 2026-01-01
valid_until: 2026-12-31
epoch_days: 7
tag_set: {{bucket: 32, changes: 2, every_hours: 24}}
limits: {{evaluations_per_day: 1000, largest_query: 100}}
{section}{rest}"""


AGREEMENTS = [
    agreement_text("whom"),
    agreement_text("whom-else").replace("Whom to call", "Something else"),
    agreement_text("whom-c", OIN_C),
    agreement_text("both", rest="receipts: true\n"),
    agreement_text("reported", answers="[hit]", rest="receipts: true\n"),
    agreement_text("plain", answers="[hit]"),
]


class Heard(NamedTuple):
    """What a provider said to an order for attributes."""

    reasons: list[str]  # of a refusal
    entries: list[DisclosedEntry]
    responses: list[DiscloseResponse]


class Desk:
    """A and C ask, B answers."""

    def __init__(self, folder: Path, executor: Executor) -> None:
        self.folder, self.executor, self.clock = folder, executor, Clock()
        self.nodes = {name: Node.open(folder / name / "node.yaml") for name in ("a", "b", "c")}
        self.a, self.b, self.c = (Assembly(node, executor, self.clock) for node in self.nodes.values())
        self.wires = {}
        for assembly, oin in ((self.a, OIN_A), (self.c, OIN_C)):
            self.wires[oin] = Wire(self.b, oin)
            assembly.channels = cast("Channels", self.wires[oin])
        self.wire = self.wires[OIN_A]

    def close(self) -> None:
        """Close all nodes."""
        for assembly in (self.a, self.b, self.c):
            assembly.close()
        for node in self.nodes.values():
            node.close()

    # --- registers

    def know(self, assembly: Assembly, people: Iterable[str], kind: str = "bsn") -> None:
        """Add a record for each of these people, with his name for its reference and no attributes."""
        self.put(assembly, {name: (name, {}) for name in people}, kind)

    def put(
        self, assembly: Assembly, records: Mapping[str, tuple[str, Mapping[str, str]]], kind: str = "bsn"
    ) -> None:
        """Add records: reference → person and attributes."""
        rows = [
            Staged(
                at,
                ref,
                assembly.register.seal_attributes(ref, attributes),
                {kind: self.element(assembly, person, kind)},
            )
            for at, (ref, (person, attributes)) in enumerate(records.items())
        ]
        assembly.register.upsert(rows, self.clock())

    def element(self, assembly: Assembly, person: str, kind: str = "bsn") -> bytes:
        """What this person looks like in a node's register."""
        secrets = assembly.node.secrets
        return pseudonymise(
            kind, [person.encode()], secrets.domain_secret, secrets.register_scalar, self.executor
        )

    def erase(self, *refs: str) -> None:
        """B erases records."""
        self.b.register.remove(list(refs), self.clock())

    # --- asking honestly

    def start(self, agreement: str = "whom", **wish: Any) -> Query:
        """A query about A's whole register, not run yet."""
        values = {"answer": "attributes", "case_reference": CASE, **wish}
        return self.a.intake.about_register(Wish(agreement, **values), "cli").only

    def run(self, query: Query) -> Query:
        """Run a query to its end, in this thread."""
        return self.a.runner.run(query.id, lambda _query: None, lambda: False)

    def ask(self, agreement: str = "whom", **wish: Any) -> dict[str, Disclosed]:
        """What became of every hit in A's whole register."""
        return self.a.queries.attributes_of(self.run(self.start(agreement, **wish)).id, self.clock())

    # --- asking dishonestly

    def agreement(self, agreement_id: str = "whom") -> Agreement:
        """As B has it."""
        return self.nodes["b"].agreements.get_by_id(agreement_id)

    def epoch(self, agreement_id: str = "whom", kind: str = "bsn") -> Epoch:
        """Of now."""
        return self.b.epochs.current(self.agreement(agreement_id), kind, self.clock())

    def mark(self, person: str, agreement_id: str = "whom", kind: str = "bsn") -> tuple[bytes, bytes]:
        """Tag and claim token of a person now, as B derives them."""
        epoch = self.epoch(agreement_id, kind)
        mark = hit.own_marks(epoch.secret, epoch.label, self.element(self.b, person, kind), self.executor)
        return mark[:10], mark[10 : MARK.itemsize]

    def token(self, person: str, agreement_id: str = "whom", kind: str = "bsn") -> bytes:
        """Claim token of a person now."""
        return self.mark(person, agreement_id, kind)[1]

    def craft(self, tokens: Iterable[bytes], agreement_id: str = "whom", **changes: Any) -> DiscloseRequest:
        """A request about these tokens, with fields of its order changed, properly signed all the same."""
        packed = b"".join(tokens)
        epoch, agreement = self.epoch(agreement_id, changes.get("kind", "bsn")), self.agreement(agreement_id)
        order = make_order(
            Ask(
                label=epoch.label,
                agreement_id=agreement_id,
                operation=OPERATION_DISCLOSE,
                answer=ANSWER_ATTRIBUTES,
                public_key=epoch.secret.public_key,
                transaction_id=os.urandom(16),
                nonce=os.urandom(16),
                expires_at_ms=self.clock() + ORDER_LIFETIME_MS,
                register_root=bytes(32),
                element_count=len(packed) // 16,
                tokens_digest=tokens_digest(packed),
                case_reference=CASE,
                attributes=NAMES,
            )
        )
        for field, value in changes.items():
            if field == "attributes":
                order.ClearField("attributes")
                order.attributes.extend(value)
            else:
                setattr(order, field, value)
        name = {OIN_A: "a", OIN_C: "c"}[agreement.requester.oin]
        return DiscloseRequest(order=self.signed(order, name), tokens=packed)

    def signed(self, order: Order, name: str = "a") -> Signed:
        """Signed by a node."""
        return sign(order, self.nodes[name].secrets.signing_key)

    def show(self, tokens: Iterable[bytes], agreement_id: str = "whom", **changes: Any) -> Heard:
        """Show tokens to B, in the name of the agreement's requester."""
        return self.send(
            self.craft(tokens, agreement_id, **changes), self.agreement(agreement_id).requester.oin
        )

    def send(self, request: DiscloseRequest, oin: str = OIN_A) -> Heard:
        """Send a request to B, and see."""
        try:
            responses = list(self.wires[oin].send_tokens(request))
        except LinkageError as error:
            return Heard([error.code], [], [])
        receipts = [Receipt.FromString(one.receipt.payload) for one in responses if one.HasField("receipt")]
        reasons = [
            reason for receipt in receipts if receipt.decision != DECISION_ALLOW for reason in receipt.reasons
        ]
        return Heard(reasons, [entry for one in responses for entry in one.entries], responses)

    # --- looking

    def recorded(self, ref: str = "") -> list[Disclosure]:
        """What B has on record."""
        return list(Disclosures(self.nodes["b"].database, self.nodes["b"].sealer).all(ref))

    def events(self, assembly: Assembly, event: str = "") -> list[dict[str, Any]]:
        """The evidence of a node, checked; of one event, or all."""
        assembly.evidence.verify()
        found = [read(record) for record in assembly.evidence.records()]
        return [one for one in found if one["event"] == event or not event]

    def charged(self, agreement_id: str = "whom") -> int:
        """Elements and tokens charged under an agreement."""
        mine = tables.budget.c.agreement_hash == content_hash(self.agreement(agreement_id))
        with self.nodes["b"].database.read() as connection:
            return connection.scalar(select(func.sum(tables.budget.c.used)).where(mine)) or 0

    def shown(self) -> dict[bytes, int]:
        """How often each token hash was shown, as B counts."""
        with self.nodes["b"].database.read() as connection:
            rows = connection.execute(select(tables.token_use.c.token_hash, tables.token_use.c.used))
            return {row.token_hash: row.used for row in rows}

    def stored(self, name: str) -> bytes:
        """All bytes of a node's database, its write-ahead log included."""
        return b"".join(file.read_bytes() for file in sorted((self.folder / name).glob("node.db*")))


def make_desk(folder: Path) -> None:
    """The folders of the three nodes, which know each other and their agreements."""
    configs = [make_node(folder / name, oin) for name, oin in (("a", OIN_A), ("b", OIN_B), ("c", OIN_C))]
    introduce(*configs)
    for config in configs:
        with Node.open(config) as node:
            for text in AGREEMENTS:
                if (
                    node.config.oin == OIN_B
                    or f'requester: {{kind: municipality, oin: "{node.config.oin}"}}' in text
                ):
                    add_signed(node, text)


@contextmanager
def opened(template: Path, folder: Path, executor: Executor) -> Iterator[Desk]:
    """A desk of its own for one test."""
    shutil.copytree(template, folder)
    with closing(Desk(folder, executor)) as desk:
        yield desk
