"""What is said of an agreement that can be agreed on, and was perhaps meant otherwise."""

from datetime import UTC, datetime
from typing import Any

import pytest

from linkage_node.agreements import Agreement
from linkage_node.agreements.advice import misread, odd_term, thin_terms
from tests.agreements.test_agreement_language import WHOLE

NOW_MS = int(datetime(2026, 11, 22, tzinfo=UTC).timestamp()) * 1000
# from, until, the codes that are told on 2026-11-22
TERMS: dict[str, tuple[str, str, set[str]]] = {
    "this year": ("2026-01-01", "2026-12-31", set()),
    "its last day": ("2026-01-01", "2026-11-22", set()),
    "until yesterday": ("2026-01-01", "2026-11-21", {"term_over"}),
    "long over": ("2022-01-01", "2023-01-01", {"term_over"}),
    "next year": ("2027-11-01", "2028-10-31", set()),
    "years ahead, for long": ("2030-01-01", "2099-12-31", {"term_far_ahead", "term_long"}),
    "just not five years": ("2026-01-01", "2030-12-31", set()),
    "five years": ("2026-01-01", "2031-01-01", {"term_long"}),
}


def made(**changes: Any) -> Agreement:
    """A whole agreement with some fields changed."""
    return Agreement.model_validate({**WHOLE, **changes})


@pytest.mark.parametrize(("first", "last", "codes"), TERMS.values(), ids=TERMS)
def test_a_term_that_is_over_far_away_or_long_is_told(first: str, last: str, codes: set[str]) -> None:
    """With the day, in both languages, and the same code."""
    agreement = made(valid_from=first, valid_until=last)
    for language, word in (("nl", "de overeenkomst"), ("en", "the agreement")):
        told = list(odd_term(agreement, NOW_MS, language))  # type: ignore[arg-type]
        assert {one.code for one in told} == codes
        assert all(one.what.startswith(word) for one in told)
        assert all(one.field in {"valid_from", "valid_until"} for one in told)


@pytest.mark.parametrize(
    ("purpose", "told"),
    [
        ("“Intake”", "“ ”"),
        ("„Intake”", "„ ”"),
        ("«Intake»", "« »"),
        ("‘Intake’", "‘ ’"),
        ("“Intake", "“"),
        ("Intake”", "”"),
        ("’t Gooi helpen", None),
        ("Hulp voor “wie wil” en kan", None),
        ("Schuldhulp’", None),
    ],
)
def test_quotes_that_yaml_does_not_know_are_told(purpose: str, told: str | None) -> None:
    """Else they would be part of the purpose, which a question must have to the letter; an apostrophe is none."""
    found = list(misread(made(purpose=purpose), "nl"))
    assert [one.field for one in found] == (["purpose"] if told else [])
    assert not told or f"de aanhalingstekens {told} horen hier bij de tekst" in found[0].what


def test_quotes_in_lists_are_told_where_they_stand() -> None:
    """Of a category that nobody would ever be in."""
    question = {"id": "a", "epsilon": 1, "by_provider": {"attribute": "a", "values": ["x", "“y”"]}}
    count = {**WHOLE["count"], "questions": [question]}
    (found,) = misread(made(count=count))
    assert (found.field, found.code) == ("count.questions.0.by_provider.values.1", "quotes_in_text")


def test_fewer_a_day_than_in_one_question_is_told() -> None:
    """Both numbers are allowed; together they refuse what one of them promises."""
    limits = {"evaluations_per_day": 4_999, "largest_query": 5_000}
    told = {
        one.code: one
        for one in thin_terms(made(limits=limits, count=None, attributes=None, answers=["hit"]), "nl")
    }
    assert told["limits_unequal"].field == "limits.evaluations_per_day"
    assert "(4.999)" in told["limits_unequal"].what
    assert "(5.000)" in told["limits_unequal"].what
    assert "limits_unequal" not in {one.code for one in thin_terms(made())}
