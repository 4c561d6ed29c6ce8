"""Random questions, agreements and catalogues: never an approval that the rules in plain Python would not give."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import requests
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linkage_node.errors import InputError, LinkageError, Refusal
from linkage_node.limits import POLICY_INPUT_DEPTH
from linkage_node.policy import DecisionPoint, Outcome, Question, decision_input, parse_outcome
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.opa import OpaDecisionPoint
from linkage_node.policy.source import read_catalogue
from linkage_node.policy.verdicts import with_verdicts
from tests.opa_server import opa_server
from tests.policy.corpus import AGREEMENTS, CATALOGUE, POLICIES, RULES, StaticPolicy, hash_of, question
from tests.policy.junk import JUNK, damaged, deep
from tests.policy.oracle import may_approve

# Judges many agreements and decides many questions at once, over the data that it is handed.
_MANY = """\
package many

verdicts := {hash: verdict |
	some hash, agreement in input.agreements
	verdict := data.linkage.match.verdict with input as {"agreement": agreement} with data.catalogue as input.catalogue
}

drawers := {first: {second: {hash: verdict |
	some hash, verdict in verdicts
	startswith(hash, concat("", [first, second]))
} |
	some name in object.keys(verdicts)
	startswith(name, first)
	second := substring(name, 1, 1)
} |
	some hash in object.keys(verdicts)
	first := substring(hash, 0, 1)
}

decisions := [decision |
	some one in input.asked
	decision := data.linkage.match.decision with input as one
		with data.agreements as input.agreements
		with data.verdicts as drawers
		with data.catalogue as input.catalogue
		with data.revision as input.revision
]
"""


@pytest.fixture(scope="module")
def many_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a real OPA server decides many questions in one call."""
    file = tmp_path_factory.mktemp("many") / "many.rego"
    file.write_text(_MANY)
    with opa_server(POLICIES / "linkage", file) as url:
        yield f"{url}/v1/data/many"


