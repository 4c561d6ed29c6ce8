"""Attributes from question to result, between honest nodes."""

from base64 import b64decode
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from google.protobuf.message import Message

from linkage_node._generated.linkage.v1.order_pb2 import OPERATION_DISCLOSE, Order
from linkage_node._generated.linkage.v1.peer_pb2 import DiscloseRequest, DiscloseResponse, ReportHitsRequest
from linkage_node.answering.disclosures import Told
from linkage_node.asking import queries
from linkage_node.asking.intake import Wish
from linkage_node.asking.queries import Disclosed
from linkage_node.clock import DAY_MS
from linkage_node.errors import LinkageError, Refusal, Unreachable
from linkage_node.register.rows import SourceRow
from tests.disclosing.desk import CASE, LARGEST, PER_TOKEN, Desk
from tests.nodes import OIN_A
from tests.registers import test_bsns as numbers_for_tests

ANNA = {"desk": "Energieloket", "phone": "070 000 0001", "debts": "yes", "secret": "Never to be told"}


def test_what_is_agreed_is_told_and_nothing_else(desk: Desk) -> None:
    """Every record of a shared client is told with its agreed attributes; what it lacks or is not agreed stays."""
    desk.know(desk.a, ["anna", "bob", "eve"])
    desk.put(
        desk.b,
        {"f1": ("anna", ANNA), "f2": ("anna", {"desk": "Wmo"}), "g1": ("bob", {}), "h1": ("zoe", ANNA)},
    )
    told = {name: value for name, value in ANNA.items() if name != "secret"}
    assert desk.ask() == {
        "anna": Disclosed("anna", (told, {"desk": "Wmo"}), ""),
        "bob": Disclosed("bob", ({},), ""),
    }
    assert desk.charged() == 3 + 2  # elements, then tokens


def test_only_what_is_asked_for_is_told(desk: Desk) -> None:
    """Of the agreed attributes a question names those that its case needs; the others do not leave."""
    desk.know(desk.a, ["anna"])
    desk.put(desk.b, {"f1": ("anna", ANNA)})
    assert desk.ask(attributes=("phone",))["anna"].records == ({"phone": ANNA["phone"]},)
    assert [one.records for one in desk.recorded()] == [(Told("f1", ("phone",)),)]


def test_the_order_of_a_small_and_of_a_large_question(desk: Desk) -> None:
    """More hits than one order may hold are asked in several; every hit gets its own person's attributes."""
    people = [f"p{at}" for at in range(2 * LARGEST + 2)]
    desk.know(desk.a, people)
    desk.put(desk.b, {f"f-{name}": (name, {"phone": f"of {name}"}) for name in people})
    assert {ref: one.records for ref, one in desk.ask().items()} == {
        name: ({"phone": f"of {name}"},) for name in people
    }
    asked = desk.events(desk.b, "disclosed")
    assert [one["disclosed"] for one in asked] == [LARGEST, LARGEST, 2]
    assert len({one["transaction_id"] for one in asked}) == 1


def test_two_records_of_one_client_show_his_token_once(desk: Desk) -> None:
    """A client with two records of the requester's is claimed once, and told at both."""
    desk.put(desk.a, {"r1": ("anna", {}), "r2": ("anna", {})})
    desk.put(desk.b, {"f1": ("anna", ANNA)})
    told = desk.ask(attributes=("desk",))
    assert [told[ref].records for ref in ("r1", "r2")] == [({"desk": "Energieloket"},)] * 2
    assert list(desk.shown().values()) == [1]


def test_the_counter(desk: Desk) -> None:
    """One person at the counter is told about at once, whether he is a client or not, and nothing of it is kept."""
    desk.put(desk.b, {"f1": ("999990019", ANNA)})
    for bsn, expected in (("999990019", [({"desk": "Energieloket"},)]), ("999990020", [])):
        wish = Wish("whom", answer="attributes", case_reference=CASE, attributes=("desk",))
        whole, persons = desk.a.intake.about_one(wish, "x", {"bsn": bsn}, "call")
        answered = desk.a.runner.ask_now(whole.only, persons, lambda: False)
        assert answered.hits == ("1" if expected else "0")
        assert [one.records for one in answered.disclosed] == expected
    assert desk.a.queries.all() == []
    assert b"Energieloket" not in desk.stored("a")


def test_attributes_of_another_answer_are_none(desk: Desk) -> None:
    """A question for hits under the same agreement opens nothing, and shows no token."""
    desk.know(desk.a, ["anna"])
    desk.put(desk.b, {"f1": ("anna", ANNA)})
    assert desk.ask(answer="hit", case_reference="") == {}
    assert (desk.shown(), desk.recorded()) == ({}, [])


