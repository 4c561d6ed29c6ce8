"""What a wish comes to: which agreements, which kind, which question."""

from datetime import date
from typing import Any

import pytest

from linkage_node.agreements import Agreement
from linkage_node.asking.resolve import Known, Wish, resolve
from linkage_node.errors import LinkageError, Refusal
from linkage_node.limits import PROVIDERS
from tests.nodes import OIN_A, OIN_B, OIN_C

NOW = 1_767_225_600_000  # 2026-01-01T00:00Z in milliseconds
OIN_D = "00000099000000040000"
COUNT: dict[str, Any] = {
    "smallest_set": 5,
    "requester_bucket": 10,
    "provider_bucket": 100,
    "questions": [
        {"id": "all", "epsilon": 1.0},
        {"id": "band", "epsilon": 1.0, "by_requester": {"attribute": "band", "values": ["a"]}},
        {
            "id": "both",
            "epsilon": 1.0,
            "by_requester": {"attribute": "band", "values": ["a"]},
            "by_provider": {"attribute": "debt", "values": ["b"]},
        },
        {"id": "debt", "epsilon": 1.0, "by_provider": {"attribute": "debt", "values": ["b"]}},
        {"id": "debts", "epsilon": 1.0, "by_provider": {"attribute": "debt", "values": ["b", "c"]}},
    ],
}


def made(name: str, provider: str = OIN_B, **changes: Any) -> Agreement:
    """An agreement that runs now."""
    content = {
        "id": name,
        "purpose": "Help",
        "purpose_category": "intake",
        "legal_basis": {"id": "wgs-4a", "article": "Wgs art. 4a"},
        "requester": {"kind": "municipality", "oin": OIN_A, "name": "Asks"},
        "provider": {"kind": "credit_bank", "oin": provider, "name": f"Organisation {provider[12:16]}"},
        "kinds": ["bsn"],
        "answers": ["hit"],
        "valid_from": date(2025, 12, 1),
        "valid_until": date(2026, 2, 1),
        "limits": {"evaluations_per_day": 1000, "largest_query": 100},
    }
    return Agreement.model_validate({**content, **changes})


AGREEMENTS = [
    made("b-hit"),
    made("b-count", answers=["count"], count=COUNT),
    made("b-old", answers=["count"], count=COUNT, valid_until=date(2025, 12, 24)),
    made("b-homes", kinds=["household"], purpose="Homes"),
    made("c-homes", OIN_C, kinds=["household", "bsn"]),
    made("c-count", OIN_C, answers=["count"], count={**COUNT, "questions": COUNT["questions"][:1]}),
    made("d-homes", OIN_D, kinds=["household"]),
    made("foreign", OIN_A, requester={"oin": OIN_B, "name": "Other"}),
]


def named(name: str) -> Agreement:
    """As an AgreementStore does."""
    for one in AGREEMENTS:
        if one.id == name:
            return one
    raise Refusal("agreement_not_here", name)


KNOWN = Known(OIN_A, named, AGREEMENTS, {OIN_B: "Bank", OIN_C: "Desk"}, NOW)

FOUND: list[tuple[Wish, list[str], str]] = [
    (Wish("b-hit"), ["b-hit"], "bsn"),
    (Wish("b-hit", further=("c-homes",)), ["b-hit", "c-homes"], "bsn"),
    (Wish("c-homes", further=("b-homes",)), ["c-homes", "b-homes"], "household"),
    (Wish("c-homes", further=("b-hit",), kind="household"), ["c-homes", "b-hit"], "household"),
    (Wish(providers=(OIN_B,), purpose="Help"), ["b-hit"], "bsn"),
    (Wish(providers=(OIN_B,), kind="household"), ["b-homes"], "household"),
    (Wish(providers=("Desk", OIN_D), kind="household"), ["c-homes", "d-homes"], "household"),
    (Wish(providers=("Organisation 0003", "Organisation 0004")), ["c-homes", "d-homes"], "household"),
    (Wish("b-homes", providers=(OIN_C, "Bank")), ["c-homes", "b-homes"], "household"),
    (Wish(providers=("Bank",), answer="count"), ["b-count"], "bsn"),
    (Wish("b-hit", purpose="Another"), ["b-hit"], "bsn"),
]


@pytest.mark.parametrize(("wish", "agreements", "kind"), FOUND)
def test_who_is_asked_and_by_which_kind(wish: Wish, agreements: list[str], kind: str) -> None:
    """Named agreements, and for named providers the one that fits and runs; the first kind that all share."""
    if wish.answer == "count":
        wish = wish._replace(question="all")
    resolved = resolve(wish, KNOWN)
    assert [target.agreement.id for target in resolved.targets] == agreements
    assert resolved.kind.name == kind


