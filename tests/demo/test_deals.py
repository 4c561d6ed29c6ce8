"""The agreements of the story are agreements, about columns that the organisations have."""

from datetime import date
from random import Random

import pytest

from linkage_node.agreements import Agreement, parse_agreement
from linkage_node.demo.administration import administer
from linkage_node.demo.deals import FORBIDDEN, GOALS, Deal, Goal, agreement_text
from linkage_node.demo.people import bsns_for_testing, invent
from linkage_node.demo.registers import HOMES, ORGANISATIONS, TOWN, Organisation
from linkage_node.limits import COUNT_TRAPS

ALL = [(goal, deal) for goal in (*GOALS, FORBIDDEN) for deal in goal.deals]


def _agreement(goal: Goal, deal: Deal, people: int = 4_000) -> Agreement:
    return parse_agreement(agreement_text(goal, deal, people=people, today=date(2026, 11, 22)))


def _fields(organisation: Organisation) -> dict[str, set[str]]:
    return {field.name: set(field.values) for field in organisation.fields}


@pytest.mark.parametrize(("goal", "deal"), ALL, ids=[deal.id for _, deal in ALL])
def test_every_agreement_is_valid(goal: Goal, deal: Deal) -> None:
    """It is read as it was meant: parties, kind that the provider can answer by, answers."""
    agreement = _agreement(goal, deal)
    assert (agreement.requester.oin, agreement.provider.oin) == (TOWN.oin, deal.answers_from.oin)
    assert agreement.kinds[0] in deal.answers_from.kinds
    assert agreement.answers == deal.answers
    assert agreement.purpose == goal.purpose


@pytest.mark.parametrize(("goal", "deal"), ALL, ids=[deal.id for _, deal in ALL])
def test_what_is_asked_is_there(goal: Goal, deal: Deal) -> None:
    """Breakdowns name columns and values of the two organisations; attributes too, but for the forbidden one."""
    agreement = _agreement(goal, deal)
    ours, theirs = _fields(TOWN), _fields(deal.answers_from)
    for question in agreement.count.questions if agreement.count else ():
        for side, fields in ((question.by_requester, ours), (question.by_provider, theirs)):
            assert side is None or set(side.values) <= fields[side.attribute]
    if agreement.attributes:
        assert (set(agreement.attributes.names) <= set(theirs)) == (goal is not FORBIDDEN)


def test_ids_are_distinct() -> None:
    """No two agreements have one id."""
    assert len({deal.id for _, deal in ALL}) == len(ALL)


def test_nothing_about_tenants_is_asked_by_bsn() -> None:
    """The housing association is asked by address alone, and opens no attributes."""
    found = [deal for _, deal in ALL if deal.answers_from is HOMES]
    assert found
    assert all(deal.kind == "household" and "attributes" not in deal.answers for deal in found)


def test_a_small_town_counts_smaller_sets() -> None:
    """With few people a count may be about fewer; with enough it is about a hundred at the least."""
    goal, deal = next((goal, deal) for goal, deal in ALL if "count" in deal.answers)
    for people, smallest in ((50, 3), (1_500, 100), (9_000, 100)):
        terms = _agreement(goal, deal, people).count
        assert terms is not None
        assert terms.smallest_set == smallest


@pytest.mark.parametrize("people", [300, 4_000, 9_900])
def test_everybody_fits_into_a_bucket(people: int) -> None:
    """Nobody's clients are more than a category has room for, whatever the size of the town."""
    random = Random(people)
    invented = invent(random, people, bsns_for_testing())
    most = max(
        len(set(book.keys(kind).values()))
        for book in (administer(random, one, invented) for one in ORGANISATIONS)
        for kind in book.organisation.kinds
    )
    for goal, deal in ALL:
        terms = _agreement(goal, deal, people).count
        assert terms is None or most <= min(terms.requester_bucket, terms.provider_bucket - COUNT_TRAPS)
