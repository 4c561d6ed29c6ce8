"""What opens no attribute: everything but a living person's own claim token, in its own order."""

import hashlib
import os
from collections.abc import Callable
from typing import Any

import pytest

from linkage_node._generated.linkage.v1.order_pb2 import (
    ANSWER_COUNT,
    ANSWER_HIT,
    OPERATION_EVALUATE,
    OPERATION_FETCH_TAG_SET,
    OPERATION_REPORT_HITS,
    Order,
)
from linkage_node._generated.linkage.v1.peer_pb2 import (
    DISCLOSURE_STATUS_DISCLOSED,
    DISCLOSURE_STATUS_LIMIT_REACHED,
    DISCLOSURE_STATUS_NOT_KNOWN,
    DisclosedEntry,
    DiscloseRequest,
)
from linkage_node.limits import ORDER_LIFETIME_MS
from linkage_node.matching.disclosure import token_hashes
from linkage_node.policy import DecisionPoint
from tests.disclosing.desk import LARGEST, PER_TOKEN, Desk, Heard
from tests.nodes import OIN_A, OIN_C

ANNA = {"desk": "Energieloket", "phone": "070 000 0001"}
NOT_KNOWN = DisclosedEntry(status=DISCLOSURE_STATUS_NOT_KNOWN)
LIMIT_REACHED = DisclosedEntry(status=DISCLOSURE_STATUS_LIMIT_REACHED)

Claim = Callable[[Desk], bytes]
CLAIMS: dict[str, Claim] = {
    "the tag and six zeros": lambda desk: desk.mark("anna")[0] + bytes(6),
    "six zeros and the tag": lambda desk: bytes(6) + desk.mark("anna")[0],
    "the tag twice, cut": lambda desk: (desk.mark("anna")[0] * 2)[:16],
    "the hash of the tag": lambda desk: hashlib.sha256(desk.mark("anna")[0]).digest()[:16],
    "the hash of the tag, SHA-512": lambda desk: hashlib.sha512(desk.mark("anna")[0]).digest()[:16],
    "the hash of the token": lambda desk: token_hashes(desk.token("anna"))[:16],
    "the end of the hash of the token": lambda desk: token_hashes(desk.token("anna"))[16:],
    "the token with one bit changed": lambda desk: (
        desk.token("anna")[:15] + bytes([desk.token("anna")[15] ^ 1])
    ),
    "the token turned round": lambda desk: desk.token("anna")[::-1],
    "zeros": lambda _desk: bytes(16),
    "random": lambda _desk: os.urandom(16),
    "the pseudonym, cut": lambda desk: desk.element(desk.b, "anna")[:16],
    "somebody's who is not in the register": lambda desk: desk.token("zoe"),
    "the token of another kind": lambda desk: desk.token("anna", kind="household"),
    "the token of another purpose": lambda desk: desk.token("anna", "whom-else"),
    "the token of another agreement": lambda desk: desk.token("anna", "both"),
    "the token of another requester": lambda desk: desk.token("anna", "whom-c"),
}


def known(desk: Desk) -> None:
    """B knows Anna, by BSN and by her address, under every agreement."""
    desk.put(desk.b, {"f1": ("anna", ANNA)})
    desk.put(desk.b, {"f2": ("anna", ANNA)}, "household")
    for agreement in ("whom", "whom-else", "both", "whom-c"):
        for kind in ("bsn", "household"):
            epoch = desk.epoch(agreement, kind)
            desk.b.tag_sets.current(desk.agreement(agreement), epoch, desk.clock())


@pytest.mark.parametrize("name", CLAIMS)
def test_what_is_no_claim_token_opens_nothing(desk: Desk, name: str) -> None:
    """Who holds the tag set, the hashes or anybody else's token claims in vain, and it costs as much as a hit."""
    known(desk)
    assert desk.show([desk.token("anna")]).entries[0].status == DISCLOSURE_STATUS_DISCLOSED
    claim = CLAIMS[name](desk)
    heard = desk.show([claim])
    assert (heard.reasons, heard.entries) == ([], [NOT_KNOWN])
    assert len(desk.recorded()) == 1
    assert desk.charged() == 2
    assert desk.shown()[hashlib.sha256(claim).digest()] == 1


def test_the_token_of_another_epoch(desk: Desk) -> None:
    """Last week's token opens nothing this week, and this week's order none of last week's."""
    known(desk)
    old = desk.token("anna")
    before = desk.craft([old])
    desk.clock.pass_days(7)
    assert desk.show([old]).entries == [NOT_KNOWN]
    assert desk.send(before).reasons[0] in {"order_expired", "epoch_not_current"}
    assert desk.show([old], epoch=0).reasons == ["epoch_not_current"]
    assert desk.recorded() == []


