"""What a hostile review found: floods, receipts that are withheld or forged, epochs and tag sets that are off."""

import base64
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from google.protobuf.message import Message
from sqlalchemy import delete, func, select

from linkage_node._generated.linkage.v1.order_pb2 import (
    ANSWER_ATTRIBUTES,
    ANSWER_COUNT,
    DECISION_ALLOW,
    DECISION_DENY,
    STAGE_COMPLETED,
    STAGE_DECIDED,
    ChunkReceipt,
    Order,
    Receipt,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import EvaluateResponse, FetchTagSetResponse
from linkage_node.agreements import Agreement
from linkage_node.answering import admission
from linkage_node.answering.epochs import Epoch
from linkage_node.answering.tag_sets import TagSet
from linkage_node.asking import exchange, queries
from linkage_node.asking.intake import Wish
from linkage_node.asking.memory import NO_TAG_SET, Memory
from linkage_node.clock import DAY_MS, HOUR_MS
from linkage_node.errors import LinkageError, Refusal, StorageError
from linkage_node.evidence.signatures import Signatures
from linkage_node.limits import ORDER_BYTES, REASONS, TAG_BYTES, TAG_SET_ENTRIES
from linkage_node.matching import blinding, hit, merkle, tag_set
from linkage_node.matching.signing import sign, verify
from linkage_node.node import Node
from linkage_node.register import root
from linkage_node.register.staging import Staged
from linkage_node.storage import tables
from tests.attacks.pair import Pair, blinded, receipt_of
from tests.attacks.test_provider_attacks import assign, key_changed, on, receipts_changed, refused
from tests.nodes import OIN_A, OIN_C


def outcome(pair: Pair, requests: Any, oin: str = OIN_A) -> str:
    """The code that the provider refuses with, by receipt or without; "" if it answers."""
    try:
        first = receipt_of(next(pair.wire.send(requests, oin)))
    except LinkageError as error:
        return f"{error.code}, no receipt"
    return "" if first.decision == DECISION_ALLOW else first.reasons[0]


def fetched(pair: Pair, order: Signed) -> str:
    """The same of an order for the tag set."""
    try:
        first = receipt_of(next(pair.wire.fetch_tag_set(order)))
    except LinkageError as error:
        return f"{error.code}, no receipt"
    return "" if first.decision == DECISION_ALLOW else first.reasons[0]


def size_of(pair: Pair) -> dict[str, int]:
    """How many rows every table of the provider has."""
    with pair.nodes["b"].database.read() as connection:
        return {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in tables.metadata.sorted_tables
        }


def set_of(pair: Pair, agreement: Agreement | None = None) -> tuple[Epoch, TagSet]:
    """The provider's epoch and tag set of now."""
    agreement = agreement or pair.agreement
    epoch = pair.b.epochs.current(agreement, "bsn", pair.clock())
    return epoch, pair.b.tag_sets.current(agreement, epoch, pair.clock())


def tags_of(pair: Pair, epoch: Epoch, elements: bytes) -> bytes:
    """The provider's tags of packed elements, in their order."""
    return hit.own_tags(epoch.secret, epoch.label, elements, pair.executor)


# --- who leaves the provider's set


@pytest.mark.parametrize("early", [0, HOUR_MS, 30 * DAY_MS], ids=["in time", "an hour", "a month"])
@pytest.mark.parametrize("when", ["while building", "after building"])
def test_who_is_erased_leaves_with_the_next_delta(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, when: str, early: int
) -> None:
    """A person who is erased while a set is built, or by a clock that runs behind, is in it until its next delta."""
    pair.fill(pair.b, ["stays", "goes"])
    stays, goes = (pair.pseudonyms(pair.b, [name]) for name in ("stays", "goes"))
    register = pair.b.register
    read = register.distinct_elements

    def erase() -> None:
        register.remove(["goes"], pair.clock() - early)

    def erasing(*arguments: Any) -> Iterator[Any]:
        yield from read(*arguments)
        erase()

    if when == "while building":
        monkeypatch.setattr(register, "distinct_elements", erasing)
    epoch, first = set_of(pair)
    monkeypatch.undo()
    if when == "after building":
        erase()
    both = tags_of(pair, epoch, stays + goes)
    assert tag_set.find(first.tags, both).tolist() == [True, True]
    pair.b.housekeeping()
    pair.clock.pass_days(1)
    pair.b.housekeeping()
    assert tag_set.find(set_of(pair)[1].tags, both).tolist() == [True, False]


def test_who_leaves_first_is_no_matter_of_tags(pair: Pair) -> None:
    """Of twice as many leavers as fit a delta, those with low tags go as often as those with high ones."""
    many = pair.agreement.model_copy(
        update={"tag_set": pair.agreement.tag_set.model_copy(update={"changes": 300, "bucket": 100})}
    )
    names, elements = [str(at) for at in range(600)], blinded(600)
    rows = [Staged(at, name, None, {"bsn": elements[at * 32 :][:32]}) for at, name in enumerate(names)]
    pair.b.register.upsert(rows, pair.clock())
    epoch, _ = set_of(pair, many)
    ordered = tag_set.sort(tags_of(pair, epoch, elements))
    pair.remove(pair.b, names)
    pair.clock.pass_days(1)
    left = ~tag_set.find(set_of(pair, many)[1].tags, ordered)
    assert left.sum() == 300
    # 150 are expected of the lower half, with a standard deviation of 6.1: this fails once in 10^15 runs
    assert 100 < left[:300].sum() < 200
    # nor do they stand together: 300 are expected to differ from their neighbour, deviation some 12
    assert 200 < (left[1:] != left[:-1]).sum() < 400


def test_an_epoch_that_ends_while_its_set_is_built(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set whose epoch ended, seed and all, while it was being built is not kept, and nothing is answered from it."""
    pair.fill(pair.b, ["1"])
    crafted, register = pair.craft_fetch(), pair.b.register
    read = register.distinct_elements

    def slowly(*arguments: Any) -> Iterator[Any]:
        yield from read(*arguments)
        pair.clock.pass_days(7)
        assert pair.b.epochs.destroy_ended(pair.clock()) == 1  # as housekeeping does beside this

    monkeypatch.setattr(register, "distinct_elements", slowly)
    with pytest.raises(StorageError, match="seed_destroyed"):
        next(pair.wire.fetch_tag_set(crafted))
    assert size_of(pair)["tag_set"] == 0
    monkeypatch.undo()
    assert fetched(pair, pair.craft_fetch()) == ""
    assert size_of(pair)["tag_set"] == 1


# --- floods


def padded(pair: Pair, size: int, *, fetch: bool) -> tuple[Signed, Any]:
    """An order of so many bytes, and the stream that goes with it."""
    fill = 1_000
    while True:
        crafted = pair.craft(blinded(1), purpose="x" * fill)
        signed = pair.craft_fetch(purpose="x" * fill) if fetch else crafted.signed
        if len(signed.payload) == size:
            return signed, crafted.requests
        fill += size - len(signed.payload)


@pytest.mark.parametrize("fetch", [False, True], ids=["evaluate", "fetch"])
def test_an_order_that_is_too_large(pair: Pair, fetch: bool) -> None:
    """An order beyond the limit is malformed and leaves not one row; one of just that size is refused for its text."""
    for size, expected in ((ORDER_BYTES + 1, "malformed, no receipt"), (1_000_000, "malformed, no receipt")):
        signed, requests = padded(pair, size, fetch=fetch)
        before = size_of(pair)
        assert (fetched(pair, signed) if fetch else outcome(pair, requests)) == expected
        assert size_of(pair) == before
    signed, requests = padded(pair, ORDER_BYTES, fetch=fetch)
    assert (fetched(pair, signed) if fetch else outcome(pair, requests)) == "malformed"
    assert [event["event"] for event in pair.events(pair.b)] == ["refused"]


def test_refused_orders_are_counted(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the day's limit refused orders leave no evidence and no row; others, and good orders, go on; so does a
    new day."""
    monkeypatch.setattr(admission, "ORDERS_PER_DAY", 3)
    wrong = {"purpose": "Something else"}

    def refusal() -> str:
        return outcome(pair, pair.craft(blinded(1), **wrong).requests)

    def of_a_third() -> str:
        crafted = pair.craft(blinded(1), requester_oin=OIN_C)
        with Node.open(pair.folder / "c" / "node.yaml") as node:
            crafted.requests[0].order.CopyFrom(sign(crafted.order, node.secrets.signing_key))
        return outcome(pair, crafted.requests, OIN_C)

    assert [refusal() for _ in range(3)] == ["purpose_not_agreed"] * 3
    events, rows = len(pair.events(pair.b)), size_of(pair)
    assert [refusal() for _ in range(5)] == ["too_many_orders, no receipt"] * 5
    assert fetched(pair, pair.craft_fetch(**wrong)) == "too_many_orders, no receipt"
    assert len(pair.events(pair.b)) == events
    assert size_of(pair) == rows
    assert [of_a_third() for _ in range(4)] == ["agreement_unknown"] * 3 + ["too_many_orders, no receipt"]
    assert outcome(pair, pair.craft(blinded(1)).requests) == ""  # others can have one's orders refused
    pair.clock.pass_days(1)
    assert [refusal() for _ in range(4)] == ["purpose_not_agreed"] * 3 + ["too_many_orders, no receipt"]


def test_fetches_are_counted(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a day's limit fetches are refused, then leave nothing; all else goes on; so does a new day."""
    monkeypatch.setattr(admission, "ORDERS_PER_DAY", 3)

    def fetch() -> str:
        return fetched(pair, pair.craft_fetch())

    assert [fetch() for _ in range(3)] == [""] * 3
    assert [fetch() for _ in range(3)] == ["too_many_orders"] * 3  # refusals, counted as such
    events, rows = len(pair.events(pair.b)), size_of(pair)
    assert [fetch() for _ in range(3)] == ["too_many_orders, no receipt"] * 3
    assert len(pair.events(pair.b)) == events
    assert size_of(pair) == rows
    assert outcome(pair, pair.craft(blinded(1)).requests) == ""
    pair.clock.pass_days(1)
    assert fetch() == ""


def test_a_refusal_of_the_own_checks_is_in_the_evidence(pair: Pair) -> None:
    """What a check of the node's own refuses stands in the evidence with its code, as what policy refuses does."""
    for changes in ({"public_key": bytes(32)}, {"version": 2}, {"purpose": "Something else"}):
        outcome(pair, pair.craft(blinded(1), **changes).requests)
    reasons = [event["reasons"] for event in pair.events(pair.b) if event["event"] == "refused"]
    assert reasons == [["key_changed"], ["version_unknown"], ["purpose_not_agreed"]]


# --- receipts

REASON_LISTS: dict[str, tuple[list[str], str]] = {
    "too many": (["policy_denied"] * (REASONS + 1), "receipt_mismatch"),
    "escape characters": (["\x1b[2J\x1b]0;owned\x07"], "receipt_mismatch"),
    "two lines": (["policy_denied\nanswered"], "receipt_mismatch"),
    "a line end": (["policy_denied\n"], "receipt_mismatch"),
    "a comma": (["policy_denied,done"], "receipt_mismatch"),
    "empty": ([""], "receipt_mismatch"),
    "long": (["a" * 65], "receipt_mismatch"),
    "behind a good one": (["policy_denied", "\x1b[2J"], "receipt_mismatch"),
    "three megabytes": (["a" * 3_000_000], "malformed"),
    "cancelled": (["cancelled"], "policy_denied"),
    "as many as may be": ([f"{at:a>64}" for at in range(REASONS)], "policy_denied"),
}


@pytest.mark.parametrize("stage", [STAGE_DECIDED, STAGE_COMPLETED], ids=["decided", "completed"])
@pytest.mark.parametrize("attack", REASON_LISTS)
def test_reasons_of_a_refusal(pair: Pair, attack: str, stage: int) -> None:
    """A provider's reasons are few and codes, or the receipt is none; never does it cancel what was asked."""
    reasons, code = REASON_LISTS[attack]

    def deny(receipt: Any) -> None:
        receipt.decision = DECISION_DENY
        receipt.reasons.extend(reasons)

    assert refused(pair, receipts_changed(pair, stage, deny)) == code
    (query,) = pair.a.queries.all()
    assert query.state == queries.REFUSED
    told = f"{query.reasons} {query.detail} {pair.events(pair.a)[-1]}"
    assert told.isprintable()
    assert len(told) < 3_000


@pytest.fixture
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of four elements, remembered by twos."""
    for module in (hit, blinding, exchange, root, merkle):
        monkeypatch.setattr(module, "CHUNK_ELEMENTS", 4)
    monkeypatch.setattr(merkle, "_CHUNK_BYTES", 4 * 32)
    monkeypatch.setattr(exchange, "SAVE_CHUNKS", 2)


def withheld(*, after: int, killed: bool = False) -> Callable[[Message], Message | None]:
    """Lets pass the receipt of the decision and so many chunks of an evaluation, and nothing more, or the requester
    ends there."""
    passed: list[Message] = []

    def tamper(message: Message) -> Message | None:
        if isinstance(message, EvaluateResponse):
            passed.append(message)
            if len(passed) > 1 + after:
                if killed:
                    raise SystemExit
                return None
        return message

    return tamper


def signed_in(evidence: dict[str, str]) -> Signed:
    """A signed thing as evidence holds it."""
    return Signed(**{key: base64.b64decode(value) for key, value in evidence.items()})


@pytest.mark.usefixtures("_small_chunks")
@pytest.mark.parametrize("killed", [False, True], ids=["silent provider", "killed requester"])
@pytest.mark.parametrize(
    ("elements", "arrive", "remembered"),
    [(20, 5, 16), (20, 4, 16), (20, 3, 8), (20, 1, 0), (20, 0, 0), (8, 2, 0), (4, 1, 0), (1, 1, 0)],
)
def test_what_is_remembered_is_covered_by_receipts(
    pair: Pair, elements: int, arrive: int, remembered: int, killed: bool
) -> None:
    """However soon a provider falls silent, or the requester dies, each answer that is kept has its signature."""
    pair.fill(pair.a, [str(at) for at in range(elements)])
    query = pair.start()
    pair.wire.tamper = withheld(after=arrive, killed=killed)
    with pytest.raises(SystemExit if killed else LinkageError, match=None if killed else "peer_dropped"):
        pair.run(query)
    pair.wire.close()
    assert len(pair.a.memory.own(pair.label()).ids) == remembered
    pair.a.evidence.verify(Signatures.of(pair.nodes["a"]).check)
    events = pair.events(pair.a)
    partly = [event for event in events if event["event"] == "partly_answered"]
    assert [event["evaluated"] for event in partly] == list(range(8, remembered + 1, 8))
    assert "receipt" not in [event["event"] for event in events]
    key = pair.nodes["a"].peers.get(query.provider_oin).verifying_key()
    receipts = [signed_in(receipt) for event in partly for receipt in event["receipts"]]
    if not receipts:
        return
    (order,) = (signed_in(event["order"]) for event in events if event["event"] == "asked")
    assert verify(order, Order, pair.nodes["a"].secrets.signing_key.public_key()).element_count == elements
    decided = verify(receipts[0], Receipt, key)
    chunks = [verify(receipt, ChunkReceipt, key) for receipt in receipts[1:]]
    assert (decided.stage, decided.decision) == (STAGE_DECIDED, DECISION_ALLOW)
    assert [chunk.index for chunk in chunks] == list(range(remembered // 4))
    assert {decided.order_hash, *(chunk.order_hash for chunk in chunks)} == {decided.order_hash}


@pytest.mark.usefixtures("_small_chunks")
def test_a_receipt_that_comes_leaves_everything_remembered(pair: Pair) -> None:
    """With all receipts everything is kept, and after a silence only what was not kept is asked about again."""
    pair.fill(pair.a, [str(at) for at in range(20)])
    query = pair.start()
    pair.wire.tamper = withheld(after=4)
    with pytest.raises(LinkageError, match="peer_dropped"):
        pair.run(query)
    pair.wire.close()
    pair.wire.tamper = lambda message: message
    pair.run(query)
    assert pair.used() == 20 + 4
    assert len(pair.a.memory.own(pair.label()).ids) == 20
    last = [event for event in pair.events(pair.a) if event["event"] == "receipt"]
    receipt = Receipt.FromString(signed_in(last[0]["receipt"]).payload)
    assert (receipt.stage, receipt.evaluated) == (STAGE_COMPLETED, 4)


# --- epochs

BOUNDS = {
    "a day longer": on("ends_at_ms", lambda at: at + DAY_MS),
    "for ever": assign(ends_at_ms=2**62),
    "a millisecond longer": on("ends_at_ms", lambda at: at + 1),
    "a millisecond shorter": on("ends_at_ms", lambda at: at - 1),
    "a millisecond earlier": on("starts_at_ms", lambda at: at - 1),
    "a millisecond later": on("starts_at_ms", lambda at: at + 1),
    "since ever": assign(starts_at_ms=0),
}


@pytest.mark.parametrize("attack", BOUNDS)
def test_epochs_with_other_bounds(pair: Pair, attack: str) -> None:
    """A key that is stated to run from or until another time than the agreement says is not pinned."""
    assert refused(pair, key_changed(pair, BOUNDS[attack])) == "receipt_mismatch"
    assert pair.a.memory.key(pair.label()) is None


# --- tag sets

Parts = list[FetchTagSetResponse]


def part(**values: Any) -> FetchTagSetResponse:
    """A message with entries."""
    return FetchTagSetResponse(**{"version": 1, "entry_size": TAG_BYTES, **values})


def entries(count: int) -> bytes:
    """Random tags, sorted."""
    chance = np.random.default_rng(1)
    return tag_set.sort(chance.bytes(count * TAG_BYTES))


STREAMS: dict[str, Callable[[Parts], Parts]] = {
    "an empty part": lambda parts: [*parts, part(whole=True)],
    "an empty part first": lambda parts: [part(whole=True), *parts],
    "empty parts alone": lambda _: [part(whole=True)] * 3,
}


@pytest.mark.parametrize("attack", STREAMS)
def test_streams_of_a_tag_set(pair: Pair, monkeypatch: pytest.MonkeyPatch, attack: str) -> None:
    """Empty parts are refused, which could go on for ever, and nothing of them is kept."""
    pair.fill(pair.b, ["1"])
    honest = pair.wire.fetch_tag_set

    def tampered(order: Signed) -> Iterator[FetchTagSetResponse]:
        first, *parts = honest(order)
        yield first
        yield from STREAMS[attack](parts)

    monkeypatch.setattr(pair.wire, "fetch_tag_set", tampered)
    assert refused(pair, lambda message: message) == "tag_set_invalid"
    assert pair.a.memory.tag_set(pair.label()) == NO_TAG_SET
    monkeypatch.setattr(pair.wire, "fetch_tag_set", honest)
    assert pair.ask() == {"new 0": False}
    assert len(pair.a.memory.tag_set(pair.label()).tags) == 64 * TAG_BYTES


@pytest.mark.parametrize("order", [1, -1], ids=["a delta first", "the whole first"])
def test_whole_and_delta_mixed(pair: Pair, monkeypatch: pytest.MonkeyPatch, order: int) -> None:
    """A set that comes both whole and as a delta, each of them right, is not taken, but asked for in whole."""
    pair.fill(pair.a, ["1"])
    pair.fill(pair.b, ["1"])
    pair.ask()
    pair.clock.pass_days(1)
    honest, fetches = pair.wire.fetch_tag_set, []

    def tampered(signed: Signed) -> Iterator[FetchTagSetResponse]:
        first, *parts = honest(signed)
        fetches.append([one.whole for one in parts])
        yield first
        mixed = [*parts, part(version=2, whole=True, additions=set_of(pair)[1].tags)]
        yield from parts if parts[0].whole else mixed[::order]

    monkeypatch.setattr(pair.wire, "fetch_tag_set", tampered)
    assert pair.ask() == {"1": True}
    assert fetches == [[False], [True]]
    assert pair.a.memory.tag_set(pair.label()).tags == set_of(pair)[1].tags


def test_a_whole_set_of_signed_size(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set that is signed, sorted, padded and larger than a set may be is refused after the first part too much."""
    monkeypatch.setattr(exchange, "TAG_SET_ENTRIES", 128)
    vast, sent = entries(64 * 100), []
    honest = pair.wire.fetch_tag_set

    def tampered(order: Signed) -> Iterator[FetchTagSetResponse]:
        first, *_ = honest(order)
        receipt = receipt_of(first)
        receipt.tag_set_digest = tag_set.digest(vast)
        first.receipt.CopyFrom(pair.resign(receipt))
        yield first
        for at in range(100):
            sent.append(at)
            yield part(whole=True, additions=vast[at * 640 : at * 640 + 640])

    monkeypatch.setattr(pair.wire, "fetch_tag_set", tampered)
    assert refused(pair, lambda message: message) == "tag_set_invalid"
    assert sent == [0, 1, 2]
    assert pair.a.memory.tag_set(pair.label()) == NO_TAG_SET
    assert TAG_SET_ENTRIES * TAG_BYTES <= 512 * 1024**2  # what one peer can make this node hold


@pytest.mark.parametrize("asked", [True, False], ids=["with a question", "without"])
def test_another_set_of_the_same_version(pair: Pair, asked: bool) -> None:
    """A provider that was restored, and counts its versions anew, hands its set over in whole: no old hit stands."""
    pair.fill(pair.a, ["1", "2"])
    pair.fill(pair.b, ["1"])
    assert pair.ask() == {"1": True, "2": False}
    with pair.nodes["b"].database.write() as connection:
        connection.execute(delete(tables.tag_set))
    pair.b.tag_sets._cached.clear()
    pair.remove(pair.b, ["1"])
    pair.fill(pair.b, ["2"])
    if asked:
        pair.fill(pair.a, ["3"])
    assert pair.ask() == {"1": False, "2": True, **({"3": False} if asked else {})}
    node = pair.nodes["a"]
    kept = Memory(node.database, node.sealer).tag_set(pair.label())
    assert (kept.version, kept.tags) == (1, set_of(pair)[1].tags)


def test_a_set_fetched_anew_is_used_from_then_on(pair: Pair) -> None:
    """After a provider was restored its set is fetched in whole once, not again with every question."""
    pair.fill(pair.a, ["1"])
    pair.ask()
    with pair.nodes["b"].database.write() as connection:
        connection.execute(delete(tables.tag_set))
    pair.b.tag_sets._cached.clear()
    pair.ask()
    pair.wire.sizes.clear()
    pair.ask()
    assert [name for name, _ in pair.wire.sizes] == ["FetchTagSetResponse"]  # the receipt alone


# --- rungs that the agreement does not have


def refused_unasked(pair: Pair, wish: Wish) -> str:
    """A question's refusal by the node that asks: nothing reaches the provider."""
    pair.fill(pair.a, ["1"])
    with pytest.raises(Refusal) as caught:
        pair.run(pair.a.intake.about_register(wish, "cli").only)
    assert pair.wire.sizes == []
    assert pair.events(pair.b) == []
    assert pair.events(pair.a)[-1]["reasons"] == [caught.value.code]
    assert pair.a.queries.all()[0].state == queries.REFUSED
    return caught.value.code


@pytest.mark.parametrize(
    ("answer", "number", "code"),
    [
        ("count", ANSWER_COUNT, "answer_not_offered"),  # a count opens no tag set, ever
        ("attributes", ANSWER_ATTRIBUTES, "answer_not_agreed"),
    ],
    ids=["count", "attributes"],
)
def test_other_answers_are_refused(pair: Pair, answer: str, number: int, code: str) -> None:
    """Answers that the agreement does not have are refused by either node, whatever the order is for."""
    assert refused_unasked(pair, Wish("shared", answer=answer)) == "answer_not_agreed"
    assert outcome(pair, pair.craft(blinded(1), answer=number).requests) == code
    assert fetched(pair, pair.craft_fetch(answer=number)) == code
    assert pair.used() == 0
    assert [event["reasons"] for event in pair.events(pair.b)] == [[code]] * 2
    assert outcome(pair, pair.craft(blinded(1)).requests) == ""
