"""What a requester with a valid certificate and its own signing key may try, and what the provider makes of it."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from google.protobuf.message import Message
from sqlalchemy import select

from linkage_node._generated.linkage.v1.order_pb2 import (
    ANSWER_ATTRIBUTES,
    ANSWER_COUNT,
    ANSWER_UNSPECIFIED,
    DECISION_ALLOW,
    DECISION_DENY,
    OPERATION_FETCH_TAG_SET,
    OPERATION_UNSPECIFIED,
    ChunkReceipt,
    Receipt,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import EvaluateRequest
from linkage_node.errors import LinkageError, Refusal, StorageError
from linkage_node.limits import CHUNK_ELEMENTS, LARGEST_ORDER, ORDER_LIFETIME_MS, SEEN_ORDER_SLACK_MS
from linkage_node.matching import merkle
from linkage_node.matching.signing import sign
from linkage_node.node import Node
from linkage_node.pseudonyms import group
from linkage_node.storage.tables import seen_order
from tests.attacks.pair import (
    BASE,
    Clock,
    Crafted,
    Pair,
    blinded,
    hang_up,
    opened,
    receipt_of,
    second_encoding,
)
from tests.nodes import OIN_A, OIN_B, OIN_C


class Outcome(NamedTuple):
    """What came of a stream of requests."""

    code: str  # "" if all was answered
    answered: int  # elements
    charged: int  # elements


def send(
    pair: Pair, requests: Iterator[EvaluateRequest] | list[EvaluateRequest], oin: str = OIN_A
) -> Outcome:
    """Send anything, and see."""
    before, code, answered = pair.used(), "", 0
    try:
        for response in pair.wire.send(requests, oin):
            answered += len(response.evaluated) // 32
            if response.HasField("receipt") and receipt_of(response).decision != DECISION_ALLOW:
                code = receipt_of(response).reasons[0]
    except LinkageError as error:
        code = error.code
    return Outcome(code, answered, pair.used() - before)


@pytest.fixture(scope="module")
def shared(template: Path, tmp_path_factory: pytest.TempPathFactory, executor: Executor) -> Iterator[Pair]:
    """One pair for whole tables of attacks that all fail; its day has budget enough."""
    with opened(template, tmp_path_factory.mktemp("shared") / "pair", executor) as made:
        yield made


def unknown_field(message: Message) -> bytes:
    """The message with a field that no version knows."""
    return message.SerializeToString() + b"\xfa\x3f\x01\x01"  # field 1023, one byte


NOW = Clock()()
EDITED: list[tuple[dict[str, Any], str]] = [
    ({"version": 2}, "version_unknown"),
    ({"version": 0}, "version_unknown"),
    ({"suite": "P256-SHA256"}, "version_unknown"),
    ({"requester_oin": OIN_C}, "oin_mismatch"),
    ({"requester_oin": OIN_B}, "oin_mismatch"),
    ({"requester_oin": ""}, "oin_mismatch"),
    ({"provider_oin": OIN_C}, "oin_mismatch"),
    ({"provider_oin": OIN_A}, "oin_mismatch"),
    ({"requester_oin": OIN_B, "provider_oin": OIN_A}, "oin_mismatch"),
    ({"agreement_hash": bytes(64)}, "agreement_unknown"),
    ({"agreement_hash": bytes(63)}, "malformed"),
    ({"agreement_hash": b""}, "malformed"),
    ({"purpose": "Something else"}, "purpose_not_agreed"),
    ({"purpose": "Finding shared clients\0"}, "malformed"),
    ({"purpose": ""}, "purpose_not_agreed"),
    ({"kind": "household"}, "key_changed"),  # agreed, but the key is that of kind bsn
    ({"kind": "person"}, "kind_not_agreed"),
    ({"answer": ANSWER_UNSPECIFIED}, "answer_not_offered"),
    ({"answer": ANSWER_COUNT}, "answer_not_offered"),
    ({"answer": ANSWER_ATTRIBUTES}, "answer_not_agreed"),
    ({"operation": OPERATION_FETCH_TAG_SET}, "malformed"),
    ({"operation": OPERATION_UNSPECIFIED}, "malformed"),
    ({"epoch": 1}, "epoch_not_current"),
    ({"epoch": 2**32 - 1}, "epoch_not_current"),
    ({"public_key": BASE}, "key_changed"),
    ({"public_key": bytes(32)}, "key_changed"),
    ({"public_key": b"\xff" * 32}, "key_changed"),
    ({"public_key": bytes(31)}, "malformed"),
    ({"element_count": 0}, "malformed"),
    ({"element_count": LARGEST_ORDER + 1}, "malformed"),
    ({"element_count": 2**64 - 1}, "malformed"),
    ({"element_count": 5001}, "query_too_large"),
    ({"element_count": 6001}, "budget_exhausted"),
    ({"elements_root": bytes(31)}, "malformed"),
    ({"elements_root": b""}, "malformed"),
    ({"register_root": bytes(33)}, "malformed"),
    ({"register_root": b""}, "malformed"),
    ({"blinding_commitment": b""}, "malformed"),
    ({"transaction_id": bytes(15)}, "malformed"),
    ({"transaction_id": b""}, "malformed"),
    ({"nonce": bytes(15)}, "malformed"),
    ({"nonce": b""}, "malformed"),
    ({"expires_at_ms": 0}, "order_expired"),
    ({"expires_at_ms": -1}, "order_expired"),
    ({"expires_at_ms": NOW}, "order_expired"),
    ({"expires_at_ms": NOW + 2 * ORDER_LIFETIME_MS + 1}, "order_expired"),
    ({"tag_set_version": 1}, "malformed"),
    ({"agreement_id": "x" * 65}, "malformed"),
    ({"purpose": "x" * 201}, "malformed"),
    ({"kind": "x" * 33}, "malformed"),
    ({"question": "x" * 65}, "malformed"),
]


@pytest.mark.parametrize(("changes", "code"), EDITED, ids=lambda value: str(value)[:40])
def test_edited_orders(shared: Pair, changes: dict[str, Any], code: str) -> None:
    """An order with one field that is off, properly signed, is refused with its code in a signed receipt, uncharged."""
    refused, used = len(shared.events(shared.b)), shared.used()
    crafted = shared.craft(blinded(3), **changes)
    responses = list(shared.wire.send(crafted.requests))
    assert len(responses) == 1
    receipt = receipt_of(responses[0])
    assert receipt.decision != DECISION_ALLOW
    assert code in receipt.reasons
    assert not receipt.HasField("obligations")
    assert not responses[0].evaluated
    assert shared.used() == used
    (event,) = shared.events(shared.b)[refused:]
    assert (event["event"], event["charged"]) == ("refused", 0)


def test_an_order_that_is_right(shared: Pair) -> None:
    """The same order without an edit is answered, so the table above refuses for the edits alone."""
    assert send(shared, shared.craft(blinded(3)).requests) == Outcome("", 3, 3)


FETCHES: list[tuple[dict[str, Any], str]] = [
    ({"operation": 1}, "malformed"),
    ({"element_count": 1}, "malformed"),
    ({"elements_root": bytes(32)}, "malformed"),
    ({"blinding_commitment": bytes(32)}, "malformed"),
    ({"purpose": "Something else"}, "purpose_not_agreed"),
    ({"public_key": BASE}, "key_changed"),
    ({"provider_oin": OIN_C}, "oin_mismatch"),
    ({"expires_at_ms": 1}, "order_expired"),
]


@pytest.mark.parametrize(("changes", "code"), FETCHES, ids=lambda value: str(value)[:40])
def test_edited_orders_for_the_tag_set(pair: Pair, changes: dict[str, Any], code: str) -> None:
    """Fetching the tag set is an order too: one field off, and not one entry leaves."""
    pair.fill(pair.b, ["1"])
    (response,) = pair.wire.fetch_tag_set(pair.craft_fetch(**changes))
    assert list(receipt_of(response).reasons) == [code]
    assert not response.additions


def key_of_node(shared: Pair, name: str) -> Any:
    """The signing key of a node."""
    with Node.open(shared.folder / name / "node.yaml") as node:
        return node.secrets.signing_key


def resigned(pair: Pair, crafted: Crafted, signed: Signed) -> list[EvaluateRequest]:
    """The stream with another signed thing in place of the order."""
    first = EvaluateRequest.FromString(crafted.requests[0].SerializeToString())
    first.order.CopyFrom(signed)
    return [first, *crafted.requests[1:]]


def by(name: str, pair: Pair, crafted: Crafted) -> Signed:
    """The order, signed by another node."""
    return sign(crafted.order, key_of_node(pair, name))


def flipped(_pair: Pair, crafted: Crafted) -> Signed:
    """One bit of the payload flipped."""
    payload = crafted.signed.payload
    return Signed(payload=payload[:-1] + bytes([payload[-1] ^ 1]), signature=crafted.signed.signature)


def as_type(message: Message, pair: Pair, _crafted: Crafted) -> Signed:
    """Another type of message, signed by the requester itself."""
    return sign(message, pair.nodes["a"].secrets.signing_key)


def with_unknown_field(pair: Pair, crafted: Crafted) -> Signed:
    """A field that this version does not know, properly signed."""
    from linkage_node.matching.signing import _covered

    payload = unknown_field(crafted.order)
    covered = _covered(type(crafted.order), payload)
    return Signed(payload=payload, signature=pair.nodes["a"].secrets.signing_key.sign(covered))


SIGNATURES: dict[str, tuple[Callable[[Pair, Crafted], Signed], str, str]] = {
    "signed by the provider": (partial(by, "b"), OIN_A, "signature_invalid"),
    "signed by a third": (partial(by, "c"), OIN_A, "signature_invalid"),
    "stolen by a third with its own certificate": (
        lambda _pair, made: made.signed,
        OIN_C,
        "signature_invalid",
    ),
    "a third in the name of the requester": (partial(by, "c"), OIN_C, "oin_mismatch"),
    "from nobody that is known": (lambda _pair, made: made.signed, "00000099000000990000", "peer_unknown"),
    "payload changed": (flipped, OIN_A, "signature_invalid"),
    "no signature": (lambda _pair, made: Signed(payload=made.signed.payload), OIN_A, "signature_invalid"),
    "nothing": (lambda _pair, _made: Signed(), OIN_A, "signature_invalid"),
    "a receipt": (partial(as_type, Receipt(version=1)), OIN_A, "signature_invalid"),
    "a chunk receipt": (partial(as_type, ChunkReceipt(index=1)), OIN_A, "signature_invalid"),
    "an unknown field": (with_unknown_field, OIN_A, "malformed"),
}


@pytest.mark.parametrize("attack", SIGNATURES)
def test_orders_that_are_not_the_requesters(shared: Pair, attack: str) -> None:
    """Only an order that the organisation in the certificate signed itself is looked at."""
    forge, oin, code = SIGNATURES[attack]
    crafted = shared.craft(blinded(2))
    outcome = send(shared, resigned(shared, crafted, forge(shared, crafted)), oin)
    assert outcome == Outcome(code, 0, 0)


def test_an_organisation_without_an_agreement(shared: Pair) -> None:
    """A known peer that the agreement does not name does not hear whether it exists, nor by which policy."""
    crafted = shared.craft(blinded(2))
    crafted.order.requester_oin = OIN_C
    signed = sign(crafted.order, key_of_node(shared, "c"))
    unheard_of = type(crafted.order).FromString(crafted.order.SerializeToString())
    unheard_of.agreement_hash = bytes(64)
    for one in (signed, sign(unheard_of, key_of_node(shared, "c"))):
        (response,) = shared.wire.send(resigned(shared, crafted, one), OIN_C)
        told = receipt_of(response)
        assert (told.decision, list(told.reasons)) == (DECISION_DENY, ["agreement_unknown"])
        assert told.policy_revision == ""
    with pytest.raises(Refusal) as caught:
        shared.b.answering.epoch_key(crafted.order.agreement_hash, "bsn", OIN_C)
    assert caught.value.code == "agreement_unknown"
    with pytest.raises(Refusal) as caught:
        shared.b.answering.epoch_key(crafted.order.agreement_hash, "person", OIN_A)
    assert caught.value.code == "kind_not_agreed"


def test_a_refusal_names_who_sent_it(shared: Pair) -> None:
    """In the evidence an order in another's name stands against the organisation in the certificate."""
    crafted = shared.craft(blinded(2))
    outcome = send(shared, resigned(shared, crafted, by("c", shared, crafted)), OIN_C)
    assert outcome.code == "oin_mismatch"
    assert shared.events(shared.b)[-1]["peer"] == OIN_C


