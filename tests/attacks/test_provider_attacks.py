"""What a provider with its own signing key may try, and what the requester makes of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message

from linkage_node._generated.linkage.v1.order_pb2 import (
    DECISION_DENY,
    DECISION_UNSPECIFIED,
    STAGE_COMPLETED,
    STAGE_DECIDED,
    STAGE_UNSPECIFIED,
    ChunkReceipt,
    EpochKey,
    Receipt,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import (
    EvaluateResponse,
    FetchTagSetResponse,
    GetEpochKeyResponse,
)
from linkage_node.asking import queries
from linkage_node.asking.memory import NO_TAG_SET
from linkage_node.errors import LinkageError
from linkage_node.limits import CHUNK_ELEMENTS, TAG_BYTES
from linkage_node.matching import merkle, tag_set
from linkage_node.matching.signing import sign
from linkage_node.node import Node
from linkage_node.pseudonyms import group
from tests.attacks.pair import BASE, Pair, opened, receipt_of, second_encoding
from tests.nodes import OIN_C

Edit = Callable[[Any], None]


@pytest.fixture(scope="module")
def shared(template: Path, tmp_path_factory: pytest.TempPathFactory, executor: Executor) -> Iterator[Pair]:
    """One pair for whole tables of attacks that all fail; every question is about somebody new."""
    with opened(template, tmp_path_factory.mktemp("shared") / "pair", executor) as made:
        made.fill(made.a, ["first"])
        made.fill(made.b, ["first", "second"])
        yield made


def refused(pair: Pair, tamper: Callable[[Message], Message | None], agreement: str = "shared") -> str:
    """Ask about somebody new while the answers are tampered with: the code of the refusal. Nothing is answered."""
    pair.fill(pair.a, [f"new {len(pair.a.queries.all())}"])
    query = pair.start(agreement)
    pair.wire.tamper = tamper
    try:
        with pytest.raises(LinkageError) as caught:
            pair.run(query)
    finally:
        pair.wire.close()
        pair.wire.tamper = lambda message: message
    ended = pair.a.queries.get(query.id)
    assert ended.state in {queries.REFUSED, queries.FAILED}
    with pytest.raises(LinkageError, match="query_not_done"):
        next(pair.a.queries.results(query.id, pair.clock()))
    assert pair.events(pair.a)[-1]["event"] == "not_answered"
    return caught.value.code


def assign(**values: Any) -> Edit:
    """Set fields."""

    def edit(message: Any) -> None:
        for field, value in values.items():
            setattr(message, field, value)

    return edit


def on(name: str, change: Callable[[Any], Any]) -> Edit:
    """Change a field by what it was."""
    return lambda message: setattr(message, name, change(getattr(message, name)))


def oblige(**values: int) -> Edit:
    """Change obligations by adding to them."""

    def edit(receipt: Any) -> None:
        for field, more in values.items():
            setattr(receipt.obligations, field, getattr(receipt.obligations, field) + more)

    return edit


RECEIPTS: dict[str, tuple[Edit, str]] = {
    "version": (assign(version=2), "version_unknown"),
    "order hash": (assign(order_hash=bytes(32)), "receipt_mismatch"),
    "no order hash": (assign(order_hash=b""), "receipt_mismatch"),
    "provider": (assign(provider_oin=OIN_C), "receipt_mismatch"),
    "requester": (assign(requester_oin=OIN_C), "receipt_mismatch"),
    "transaction": (assign(transaction_id=bytes(16)), "receipt_mismatch"),
    "no stage": (assign(stage=STAGE_UNSPECIFIED), "receipt_mismatch"),
    "the other stage": (
        on("stage", lambda stage: STAGE_DECIDED + STAGE_COMPLETED - stage),
        "receipt_mismatch",
    ),
    "epoch": (on("epoch", lambda epoch: epoch + 1), "receipt_mismatch"),
    "public key": (assign(public_key=BASE), "receipt_mismatch"),
    "no public key": (assign(public_key=b""), "receipt_mismatch"),
    "more evaluated": (on("evaluated", lambda count: count + 1), "receipt_mismatch"),
    "none evaluated": (assign(evaluated=0), "receipt_mismatch"),
    "results root": (on("results_root", lambda root: b"" if root else bytes(32)), "receipt_mismatch"),
    "half a results root": (assign(results_root=bytes(16)), "receipt_mismatch"),
    "reasons beside an approval": (
        lambda receipt: receipt.reasons.append("policy_denied"),
        "receipt_mismatch",
    ),
    "no decision": (assign(decision=DECISION_UNSPECIFIED), "policy_denied"),
    "a decision of another kind": (assign(decision=7), "policy_denied"),
    "a refusal without reasons": (assign(decision=DECISION_DENY), "policy_denied"),
    "no obligations' kinds beyond": (
        lambda receipt: receipt.obligations.kinds.append("person"),
        "obligation_dropped",
    ),
    "answers beyond": (
        lambda receipt: receipt.obligations.answers.append("attributes"),
        "obligation_dropped",
    ),
    "a larger budget": (oblige(evaluations_per_day=1), "obligation_dropped"),
    "a larger query": (oblige(largest_query=1), "obligation_dropped"),
    "longer retention": (oblige(result_retention_days=1), "obligation_dropped"),
}


def receipts_changed(pair: Pair, stage: int, edit: Edit) -> Callable[[Message], Message]:
    """Edits the receipt of one stage of an evaluation, and signs it properly."""

    def tamper(message: Message) -> Message:
        if isinstance(message, EvaluateResponse) and message.HasField("receipt"):
            receipt = receipt_of(message)
            if receipt.stage == stage:
                edit(receipt)
                message.receipt.CopyFrom(pair.resign(receipt))
        return message

    return tamper


@pytest.mark.parametrize("stage", [STAGE_DECIDED, STAGE_COMPLETED], ids=["decided", "completed"])
@pytest.mark.parametrize("attack", RECEIPTS)
def test_edited_receipts(shared: Pair, attack: str, stage: int) -> None:
    """A receipt with one field off, properly signed by the provider, is refused at either stage, and is kept."""
    edit, code = RECEIPTS[attack]
    assert refused(shared, receipts_changed(shared, stage, edit)) == code
    assert shared.events(shared.a)[-2]["event"] == "receipt"


def test_laxer_flags(pair: Pair) -> None:
    """A receipt without the proof that the agreement asks for is refused before anything is evaluated."""
    pair.fill(pair.b, ["1"])
    drop = receipts_changed(pair, STAGE_DECIDED, lambda receipt: receipt.obligations.ClearField("proof"))
    assert refused(pair, drop, "proven") == "obligation_dropped"


def test_a_refusal_keeps_its_reasons(shared: Pair) -> None:
    """All reasons of the provider's refusal reach the query, the first as its code; one that is new here is quoted."""

    def deny(receipt: Any) -> None:
        receipt.decision = DECISION_DENY
        receipt.reasons.extend(["budget_exhausted", "kind_not_agreed", "something_new"])

    assert refused(shared, receipts_changed(shared, STAGE_DECIDED, deny)) == "budget_exhausted"
    assert ("budget_exhausted,kind_not_agreed,policy_denied", '"something_new"') in {
        (query.reasons, query.detail.split("; ")[1])
        for query in shared.a.queries.all()
        if "; " in query.detail
    }


