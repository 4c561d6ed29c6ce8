"""The requester's check of a released table, before anything of it is used or kept."""

from typing import NamedTuple

from linkage_node._generated.linkage.v1.order_pb2 import CountTable, Order
from linkage_node.agreements.periods import period_of
from linkage_node.agreements.terms import CountQuestion, CountTerms
from linkage_node.errors import Refusal
from linkage_node.limits import (
    CALL_SECONDS,
    COUNT_ELEMENTS,
    COUNT_TRAPS,
    NOT_RELEASED,
    ORDER_LIFETIME_MS,
    PROTOCOL_VERSION,
)

_CLOCKS_MS = ORDER_LIFETIME_MS  # that two clocks may be apart: with more an order is refused as expired
_CALL_MS = int(CALL_SECONDS * 1000)


class Asked(NamedTuple):
    """What a table must be the answer to."""

    order: Order
    order_hash: bytes
    terms: CountTerms
    question: CountQuestion
    decided_at_ms: int  # when the provider's first receipt came


def check_table(table: CountTable, asked: Asked, *, now_ms: int, given_before: bool) -> None:
    """Refusal("table_invalid") unless this is a table that the question can have, for this requester, of now.

    One that was `given_before` answered an earlier order, and may name the categories in another order: what a
    question is does not hang on it.
    """
    order, terms, question = asked.order, asked.terms, asked.question
    expected = {
        "version": PROTOCOL_VERSION,
        "provider_oin": order.provider_oin,
        "requester_oin": order.requester_oin,
        "question_digest": question.digest(order.kind, terms.smallest_cell, terms.smallest_set),
        "kind": order.kind,
        "epsilon_micro": question.epsilon_micro,
        "smallest_cell": terms.smallest_cell,
    }
    for field, value in expected.items():
        if getattr(table, field) != value:
            raise Refusal("table_invalid", field)
    for stated, agreed in ((table.groups, question.groups), (table.categories, question.categories)):
        if list(stated) != list(agreed) and not (given_before and sorted(stated) == sorted(agreed)):
            raise Refusal("table_invalid", "categories")
    # one that was given before may stem from larger buckets than are agreed on now
    fits = (
        COUNT_ELEMENTS if given_before else min(terms.requester_bucket, terms.provider_bucket - COUNT_TRAPS)
    )
    _check_cells(table, largest=fits)
    if (table.order_hash == asked.order_hash) == given_before:
        raise Refusal("table_invalid", "order_hash")
    _check_times(table, asked, now_ms, given_before=given_before)


def _check_cells(table: CountTable, largest: int) -> None:
    if len(table.cells) != len(table.groups) * len(table.categories):
        raise Refusal("table_invalid", f"{len(table.cells)} cells")
    for cell in table.cells:
        if cell != NOT_RELEASED and not table.smallest_cell <= cell <= largest:
            raise Refusal("table_invalid", "a cell that is smaller or larger than can be")


def _check_times(table: CountTable, asked: Asked, now_ms: int, *, given_before: bool) -> None:
    every, given = asked.question.every, table.given_at_ms
    earliest = 0 if given_before else asked.decided_at_ms - _CLOCKS_MS
    if not earliest <= given <= now_ms + _CLOCKS_MS:
        raise Refusal("table_invalid", "given_at")
    now = {period_of(every, asked.decided_at_ms + apart) for apart in (-_CLOCKS_MS, 0, _CLOCKS_MS)}
    then = {period_of(every, max(0, given - took)) for took in (0, _CALL_MS)}
    if table.period not in now & then:
        raise Refusal("table_invalid", "period")