# --- once and no more


def test_a_replayed_order_is_refused_and_not_charged(pair: Pair) -> None:
    """The second time an order comes it is refused, with the budget as it was, also after a restart."""
    crafted = pair.craft(blinded(5))
    assert send(pair, crafted.requests) == Outcome("", 5, 5)
    assert send(pair, crafted.requests) == Outcome("replayed", 0, 0)
    again = pair.craft(blinded(6, seed=1), nonce=crafted.order.nonce)
    assert send(pair, again.requests) == Outcome("replayed", 0, 0)
    pair.clock.now += ORDER_LIFETIME_MS
    assert send(pair, crafted.requests) == Outcome("order_expired", 0, 0)
    fetch = pair.craft_fetch(nonce=crafted.order.nonce)
    (refused,) = pair.wire.fetch_tag_set(fetch)
    assert list(receipt_of(refused).reasons) == ["replayed"]


def test_orders_seen_are_forgotten_when_nobody_can_play_them(pair: Pair) -> None:
    """Housekeeping keeps the orders that live, and for an hour those that expired; then they go, and nothing else."""

    def seen() -> list[bytes]:
        with pair.nodes["b"].database.read() as connection:
            return list(connection.scalars(select(seen_order.c.nonce).order_by(seen_order.c.expires_at)))

    old = pair.craft(blinded(1))
    assert send(pair, old.requests).code == ""
    pair.clock.now = old.order.expires_at_ms + SEEN_ORDER_SLACK_MS
    new = pair.craft(blinded(1, seed=1))
    assert send(pair, new.requests).code == ""
    pair.b.housekeeping()
    assert seen() == [old.order.nonce, new.order.nonce]
    used = pair.used()
    pair.clock.now += 1
    pair.b.housekeeping()
    assert seen() == [new.order.nonce]
    assert send(pair, new.requests) == Outcome("replayed", 0, 0)
    assert send(pair, old.requests) == Outcome("order_expired", 0, 0)
    assert pair.used() == used


