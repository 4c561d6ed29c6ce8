"""Two policies compared: exactly the questions are found that an independent comparison finds."""

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_node.agreements import Agreement
from linkage_node.errors import LinkageError
from linkage_node.policy import decision_input
from linkage_node.policy.archive import Contents, make_bundle
from linkage_node.policy.asked import value_at
from linkage_node.policy.case_runs import CasePolicy
from linkage_node.policy.cases import CASES, Case
from linkage_node.policy.diff import Difference, Side, differences, grouped
from linkage_node.policy.diff_questions import Put, imagined, of_cases
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.known import KnownPolicy, of_folder, policy_of
from linkage_node.policy.source import policy_data
from tests.policy.corpus import CATALOGUE, EXAMPLES, NOON_MS, POLICIES, RULES, question

ENERGY = EXAMPLES["example-energy-allowance"]
_TEXTS = {
    file.relative_to(POLICIES).as_posix(): file.read_text() for file in POLICIES.glob("agreements/*/*.yaml")
}
_CASES = {f"cases/{file.name}": file.read_text() for file in (POLICIES / CASES).glob("*.yaml")}


def policy(
    name: str, *agreements: Agreement, rules: Mapping[str, str] = RULES, cases: bool = False
) -> KnownPolicy:
    """Rules over these agreements."""
    return KnownPolicy(
        name, rules, policy_data(rules, CATALOGUE, agreements), {**_TEXTS, **(_CASES if cases else {})}
    )


def compared(old: KnownPolicy, new: KnownPolicy) -> tuple[list[Put], list[Difference]]:
    """Everything that is put to both, and what differs."""
    cases, puts = of_cases((old, new))
    asked = [*imagined((old, new), mode="production", now_ms=NOON_MS), *puts]
    return asked, list(differences(Side(old, cases), Side(new, cases), asked))


def limited(largest: int, per_day: int) -> Agreement:
    """The example for unclaimed benefits with other limits."""
    limits = ENERGY.limits.model_copy(update={"largest_query": largest, "evaluations_per_day": per_day})
    return ENERGY.model_copy(update={"limits": limits})


def reasons_by_hand(agreement: Agreement, put: Put) -> tuple[str, ...]:
    """What the two limits say of a question that fits otherwise."""
    elements = value_at(put.asked, "action.properties.elements")
    used = value_at(put.asked, "context.used_today")
    limits = agreement.limits
    broken = {
        "budget_exhausted": used + elements > limits.evaluations_per_day,
        "query_too_large": elements > limits.largest_query,
    }
    return tuple(code for code, is_broken in broken.items() if is_broken)


limits = st.integers(1, 30)


@given(old=st.tuples(limits, limits), new=st.tuples(limits, limits))
@settings(max_examples=25, deadline=None)
def test_changed_limits(old: tuple[int, int], new: tuple[int, int]) -> None:
    """Of two versions of an agreement with any limits the questions are found that two comparisons of numbers find."""
    before, after = limited(*old), limited(*new)
    asked, found = compared(policy("old", before), policy("new", after))
    by_hand = {
        put.name
        for put in asked
        if (was := reasons_by_hand(before, put)) != (becomes := reasons_by_hand(after, put))
        or (not was and not becomes and before.limits != after.limits)
    }
    assert {one.put.name for one in found} == by_hand
    assert all(one.before.reasons == reasons_by_hand(before, one.put) for one in found)
    assert all(one.after.reasons == reasons_by_hand(after, one.put) for one in found)
    assert sum(group.questions for group in grouped(found)) == len(found)


@cache
def stricter_rules() -> dict[str, str]:
    """The rules with one changed: nobody is found by an address."""
    stricter = 'kind_agreed if input.resource.properties.kind == "bsn"'
    changed = {name: re.sub(r"(?m)^kind_agreed if .*$", stricter, text) for name, text in RULES.items()}
    assert sum(changed[name] != RULES[name] for name in RULES) == 1
    return changed


def by_engine(rules: Mapping[str, str], cases: list[Case]) -> dict[str, Any]:
    """What an engine answers to each case, but for the revision."""
    decide = EmbeddedDecisionPoint(CasePolicy(rules, CATALOGUE, cases))
    answers: dict[str, Any] = {case.name: decide.evaluate(case.input) for case in cases}
    return {name: {**answer, "revision": ""} for name, answer in answers.items()}


