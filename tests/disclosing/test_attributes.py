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
from linkage_node.asking.queries import Disclosed, Query
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


def many(desk: Desk, count: int) -> list[str]:
    """A and B share so many clients."""
    people = [f"p{at}" for at in range(count)]
    desk.know(desk.a, people)
    desk.put(desk.b, {f"f-{name}": (name, {"phone": f"number of {name}"}) for name in people})
    return people


def test_as_many_persons_as_one_question_may_have(desk: Desk) -> None:
    """All of them are asked in one order, and every hit gets its own person's attributes."""
    people = many(desk, LARGEST)
    assert {ref: one.records for ref, one in desk.ask().items()} == {
        name: ({"phone": f"number of {name}"},) for name in people
    }
    assert [one["disclosed"] for one in desk.events(desk.b, "disclosed")] == [LARGEST]


@pytest.mark.parametrize("agreement", ["whom", "both"])
def test_one_person_more_than_a_question_may_have(desk: Desk, agreement: str) -> None:
    """A question with more hits is refused before anything is told or reported; its answer is not even a number."""
    many(desk, LARGEST + 1)
    query = desk.start(agreement)
    with pytest.raises(Refusal, match="query_too_large") as caught:
        desk.run(query)
    assert str(LARGEST + 1) not in caught.value.detail
    ended = desk.a.queries.get(query.id)
    assert (ended.state, ended.hits) == (queries.REFUSED, 0)
    assert (desk.shown(), desk.recorded()) == ({}, [])
    assert desk.charged(agreement) == LARGEST + 1  # the elements
    desk.erase("f-p0")
    desk.clock.now += DAY_MS
    assert len(desk.ask(agreement)) == LARGEST


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
    "zaak 999990019": "case_reference_is_identifier",
    "BSN:999990019": "case_reference_is_identifier",
    "999990019x": "case_reference_is_identifier",
    "a999990019": "case_reference_is_identifier",
    "2026-118 999990019": "case_reference_is_identifier",
    "999_990_019": "case_reference_is_identifier",
    "999 - 990 / 019": "case_reference_is_identifier",
    "9,9,9,9,9,0,0,1,9": "case_reference_is_identifier",
    "999\u2013990\u2013019": "case_reference_is_identifier",
    "９９９９９００１９": "case_reference_is_identifier",
    "٩٩٩٩٩٠٠١٩": "case_reference_is_identifier",
    "९९९९९००१९": "case_reference_is_identifier",
    "⁹⁹⁹⁹⁹⁰⁰¹⁹": "case_reference_is_identifier",
    "0000-0012": "case_reference_is_identifier",
}
CASES_THAT_ARE_NONE = [
    "zaak 2026-118",
    "999990018",
    "Z-2026-0117",
    "9999900190",
    "99999a0019",
    "2026/0012345",
    "zaak ⅷ",
]


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


@pytest.mark.parametrize("case", CASES_THAT_ARE_NONE)
def test_references_that_hold_no_bsn(desk: Desk, case: str) -> None:
    """Too short, too long, divided by a letter, or failing the elfproef: that is asked, and answered."""
    desk.know(desk.a, ["anna"])
    desk.put(desk.b, {"f1": ("anna", ANNA)})
    assert desk.ask(case_reference=case)["anna"].withheld == ""
    assert [one.case_reference for one in desk.recorded()] == [case]


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
    assert heard.reasons[0] in {"attribute_not_agreed", "attribute_name_invalid", "malformed"}
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


FULL = """CREATE TRIGGER full BEFORE INSERT ON query_pack WHEN NEW.role = 'results'
    BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"""


def broken_off(desk: Desk, query: Query) -> None:
    """Run a query that ends between the answer to its order and its results."""
    with desk.nodes["a"].database.write() as connection:
        connection.exec_driver_sql(FULL)
    with pytest.raises(LinkageError, match="storage_full"):
        desk.run(query)
    with desk.nodes["a"].database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
    assert desk.a.queries.get(query.id).state == queries.FAILED


def test_what_was_opened_is_neither_lost_nor_shown_twice(desk: Desk) -> None:
    """A question that ends between its order's answer and its results keeps it, sealed; resumed, it asks no more."""
    people = many(desk, LARGEST)
    query = desk.start()
    broken_off(desk, query)
    assert len(desk.a.queries.opened(query.id)) == LARGEST
    assert b"number of" not in desk.stored("a")
    with pytest.raises(Refusal, match="query_not_done"):
        desk.a.queries.attributes_of(query.id, desk.clock())
    done = desk.run(query)
    told = desk.a.queries.attributes_of(done.id, desk.clock())
    assert {ref: one.records for ref, one in told.items()} == {
        name: ({"phone": f"number of {name}"},) for name in people
    }
    assert sorted(desk.shown().values()) == [1] * LARGEST
    assert desk.a.queries.opened(query.id) == {}