def test_the_same_order_many_times_at_once(pair: Pair) -> None:
    """Of eight copies that come at the same moment exactly one is approved, and charged once."""
    crafted = pair.craft(blinded(5))
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda _: first_receipt(pair, crafted), range(8)))
    assert sorted(outcomes) == ["approved"] + ["replayed"] * 7
    assert pair.used() == 5


def first_receipt(pair: Pair, crafted: Crafted) -> str:
    """What the first receipt says; then the requester hangs up."""
    responses = pair.wire.send(crafted.requests)
    receipt = receipt_of(next(responses))
    hang_up(responses)
    return "approved" if receipt.decision == DECISION_ALLOW else str(receipt.reasons[0])


def test_concurrent_orders_never_exceed_the_budget(pair: Pair) -> None:
    """Ten orders of 1000 at once under a budget of 6000: six are approved, whatever the order they come in."""
    elements = blinded(1000)
    orders = [pair.craft(elements) for _ in range(10)]
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(partial(first_receipt, pair), orders))
    assert sorted(outcomes) == ["approved"] * 6 + ["budget_exhausted"] * 4
    assert pair.used() == 6000
    assert sum(event.get("charged", 0) for event in pair.events(pair.b)) == 6000


def test_the_budget_is_of_a_day(pair: Pair) -> None:
    """What is used up today is there again tomorrow, and the last element of a day can still be asked."""
    elements = blinded(3000)
    assert [first_receipt(pair, pair.craft(elements)) for _ in range(3)] == [
        "approved",
        "approved",
        "budget_exhausted",
    ]
    pair.clock.pass_days(1)
    assert first_receipt(pair, pair.craft(elements)) == "approved"
    assert pair.used() == 3000