def test_a_token_of_one_requester_is_worthless_to_another(desk: Desk) -> None:
    """A and C may both ask about Anna; the token of either opens nothing for the other, however the order is put."""
    known(desk)
    tokens = {"whom": desk.token("anna"), "whom-c": desk.token("anna", "whom-c")}
    assert desk.show([tokens["whom"]], "whom-c").entries == [NOT_KNOWN]
    assert desk.show([tokens["whom-c"]], "whom").entries == [NOT_KNOWN]
    # C sends what A ordered, or orders under A's agreement
    stolen = desk.craft([tokens["whom"]])
    assert desk.send(stolen, OIN_C).reasons == ["signature_invalid"]
    order = Order.FromString(stolen.order.payload)
    for requester in (OIN_A, OIN_C):
        order.requester_oin = requester
        forged = DiscloseRequest(order=desk.signed(order, "c"), tokens=stolen.tokens)
        assert desk.send(forged, OIN_C).reasons[0] in {
            "oin_mismatch",
            "agreement_unknown",
            "requester_not_in_agreement",
        }
    assert desk.recorded() == []
    for agreement, token in tokens.items():
        assert desk.show([token], agreement).entries[0].status == DISCLOSURE_STATUS_DISCLOSED
    assert [one.requester_oin for one in desk.recorded()] == [OIN_A, OIN_C]


def test_an_order_is_used_once(desk: Desk) -> None:
    """The same order again opens nothing, and uses the token no further."""
    known(desk)
    request = desk.craft([desk.token("anna")])
    assert desk.send(request).reasons == []
    assert desk.send(request).reasons == ["replayed"]
    assert (list(desk.shown().values()), len(desk.recorded()), desk.charged()) == ([1], 1, 1)


Edit = Callable[[Desk, bytes], DiscloseRequest]


def tokens_replaced(desk: Desk, token: bytes, *others: bytes) -> DiscloseRequest:
    """An order for one token, and others in the request."""
    return DiscloseRequest(order=desk.craft([token]).order, tokens=b"".join(others))


def with_kind(desk: Desk, token: bytes) -> DiscloseRequest:
    """An order by kind household in which all else is of kind bsn."""
    order = Order.FromString(desk.craft([token]).order.payload)
    order.kind = "household"
    return DiscloseRequest(order=desk.signed(order), tokens=token)


MISMATCHED: dict[str, tuple[Edit, str]] = {
    "another token than was committed to": (
        lambda desk, token: tokens_replaced(desk, os.urandom(16), token),
        "tokens_mismatch",
    ),
    "one token more": (lambda desk, token: tokens_replaced(desk, token, token, bytes(16)), "tokens_mismatch"),
    "no token": (tokens_replaced, "tokens_mismatch"),
    "half a token": (lambda desk, token: desk.craft([token, bytes(8)]), "tokens_mismatch"),
    "one token twice": (lambda desk, token: desk.craft([token, token]), "tokens_mismatch"),
    "one token twice, apart": (lambda desk, token: desk.craft([token, bytes(16), token]), "tokens_mismatch"),
    "another count": (lambda desk, token: desk.craft([token], element_count=2), "tokens_mismatch"),
    "no count": (lambda desk, token: desk.craft([token], element_count=0), "malformed"),
    "no digest": (lambda desk, token: desk.craft([token], tokens_digest=b""), "malformed"),
    "another digest": (lambda desk, token: desk.craft([token], tokens_digest=bytes(32)), "tokens_mismatch"),
    "more than agreed": (
        lambda desk, token: desk.craft([token, *(os.urandom(16) for _ in range(LARGEST))]),
        "query_too_large",
    ),
    "an answer without attributes": (
        lambda desk, token: desk.craft([token], answer=ANSWER_HIT),
        "answer_not_offered",
    ),
    "a count": (lambda desk, token: desk.craft([token], answer=ANSWER_COUNT), "answer_not_offered"),
    "an order to evaluate": (
        lambda desk, token: desk.craft([token], operation=OPERATION_EVALUATE),
        "malformed",
    ),
    "an order for tags": (
        lambda desk, token: desk.craft([token], operation=OPERATION_FETCH_TAG_SET),
        "malformed",
    ),
    "a report": (lambda desk, token: desk.craft([token], operation=OPERATION_REPORT_HITS), "malformed"),
    "another purpose": (
        lambda desk, token: desk.craft([token], purpose="Something else"),
        "purpose_not_agreed",
    ),
    "another kind": (with_kind, "key_changed"),
    "another epoch": (lambda desk, token: desk.craft([token], epoch=1), "epoch_not_current"),
    "an old order": (lambda desk, token: desk.craft([token], expires_at_ms=1), "order_expired"),
    "an order from the future": (
        lambda desk, token: desk.craft([token], expires_at_ms=desk.clock() + 3 * ORDER_LIFETIME_MS),
        "order_expired",
    ),
    "an unknown field": (
        lambda desk, token: DiscloseRequest.FromString(
            desk.craft([token]).SerializeToString() + b"\xfa\x3f\x01\x01"
        ),
        "malformed",
    ),
}


@pytest.mark.parametrize("name", MISMATCHED)
def test_orders_that_are_off(desk: Desk, name: str) -> None:
    """An order that does not fit its tokens or its agreement opens nothing, charges nothing and uses no token."""
    known(desk)
    edit, code = MISMATCHED[name]
    heard = desk.send(edit(desk, desk.token("anna")))
    assert heard.reasons[0] in {code, "answer_never_for_kind"}
    assert (heard.entries, desk.shown(), desk.recorded(), desk.charged()) == ([], {}, [], 0)