REFUSED: list[tuple[Wish, str, str]] = [
    (Wish(), "option_missing", "agreement"),
    (Wish("none"), "agreement_not_here", "none"),
    (Wish("foreign"), "requester_not_in_agreement", OIN_B),
    (Wish("b-hit", providers=(OIN_C,)), "provider_not_in_agreement", OIN_B),
    (Wish("b-hit", further=("b-homes",)), "provider_twice", "b-hit, b-homes"),
    (Wish("b-hit", further=("b-hit",)), "provider_twice", "b-hit"),
    (Wish(providers=("Desk", OIN_C)), "provider_twice", "c-homes"),
    (Wish(providers=(OIN_B,)), "agreement_ambiguous", "several fit: b-hit, b-homes"),
    (Wish(providers=(OIN_B,), purpose="None"), "agreement_ambiguous", "b-hit, b-count, b-old, b-homes"),
    (Wish(providers=("nobody",)), "agreement_ambiguous", "there are: none"),
    (Wish(providers=("",)), "agreement_ambiguous", "none fits"),
    (Wish("b-hit", further=("b-homes", "d-homes")), "provider_twice", "b-hit, b-homes"),
    (Wish("b-hit", further=("d-homes",)), "kind_not_agreed", "b-hit: bsn; d-homes: household"),
    (Wish("b-hit", kind="shoe"), "kind_unknown", "shoe"),
    (Wish("b-hit", question="all"), "options_conflict", "count"),
    (Wish("b-hit", group_by=("band",)), "options_conflict", "count"),
    (Wish("b-hit", case_reference="c"), "options_conflict", "attributes"),
    (Wish("b-hit", attributes=("phone",)), "options_conflict", "attributes"),
    (Wish("b-count", answer="count", question="all", group_by=("band",)), "options_conflict", "breakdown"),
    (Wish("b-count", answer="count", question="none"), "question_not_agreed", "both (by band, debt)"),
    (Wish("b-count", answer="count", group_by=("street",)), "question_not_agreed", "all (by nothing)"),
    (Wish("b-count", answer="count", group_by=("debt",)), "question_not_agreed", "debts (by debt)"),
    (
        Wish("b-count", answer="count", further=("c-count",), question="band"),
        "question_not_agreed",
        "c-count has",
    ),
    (Wish("b-hit", answer="attributes", case_reference="999990019"), "case_reference_is_identifier", ""),
    (Wish("b-hit", answer="attributes", case_reference="z. 999990019"), "case_reference_is_identifier", ""),
    (Wish("b-hit", answer="attributes", case_reference="9999.90.019"), "case_reference_is_identifier", ""),
    (Wish("b-hit", answer="attributes", case_reference="a\tb"), "case_reference_invalid", ""),
]


@pytest.mark.parametrize(("wish", "code", "told"), REFUSED)
def test_what_cannot_be_asked(wish: Wish, code: str, told: str) -> None:
    """Nobody, too many, two for one, or words that do not fit: the code, and what there is to choose from."""
    with pytest.raises(LinkageError) as caught:
        resolve(wish, KNOWN)
    assert (caught.value.code, told in caught.value.detail) == (code, True), caught.value


def test_an_oin_is_nobodys_name() -> None:
    """Who calls itself by another's OIN, on its card or in its agreement, is not asked in the other's place."""
    evil = made("evil", OIN_C)
    evil = evil.model_copy(update={"provider": evil.provider.model_copy(update={"name": OIN_D})})
    for agreements, names in (([evil], {}), ([made("c-hit", OIN_C)], {OIN_C: OIN_D})):
        with pytest.raises(Refusal, match="agreement_ambiguous"):
            resolve(Wish(providers=(OIN_D,)), KNOWN._replace(agreements=agreements, names=names))
        both = [*agreements, made("d-hit", OIN_D)]
        resolved = resolve(Wish(providers=(OIN_D,)), KNOWN._replace(agreements=both, names=names))
        assert [target.agreement.id for target in resolved.targets] == ["d-hit"]


@pytest.mark.parametrize(
    ("group_by", "question"),
    [((), "all"), (("band",), "band"), (("debt", "band"), "both"), (("band", "debt"), "both")],
)
def test_a_breakdown_names_a_question(group_by: tuple[str, ...], question: str) -> None:
    """The one question of the catalogue that is broken down by just these attributes, in whatever order."""
    resolved = resolve(Wish("b-count", answer="count", group_by=group_by), KNOWN)
    assert [target.question for target in resolved.targets] == [question]


def test_too_many_providers() -> None:
    """As many as may be asked at once, and no more."""
    many = {f"m{at}": made(f"m{at}", f"00000099{at:09d}000") for at in range(100, 101 + PROVIDERS)}
    known = KNOWN._replace(named=many.__getitem__)
    first, *further = many
    assert len(resolve(Wish(first, further=tuple(further[:-1])), known).targets) == PROVIDERS
    with pytest.raises(Refusal) as caught:
        resolve(Wish(first, further=tuple(further)), known)
    assert caught.value.code == "too_many_providers"