def test_who_became_a_hit_meanwhile_was_not_asked_about(desk: Desk) -> None:
    """A resumed question is not put a second time for who came since, be they ever so many: that is a new question."""
    people = many(desk, LARGEST)
    query = desk.start()
    broken_off(desk, query)
    desk.know(desk.a, ["zoe"])
    desk.put(desk.b, {"f-zoe": ("zoe", {"phone": "1"})})
    desk.clock.now += DAY_MS
    told = desk.a.queries.attributes_of(desk.run(query).id, desk.clock())
    assert told.pop("zoe") == Disclosed("zoe", (), "not_disclosed")
    assert {ref: one.records[0]["phone"] for ref, one in told.items()} == {
        name: f"number of {name}" for name in people
    }
    assert sorted(desk.shown().values()) == [1] * LARGEST


def test_a_resumed_question_of_another_epoch_is_asked_anew(desk: Desk) -> None:
    """The tokens of last week are nobody's any more: what they opened is not taken for anybody else's."""
    desk.know(desk.a, ["anna"])
    desk.put(desk.b, {"f1": ("anna", {"desk": "old"})})
    query = desk.start()
    broken_off(desk, query)
    desk.put(desk.b, {"f1": ("anna", {"desk": "new"})})
    desk.clock.pass_days(7)
    told = desk.a.queries.attributes_of(desk.run(query).id, desk.clock())
    assert told["anna"].records == ({"desk": "new"},)


def test_an_answer_that_did_not_arrive_is_asked_again(desk: Desk) -> None:
    """When the line breaks among the entries nothing of them is kept; resumed, the whole order is put again."""
    people = many(desk, LARGEST)
    query = desk.start()
    desk.wire.tamper = lost(0)
    with pytest.raises(LinkageError):
        desk.run(query)
    desk.wire.tamper = lambda message: message
    assert desk.a.queries.opened(query.id) == {}
    assert len(desk.a.queries.attributes_of(desk.run(query).id, desk.clock())) == len(people)
    assert sorted(desk.shown().values()) == [2] * LARGEST


def test_a_question_whose_order_is_refused_keeps_nothing(desk: Desk) -> None:
    """When the day's budget is spent between tags and attributes the question is refused, and nothing of it is kept."""
    many(desk, LARGEST)
    query = desk.start()
    wire_disclose = desk.wire.disclose

    def spent(*arguments: Any) -> Any:
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
    people = numbers_for_tests()[:LARGEST]
    desk.put(desk.b, {f"f-{name}": (name, {"phone": "1"}) for name in people})
    rows = [SourceRow(at, f"r{at}", {"bsn": {"bsn": name}}, {}) for at, name in enumerate(people)]
    wish = Wish("whom", answer="attributes", case_reference=CASE)
    query = desk.a.intake.about_persons(wish, rows, "cli")[0].only
    broken_off(desk, query)
    assert len(desk.a.queries.opened(query.id)) == LARGEST
    desk.clock.pass_days(31)
    desk.a.housekeeping()
    assert desk.a.queries.opened(query.id) == {}
    assert len(desk.a.queries.attributes_of(desk.run(query).id, desk.clock())) == len(people)


def test_the_order_of_tokens_says_nothing(desk: Desk) -> None:
    """Tokens are shown in their own order, so the provider does not learn in which order clients came to the asker."""
    many(desk, LARGEST)
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
    assert [len(tokens) // 16 for tokens in shown] == [LARGEST, LARGEST]
    tokens = [shown[0][at : at + 16] for at in range(0, len(shown[0]), 16)]
    assert tokens == sorted(tokens)
    assert shown[1] == shown[0]


def test_a_cancelled_question_asks_for_no_more(desk: Desk) -> None:
    """Who cancels between the report of the hits and the order for attributes shows no token, and nothing is kept."""
    many(desk, LARGEST)
    query = desk.start("both")
    with pytest.raises(Refusal, match="cancelled"):
        desk.a.runner.run(query.id, lambda _query: None, lambda: bool(desk.recorded()))
    assert desk.shown() == {}
    assert desk.a.queries.get(query.id).state == queries.CANCELLED
    assert desk.a.queries.opened(query.id) == {}


@pytest.mark.parametrize("error", [Refusal("budget_exhausted"), Unreachable("peer_dropped")])
def test_what_breaks_off_while_it_is_cancelled_ends_as_cancelled(desk: Desk, error: LinkageError) -> None:
    """Whatever the provider says after somebody cancelled, the query is cancelled; the evidence has what it said."""
    many(desk, 1)
    query = desk.start("both")

    def cancelled_amid(*_: object) -> Any:
        assert desk.a.queries.cancel(query.id)
        raise error

    desk.wire.evaluate = cancelled_amid  # type: ignore[method-assign,assignment]
    with pytest.raises(LinkageError, match=error.code):
        desk.a.runner.run(query.id, lambda _query: None, lambda: False)
    ended = desk.a.queries.get(query.id)
    assert (ended.state, ended.codes) == (queries.CANCELLED, ["cancelled"])
    (told,) = desk.events(desk.a, "not_answered")
    assert told["reasons"] == [error.code]


def test_what_failed_before_it_is_cancelled_ends_as_cancelled(desk: Desk) -> None:
    """A query that broke off and might be resumed is cancelled at once, without anybody to run it."""
    many(desk, 1)
    query = desk.start("both")
    desk.a.queries.fail(query.id, queries.FAILED, "peer_dropped", "")
    assert desk.a.queries.cancel(query.id)
    assert desk.a.queries.get(query.id).state == queries.CANCELLED


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
