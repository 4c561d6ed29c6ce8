"""Questions that were recorded at both nodes, put to policy again: the decision is the one that was recorded."""

from typing import Any

import pytest

from linkage_node.assembly import Assembly
from linkage_node.cli.policy_questions import recorded as recorded_questions
from linkage_node.errors import LinkageError, Refusal
from linkage_node.evidence.log import read
from linkage_node.policy import decision_input
from linkage_node.policy.asked import decided
from linkage_node.policy.recorded import Recorded, question_in
from tests.disclosing.desk import LARGEST, Desk


def records(assembly: Assembly) -> list[dict[str, Any]]:
    """All evidence of a node."""
    return [read(record) for record in assembly.evidence.records()]


def put_before(assembly: Assembly) -> list[Recorded]:
    """Every question that the node's policy was asked."""
    return [found for record in records(assembly) if (found := question_in(record))]


def ask_all_sorts(desk: Desk) -> None:
    """Questions that are answered, refused by policy at either side, and refused by other checks."""
    desk.know(desk.a, ["ann", "bob"])
    desk.put(desk.b, {"r1": ("ann", {"desk": "North"})})
    desk.ask()
    desk.ask("both")
    desk.run(desk.start("plain", answer="hit", case_reference=""))
    assert desk.show([desk.token("ann")], attributes=("desk", "salary")).reasons == ["attribute_not_agreed"]
    assert "case_reference_missing" in desk.show([desk.token("ann")], case_reference="").reasons
    assert desk.show([bytes(16)] * (LARGEST + 1)).reasons == ["query_too_large"]
    assert desk.show(
        [desk.token("ann")], public_key=bytes(32)
    ).reasons  # allowed by policy, not by the order's key
    desk.know(desk.a, [f"p{number}" for number in range(101)])
    with pytest.raises(LinkageError):
        desk.ask("whom")


def test_the_decision_is_the_one_that_was_recorded(desk: Desk) -> None:
    """At requester and provider, approved and refused: same decision, reasons and revision."""
    ask_all_sorts(desk)
    for assembly in (desk.a, desk.b):
        found = put_before(assembly)
        assert {one.allow for one in found} == {True, False}
        for one in found:
            outcome = decided(assembly.node.decide, decision_input(one.question))
            assert (outcome.allow, outcome.reasons, outcome.revision) == (
                one.allow,
                one.reasons,
                one.revision,
            )


def test_what_an_approved_order_costs_is_in_the_next_question(desk: Desk) -> None:
    """The evaluations of before, that day, are part of what the provider's policy was asked."""
    ask_all_sorts(desk)
    used = [one.question.used_today for one in put_before(desk.b) if one.question.agreement_id == "whom"]
    assert used == sorted(used)
    assert used[0] == 0 < used[-1]


def test_no_identifier_is_kept_with_a_question(desk: Desk) -> None:
    """The field holds words of the agreement, numbers and names of attributes; no person, case or reference."""
    ask_all_sorts(desk)
    kept = [record["question"] for one in (desk.a, desk.b) for record in records(one) if "question" in record]
    assert kept
    assert not any(word in repr(kept) for word in ("ann", "bob", "r1'", "North", "2026-118"))


def test_a_record_of_an_earlier_version_says_so(desk: Desk) -> None:
    """Without what was asked no decision is replayed; an order that was refused before policy was asked is none."""
    ask_all_sorts(desk)
    decisions = [record for record in records(desk.b) if "question" in record]
    for record in decisions:
        old = {name: value for name, value in record.items() if name not in ("question", "allow")}
        with pytest.raises(Refusal) as refused:
            question_in(old)
        assert refused.value.code == "question_unrecorded"
        early = {**old, "event": "refused", "revision": ""}
        assert question_in(early) is None


def test_a_transaction_is_found_by_its_beginning(desk: Desk) -> None:
    """All that policy was asked in one transaction, in order; a transaction that is not there is told as such."""
    ask_all_sorts(desk)
    first = put_before(desk.b)[0]
    found = recorded_questions(desk.b.node, first.transaction_id[:8])
    assert {one.recorded.transaction_id for one in found if one.recorded} == {first.transaction_id}
    assert found[0].asked == decision_input(first.question)
    with pytest.raises(Refusal) as refused:
        recorded_questions(desk.b.node, "ffffffffffff")
    assert refused.value.code == "query_unknown"
