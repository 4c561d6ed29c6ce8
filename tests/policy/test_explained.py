"""Decisions explained: every reason of the corpus, in both languages, with the rule, the values and the law."""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from linkage_node.agreements.lines import line_of
from linkage_node.policy import decision_input
from linkage_node.policy.asked import decided, evaluated, faults, known_part, question_of
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.explained import Explanation, explain, meaning_of
from linkage_node.policy.explained_words import Language
from linkage_node.policy.findings_nl import WHAT_NL, in_dutch
from linkage_node.policy.outcome import NOTHING, Outcome
from linkage_node.policy.rule_places import places_of
from linkage_node.policy.verdicts import findings
from linkage_node.reasons import POLICY_CODES, REASONS, UNKNOWN
from linkage_node.reasons_nl import REASONS_NL
from tests.policy.corpus import AGREEMENTS, CATALOGUE, EXAMPLE, RULES, StaticPolicy, cases, hash_of, question

CASES = cases()
LANGUAGES: tuple[Language, ...] = ("nl", "en")
EXAMPLES = StaticPolicy(RULES, {hash_of(agreement): agreement for agreement in AGREEMENTS.values()})
# What the engine says when it decides nothing stands in no rule.
_NOT_OF_THE_RULES = {"policy_unavailable", "policy_malformed"}


@cache
def engine() -> EmbeddedDecisionPoint:
    """Over the example agreements."""
    return EmbeddedDecisionPoint(EXAMPLES)


def told(asked: Any, language: Language, rules: Mapping[str, str] = RULES) -> Explanation:
    """The decision about an input under the examples, explained."""
    outcome = decided(engine(), asked)
    return explain(
        asked,
        outcome,
        rules=rules,
        data=EXAMPLES.data(),
        language=language,
        judge=lambda agreement: findings(RULES, CATALOGUE, agreement),
        line_of=lambda path: line_of(EXAMPLE.read_text(), path),
    )


def codes_of_the_rules() -> set[str]:
    """Every reason that stands in the Rego: in `reasons`, as the code of a finding, or as the word for a status."""
    words = {word for text in RULES.values() for word in re.findall(r'"([a-z][a-z0-9_]+)"', text)}
    heads = {word for text in RULES.values() for word in re.findall(r'\w contains "([a-z0-9_]+)"', text)}
    findings_of = {word for text in RULES.values() for word in re.findall(r'"code": "([a-z0-9_]+)"', text)}
    assert heads
    assert findings_of
    return (words & REASONS.keys()) | heads | findings_of


def test_every_reason_of_policy_is_in_dutch() -> None:
    """The Dutch table has all codes that policy gives, every code that stands in the rules, and none of its own."""
    assert POLICY_CODES <= REASONS_NL.keys() <= REASONS.keys()
    assert codes_of_the_rules() <= REASONS_NL.keys()
    assert all(dutch != REASONS[code] and all(dutch) for code, dutch in REASONS_NL.items())


def test_every_finding_of_the_rules_is_in_dutch() -> None:
    """What the rules say is wrong with an agreement is in the Dutch table, to the letter, and nothing else is."""
    whole, filled_in = (
        {found for text in RULES.values() for found in re.findall(pattern, text, re.M)}
        for pattern in (r'"what": "(.+)",$', r'"what": concat\(" ", \["(.+)", \w+\]\),$')
    )
    assert whole | {f"{one} {{}}" for one in filled_in} == WHAT_NL.keys()
    assert in_dutch("the legal basis does not allow this identifier to the requester") == (
        "de grondslag staat de vrager deze identificatie niet toe"
    )
    assert in_dutch("what somebody else wrote") == "what somebody else wrote"


def test_every_reason_of_the_rules_has_its_lines() -> None:
    """A code that the rules give is found at lines of the rules on which it stands."""
    for code in codes_of_the_rules():
        places = places_of(RULES, code)
        assert places, code
        for place in places:
            assert code in RULES[place.file].splitlines()[place.line - 1]
            assert place.package == "linkage.match"


