"""What happens to an order before anything is evaluated: verified, decided, charged, written down. Or refused.

Replay protection, budget and evidence stand in one transaction: after a crash either all of it happened or nothing did.
What was charged is never given back.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, insert, select, update

from linkage_node._generated.linkage.v1.order_pb2 import (
    DECISION_ALLOW,
    DECISION_DENY,
    OPERATION_COUNT,
    OPERATION_FETCH_TAG_SET,
    STAGE_COMPLETED,
    STAGE_DECIDED,
    Operation,
    Order,
    Receipt,
    Signed,
)
from linkage_node.agreements import Agreement, AgreementStore
from linkage_node.agreements.watching import StillInForce
from linkage_node.answering.epochs import Epoch, Epochs
from linkage_node.answering.tag_sets import TagSet, TagSets
from linkage_node.clock import day_of
from linkage_node.config import Mode
from linkage_node.errors import LinkageError, Refusal
from linkage_node.evidence import EvidenceLog
from linkage_node.limits import (
    COUNT_ORDERS_PER_DAY,
    ORDERS_PER_DAY,
    PROTOCOL_VERSION,
    SEEN_ORDER_SLACK_MS,
)
from linkage_node.matching.orders import check_order, label_of
from linkage_node.matching.signing import order_hash, sign, verify
from linkage_node.obligations import ANSWER_NAMES, OPERATION_NAMES, obligations_message
from linkage_node.peers.card import PeerStore
from linkage_node.policy import DecisionPoint, Outcome, Question
from linkage_node.policy.recorded import kept_by_provider
from linkage_node.storage import Database
from linkage_node.storage.tables import budget, order_count, seen_order


class Admitted(NamedTuple):
    """An order that was verified, approved and charged."""

    order: Order
    order_hash: bytes
    agreement: Agreement
    epoch: Epoch
    outcome: Outcome
    tag_set: TagSet | None  # None for a count, which has nothing to do with tags

    @property
    def tags(self) -> TagSet:
        """The tag set of an operation that has to do with tags."""
        if self.tag_set is None:
            raise AssertionError("a count has no tag set")
        return self.tag_set


# What an operation checks and keeps of its own, in the transaction that charges for it: Refusal, or how many elements
# are charged.
Settle = Callable[[Connection, Admitted, int], int]
# What an operation looks at before that transaction, because it takes longer than other writers can wait: Refusal.
Prepare = Callable[[Admitted, int], None]


_COUNTED_AS = {OPERATION_COUNT: ("counted",), OPERATION_FETCH_TAG_SET: ("fetched",)}


def charge_all(_connection: Connection, admitted: Admitted, _now_ms: int) -> int:
    """Every element of the order is charged."""
    return admitted.order.element_count


class Denied(Exception):
    """An order that was refused after its signature held: the refusal is signed and in the evidence."""

    def __init__(self, receipt: Signed, code: str) -> None:
        self.receipt = receipt
        self.code = code
        super().__init__(code)


class Admission:
    """Decides on orders."""

    def __init__(
        self,
        *,
        oin: str,
        mode: Mode,
        signing_key: Ed25519PrivateKey,
        database: Database,
        peers: PeerStore,
        agreements: AgreementStore,
        decide: DecisionPoint,
        epochs: Epochs,
        tag_sets: TagSets,
        evidence: EvidenceLog,
        clock: Callable[[], int],
    ) -> None:
        self._oin, self._mode, self._signing_key = oin, mode, signing_key
        self._database, self._peers, self._agreements = database, peers, agreements
        self._decide, self._epochs, self._tag_sets = decide, epochs, tag_sets
        self._evidence, self._clock = evidence, clock

    def admit(
        self,
        signed: Signed,
        operation: Operation,
        certificate_oin: str,
        settle: Settle = charge_all,
        prepare: Prepare | None = None,
    ) -> tuple[Admitted, Signed]:
        """The admitted order and its signed receipt (COMPLETED to fetch a tag set, else DECIDED).

        Raises Refusal before the order is known to be the requester's, Denied after that.
        """
        order = verify(signed, Order, self._peers.get(certificate_oin).verifying_key())
        now = self._clock()
        question: Question | None = None
        outcome: Outcome | None = None
        try:
            check_order(
                order, certificate_oin=certificate_oin, own_oin=self._oin, operation=operation, now_ms=now
            )
            agreement = self._agreements.get_for(certificate_oin, order.agreement_hash)
            question = self._question(order, agreement, certificate_oin, now)
            self._check_fresh(order, now)
            outcome = self._decide.decide(question)
            if not outcome.allow:
                raise Refusal(outcome.reasons[0] if outcome.reasons else "policy_denied")
            epoch = self._epochs.current(agreement, order.kind, now)
            if label_of(order) != epoch.label:
                raise Refusal("epoch_not_current", f"epoch {order.epoch}")
            if order.public_key != epoch.secret.public_key:
                raise Refusal("key_changed", "the order names another public key")
            counts = operation == OPERATION_COUNT
            tag_set = None if counts else self._tag_sets.current(agreement, epoch, now)
            admitted = Admitted(order, order_hash(signed), agreement, epoch, outcome, tag_set)
            fetches = operation == OPERATION_FETCH_TAG_SET
            receipt = self.receipt(admitted, STAGE_COMPLETED if fetches else STAGE_DECIDED)
            if prepare is not None:
                self._check_refusals(order, now)
                prepare(admitted, now)
            with self._database.write() as connection:
                charged = self._charge(connection, admitted, settle, now)
                self._record(
                    connection,
                    "approved",
                    certificate_oin,
                    signed,
                    order,
                    question,
                    outcome,
                    receipt,
                    now,
                    charged=charged,
                )
        except LinkageError as error:
            raise self._deny(signed, order, certificate_oin, question, outcome, error, now) from None
        return admitted, receipt

    def _question(self, order: Order, agreement: Agreement, certificate_oin: str, now: int) -> Question:
        return Question(
            role="provider",
            subject_oin=certificate_oin,
            requester_oin=order.requester_oin,
            provider_oin=order.provider_oin,
            agreement_id=order.agreement_id,
            agreement_hash=order.agreement_hash.hex(),
            purpose=order.purpose,
            kind=order.kind,
            answer=ANSWER_NAMES[order.answer],
            operation=OPERATION_NAMES[order.operation],
            elements=order.element_count,
            used_today=self._used(order.agreement_hash, now),
            epoch=order.epoch,
            time_ms=now,
            mode=self._mode,
            status=self._agreements.status(order.agreement_hash),
            processing_activity=agreement.processing_activity or "",
            question=order.question,
            attributes=tuple(order.attributes),
            for_a_case=bool(order.case_reference),
        )

    def _used(self, agreement_hash: bytes, now: int) -> int:
        with self._database.read() as connection:
            return _used(connection, agreement_hash, now)

    def _check_fresh(self, order: Order, now: int) -> None:
        """What is refused whatever policy says is refused before policy is asked; `_charge` looks again, and binds."""
        with self._database.read() as connection:
            _check_new(connection, order)
            for what in _COUNTED_AS.get(order.operation, ()):
                _counted(connection, order.requester_oin, what, now)

    def _check_refusals(self, order: Order, now: int) -> None:
        """Nothing costly is prepared for who put as many orders to be refused as there may be in a day.

        All else goes on: others can have his orders refused, with one that they hold or a certificate that they stole.
        """
        with self._database.read() as connection:
            _counted(connection, order.requester_oin, "refused", now)

    def _charge(self, connection: Connection, admitted: Admitted, settle: Settle, now: int) -> int:
        order, limits = admitted.order, admitted.outcome.obligations
        _check_new(connection, order)
        _remember(connection, order)
        if order.operation == OPERATION_COUNT:
            _count(connection, order.requester_oin, "counted", now)
        charged = settle(connection, admitted, now)
        if not charged:
            _count(connection, order.requester_oin, "fetched", now)
            return 0
        used = _used(connection, order.agreement_hash, now) + charged
        if used > limits.evaluations_per_day:
            raise Refusal("budget_exhausted", f"{used} of {limits.evaluations_per_day}")
        if charged > limits.largest_query:
            raise Refusal("query_too_large", f"{charged} of {limits.largest_query}")
        key = {"agreement_hash": order.agreement_hash, "day": day_of(now)}
        if connection.execute(update(budget).filter_by(**key).values(used=used)).rowcount == 0:
            connection.execute(insert(budget).values(**key, used=used))
        return charged

    def still(self, admitted: Admitted) -> StillInForce:
        """For a long answer to look, between its chunks, whether the agreement is still in force."""
        return StillInForce(self._agreements, admitted.order.agreement_hash, self._clock)

    def receipt(self, admitted: Admitted, stage: int, results_root: bytes = b"") -> Signed:
        """The signed receipt of an admitted order."""
        order, tag_set = admitted.order, admitted.tag_set
        return sign(
            Receipt(
                version=PROTOCOL_VERSION,
                order_hash=admitted.order_hash,
                provider_oin=self._oin,
                requester_oin=order.requester_oin,
                transaction_id=order.transaction_id,
                stage=stage,  # type: ignore[arg-type]
                decision=DECISION_ALLOW,
                obligations=obligations_message(admitted.outcome.obligations),
                policy_revision=admitted.outcome.revision,
                epoch=order.epoch,
                public_key=admitted.epoch.secret.public_key,
                evaluated=order.element_count,
                results_root=results_root,
                issued_at_ms=self._clock(),
                **_shown(tag_set, admitted.epoch),
            ),
            self._signing_key,
        )

    def _deny(
        self,
        signed: Signed,
        order: Order,
        certificate_oin: str,
        question: Question | None,
        outcome: Outcome | None,
        error: LinkageError,
        now: int,
    ) -> Exception:
        if not isinstance(error, Refusal):
            return error  # a defect or a full disk is no decision, and has no receipt
        # all reasons of policy, else the one that the checks found: codes only, the detail stays here
        reasons = list(outcome.reasons) if outcome and not outcome.allow else [error.code]
        receipt = sign(
            Receipt(
                version=PROTOCOL_VERSION,
                order_hash=order_hash(signed),
                provider_oin=self._oin,
                requester_oin=order.requester_oin,
                transaction_id=order.transaction_id,
                decision=DECISION_DENY,
                reasons=reasons or [error.code],
                policy_revision=outcome.revision if outcome else "",
                issued_at_ms=now,
            ),
            self._signing_key,
        )
        with self._database.write() as connection:
            _count(connection, certificate_oin, "refused", now)
            if question is not None and not _seen(connection, order):  # it is not decided about again
                _remember(connection, order)
            self._record(
                connection,
                "refused",
                certificate_oin,
                signed,
                order,
                question,
                outcome,
                receipt,
                now,
                reasons,
                error.message,
            )
        return Denied(receipt, error.code)

    def _record(
        self,
        connection: Connection,
        event: str,
        peer: str,
        signed: Signed,
        order: Order,
        question: Question | None,
        outcome: Outcome | None,
        receipt: Signed,
        now: int,
        reasons: Sequence[str] = (),
        detail: str = "",
        charged: int = 0,
    ) -> None:
        self._evidence.append(
            connection,
            event=event,
            role="provider",
            at_ms=now,
            transaction_id=order.transaction_id,
            peer=peer,
            agreement=order.agreement_id,
            operation=OPERATION_NAMES.get(order.operation, "unknown"),
            order=signed,
            receipt=receipt,
            reasons=reasons,
            revision=outcome.revision if outcome else "",
            charged=charged,
            detail=detail,
            **({"question": kept_by_provider(question)} if question else {}),
            **({"allow": outcome.allow} if outcome else {}),
        )


def forget_expired(database: Database, now_ms: int) -> None:
    """Forget the orders that nobody can play again: they expired longer ago than a clock goes back."""
    with database.write() as connection:
        connection.execute(delete(seen_order).where(seen_order.c.expires_at < now_ms - SEEN_ORDER_SLACK_MS))
        connection.execute(
            delete(order_count).where(order_count.c.day < day_of(now_ms - SEEN_ORDER_SLACK_MS))
        )


def _shown(tag_set: TagSet | None, epoch: Epoch) -> dict[str, Any]:
    """What a receipt tells of the tag set."""
    if tag_set is None:
        return {}
    return {
        "tag_set_version": tag_set.version,
        "tag_set_digest": tag_set.digest,
        "next_delta_at_ms": min(tag_set.next_delta_at, epoch.ends_at),
    }


def _seen(connection: Connection, order: Order) -> bool:
    return connection.execute(select(seen_order).filter_by(**_nonce(order))).first() is not None


def _check_new(connection: Connection, order: Order) -> None:
    """Refusal("replayed") if the order was seen before."""
    if _seen(connection, order):
        raise Refusal("replayed")


def _remember(connection: Connection, order: Order) -> None:
    connection.execute(insert(seen_order).values(**_nonce(order), expires_at=order.expires_at_ms))


def _nonce(order: Order) -> dict[str, Any]:
    """What an order is known by."""
    return {"requester_oin": order.requester_oin, "nonce": order.nonce}


def _counted(connection: Connection, requester_oin: str, what: str, now: int) -> int:
    """How many orders of this sort there were today; Refusal("too_many_orders") if no more are taken."""
    key = {"requester_oin": requester_oin, "day": day_of(now), "what": what}
    orders = connection.execute(select(order_count.c.orders).filter_by(**key)).scalar() or 0
    if orders >= (COUNT_ORDERS_PER_DAY if what == "counted" else ORDERS_PER_DAY):
        raise Refusal("too_many_orders", what)
    return orders


def _count(connection: Connection, requester_oin: str, what: str, now: int) -> None:
    """Count one order that the budget does not; beyond the day's limit it is refused and leaves no record of its own,
    or a peer could fill the disk with evidence."""
    orders = _counted(connection, requester_oin, what, now)
    key = {"requester_oin": requester_oin, "day": day_of(now), "what": what}
    if orders:
        connection.execute(update(order_count).filter_by(**key).values(orders=orders + 1))
    else:
        connection.execute(insert(order_count).values(**key, orders=1))


def _used(connection: Connection, agreement_hash: bytes, now: int) -> int:
    key = {"agreement_hash": agreement_hash, "day": day_of(now)}
    return connection.execute(select(budget.c.used).filter_by(**key)).scalar() or 0
