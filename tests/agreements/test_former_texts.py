"""What was replaced or removed at one node, and ended by a party later: it hears, notes and destroys all the same."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from linkage_node._generated.linkage.v1.peer_pb2 import ExchangeSignaturesResponse
from linkage_node.agreements import Agreement, content_hash
from linkage_node.agreements.signing import Signing
from linkage_node.agreements.standing import SignatureType
from linkage_node.asking.queries import QueryStore
from linkage_node.errors import Refusal
from linkage_node.evidence import EvidenceLog
from linkage_node.evidence.log import read
from linkage_node.node import Node
from linkage_node.storage.tables import (
    agreement,
    epoch_seed,
    former_agreement,
    own_tags,
    query,
    query_pack,
)
from tests.agreements.test_signatures_restored import Line, exchange_of
from tests.integration.world import agreement_text
from tests.nodes import OIN_A, OIN_B, OIN_C, introduce, make_node
from tests.signed import add_signed, certificate, says, signature

GONE: dict[str, Callable[[Node, Agreement], object]] = {
    "replaced": lambda node, _old: add_signed(node, agreement_text(version=2), replace=True),
    "removed": lambda node, old: node.agreements.remove(old.id),
}


class Pair:
    """A, of which the storage is either kind, and B; both signed version 1, and A has keys, tags and a result of it."""

    def __init__(self, folder: Path, storage: str) -> None:
        self.configs = make_node(folder / "a", OIN_A, storage=storage), make_node(folder / "b", OIN_B)
        introduce(*self.configs)
        for config in self.configs:
            with Node.open(config) as node:
                self.agreement = add_signed(node, agreement_text())
        self.content = content_hash(self.agreement)
        with Node.open(self.configs[0]) as a:
            keep_something(a, self.agreement)


def keep_something(node: Node, agreement: Agreement) -> None:
    """A seed of an epoch, own tags, and a query that is done, under an agreement."""
    content = content_hash(agreement)
    texts = "provider_oin kind answer purpose source runner reasons detail whole_id question case_reference standing"
    numbers = "records elements evaluated hits created_at"
    row = {
        **dict.fromkeys(texts.split(), ""),
        **dict.fromkeys(numbers.split(), 1),
        "id": "00",
        "agreement_hash": content,
        "agreement_id": agreement.id,
        "state": "done",
        "cancel": False,
        "attributes": "[]",
    }
    with node.database.write() as connection:
        connection.execute(insert(query).values(row))
        connection.execute(insert(query_pack).values(query_id="00", role="results", pack=0, sealed=b"1"))
        connection.execute(
            insert(own_tags).values(agreement_hash=content, kind="bsn", epoch=0, pack=0, sealed=b"1")
        )
        connection.execute(
            insert(epoch_seed).values(agreement_hash=content, epoch=0, sealed=b"1", ends_at=2**40)
        )


def kept(node: Node) -> tuple[int, str]:
    """How much is left of that, and how the query stands."""
    with node.database.read() as connection:
        left = [
            *connection.scalars(select(query_pack.c.sealed)),
            *connection.scalars(select(own_tags.c.sealed)),
            *connection.scalars(select(epoch_seed.c.sealed).where(epoch_seed.c.sealed.is_not(None))),
        ]
    (asked,) = QueryStore(node.database, node.sealer).all()
    return len(left), asked.state


@pytest.fixture
def pair(tmp_path: Path, storage: str) -> Pair:
    """A pair of its own for one test."""
    return Pair(tmp_path, storage)


@pytest.mark.parametrize("kind", ["revoke", "reject"])
@pytest.mark.parametrize("caller", [0, 1], ids=["A asks", "B brings"])
@pytest.mark.parametrize("gone", GONE)
def test_the_end_of_a_former_text_is_heard(pair: Pair, gone: str, caller: int, kind: SignatureType) -> None:
    """Its keys, tags and results outlive the replacing, and go with B's word; A's evidence has that; what took its
    place stays in force; and added anew it is over, and takes no other's place."""
    with Node.open(pair.configs[0]) as a, Node.open(pair.configs[1]) as b:
        GONE[gone](a, pair.agreement)
        assert kept(a) == (3, "done")
        Signing.of(b).sign(pair.agreement, kind)
        calling, called = ((a, b), (b, a))[caller]
        exchange = exchange_of(calling, called)
        assert exchange.partners() == {called.config.oin: caller == 1}
        assert exchange.call(called.config.oin).faults == {}
        assert b.agreements.signatures.undelivered(OIN_B) == (
            {} if caller else {pair.content: [*word(b, pair)]}
        )
        assert kept(a) == (0, "refused")
        (noted,) = (one for one in map(read, EvidenceLog.of(a).records()) if "signed_by" in one)
        ended = {"revoke": "revoked", "reject": "rejected"}[kind]
        assert (noted["event"], noted["signed_by"]) == (f"agreement_{ended}", OIN_B)
        assert exchange.call(called.config.oin).received == []
        with pytest.raises(Refusal) as unknown:
            a.agreements.require_in_force(pair.content)
        assert unknown.value.code == "agreement_unknown"
        if gone == "replaced":
            assert [a.agreements.status(content_hash(one)) for one in a.agreements.list()] == ["in_force"]
            with pytest.raises(Refusal) as over:
                a.agreements.add(agreement_text(), replace=True)
            assert over.value.code == f"agreement_{ended}"
            a.agreements.remove(pair.agreement.id)
        a.agreements.add(agreement_text())
        assert a.agreements.status(pair.content) == ended