def test_what_was_charged_stays_charged_when_the_requester_hangs_up(pair: Pair) -> None:
    """Hanging up after the first receipt gives nothing back, leaves evidence, and the order cannot be used again."""
    crafted = pair.craft(blinded(5))
    assert first_receipt(pair, crafted) == "approved"
    assert pair.used() == 5
    assert [event["event"] for event in pair.events(pair.b)] == ["approved", "aborted"]
    assert send(pair, crafted.requests) == Outcome("replayed", 0, 0)


def test_what_was_charged_stays_charged_when_the_provider_dies(
    pair: Pair, tmp_path: Path, executor: Executor
) -> None:
    """Whoever restarts a node that died behind its first receipt finds the order charged, noted and used."""
    crafted = pair.craft(blinded(5))
    responses = pair.wire.send(crafted.requests)
    next(responses)
    shutil.copytree(pair.folder, tmp_path / "after")  # what the disk holds at this moment
    with opened(tmp_path / "after", tmp_path / "restarted", executor) as restarted:
        assert restarted.used() == 5
        assert [event["event"] for event in restarted.events(restarted.b)] == ["approved"]
        assert send(restarted, crafted.requests) == Outcome("replayed", 0, 0)
    assert sum(len(response.evaluated) for response in responses) == 5 * 32


