"""Case files: what they may say, and how a fault in one is told."""

from typing import Any

import pytest

from linkage_node.errors import InputError
from linkage_node.policy.cases import Case, parse_cases
from linkage_node.policy.question import decision_input
from tests.policy.corpus import EXAMPLES, hash_of, question

WHOLE = """\
one_day:
  why: An agreement of its own.
  whole:
    id: own
    purpose: Own purpose
    legal_basis: {article: None}
    requester: {oin: "00000099000000003000"}
    provider: {oin: "00000099000000004000"}
    kinds: [bsn]
    answers: [hit]
    valid_from: 2026-03-01
    valid_until: 2026-03-01
    limits: {evaluations_per_day: 50, largest_query: 40}
  reasons: []
"""


def _case(text: str) -> Case:
    return parse_cases({"own.yaml": text}, EXAMPLES, [EXAMPLES["example-whom-to-call"]])[0]


def test_a_case_without_changes_is_the_fitting_question() -> None:
    """The question that the node itself would ask, at noon of the agreement's first day."""
    case = _case("plain: {why: Fits., reasons: []}")
    first_noon = 1767268800000
    assert case.input == decision_input(question(time_ms=first_noon, epoch=0))
    assert (case.source, case.starts_from) == ("own.yaml:1", "example-energy-allowance")
    assert case.obligations["largest_query"] == 10_000


@pytest.mark.parametrize(
    ("answer", "operation", "elements"),
    [("hit", "evaluate", 100), ("count", "count", 10_000), ("attributes", "disclose", 10)],
)
def test_what_is_asked_can_be_chosen(answer: str, operation: str, elements: int) -> None:
    """Every rung of an agreement has its fitting question; without a choice the one with most terms."""
    example = "example-whom-to-call" if answer == "attributes" else "example-multi-problem-households"
    case = _case(f"one: {{why: Chosen., example: {example}, answer: {answer}, reasons: []}}")
    assert case.input["action"]["name"] == operation
    assert case.input["action"]["properties"]["elements"] == elements


def test_a_whole_agreement_and_one_of_the_node() -> None:
    """A case brings its own agreement, or starts from one that the node has."""
    own = _case(WHOLE)
    assert own.input["context"]["time"] == "2026-03-01T12:00:00.000Z"
    assert own.input["action"]["properties"]["elements"] == 40
    assert own.obligations["result_retention_days"] == 30
    stored = _case("mine: {why: Of the node., stored: example-whom-to-call, reasons: []}")
    assert stored.agreement["attributes"]["names"] == ["counsellor", "team", "telephone"]


def test_changes_of_question_and_agreement() -> None:
    """Fields at paths are set and left out; the hash is that of the changed agreement, a day is a text."""
    case = _case(
        "one: {why: Changed., set: {context.used_today: 7}, drop: [subject.properties],"
        " agreement: {valid_until: 2026-02-01}, agreement_drop: [limits], reasons: [malformed, agreement_expired]}"
    )
    assert case.input["context"]["used_today"] == 7
    assert "properties" not in case.input["subject"]
    assert case.agreement["valid_until"] == "2026-02-01"
    assert "limits" not in case.agreement
    assert case.input["context"]["agreement"]["hash"] == case.agreement_hash == hash_of(case.agreement)
    assert case.reasons == ("agreement_expired", "malformed")


def test_a_field_that_no_node_sends() -> None:
    """Is put into a question by a key of its own, so that no misspelt one is taken for it."""
    case = _case(
        "one: {why: More., unknown: {context.traceparent: 00-1, subject.properties.name: X}, reasons: []}"
    )
    assert case.input["context"]["traceparent"] == "00-1"
    assert case.input["subject"]["properties"] == {"name": "X"}


@pytest.mark.parametrize("given", [None, "allow", [True], {}])
def test_something_else_in_place_of_the_question(given: Any) -> None:
    """What is no question at all can be a case."""
    text = f"one: {{why: No question., input: {'null' if given is None else given}, reasons: [malformed]}}"
    assert _case(text.replace("True", "true")).input == given


