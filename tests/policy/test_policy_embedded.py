"""The embedded engine: it follows the node's agreements, and faulty rules never approve."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from linkage_node.agreements import AgreementStore, content_hash
from linkage_node.errors import InputError, Refusal
from linkage_node.identifiers import KINDS
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.source import StoredPolicy, policy_data, policy_folder, read_rules
from linkage_node.storage import Database
from tests.policy.corpus import (
    AGREEMENT,
    AGREEMENTS,
    CATALOGUE,
    EXAMPLE,
    POLICIES,
    RULES,
    StaticPolicy,
    hash_of,
    question,
)

REQUESTER, PROVIDER = AGREEMENT["requester"]["oin"], AGREEMENT["provider"]["oin"]


@pytest.fixture
def store(tmp_path: Path) -> AgreementStore:
    """An empty store of the provider."""
    database = Database(f"sqlite:///{tmp_path}/node.db")
    database.create()
    return AgreementStore(database, PROVIDER)


def test_agreements_count_from_the_next_question_on(store: AgreementStore) -> None:
    """Added, replaced and removed agreements are noticed without a restart, through another store too."""
    decision_point = EmbeddedDecisionPoint(StoredPolicy(policy_folder(None), store))
    asked = question(provider_oin=PROVIDER)
    assert decision_point.decide(asked).reasons == ("agreement_unknown",)
    elsewhere = AgreementStore(store._database, REQUESTER)  # the same database, as another process has it
    elsewhere.add(EXAMPLE.read_text())
    assert decision_point.decide(asked).allow
    other = elsewhere.add(EXAMPLE.read_text().replace("10000", "10"), replace=True)
    assert decision_point.decide(asked).reasons == ("agreement_unknown",)
    renamed = question(agreement_hash=content_hash(other).hex(), elements=11)
    assert decision_point.decide(renamed).reasons == ("query_too_large",)
    elsewhere.remove(other.id)
    assert decision_point.decide(renamed).reasons == ("agreement_unknown",)


def test_threads_get_the_answers_to_their_own_questions() -> None:
    """Questions asked at once are not mixed up."""
    decision_point = EmbeddedDecisionPoint(StaticPolicy(RULES, {hash_of(AGREEMENT): AGREEMENT}))
    sizes = [1, 10_000, 10_001, 20_001] * 50
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(lambda size: decision_point.decide(question(elements=size)), sizes))
    assert [outcome.allow for outcome in outcomes] == [size <= 10_000 for size in sizes]
    assert {len(outcome.reasons) for outcome in outcomes} == {0, 1, 2}


def test_a_nul_behind_the_agreed_purpose_is_no_approval() -> None:
    """rego-cpp takes text as ended at a NUL; the question is refused before it gets there."""
    decision_point = EmbeddedDecisionPoint(StaticPolicy(RULES, {hash_of(AGREEMENT): AGREEMENT}))
    with pytest.raises(Refusal) as refused:
        decision_point.decide(question(purpose=AGREEMENT["purpose"] + "\0 and selling the list"))
    assert refused.value.code == "malformed"


HEAD = "package linkage.match\n"
FAULTY_RULES = {
    "syntax_error": HEAD + "decision := ",
    "undefined_name": HEAD + "decision := nowhere",
    "other_package": "package other\ndecision := true",
    "no_decision": HEAD + "allow := true",
    "allow_alone": HEAD + "decision := true",
    "approves_of_nothing_asked": HEAD
    + 'decision := {"allow": true, "reasons": [], "revision": "r", "obligations": {"evaluations_per_day": 1, '
    + '"largest_query": 1, "result_retention_days": 1, "kinds": [], "answers": [], "proof": false, "receipts": false}}',
    "truthy_text": HEAD + 'decision := {"allow": "false", "reasons": [], "obligations": {}, "revision": "r"}',
}


@pytest.mark.parametrize("rules", FAULTY_RULES.values(), ids=FAULTY_RULES)
def test_faulty_rules_are_told_when_they_are_loaded(rules: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Rules that do not compile, decide nothing or approve of nothing asked are no policy; nothing is printed."""
    with pytest.raises(InputError) as refused:
        EmbeddedDecisionPoint(StaticPolicy({"faulty.rego": rules}, {}))
    assert refused.value.code == "policy_invalid"
    assert capfd.readouterr() == ("", "")


def test_rules_that_contradict_themselves_approve_nothing() -> None:
    """Two values for one decision are an error of evaluation: no approval."""
    denied = '{"allow": false, "reasons": [], "obligations": {}, "revision": "r"}'
    rules = (
        HEAD
        + f"default decision := {denied}\ndecision := 1 if input.subject.id\ndecision := 2 if input.action.name"
    )
    decision_point = EmbeddedDecisionPoint(StaticPolicy({"two.rego": rules}, {}))
    with pytest.raises(Refusal) as refused:
        decision_point.decide(question())
    assert refused.value.code == "policy_unavailable"


def test_an_approval_against_its_own_conditions_is_a_no() -> None:
    """A policy that approves of more than its obligations allow does not get its way."""
    lax = {
        name: text.replace("size_agreed if elements <= ", "size_agreed if 0 <= ")
        for name, text in RULES.items()
    }
    decision_point = EmbeddedDecisionPoint(StaticPolicy(lax, {hash_of(AGREEMENT): AGREEMENT}))
    outcome = decision_point.decide(question(elements=10_001))
    assert (outcome.allow, outcome.reasons) == (False, ("query_too_large",))


def test_revision_names_rules_and_agreements_by_content(tmp_path: Path, store: AgreementStore) -> None:
    """The same at every node that has the same; another for one other byte in a rule, agreement or legal basis."""
    agreement = store.add(EXAMPLE.read_text())
    revision = policy_data(RULES, CATALOGUE, [agreement])["revision"]
    assert policy_data(dict(reversed(RULES.items())), CATALOGUE, [agreement])["revision"] == revision
    assert policy_data(RULES, CATALOGUE, [])["revision"] != revision
    assert policy_data(RULES, {**CATALOGUE, "purposes": {}}, [agreement])["revision"] != revision
    name = next(iter(RULES))
    assert policy_data({**RULES, name: RULES[name] + " "}, CATALOGUE, [agreement])["revision"] != revision


def test_tests_are_no_rules_and_an_empty_folder_is_no_policy(tmp_path: Path) -> None:
    """Only what decides is loaded; nothing to load is told."""
    assert {Path(name).suffix for name in RULES} == {".rego"}
    assert not any(name.endswith("_test.rego") for name in read_rules(POLICIES))
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InputError) as refused:
            read_rules(policy_folder(folder))
        assert refused.value.code == "policy_invalid"


def test_guardrail_and_registry_name_the_same_ambiguous_kinds() -> None:
    """A kind that can stand for several persons is one that attributes are never told by."""
    example = "example-whom-to-call"
    agreement = {**AGREEMENTS[example], "kinds": sorted(KINDS)}
    decision_point = EmbeddedDecisionPoint(StaticPolicy(RULES, {"00": agreement}))
    for kind in KINDS.values():
        outcome = decision_point.decide(question(example, agreement_hash="00", kind=kind.name))
        assert ("answer_never_for_kind" in outcome.reasons) is kind.ambiguous
        assert outcome.allow is not kind.ambiguous
