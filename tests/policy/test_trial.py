"""An agreement tried before anybody asks: also outside its term, and after its legal basis."""

from copy import deepcopy
from datetime import UTC, datetime

import pytest

from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.known import KnownPolicy
from linkage_node.policy.source import policy_data
from linkage_node.policy.trial import outside_term, refused, refused_at_the_end
from tests.policy.corpus import CATALOGUE, EXAMPLES, NOON_MS, RULES

ENERGY = EXAMPLES["example-energy-allowance"]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (datetime(2025, 12, 31, 23, 59, tzinfo=UTC), "agreement_not_yet_valid"),
        (datetime(2026, 1, 1, tzinfo=UTC), ""),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), ""),
        (datetime(2027, 1, 1, tzinfo=UTC), "agreement_expired"),
    ],
)
def test_whether_anything_is_asked_today(day: datetime, why: str) -> None:
    """The first and the last day are days of the agreement; before and after them there is a reason."""
    assert outside_term(ENERGY, int(day.timestamp() * 1000)) == why


@pytest.mark.parametrize(("ends", "told"), [("2026-09-30", True), ("2026-12-31", False)])
def test_an_agreement_that_outlives_its_legal_basis(ends: str, told: bool) -> None:
    """Now it is approved of, and on its last day it is not: that is told beforehand."""
    catalogue = deepcopy(CATALOGUE)
    assert ENERGY.legal_basis.id
    catalogue["legal_bases"][ENERGY.legal_basis.id]["valid_until"] = ends
    decide = EmbeddedDecisionPoint(KnownPolicy("own", RULES, policy_data(RULES, catalogue, [ENERGY]), {}))
    assert refused(decide, ENERGY, own_oin=ENERGY.provider.oin, mode="production", now_ms=NOON_MS) == {}
    later = refused_at_the_end(decide, ENERGY, own_oin=ENERGY.provider.oin, mode="production", now_ms=NOON_MS)
    assert later == ({"hit": ("legal_basis_not_in_force",)} if told else {})