def test_the_limit_counts_unknown_tokens_too(desk: Desk) -> None:
    """A token that is known and one that never was reach their limit after as many times, and look alike then."""
    known(desk)
    tokens = [desk.token("anna"), os.urandom(16)]
    for _ in range(PER_TOKEN):
        entries = desk.show(tokens).entries
        assert [one.status for one in entries] == [DISCLOSURE_STATUS_DISCLOSED, DISCLOSURE_STATUS_NOT_KNOWN]
    assert desk.show(tokens).entries == [LIMIT_REACHED, LIMIT_REACHED]
    assert sorted(desk.shown().values()) == [PER_TOKEN] * 2
    assert len(desk.recorded()) == PER_TOKEN
    desk.erase("f1")
    assert desk.show(tokens).entries == [LIMIT_REACHED, LIMIT_REACHED]


def test_limits_of_agreements_are_apart(desk: Desk) -> None:
    """What C used up of Anna's limit is not A's."""
    known(desk)
    for _ in range(PER_TOKEN + 1):
        desk.show([desk.token("anna", "whom-c")], "whom-c")
    assert desk.show([desk.token("anna")]).entries[0].status == DISCLOSURE_STATUS_DISCLOSED


def test_unknown_tokens_count_against_the_budget(desk: Desk) -> None:
    """Guessing tokens costs the day's budget as much as asking about clients; when it is spent nothing is told."""
    known(desk)
    desk.show([os.urandom(16) for _ in range(LARGEST)])
    assert desk.charged() == LARGEST
    with desk.nodes["b"].database.write() as connection:
        connection.exec_driver_sql("UPDATE budget SET used = 1000")
    heard = desk.show([desk.token("anna")])
    assert heard.reasons == ["budget_exhausted"]
    assert (heard.entries, len(desk.shown()), desk.recorded()) == ([], LARGEST, [])


def test_tokens_are_nowhere_at_the_provider(desk: Desk) -> None:
    """No byte of the provider's database is a claim token, before it was shown or after."""
    known(desk)
    token = desk.token("anna")
    assert token not in desk.stored("b")
    desk.show([token])
    assert token not in desk.stored("b")
    assert hashlib.sha256(token).digest() in desk.stored("b")


def test_the_tag_sets_own_bytes_open_nothing(desk: Desk) -> None:
    """Every 16 bytes that can be cut from the set that a requester holds, one behind the other, open nothing."""
    known(desk)
    held = desk.b.tag_sets.current(desk.agreement(), desk.epoch(), desk.clock()).tags
    tokens = [held[at : at + 16] for at in range(0, len(held) - 16, 7)]
    for at in range(0, len(tokens), LARGEST):
        assert set(map(str, desk.show(tokens[at : at + LARGEST]).entries)) == {str(NOT_KNOWN)}
    assert desk.recorded() == []


class Yes(DecisionPoint):
    """Approves of everything, as a decision point does that somebody has taken over."""

    def evaluate(self, decision_input: dict[str, Any]) -> object:
        """Yes."""
        obligations = {
            "evaluations_per_day": 10**6,
            "largest_query": 10**6,
            "result_retention_days": 1,
            "kinds": ["bsn", "household"],
            "answers": ["hit", "attributes"],
            "proof": False,
            "receipts": False,
        }
        return {"allow": True, "reasons": [], "obligations": obligations, "revision": "yes"}


BEYOND_POLICY: dict[str, tuple[Callable[[Desk, bytes], Heard], str]] = {
    "an attribute that is not agreed": (
        lambda desk, token: desk.show([token], attributes=("secret",)),
        "attribute_not_agreed",
    ),
    "no attribute": (lambda desk, token: desk.show([token], attributes=()), "attribute_not_agreed"),
    "an attribute twice": (
        lambda desk, token: desk.show([token], attributes=("desk", "desk")),
        "attribute_not_agreed",
    ),
    "no case": (lambda desk, token: desk.show([token], case_reference=""), "case_reference_missing"),
    "more persons than agreed": (
        lambda desk, token: desk.show([token, *(os.urandom(16) for _ in range(LARGEST))]),
        "query_too_large",
    ),
    "a kind that names several persons": (
        lambda desk, _token: desk.show([desk.token("anna", kind="household")], kind="household"),
        "answer_never_for_kind",
    ),
    "an agreement without attributes": (
        lambda desk, _token: desk.show([desk.token("anna", "plain")], "plain"),
        "answer_not_agreed",
    ),
}


@pytest.mark.parametrize("name", BEYOND_POLICY)
def test_what_no_policy_can_approve_of(desk: Desk, name: str) -> None:
    """What the agreement does not have, or nobody may agree on, the node refuses whatever its decision point says."""
    known(desk)
    desk.b.admission._decide = Yes()
    show, code = BEYOND_POLICY[name]
    heard = show(desk, desk.token("anna"))
    assert (heard.reasons, heard.entries) in [([code], []), (["malformed"], [])]
    assert (desk.shown(), desk.recorded()) == ({}, [])