def word(node: Node, pair: Pair) -> list[str]:
    """What the node's own organisation said that ended it."""
    return node.agreements.signatures.what_ended(pair.content, pair.agreement.parties)


@pytest.mark.parametrize("gone", GONE)
def test_a_former_text_can_be_ended_from_here(pair: Pair, gone: str) -> None:
    """A revokes what it replaced or removed: B hears it, also when B has removed it too, and has forgotten it since."""
    with Node.open(pair.configs[0]) as a, Node.open(pair.configs[1]) as b:
        GONE[gone](a, pair.agreement)
        b.agreements.remove(pair.agreement.id)
        assert Signing.of(a).sign(a.agreements.get_any(pair.content), "revoke")
        assert kept(a) == (0, "refused")
        assert exchange_of(a, b).call(OIN_B).delivered == {pair.content}
        assert word(b, pair) == word(a, pair) != []
        b.agreements.add(agreement_text())
        assert b.agreements.status(pair.content) == "revoked"


def test_nothing_else_of_a_former_text_is_heard_or_told(pair: Pair) -> None:
    """No approval comes in, and none is told; nobody but the partner ends it, or hears that it was here."""
    ca = pair.configs[0].parent.parent / "dev-ca"
    approval = signature(certificate(ca, OIN_B), pair.content)
    revoking = signature(certificate(ca, OIN_B), pair.content, "revoke")
    with Node.open(pair.configs[0]) as a:
        draft = a.agreements.add(agreement_text(id="draft"))
        a.agreements.remove("draft")
        told = Line(OIN_B, a).exchange_signatures({pair.content: [approval]})
        assert list(told.taken) == [pair.content]
        a.agreements.remove(pair.agreement.id)
        approving = signature(certificate(ca, OIN_B), content_hash(draft))
        for content, text in ((pair.content, approval), (content_hash(draft), approving)):
            told = Line(OIN_B, a).exchange_signatures({content: [text]})
            assert (list(told.taken), [list(one.jws) for one in told.signatures]) == ([], [[]])
        assert a.agreements.signatures.of(content_hash(draft), draft.parties) == []
        of_third = signature(certificate(ca, OIN_C), pair.content, "revoke")
        assert Line(OIN_C, a).exchange_signatures({pair.content: [of_third]}) == ExchangeSignaturesResponse()
        with pytest.raises(Refusal) as refused:
            Line(OIN_C, a).exchange_signatures({pair.content: [revoking]})
        assert refused.value.code == "signature_by_third_party"
        assert kept(a) == (3, "done")
        told = Line(OIN_B, a).exchange_signatures({pair.content: [revoking]})
        assert (list(told.taken), [list(one.jws) for one in told.signatures]) == (
            [pair.content],
            [[revoking]],
        )
        assert kept(a) == (0, "refused")


def test_what_ended_before_it_was_removed_is_still_brought(pair: Pair) -> None:
    """A rejection that waits for a partner that is down waits on; the approval of before does not."""
    with Node.open(pair.configs[0]) as a, Node.open(pair.configs[1]) as b:
        other = a.agreements.add(agreement_text(id="other"))
        b.agreements.add(agreement_text(id="other"))
        unheard = a.agreements.add(agreement_text(id="unheard"))
        says(a, other, OIN_A, "reject")
        says(a, unheard, OIN_A, "accept")
        for one in (other, unheard):
            a.agreements.remove(one.id)
        assert set(a.agreements.signatures.undelivered(OIN_A)) == {content_hash(other)}
        assert exchange_of(a, b).call(OIN_B).delivered == {content_hash(other)}
        assert b.agreements.status(content_hash(other)) == "rejected"


def test_one_text_that_cannot_be_read_keeps_no_end_of_others_out(pair: Pair) -> None:
    """A's stored rows, one now and one former, were changed: B's revocation of another agreement comes all the same,
    whoever calls, and of the bad ones nothing is told."""
    with Node.open(pair.configs[0]) as a, Node.open(pair.configs[1]) as b:
        bad = add_signed(a, agreement_text(id="bad"))
        add_signed(b, agreement_text(id="bad"))
        former = a.agreements.add(agreement_text(id="gone"))
        a.agreements.remove("gone")
        with a.database.write() as connection:
            connection.execute(update(agreement).where(agreement.c.id == "bad").values(text="x"))
            connection.execute(update(former_agreement).values(text="{}"))
    with Node.open(pair.configs[0]) as a, Node.open(pair.configs[1]) as b:
        assert exchange_of(a, b).call(OIN_B).faults == {}
        for one in (bad, pair.agreement):
            Signing.of(b).sign(one, "revoke")
        called = exchange_of(b, a).call(OIN_A)
        assert called.delivered == {pair.content}
        assert called.faults == {}
        assert (a.agreements.status(pair.content), kept(a)) == ("revoked", (0, "refused"))
        with pytest.raises(Refusal) as refused:
            a.agreements.require_in_force(content_hash(bad))
        assert refused.value.code == "agreement_unfit"
        with pytest.raises(Refusal) as unfit:
            a.agreements.get_any(content_hash(former))
        assert unfit.value.code == "agreement_unfit"
