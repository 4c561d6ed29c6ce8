"""A provider that tells something else than it signs, or more than was asked for: nothing of it is used."""

from collections.abc import Callable

import pytest
from google.protobuf.message import Message

from linkage_node._generated.linkage.v1.order_pb2 import STAGE_COMPLETED, STAGE_DECIDED, Receipt
from linkage_node._generated.linkage.v1.peer_pb2 import (
    DISCLOSURE_STATUS_DISCLOSED,
    DISCLOSURE_STATUS_LIMIT_REACHED,
    DISCLOSURE_STATUS_NOT_KNOWN,
    DisclosedAttribute,
    DisclosedEntry,
    DisclosedRecord,
    DiscloseResponse,
)
from linkage_node.asking import queries
from linkage_node.errors import LinkageError, Refusal
from linkage_node.limits import ATTRIBUTE_CHARACTERS
from linkage_node.matching.disclosure import results_root
from linkage_node.matching.signing import sign
from tests.disclosing.desk import Desk

PEOPLE = ["anna", "bob", "eve"]
Entries = list[DisclosedEntry]


def entry(*attributes: tuple[str, str], status: int = DISCLOSURE_STATUS_DISCLOSED) -> DisclosedEntry:
    """An entry with one record."""
    named = [DisclosedAttribute(name=name, value=value) for name, value in attributes]
    return DisclosedEntry(status=status, records=[DisclosedRecord(attributes=named)])  # type: ignore[arg-type]


def ask(desk: Desk, tamper: Callable[[Message], Message | None]) -> tuple[str, str]:
    """Ask about three clients over a line that changes things: how the query ended, and why."""
    desk.know(desk.a, PEOPLE)
    desk.put(desk.b, {name: (name, {"desk": f"of {name}", "phone": "1"}) for name in PEOPLE})
    query = desk.start(attributes=("desk", "phone"))
    desk.wire.tamper = tamper
    with pytest.raises(LinkageError) as caught:
        desk.run(query)
    with desk.nodes["a"].database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM query_pack").scalar() == 0
    with pytest.raises(Refusal, match="query_not_done"):
        desk.a.queries.attributes_of(query.id, desk.clock())
    return desk.a.queries.get(query.id).state, caught.value.code


def entries_changed(change: Callable[[Entries], Entries]) -> Callable[[Message], Message]:
    """Other entries than the provider signed."""

    def tamper(message: Message) -> Message:
        if isinstance(message, DiscloseResponse) and message.entries:
            changed = change(list(message.entries))
            del message.entries[:]
            message.entries.extend(changed)
        return message

    return tamper


def signed_too(desk: Desk, change: Callable[[Entries], Entries]) -> Callable[[Message], Message]:
    """Other entries than are true, with a receipt of the provider's over just these."""
    told: Entries = []
    swap = entries_changed(change)

    def tamper(message: Message) -> Message:
        swap(message)
        if isinstance(message, DiscloseResponse):
            told.extend(message.entries)
            receipt = Receipt.FromString(message.receipt.payload)
            if receipt.stage == STAGE_COMPLETED:
                receipt.results_root = results_root(told)
                message.receipt.CopyFrom(sign(receipt, desk.nodes["b"].secrets.signing_key))
        return message

    return tamper


CHANGED: dict[str, Callable[[Entries], Entries]] = {
    "two entries change places": lambda told: [told[1], told[0], told[2]],
    "a value is another": lambda told: [entry(("desk", "another")), *told[1:]],
    "a value is left out": lambda told: [entry(("phone", "1")), *told[1:]],
    "a record more": lambda told: [
        DisclosedEntry(status=DISCLOSURE_STATUS_DISCLOSED, records=[*told[0].records] * 2),
        *told[1:],
    ],
    "an entry less": lambda told: told[:2],
    "an entry more": lambda told: [*told, told[0]],
    "not known after all": lambda told: [DisclosedEntry(status=DISCLOSURE_STATUS_NOT_KNOWN), *told[1:]],
}


@pytest.mark.parametrize("name", CHANGED)
def test_entries_that_were_not_signed(desk: Desk, name: str) -> None:
    """Entries that were changed, moved, added or left out on the way are refused, and nothing of them is kept."""
    assert ask(desk, entries_changed(CHANGED[name])) == (queries.REFUSED, "disclosure_invalid")


