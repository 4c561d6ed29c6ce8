"""The question: what policy is asked."""

from typing import Any

import pytest

from linkage_node.errors import Refusal
from linkage_node.limits import POLICY_NUMBER
from linkage_node.policy import decision_input
from tests.policy.corpus import question


def test_input_has_the_shape_of_authzen() -> None:
    """Subject, action, resource, context; the subject is the organisation of the certificate."""
    asked = decision_input(question(subject_oin="00000099000000003000"))
    assert asked.keys() == {"subject", "action", "resource", "context"}
    for part in ("subject", "resource"):
        assert asked[part].keys() == {"type", "id", "properties"}
    assert asked["action"].keys() == {"name", "properties"}
    assert asked["subject"]["id"] == "00000099000000003000"
    assert asked["context"]["time"] == "2026-06-15T12:00:00.000Z"


def test_what_a_rung_adds_is_in_the_input() -> None:
    """The question of a count; names and whether there is a case, of attributes; empty for a hit."""
    details = {"question": "", "attributes": [], "for_a_case": False}
    hit, count, attributes = (
        decision_input(question(example))["action"]["properties"]
        for example in ("example-energy-allowance", "example-steering-information", "example-whom-to-call")
    )
    assert {name: hit[name] for name in details} == details
    assert {name: count[name] for name in details} == {**details, "question": "by-district-and-stage"}
    names = ["counsellor", "team", "telephone"]
    assert {name: attributes[name] for name in details} == {
        **details,
        "attributes": names,
        "for_a_case": True,
    }


@pytest.mark.parametrize("character", ["\0", "\n", "\x1b", "\x7f", "\x85", "\ud800"])
@pytest.mark.parametrize(
    "field",
    [
        "purpose",
        "kind",
        "answer",
        "question",
        "agreement_id",
        "agreement_hash",
        "subject_oin",
        "provider_oin",
    ],
)
def test_text_that_engines_read_differently_is_refused(field: str, character: str) -> None:
    """A control character, above all a NUL that ends text in the embedded engine, never reaches an engine."""
    agreed = getattr(question(), field)
    with pytest.raises(Refusal) as refused:
        decision_input(question(**{field: f"{agreed}{character}more"}))
    assert refused.value.code == "malformed"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("attributes", ("team", "tele\0phone")),
        ("attributes", ("team", 7)),
        ("attributes", "team"),
        ("attributes", ["team"]),
        ("for_a_case", 1),
        ("for_a_case", "true"),
        ("for_a_case", None),
        ("question", None),
        ("purpose", 7),
    ],
)
def test_fields_of_another_type_are_refused(field: str, value: Any) -> None:
    """Names are a tuple of texts, a case is true or false: nothing else reaches an engine."""
    with pytest.raises(Refusal) as refused:
        decision_input(question(**{field: value}))
    assert refused.value.code == "malformed"


@pytest.mark.parametrize("value", [-1, POLICY_NUMBER + 1, 2**64 + 100, 1.5, True, None, ["100"], (100,)])
@pytest.mark.parametrize("field", ["elements", "used_today", "epoch"])
def test_numbers_that_engines_read_differently_are_refused(field: str, value: Any) -> None:
    """Only whole numbers that every JSON reader keeps exact reach an engine."""
    with pytest.raises(Refusal) as refused:
        decision_input(question(**{field: value}))
    assert refused.value.code == "malformed"
