"""Verdicts: given once for each agreement, for all of it, and by the node's own rules only."""

from copy import deepcopy
from typing import Any

import pytest

from linkage_node.errors import InputError
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.rego import Rego
from linkage_node.policy.verdicts import ENTRYPOINT, Finding, findings, verdict_of, with_verdicts
from tests.policy.corpus import AGREEMENT, AGREEMENTS, CATALOGUE, RULES, StaticPolicy, hash_of, question


def _data(*agreements: dict[str, Any]) -> dict[str, Any]:
    return StaticPolicy(RULES, {hash_of(one): one for one in agreements}).data()


def _of(data: dict[str, Any], content: str) -> dict[str, Any]:
    told = verdict_of(data, content)
    assert isinstance(told, dict)
    return told


def test_nothing_is_wrong_with_the_examples() -> None:
    """What the product shows officers is an agreement that may exist."""
    for agreement in AGREEMENTS.values():
        assert findings(RULES, CATALOGUE, agreement) == []


def test_every_agreement_has_its_verdict() -> None:
    """Each lies in its drawer, with what questions are held against; the data stays as it is."""
    data = _data(*AGREEMENTS.values())
    judged = with_verdicts(RULES, data)
    assert {name: judged[name] for name in data} == data
    for content, agreement in data["agreements"].items():
        verdict = _of(judged, content)
        assert (verdict["reasons"], verdict["agreement"]["id"]) == ([], agreement["id"])


def test_what_is_wrong_is_told_with_field_and_source() -> None:
    """Every fault, by the agreement's own fields, each with the article that says so."""
    agreement = deepcopy(AGREEMENTS["example-whom-to-call"])
    agreement["attributes"]["names"] = ["team", "risicoscore", "geloof"]
    agreement["provider"]["kind"] = "energy_desk"
    found = findings(RULES, CATALOGUE, agreement)
    assert [(one.field, one.code) for one in found] == [
        ("attributes.names.1", "attribute_never"),
        ("attributes.names.2", "special_category"),
        ("provider.kind", "legal_basis_not_for_organisation"),
    ]
    assert all(one.source and one.what for one in found)
    assert isinstance(found[0], Finding)


def test_an_agreement_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more among many costs one judgement; the same text under the same rules and catalogue costs none."""
    judged: list[str] = []
    answer = Rego.answer

    def counting(rego: Rego, document: dict[str, Any]) -> object:
        judged.append(document["agreement"]["id"])
        return answer(rego, document)

    monkeypatch.setattr(Rego, "answer", counting)
    many = [{**AGREEMENT, "id": f"agreement-{number}"} for number in range(20)]
    with_verdicts(RULES, _data(*many[:-1]))
    assert len(judged) == len(many) - 1
    judged.clear()
    with_verdicts(dict(RULES), _data(*many))
    assert judged == ["agreement-19"]
    with_verdicts(RULES, {**_data(*many), "catalogue": {**CATALOGUE, "purposes": {}}})
    assert len(judged) == 1 + len(many)


def test_another_agreement_under_the_same_hash_is_judged_anew() -> None:
    """A verdict is of a content, whatever it is called."""
    harmless = {**_data(), "agreements": {"00": AGREEMENT}}
    other = {**_data(), "agreements": {"00": {**AGREEMENT, "legal_basis": {"article": "none"}}}}
    assert _of(with_verdicts(RULES, harmless), "00")["reasons"] == []
    assert _of(with_verdicts(RULES, other), "00")["reasons"] == ["legal_basis_missing"]


def test_a_verdict_in_the_data_is_not_believed() -> None:
    """Who hands over data with verdicts decides nothing by that."""
    agreement = {**AGREEMENT, "legal_basis": {"article": "none", "id": "wams"}}
    content = hash_of(agreement)
    data = _data(agreement)
    flattering = {**_of(with_verdicts(RULES, data), content), "reasons": [], "valid_from": "2020-01-01"}

    class Handed(StaticPolicy):
        def data(self) -> dict[str, Any]:
            return {**data, "verdicts": {content[0]: {content[1]: {content: flattering}}}}

    decide = EmbeddedDecisionPoint(Handed(RULES, data["agreements"]))
    outcome = decide.decide(question(agreement_hash=content))
    assert not outcome.allow
    assert "legal_basis_not_in_force" in outcome.reasons


def test_rules_without_verdicts_approve_nothing() -> None:
    """An organisation that leaves a file of rules out gets refusals, not agreements that nobody judged."""
    rules = {name: text for name, text in RULES.items() if not name.endswith("/verdict.rego")}
    rules["linkage/match/own.rego"] = "package linkage.match\n\nambiguous := {}\n"
    judged = with_verdicts(rules, _data(AGREEMENT))
    assert judged["verdicts"] == {}
    with pytest.raises(InputError) as refused:
        findings({"faulty.rego": "package linkage.match\nverdict := "}, CATALOGUE, AGREEMENT)
    assert (refused.value.code, "faulty.rego" in refused.value.detail) == ("policy_invalid", True)


def test_a_text_with_quotes_comes_through_a_verdict() -> None:
    """What JSON escapes is the same text in a verdict as in the agreement and in a question."""
    purpose = 'The so-called "first" \\ line, financiële € 500'
    agreement = {**AGREEMENT, "purpose": purpose}
    source = StaticPolicy(RULES, {hash_of(agreement): agreement})
    assert _of(with_verdicts(RULES, source.data()), hash_of(agreement))["agreement"]["purpose"] == purpose
    asked = question(agreement_hash=hash_of(agreement), purpose=purpose)
    assert EmbeddedDecisionPoint(source).decide(asked).allow
    assert ENTRYPOINT == "linkage/match/verdict"
