"""What is refused before policy is asked: a decision takes the provider's time, and others wait for it."""

from itertools import product
from string import ascii_lowercase
from typing import Any

import pytest

from linkage_node.answering import admission
from linkage_node.errors import Refusal
from linkage_node.limits import (
    DISCLOSED_ATTRIBUTES,
    KIND_CHARACTERS,
    LINE_CHARACTERS,
    POLICY_TEXT_CHARACTERS,
    WORD_CHARACTERS,
)
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.question import decision_input
from tests.disclosing.desk import Desk
from tests.policy.corpus import question

TWO_LETTERS = ["".join(letters) for letters in product(ascii_lowercase, repeat=2)]


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The questions that the engine was asked, in order."""
    asked: list[Any] = []
    evaluate = EmbeddedDecisionPoint.evaluate

    def seen(self: EmbeddedDecisionPoint, decision_input: dict[str, Any]) -> object:
        asked.append(decision_input)
        return evaluate(self, decision_input)

    monkeypatch.setattr(EmbeddedDecisionPoint, "evaluate", seen)
    return asked


LONGER_THAN_AN_AGREEMENT: dict[str, dict[str, Any]] = {
    "hundreds of names": {"attributes": TWO_LETTERS},
    "one name more than an agreement has": {"attributes": TWO_LETTERS[: DISCLOSED_ATTRIBUTES + 1]},
    "one name many times": {"attributes": ["desk"] * 1_000},
    "names of nothing": {"attributes": [""] * 2_000},
    "a long name": {"attributes": ["desk", "x" * (WORD_CHARACTERS + 1)]},
    "a name that fills the order": {"attributes": ["." * 7_000]},
    "a long purpose": {"purpose": "x" * (LINE_CHARACTERS + 1)},
    "a long kind": {"kind": "x" * (KIND_CHARACTERS + 1)},
}


@pytest.mark.parametrize("changes", LONGER_THAN_AN_AGREEMENT.values(), ids=LONGER_THAN_AN_AGREEMENT)
def test_orders_longer_than_any_agreement_are_malformed(
    desk: Desk, decided: list[Any], changes: dict[str, Any]
) -> None:
    """They fit in the bytes of an order, and policy hears nothing of them; each is in the evidence."""
    assert desk.show([bytes(16)], **changes).reasons == ["malformed"]
    assert decided == []
    assert [one["reasons"] for one in desk.events(desk.b, "refused")] == [["malformed"]]


def test_as_many_names_as_an_agreement_has_are_decided_about(desk: Desk, decided: list[Any]) -> None:
    """The longest purposes and names go to policy, which knows whether they are agreed."""
    names = [name.ljust(WORD_CHARACTERS, "x") for name in TWO_LETTERS[:DISCLOSED_ATTRIBUTES]]
    heard = desk.show([bytes(16)], attributes=names, purpose="\u00e9" * LINE_CHARACTERS)
    assert heard.reasons == ["attribute_not_agreed", "purpose_not_agreed"]
    assert len(decided) == 1


@pytest.mark.parametrize("changes", [{}, {"purpose": "Another"}], ids=["approved", "refused"])
def test_an_order_is_decided_about_once(desk: Desk, decided: list[Any], changes: dict[str, Any]) -> None:
    """Sent again, the same order is refused unread, whether it was approved or refused; charged it is once at most."""
    request = desk.craft([bytes(16)], **changes)
    first = desk.send(request).reasons
    charged = desk.charged()
    assert [desk.send(request).reasons for _ in range(3)] == [["replayed"]] * 3
    assert (first, len(decided)) == (["purpose_not_agreed"] if changes else [], 1)
    assert desk.charged() == charged == (0 if changes else 1)


def test_refusals_lock_nobody_out(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who holds one order of a requester has it refused as often as may be in a day; the requester's own
    orders are answered all the same."""
    monkeypatch.setattr(admission, "ORDERS_PER_DAY", 3)
    request = desk.craft([bytes(16)])
    assert desk.send(request).reasons == []
    assert [desk.send(request).reasons for _ in range(4)] == [["replayed"]] * 3 + [["too_many_orders"]]
    assert desk.show([bytes(16)]).reasons == []


@pytest.mark.parametrize(
    "changes",
    [
        {"attributes": tuple(TWO_LETTERS[: DISCLOSED_ATTRIBUTES + 1])},
        {"attributes": ("x" * (POLICY_TEXT_CHARACTERS + 1),)},
        *(
            {name: "x" * (POLICY_TEXT_CHARACTERS + 1)}
            for name in ("purpose", "kind", "question", "agreement_id")
        ),
        {"processing_activity": "x:" + "x" * POLICY_TEXT_CHARACTERS},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_no_engine_is_asked_about_longer_questions(changes: dict[str, Any]) -> None:
    """Of whichever node: a requester's own question is bounded as well."""
    with pytest.raises(Refusal) as refused:
        decision_input(question(**changes))
    assert refused.value.code == "malformed"


def test_a_requester_with_too_many_names_asks_nobody(desk: Desk, decided: list[Any]) -> None:
    """The own node refuses before it decides, and before anything leaves."""
    with pytest.raises(Refusal):
        desk.ask(attributes=tuple(TWO_LETTERS))
    assert decided == []
    assert desk.events(desk.b) == []
