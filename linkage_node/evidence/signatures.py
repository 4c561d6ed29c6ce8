"""The signatures that stand within records: of orders and receipts, by the node itself and by its peers."""

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from google.protobuf.message import Message

from linkage_node._generated.linkage.v1.order_pb2 import ChunkReceipt, Order, Receipt, Signed
from linkage_node.errors import Refusal, StorageError
from linkage_node.evidence.chain import Record
from linkage_node.evidence.log import read
from linkage_node.matching.signing import verify

if TYPE_CHECKING:
    from linkage_node.node import Node

_TYPES: dict[str, tuple[type[Message], ...]] = {
    "order": (Order,),
    "receipt": (Receipt,),
    "receipts": (
        ChunkReceipt,
        Receipt,
    ),  # of chunks; the first of an evaluation follows on that of the decision
}
_ASKER = "requester"  # whose orders are its own; at a provider the receipts are


class Signatures:
    """Checks the records given to it. `peers`: by OIN, the key of the card and when it was added (milliseconds)."""

    def __init__(self, own: Ed25519PublicKey, peers: Mapping[str, tuple[Ed25519PublicKey, int]]) -> None:
        self._own, self._peers = own, peers
        self.checked = 0
        self.not_checked = 0  # the peer's card is gone, or its key was replaced after the record

    @classmethod
    def of(cls, node: "Node") -> "Signatures":
        """Against the keys of a node and of the cards that it has."""
        return cls(node.secrets.signing_key.public_key(), node.peers.keys())

    def check(self, record: Record) -> None:
        """StorageError("evidence_broken") if something in the record is not signed by whom it says."""
        content = read(record)
        for name, signed in _signed_things(content):
            own = (name == "order") == (content.get("role") == _ASKER)
            key, since = (self._own, 0) if own else self._peers.get(content.get("peer", ""), (None, 0))
            if key is None:
                self.not_checked += 1
                continue
            if any(_holds(signed, one, key) for one in _TYPES[name]):
                self.checked += 1
            elif _milliseconds(content["at"]) < since:
                self.not_checked += 1
            else:
                raise StorageError(
                    "evidence_broken", f"record {record.seq}: the signature of its {name} does not hold"
                )


def _holds(signed: Signed, message_type: type[Message], key: Ed25519PublicKey) -> bool:
    try:
        verify(signed, message_type, key)
    except Refusal:
        return False
    return True


def _signed_things(content: Mapping[str, Any]) -> Iterator[tuple[str, Signed]]:
    for name in _TYPES.keys() & content.keys():
        found = content[name]
        for one in found if isinstance(found, list) else [found]:
            yield (
                name,
                Signed(
                    payload=base64.b64decode(one["payload"]), signature=base64.b64decode(one["signature"])
                ),
            )


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
