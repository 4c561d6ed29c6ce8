"""Counts between two honest nodes: against the truth, what is kept, what is given again, what leaves no trace."""

import json
from base64 import b64decode
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from linkage_node._generated.linkage.v1.order_pb2 import Order, Receipt
from linkage_node._generated.linkage.v1.peer_pb2 import CountResponse
from linkage_node.asking import queries
from linkage_node.asking.intake import Wish
from linkage_node.asking.tables import column_totals, row_totals, table_of, total
from linkage_node.clock import DAY_MS
from linkage_node.errors import Cancelled, Refusal, Unreachable
from linkage_node.register.rows import SourceRow
from linkage_node.register.staging import Staged
from linkage_node.storage.tables import blinding_seed, count_answer, epsilon_spent, evidence, query_pack
from linkage_node.storage.tables import query as query_table
from tests.asking.count_pair import (
    AGREEMENT,
    CATEGORIES,
    DEBTS,
    DISTRICTS,
    GROUPS,
    at,
    cells,
    counted,
    fill,
    released,
    start,
    truth,
    with_receipt,
)
from tests.attacks.pair import Pair
from tests.nodes import OIN_B
from tests.signed import add_signed


def test_a_table_is_the_truth(pair: Pair) -> None:
    """Without noise every cell is the true number, but for those that are too small to be told."""
    table = counted(pair)
    expected = {(group, name): released(truth()[group, name]) for group in GROUPS for name in CATEGORIES}
    assert cells(table) == expected
    assert None in expected.values()
    assert (table.groups, table.categories) == (GROUPS, CATEGORIES)
    assert (table.provider_oin, table.agreement_id, table.question, table.kind) == (
        OIN_B,
        "counted",
        "table",
        "bsn",
    )
    assert (table.period, table.given_at, table.epsilon, table.smallest_cell) == (
        "2026-01",
        pair.clock(),
        0.25,
        4,
    )


def test_a_count_that_is_not_broken_down(pair: Pair) -> None:
    """A question without categories has one number."""
    table = counted(pair, "shared")
    assert cells(table) == {("all", "all"): len(DISTRICTS.keys() & DEBTS.keys())}


def test_margins_are_sums_of_released_cells(pair: Pair) -> None:
    """A margin has in it what was released, and says how many cells it lacks."""
    table = counted(pair)
    told = cells(table)
    for group, margin in zip(GROUPS, row_totals(table), strict=True):
        row = [told[group, name] for name in CATEGORIES]
        assert margin == (sum(filter(None, row)), row.count(None))
    for name, margin in zip(CATEGORIES, column_totals(table), strict=True):
        column = [told[group, name] for group in GROUPS]
        assert margin == (sum(filter(None, column)), column.count(None))
    assert total(table) == (sum(filter(None, told.values())), list(told.values()).count(None))
    assert total(table).left_out


def test_a_duplicate_counts_once(pair: Pair) -> None:
    """Two records of one person are one person, in the category of the first."""
    before = truth()
    packed = pair.pseudonyms(pair.a, ["person 5"])
    sealed = pair.a.register.seal_attributes("second file", {"district": "zuid"})
    pair.a.register.upsert([Staged(0, "second file", sealed, {"bsn": packed})], pair.clock())
    assert cells(counted(pair))["noord", "rent"] == before["noord", "rent"]


def test_the_same_answer_to_the_same_question(pair: Pair) -> None:
    """Within a period the answer stays, whatever changes; in the next one there is another."""
    first = counted(pair, "again")
    fill(pair, pair.a, "district", {f"person {number}": "noord" for number in range(43, 60)})
    pair.clock.now += DAY_MS // 4
    again = counted(pair, "again")
    assert again == first
    assert again.given_at < pair.clock()
    pair.clock.pass_days(1)
    later = counted(pair, "again")
    assert later.period != first.period
    assert total(later).total > total(first).total
    with pair.nodes["b"].database.read() as connection:
        assert len(connection.execute(select(epsilon_spent)).all()) == 2


def test_a_table_whose_values_were_reordered(pair: Pair) -> None:
    """An agreement that names the same values in another order gets the answer that was given, read by its names."""
    first = counted(pair)
    turned = AGREEMENT.replace("[rent, energy]", "[energy, rent]").replace("[noord, zuid]", "[zuid, noord]")
    for node in pair.nodes.values():
        add_signed(node, turned, replace=True)
    assert cells(counted(pair)) == cells(first)


def test_nothing_on_the_wire_tells_a_size(pair: Pair) -> None:
    """One record more in a category changes no size of any message."""
    counted(pair, "again")
    sizes = [len(request.SerializeToString()) for request in pair.wire.counted], list(pair.wire.sizes)
    fill(pair, pair.a, "district", {"person 50": "noord"})
    fill(pair, pair.b, "debt", {"person 99": "rent"})
    pair.clock.pass_days(1)
    pair.wire.counted.clear()
    pair.wire.sizes.clear()
    counted(pair, "again")
    assert [len(request.SerializeToString()) for request in pair.wire.counted] == sizes[0]
    assert pair.wire.sizes == [size for size in sizes[1] if size[0] == "CountResponse"]


