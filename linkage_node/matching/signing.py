"""Ed25519 (RFC 8032) over the exact bytes that travel, behind the type's name, so that no thing passes for another."""

import hashlib
from typing import TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from linkage_node._generated.linkage.v1.order_pb2 import Signed
from linkage_node.errors import Refusal
from linkage_node.limits import ORDER_BYTES
from linkage_node.pseudonyms.sealing import length_prefixed

SignedMessage = TypeVar("SignedMessage", bound=Message)


def _covered(message_type: type[Message], payload: bytes) -> bytes:
    return length_prefixed(message_type.DESCRIPTOR.full_name.encode()) + payload


def sign(message: Message, key: Ed25519PrivateKey) -> Signed:
    """The message as bytes, with a signature over them."""
    payload = message.SerializeToString(deterministic=True)
    return Signed(payload=payload, signature=key.sign(_covered(type(message), payload)))


def verify(
    signed: Signed, message_type: type[SignedMessage], key: Ed25519PublicKey, largest: int = ORDER_BYTES
) -> SignedMessage:
    """The message that was signed, of at most `largest` bytes.

    Refusal for another's signature, garbage, or a field this version does not know.
    """
    if len(signed.payload) > largest:
        raise Refusal("malformed", f"{message_type.DESCRIPTOR.name} of {len(signed.payload)} bytes")
    try:
        key.verify(signed.signature, _covered(message_type, signed.payload))
    except InvalidSignature:
        raise Refusal("signature_invalid", message_type.DESCRIPTOR.name) from None
    message = message_type()
    try:
        message.ParseFromString(signed.payload)
    except DecodeError:
        raise Refusal("malformed", message_type.DESCRIPTOR.name) from None
    refuse_unknown_fields(message)
    return message


def refuse_unknown_fields(message: Message) -> None:
    """A field that this version does not know may be a condition that it does not keep: refuse, at any depth."""
    if len(UnknownFieldSet(message)):
        raise Refusal("malformed", f"unknown field in {message.DESCRIPTOR.name}")
    for field, value in message.ListFields():
        if field.message_type and not field.message_type.GetOptions().map_entry:  # our maps hold text only
            for part in value if field.is_repeated else (value,):
                refuse_unknown_fields(part)


def order_hash(signed: Signed) -> bytes:
    """SHA-256 of an order's signed bytes, 32 bytes: what receipts refer to."""
    return hashlib.sha256(signed.payload).digest()