def foreign(pair: Pair, message: Message) -> Signed:
    """Signed by a third organisation."""
    with Node.open(pair.folder / "c" / "node.yaml") as node:
        return sign(message, node.secrets.signing_key)


def swap_signed(
    field: str, forge: Callable[[Pair, Any], Signed]
) -> Callable[[Pair], Callable[[Message], Message]]:
    """Puts another signed thing in a field of a response to an evaluation."""

    def make(pair: Pair) -> Callable[[Message], Message]:
        def tamper(message: Message) -> Message:
            if isinstance(message, EvaluateResponse) and message.HasField(field):
                signed = getattr(message, field)
                parsed = (Receipt if field == "receipt" else ChunkReceipt).FromString(signed.payload)
                signed.CopyFrom(forge(pair, parsed))
            return message

        return tamper

    return make


def on_chunk(
    edit: Callable[[Pair, EvaluateResponse], EvaluateResponse | None],
) -> Callable[[Pair], Callable[[Message], Message | None]]:
    """Changes the response that carries evaluated elements."""

    def make(pair: Pair) -> Callable[[Message], Message | None]:
        def tamper(message: Message) -> Message | None:
            carries = isinstance(message, EvaluateResponse) and message.evaluated
            return edit(pair, message) if carries else message  # type: ignore[arg-type]

        return tamper

    return make


