"""The outcome: what counts as an approval, and how conditions are compared."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.errors import Refusal
from linkage_node.limits import REASONS
from linkage_node.policy import Obligations, parse_outcome, reasons_against, require_at_least, stricter
from linkage_node.policy.outcome import NOTHING
from tests.policy.corpus import question

RAW_OBLIGATIONS: dict[str, Any] = {
    "evaluations_per_day": 1000,
    "largest_query": 100,
    "result_retention_days": 30,
    "kinds": ["bsn"],
    "answers": ["hit"],
    "proof": False,
    "receipts": False,
}
APPROVAL: dict[str, Any] = {"allow": True, "reasons": [], "obligations": RAW_OBLIGATIONS, "revision": "r1"}
OBLIGATIONS = parse_outcome(APPROVAL).obligations


def test_the_exact_shape_is_an_approval() -> None:
    """Four fields, seven obligations, each of its type: approved."""
    assert parse_outcome(APPROVAL).allow is True
    assert OBLIGATIONS.kinds == ("bsn",)


WRONG_VALUES: dict[str, list[Any]] = {
    "evaluations_per_day": ["1000", 1000.0, True, -1, None, 2**60],
    "largest_query": ["100", [], False],
    "result_retention_days": ["30", None],
    "kinds": ["bsn", None, [1], [["bsn"]], {"bsn": True}],
    "answers": ["hit", [None]],
    "proof": ["false", 0, None],
    "receipts": ["false", 1],
}
REASONS_TOO_MANY = [f"reason_{number}" for number in range(REASONS + 1)]
NO_APPROVALS: dict[str, tuple[object, str]] = {
    "nothing": (None, "policy_malformed"),
    "true": (True, "policy_malformed"),
    "text": ("true", "policy_malformed"),
    "list": ([True], "policy_malformed"),
    "empty": ({}, "policy_malformed"),
    "allow_alone": ({"allow": True}, "policy_malformed"),
    "allow_is_text": ({**APPROVAL, "allow": "true"}, "policy_malformed"),
    "allow_is_text_false": ({**APPROVAL, "allow": "false"}, "policy_malformed"),
    "allow_is_one": ({**APPROVAL, "allow": 1}, "policy_malformed"),
    "allow_is_null": ({**APPROVAL, "allow": None}, "policy_malformed"),
    "allow_in_another_case": ({**APPROVAL, "Allow": True}, "policy_malformed"),
    "one_field_more": ({**APPROVAL, "advice": "none"}, "policy_malformed"),
    "approved_with_a_reason": ({**APPROVAL, "reasons": ["agreement_expired"]}, "policy_malformed"),
    "reasons_missing": ({k: v for k, v in APPROVAL.items() if k != "reasons"}, "policy_malformed"),
    "reasons_are_an_object": ({**APPROVAL, "reasons": {}}, "policy_malformed"),
    "reasons_without_end": ({**APPROVAL, "allow": False, "reasons": REASONS_TOO_MANY}, "policy_malformed"),
    "reason_is_no_code": ({**APPROVAL, "allow": False, "reasons": ["Not a code!"]}, "policy_malformed"),
    "revision_empty": ({**APPROVAL, "revision": ""}, "policy_malformed"),
    "revision_is_a_number": ({**APPROVAL, "revision": 1}, "policy_malformed"),
    "revision_with_a_newline": ({**APPROVAL, "revision": "r1\nr2"}, "policy_malformed"),
    "obligations_missing": ({**APPROVAL, "obligations": {}}, "policy_malformed"),
    "obligations_null": ({**APPROVAL, "obligations": None}, "policy_malformed"),
    "obligation_unknown": (
        {**APPROVAL, "obligations": {**RAW_OBLIGATIONS, "notify": True}},
        "unknown_obligation",
    ),
    **{
        f"without_{name}": (
            {**APPROVAL, "obligations": {k: v for k, v in RAW_OBLIGATIONS.items() if k != name}},
            "policy_malformed",
        )
        for name in RAW_OBLIGATIONS
    },
    **{
        f"{name}_is_{value!r}": (
            {**APPROVAL, "obligations": {**RAW_OBLIGATIONS, name: value}},
            "policy_malformed",
        )
        for name, values in WRONG_VALUES.items()
        for value in values
    },
}


@pytest.mark.parametrize(("raw", "code"), NO_APPROVALS.values(), ids=NO_APPROVALS)
def test_whatever_is_not_exactly_an_approval_is_a_refusal(raw: object, code: str) -> None:
    """Every deviation raises, with the code that says what it was."""
    with pytest.raises(Refusal) as refused:
        parse_outcome(raw)
    assert refused.value.code == code


def test_a_refusal_carries_the_strictest_conditions() -> None:
    """Who forgets to look at `allow` can still do nothing; a refusal without reasons gets one."""
    denied = parse_outcome({"allow": False, "reasons": [], "obligations": {}, "revision": "r1"})
    assert (denied.allow, denied.reasons, denied.obligations) == (False, ("policy_denied",), NOTHING)


def test_as_many_reasons_as_a_receipt_holds_are_told() -> None:
    """Whatever engine says so; one more is no answer, for the other organisation would not read it."""
    told = parse_outcome({**APPROVAL, "allow": False, "reasons": REASONS_TOO_MANY[1:]})
    assert len(told.reasons) == REASONS
    with pytest.raises(Refusal, match=f"more than {REASONS} reasons"):
        parse_outcome({**APPROVAL, "allow": False, "reasons": REASONS_TOO_MANY})


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(APPROVAL)), _ANYTHING)
def test_no_other_value_of_a_field_slips_through(name: str, value: object) -> None:
    """Any JSON in place of one field is a refusal, unless it is again a value of that field."""
    try:
        outcome = parse_outcome({**APPROVAL, name: value})
    except Refusal:
        return
    if outcome.allow:
        assert (
            name == "revision" or (name == "allow" and value is True) or (name == "reasons" and value == [])
        )


def test_of_two_conditions_the_stricter_holds() -> None:
    """Smaller numbers, what both lists have, and what either side asks for."""
    other = Obligations(
        evaluations_per_day=10,
        largest_query=1000,
        result_retention_days=7,
        kinds=("household", "bsn"),
        answers=("count",),
        proof=True,
        receipts=False,
    )
    both = stricter(OBLIGATIONS, other)
    assert both == Obligations(
        evaluations_per_day=10,
        largest_query=100,
        result_retention_days=7,
        kinds=("bsn",),
        answers=(),
        proof=True,
        receipts=False,
    )
    require_at_least(both, OBLIGATIONS)
    require_at_least(both, other)


LAXER: dict[str, dict[str, Any]] = {
    "larger_budget": {"evaluations_per_day": 1001},
    "larger_query": {"largest_query": 101},
    "kept_longer": {"result_retention_days": 31},
    "one_kind_more": {"kinds": ("bsn", "household")},
    "one_answer_more": {"answers": ("hit", "count")},
    "no_proof": {"proof": False},
    "no_receipts": {"receipts": False},
}


@pytest.mark.parametrize("change", LAXER.values(), ids=LAXER)
def test_a_dropped_obligation_is_refused(change: dict[str, Any]) -> None:
    """A receipt that is laxer in one condition than one's own policy is not used."""
    own = replace(OBLIGATIONS, proof=True, receipts=True)
    require_at_least(own, own)
    with pytest.raises(Refusal) as refused:
        require_at_least(replace(own, **change), own)
    assert (refused.value.code, refused.value.detail) == ("obligation_dropped", next(iter(change)))


def test_conditions_forbid_questions_beyond_them() -> None:
    """The node itself compares a question with the conditions of its approval."""
    assert reasons_against(OBLIGATIONS, question(elements=100, used_today=900)) == ()
    assert reasons_against(OBLIGATIONS, question(elements=101)) == ("query_too_large",)
    assert reasons_against(OBLIGATIONS, question(elements=100, used_today=901)) == ("budget_exhausted",)
    assert reasons_against(OBLIGATIONS, question(kind="household", answer="count")) == (
        "answer_not_agreed",
        "kind_not_agreed",
    )


def test_a_report_of_hits_has_no_limits() -> None:
    """It is a duty: neither its size nor the day's budget stands in its way; the answer must still be agreed."""
    report: dict[str, Any] = {"operation": "report_hits", "elements": 101, "used_today": 1000}
    assert reasons_against(OBLIGATIONS, question(**report)) == ()
    assert reasons_against(OBLIGATIONS, question(**report, answer="attributes")) == ("answer_not_agreed",)