def test_what_is_kept_tells_no_exact_number(pair: Pair) -> None:
    """Neither the evidence nor a query shows how many persons there are: with noise, the true numbers stand nowhere."""
    pair.b.noise = lambda exact, _epsilon: [cell + 11 for cell in exact]
    exact = {len(DISTRICTS), *truth().values(), *map(list(DISTRICTS.values()).count, DISTRICTS.values())}
    seen: list[tuple[int, int]] = []
    query = start(pair)
    pair.a.runner.run(query.id, lambda now: seen.append((now.evaluated, now.elements)), lambda: False)
    kept = pair.a.queries.get(query.id)
    assert (kept.state, kept.records, kept.hits) == (queries.DONE, 0, 0)
    assert seen[0] == (0, 420)
    assert seen[-1] == (420, 420)
    assert {done for done, _ in seen} == {0, 180, 420}
    for event in pair.events(pair.a):
        assert not exact & set(numbers({**event, "seq": None})), event
    answered = pair.events(pair.a)[-1]
    assert (answered["event"], answered["period"], answered["question"]) == ("answered", "2026-01", "table")
    with pair.nodes["a"].database.read() as connection:
        stored = connection.execute(select(query_pack.c.role, query_pack.c.sealed)).all()
        assert [row.role for row in stored] == ["table"]
        assert b"noord" not in stored[0].sealed


def numbers(content: object) -> Iterator[int]:
    """All numbers in a record of the evidence."""
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        for part in content:
            yield from numbers(part)
    elif isinstance(content, int) and not isinstance(content, bool):
        yield content


def test_tables_expire_like_results(pair: Pair) -> None:
    """After the agreed days a table is refused, and then it is gone."""
    done = pair.run(start(pair))
    pair.clock.pass_days(30)
    with pytest.raises(Refusal, match="results_expired"):
        table_of(pair.a.queries, done, pair.clock())
    assert pair.a.queries.expire(pair.clock()) == 1
    with pair.nodes["a"].database.read() as connection:
        assert connection.execute(select(query_pack)).all() == []


def test_what_has_no_table(pair: Pair) -> None:
    """A count that is not done has no table yet, and another answer never has one."""
    with pytest.raises(Refusal, match="query_not_done"):
        table_of(pair.a.queries, start(pair), pair.clock())
    hits = pair.run(pair.start())
    with pytest.raises(Refusal, match="not_a_count"):
        table_of(pair.a.queries, hits, pair.clock())


def test_refused_before_anything_leaves(pair: Pair) -> None:
    """Persons, a question that is not agreed, a set that is too small, a category that is too full: nobody is asked."""
    whole, _ = pair.a.intake.about_persons(
        Wish("counted", answer="hit"), [SourceRow(1, "p", {"bsn": {"bsn": "999990019"}}, {})], "cli"
    )
    pair.a.queries.update(whole.only.id, answer="count", question="shared")
    assert refused(pair, whole.only.id) == "count_of_register_only"
    query = start(pair)
    pair.a.queries.update(query.id, question="another")
    assert refused(pair, query.id) == "question_not_agreed"
    fill(pair, pair.a, "district", {f"{number} more": "zuid" for number in range(50)})
    assert refused(pair, start(pair).id) == "category_full"
    pair.remove(pair.a, [*(f"{number} more" for number in range(50)), *list(DISTRICTS)[4:]])
    assert refused(pair, start(pair).id) == "set_too_small"
    assert pair.wire.counted == []
    assert not any(event["event"] == "asked" for event in pair.events(pair.a))


def test_a_breakdown_that_finds_nobody_is_named(pair: Pair) -> None:
    """A misspelt attribute is refused before anything is asked, with the agreement, the question and the attribute."""
    text = AGREEMENT.replace("district", "distrikt").replace(", other: true", "")
    add_signed(pair.nodes["a"], text, replace=True)
    query = start(pair)
    assert refused(pair, query.id) == "set_too_small"
    told = pair.a.queries.get(query.id).detail
    assert (
        told
        == "counted, question table by `distrikt`: nobody in the own register is in any of its categories"
    )
    assert pair.wire.counted == []


def refused(pair: Pair, query_id: str) -> str:
    """The code that a count is refused with, which stands in the query and in the evidence."""
    with pytest.raises(Refusal) as caught:
        pair.run(pair.a.queries.get(query_id))
    assert pair.a.queries.get(query_id).state == queries.REFUSED
    assert pair.events(pair.a)[-1]["reasons"] == [caught.value.code]
    return caught.value.code


def test_laxer_conditions_are_not_taken(pair: Pair) -> None:
    """A receipt with other conditions than the own node's ends the count before anything but the order has left."""
    pair.wire.tamper = at(0, lambda response: with_receipt(pair)(lax(response)))
    assert refused(pair, start(pair).id) == "obligation_dropped"
    assert [bool(request.elements) for request in pair.wire.counted] == [False]


