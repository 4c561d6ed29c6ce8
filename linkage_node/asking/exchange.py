"""The requester's conversation with one provider about one query: orders out, receipts checked, tags back."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import closing
from typing import NamedTuple

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection

from linkage_node._generated.linkage.v1.order_pb2 import (
    OPERATION_EVALUATE,
    OPERATION_FETCH_TAG_SET,
    STAGE_COMPLETED,
    STAGE_DECIDED,
    ChunkReceipt,
    EpochKey,
    Order,
    Receipt,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import EvaluateResponse, FetchTagSetResponse
from linkage_node.agreements import Agreement
from linkage_node.asking.journal import Journal
from linkage_node.asking.memory import NO_TAG_SET, HeldTagSet, Memory, PinnedKey
from linkage_node.asking.peer_client import PeerClient
from linkage_node.asking.queries import Query
from linkage_node.asking.seeds import SeedKeeper
from linkage_node.errors import Refusal, Unreachable
from linkage_node.limits import CHUNK_ELEMENTS, ORDER_LIFETIME_MS, SAVE_CHUNKS, TAG_BYTES, TAG_SET_ENTRIES
from linkage_node.matching import blinding, hit, merkle
from linkage_node.matching.orders import ID_BYTES, Ask, check_epoch_key, check_receipt, make_order
from linkage_node.matching.signing import order_hash, refuse_unknown_fields, sign, verify
from linkage_node.matching.tag_set import Delta, apply_delta, check_sorted, digest
from linkage_node.obligations import ANSWERS, obligations_of
from linkage_node.policy import Obligations, require_at_least
from linkage_node.pseudonyms import oprf
from linkage_node.pseudonyms.epoch_keys import KeyLabel

Learnt = Callable[[np.ndarray, np.ndarray, int], None]  # positions, their tags, elements done so far


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


class Exchange:
    """Asks and checks; what it learns it hands to the caller."""

    def __init__(
        self,
        *,
        signing_key: Ed25519PrivateKey,
        register_scalar: bytes,
        memory: Memory,
        seeds: SeedKeeper,
        executor: Executor,
        clock: Callable[[], int],
    ) -> None:
        self._signing_key, self._scalar = signing_key, register_scalar
        self._memory, self._seeds = memory, seeds
        self._executor, self._clock = executor, clock

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

    def evaluate(
        self,
        parties: Parties,
        key: PinnedKey,
        elements: bytes,
        learnt: Learnt,
        cancelled: Callable[[], bool],
    ) -> tuple[np.ndarray, Receipt]:
        """Tags of packed elements (n·32 bytes), in their order (shape (n,), S10), and the provider's last receipt.

        `learnt` is told every few chunks, so that what was answered is kept if the rest is not. What it is told of is
        covered by receipts that the journal holds.
        """
        seed = os.urandom(blinding.SEED_BYTES)
        question = hit.blind(elements, seed, self._executor)
        order, signed = self._order(
            parties,
            key,
            OPERATION_EVALUATE,
            element_count=len(question.places),
            elements_root=merkle.root_of_chunks(question.chunk_roots),
            blinding_commitment=blinding.commitment(seed),
        )
        self._note_order(parties, order, signed, seed)
        chunks = merkle.chunks(question.blinded)
        found = np.zeros(len(question.places), dtype=f"S{TAG_BYTES}")
        roots: list[bytes] = []
        saved = 0
        with closing(parties.client.evaluate(signed, question.chunk_roots, chunks, cancelled)) as responses:
            first = next(responses, EvaluateResponse())
            receipt = self._receipt(parties, order, signed, first, STAGE_DECIDED)
            receipts = [first.receipt]
            proof_asked = parties.obligations.proof or receipt.obligations.proof
            for index, chunk in enumerate(chunks):
                if index and index % SAVE_CHUNKS == 0:
                    done = index * CHUNK_ELEMENTS
                    parties.journal.note("partly_answered", receipts=receipts, evaluated=done)
                    learnt(question.places[saved:done], found[question.places[saved:done]], done)
                    saved, receipts = done, []
                response = next(responses, EvaluateResponse())
                roots.append(self._checked_chunk(parties, signed, index, response, len(chunk)))
                receipts.append(response.chunk_receipt)
                if proof_asked:
                    oprf.verify_proof(key.public_key, chunk, response.evaluated, response.proof)
                start = index * CHUNK_ELEMENTS
                found[question.places[start : start + CHUNK_ELEMENTS]] = np.frombuffer(
                    self._unblinded(parties, key, seed, index, response.evaluated), dtype=f"S{TAG_BYTES}"
                )
            last = next(responses, EvaluateResponse())
        receipt = self._receipt(parties, order, signed, last, STAGE_COMPLETED)
        if receipt.results_root != merkle.root_of_chunks(b"".join(roots)):
            raise Refusal("receipt_mismatch", "results_root")
        self._note_receipt(parties, signed, last.receipt, evaluated=len(found))
        learnt(question.places[saved:], found[question.places[saved:]], len(found))
        return found, receipt

    def _unblinded(
        self, parties: Parties, key: PinnedKey, seed: bytes, chunk: int, evaluated: bytes
    ) -> bytes:
        return hit.unblind(
            evaluated,
            seed=seed,
            chunk=chunk,
            register_scalar=self._scalar,
            label=parties.label,
            public_key=key.public_key,
            executor=self._executor,
        )

    def _checked_chunk(
        self, parties: Parties, signed: Signed, index: int, response: EvaluateResponse, length: int
    ) -> bytes:
        """The Merkle root of an evaluated chunk that the provider signed as number `index` of this order."""
        refuse_unknown_fields(response)
        if not response.evaluated:
            raise Unreachable("peer_dropped", f"before chunk {index}")
        chunk_receipt = verify(response.chunk_receipt, ChunkReceipt, parties.provider_key)
        root = merkle.chunk_root(response.evaluated)
        stated = (chunk_receipt.order_hash, chunk_receipt.index, chunk_receipt.root)
        if stated != (order_hash(signed), index, root) or len(response.evaluated) != length:
            raise Refusal("receipt_mismatch", f"chunk {index}")
        return root

    def tag_set(
        self, parties: Parties, key: PinnedKey, seen: Receipt | None
    ) -> tuple[HeldTagSet, Obligations]:
        """The provider's current set, and the obligations of its last receipt.

        Fetched in whole, or moved on by deltas. An order for it is sent when the set is behind `seen`, the receipt
        of this query's evaluation, and always without one: every query leaves a decision at the provider.
        """
        held = self._memory.tag_set(parties.label)
        if seen is not None and held.version == seen.tag_set_version:
            if held.digest == seen.tag_set_digest:
                return held, obligations_of(seen.obligations)
            held = NO_TAG_SET  # the provider was restored from a backup, say: its versions began anew
        try:
            return self._fetched(parties, key, held)
        except Refusal as error:
            if error.code != "tag_set_invalid" or held is NO_TAG_SET:
                raise
            return self._fetched(parties, key, NO_TAG_SET)  # the deltas do not fit what is held

    def _fetched(self, parties: Parties, key: PinnedKey, held: HeldTagSet) -> tuple[HeldTagSet, Obligations]:
        """The provider's current set: in whole, or what is held moved on by its deltas."""
        order, signed = self._order(parties, key, OPERATION_FETCH_TAG_SET, tag_set_version=held.version)
        self._note_order(parties, order, signed, None)
        with closing(parties.client.fetch_tag_set(signed)) as responses:
            first = next(responses, FetchTagSetResponse())
            receipt = self._receipt(parties, order, signed, first, STAGE_COMPLETED)
            self._note_receipt(parties, signed, first.receipt, evaluated=0)
            tags = _received(held, receipt, responses, parties.agreement)
        current = HeldTagSet(receipt.tag_set_version, tags, receipt.tag_set_digest)
        if current != held:
            self._memory.hold(parties.label, current)
        return current, obligations_of(receipt.obligations)

    def _order(
        self, parties: Parties, key: PinnedKey, operation: int, **values: object
    ) -> tuple[Order, Signed]:
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
        return order, sign(order, self._signing_key)

    def _receipt(
        self,
        parties: Parties,
        order: Order,
        signed: Signed,
        response: EvaluateResponse | FetchTagSetResponse,
        stage: int,
    ) -> Receipt:
        refuse_unknown_fields(response)
        if not response.HasField("receipt"):
            raise Unreachable("peer_dropped", "no receipt came")
        receipt = verify(response.receipt, Receipt, parties.provider_key)
        try:
            check_receipt(receipt, order, order_hash(signed), stage=stage)
            require_at_least(obligations_of(receipt.obligations), parties.obligations)
        except Refusal:
            self._note_receipt(parties, signed, response.receipt, evaluated=0)  # the evidence of a refusal
            raise
        return receipt

    def _note_order(self, parties: Parties, order: Order, signed: Signed, seed: bytes | None) -> None:
        """The order is in the evidence, and its seed with the auditor's, before it leaves."""

        def keep(connection: Connection) -> None:
            if seed is not None:
                now = self._clock()
                self._seeds.keep(connection, order.transaction_id, order_hash(signed), seed, now)

        parties.journal.note("asked", order=signed, elements=order.element_count)
        parties.journal.write(keep)

    def _note_receipt(self, parties: Parties, order: Signed, receipt: Signed, *, evaluated: int) -> None:
        parties.journal.note("receipt", order_hash=order_hash(order), receipt=receipt, evaluated=evaluated)


