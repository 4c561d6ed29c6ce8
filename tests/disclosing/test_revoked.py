"""Attributes under an agreement that is revoked: before, amid, and after they were told."""

import pytest

from linkage_node._generated.linkage.v1.peer_pb2 import DiscloseResponse
from linkage_node.errors import Refusal
from linkage_node.limits import AGREEMENT_LOOKED_UP_MS
from tests.disclosing.desk import Desk
from tests.disclosing.test_tokens import known
from tests.nodes import OIN_B
from tests.signed import says


def revoke(desk: Desk, node: str) -> None:
    """B revokes, and this node knows."""
    says(desk.nodes[node], desk.agreement("whom"), OIN_B, "revoke")


def test_nothing_is_opened_any_more(desk: Desk) -> None:
    """A token that opened something opens nothing, and the record of what was told stays for the citizen."""
    known(desk)
    crafted = desk.craft([desk.token("anna")])
    desk.show([desk.token("anna")])
    revoke(desk, "b")
    assert desk.send(crafted).reasons == ["agreement_revoked"]
    assert len(desk.recorded()) == 1


def test_what_is_being_told_stops(desk: Desk) -> None:
    """Revoked between the decision and the telling: the entries stay behind, and the evidence says so."""
    known(desk)
    crafted = desk.craft([desk.token("anna")])
    heard: list[DiscloseResponse] = []

    def listen() -> None:
        for response in desk.wire.send_tokens(crafted):
            heard.append(response)
            revoke(desk, "b")
            desk.clock.now += AGREEMENT_LOOKED_UP_MS

    with pytest.raises(Refusal) as refusal:
        listen()
    assert refusal.value.code == "agreement_revoked"
    assert [len(response.entries) for response in heard] == [0]
    assert desk.events(desk.b)[-1]["detail"] == "agreement_revoked"
