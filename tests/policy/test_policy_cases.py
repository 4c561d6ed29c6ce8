"""Every case of `policies/cases` on both engines: the embedded one and a real OPA server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.opa import OpaDecisionPoint
from linkage_node.policy.outcome import parse_outcome
from tests.opa_server import opa_server
from tests.policy.corpus import POLICIES, RULES, Case, StaticPolicy, cases

CASES = cases()
SOURCE = StaticPolicy(RULES, {case.agreement_hash: case.agreement for case in CASES})


@pytest.fixture(scope="module")
def embedded() -> EmbeddedDecisionPoint:
    """The embedded engine over all agreements of all cases."""
    return EmbeddedDecisionPoint(SOURCE)


@pytest.fixture(scope="module")
def opa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpaDecisionPoint]:
    """An OPA server over the same."""
    data = tmp_path_factory.mktemp("data") / "data.json"
    data.write_text(json.dumps(SOURCE.data()))
    with opa_server(POLICIES / "linkage", data) as url:
        yield OpaDecisionPoint(url)


def _expected(case: Case) -> dict[str, Any]:
    agreement = case.agreement
    obligations = {
        "kinds": agreement.get("kinds"),
        "answers": agreement.get("answers"),
        "proof": agreement.get("proof"),
        "receipts": agreement.get("receipts"),
        **agreement.get("limits", {}),
    }
    return {
        "allow": not case.reasons,
        "reasons": case.reasons,
        "obligations": {} if case.reasons else obligations,
        "revision": SOURCE.data()["revision"],
    }


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_embedded_engine_gives_the_whole_outcome_of_the_case(
    embedded: EmbeddedDecisionPoint, case: Case
) -> None:
    """The embedded engine answers exactly what the case says, in every field."""
    assert embedded.evaluate(case.input) == _expected(case)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_opa_server_gives_the_whole_outcome_of_the_case(opa: OpaDecisionPoint, case: Case) -> None:
    """A real OPA server answers exactly what the case says, in every field."""
    answer = opa.evaluate(case.input)
    assert answer == _expected(case)
    assert parse_outcome(answer).allow is not bool(case.reasons)


def test_cases_cover_every_reason_that_the_rules_know() -> None:
    """Every reason code in the Rego is the only reason of some case."""
    written = {word for text in RULES.values() for word in _reasons_in(text)}
    alone = {case.reasons[0] for case in CASES if len(case.reasons) == 1}
    assert written - {"malformed"} <= alone
    assert "malformed" in alone


def _reasons_in(rego: str) -> set[str]:
    return {line.split('"')[1] for line in rego.splitlines() if line.startswith("reasons contains")}


def test_examples_are_where_the_product_looks() -> None:
    """The policies of the repository are those that the installed package finds."""
    from linkage_node.policy.source import policy_folder

    assert policy_folder(None) == Path(POLICIES).resolve()