def refused(desk: Desk, **wish: Any) -> str:
    """The code of a question that is refused."""
    with pytest.raises(LinkageError) as caught:
        desk.ask(**wish)
    return caught.value.code


CASES = {
    "": "case_reference_missing",
    "x" * 65: "case_reference_invalid",
    "two\nlines": "case_reference_invalid",
    "a bell \a": "case_reference_invalid",
    "\u202e118": "case_reference_invalid",
    " blank in front": "case_reference_invalid",
    "9999.90.019": "case_reference_is_identifier",
}


@pytest.mark.parametrize("case", CASES)
def test_odd_case_references(desk: Desk, case: str) -> None:
    """A case reference that is missing, cannot be shown, or is a BSN: not asked, and, if it is, not answered."""
    desk.know(desk.a, ["anna"])
    desk.put(desk.b, {"f1": ("anna", ANNA)})
    token = desk.token("anna")
    assert refused(desk, case_reference=case) == CASES[case]
    assert desk.wire.sizes == []
    heard = desk.show([token], case_reference=case)
    assert heard.reasons[0] in {CASES[case], "malformed"}
    assert (heard.entries, desk.shown(), desk.charged(), desk.recorded()) == ([], {}, 0, [])


NOT_AGREED = [("secret",), ("desk", "secret"), ("Desk",), ("desk ",), ("desk", "desk"), ("",)]


@pytest.mark.parametrize("names", NOT_AGREED)
def test_names_that_are_not_agreed(desk: Desk, names: tuple[str, ...]) -> None:
    """A name that the agreement does not have, or that stands twice: not asked, and, if it is, not answered."""
    desk.know(desk.a, ["anna"])
    desk.put(desk.b, {"f1": ("anna", ANNA)})
    token = desk.token("anna")
    assert refused(desk, attributes=names) == "attribute_not_agreed"
    assert desk.wire.sizes == []
    heard = desk.show([token], attributes=names)
    assert heard.reasons[0] in {"attribute_not_agreed", "malformed"}
    assert (heard.entries, desk.shown(), desk.recorded()) == ([], {}, [])


def test_no_names_at_all(desk: Desk) -> None:
    """An order that names no attribute is refused: it would ask whether somebody is known, for free."""
    desk.put(desk.b, {"f1": ("anna", ANNA)})
    assert desk.show([desk.token("anna")], attributes=()).reasons[0] == "attribute_not_agreed"


def test_a_household_opens_nothing(desk: Desk) -> None:
    """An address names more than one person, so it opens no attributes, whatever is agreed."""
    desk.know(desk.a, ["street 1"], "household")
    desk.put(desk.b, {"f1": ("street 1", ANNA)}, "household")
    assert refused(desk, kind="household") == "answer_never_for_kind"
    assert desk.wire.sizes == []
    heard = desk.show([desk.token("street 1", kind="household")], kind="household")
    assert heard.reasons[0] == "answer_never_for_kind"
    assert (heard.entries, desk.recorded()) == ([], [])


def test_an_agreement_without_attributes_keeps_no_token_hashes(desk: Desk) -> None:
    """Where no token is ever shown none is kept; where one may be, there is one for each entry, dummies too."""
    desk.know(desk.a, ["anna"])
    desk.know(desk.b, ["anna"])
    for agreement in ("plain", "reported", "whom"):
        desk.run(desk.start(agreement, answer="hit", case_reference=""))
        desk.clock.now += DAY_MS
        desk.run(desk.start(agreement, answer="hit", case_reference=""))  # and after a delta
    with desk.nodes["b"].database.read() as connection:
        rows = connection.exec_driver_sql(
            "SELECT length(tags), length(token_hashes) FROM tag_set ORDER BY id"
        ).all()
    assert [tuple(row) for row in rows] == [(320, None), (320, 1024), (320, 1024)]
    assert refused(desk, agreement="plain") == "answer_not_agreed"


def test_an_erased_persons_token_is_dead_at_once(desk: Desk) -> None:
    """While his tag is still in the set a person who was erased is a hit, of whom nothing is told any more."""
    desk.know(desk.a, ["anna"])
    desk.put(desk.b, {"f1": ("anna", ANNA)})
    assert desk.ask()["anna"].withheld == ""
    desk.erase("f1")
    done = desk.run(desk.start())
    assert (done.hits, desk.a.queries.attributes_of(done.id, desk.clock())) == (
        1,
        {"anna": Disclosed("anna", (), "not_disclosed")},
    )
    desk.clock.now += DAY_MS
    assert desk.ask() == {}
    assert len(desk.recorded()) == 1  # stays, for the citizen


