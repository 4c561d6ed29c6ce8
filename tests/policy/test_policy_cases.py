"""Every case of `policies/cases` on both engines: the embedded one and a real OPA server."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_node.policy.case_runs import CasePolicy
from linkage_node.policy.cases import Case
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.opa import OpaDecisionPoint
from linkage_node.policy.outcome import parse_outcome
from linkage_node.policy.source import ENTRYPOINT
from linkage_node.reasons import REASONS
from tests.opa_server import opa_server
from tests.policy.corpus import CATALOGUE, POLICIES, RULES, cases

CASES = cases()
SOURCE = CasePolicy(RULES, CATALOGUE, CASES)


@pytest.fixture(scope="module")
def embedded() -> EmbeddedDecisionPoint:
    """The embedded engine over all agreements of all cases."""
    return EmbeddedDecisionPoint(SOURCE)


@pytest.fixture(scope="module")
def opa_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An OPA server over the same."""
    data = tmp_path_factory.mktemp("data") / "data.json"
    data.write_text(json.dumps(SOURCE.data()))
    with opa_server(POLICIES / "linkage", data) as url:
        yield url


@pytest.fixture(scope="module")
def opa(opa_url: str) -> OpaDecisionPoint:
    """It as a decision point."""
    return OpaDecisionPoint(opa_url)


def _expected(case: Case) -> dict[str, Any]:
    return {
        "allow": not case.reasons,
        "reasons": list(case.reasons),
        "obligations": case.obligations,
        "revision": SOURCE.data()["revision"],
    }


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_both_engines_give_the_whole_outcome_of_the_case(
    embedded: EmbeddedDecisionPoint, opa: OpaDecisionPoint, case: Case
) -> None:
    """Embedded and a real OPA server answer exactly what the case says, and the same, in every field."""
    answers = [embedded.evaluate(case.input), opa.evaluate(case.input)]
    assert answers == [_expected(case)] * 2, case.source
    assert parse_outcome(answers[0]).allow is not bool(case.reasons)


_TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)
_NAME = (
    st.sampled_from(["team", "telephone", "counsellor", "both", "Diagnose", "Terras", "PATIËNT", ""])
    | st.sampled_from(["ras", "rasPartner", "a.nummer 2", "BSN", "d1agnose", "Kans-op", "team|ras"])
    | st.from_regex(r"[A-Za-z][A-Za-z0-9 ._-]{0,30}", fullmatch=True)
    | _TEXT
)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 20) | _NAME,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAME, inner, max_size=2),
    max_leaves=6,
)
_OPERATIONS = ["evaluate", "fetch_tag_set", "count", "disclose", "report_hits", "other"]


@given(
    case=st.sampled_from([case for case in CASES if not case.reasons]),
    details=st.fixed_dictionaries(
        {},
        optional={
            "question": _ANY,
            "attributes": _ANY | st.lists(_NAME, max_size=3),
            "for_a_case": _ANY,
            "elements": _ANY,
            "answer": st.sampled_from(["count", "hit", "attributes"]) | _ANY,
        },
    ),
    operation=st.sampled_from(_OPERATIONS) | st.none(),
)
@settings(max_examples=300, deadline=None)
def test_engines_agree_on_whatever_is_asked(
    embedded: EmbeddedDecisionPoint,
    opa_url: str,
    case: Case,
    details: dict[str, Any],
    operation: str | None,
) -> None:
    """Fields of any type and any text: the same outcome of both engines, whole, however long a busy machine takes."""
    asked = deepcopy(case.input)
    asked["action"]["properties"] |= details
    if operation:
        asked["action"]["name"] = operation
    answer = requests.post(f"{opa_url}/v1/data/{ENTRYPOINT}", json={"input": asked}, timeout=30)
    assert embedded.evaluate(asked) == answer.json()["result"]


def test_cases_cover_every_reason_that_the_rules_know() -> None:
    """Every reason code in the Rego is the only reason of some case."""
    written = {word for text in RULES.values() for word in re.findall(r'"([a-z_]+)"', text)} & set(REASONS)
    assert len(CASES) >= 150
    alone = {case.reasons[0] for case in CASES if len(case.reasons) == 1}
    assert written - {"guardrails_unchecked", "policy_denied"} <= alone  # of a bundle made in another way


def test_examples_are_where_the_product_looks() -> None:
    """The policies of the repository are those that the installed package finds."""
    from linkage_node.policy.source import policy_folder

    assert policy_folder(None) == Path(POLICIES).resolve()