def test_a_changed_rule() -> None:
    """The cases and imagined questions by address are found, and no other, when a rule no longer takes addresses."""
    old = policy("old", *EXAMPLES.values(), cases=True)
    new = policy("new", *EXAMPLES.values(), rules=stricter_rules(), cases=True)
    cases = old.cases()
    before, after = by_engine(RULES, cases), by_engine(stricter_rules(), cases)
    asked, found = compared(old, new)
    changed_cases = {name for name in before if before[name] != after[name]}
    assert changed_cases
    assert {one.put.name for one in found if one.put.origin == "case"} == changed_cases
    by_address = {
        put.name
        for put in asked
        if put.origin == "imagined" and value_at(put.asked, "resource.properties.kind") == "household"
    }
    assert by_address
    assert {one.put.name for one in found if one.put.origin == "imagined"} == by_address
    assert all(one.after.reasons == ("kind_not_agreed",) for one in found if one.put.origin == "imagined")


def test_nothing_differs_from_itself() -> None:
    """A policy answers everything as it does itself."""
    one = policy("one", *EXAMPLES.values(), cases=True)
    asked, found = compared(one, one)
    assert {put.origin for put in asked} == {"imagined", "case"}
    assert found == []


def test_agreements_that_come_go_and_change() -> None:
    """A new agreement is approved of, one that is gone unknown, one that ends sooner refused on its last day."""
    ends = ENERGY.valid_until - timedelta(days=1)
    shorter = ENERGY.model_copy(update={"valid_until": ends})
    gone, fresh = EXAMPLES["example-whom-to-call"], EXAMPLES["example-steering-information"]
    _, found = compared(policy("old", ENERGY, gone), policy("new", shorter, fresh))
    told = {(one.put.agreement, one.before.reasons, one.after.reasons) for one in found}
    assert told == {
        (ENERGY.id, (), ("agreement_expired",)),
        (gone.id, (), ("agreement_unknown",)),
        (fresh.id, ("agreement_unknown",), ()),
    }
    assert all(str(ENERGY.valid_until) in one.put.name for one in found if one.put.agreement == ENERGY.id)


def test_a_condition_that_becomes_stricter() -> None:
    """Approvals on both sides with another condition are told with the condition, from what to what."""
    limits = ENERGY.limits.model_copy(update={"result_retention_days": 7})
    _, found = compared(policy("old", ENERGY), policy("new", ENERGY.model_copy(update={"limits": limits})))
    (group,) = grouped(found)
    assert (group.allowed_before, group.allowed_after) == (True, True)
    assert group.conditions == (("result_retention_days", 30, 7),)


def test_a_recorded_question_of_a_replaced_agreement() -> None:
    """It is put under the agreement that has its id now: its text, not its hash, decides whether something differs."""
    old, new = policy("old", ENERGY), policy("new", limited(50, 20_000))
    puts = [
        Put(
            "recorded", name, ENERGY.id, decision_input(question(elements=elements, agreement_hash="00" * 64))
        )
        for name, elements in (("small", 50), ("large", 51))
    ]
    found = {one.put.name: one for one in differences(Side(old, []), Side(new, []), puts)}
    assert found["large"].after.reasons == ("query_too_large",)
    assert found["small"].before.allow
    assert found["small"].after.allow


@pytest.mark.parametrize("agreements", [None, [ENERGY]])
def test_a_folder_is_read_over_agreements(agreements: list[Agreement] | None) -> None:
    """A folder has the agreements that are given, or without any its own examples, and its own cases."""
    read = of_folder(Path(POLICIES), agreements, "folder")
    assert {one.id for one in read.agreements} == {one.id for one in agreements or EXAMPLES.values()}
    assert len(read.cases()) >= 150


def test_a_file_that_was_built_is_read(tmp_path: Path) -> None:
    """A bundle is compared by its own rules, agreements and cases; what is no policy is told as such."""
    known = policy("known", *EXAMPLES.values(), cases=True)
    contents = Contents(RULES, CATALOGUE, known.data()["agreements"], {**_TEXTS, **_CASES})
    bundle = make_bundle(contents, sequence=1, oin=ENERGY.provider.oin, built_at="2026-06-15T12:00:00.000Z")
    (tmp_path / "policy.tar.gz").write_bytes(bundle.content)
    read = policy_of(str(tmp_path / "policy.tar.gz"), None)
    assert read.data()["revision"] == known.data()["revision"]
    assert {case.name for case in read.cases()} == {case.name for case in known.cases()}
    (tmp_path / "other").write_bytes(b"nothing")
    for name, code in (("other", "file_malformed"), ("nowhere", "file_missing")):
        with pytest.raises(LinkageError) as refused:
            policy_of(str(tmp_path / name), None)
        assert refused.value.code == code
    with pytest.raises(LinkageError) as refused:
        policy_of("active", None)
    assert refused.value.code == "option_missing"