# --- elements


def committed(elements: bytes, sent: bytes | None = None) -> Callable[[Pair], list[EvaluateRequest]]:
    """An order about `elements` that is followed by `sent`."""

    def make(pair: Pair) -> list[EvaluateRequest]:
        requests = pair.craft(elements).requests
        requests[0].elements = elements if sent is None else sent
        return requests

    return make


def with_roots(change: Callable[[bytes], bytes]) -> Callable[[Pair], list[EvaluateRequest]]:
    """A stream whose chunk roots were changed."""

    def make(pair: Pair) -> list[EvaluateRequest]:
        requests = pair.craft(THREE).requests
        requests[0].chunk_roots = change(requests[0].chunk_roots)
        return requests

    return make


def counted(count: int) -> Callable[[Pair], list[EvaluateRequest]]:
    """An order that states another number of elements than are sent."""
    return lambda pair: pair.craft(THREE, element_count=count).requests


def unknown_in_request(pair: Pair) -> list[EvaluateRequest]:
    """A request with a field that this version does not know."""
    crafted = pair.craft(THREE)
    return [EvaluateRequest.FromString(unknown_field(crafted.requests[0]))]


def order_twice(pair: Pair) -> list[EvaluateRequest]:
    """A second order where the elements should come."""
    crafted = pair.craft(THREE)
    return [
        EvaluateRequest(order=crafted.signed, chunk_roots=crafted.requests[0].chunk_roots),
        EvaluateRequest(order=crafted.signed, elements=THREE),
    ]


THREE = blinded(3)
ELEMENTS: dict[str, tuple[Callable[[Pair], list[EvaluateRequest]], str, int]] = {
    "other elements than committed": (committed(THREE, blinded(3, seed=1)), "elements_mismatch", 3),
    "committed elements in another order": (
        committed(THREE, THREE[32:] + THREE[:32]),
        "elements_mismatch",
        3,
    ),
    "one too few": (committed(THREE, THREE[:64]), "elements_mismatch", 3),
    "one too many": (committed(THREE, THREE + BASE), "elements_mismatch", 3),
    "none": (committed(THREE, b""), "elements_mismatch", 3),
    "a part of an element": (committed(THREE, THREE[:-1]), "elements_mismatch", 3),
    "more than charged": (counted(2), "elements_mismatch", 2),
    "fewer than charged": (counted(4), "elements_mismatch", 4),
    "a chunk more than charged": (counted(CHUNK_ELEMENTS + 1), "elements_mismatch", CHUNK_ELEMENTS + 1),
    "no roots": (with_roots(lambda _: b""), "elements_mismatch", 3),
    "a root too many": (with_roots(lambda roots: roots + bytes(32)), "elements_mismatch", 3),
    "another root": (with_roots(lambda _: merkle.chunk_root(BASE)), "elements_mismatch", 3),
    "half a root": (with_roots(lambda roots: roots[:16]), "elements_mismatch", 3),
    "the same element twice": (committed(THREE + THREE[:32]), "element_duplicate", 4),
    "the same element in two encodings": (
        committed(THREE + second_encoding(THREE[:32])),
        "element_invalid",
        4,
    ),
    "the identity": (committed(THREE + bytes(32)), "element_invalid", 4),
    "not canonical": (committed(b"\xed" + b"\xff" * 30 + b"\x7f"), "element_invalid", 1),
    "negative": (committed(b"\x01" + bytes(31)), "element_invalid", 1),
    "no element at all": (committed(b"\xff" * 32), "element_invalid", 1),
    "an unknown field": (unknown_in_request, "malformed", 0),
    "a second order": (order_twice, "malformed", 3),
    "an empty stream": (lambda _pair: [], "malformed", 0),
}


