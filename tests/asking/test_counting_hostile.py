"""Providers that do not follow the protocol of a count: each is refused with its code, and nothing of it is kept."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from linkage_node._generated.linkage.v1.order_pb2 import STAGE_DECIDED, CountTable, Order, Receipt, Signed
from linkage_node._generated.linkage.v1.peer_pb2 import CountResponse
from linkage_node.asking import queries
from linkage_node.clock import DAY_MS
from linkage_node.errors import Refusal
from linkage_node.storage.tables import count_answer, query_pack
from tests.asking.count_pair import (
    SMALLEST,
    SMALLEST_SET,
    at,
    counted,
    signed_again,
    signed_by_requester,
    start,
    with_receipt,
    with_table,
)
from tests.attacks.pair import BASE, Pair, second_encoding

Change = Callable[[Pair, CountResponse], CountResponse]
NOT_CANONICAL = bytes.fromhex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")


def refused(pair: Pair, code: str, question: str = "table") -> None:
    """A count ends with this code, and leaves its evidence and nothing else."""
    query = start(pair, question)
    with pytest.raises(Refusal) as caught:
        pair.run(query)
    assert caught.value.code == code, caught.value
    kept = pair.a.queries.get(query.id)
    assert (kept.state, kept.reasons, kept.results_expire_at) == (queries.REFUSED, code, None)
    with pair.nodes["a"].database.read() as connection:
        assert connection.execute(select(query_pack).filter_by(query_id=query.id)).all() == []
    last = pair.events(pair.a)[-1]
    assert (last["event"], last["reasons"]) == ("not_answered", [code])


def replaced(element: Callable[[Pair], bytes]) -> Change:
    """S with its first element replaced."""

    def change(pair: Pair, response: CountResponse) -> CountResponse:
        response.elements = element(pair) + response.elements[32:]
        return response

    return change


def cut(at_element: int) -> Change:
    """S cut off."""
    return lambda _pair, response: CountResponse(elements=response.elements[: at_element * 32])


def longer(_pair: Pair, response: CountResponse) -> CountResponse:
    """S with a category more than was agreed on."""
    return CountResponse(elements=response.elements + response.elements[: 120 * 32])


def twice(_pair: Pair, response: CountResponse) -> CountResponse:
    """S with a person in two categories."""
    return CountResponse(elements=response.elements[: 239 * 32] + response.elements[:32])


def unknown_field(_pair: Pair, response: CountResponse) -> CountResponse:
    """A message with a field that this version does not know."""
    return CountResponse.FromString(response.SerializeToString() + b"\xfa\x01\x01x")


def order_of(pair: Pair) -> Order:
    """The order that the provider was sent."""
    return Order.FromString(pair.wire.counted[0].order.payload)


LISTS: dict[str, tuple[Change, str]] = {
    "an element less": (cut(239), "elements_mismatch"),
    "a category less": (cut(120), "elements_mismatch"),
    "a category more": (longer, "elements_mismatch"),
    "no element": (cut(0), "malformed"),
    "half an element": (lambda _pair, it: CountResponse(elements=it.elements[:-16]), "elements_mismatch"),
    "a person in two categories": (twice, "element_duplicate"),
    "the requester's own element": (
        replaced(lambda pair: pair.wire.counted[1].elements[:32]),
        "elements_mismatch",
    ),
    "the requester's base point": (replaced(lambda pair: order_of(pair).base_point), "elements_mismatch"),
    "the identity": (replaced(lambda _pair: bytes(32)), "element_invalid"),
    "a second encoding": (replaced(lambda _pair: second_encoding(BASE)), "element_invalid"),
    "no canonical encoding": (replaced(lambda _pair: NOT_CANONICAL), "element_invalid"),
    "an unknown field": (unknown_field, "malformed"),
    "a receipt beside it": (
        lambda pair, it: CountResponse(elements=it.elements, receipt=pair.resign(CountTable())),
        "malformed",
    ),
    "a table at once": (lambda pair, _it: CountResponse(table=pair.resign(CountTable())), "malformed"),
    "nothing": (lambda _pair, _it: CountResponse(), "malformed"),
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_of_a_hostile_provider(pair: Pair, name: str) -> None:
    """A list that is not what was agreed is lifted for nobody: nothing of V leaves."""
    change, code = LISTS[name]
    pair.wire.tamper = at(1, lambda response: change(pair, response))
    refused(pair, code)
    if name != "no canonical encoding":  # which only shows when it is lifted
        assert len(pair.wire.counted) == 2


RECEIPTS: dict[str, tuple[int, Change, str]] = {
    "for another order": (
        0,
        lambda pair, it: with_receipt(pair, order_hash=bytes(32))(it),
        "receipt_mismatch",
    ),
    "of another provider": (0, lambda pair, it: with_receipt(pair, provider_oin="x")(it), "receipt_mismatch"),
    "with another key": (0, lambda pair, it: with_receipt(pair, public_key=BASE)(it), "receipt_mismatch"),
    "with other elements": (0, lambda pair, it: with_receipt(pair, evaluated=1)(it), "receipt_mismatch"),
    "signed by another": (
        0,
        lambda pair, it: CountResponse(
            receipt=Signed(payload=it.receipt.payload, signature=pair.wire.counted[0].order.signature)
        ),
        "signature_invalid",
    ),
    "of the end at the beginning": (
        0,
        lambda pair, it: with_receipt(pair, stage=2, results_root=bytes(32))(it),
        "receipt_mismatch",
    ),
    "with elements": (
        0,
        lambda _pair, it: CountResponse(receipt=it.receipt, elements=BASE),
        "malformed",
    ),
    "none": (0, lambda _pair, _it: CountResponse(), "malformed"),
    "with an unknown field": (0, unknown_field, "malformed"),
    "of the beginning at the end": (
        -1,
        lambda pair, it: with_receipt(pair, stage=STAGE_DECIDED, results_root=b"")(it),
        "receipt_mismatch",
    ),
    "of another order at the end": (
        -1,
        lambda pair, it: with_receipt(pair, order_hash=bytes(32))(it),
        "receipt_mismatch",
    ),
    "of another table": (
        -1,
        lambda pair, it: with_receipt(pair, results_root=bytes(32))(it),
        "table_invalid",
    ),
    "without a table": (-1, lambda _pair, it: CountResponse(receipt=it.receipt), "malformed"),
    "none at the end": (-1, lambda _pair, it: CountResponse(table=it.table), "malformed"),
}


@pytest.mark.parametrize("name", RECEIPTS)
def test_receipts_of_a_hostile_provider(pair: Pair, name: str) -> None:
    """A receipt that is not of this order, of this stage, of this table ends the count."""
    number, change, code = RECEIPTS[name]
    pair.wire.tamper = at(number, lambda response: change(pair, response))
    refused(pair, code)


def test_a_table_is_checked_before_it_is_kept(pair: Pair) -> None:
    """A table that is not the answer to the question is not used, though the provider signed it, new or given before.

    What else is wrong with a table: see tests/matching/test_table.py.
    """
    pair.wire.tamper = at(-1, with_table(pair, lambda table: table.groups.reverse()))
    refused(pair, "table_invalid")
    pair.wire.tamper = at(0, with_table(pair, lambda table: setattr(table, "epsilon_micro", 1)))
    refused(pair, "table_invalid")
    pair.wire.tamper = lambda message: message
    assert counted(pair).epsilon == 0.25


def garbage(pair: Pair, response: CountResponse) -> CountResponse:
    """Bytes that are no table, which the provider signed."""
    return signed_again(pair, response, signed_bytes(pair, b"\xff" * 40))


def another_field(pair: Pair, response: CountResponse) -> CountResponse:
    """A table with a field that this version does not know, which may be a condition."""
    return signed_again(pair, response, signed_bytes(pair, response.table.payload + b"\xfa\x01\x01x"))


def too_large(pair: Pair, response: CountResponse) -> CountResponse:
    """More than a table ever has."""
    return signed_again(pair, response, signed_bytes(pair, bytes(70_000)))


def signed_bytes(pair: Pair, payload: bytes) -> Signed:
    """Any bytes, signed by the provider as a table."""
    name = CountTable.DESCRIPTOR.full_name.encode()
    key = pair.nodes["b"].secrets.signing_key
    return Signed(payload=payload, signature=key.sign(len(name).to_bytes(4, "big") + name + payload))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (signed_by_requester, "signature_invalid"),
        (garbage, "malformed"),
        (another_field, "malformed"),
        (too_large, "malformed"),
        (unknown_field, "malformed"),
    ],
)
def test_what_is_no_table(pair: Pair, change: Change, code: str) -> None:
    """What the provider did not sign, or nobody can read whole, is no answer."""
    pair.wire.tamper = at(-1, lambda response: change(pair, response))
    refused(pair, code)


# --- tables that were given before


def test_given_before_though_it_was_not(pair: Pair) -> None:
    """A provider cannot answer this very order by saying that it did so before."""

    def at_once(response: CountResponse) -> CountResponse:
        order = order_of(pair)
        _, question = pair.nodes["b"].agreements.get_by_id("counted").question("table")
        table = CountTable(
            version=1,
            order_hash=receipt_hash(response),
            provider_oin=order.provider_oin,
            requester_oin=order.requester_oin,
            question_digest=question.digest("bsn", SMALLEST, SMALLEST_SET),
            kind="bsn",
            period="2026-01",
            groups=question.groups,
            categories=question.categories,
            cells=[10] * 6,
            epsilon_micro=question.epsilon_micro,
            smallest_cell=SMALLEST,
            given_at_ms=pair.clock(),
        )
        completed = with_receipt(pair, stage=2, results_root=bytes(32))(response)
        return signed_again(pair, completed, pair.resign(table))

    pair.wire.tamper = at(0, at_once)
    refused(pair, "table_invalid")
    assert len(pair.wire.counted) == 1


def receipt_hash(response: CountResponse) -> bytes:
    """The order that a receipt is for."""
    return Receipt.FromString(response.receipt.payload).order_hash


def test_the_answer_to_another_question(pair: Pair) -> None:
    """The stored table of another question is no answer, though all of it is true."""
    counted(pair, "shared")
    with pair.nodes["b"].database.read() as connection:
        stored = Signed.FromString(connection.execute(select(count_answer.c.signed_table)).scalar_one())
    counted(pair, "again")
    pair.wire.tamper = at(0, lambda response: signed_again(pair, response, stored))
    refused(pair, "table_invalid", "again")


def test_the_answer_of_yesterday(pair: Pair) -> None:
    """A table of a period that is over is no answer, though it was one."""
    counted(pair, "again")
    with pair.nodes["b"].database.read() as connection:
        stored = Signed.FromString(connection.execute(select(count_answer.c.signed_table)).scalar_one())
    pair.clock.pass_days(1)
    counted(pair, "again")
    pair.wire.tamper = at(0, lambda response: signed_again(pair, response, stored))
    refused(pair, "table_invalid", "again")


def test_midnight_between_two_clocks(pair: Pair) -> None:
    """A provider whose clock is a little ahead answers for tomorrow already."""
    pair.clock.now += DAY_MS // 2 - 5 * 60 * 1000
    ahead = pair.clock.now + 10 * 60 * 1000
    pair.b.admission._clock = pair.b.counting.clock = lambda: ahead
    assert counted(pair, "again").period == "2026-01-02"


def test_a_denial_is_told_with_its_reason(pair: Pair) -> None:
    """A provider that refuses is believed, and its receipt is in the evidence."""
    pair.b.counting.ledger.limit = 0
    refused(pair, "epsilon_exhausted")
    assert "receipt" in [event["event"] for event in pair.events(pair.a)]
