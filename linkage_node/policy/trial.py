"""What could be asked under an agreement, tried on a decision point before anybody asks."""

from collections.abc import Iterator

from linkage_node.agreements import Agreement, content_hash
from linkage_node.config import Mode
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.question import Question


def refused(
    decide: DecisionPoint, agreement: Agreement, *, own_oin: str, mode: Mode, now_ms: int
) -> dict[str, tuple[str, ...]]:
    """What of an agreement this node refuses, and why: what is asked, in words, to reason codes.

    Each answer and each question of the catalogue is tried, as small as it can be, on a moment at which the agreement
    is valid; what is approved by one of the kinds is not refused. Raises what the decision point raises.
    """
    moment = min(max(now_ms, agreement.starts_at_ms), agreement.ends_at_ms - 1)
    found = {}
    for what, questions in _questions(agreement, own_oin, mode, moment):
        outcomes = [decide.decide(question) for question in questions]
        if not any(outcome.allow for outcome in outcomes):
            found[what] = tuple(sorted({reason for outcome in outcomes for reason in outcome.reasons}))
    return found


def _questions(
    agreement: Agreement, own_oin: str, mode: Mode, moment: int
) -> Iterator[tuple[str, list[Question]]]:
    """What can be asked, each by every kind."""

    def by_kind(answer: str, operation: str, elements: int = 1, **details: object) -> list[Question]:
        return [
            Question(
                role="requester" if agreement.requester.oin == own_oin else "provider",
                subject_oin=agreement.requester.oin,
                requester_oin=agreement.requester.oin,
                provider_oin=agreement.provider.oin,
                agreement_id=agreement.id,
                agreement_hash=content_hash(agreement).hex(),
                purpose=agreement.purpose,
                kind=kind,
                answer=answer,
                operation=operation,
                elements=elements,
                used_today=0,
                epoch=agreement.epoch_at(moment),
                time_ms=moment,
                mode=mode,
                status="in_force",
                processing_activity=agreement.processing_activity or "",
                **details,  # type: ignore[arg-type]
            )
            for kind in agreement.kinds
        ]

    if "hit" in agreement.answers:
        yield "hit", by_kind("hit", "evaluate")
    if agreement.attributes:
        names = agreement.attributes.names
        yield "attributes", by_kind("attributes", "disclose", attributes=names, for_a_case=True)
    if terms := agreement.count:
        for question in terms.questions:
            yield (
                f"count {question.id}",
                by_kind("count", "count", terms.asked(question), question=question.id),
            )
