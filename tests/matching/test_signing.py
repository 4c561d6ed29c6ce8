"""Signatures: over the bytes that travel, by one key, for one type, and with nothing in them that is not understood."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import Message

from linkage_node._generated.linkage.v1.order_pb2 import (
    ChunkReceipt,
    EpochKey,
    Obligations,
    Order,
    Receipt,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import EvaluateRequest, EvaluateResponse
from linkage_node.errors import Refusal
from linkage_node.matching.signing import _covered, order_hash, refuse_unknown_fields, sign, verify

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
RECEIPT = Receipt(version=1, provider_oin="x", obligations=Obligations(largest_query=3))
UNKNOWN = b"\xfa\x3f\x01\x01"  # field 1023, one byte long
SIGNED = sign(RECEIPT, KEY)
TYPES: list[type[Message]] = [Order, ChunkReceipt, EpochKey, Signed, Obligations]


def signed_bytes(payload: bytes, message_type: type[Message] = Receipt) -> Signed:
    """Any bytes, properly signed as a message of a type."""
    return Signed(payload=payload, signature=KEY.sign(_covered(message_type, payload)))


def refusal(signed: Signed, message_type: type[Message] = Receipt) -> str:
    """The code with which something signed is refused."""
    with pytest.raises(Refusal) as caught:
        verify(signed, message_type, KEY.public_key())
    return caught.value.code


def test_what_was_signed_verifies() -> None:
    """A signed message comes out as it went in."""
    assert verify(SIGNED, Receipt, KEY.public_key()) == RECEIPT


def test_another_key() -> None:
    """A signature of another organisation is refused."""
    assert refusal(sign(RECEIPT, OTHER)) == "signature_invalid"


@pytest.mark.parametrize("message_type", TYPES, ids=lambda kind: kind.__name__)
def test_another_type(message_type: type[Message]) -> None:
    """No signed thing passes for one of another type, not even when its bytes could be read as one."""
    assert refusal(SIGNED, message_type) == "signature_invalid"
    assert refusal(sign(message_type(), KEY)) == "signature_invalid"


@pytest.mark.parametrize("at", range(len(SIGNED.payload)))
def test_changed_payload(at: int) -> None:
    """One bit of the payload changed, and the signature does not hold."""
    payload = bytearray(SIGNED.payload)
    payload[at] ^= 1
    assert refusal(Signed(payload=bytes(payload), signature=SIGNED.signature)) == "signature_invalid"


@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), bytes(65), SIGNED.signature + b"\0"])
def test_bad_signatures(signature: bytes) -> None:
    """Bytes that are no signature are refused, whatever their number."""
    assert refusal(Signed(payload=SIGNED.payload, signature=signature)) == "signature_invalid"


def test_a_signature_that_was_added_the_order_to_is_refused() -> None:
    """The other of the two S values of an Ed25519 signature does not pass: a signature cannot be varied."""
    order = 2**252 + 27742317777372353535851937790883648493
    point, scalar = SIGNED.signature[:32], int.from_bytes(SIGNED.signature[32:], "little")
    varied = point + (scalar + order).to_bytes(32, "little")
    assert refusal(Signed(payload=SIGNED.payload, signature=varied)) == "signature_invalid"


@pytest.mark.parametrize(
    "payload",
    [
        RECEIPT.SerializeToString() + UNKNOWN,
        UNKNOWN + RECEIPT.SerializeToString(),
        Receipt(obligations=Obligations.FromString(UNKNOWN)).SerializeToString(),
        RECEIPT.SerializeToString() + b"\xff",  # the beginning of a field
        RECEIPT.SerializeToString()[:-1],
        b"\x00",
        b"\xff" * 20,
        b"\x3a\x05ab",  # a string longer than what is there
        b"\x1a\x02\xff\xfe",  # provider_oin is no UTF-8
    ],
)
def test_signed_but_not_understood(payload: bytes) -> None:
    """What is signed and has an unknown field at any depth, or garbage behind it, is malformed."""
    assert refusal(signed_bytes(payload)) == "malformed"


def test_unknown_fields_at_any_depth_of_an_envelope() -> None:
    """Messages that carry signed things are looked through as well, inside repeated and nested ones too."""
    deep = EvaluateRequest(order=Signed.FromString(UNKNOWN))
    with pytest.raises(Refusal, match="malformed"):
        refuse_unknown_fields(deep)
    with pytest.raises(Refusal, match="malformed"):
        refuse_unknown_fields(EvaluateResponse.FromString(UNKNOWN))
    refuse_unknown_fields(EvaluateRequest(order=SIGNED))


def test_order_hash_is_over_the_signed_bytes() -> None:
    """Two encodings of one order have two hashes: what a receipt refers to is what was signed."""
    order = Order(version=1, epoch=3)
    payload = order.SerializeToString(deterministic=True)
    doubled = payload + payload  # protobuf reads it as the same order
    assert Order.FromString(doubled) == order
    assert order_hash(Signed(payload=payload)) != order_hash(Signed(payload=doubled))
