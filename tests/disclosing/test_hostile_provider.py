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
from linkage_node.answering import disclosing as answering
from linkage_node.asking import disclosing, queries
from linkage_node.errors import LinkageError, Refusal
from linkage_node.limits import ATTRIBUTE_CHARACTERS, DISCLOSED_RECORDS
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
    "more records than a person has": lambda told: [
        DisclosedEntry(
            status=DISCLOSURE_STATUS_DISCLOSED, records=[DisclosedRecord()] * (DISCLOSED_RECORDS + 1)
        ),
        *told[1:],
    ],
    "records without end": lambda told: [
        DisclosedEntry(status=DISCLOSURE_STATUS_DISCLOSED, records=[DisclosedRecord()] * 1_000_000),
        *told[1:],
    ],
    "attributes without end": lambda told: [entry(*[("desk", "")] * 500_000), *told[1:]],
    "entries without end": lambda told: [DisclosedEntry(status=DISCLOSURE_STATUS_NOT_KNOWN)] * 500_000,
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


def test_entries_that_fill_the_memory(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries are added up as they come, and refused before the last of them has come."""
    monkeypatch.setattr(disclosing, "DISCLOSED_BYTES", 2 * 50 * 50)
    seen: list[int] = []

    def tamper(message: Message) -> Message:
        if isinstance(message, DiscloseResponse) and message.entries:
            seen.append(len(message.entries))
            del message.entries[1:]
            message.entries[0].CopyFrom(
                DisclosedEntry(
                    status=DISCLOSURE_STATUS_DISCLOSED, records=[*entry(("desk", "x" * 50)).records] * 50
                )
            )
        return message

    monkeypatch.setattr(answering, "DISCLOSED_ENTRIES", 1)
    assert ask(desk, tamper) == (queries.REFUSED, "disclosure_invalid")
    assert seen == [1, 1]


def test_values_that_a_terminal_would_obey(desk: Desk) -> None:
    """What cannot be shown is taken out of a value before it is kept; blanks of all sorts are spaces."""
    value = "\x1b]52;c;b3duZWQ=\x07\r\n=cmd|' /C calc'!A0\u202e\tCafé \u00a0\u2029€"
    desk.know(desk.a, ["anna"])
    desk.put(desk.b, {"f1": ("anna", {"desk": value})})
    (record,) = desk.ask()["anna"].records
    assert record == {"desk": "\ufffd]52;c;b3duZWQ=\ufffd  =cmd|' /C calc'!A0\ufffd Café   €"}
    assert record["desk"].isprintable()


def test_a_person_with_more_records_than_are_told(desk: Desk) -> None:
    """An honest provider tells as many records of a person as a requester takes, the first, and records just these."""
    desk.know(desk.a, ["anna"])
    desk.put(desk.b, {f"f{at}": ("anna", {"desk": f"{at}"}) for at in range(DISCLOSED_RECORDS + 1)})
    assert [one["desk"] for one in desk.ask()["anna"].records] == [str(at) for at in range(DISCLOSED_RECORDS)]
    (told,) = desk.recorded()
    assert [one.ref for one in told.records] == [f"f{at}" for at in range(DISCLOSED_RECORDS)]


def test_more_than_a_requester_takes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An honest provider refuses an order whose entries are too large, and then nothing of it left or is on record."""
    desk.know(desk.a, PEOPLE)
    desk.put(desk.b, {name: (name, {"desk": "x" * 100}) for name in PEOPLE})
    monkeypatch.setattr(answering, "DISCLOSED_BYTES", 300)
    query = desk.start()
    with pytest.raises(Refusal, match="query_too_large"):
        desk.run(query)
    assert desk.recorded() == []
    assert [one["detail"] for one in desk.events(desk.b, "aborted")] == ["query_too_large"]


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
