"""Orders out, receipts in: what every conversation with a provider has in common, whatever is asked."""

import os
from collections.abc import Callable
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection

from linkage_node._generated.linkage.v1.order_pb2 import EpochKey, Order, Receipt, Signed
from linkage_node._generated.linkage.v1.peer_pb2 import (
    CountResponse,
    DiscloseResponse,
    EvaluateResponse,
    FetchTagSetResponse,
    ReportHitsResponse,
)
from linkage_node.agreements import Agreement
from linkage_node.asking.journal import Journal
from linkage_node.asking.memory import Memory, PinnedKey
from linkage_node.asking.peer_client import PeerClient
from linkage_node.asking.queries import Query
from linkage_node.asking.seeds import SeedKeeper
from linkage_node.errors import Refusal, Unreachable
from linkage_node.limits import ORDER_LIFETIME_MS
from linkage_node.matching import blinding
from linkage_node.matching.orders import ID_BYTES, Ask, check_epoch_key, check_receipt, make_order
from linkage_node.matching.signing import order_hash, refuse_unknown_fields, sign, verify
from linkage_node.obligations import ANSWERS, obligations_of
from linkage_node.policy import Obligations, require_at_least
from linkage_node.pseudonyms.epoch_keys import KeyLabel

WithReceipt = EvaluateResponse | FetchTagSetResponse | CountResponse | DiscloseResponse | ReportHitsResponse


class Parties(NamedTuple):
    """Who talks to whom about what."""

    query: Query
    agreement: Agreement
    label: KeyLabel
    provider_key: Ed25519PublicKey
    obligations: Obligations  # of the own node's decision
    register_root: bytes
    client: PeerClient
    journal: Journal


class Sent(NamedTuple):
    """An order, and the very bytes of it that were signed."""

    order: Order
    signed: Signed

    @property
    def hash(self) -> bytes:
        """What receipts call it, 32 bytes."""
        return order_hash(self.signed)


class Ordering:
    """Signs orders and notes them before they leave; checks receipts before they are used."""

    def __init__(
        self,
        *,
        signing_key: Ed25519PrivateKey,
        memory: Memory,
        seeds: SeedKeeper,
        clock: Callable[[], int],
    ) -> None:
        self._signing_key, self._memory, self._seeds, self._clock = signing_key, memory, seeds, clock

    def pinned_key(self, parties: Parties) -> PinnedKey:
        """The running epoch's public key: pinned before, or fetched, checked and pinned now."""
        label = parties.label
        pinned = self._memory.key(label)
        if pinned is not None:
            return pinned
        statement = parties.client.epoch_key(label.agreement_hash, label.kind)
        key = verify(statement, EpochKey, parties.provider_key)
        check_epoch_key(key, label, parties.agreement.epoch_bounds(label.epoch), self._clock())
        return self._memory.pin(label, key, statement)

    def order(
        self, parties: Parties, key: PinnedKey, operation: int, seed: bytes = b"", **values: object
    ) -> Sent:
        """A signed order, ready to leave: it is in the evidence, and the seed of its blinds with the auditor's.

        `values` are fields of Ask.
        """
        if seed:
            values["blinding_commitment"] = blinding.commitment(seed)
        order = make_order(
            Ask(
                label=parties.label,
                agreement_id=parties.agreement.id,
                answer=ANSWERS[parties.query.answer],  # type: ignore[arg-type]
                operation=operation,  # type: ignore[arg-type]
                public_key=key.public_key,
                transaction_id=parties.query.transaction_id,
                nonce=os.urandom(ID_BYTES),
                expires_at_ms=self._clock() + ORDER_LIFETIME_MS,
                register_root=parties.register_root,
                **values,  # type: ignore[arg-type]
            )
        )
        sent = Sent(order, sign(order, self._signing_key))

        def keep(connection: Connection) -> None:
            if seed:
                self._seeds.keep(connection, order.transaction_id, sent.hash, seed, self._clock())

        parties.journal.note("asked", order=sent.signed, elements=order.element_count)
        parties.journal.write(keep)
        return sent

    def receipt(self, parties: Parties, sent: Sent, response: WithReceipt, stage: int) -> Receipt:
        """The receipt in a response: of this order, at this stage, approving, with conditions as strict as the own.

        Unreachable if there is none; Refusal for a denial, which is noted in the evidence, and for any other one.
        """
        refuse_unknown_fields(response)
        if not response.HasField("receipt"):
            raise Unreachable("peer_dropped", "no receipt came")
        receipt = verify(response.receipt, Receipt, parties.provider_key)
        try:
            check_receipt(receipt, sent.order, sent.hash, stage=stage)
            require_at_least(obligations_of(receipt.obligations), parties.obligations)
        except Refusal:
            self.note_receipt(parties, sent, response.receipt, evaluated=0)
            raise
        return receipt

    def note_receipt(self, parties: Parties, sent: Sent, receipt: Signed, *, evaluated: int) -> None:
        """A receipt that was checked, with the number of elements that came with it."""
        parties.journal.note("receipt", order_hash=sent.hash, receipt=receipt, evaluated=evaluated)
