"""The questions by which two policies are compared: those that were put, those that can be imagined, and the cases."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import rfc8785

from linkage_node.agreements import Agreement
from linkage_node.clock import day_of
from linkage_node.config import Mode
from linkage_node.policy.cases import Case
from linkage_node.policy.explained_words import Language, in_words, number, word
from linkage_node.policy.known import KnownPolicy
from linkage_node.policy.question import Question, decision_input
from linkage_node.policy.recorded import Recorded
from linkage_node.policy.trial import fitting

Origin = Literal["recorded", "imagined", "case"]


class Put(NamedTuple):
    """One question that is put to both policies."""

    origin: Origin
    name: str  # transaction and record, what is imagined, or the case
    agreement: str  # id
    asked: Any


def imagined(
    policies: Iterable[KnownPolicy], *, mode: Mode, now_ms: int, language: Language = "nl"
) -> Iterator[Put]:
    """The smallest and largest questions that fit each agreement: by each kind, for each answer and count.

    Now, or when the agreement is valid; the smallest on its first and last day too; and each with so much used before
    that it just fits in the day's budget.
    """
    seen: set[bytes] = set()
    for policy in policies:
        for agreement in policy.agreements:
            for question in _fitting(agreement, mode, now_ms):
                asked = decision_input(question)
                if (key := rfc8785.dumps(asked)) not in seen:
                    seen.add(key)
                    yield Put("imagined", _in_words(question, language), agreement.id, asked)


def _fitting(agreement: Agreement, mode: Mode, now_ms: int) -> Iterator[Question]:
    first, last = agreement.starts_at_ms, agreement.ends_at_ms - 1
    now = min(max(now_ms, first), last)
    budget = agreement.limits.evaluations_per_day
    for kind in agreement.kinds:
        for answer in agreement.answers:
            counted = agreement.count.questions if answer == "count" and agreement.count else (None,)
            for count, elements, moment in (
                (count, elements, moment)
                for count in counted
                for elements, moments in ((1, (now, first, last)), (agreement.limits.largest_query, (now,)))
                for moment in moments
            ):
                question = fitting(
                    agreement,
                    answer,
                    role="provider",
                    mode=mode,
                    moment_ms=moment,
                    kind=kind,
                    question=count,
                    elements=elements,
                )
                yield question
                if moment == now:
                    yield replace(question, used_today=budget - question.elements)


def _in_words(question: Question, language: Language) -> str:
    answer = f"{in_words(language, 'answers', question.answer)} {question.question}".strip()
    kind, elements = in_words(language, "kinds", question.kind), number(language, question.elements)
    told = word(language, "imagined_question", answer, kind, elements, day_of(question.time_ms))
    used = number(language, question.used_today)
    return told + word(language, "imagined_after", used) if question.used_today else told


def of_cases(policies: Iterable[KnownPolicy]) -> tuple[list[Case], list[Put]]:
    """The cases of both, each once, and their questions. One that both have in other words stands twice."""
    found: dict[str, tuple[Case, str]] = {}
    for policy in policies:
        for case in policy.cases():
            known = found.get(case.name)
            same = known and (known[0].input, known[0].agreement) == (case.input, case.agreement)
            if not same:
                found[f"{case.name} ({policy.name})" if known else case.name] = (case, policy.name)
    cases = [case for case, _ in found.values()]
    return cases, [Put("case", name, case.starts_from, case.input) for name, (case, _) in found.items()]


def of_record(recorded: Recorded, language: Language = "nl") -> Put:
    """A question that was put before; Refusal("malformed") for one that could not be read then either."""
    question = recorded.question
    name = word(language, "recorded_question", recorded.transaction_id[:8], recorded.seq)
    return Put("recorded", name, question.agreement_id, decision_input(question))