@pytest.mark.parametrize("attack", ELEMENTS)
def test_elements_that_are_off(shared: Pair, attack: str) -> None:
    """Elements that were not committed to, or are none, get no answer, stay charged, and stand in the evidence."""
    make, code, charged = ELEMENTS[attack]
    requests = make(shared)
    before = len(shared.events(shared.b))
    assert send(shared, requests) == Outcome(code, 0, charged)
    events = shared.events(shared.b)[before:]
    if charged:
        assert [event["event"] for event in events] == ["approved", "aborted"]
        assert (events[1]["detail"], events[1]["evaluated"]) == (code, 0)
    else:
        assert events == []


TWO_CHUNKS = blinded(CHUNK_ELEMENTS + 2)
LAST = TWO_CHUNKS[CHUNK_ELEMENTS * 32 :]
ACROSS: dict[str, tuple[bytes, list[bytes], str]] = {
    "the same element in two chunks": (
        TWO_CHUNKS[:-32] + TWO_CHUNKS[:32],
        [TWO_CHUNKS[: -2 * 32], LAST[:32] + TWO_CHUNKS[:32]],
        "element_duplicate",
    ),
    "in two chunks and two encodings": (
        TWO_CHUNKS[:-32] + second_encoding(TWO_CHUNKS[:32]),
        [TWO_CHUNKS[: -2 * 32], LAST[:32] + second_encoding(TWO_CHUNKS[:32])],
        "element_invalid",
    ),
    "the second chunk is missing": (TWO_CHUNKS, [TWO_CHUNKS[: -2 * 32]], "elements_mismatch"),
    "the first chunk again": (TWO_CHUNKS, [TWO_CHUNKS[: -2 * 32]] * 2, "elements_mismatch"),
    "the second chunk in two": (
        TWO_CHUNKS,
        [TWO_CHUNKS[: -2 * 32], LAST[:32], LAST[32:]],
        "elements_mismatch",
    ),
}


@pytest.mark.parametrize("attack", ACROSS)
def test_chunks_that_are_off(pair: Pair, attack: str) -> None:
    """After a good chunk a bad one gets no answer, and one element too many does not hide behind a chunk's border."""
    elements, chunks, code = ACROSS[attack]
    crafted = pair.craft(elements)
    requests = [crafted.requests[0], *(EvaluateRequest(elements=chunk) for chunk in chunks[1:])]
    assert send(pair, requests) == Outcome(code, CHUNK_ELEMENTS, CHUNK_ELEMENTS + 2)


def test_chunks_in_another_order(pair: Pair) -> None:
    """The second chunk sent first has another size than its place asks for: nothing is evaluated."""
    requests = pair.craft(TWO_CHUNKS).requests
    first, second = requests[0].elements, requests[1].elements
    requests[0].elements, requests[1].elements = second, first
    assert send(pair, requests) == Outcome("elements_mismatch", 0, CHUNK_ELEMENTS + 2)


def test_what_comes_behind_the_last_element_is_not_answered(pair: Pair) -> None:
    """A stream that goes on behind the elements it was charged for gets answers to those alone."""
    requests = [*pair.craft(THREE).requests, EvaluateRequest(elements=blinded(9, seed=2))]
    assert send(pair, requests) == Outcome("", 3, 3)


# --- time