def test_who_comes_back_is_told_about_after_the_delta(desk: Desk) -> None:
    """A person who was erased and registered anew is another record: his token lives again with the next delta."""
    desk.know(desk.a, ["anna"])
    desk.put(desk.b, {"f1": ("anna", ANNA)})
    assert desk.ask()["anna"].withheld == ""
    desk.erase("f1")
    desk.put(desk.b, {"f9": ("anna", {"desk": "new"})})
    assert desk.ask()["anna"].withheld == "not_disclosed"
    desk.clock.now += DAY_MS
    desk.clock.now += 7 * DAY_MS - desk.clock.now % DAY_MS  # the limit of a token is of an epoch
    assert desk.ask()["anna"].records == ({"desk": "new"},)


def test_values_are_read_when_they_are_told(desk: Desk) -> None:
    """What is told is what the provider's administration says now, not when the tag set was built."""
    desk.know(desk.a, ["anna"])
    desk.put(desk.b, {"f1": ("anna", {"desk": "old"})})
    assert desk.ask()["anna"].records == ({"desk": "old"},)
    desk.put(desk.b, {"f1": ("anna", {"desk": "new"})})
    assert desk.ask()["anna"].records == ({"desk": "new"},)


def test_the_limit_of_a_token(desk: Desk) -> None:
    """A person's attributes are told as often in an epoch as agreed, then no more; the next epoch counts anew."""
    desk.know(desk.a, ["anna", "bob"])
    desk.put(desk.b, {"f1": ("anna", {"desk": "x"})})
    for _ in range(PER_TOKEN):
        assert desk.ask()["anna"].records == ({"desk": "x"},)
    assert desk.ask() == {"anna": Disclosed("anna", (), "disclosure_limit")}
    assert len(desk.recorded()) == PER_TOKEN
    desk.clock.pass_days(7)
    desk.b.housekeeping()
    assert desk.shown() == {}
    assert desk.ask()["anna"].records == ({"desk": "x"},)


# --- breaking off


def lost(number: int) -> Callable[[Message], Message | None]:
    """A line that breaks in place of entries message `number`, once, from 0."""
    seen = iter(range(1_000))

    def tamper(message: Message) -> Message | None:
        if isinstance(message, DiscloseResponse) and message.entries and next(seen) == number:
            raise Unreachable("peer_dropped")
        return message

    return tamper


def test_a_question_that_broke_off_shows_no_token_twice(desk: Desk) -> None:
    """What whole orders opened is kept sealed while the line is down; resumed, only the rest is asked for."""
    people = [f"p{at}" for at in range(2 * LARGEST)]
    desk.know(desk.a, people)
    desk.put(desk.b, {f"f-{name}": (name, {"phone": f"number of {name}"}) for name in people})
    query = desk.start()
    desk.wire.tamper = lost(1)
    with pytest.raises(LinkageError):
        desk.run(query)
    desk.wire.tamper = lambda message: message
    assert desk.a.queries.get(query.id).state == queries.FAILED
    assert len(desk.a.queries.opened(query.id)) == LARGEST
    assert b"number of" not in desk.stored("a")
    with pytest.raises(Refusal, match="query_not_done"):
        desk.a.queries.attributes_of(query.id, desk.clock())
    done = desk.run(query)
    told = desk.a.queries.attributes_of(done.id, desk.clock())
    assert {ref: one.records for ref, one in told.items()} == {
        name: ({"phone": f"number of {name}"},) for name in people
    }
    assert sorted(desk.shown().values()) == [1] * LARGEST + [2] * LARGEST
    assert desk.a.queries.opened(query.id) == {}


def test_a_question_that_was_refused_half_way_keeps_nothing(desk: Desk) -> None:
    """When the day's budget ends between two orders, the question is refused, and nothing of the first is kept."""
    people = [f"p{at}" for at in range(2 * LARGEST)]
    desk.know(desk.a, people)
    desk.put(desk.b, {f"f-{name}": (name, {"phone": "1"}) for name in people})
    query = desk.start()
    wire_disclose, calls = desk.wire.disclose, iter(range(100))

    def spent(*arguments: Any) -> Any:
        if next(calls) == 1:
            with desk.nodes["b"].database.write() as connection:
                connection.exec_driver_sql("UPDATE budget SET used = 999")
        return wire_disclose(*arguments)

    desk.wire.disclose = spent  # type: ignore[method-assign,assignment]
    with pytest.raises(Refusal, match="budget_exhausted"):
        desk.run(query)
    assert desk.a.queries.get(query.id).state == queries.REFUSED
    assert desk.a.queries.opened(query.id) == {}
    with desk.nodes["a"].database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM query_pack").scalar() == 0