class Loaded:
    """A PolicySource over data as it is."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.rules = RULES
        self._data = data

    def version(self) -> str:
        """Always the same."""
        return ""

    def data(self) -> dict[str, Any]:
        """The data."""
        return self._data


def _decided(many_url: str, data: dict[str, Any], asked: list[Any]) -> None:
    """Both engines judge the agreements and decide the questions alike, and approve of nothing that may not be."""
    answer = requests.post(many_url, json={"input": {**data, "asked": asked}}, timeout=60)
    assert answer.status_code == 200, answer.text
    theirs = answer.json()["result"]
    drawers = with_verdicts(RULES, data)["verdicts"].values()
    judged = {
        content: verdict
        for drawer in drawers
        for inner in drawer.values()
        for content, verdict in inner.items()
    }
    for content, verdict in theirs["verdicts"].items():
        verdict["findings"].sort(key=rfc8785.dumps)  # a set, as the node makes it a list
        for part in ("reasons", "findings", "questions"):
            assert judged[content][part] == verdict[part]
    embedded = EmbeddedDecisionPoint(Loaded(data))
    for one, decision in zip(asked, theirs["decisions"], strict=True):
        if not _shallow(one):  # deeper than the engine is asked about: refused before it
            with pytest.raises(Refusal, match="nested too deeply"):
                embedded.evaluate(one)
        else:
            assert _read(embedded.evaluate(one)) == _read(decision)
        assert decision["allow"] == may_approve(one, data), (one, data["agreements"])


def _read(answer: object) -> Outcome | str:
    """An answer as the node reads it."""
    try:
        return parse_outcome(answer)
    except Refusal as refusal:
        return refusal.code


_EXAMPLES = st.sampled_from(sorted(AGREEMENTS))


@st.composite
def _pair(draw: st.DrawFn) -> tuple[str, dict[str, Any], Any]:
    """An agreement, damaged or whole, under a hash of its content; and a question about it, damaged or whole."""
    name = draw(_EXAMPLES)
    agreement = (
        draw(damaged(AGREEMENTS[name], 2).filter(lambda one: _shallow({"agreement": one})))
        if draw(st.booleans())
        else AGREEMENTS[name]
    )
    content = sha256(json.dumps(agreement).encode()).hexdigest()
    return content, agreement, draw(damaged(decision_input(question(name, agreement_hash=content))))


def _shallow(document: Any, depth: int = POLICY_INPUT_DEPTH) -> bool:
    """Not so deep that the engine is not asked about it."""
    level: list[Any] = [document]
    for _ in range(depth):
        inside = [
            one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)
        ]
        level = [value for values in inside for value in values]
    return not level


def _hashable(document: dict[str, Any]) -> bool:
    """The node takes a catalogue that it can hash: no numbers beyond 2**53."""
    try:
        rfc8785.dumps(document)
    except rfc8785.CanonicalizationError:
        return False
    return True


@st.composite
def _world(draw: st.DrawFn) -> tuple[dict[str, Any], list[Any]]:
    """Data of a node, and questions to it."""
    pairs = draw(st.lists(_pair(), min_size=1, max_size=6))
    agreements = {content: agreement for content, agreement, _ in pairs}
    catalogue = draw(damaged(CATALOGUE, 2).filter(_hashable)) if draw(st.booleans()) else CATALOGUE
    return {"agreements": agreements, "catalogue": catalogue, "revision": "r1"}, [
        asked for _, _, asked in pairs
    ]


@given(world=_world())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_damaged_questions_agreements_and_catalogues(
    many_url: str, world: tuple[dict[str, Any], list[Any]]
) -> None:
    """Fields missing, of other types, moved, huge, look-alikes: both engines as the rules in plain Python, no crash."""
    _decided(many_url, *world)


@pytest.mark.parametrize("part", ["organisation_kinds", "purposes", "legal_bases"])
@pytest.mark.parametrize("damage", [None, [], "text", 1, {}])
def test_a_catalogue_without_a_part_of_it(many_url: str, part: str, damage: object) -> None:
    """Without what says who may use the BSN, or what serves a purpose, nothing is approved, and no finding is lost:
    OPA once lost the one that cites its source from there, and approved."""
    agreement = AGREEMENTS["example-energy-allowance"]
    catalogue = CATALOGUE | {part: damage}
    data = {"agreements": {hash_of(agreement): agreement}, "catalogue": catalogue, "revision": "r1"}
    asked = question()
    _decided(many_url, data, [decision_input(asked)])
    assert not EmbeddedDecisionPoint(Loaded(data)).decide(asked).allow


_LETTERS = "AB AC ab 1O I bsn é е gezin ras hiv status klant Kerk straat pad str jr ja en De wijk kans risico a nummer"
_SIGNS = "10 11 9 0 12 1945 18-64 999990019 99990 4 6 . - / | pc postcode BU0363 letters is t/m GM"
_PIECES = st.sampled_from([*_LETTERS.split(), *_SIGNS.split(), " "])
_TEXTS = st.lists(_PIECES, min_size=1, max_size=6).map("".join).filter(lambda text: len(text) <= 64)
_BREAKDOWN = st.fixed_dictionaries({"attribute": _TEXTS, "values": st.lists(_TEXTS, max_size=4, unique=True)})


@given(sides=st.lists(st.tuples(_BREAKDOWN, _BREAKDOWN), min_size=1, max_size=8))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_breakdowns_of_telling_pieces(
    many_url: str, sides: list[tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    """Names and values put together of what the rules look for: both engines as the rules in plain Python."""
    whole = AGREEMENTS["example-steering-information"]
    agreements, asked = {}, []
    for place, (rows, columns) in enumerate(sides):
        one = {"id": "one", "epsilon": 0.5, "by_requester": rows, "by_provider": columns}
        content = f"{place:064x}"
        agreements[content] = {**whole, "count": {**whole["count"], "questions": [one]}}
        fits = question("example-steering-information", agreement_hash=content, question="one")
        asked.append(decision_input(fits))
    _decided(many_url, {"agreements": agreements, "catalogue": CATALOGUE, "revision": "r1"}, asked)


@given(asked=st.lists(JUNK, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_questions_from_nothing(many_url: str, asked: list[Any]) -> None:
    """Whatever is no question at all is refused, by both engines for the same reasons."""
    data = {
        "agreements": {"00": AGREEMENTS["example-whom-to-call"]},
        "catalogue": CATALOGUE,
        "revision": "r1",
    }
    _decided(many_url, data, asked)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[DecisionPoint]]:
    """The embedded engine and a real OPA server, over the example agreements."""
    source = StaticPolicy(RULES, {hash_of(agreement): agreement for agreement in AGREEMENTS.values()})
    data = tmp_path_factory.mktemp("data") / "data.json"
    data.write_text(json.dumps(source.data()))
    with opa_server(POLICIES / "linkage", data) as url:
        yield [EmbeddedDecisionPoint(source), OpaDecisionPoint(url)]


_ANY_TEXT = st.text(max_size=12)  # half characters and NULs too
_WRONG: st.SearchStrategy[Any] = JUNK | deep() | _ANY_TEXT | st.just(float("nan")) | st.just(float("inf"))
_FIELDS = [field.name for field in fields(Question)]


@given(
    example=_EXAMPLES,
    changes=st.dictionaries(st.sampled_from(_FIELDS), _WRONG | st.tuples(_WRONG), max_size=3),
    ends=st.dictionaries(
        st.sampled_from(["purpose", "agreement_id", "subject_oin", "question"]), _ANY_TEXT, max_size=1
    ),
)
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_the_node_asks_ends_in_an_outcome_or_a_refusal(
    engines: list[DecisionPoint], example: str, changes: dict[str, Any], ends: dict[str, str]
) -> None:
    """Any value in any field of a question, also with text behind it: both engines alike, approved only if it fits."""
    asked = question(example, **changes)
    asked = question(
        example, **changes | {name: f"{getattr(asked, name)}{end}" for name, end in ends.items()}
    )
    told = [_told(engine, asked) for engine in engines]
    assert told[0] == told[1]
    if isinstance(told[0], Outcome) and told[0].allow:
        data = {"agreements": {hash_of(one): one for one in AGREEMENTS.values()}, "catalogue": CATALOGUE}
        assert may_approve(decision_input(asked), data)


def _told(engine: DecisionPoint, asked: Question) -> Outcome | str:
    try:
        return engine.decide(asked)
    except Refusal as refusal:
        return refusal.code


@pytest.mark.parametrize("value", [1e16, 1e-05, -1e300, [1e16], {'"': 1}, {"\\": 1}, ["\x00"]])
@pytest.mark.parametrize("field", ["kinds", "limits", "purpose", "epoch_days"])
def test_nothing_is_approved_over_data_that_the_embedded_engine_cannot_read(
    field: str, value: object
) -> None:
    """Numbers with an exponent and no point, names with quotes, NULs: not loaded, or refused."""
    agreement = {**AGREEMENTS["example-energy-allowance"], field: value}
    asked = decision_input(question(agreement_hash="0f"))
    asked["action"]["properties"]["purpose"] = agreement["purpose"]
    with suppress(LinkageError):
        answer = EmbeddedDecisionPoint(StaticPolicy(RULES, {"0f": agreement})).evaluate(asked)
        assert field == "epoch_days" or not parse_outcome(answer).allow


@pytest.mark.parametrize("value", ["2021-01-01", 2**60])
def test_a_catalogue_that_cannot_be_hashed_is_told(tmp_path: Path, value: object) -> None:
    """A day without quotes and a number beyond 2**53 in the catalogue: told with the file."""
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "catalogue" / "catalogue.yaml").write_text(f"legal_bases: {{one: {{valid_from: {value}}}}}\n")
    with pytest.raises(InputError) as refused:
        read_catalogue(tmp_path)
    assert (refused.value.code, "catalogue.yaml" in refused.value.detail) == ("policy_invalid", True)
