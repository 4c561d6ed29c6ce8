"""The requester's conversation with one provider about one query about hits: elements out, tags back."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import closing

import numpy as np

from linkage_node._generated.linkage.v1.order_pb2 import (
    OPERATION_EVALUATE,
    OPERATION_FETCH_TAG_SET,
    STAGE_COMPLETED,
    STAGE_DECIDED,
    ChunkReceipt,
    Receipt,
)
from linkage_node._generated.linkage.v1.peer_pb2 import EvaluateResponse, FetchTagSetResponse
from linkage_node.agreements import Agreement
from linkage_node.asking.memory import NO_TAG_SET, HeldTagSet, Memory, PinnedKey
from linkage_node.asking.ordering import Ordering, Parties, Sent
from linkage_node.errors import Refusal, Unreachable
from linkage_node.limits import CHUNK_ELEMENTS, SAVE_CHUNKS, TAG_BYTES, TAG_SET_ENTRIES
from linkage_node.matching import blinding, hit, merkle
from linkage_node.matching.signing import refuse_unknown_fields, verify
from linkage_node.matching.tag_set import Delta, apply_delta, check_sorted, digest
from linkage_node.obligations import obligations_of
from linkage_node.policy import Obligations
from linkage_node.pseudonyms import oprf
from linkage_node.pseudonyms.tags import MARK

Learnt = Callable[[np.ndarray, np.ndarray, int], None]  # positions, their marks, elements done so far


class Exchange:
    """Asks and checks; what it learns it hands to the caller."""

    def __init__(
        self,
        *,
        ordering: Ordering,
        register_scalar: bytes,
        memory: Memory,
        executor: Executor,
    ) -> None:
        self._ordering, self._scalar = ordering, register_scalar
        self._memory, self._executor = memory, executor

    def evaluate(
        self,
        parties: Parties,
        key: PinnedKey,
        elements: bytes,
        learnt: Learnt,
        cancelled: Callable[[], bool],
    ) -> tuple[np.ndarray, Receipt]:
        """Marks of packed elements (n·32 bytes), in their order (shape (n,), MARK), and the provider's last receipt.

        `learnt` is told every few chunks, so that what was answered is kept if the rest is not. What it is told of is
        covered by receipts that the journal holds.
        """
        seed = os.urandom(blinding.SEED_BYTES)
        question = hit.blind(elements, seed, self._executor)
        sent = self._ordering.order(
            parties,
            key,
            OPERATION_EVALUATE,
            seed,
            element_count=len(question.places),
            elements_root=merkle.root_of_chunks(question.chunk_roots),
        )
        chunks = merkle.chunks(question.blinded)
        found = np.zeros(len(question.places), dtype=MARK)
        roots: list[bytes] = []
        saved = 0
        with closing(
            parties.client.evaluate(sent.signed, question.chunk_roots, chunks, cancelled)
        ) as responses:
            first = next(responses, EvaluateResponse())
            receipt = self._ordering.receipt(parties, sent, first, STAGE_DECIDED)
            receipts = [first.receipt]
            proof_asked = parties.obligations.proof or receipt.obligations.proof
            for index, chunk in enumerate(chunks):
                if index and index % SAVE_CHUNKS == 0:
                    done = index * CHUNK_ELEMENTS
                    parties.journal.note("partly_answered", receipts=receipts, evaluated=done)
                    learnt(question.places[saved:done], found[question.places[saved:done]], done)
                    saved, receipts = done, []
                response = next(responses, EvaluateResponse())
                roots.append(self._checked_chunk(parties, sent, index, response, len(chunk)))
                receipts.append(response.chunk_receipt)
                if proof_asked:
                    oprf.verify_proof(key.public_key, chunk, response.evaluated, response.proof)
                start = index * CHUNK_ELEMENTS
                found[question.places[start : start + CHUNK_ELEMENTS]] = np.frombuffer(
                    self._unblinded(parties, key, seed, index, response.evaluated), dtype=MARK
                )
            last = next(responses, EvaluateResponse())
        receipt = self._ordering.receipt(parties, sent, last, STAGE_COMPLETED)
        if receipt.results_root != merkle.root_of_chunks(b"".join(roots)):
            raise Refusal("receipt_mismatch", "results_root")
        self._ordering.note_receipt(parties, sent, last.receipt, evaluated=len(found))
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
        self, parties: Parties, sent: Sent, index: int, response: EvaluateResponse, length: int
    ) -> bytes:
        """The Merkle root of an evaluated chunk that the provider signed as number `index` of this order."""
        refuse_unknown_fields(response)
        if not response.evaluated:
            raise Unreachable("peer_dropped", f"before chunk {index}")
        chunk_receipt = verify(response.chunk_receipt, ChunkReceipt, parties.provider_key)
        root = merkle.chunk_root(response.evaluated)
        stated = (chunk_receipt.order_hash, chunk_receipt.index, chunk_receipt.root)
        if stated != (sent.hash, index, root) or len(response.evaluated) != length:
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
        sent = self._ordering.order(parties, key, OPERATION_FETCH_TAG_SET, tag_set_version=held.version)
        with closing(parties.client.fetch_tag_set(sent.signed)) as responses:
            first = next(responses, FetchTagSetResponse())
            receipt = self._ordering.receipt(parties, sent, first, STAGE_COMPLETED)
            self._ordering.note_receipt(parties, sent, first.receipt, evaluated=0)
            tags = _received(held, receipt, responses, parties.agreement)
        current = HeldTagSet(receipt.tag_set_version, tags, receipt.tag_set_digest)
        if current != held:
            self._memory.hold(parties.label, current)
        return current, obligations_of(receipt.obligations)


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