def honest_receipt(pair: Pair, response: EvaluateResponse, **changes: Any) -> EvaluateResponse:
    """The response with a chunk receipt that fits what it carries."""
    receipt = ChunkReceipt.FromString(response.chunk_receipt.payload)
    receipt.root = merkle.chunk_root(response.evaluated)
    assign(**changes)(receipt)
    response.chunk_receipt.CopyFrom(pair.resign(receipt))
    return response


def answer(evaluated: Callable[[bytes], bytes], sign_it: bool = True) -> Any:
    """Other evaluated elements, with a receipt that fits them or without."""

    def edit(pair: Pair, response: EvaluateResponse) -> EvaluateResponse:
        response.evaluated = evaluated(response.evaluated)
        return honest_receipt(pair, response) if sign_it else response

    return on_chunk(edit)


def unknown_in_chunk(_pair: Pair, response: EvaluateResponse) -> EvaluateResponse:
    """A field that this version does not know."""
    return EvaluateResponse.FromString(response.SerializeToString() + b"\xfa\x3f\x01\x01")


ANSWERS: dict[str, tuple[Callable[[Pair], Callable[[Message], Message | None]], str]] = {
    "receipt signed by a third": (swap_signed("receipt", foreign), "signature_invalid"),
    "receipt is a chunk receipt": (
        swap_signed("receipt", lambda pair, _: pair.resign(ChunkReceipt())),
        "signature_invalid",
    ),
    "chunk receipt signed by a third": (swap_signed("chunk_receipt", foreign), "signature_invalid"),
    "chunk receipt is a receipt": (
        swap_signed("chunk_receipt", lambda pair, _: pair.resign(Receipt())),
        "signature_invalid",
    ),
    "chunk receipt missing": (
        swap_signed("chunk_receipt", lambda _pair, _message: Signed()),
        "signature_invalid",
    ),
    "chunk receipt of another chunk": (
        on_chunk(lambda pair, response: honest_receipt(pair, response, index=1)),
        "receipt_mismatch",
    ),
    "chunk receipt of another order": (
        on_chunk(lambda pair, response: honest_receipt(pair, response, order_hash=bytes(32))),
        "receipt_mismatch",
    ),
    "chunk receipt with another root": (
        on_chunk(lambda pair, response: honest_receipt(pair, response, root=bytes(32))),
        "receipt_mismatch",
    ),
    "an element changed on the way": (
        answer(lambda packed: BASE + packed[32:], sign_it=False),
        "receipt_mismatch",
    ),
    "an element too many": (answer(lambda packed: packed + BASE), "receipt_mismatch"),
    "a part of an element": (answer(lambda packed: packed[:-1]), "receipt_mismatch"),
    "another element than the final root says": (
        answer(lambda packed: BASE + packed[32:]),
        "receipt_mismatch",
    ),
    "the identity": (answer(lambda packed: packed[:-32] + bytes(32)), "element_invalid"),
    "a second encoding": (
        answer(lambda packed: second_encoding(packed[:32]) + packed[32:]),
        "element_invalid",
    ),
    "not canonical": (
        answer(lambda packed: b"\xed" + b"\xff" * 30 + b"\x7f" + packed[32:]),
        "element_invalid",
    ),
    "nothing evaluated": (answer(lambda _: b"", sign_it=False), "peer_dropped"),
    "an unknown field": (on_chunk(unknown_in_chunk), "malformed"),
    "broken off": (on_chunk(lambda _pair, _response: None), "peer_dropped"),
}


