"""The provider's answers as streams of messages; the gRPC servicer only hands them on."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from linkage_node._generated.linkage.v1.order_pb2 import (
    OPERATION_EVALUATE,
    OPERATION_FETCH_TAG_SET,
    STAGE_COMPLETED,
    ChunkReceipt,
    EpochKey,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import (
    EvaluateRequest,
    EvaluateResponse,
    FetchTagSetResponse,
)
from linkage_node.agreements import AgreementStore
from linkage_node.agreements.watching import StillInForce
from linkage_node.answering.admission import Admission, Admitted, Denied
from linkage_node.answering.epochs import Epochs
from linkage_node.answering.tag_sets import TagSets
from linkage_node.errors import LinkageError, Refusal
from linkage_node.evidence import EvidenceLog
from linkage_node.limits import PROTOCOL_VERSION, TAG_BYTES, TAG_SET_MESSAGE_ENTRIES
from linkage_node.matching import hit, merkle
from linkage_node.matching.signing import refuse_unknown_fields, sign
from linkage_node.pseudonyms import oprf
from linkage_node.pseudonyms.group import random_scalar

_MESSAGE_BYTES = TAG_SET_MESSAGE_ENTRIES * TAG_BYTES


class AnsweringService:
    """What a node answers to its peers. `certificate_oin` is the organisation on the other end of the line."""

    def __init__(
        self,
        *,
        admission: Admission,
        agreements: AgreementStore,
        epochs: Epochs,
        tag_sets: TagSets,
        evidence: EvidenceLog,
        signing_key: Ed25519PrivateKey,
        executor: Executor,
        clock: Callable[[], int],
    ) -> None:
        self._admission, self._agreements, self._epochs, self._tag_sets = (
            admission,
            agreements,
            epochs,
            tag_sets,
        )
        self._evidence, self._signing_key, self._executor, self._clock = (
            evidence,
            signing_key,
            executor,
            clock,
        )

    def epoch_key(self, agreement_hash: bytes, kind: str, certificate_oin: str) -> Signed:
        """The signed public key of the running epoch, for the agreement's requester only."""
        agreement = self._agreements.get_for(certificate_oin, agreement_hash)
        self._agreements.require_in_force(agreement_hash)
        if kind not in agreement.kinds:
            raise Refusal("kind_not_agreed")
        epoch = self._epochs.current(agreement, kind, self._clock())
        label = epoch.label
        return sign(
            EpochKey(
                version=PROTOCOL_VERSION,
                suite=label.suite,
                provider_oin=label.provider_oin,
                requester_oin=label.requester_oin,
                agreement_hash=label.agreement_hash,
                purpose=label.purpose,
                kind=label.kind,
                epoch=label.epoch,
                public_key=epoch.secret.public_key,
                starts_at_ms=epoch.starts_at,
                ends_at_ms=epoch.ends_at,
            ),
            self._signing_key,
        )

    def fetch_tag_set(self, signed: Signed, certificate_oin: str) -> Iterator[FetchTagSetResponse]:
        """The receipt, then the set in whole or the deltas that the requester lacks."""
        try:
            admitted, receipt = self._admission.admit(signed, OPERATION_FETCH_TAG_SET, certificate_oin)
        except Denied as denied:
            yield FetchTagSetResponse(receipt=denied.receipt)
            return
        still = self._admission.still(admitted)
        yield FetchTagSetResponse(receipt=receipt, entry_size=TAG_BYTES)
        tag_set, held = admitted.tags, admitted.order.tag_set_version
        if 0 < held <= tag_set.version:
            for version, delta in self._tag_sets.deltas(tag_set.id, held):
                still.check()
                if version <= tag_set.version:
                    yield FetchTagSetResponse(version=version, entry_size=TAG_BYTES, **delta._asdict())
            return
        for at in range(0, len(tag_set.tags), _MESSAGE_BYTES):
            still.check()
            part = tag_set.tags[at : at + _MESSAGE_BYTES]
            yield FetchTagSetResponse(
                version=tag_set.version, whole=True, additions=part, entry_size=TAG_BYTES
            )

    def evaluate(
        self, requests: Iterator[EvaluateRequest], certificate_oin: str
    ) -> Iterator[EvaluateResponse]:
        """The receipt of the decision, every chunk evaluated, the receipt of completion."""
        first = next(requests, None)
        if first is None:
            raise Refusal("malformed", "an empty stream")
        refuse_unknown_fields(first)
        try:
            admitted, receipt = self._admission.admit(first.order, OPERATION_EVALUATE, certificate_oin)
        except Denied as denied:
            yield EvaluateResponse(receipt=denied.receipt)
            return
        progress, still = _Progress(), self._admission.still(admitted)
        outcome = "broken_off"
        try:
            yield EvaluateResponse(receipt=receipt)
            yield from self._chunks(admitted, first, requests, progress, still)
            completed = self._admission.receipt(
                admitted, STAGE_COMPLETED, merkle.root_of_chunks(b"".join(progress.roots))
            )
            outcome = "completed"
        except LinkageError as error:
            outcome = error.code
            raise
        finally:  # also when the requester hung up
            self._evidence.write(
                event="completed" if outcome == "completed" else "aborted",
                role="provider",
                at_ms=self._clock(),
                transaction_id=admitted.order.transaction_id,
                peer=certificate_oin,
                order_hash=admitted.order_hash,
                evaluated=progress.evaluated,
                detail=outcome,
                **({"receipt": completed} if outcome == "completed" else {}),
            )
        yield EvaluateResponse(receipt=completed)

    def _chunks(
        self,
        admitted: Admitted,
        first: EvaluateRequest,
        requests: Iterator[EvaluateRequest],
        progress: "_Progress",
        still: StillInForce,
    ) -> Iterator[EvaluateResponse]:
        order, secret = admitted.order, admitted.epoch.secret
        hit.check_chunk_roots(first.chunk_roots, total=order.element_count, root=order.elements_root)
        seen = hit.RepeatCheck()
        for index, blinded in enumerate(_elements(first, requests)):
            still.check()
            hit.check_chunk(blinded, index=index, total=order.element_count, chunk_roots=first.chunk_roots)
            evaluated = hit.evaluate(secret, blinded, self._executor)
            seen.add(evaluated)
            root = merkle.chunk_root(evaluated)
            chunk_receipt = ChunkReceipt(order_hash=admitted.order_hash, index=index, root=root)
            proof = b""
            if admitted.outcome.obligations.proof:
                proof = oprf.prove(secret.k, secret.public_key, blinded, evaluated, random_scalar())
            yield EvaluateResponse(
                evaluated=evaluated, chunk_receipt=sign(chunk_receipt, self._signing_key), proof=proof
            )
            progress.roots.append(root)
            progress.evaluated += len(evaluated) // merkle.HASH_BYTES
            if progress.evaluated == order.element_count:
                return
        raise Refusal("elements_mismatch", f"{progress.evaluated} of {order.element_count} elements came")


class _Progress:
    """How far an evaluation is."""

    def __init__(self) -> None:
        self.evaluated = 0
        self.roots: list[bytes] = []


def _elements(first: EvaluateRequest, requests: Iterator[EvaluateRequest]) -> Iterator[bytes]:
    if first.elements:
        yield first.elements
    for request in requests:
        refuse_unknown_fields(request)
        if request.HasField("order") or request.chunk_roots:
            raise Refusal("malformed", "a second order in one stream")
        yield request.elements
