"""A standing question whose agreement is revoked: its numbers go, and its next runs say why there are none."""

import pytest
from google.protobuf.message import Message
from sqlalchemy import select

from linkage_node._generated.linkage.v1.peer_pb2 import CountResponse
from linkage_node.errors import Refusal
from linkage_node.limits import AGREEMENT_LOOKED_UP_MS
from linkage_node.storage.tables import count_answer
from tests.asking.count_pair import counted
from tests.nodes import OIN_B, OIN_C
from tests.signed import says
from tests.standing.trio import BOTH, COUNT, MONTHLY, Trio

REVOKED = ("agreement_revoked",)


def revoke(trio: Trio, node: str, agreement: str) -> None:
    """B revokes, and this node knows."""
    says(trio.nodes[node], trio.nodes[node].agreements.get_by_id(agreement), OIN_B, "revoke")


def test_the_series_of_a_revoked_agreement(trio: Trio) -> None:
    """Points that were there lose their numbers; the next run asks nobody, and says so."""
    trio.standing.add("q", COUNT, MONTHLY)
    assert trio.put()[0].numbers is not None
    revoke(trio, "a", "counted")
    (point,) = trio.points()
    assert (point.state, point.reasons, point.numbers) == ("refused", REVOKED, None)
    assert [(one.state, one.reasons) for one in trio.put()] == [("refused", REVOKED)]


def test_other_providers_of_the_same_question_stay(trio: Trio) -> None:
    """Of a question to two providers only the one whose agreement ended is gone."""
    trio.standing.add("q", BOTH, MONTHLY)
    trio.put()
    revoke(trio, "a", "shared")
    told = {point.provider_oin: (point.state, point.numbers is None) for point in trio.points()}
    assert told == {OIN_B: ("refused", True), OIN_C: ("done", False)}
    assert {one.provider_oin: one.state for one in trio.put()} == {OIN_B: "refused", OIN_C: "done"}


def test_a_count_that_was_given_before_is_not_given_again(trio: Trio) -> None:
    """The provider remembers the answer of this period, and refuses it all the same."""
    counted(trio)
    revoke(trio, "b", "counted")
    with pytest.raises(Refusal) as refusal:
        counted(trio)
    assert refusal.value.code == "agreement_revoked"


def test_a_count_under_way_stops(trio: Trio) -> None:
    """Revoked while the lists travel: the provider stops at its next look, releases nothing, and can say why."""
    seen = 0

    def tamper(message: Message) -> Message:
        nonlocal seen
        seen += isinstance(message, CountResponse)
        if seen == 2:  # the receipt came, and a chunk of the list
            revoke(trio, "b", "counted")
            trio.clock.now += AGREEMENT_LOOKED_UP_MS
            seen += 1
        return message

    trio.wire.tamper = tamper
    with pytest.raises(Refusal) as refusal:
        counted(trio)
    assert refusal.value.code == "agreement_revoked"
    with trio.nodes["b"].database.read() as connection:
        assert connection.scalars(select(count_answer.c.state)).all() == ["reserved"]
    assert trio.events(trio.b)[-1]["detail"] == "agreement_revoked"
