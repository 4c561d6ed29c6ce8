"""Orders and receipts: what each side signs, and every check before the other side's signature is used.

All verification of a message's content is here, without I/O. Each check raises a Refusal; what passes is bound to one
requester, provider, agreement, purpose, kind, answer, epoch and key. Lengths are compared too: a short nonce or hash
is malformed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from linkage_node._generated.linkage.v1.order_pb2 import (
    ANSWER_ATTRIBUTES,
    ANSWER_COUNT,
    ANSWER_HIT,
    DECISION_ALLOW,
    OPERATION_COUNT,
    OPERATION_DISCLOSE,
    OPERATION_EVALUATE,
    OPERATION_FETCH_TAG_SET,
    OPERATION_REPORT_HITS,
    STAGE_COMPLETED,
    Answer,
    EpochKey,
    Operation,
    Order,
    Receipt,
)
from linkage_node.errors import Refusal, Refused
from linkage_node.limits import (
    DISCLOSED_ATTRIBUTES,
    ELEMENT_BYTES,
    KIND_CHARACTERS,
    LARGEST_ORDER,
    LINE_CHARACTERS,
    ORDER_LIFETIME_MS,
    PROTOCOL_VERSION,
    REASONS,
    SUITE,
    WORD_CHARACTERS,
)
from linkage_node.matching.merkle import HASH_BYTES
from linkage_node.printable import quoted
from linkage_node.pseudonyms import group
from linkage_node.pseudonyms.epoch_keys import KeyLabel
from linkage_node.reasons import REFUSAL_CODES

ID_BYTES = 16
_AGREEMENT_HASH_BYTES = 64
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_TAGS = {ANSWER_HIT, ANSWER_ATTRIBUTES}
_ANSWERS = {  # what may be done on each rung: a count never opens a tag set
    OPERATION_EVALUATE: _TAGS,
    OPERATION_FETCH_TAG_SET: _TAGS,
    OPERATION_REPORT_HITS: _TAGS,
    OPERATION_COUNT: {ANSWER_COUNT},
    OPERATION_DISCLOSE: {ANSWER_ATTRIBUTES},
}
_LONGEST = {  # characters of what an agreement must have to the letter
    "agreement_id": WORD_CHARACTERS,
    "purpose": LINE_CHARACTERS,
    "kind": KIND_CHARACTERS,
    "question": WORD_CHARACTERS,
}
_WITH_ELEMENTS = {OPERATION_EVALUATE, OPERATION_COUNT}
_WITH_TOKENS = {OPERATION_DISCLOSE, OPERATION_REPORT_HITS}


class Ask(NamedTuple):
    """What the requester fills an order with."""

    label: KeyLabel
    agreement_id: str
    answer: Answer
    operation: Operation
    public_key: bytes
    transaction_id: bytes
    nonce: bytes
    expires_at_ms: int
    register_root: bytes
    element_count: int = 0
    elements_root: bytes = b""
    blinding_commitment: bytes = b""
    tag_set_version: int = 0
    question: str = ""
    base_point: bytes = b""
    tokens_digest: bytes = b""
    case_reference: str = ""
    attributes: tuple[str, ...] = ()


def make_order(ask: Ask) -> Order:
    """The order, ready to be signed."""
    label = ask.label
    return Order(
        version=PROTOCOL_VERSION,
        suite=label.suite,
        requester_oin=label.requester_oin,
        provider_oin=label.provider_oin,
        agreement_id=ask.agreement_id,
        agreement_hash=label.agreement_hash,
        purpose=label.purpose,
        kind=label.kind,
        answer=ask.answer,
        operation=ask.operation,
        epoch=label.epoch,
        public_key=ask.public_key,
        element_count=ask.element_count,
        elements_root=ask.elements_root,
        register_root=ask.register_root,
        blinding_commitment=ask.blinding_commitment,
        transaction_id=ask.transaction_id,
        nonce=ask.nonce,
        expires_at_ms=ask.expires_at_ms,
        tag_set_version=ask.tag_set_version,
        question=ask.question,
        base_point=ask.base_point,
        tokens_digest=ask.tokens_digest,
        case_reference=ask.case_reference,
        attributes=ask.attributes,
    )


def label_of(order: Order) -> KeyLabel:
    """The key label that an order speaks of."""
    return KeyLabel(
        order.provider_oin,
        order.requester_oin,
        order.agreement_hash,
        order.purpose,
        order.kind,
        order.epoch,
        order.suite,
    )


def check_order(
    order: Order, *, certificate_oin: str, own_oin: str, operation: Operation, now_ms: int
) -> None:
    """Provider: the order is well-formed, from the organisation on the line, for this node, and in time."""
    if order.version != PROTOCOL_VERSION or order.suite != SUITE:
        raise Refusal("version_unknown", f"version {order.version}, suite {order.suite[:40]!r}")
    if order.requester_oin != certificate_oin:
        raise Refusal("oin_mismatch", "the order's requester is not the organisation in the certificate")
    if order.provider_oin != own_oin:
        raise Refusal("oin_mismatch", "the order is for another provider")
    if order.operation != operation:
        raise Refusal("malformed", "the order is for another operation")
    if order.answer not in _ANSWERS[operation]:
        raise Refusal("answer_not_offered", f"answer {order.answer} for this operation")
    _check_lengths(order)
    if not now_ms < order.expires_at_ms <= now_ms + 2 * ORDER_LIFETIME_MS:
        raise Refusal("order_expired", "the order expired, or expires too far in the future")


def _check_lengths(order: Order) -> None:
    with_elements = order.operation in _WITH_ELEMENTS
    expected = {
        "agreement_hash": _AGREEMENT_HASH_BYTES,
        "public_key": ELEMENT_BYTES,
        "register_root": HASH_BYTES,
        "transaction_id": ID_BYTES,
        "nonce": ID_BYTES,
        "elements_root": HASH_BYTES if with_elements else 0,
        "blinding_commitment": HASH_BYTES if with_elements else 0,
        "base_point": ELEMENT_BYTES if order.operation == OPERATION_COUNT else 0,
        "tokens_digest": HASH_BYTES if order.operation in _WITH_TOKENS else 0,
    }
    for field, length in expected.items():
        if len(getattr(order, field)) != length:
            raise Refusal("malformed", f"{field} has not {length} bytes")
    with_count = with_elements or order.operation in _WITH_TOKENS
    if with_count != bool(order.element_count) or order.element_count > LARGEST_ORDER:
        raise Refusal("malformed", f"element_count is {order.element_count}")
    belongs = {
        "tag_set_version": order.operation == OPERATION_FETCH_TAG_SET,
        "question": order.operation == OPERATION_COUNT,
        "case_reference": order.operation == OPERATION_DISCLOSE,
        "attributes": order.operation == OPERATION_DISCLOSE,
    }
    for field, fits in belongs.items():
        if getattr(order, field) and not fits:
            raise Refusal("malformed", f"{field} belongs to another operation")
    _check_texts(order)


def _check_texts(order: Order) -> None:
    """None is longer, and no more attributes are named, than any agreement has: no policy need look at those."""
    for field, most in _LONGEST.items():
        if len(getattr(order, field)) > most:
            raise Refusal("malformed", f"{field} has more than {most} characters")
    if len(order.attributes) > DISCLOSED_ATTRIBUTES:
        raise Refusal("malformed", f"more than {DISCLOSED_ATTRIBUTES} attributes")
    if any(len(name) > WORD_CHARACTERS for name in order.attributes):
        raise Refusal("malformed", f"the name of an attribute has more than {WORD_CHARACTERS} characters")


def check_receipt(receipt: Receipt, order: Order, signed_order_hash: bytes, *, stage: int) -> None:
    """Requester: an approving receipt for exactly this order, provider, epoch and key, at this stage.

    A refusal by the provider is raised with its own reason codes, as far as they are a provider's to give.
    """
    if receipt.version != PROTOCOL_VERSION:
        raise Refusal("version_unknown", f"receipt version {receipt.version}")
    expected = {
        "order_hash": signed_order_hash,
        "provider_oin": order.provider_oin,
        "requester_oin": order.requester_oin,
        "transaction_id": order.transaction_id,
    }
    _compare(receipt, expected)
    if len(receipt.reasons) > REASONS or not all(map(_CODE.fullmatch, receipt.reasons)):
        raise Refusal("receipt_mismatch", "reasons")
    if receipt.decision != DECISION_ALLOW:
        raise _refused(receipt.reasons)
    if receipt.reasons:
        raise Refusal("receipt_mismatch", "approved, with reasons to refuse")
    _compare(receipt, {"stage": stage, "epoch": order.epoch, "public_key": order.public_key})
    if receipt.evaluated != order.element_count:
        raise Refusal("receipt_mismatch", "evaluated")
    if len(receipt.results_root) != (HASH_BYTES if stage == STAGE_COMPLETED and order.element_count else 0):
        raise Refusal("receipt_mismatch", "results_root")


def _refused(codes: Sequence[str]) -> Refused:
    """A provider that says `cancelled` or `results_expired` must not make this node say so of itself."""
    known = [code if code in REFUSAL_CODES else "policy_denied" for code in codes]
    others = [quoted(code) for code in codes if code not in REFUSAL_CODES]
    return Refused(
        list(dict.fromkeys(known)) or ["policy_denied"], "; ".join(["the provider refused", *others])
    )


def _compare(receipt: Receipt, expected: Mapping[str, object]) -> None:
    for field, value in expected.items():
        if getattr(receipt, field) != value:
            raise Refusal("receipt_mismatch", field)


def check_epoch_key(key: EpochKey, label: KeyLabel, bounds: tuple[int, int], now_ms: int) -> None:
    """Requester: the provider's statement is about this label, of the agreement's epoch, runs now, and shows a valid
    element. `bounds` are the epoch's start and end by the agreement, in milliseconds since 1970-01-01 UTC."""
    if key.version != PROTOCOL_VERSION or key.suite != label.suite:
        raise Refusal("version_unknown", "epoch key")
    stated = KeyLabel(
        key.provider_oin, key.requester_oin, key.agreement_hash, key.purpose, key.kind, key.epoch, key.suite
    )
    if stated != label:
        raise Refusal(
            "epoch_not_current" if stated._replace(epoch=label.epoch) == label else "receipt_mismatch"
        )
    if not key.starts_at_ms <= now_ms < key.ends_at_ms:
        raise Refusal("epoch_not_current", "the epoch of the key is not running")
    if (key.starts_at_ms, key.ends_at_ms) != bounds:
        raise Refusal("receipt_mismatch", "the epoch has other bounds than the agreement says")
    if len(key.public_key) != ELEMENT_BYTES:
        raise Refusal("element_invalid", "public key")
    group.check_element(key.public_key)