def test_a_description_that_never_ends_says_nothing() -> None:
    """A few lines of METADATA that stand for millions of words are left aside, as what is no YAML is."""
    levels = [f"# l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9)]
    lines = [
        "package own",
        "# METADATA",
        "# l0: &l0 [x]",
        *levels,
        "# description: *l8",
        'reasons contains "own_code"',
    ]
    (place,) = places_of({"own.rego": "\n".join(lines)}, "own_code")
    assert (place.line, place.says) == (len(lines), "")
    (place,) = places_of({"own.rego": "\n".join([*lines[:2], "# description: Own.", lines[-1]])}, "own_code")
    assert place.says == "Own."


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_case_is_explained(language: Language) -> None:
    """Each refusal of the corpus has words, two values, a rule and what to do now, for every one of its reasons."""
    policy = StaticPolicy(RULES, {case.agreement_hash: case.agreement for case in CASES})
    decide, data = EmbeddedDecisionPoint(policy), policy.data()
    for case in CASES:
        outcome = evaluated(decide, case.input)
        explained = explain(
            case.input,
            outcome,
            rules=RULES,
            data=data,
            language=language,
            judge=lambda agreement: findings(RULES, CATALOGUE, agreement),
        )
        assert tuple(reason.code for reason in explained.reasons) == outcome.reasons
        assert bool(explained.held) == bool(explained.obligations) == outcome.allow
        for reason in explained.reasons:
            assert reason.meaning not in ("", UNKNOWN.meaning), case.name
            assert reason.what_to_do, case.name
            assert reason.compared is not None, (case.name, reason.code)
            assert all(reason.compared[:5]), (case.name, reason.compared)
            assert reason.rules or reason.code in _NOT_OF_THE_RULES, (case.name, reason.code)


TABLE: list[tuple[dict[str, Any], str, tuple[str, str], tuple[str, str], tuple[str, str] | None]] = [
    (
        {"purpose": "Fraudeopsporing"},
        "purpose_not_agreed",
        ("Fraudeopsporing", "Fraudeopsporing"),
        (AGREEMENTS["example-energy-allowance"]["purpose"],) * 2,
        ("purpose", "purpose:"),
    ),
    (
        {"kind": "person"},
        "kind_not_agreed",
        ("persoon", "person"),
        ("bsn, huishouden", "bsn, household"),
        ("kinds", "kinds:"),
    ),
    (
        {"elements": 30_000},
        "query_too_large",
        ("30.000", "30,000"),
        ("hoogstens 10.000", "at most 10,000"),
        ("limits.largest_query", "largest_query:"),
    ),
    (
        {"used_today": 19_999, "elements": 2},
        "budget_exhausted",
        ("19.999 gebruikt + 2 gevraagd = 20.001", "19,999 used + 2 asked = 20,001"),
        ("hoogstens 20.000 per dag (UTC)", "at most 20,000 a day (UTC)"),
        ("limits.evaluations_per_day", "evaluations_per_day:"),
    ),
    (
        {"time_ms": 1_830_297_600_000},
        "agreement_expired",
        ("2028-01-01",) * 2,
        ("2026-01-01 tot en met 2026-12-31", "2026-01-01 to 2026-12-31"),
        ("valid_until", "valid_until:"),
    ),
    (
        {"status": "revoked"},
        "agreement_revoked",
        ("ingetrokken", "revoked"),
        ("door beide ondertekend, en in het beleid", "signed by both, and in the policy"),
        None,
    ),
    (
        {"subject_oin": "00000099000000003000"},
        "oin_mismatch",
        ("00000099000000003000",) * 2,
        ("00000099000000001000",) * 2,
        None,
    ),
]


@pytest.mark.parametrize(
    ("changes", "code", "asked", "agreed", "field"), TABLE, ids=[row[1] for row in TABLE]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_typical_questions(
    changes: dict[str, Any],
    code: str,
    asked: tuple[str, str],
    agreed: tuple[str, str],
    field: tuple[str, str] | None,
    language: Language,
) -> None:
    """What was asked stands beside what was agreed, with the field and its line in the agreement's own file."""
    explained = told(decision_input(question(**changes)), language)
    (reason,) = [reason for reason in explained.reasons if reason.code == code]
    at = LANGUAGES.index(language)
    assert reason.compared
    assert (reason.compared.asked, reason.compared.agreed) == (asked[at], agreed[at])
    if field:
        (shown,) = [one for one in reason.fields if one.path == field[0]]
        assert shown.line
        assert field[1] in EXAMPLE.read_text().splitlines()[shown.line - 1]
    assert explained.agreement
    assert explained.agreement.hash == hash_of(AGREEMENTS["example-energy-allowance"])[:16]


def test_attributes_under_an_agreement_without_them() -> None:
    """One person is too many where nobody's attributes may be told; no number beside it says otherwise."""
    asked = decision_input(
        question(answer="attributes", operation="disclose", elements=1, attributes=("bsn",))
    )
    (reason,) = [one for one in told(asked, "nl").reasons if one.code == "query_too_large"]
    assert reason.compared
    assert reason.compared.asked == "gegevens van 1"
    assert reason.compared.agreed == "gegevens van niemand: de overeenkomst heeft geen `gegevens`"


def test_a_guardrail_cites_its_law() -> None:
    """Of an attribute that no agreement can open the name, the law and the rule are told; also if it was not agreed."""
    asked = decision_input(question("example-whom-to-call", attributes=("telephone", "kredietbank bsn")))
    explained = told(asked, "nl")
    (reason,) = [reason for reason in explained.reasons if reason.code == "attribute_never"]
    (finding,) = reason.findings
    assert finding.what.endswith("kredietbank bsn")
    assert finding.source == "UAVG art. 46; Wabb art. 10 en 11"
    assert reason.compared
    assert (reason.compared.asked, reason.compared.agreed) == ("kredietbank bsn", "nooit")


def test_an_approval_says_what_it_rests_on() -> None:
    """Agreement, article and status of the legal basis, what held, and the conditions; no reasons."""
    explained = told(decision_input(question(used_today=19_900)), "nl")
    assert explained.allow
    assert not explained.reasons
    basis = explained.legal_basis
    assert basis
    assert basis.article == AGREEMENTS["example-energy-allowance"]["legal_basis"]["article"]
    assert (basis.status, bool(basis.title)) == ("van kracht", True)
    held = {one.about: (one.asked, one.agreed) for one in explained.held}
    assert held["identificatie"] == ("bsn", "bsn, huishouden")
    assert held["op deze dag"] == (
        "19.900 gebruikt + 100 gevraagd = 20.000",
        "hoogstens 20.000 per dag (UTC)",
    )
    assert explained.obligations[:3] == (
        "over hoogstens 20.000 mensen of adressen per dag (UTC)",
        "hoogstens 10.000 in één vraag",
        "de vrager bewaart de uitkomst hoogstens 30 dagen",
    )


def test_an_own_reason_is_told_in_its_authors_words() -> None:
    """A custom folder's reason has its rule, and the description that its author wrote above it."""
    own = (
        "package linkage.match\n\n# METADATA\n# description: Nobody asks on a Sunday.\n"
        'reasons contains "asked_on_sunday" if {\n\tagreement_known\n\tnot on_a_weekday\n}\n\n'
        "# METADATA\n# description: It is no Sunday.\non_a_weekday if false\n"
    )
    rules = {**RULES, "own/sunday.rego": own}
    outcome = Outcome(allow=False, reasons=("asked_on_sunday",), obligations=NOTHING, revision="r1")
    expected = {"nl": "een eigen reden van dit beleid", "en": "a reason of this policy's own"}
    for language in LANGUAGES:
        asked = decision_input(question())
        explained = explain(asked, outcome, rules=rules, data=EXAMPLES.data(), language=language)
        (reason,) = explained.reasons
        assert reason.meaning == f"{expected[language]}: Nobody asks on a Sunday."
        assert [str(place) for place in reason.rules] == ["own/sunday.rego:5"]
        assert [str(place) for place in reason.conditions] == ["own/sunday.rego:12"]
    assert meaning_of("nowhere", "en", rules).meaning == "a reason of this policy's own"


def test_what_a_given_input_holds_beside_a_question_is_not_shown() -> None:
    """Fields that a node does not send, which could name somebody, are neither told nor put to policy."""
    asked = decision_input(question(kind="person"))
    for holder in (asked, asked["subject"], asked["action"]["properties"], asked["context"]["agreement"]):
        holder["bsn"] = "999990007"
    asked["subject"]["properties"] = {"name": "Jansen"}
    assert "999990007" not in repr(known_part(asked))
    assert "Jansen" not in repr(known_part(asked))
    for language in LANGUAGES:
        assert not re.search("999990007|Jansen", repr(told(asked, language)))


@pytest.mark.parametrize("asked", [None, [], "x", {}, {"context": 1}, {"action": {"properties": []}}])
def test_what_is_no_question_is_explained_as_such(asked: Any) -> None:
    """Junk is refused as malformed, and every field that is missing is named."""
    explained = told(asked, "en")
    assert not explained.allow
    (reason,) = [reason for reason in explained.reasons if reason.code == "malformed"]
    assert reason.compared
    assert "context.time" in reason.compared.asked
    assert "action.name" in faults(asked)


def test_a_question_is_read_back_as_it_was_put() -> None:
    """The question in an input is the one that made it, for all sorts of questions."""
    for example in AGREEMENTS:
        asked = question(example)
        assert question_of(decision_input(asked)) == asked
        assert (
            question_of(decision_input(replace(asked, time_ms=asked.time_ms + 1))).time_ms
            == asked.time_ms + 1
        )