def lax(response: CountResponse) -> CountResponse:
    """A receipt that lets results be kept for years."""
    receipt = Receipt.FromString(response.receipt.payload)
    receipt.obligations.result_retention_days = 3000
    response.receipt.payload = receipt.SerializeToString()
    return response


# --- counts that break off


@pytest.mark.parametrize("dropped", [0, 1, 2])
def test_resumed_after_the_peer_dropped(pair: Pair, dropped: int) -> None:
    """Whichever message never came: the next attempt counts, with elements that were not seen before, for no more."""

    def drop(_response: CountResponse) -> CountResponse:
        raise Unreachable("peer_dropped")

    pair.wire.tamper = at(dropped, drop)
    query = start(pair)
    with pytest.raises(Unreachable, match="peer_dropped"):
        pair.run(query)
    assert pair.a.queries.get(query.id).state == queries.FAILED
    pair.wire.close()
    first = elements(pair)
    pair.wire.tamper = lambda message: message
    pair.wire.counted.clear()
    done = pair.run(query)
    assert cells(table_of(pair.a.queries, done, pair.clock()))["zuid", "energy"] == truth()["zuid", "energy"]
    assert not first & elements(pair)
    asked = [event["order"]["payload"] for event in pair.events(pair.a) if event["event"] == "asked"]
    orders = [Order.FromString(b64decode(payload)) for payload in asked]
    assert len({order.blinding_commitment for order in orders}) == len(orders) == 2
    assert len({order.base_point for order in orders}) == 2
    with pair.nodes["a"].database.read() as connection:
        assert len(connection.execute(select(blinding_seed)).all()) == 2
    with pair.nodes["b"].database.read() as connection:
        assert len(connection.execute(select(epsilon_spent)).all()) == 1
        assert connection.execute(select(count_answer.c.state)).scalars().all() == ["answered"]


def elements(pair: Pair) -> set[bytes]:
    """Every element that the provider was sent."""
    packed = b"".join(request.elements for request in pair.wire.counted)
    return {packed[place : place + 32] for place in range(0, len(packed), 32)}


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("where", [0, 1, 2])
def test_killed_and_taken_up_again(pair: Pair, where: int) -> None:
    """A node that was killed at any message finds the query as it was, and counts it; the evidence holds."""

    def kill(_response: CountResponse) -> CountResponse:
        raise Killed

    query = start(pair)
    pair.wire.tamper = at(where, kill)
    with pytest.raises(Killed):
        pair.run(query)
    assert pair.a.queries.get(query.id).state == queries.RUNNING
    again = Pair(pair.folder, pair.executor, pair.clock)
    again.b.noise = pair.b.noise
    try:
        assert sum(e["event"] == "asked" for e in again.events(again.a)) == 1
        done = again.run(again.a.queries.get(query.id))
        assert total(table_of(again.a.queries, done, again.clock())).total
        again.events(again.b)
    finally:
        again.close()


def test_cancelled_while_it_lifts(pair: Pair) -> None:
    """A count that is cancelled ends between two chunks, keeps nothing, and tells the provider nothing to count."""
    query = start(pair)
    with pytest.raises(Cancelled):
        pair.a.runner.run(query.id, lambda _now: None, lambda: bool(pair.wire.counted))
    kept = pair.a.queries.get(query.id)
    assert (kept.state, kept.reasons) == (queries.CANCELLED, "cancelled")
    with pair.nodes["a"].database.read() as connection:
        assert connection.execute(select(query_pack)).all() == []
    pair.wire.close()
    with pair.nodes["b"].database.read() as connection:
        assert connection.execute(select(count_answer.c.state)).scalars().all() == ["reserved"]


def test_cancelled_when_the_table_is_there(pair: Pair) -> None:
    """A count that is cancelled while its table comes in is not done."""
    query = start(pair)

    def cancel(response: CountResponse) -> CountResponse:
        pair.a.queries.cancel(query.id)
        return response

    pair.wire.tamper = at(-1, cancel)
    with pytest.raises(Cancelled):
        pair.run(query)
    assert pair.a.queries.get(query.id).state == queries.CANCELLED
    with pair.nodes["a"].database.read() as connection:
        assert connection.execute(select(query_pack)).all() == []


def test_no_name_in_any_file(pair: Pair) -> None:
    """What was counted stands in no table of the requester but its own register: no element that was sent, no value."""
    counted(pair)
    sent = {item.hex() for item in elements(pair)}
    with pair.nodes["a"].database.read() as connection:
        for table in (query_table, query_pack, evidence, blinding_seed):
            rows = connection.execute(select(table)).mappings().all()
            written = json.dumps([[bytes_as_text(value) for value in row.values()] for row in rows])
            assert not any(item in written for item in sent)
            assert "district" not in written
            assert "person" not in written


def bytes_as_text(value: object) -> str:
    """Bytes as hexadecimal digits, and as the text that they may be."""
    return value.hex() + value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