FAULTS = [
    ("one: {why: W., reason: []}", 1, "did you mean `reasons`"),
    ("one:\n  why: W.\n  reasons: [kind_not_agred]", 3, "did you mean `kind_not_agreed`"),
    ("one:\n  reasons: []", 1, "one.why"),
    ("one:\n  why: W.\n  example: none\n  reasons: []", 3, "there are: example-energy-allowance"),
    ("one:\n  why: W.\n  stored: none\n  reasons: []", 3, "of this node; there are: example-whom-to-call"),
    ("one:\n  why: W.\n  answer: count\n  reasons: []", 3, "has no such answer"),
    ("one:\n  why: W.\n  answer: all\n  reasons: []", 3, "one.answer"),
    ("one:\n  why: W.\n  set:\n    context.agreement.hash.x: 1\n  reasons: []", 4, "nothing that has fields"),
    (
        "one:\n  why: W.\n  set:\n    contxt.time: 1\n  reasons: []",
        4,
        "no field `contxt`; did you mean `context.time`?",
    ),
    (
        "one:\n  why: W.\n  set:\n    action.properties.elementen: 5000\n  reasons: []",
        4,
        "no field `action.properties.elementen`; did you mean `action.properties.elements`?",
    ),
    ("one:\n  why: W.\n  set: {elements: 5}\n  reasons: []", 3, "did you mean `action.properties.elements`?"),
    ("one:\n  why: W.\n  set: {context: {agrement: {}}}\n  reasons: []", 3, "no field `context.agrement`"),
    (
        "one:\n  why: W.\n  set: {subject.properties.name: x}\n  reasons: []",
        3,
        "no field `subject.properties`",
    ),
    ("one:\n  why: W.\n  unknown: {context.time: x}\n  reasons: []", 3, "put it under `set`"),
    ("one:\n  why: W.\n  agreement: {limits.largest_qery: 5}\n  reasons: []", 3, "`limits.largest_query`?"),
    ("one:\n  why: W.\n  agreement: {grenzen.per_vraag: 5}\n  reasons: []", 3, "`limits.largest_query`?"),
    (
        "one:\n  why: W.\n  agreement: {count.questions: [{id: a, evry: year}]}\n  reasons: []",
        3,
        "no field `count.questions.evry`",
    ),
    ("one:\n  why: W.\n  drop: [subject.nam]\n  reasons: []", 3, "no field `subject.nam`"),
    ("one:\n  why: W.\n  agreement_drop: [count]\n  reasons: []", 3, "no field `count`"),
    ("one:\n  why: W.\n  set:\n    context.time: 2026-06-15T12:00:00Z\n  reasons: []", 4, "in quotes"),
    ("one:\n  why: W.\n  input: 1\n  drop: [subject]\n  reasons: []", 3, "`input` is the whole question"),
    ("one:\n  why: W.\n  obligations: {proof: true}\n  reasons: [malformed]", 3, "a refusal has none"),
    ("one:\n  why: W.\n  example: a\n  stored: b\n  reasons: []", 4, "starts from one agreement"),
    ("one:\n  why: W.\n  agreement: {proof: 9999999999999999999999}\n  reasons: []", 3, "one.agreement"),
    ("one: {why: W., reasons: []}\none: {why: W., reasons: []}", 2, "stands twice"),
    ("one: [", 1, "own.yaml"),
    ("- one", 1, "expected fields"),
    ("one:\n  why: W.\n  input: {a: [*all]}\n  reasons: []", 3, "`*` stands for another part"),
    (
        "one:\n  why: W.\n  input:\n    - [x, x]\n    - [*l0, *l0]\n  reasons: []",
        5,
        "`*` stands for another part",
    ),
    (
        "one:\n  why: W.\n  set: {action.properties.elements: 0100}\n  reasons: []",
        3,
        "a number is written as",
    ),
    (WHOLE.replace("kinds: [bsn]", "kinds: bsn"), 9, "kinds"),
    (WHOLE.replace("purpose: Own", "purpse: Own"), 5, "did you mean `purpose`"),
]


@pytest.mark.parametrize(("text", "line", "words"), FAULTS)
def test_a_fault_is_told_with_file_and_line(text: str, line: int, words: str) -> None:
    """What is wrong, and where: nothing is guessed, and nothing left aside."""
    with pytest.raises(InputError) as refused:
        _case(text)
    assert f"own.yaml:{line}" in refused.value.detail
    assert words in refused.value.detail


def test_a_name_stands_once_in_all_files() -> None:
    """Two cases of one name would hide each other."""
    with pytest.raises(InputError) as refused:
        parse_cases(dict.fromkeys(("a.yaml", "b.yaml"), "same: {why: W., reasons: []}"), EXAMPLES)
    assert "b.yaml:1: same: a.yaml:1 has this name too" in refused.value.detail