@pytest.mark.parametrize(("days", "code"), [(-2, "agreement_not_yet_valid"), (120, "agreement_expired")])
def test_outside_the_agreements_dates(pair: Pair, days: int, code: str) -> None:
    """Before its first day and after its last, an agreement gives no answers, no tag set and no key."""
    crafted, label = pair.craft(blinded(2)), pair.label()
    pair.clock.pass_days(days)
    crafted.order.expires_at_ms = pair.clock() + ORDER_LIFETIME_MS
    signed = sign(crafted.order, pair.nodes["a"].secrets.signing_key)
    (response,) = pair.wire.send(resigned(pair, crafted, signed))
    assert code in receipt_of(response).reasons
    assert pair.used() == 0
    with pytest.raises(Refusal) as caught:
        pair.b.answering.epoch_key(label.agreement_hash, "bsn", OIN_A)
    assert caught.value.code == code


def test_yesterdays_order_in_a_new_epoch(pair: Pair) -> None:
    """An order that was made for an epoch is refused in the next, even if it has not expired."""
    pair.clock.pass_days(6.4999)
    crafted = pair.craft(blinded(2), expires_at_ms=pair.clock() + 2 * ORDER_LIFETIME_MS)
    pair.clock.pass_days(0.001)
    assert send(pair, crafted.requests) == Outcome("epoch_not_current", 0, 0)


# --- evidence


def break_evidence(pair: Pair, name: str, event: str = "") -> None:
    """Let the database refuse records of an event from now on, as a full disk would; of all, if none is named."""
    when = f'WHEN CAST(NEW.body AS TEXT) LIKE \'%"event":"{event}"%\'' if event else ""
    with pair.nodes[name].database.write() as connection:
        connection.exec_driver_sql(
            f"CREATE TRIGGER broken BEFORE INSERT ON evidence {when} BEGIN SELECT RAISE(FAIL, 'broken'); END"
        )


def test_no_evidence_no_answer(pair: Pair) -> None:
    """When evidence cannot be written not even a receipt leaves, nothing is charged, and the order is not used up."""
    pair.fill(pair.b, ["1"])
    crafted, fetch = pair.craft(blinded(2)), pair.craft_fetch()
    break_evidence(pair, "b")
    for responses in (pair.wire.send(crafted.requests), pair.wire.fetch_tag_set(fetch)):
        with pytest.raises(StorageError) as caught:
            next(responses)
        assert caught.value.code == "evidence_unwritable"
    assert pair.wire.sizes == []
    assert pair.used() == 0
    with pair.nodes["b"].database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER broken")
    assert send(pair, crafted.requests) == Outcome("", 2, 2)


def test_no_evidence_no_refusal(pair: Pair) -> None:
    """A refusal that cannot be written down is not told either: there is no receipt without its record."""
    break_evidence(pair, "b")
    with pytest.raises(StorageError):
        next(pair.wire.send(pair.craft(blinded(2), version=9).requests))
    assert pair.wire.sizes == []


def test_no_evidence_no_completion(pair: Pair) -> None:
    """If only the record of completion cannot be written, the receipt of completion does not leave."""
    break_evidence(pair, "b", "completed")
    with pytest.raises(StorageError):
        list(pair.wire.send(pair.craft(blinded(2)).requests))
    assert [name for name, _ in pair.wire.sizes] == ["EvaluateResponse"] * 2


def test_no_evidence_no_question(pair: Pair) -> None:
    """A requester that cannot write down what it asks does not ask."""
    pair.fill(pair.a, ["1"])
    query = pair.start()
    break_evidence(pair, "a", "asked")
    with pytest.raises(StorageError):
        pair.run(query)
    assert {name for name, _ in pair.wire.sizes} <= {"GetEpochKeyResponse"}


def test_the_group_is_used_as_these_tests_think(shared: Pair) -> None:
    """An honest stream is answered with k·B, so that the tables above fail for the attacks alone."""
    crafted = shared.craft(THREE)
    evaluated = b"".join(response.evaluated for response in shared.wire.send(crafted.requests))
    secret = shared.b.epochs.current(shared.agreement, "bsn", shared.clock()).secret
    assert evaluated == group.multiply(secret.k, THREE)