def _received(
    held: HeldTagSet, receipt: Receipt, responses: Iterator[FetchTagSetResponse], agreement: Agreement
) -> bytes:
    """The set that the messages lead to: checked against its digest, its order, and its agreed padding."""
    whole, version, moved = bytearray(), held.version, held.tags
    for response in responses:
        refuse_unknown_fields(response)
        if response.entry_size != TAG_BYTES:
            raise Refusal("tag_set_invalid", f"entries of {response.entry_size} bytes")
        if response.whole and response.additions and version == held.version:
            whole += response.additions
        elif not response.whole and response.version == version + 1 <= receipt.tag_set_version and not whole:
            delta = Delta(response.additions, response.removals)
            moved, version = apply_delta(moved, delta, agreement.tag_set.changes), response.version
        else:
            raise Refusal("tag_set_invalid", f"version {response.version} after {version}")
        if len(whole) > TAG_SET_ENTRIES * TAG_BYTES:
            raise Refusal("tag_set_invalid", "too large")
    result = bytes(whole) or moved
    check_sorted(result)
    if len(result) % (agreement.tag_set.bucket * TAG_BYTES):
        raise Refusal("tag_set_invalid", "not padded to whole buckets")
    if digest(result) != receipt.tag_set_digest:
        raise Refusal("tag_set_invalid", "not the set that was signed")
    return result