@pytest.mark.parametrize("attack", ANSWERS)
def test_tampered_answers(shared: Pair, attack: str) -> None:
    """Answers that the provider did not sign as the answer to this order, or that are no elements, are not used."""
    make, code = ANSWERS[attack]
    assert refused(shared, make(shared)) == code


def test_chunks_exchanged(pair: Pair) -> None:
    """Two answers of a provider in each other's place are refused, though both are signed for this order."""
    pair.fill(pair.a, [str(at) for at in range(CHUNK_ELEMENTS + 1)])
    kept: list[EvaluateResponse] = []

    def swap(message: Message) -> Message:
        if isinstance(message, EvaluateResponse) and message.evaluated:
            kept.append(EvaluateResponse.FromString(message.SerializeToString()))
            return kept[0] if len(kept) == 2 else message
        return message

    query = pair.start()
    pair.wire.tamper = swap
    with pytest.raises(LinkageError, match="receipt_mismatch"):
        pair.run(query)
    assert len(kept) == 2


def test_another_key_needs_a_proof_to_be_seen(pair: Pair) -> None:
    """Where the agreement asks for a proof, an answer under another key is refused; so is one without a proof."""
    pair.fill(pair.a, ["1", "2"])
    pair.fill(pair.b, ["1"])
    two = (2).to_bytes(32, "little")

    def cheat(message: Message) -> Message:
        if isinstance(message, EvaluateResponse) and message.evaluated:
            message.evaluated = group.multiply(two, message.evaluated)
            honest_receipt(pair, message)
        return message

    def without(message: Message) -> Message:
        if isinstance(message, EvaluateResponse):
            message.ClearField("proof")
        return message

    assert refused(pair, cheat, "proven") == "proof_invalid"
    assert refused(pair, without, "proven") == "proof_invalid"
    assert pair.ask("proven")["1"]


def test_nothing_is_learnt_from_a_refused_answer(pair: Pair) -> None:
    """After an answer that did not fit its receipt the requester asks for the same persons anew."""
    pair.fill(pair.b, ["1"])
    refused(pair, answer(lambda _: BASE, sign_it=False)(pair))
    assert len(pair.a.memory.own(pair.label()).ids) == 0
    before = pair.used()
    assert pair.ask() == {"new 0": False}
    assert pair.used() == before + 1


# --- the key of an epoch

KEYS: dict[str, tuple[Edit, str]] = {
    "version": (assign(version=2), "version_unknown"),
    "suite": (assign(suite="P256-SHA256"), "version_unknown"),
    "provider": (assign(provider_oin=OIN_C), "receipt_mismatch"),
    "requester": (assign(requester_oin=OIN_C), "receipt_mismatch"),
    "agreement": (assign(agreement_hash=bytes(64)), "receipt_mismatch"),
    "purpose": (assign(purpose="Something else"), "receipt_mismatch"),
    "kind": (assign(kind="household"), "receipt_mismatch"),
    "epoch": (on("epoch", lambda epoch: epoch + 1), "epoch_not_current"),
    "epoch and kind": (assign(epoch=3, kind="household"), "receipt_mismatch"),
    "not running yet": (on("starts_at_ms", lambda at: at + 7 * 86_400_000), "epoch_not_current"),
    "over": (on("ends_at_ms", lambda at: at - 7 * 86_400_000), "epoch_not_current"),
    "the identity": (assign(public_key=bytes(32)), "element_invalid"),
    "a second encoding": (on("public_key", second_encoding), "element_invalid"),
    "no element": (assign(public_key=b"\xff" * 31 + b"\x7f"), "element_invalid"),
    "too short": (on("public_key", lambda key: key[:31]), "element_invalid"),
    "two elements": (on("public_key", lambda key: key * 2), "element_invalid"),
    "none": (assign(public_key=b""), "element_invalid"),
}