def test_what_was_opened_for_a_question_that_never_ends_expires(desk: Desk) -> None:
    """What a question that broke off had opened goes after as many days as results may be kept; it can still go on."""
    people = numbers_for_tests()[: 2 * LARGEST]
    desk.put(desk.b, {f"f-{name}": (name, {"phone": "1"}) for name in people})
    rows = [SourceRow(at, f"r{at}", {"bsn": {"bsn": name}}, {}) for at, name in enumerate(people)]
    wish = Wish("whom", answer="attributes", case_reference=CASE)
    query = desk.a.intake.about_persons(wish, rows, "cli")[0].only
    desk.wire.tamper = lost(1)
    with pytest.raises(LinkageError):
        desk.run(query)
    desk.wire.tamper = lambda message: message
    assert len(desk.a.queries.opened(query.id)) == LARGEST
    desk.clock.pass_days(31)
    desk.a.housekeeping()
    assert desk.a.queries.opened(query.id) == {}
    assert len(desk.a.queries.attributes_of(desk.run(query).id, desk.clock())) == len(people)


def test_the_order_of_tokens_says_nothing(desk: Desk) -> None:
    """Tokens are shown in their own order, so the provider does not learn in which order clients came to the asker."""
    people = [f"p{at}" for at in range(2 * LARGEST)]
    desk.know(desk.a, people)
    desk.know(desk.b, people)
    shown: list[bytes] = []
    send_tokens, send_report = desk.wire.send_tokens, desk.wire.send_report

    def noting_tokens(request: DiscloseRequest, oin: str | None = None) -> Any:
        shown.append(request.tokens)
        return send_tokens(request, oin)

    def noting_report(requests: Iterable[ReportHitsRequest], oin: str | None = None) -> Any:
        told = list(requests)
        shown.append(b"".join(one.tokens for one in told))
        return send_report(told, oin)

    desk.wire.send_tokens = noting_tokens  # type: ignore[method-assign]
    desk.wire.send_report = noting_report  # type: ignore[method-assign]
    desk.ask("both")
    assert [len(tokens) // 16 for tokens in shown] == [2 * LARGEST, LARGEST, LARGEST]
    tokens = [shown[0][at : at + 16] for at in range(0, len(shown[0]), 16)]
    assert tokens == sorted(tokens)
    assert shown[1] + shown[2] == shown[0]


def test_a_cancelled_question_asks_for_no_more(desk: Desk) -> None:
    """Who cancels between two orders shows no further token, and nothing is kept."""
    people = [f"p{at}" for at in range(2 * LARGEST)]
    desk.know(desk.a, people)
    desk.put(desk.b, {f"f-{name}": (name, {"phone": "1"}) for name in people})
    query = desk.start()
    with pytest.raises(Refusal, match="cancelled"):
        desk.a.runner.run(query.id, lambda _query: None, lambda: bool(desk.recorded()))
    assert len(desk.shown()) == LARGEST
    assert desk.a.queries.get(query.id).state == queries.CANCELLED
    assert desk.a.queries.opened(query.id) == {}


def order_of(event: dict[str, Any]) -> Order:
    """The order in a record of evidence."""
    return Order.FromString(b64decode(event["order"]["payload"]))


def test_both_nodes_have_evidence_of_it(desk: Desk) -> None:
    """Order, receipt, case and counts stand in both chains under one transaction id."""
    desk.know(desk.a, ["anna", "bob"])
    desk.put(desk.b, {"f1": ("anna", ANNA)})
    done = desk.run(desk.start())
    (told,) = desk.events(desk.b, "disclosed")
    assert (told["transaction_id"], told["disclosed"]) == (done.id, 1)
    asked = [one for one in desk.events(desk.a, "asked") if order_of(one).operation == OPERATION_DISCLOSE]
    assert [order_of(one).case_reference for one in asked] == [CASE]
    (answered,) = desk.events(desk.a, "answered")
    assert (answered["hits"], answered["disclosed"]) == (1, 1)
    (record,) = desk.recorded()
    assert (
        record.requester_oin,
        record.agreement_id,
        record.purpose,
        record.answer,
        record.case_reference,
    ) == (
        OIN_A,
        "whom",
        "Whom to call",
        "attributes",
        CASE,
    )
    assert record.transaction_id.hex() == done.id


def test_the_line_is_named_when_it_breaks(desk: Desk) -> None:
    """A line that breaks among the entries leaves the question failed, to be resumed."""
    desk.know(desk.a, ["anna"])
    desk.put(desk.b, {"f1": ("anna", ANNA)})
    query = desk.start()
    desk.wire.tamper = lambda message: None if isinstance(message, DiscloseResponse) else message
    with pytest.raises(Unreachable):
        desk.run(query)
    assert desk.a.queries.get(query.id).state == queries.FAILED
