"""What an agreement says in each of the cases of the social domain, whatever the language of its words.

Legal bases, purposes and kinds of organisations are those of the catalogue (policies/catalogue).
"""

from typing import NamedTuple


class CaseWords(NamedTuple):
    """What a case is called, its purpose, and what the officer has to weigh: in one language."""

    id: str
    purpose: str
    intro: str


class Case(NamedTuple):
    """The terms of a new agreement; what is None is not said."""

    purpose_category: str | None = None
    legal_basis: str | None = None  # of the catalogue, whose article is filled in
    requester_kind: str | None = None
    provider_kind: str | None = None
    kinds: tuple[str, ...] = ("bsn",)
    answers: tuple[str, ...] = ("hit",)
    evaluations_per_day: int = 100_000
    largest_query: int = 100_000
    retention_days: int = 30
    receipts: bool | None = None
    names: tuple[str, ...] = ("contact", "telephone")


CASES = {
    "unclaimed_benefits": Case(
        purpose_category="unclaimed_benefits",
        legal_basis="pw-35",
        requester_kind="municipality",
        provider_kind="benefits_agency",
        evaluations_per_day=20_000,
        largest_query=10_000,
        receipts=True,
    ),
    "early_signals_of_debt": Case(
        purpose_category="early_signals_of_debt",
        legal_basis="wgs-3-1-b",
        requester_kind="municipality",
        provider_kind="housing_association",
        kinds=("household",),
        evaluations_per_day=20_000,
        largest_query=10_000,
        retention_days=14,
        receipts=False,
    ),
    "intake": Case(
        purpose_category="intake",
        legal_basis="wgs-4a",
        requester_kind="municipality",
        provider_kind="credit_bank",
        evaluations_per_day=200,
        largest_query=10,
        retention_days=7,
        receipts=True,
    ),
    "multi_problem_households": Case(
        purpose_category="multi_problem_households",
        legal_basis="wgs-4a",
        requester_kind="municipality",
        provider_kind="credit_bank",
        kinds=("household",),
        answers=("count", "hit"),
        evaluations_per_day=20_000,
        largest_query=10_000,
        retention_days=14,
        receipts=True,
    ),
    "steering_information": Case(
        purpose_category="steering_information",
        legal_basis="wgs-2",
        requester_kind="municipality",
        provider_kind="credit_bank",
        answers=("count",),
        evaluations_per_day=40_000,
        largest_query=20_000,
    ),
    "whom_to_call": Case(
        purpose_category="whom_to_call",
        legal_basis="wgs-4a",
        requester_kind="municipality",
        provider_kind="credit_bank",
        answers=("hit", "attributes"),
        evaluations_per_day=2_000,
        largest_query=1_000,
        retention_days=7,
        receipts=True,
        names=("counsellor", "team", "telephone"),
    ),
}