def key_changed(pair: Pair, edit: Edit) -> Callable[[Message], Message]:
    """Edits the statement of the epoch's key, and signs it properly."""

    def tamper(message: Message) -> Message:
        if isinstance(message, GetEpochKeyResponse):
            key = EpochKey.FromString(message.epoch_key.payload)
            edit(key)
            message.epoch_key.CopyFrom(pair.resign(key))
        return message

    return tamper


@pytest.fixture(scope="module")
def unpinned(template: Path, tmp_path_factory: pytest.TempPathFactory, executor: Executor) -> Iterator[Pair]:
    """A pair whose requester never comes as far as pinning a key."""
    with opened(template, tmp_path_factory.mktemp("unpinned") / "pair", executor) as made:
        yield made


@pytest.mark.parametrize("attack", KEYS)
def test_edited_epoch_keys(unpinned: Pair, attack: str) -> None:
    """A key that is stated for something else, for another time, or is no element, is not pinned."""
    edit, code = KEYS[attack]
    assert refused(unpinned, key_changed(unpinned, edit)) == code
    assert unpinned.a.memory.key(unpinned.label()) is None


def test_an_epoch_key_of_a_third(unpinned: Pair) -> None:
    """A statement that another organisation signed is refused."""

    def tamper(message: Message) -> Message:
        if isinstance(message, GetEpochKeyResponse):
            key = EpochKey.FromString(message.epoch_key.payload)
            message.epoch_key.CopyFrom(foreign(unpinned, key))
        return message

    assert refused(unpinned, tamper) == "signature_invalid"


def test_another_key_for_the_same_epoch_is_refused(pair: Pair) -> None:
    """A pinned key is not replaced by another one for the same epoch, however well it is signed."""
    pair.fill(pair.a, ["1"])
    pair.ask()
    pinned = pair.a.memory.key(pair.label())
    statement = pair.b.answering.epoch_key(pair.label().agreement_hash, "bsn", pair.wire.oin)
    key = EpochKey.FromString(statement.payload)
    assert pair.a.memory.pin(pair.label(), key, statement) == pinned
    key.public_key = BASE
    with pytest.raises(LinkageError) as caught:
        pair.a.memory.pin(pair.label(), key, pair.resign(key))
    assert caught.value.code == "key_changed"
    assert pair.a.memory.key(pair.label()) == pinned


def test_a_provider_that_lost_its_seed_is_found_out(pair: Pair) -> None:
    """A provider whose key of a running epoch changed, and that hides it, is refused: nothing mixes silently."""
    pair.fill(pair.a, ["1"])
    pair.ask()
    with pair.nodes["b"].database.write() as connection:
        connection.exec_driver_sql("DELETE FROM epoch_seed")
    pair.b.epochs._running.clear()
    assert refused(pair, lambda message: message) == "key_changed"


# --- the tag set


def on_entries(edit: Edit) -> Callable[[Pair], Callable[[Message], Message | None]]:
    """Changes a message with entries of the tag set."""

    def make(_pair: Pair) -> Callable[[Message], Message | None]:
        def tamper(message: Message) -> Message | None:
            if isinstance(message, FetchTagSetResponse) and message.additions:
                edit(message)
            return message

        return tamper

    return make


def resigned_entries(change: Callable[[bytes], bytes]) -> Callable[[Pair], Callable[[Message], Message]]:
    """Another set, with a receipt that fits it."""

    def make(pair: Pair) -> Callable[[Message], Message]:
        honest = pair.b.tag_sets.current(
            pair.agreement, pair.b.epochs.current(pair.agreement, "bsn", pair.clock()), pair.clock()
        )
        other = change(honest.tags)

        def tamper(message: Message) -> Message:
            if isinstance(message, FetchTagSetResponse):
                if message.HasField("receipt"):
                    receipt = receipt_of(message)
                    receipt.tag_set_digest = tag_set.digest(other)
                    message.receipt.CopyFrom(pair.resign(receipt))
                if message.additions:
                    message.additions = other
            return message

        return tamper

    return make


