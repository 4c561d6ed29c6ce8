"""`receipts: true`: the provider is told which were hits, before anybody at the requester's sees one."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import Message

from linkage_node._generated.linkage.v1.order_pb2 import (
    ANSWER_HIT,
    OPERATION_REPORT_HITS,
    STAGE_COMPLETED,
    Order,
    Receipt,
    Signed,
)
from linkage_node._generated.linkage.v1.peer_pb2 import ReportHitsRequest, ReportHitsResponse
from linkage_node.answering import disclosing
from linkage_node.answering.disclosures import Disclosures, Recording, Told, ToldPerson
from linkage_node.asking import queries
from linkage_node.asking.intake import Wish
from linkage_node.errors import LinkageError, Refusal, Unreachable
from linkage_node.matching.disclosure import tokens_digest
from linkage_node.matching.signing import sign
from linkage_node.storage.tables import disclosure
from tests.disclosing.desk import Desk
from tests.nodes import OIN_A, OIN_C

HITS: dict[str, Any] = {"agreement": "reported", "answer": "hit", "case_reference": ""}


def shared(desk: Desk) -> None:
    """A and B share two of four clients."""
    desk.know(desk.a, ["anna", "bob", "eve"])
    desk.put(
        desk.b, {"f1": ("anna", {"desk": "x"}), "f2": ("anna", {}), "g1": ("bob", {}), "h1": ("zoe", {})}
    )


def test_hits_are_on_record(desk: Desk) -> None:
    """Everybody who was a hit is on record at the provider, nobody else is, and nothing is charged for telling it."""
    shared(desk)
    done = desk.run(desk.start(**HITS))
    assert done.hits == 2
    records = desk.recorded()
    assert sorted(one.records for one in records) == [(Told("f1", ()), Told("f2", ())), (Told("g1", ()),)]
    assert {(one.requester_oin, one.answer, one.case_reference) for one in records} == {(OIN_A, "hit", "")}
    assert {one.transaction_id.hex() for one in records} == {done.id}
    assert desk.charged("reported") == 3
    (told,) = desk.events(desk.b, "disclosed")
    assert (told["reported"], told["disclosed"]) == (2, 2)


def test_hits_are_reported_before_results(desk: Desk) -> None:
    """When the provider has noted the hits, the requester has no result yet, not even a sealed one."""
    shared(desk)
    query, seen = desk.start(**HITS), []

    def look(message: Message) -> Message:
        if isinstance(message, ReportHitsResponse):
            with desk.nodes["a"].database.read() as connection:
                packs = connection.exec_driver_sql("SELECT count(*) FROM query_pack").scalar()
            seen.append((desk.a.queries.get(query.id).state, packs, len(desk.recorded())))
        return message

    desk.wire.tamper = look
    assert desk.run(query).state == queries.DONE
    assert seen == [(queries.RUNNING, 0, 2)]


def test_without_hits_there_is_nothing_to_report(desk: Desk) -> None:
    """A question that finds nobody is answered without a report."""
    desk.know(desk.a, ["eve"])
    desk.know(desk.b, ["zoe"])
    assert desk.run(desk.start(**HITS)).hits == 0
    assert "ReportHitsResponse" not in {name for name, _ in desk.wire.sizes}


def test_without_receipts_nobody_is_named(desk: Desk) -> None:
    """Under an agreement without receipts the provider learns of no hit."""
    shared(desk)
    assert desk.run(desk.start("plain", answer="hit", case_reference="")).hits == 2
    assert "ReportHitsResponse" not in {name for name, _ in desk.wire.sizes}
    assert desk.recorded() == []


def test_attributes_are_reported_and_told(desk: Desk) -> None:
    """Under an agreement with both, hits are reported before their attributes are asked for; both are on record."""
    shared(desk)
    told = desk.ask("both")
    assert told["anna"].records == ({"desk": "x"}, {})
    assert [one.answer for one in desk.recorded()] == ["hit", "hit", "attributes", "attributes"]
    orders = [name for name, _ in desk.wire.sizes if name in {"ReportHitsResponse", "DiscloseResponse"}]
    assert orders[0] == "ReportHitsResponse"


def test_the_counter_reports(desk: Desk) -> None:
    """One person at the counter who is a hit is reported before anybody is told."""
    desk.know(desk.b, ["999990019"])
    wish = Wish("reported")
    whole, persons = desk.a.intake.about_one(wish, "x", {"bsn": "999990019"}, "call")
    assert desk.a.runner.ask_now(whole.only, persons, lambda: False).hits == "1"
    assert [one.answer for one in desk.recorded()] == ["hit"]


def edited(desk: Desk, field: str, value: Any) -> Callable[[Message], Message]:
    """A receipt of a report with a field changed, signed by the provider."""

    def tamper(message: Message) -> Message:
        if isinstance(message, ReportHitsResponse):
            receipt = Receipt.FromString(message.receipt.payload)
            setattr(receipt, field, value)
            message.receipt.CopyFrom(sign(receipt, desk.nodes["b"].secrets.signing_key))
        return message

    return tamper


EDITS = [
    ("results_root", bytes(32), "receipt_mismatch"),
    ("results_root", b"", "receipt_mismatch"),
    ("stage", 1, "receipt_mismatch"),
    ("evaluated", 1, "receipt_mismatch"),
    ("order_hash", bytes(32), "receipt_mismatch"),
    ("decision", 2, "policy_denied"),
]


@pytest.mark.parametrize(("field", "value", "code"), EDITS)
def test_a_report_that_is_not_taken_gives_no_results(desk: Desk, field: str, value: Any, code: str) -> None:
    """A provider that refuses the report, or signs for another one, is no reason to use the hits: there are none."""
    shared(desk)
    query = desk.start(**HITS)
    desk.wire.tamper = edited(desk, field, value)
    with pytest.raises(Refusal) as caught:
        desk.run(query)
    assert caught.value.code == code
    ended = desk.a.queries.get(query.id)
    assert (ended.state, ended.hits) == (queries.REFUSED, 0)
    with pytest.raises(Refusal, match="query_not_done"):
        list(desk.a.queries.results(query.id, desk.clock()))
    with desk.nodes["a"].database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM query_pack").scalar() == 0


def test_a_report_that_is_lost_is_made_again(desk: Desk) -> None:
    """When the line breaks at the report the query fails without results, and is resumed without asking anew."""
    shared(desk)
    query = desk.start(**HITS)
    desk.wire.tamper = lambda message: None if isinstance(message, ReportHitsResponse) else message
    with pytest.raises(Unreachable):
        desk.run(query)
    assert desk.a.queries.get(query.id).state == queries.FAILED
    desk.wire.tamper = lambda message: message
    charged = desk.charged("reported")
    assert desk.run(query).hits == 2
    assert desk.charged("reported") == charged


# --- the same hits again


def reported(desk: Desk) -> list[tuple[int, int]]:
    """Of every report: how many of its persons are here, and how many rows it made."""
    return [(one["reported"], one["disclosed"]) for one in desk.events(desk.b, "disclosed")]


def test_the_same_hit_is_on_record_once_a_day(desk: Desk) -> None:
    """However often a hit is reported, each day (UTC) has one record of it under each agreement: the first."""
    shared(desk)
    first = desk.run(desk.start(**HITS))
    for _ in range(3):
        desk.run(desk.start(**HITS))
    assert {one.transaction_id.hex() for one in desk.recorded()} == {first.id}
    assert reported(desk) == [(2, 2), (2, 0), (2, 0), (2, 0)]
    desk.know(desk.a, ["zoe"])
    second = desk.run(desk.start(**HITS))
    assert reported(desk)[-1] == (3, 1)
    assert desk.recorded()[-1].transaction_id.hex() == second.id
    desk.run(desk.start("both", answer="hit", case_reference=""))
    assert reported(desk)[-1] == (3, 3)
    desk.clock.pass_days(0.5)  # it is noon: to the first millisecond of the next day
    desk.run(desk.start(**HITS))
    assert reported(desk)[-1] == (3, 3)
    assert len(desk.recorded()) == 3 * 3
    digests = {one["order_hash"]: one["disclosures_digest"] for one in desk.events(desk.b, "disclosed")}
    store = Disclosures(desk.nodes["b"].database, desk.nodes["b"].sealer)
    assert digests == {order: store.digest(bytes.fromhex(order)).hex() for order in digests}


def test_who_is_told_of_for_attributes_is_on_record_every_time(desk: Desk) -> None:
    """A hit that is on record stands in the way of no record of attributes, and one of these not of another."""
    shared(desk)
    for _ in range(2):
        desk.ask("both")
    assert Counter(one.answer for one in desk.recorded()) == {"hit": 2, "attributes": 4}


def test_another_agreement_of_the_same_name_has_records_of_its_own(desk: Desk) -> None:
    """What is on record of one requester and purpose hides nothing that is told to another, or for another purpose."""
    shared(desk)
    desk.run(desk.start(**HITS))
    for field, value in (("purpose", "Something else"), ("requester_oin", OIN_C)):
        with desk.nodes["b"].database.write() as connection:
            connection.execute(disclosure.update().values({field: value}))
        desk.run(desk.start(**HITS))
        assert reported(desk)[-1] == (2, 2)
        with desk.nodes["b"].database.write() as connection:
            connection.exec_driver_sql("DELETE FROM disclosure")


def test_two_reports_at_once(desk: Desk) -> None:
    """Of two reports that both found nothing on record yet, the second to write adds only what the first did not."""
    node, order = desk.nodes["b"], Order.FromString(report(desk, bytes(16)).payload)
    here, there = (Recording(node.sealer, order, bytes([at]) * 32, "hit", desk.clock()) for at in range(2))
    people = [ToldPerson(bytes([at]) * 32, (Told(f"r{at}", ()),)) for at in range(3)]
    with node.database.read() as connection:
        prepared = [(here, here.new(connection, people[:2])), (there, there.new(connection, people))]
    for recording, new in prepared:
        with node.database.write() as connection:
            recording.add_new(connection, new)
    assert (here.rows, there.rows) == (2, 1)
    assert [one.records[0].ref for one in desk.recorded()] == ["r0", "r1", "r2"]


def test_a_large_report_is_put_on_record_in_slices(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """No transaction holds more than a slice; one that fails leaves what was on record, and no receipt; and the report
    that is made again records the rest."""
    monkeypatch.setattr(disclosing, "REPORTED_SLICE", 2)
    people = [f"p{at}" for at in range(5)]
    desk.know(desk.a, people)
    desk.know(desk.b, people)
    query = desk.start(**HITS)
    with desk.nodes["b"].database.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON disclosure WHEN (SELECT count(*) FROM disclosure) = 3"
            " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )
    with pytest.raises(LinkageError):
        desk.run(query)
    assert (len(desk.recorded()), reported(desk)) == (2, [])
    assert [one["detail"] for one in desk.events(desk.b, "aborted")] == ["storage_full"]
    assert desk.a.queries.get(query.id).hits == 0
    with desk.nodes["b"].database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
    with desk.nodes["a"].database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE query SET state = 'failed'"
        )  # in one process the error is a StorageError
    assert desk.run(query).hits == 5
    assert reported(desk) == [(5, 3)]
    assert sorted(one.records[0].ref for one in desk.recorded()) == people


# --- reports that are off


def report(desk: Desk, tokens: bytes, agreement: str = "reported", **changes: Any) -> Signed:
    """A signed order to report tokens."""
    order = Order.FromString(desk.craft([tokens], agreement).order.payload)
    order.operation, order.answer = OPERATION_REPORT_HITS, ANSWER_HIT
    order.case_reference = ""
    order.ClearField("attributes")
    for name, value in changes.items():
        setattr(order, name, value)
    return desk.signed(order)


def code_of(desk: Desk, *requests: ReportHitsRequest) -> str:
    """What B says to a report."""
    try:
        response = desk.wire.send_report(requests)
    except LinkageError as error:
        return error.code
    receipt = Receipt.FromString(response.receipt.payload)
    return receipt.reasons[0] if receipt.reasons else ""


def test_an_honest_report(desk: Desk) -> None:
    """Tokens of clients, of nobody and of erased persons are taken alike; only the living are on record."""
    shared(desk)
    tokens = desk.token("anna", "reported") + desk.token("bob", "reported") + bytes(range(16))
    desk.b.tag_sets.current(desk.agreement("reported"), desk.epoch("reported"), desk.clock())
    desk.erase("g1")
    response = desk.wire.send_report(
        [ReportHitsRequest(order=report(desk, tokens)), ReportHitsRequest(tokens=tokens)]
    )
    receipt = Receipt.FromString(response.receipt.payload)
    assert (receipt.stage, receipt.results_root) == (STAGE_COMPLETED, tokens_digest(tokens))
    assert [one.records for one in desk.recorded()] == [(Told("f1", ()), Told("f2", ()))]


def test_reports_that_are_off(desk: Desk) -> None:
    """A report that does not fit its order puts nothing on record, and is in the evidence."""
    shared(desk)
    token = desk.token("anna", "reported")
    order = report(desk, token)
    first = ReportHitsRequest(order=order)
    assert code_of(desk) == "malformed"
    assert code_of(
        desk, ReportHitsRequest(order=report(desk, token)), ReportHitsRequest(tokens=bytes(16))
    ) == ("tokens_mismatch")
    assert code_of(desk, first) == "tokens_mismatch"
    assert code_of(desk, first, ReportHitsRequest(tokens=token)) == "replayed"
    assert code_of(desk, ReportHitsRequest(order=report(desk, token), tokens=token * 2)) == "tokens_mismatch"
    assert (
        code_of(desk, ReportHitsRequest(order=report(desk, token * 2), tokens=token * 2)) == "tokens_mismatch"
    )
    second = ReportHitsRequest(order=report(desk, token), tokens=token)
    assert code_of(desk, ReportHitsRequest(order=report(desk, token)), second) == "malformed"
    many = bytes(16 * 33)  # more than the set has entries
    assert code_of(desk, ReportHitsRequest(order=report(desk, many), tokens=many)) == "tokens_mismatch"
    plain = report(desk, token, "plain")
    assert code_of(desk, ReportHitsRequest(order=plain, tokens=token)) == "answer_not_agreed"
    assert desk.recorded() == []
    assert len(desk.events(desk.b, "aborted")) == 5
    assert code_of(desk, ReportHitsRequest(order=report(desk, token), tokens=token)) == ""
    assert len(desk.recorded()) == 1
