"""What could be asked under an agreement, tried on a decision point before anybody asks."""

from collections.abc import Iterator
from typing import Any, Literal

from linkage_node.agreements import Agreement, content_hash
from linkage_node.agreements.terms import CountQuestion
from linkage_node.config import Mode
from linkage_node.errors import Refusal
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.question import Question


def refused(
    decide: DecisionPoint, agreement: Agreement, *, own_oin: str, mode: Mode, now_ms: int
) -> dict[str, tuple[str, ...]]:
    """What of an agreement this node refuses, and why: what is asked, in words, to reason codes.

    Each answer and each question of the catalogue is tried, as small as it can be, on the moment nearest to now at
    which the agreement is valid (`outside_term` tells if that is another one); what is approved by one of the kinds is
    not refused. Raises what the decision point raises.
    """
    moment = min(max(now_ms, agreement.starts_at_ms), agreement.ends_at_ms - 1)
    return _refused_at(moment, decide, agreement, own_oin, mode)


def refused_at_the_end(
    decide: DecisionPoint, agreement: Agreement, *, own_oin: str, mode: Mode, now_ms: int
) -> dict[str, tuple[str, ...]]:
    """What of an agreement this node will refuse on its last day and `refused` does not tell of, and why.

    Such is an agreement that outlives its legal basis. Raises what the decision point raises.
    """
    known = refused(decide, agreement, own_oin=own_oin, mode=mode, now_ms=now_ms)
    last = _refused_at(agreement.ends_at_ms - 1, decide, agreement, own_oin, mode)
    return {what: reasons for what, reasons in last.items() if what not in known}


def outside_term(agreement: Agreement, now_ms: int) -> str:
    """Why nothing at all is asked now, whatever `refused` says: "agreement_not_yet_valid" or "agreement_expired".

    Empty while the agreement lasts.
    """
    try:
        agreement.epoch_at(now_ms)
    except Refusal as refusal:
        return refusal.code
    return ""


def _refused_at(
    moment: int, decide: DecisionPoint, agreement: Agreement, own_oin: str, mode: Mode
) -> dict[str, tuple[str, ...]]:
    found = {}
    for what, questions in _questions(agreement, own_oin, mode, moment):
        outcomes = [decide.decide(question) for question in questions]
        if not any(outcome.allow for outcome in outcomes):
            found[what] = tuple(sorted({reason for outcome in outcomes for reason in outcome.reasons}))
    return found


def explained_by(agreement: Agreement, what: str, now_ms: int) -> str:
    """The command that explains what `refused` found, under an agreement as it will be when it is in force."""
    answer, _, question = what.partition(" ")
    asked = f"--question {question}" if question else f"--answer {answer}"
    valid = agreement.starts_at_ms <= now_ms < agreement.ends_at_ms
    on = "" if valid else f" --date {agreement.valid_from}"
    return f"linkage-node policy explain --agreement {agreement.id} {asked} --status in_force{on}"


def fitting(
    agreement: Agreement,
    answer: str,
    *,
    role: Literal["requester", "provider"],
    mode: Mode,
    moment_ms: int,
    kind: str | None = None,
    question: CountQuestion | None = None,
    elements: int = 1,
) -> Question:
    """The question for this answer that fits the agreement, at a moment at which it is valid.

    By the first of its kinds, and for the first question of its catalogue, if no other is given. A count has as many
    elements as it always has; others have `elements`, or fewer if fewer are agreed.
    """
    operation = "evaluate"
    details: dict[str, Any] = {}
    limits = agreement.limits
    elements = min(elements, limits.largest_query, limits.evaluations_per_day)
    if answer == "count" and agreement.count:
        asked = question or agreement.count.questions[0]
        operation, elements = "count", agreement.count.asked(asked)
        details = {"question": asked.id}
    elif answer == "attributes" and agreement.attributes:
        operation, elements = "disclose", min(elements, agreement.attributes.largest)
        details = {"attributes": agreement.attributes.names, "for_a_case": True}
    return Question(
        role=role,
        subject_oin=agreement.requester.oin,
        requester_oin=agreement.requester.oin,
        provider_oin=agreement.provider.oin,
        agreement_id=agreement.id,
        agreement_hash=content_hash(agreement).hex(),
        purpose=agreement.purpose,
        kind=kind or agreement.kinds[0],
        answer=answer,
        operation=operation,
        elements=elements,
        used_today=0,
        epoch=agreement.epoch_at(moment_ms),
        time_ms=moment_ms,
        mode=mode,
        status="in_force",
        processing_activity=agreement.processing_activity or "",
        **details,
    )


def without_agreement(own_oin: str, mode: Mode, now_ms: int) -> Question:
    """A question without an agreement, of a node to itself: every decision point must refuse it."""
    return Question(
        role="provider",
        subject_oin=own_oin,
        requester_oin=own_oin,
        provider_oin=own_oin,
        agreement_id="check",
        agreement_hash="00" * 64,
        purpose="check",
        kind="bsn",
        answer="hit",
        operation="evaluate",
        elements=1,
        used_today=0,
        epoch=0,
        time_ms=now_ms,
        mode=mode,
        status="in_force",  # or that alone would be the reason
    )


def _questions(
    agreement: Agreement, own_oin: str, mode: Mode, moment: int
) -> Iterator[tuple[str, list[Question]]]:
    """What can be asked, each by every kind."""
    role: Literal["requester", "provider"] = "requester" if agreement.requester.oin == own_oin else "provider"

    def by_kind(answer: str, question: CountQuestion | None = None) -> list[Question]:
        return [
            fitting(agreement, answer, role=role, mode=mode, moment_ms=moment, kind=kind, question=question)
            for kind in agreement.kinds
        ]

    for answer in ("hit", "attributes"):
        if answer in agreement.answers:
            yield answer, by_kind(answer)
    for question in agreement.count.questions if agreement.count else ():
        yield f"count {question.id}", by_kind("count", question)