def dropped(pair: Pair) -> Callable[[Message], Message | None]:
    """The entries never arrive."""
    return lambda message: (
        None if isinstance(message, FetchTagSetResponse) and not message.HasField("receipt") else message
    )


TAG_SETS: dict[str, Callable[[Pair], Callable[[Message], Message | None]]] = {
    "an entry replaced": on_entries(on("additions", lambda tags: tags[:-10] + b"\xff" * 10)),
    "an entry less": on_entries(on("additions", lambda tags: tags[10:])),
    "an entry more": on_entries(on("additions", lambda tags: tags + b"\xff" * 10)),
    "unsorted": on_entries(on("additions", lambda tags: tags[10:20] + tags[:10] + tags[20:])),
    "a tag twice": on_entries(on("additions", lambda tags: tags[:10] + tags[:10] + tags[20:])),
    "half an entry": on_entries(on("additions", lambda tags: tags[:-5])),
    "entries of another size": on_entries(assign(entry_size=TAG_BYTES + 1)),
    "a delta on nothing": on_entries(assign(whole=False)),
    "a delta of the next version": on_entries(assign(whole=False, version=1)),
    "nothing arrives": dropped,
    "signed, but a tag twice": resigned_entries(lambda tags: tags[:10] + tags[:10] + tags[20:]),
    "signed, but unsorted": resigned_entries(lambda tags: tags[10:20] + tags[:10] + tags[20:]),
    "signed, but not padded": resigned_entries(lambda tags: tags[10:]),
    "signed, but cut off": resigned_entries(lambda tags: tags[:-5]),
}


@pytest.mark.parametrize("attack", TAG_SETS)
def test_tampered_tag_sets(shared: Pair, attack: str) -> None:
    """A tag set that is not what was signed, or is signed and still not a sorted and padded set, is not used."""
    tamper = TAG_SETS[attack](shared)
    assert refused(shared, tamper) == "tag_set_invalid"
    assert shared.a.memory.tag_set(shared.label()) == NO_TAG_SET


DELTAS: dict[str, Callable[[list[FetchTagSetResponse]], list[FetchTagSetResponse]]] = {
    "the first is missing": lambda deltas: deltas[1:],
    "the last is missing": lambda deltas: deltas[:-1],
    "all are missing": lambda _: [],
    "one twice": lambda deltas: [deltas[0], *deltas],
    "in another order": lambda deltas: deltas[::-1],
}


@pytest.mark.parametrize("attack", DELTAS)
def test_tampered_deltas(pair: Pair, attack: str) -> None:
    """Deltas that are missing, repeated or exchanged are not used: the set is fetched in whole, and answers rightly."""
    pair.fill(pair.a, ["1", "3"])
    pair.fill(pair.b, ["1", "2"])
    assert pair.ask() == {"1": True, "3": False}
    pair.fill(pair.b, ["3"])
    pair.clock.pass_days(2)
    honest, fetched = pair.wire.fetch_tag_set, []

    def tampered(order: Signed) -> Iterator[FetchTagSetResponse]:
        first, *rest = honest(order)
        fetched.append(["whole" if response.whole else "delta" for response in rest])
        yield first
        yield from rest if rest[0].whole else DELTAS[attack](rest)

    pair.wire.fetch_tag_set = tampered  # type: ignore[method-assign]
    assert pair.ask() == {"1": True, "3": True}
    assert fetched == [["delta", "delta"], ["whole"]]
    epoch = pair.b.epochs.current(pair.agreement, "bsn", pair.clock())
    theirs = pair.b.tag_sets.current(pair.agreement, epoch, pair.clock())
    assert pair.a.memory.tag_set(pair.label()).tags == theirs.tags