FALSE: dict[str, Callable[[Entries], Entries]] = {
    "an attribute that was not asked for": lambda told: [entry(("debts", "yes"), ("desk", "x")), *told[1:]],
    "an attribute that is not agreed": lambda told: [entry(("secret", "x")), *told[1:]],
    "an attribute twice": lambda told: [entry(("desk", "x"), ("desk", "y")), *told[1:]],
    "attributes out of order": lambda told: [entry(("phone", "x"), ("desk", "y")), *told[1:]],
    "a name in other letters": lambda told: [entry(("Desk", "x")), *told[1:]],
    "a value without end": lambda told: [entry(("desk", "x" * (ATTRIBUTE_CHARACTERS + 1))), *told[1:]],
    "told without a record": lambda told: [DisclosedEntry(status=DISCLOSURE_STATUS_DISCLOSED), *told[1:]],
    "no status": lambda told: [DisclosedEntry(), *told[1:]],
    "an unknown status": lambda told: [DisclosedEntry(status=9), *told[1:]],  # type: ignore[arg-type]
    "not known, and told": lambda told: [entry(("desk", "x"), status=DISCLOSURE_STATUS_NOT_KNOWN), *told[1:]],
    "over the limit, and told": lambda told: [
        entry(("desk", "x"), status=DISCLOSURE_STATUS_LIMIT_REACHED),
        *told[1:],
    ],
    "an entry less": lambda told: told[:2],
    "an entry more": lambda told: [*told, told[0]],
}


@pytest.mark.parametrize("name", FALSE)
def test_entries_that_a_provider_should_not_sign(desk: Desk, name: str) -> None:
    """What was not asked for, or says two things at once, is refused also when the provider signed it."""
    assert ask(desk, signed_too(desk, FALSE[name])) == (queries.REFUSED, "disclosure_invalid")


def test_an_unknown_field_in_an_entry(desk: Desk) -> None:
    """A field that this version does not know may be a condition: the answer is refused."""

    def tamper(message: Message) -> Message:
        if isinstance(message, DiscloseResponse) and message.entries:
            first = DisclosedEntry.FromString(message.entries[0].SerializeToString() + b"\xfa\x3f\x01\x01")
            message.entries[0].CopyFrom(first)
        return message

    assert ask(desk, tamper) == (queries.REFUSED, "malformed")


@pytest.mark.parametrize("when", [STAGE_DECIDED, STAGE_COMPLETED])
def test_entries_beside_a_receipt(desk: Desk, when: int) -> None:
    """Entries that ride with the first receipt, or with the last, are refused."""

    def tamper(message: Message) -> Message:
        stage = (
            Receipt.FromString(message.receipt.payload).stage if isinstance(message, DiscloseResponse) else 0
        )
        if isinstance(message, DiscloseResponse) and stage == when:
            message.entries.append(entry(("desk", "x")))
        return message

    assert ask(desk, tamper) == (queries.REFUSED, "disclosure_invalid")


RECEIPTS = [
    ("results_root", bytes(32), "disclosure_invalid"),
    ("results_root", b"", "receipt_mismatch"),
    ("evaluated", 2, "receipt_mismatch"),
]


@pytest.mark.parametrize(("field", "value", "code"), RECEIPTS)
def test_a_receipt_for_something_else(desk: Desk, field: str, value: bytes | int, code: str) -> None:
    """A receipt of completion over other entries, or another number of them, is refused."""

    def tamper(message: Message) -> Message:
        if isinstance(message, DiscloseResponse) and message.HasField("receipt"):
            receipt = Receipt.FromString(message.receipt.payload)
            if receipt.stage == STAGE_COMPLETED:
                setattr(receipt, field, value)
            message.receipt.CopyFrom(sign(receipt, desk.nodes["b"].secrets.signing_key))
        return message

    assert ask(desk, tamper) == (queries.REFUSED, code)


def test_a_receipt_that_somebody_else_signed(desk: Desk) -> None:
    """A receipt under another key than the card's is refused."""

    def tamper(message: Message) -> Message:
        if isinstance(message, DiscloseResponse) and message.HasField("receipt"):
            receipt = Receipt.FromString(message.receipt.payload)
            message.receipt.CopyFrom(sign(receipt, desk.nodes["c"].secrets.signing_key))
        return message

    assert ask(desk, tamper) == (queries.REFUSED, "signature_invalid")
