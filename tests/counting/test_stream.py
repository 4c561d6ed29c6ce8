"""The provider's stream of a count: honest, malformed and hostile requesters."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, NamedTuple

import pytest

from linkage_node._generated.linkage.v1.order_pb2 import OPERATION_EVALUATE, Signed
from linkage_node._generated.linkage.v1.peer_pb2 import CountRequest
from linkage_node.errors import Unreachable
from linkage_node.limits import CHUNK_ELEMENTS
from linkage_node.matching.signing import sign
from linkage_node.pseudonyms import group, oprf
from tests.counting.town import (
    BUCKET,
    ROOM,
    Crafted,
    Heard,
    Requester,
    Town,
    agreement_text,
    hash_of,
    in_messages,
    names,
)
from tests.signed import add_signed

S_ELEMENTS = ROOM + 50


def test_a_count_tells_how_many_are_shared(town: Town) -> None:
    """Of twelve clients and ten, four are shared; the table is signed, and the evidence complete."""
    town.fill(names(0, 12))
    crafted = town.a_asks.craft(names(8, 18))
    heard = town.a_asks.put(crafted)
    assert heard.error == ""
    assert list(heard.table.cells) == [4]
    assert len(heard.s) == S_ELEMENTS * 32
    assert town.spent() == 1.0
    assert town.states() == ["answered"]
    approved, completed = town.events()
    assert (approved["event"], approved["charged"]) == ("approved", BUCKET)
    assert (completed["event"], completed["evaluated"]) == ("completed", BUCKET)
    assert completed["order_hash"] == hash_of(crafted)


def test_a_table_names_its_rows_and_columns(town: Town) -> None:
    """Broken down on both sides, a person of two records in the district of the first: as the agreement orders them."""
    districts = dict(zip(names(0, 9), [*["north"] * 4, *["south"] * 3, "east", None], strict=True))
    town.fill(districts)
    town.fill(dict.fromkeys(names(0, 9), "south"), prefix="again")
    table = town.a_asks.count(names(0, 5), names(5, 9) + names(0, 2), question="both").table
    assert list(table.groups) == ["yes", "no"]
    assert list(table.categories) == ["north", "south", "other"]
    assert list(table.cells) == [4, 1, -1, -1, 2, 2]  # a zero is below the smallest cell


def test_chunks(town: Town) -> None:
    """Lists of more than one message in each direction."""
    buckets = {"requester_bucket": CHUNK_ELEMENTS + 300, "provider_bucket": CHUNK_ELEMENTS + 100}
    text = agreement_text("big", questions="[{id: all, epsilon: 1.0}]", terms=buckets)
    add_signed(town.nodes["b"], text)
    town.fill(names(0, 40))
    heard = town.a_asks.count(names(10, 90), agreement="big")
    assert list(heard.table.cells) == [30]
    assert [len(response.elements) // 32 for response in heard.responses] == [0, CHUNK_ELEMENTS, 100, 0]


def test_one_record_more_changes_no_size(town: Town) -> None:
    """Whatever the registers hold, every message of a count has the same size, both ways."""
    town.fill(dict.fromkeys(names(0, 9), "north"))
    before = town.a_asks.count(names(5, 15), question="district")
    town.fill({"person 9": "north"})  # shared, and in a category that is told
    town.clock.pass_days(8)
    after = town.a_asks.count(names(5, 14), question="district")
    assert (before.table.cells[0], after.table.cells[0]) == (4, 5)
    assert len(before.sizes) == 2 + 1 + 1 + 1 + 1
    assert before.sizes == after.sizes


# --- before the decision: nothing is charged

Change = dict[str, Any]
DENIED: dict[str, tuple[Change, str]] = {
    "a question that is not agreed": ({"question": "renamed"}, "question_not_agreed"),
    "no question": ({"question": ""}, "malformed,question_not_agreed"),
    "an element too few": ({"element_count": BUCKET - 1}, "elements_mismatch"),
    "an element too many": ({"element_count": BUCKET + 1}, "elements_mismatch"),
    "as many as the provider has": ({"element_count": 4_000_000}, "budget_exhausted,query_too_large"),
    "the identity as base point": ({"base_point": bytes(32)}, "element_invalid"),
    "a base point with bit 255": ({"base_point": bytes(31) + b"\x80"}, "element_invalid"),
    "no point": ({"base_point": b"\x01" + bytes(31)}, "element_invalid"),
    "no base point": ({"base_point": b""}, "malformed"),
    "another root": ({"elements_root": bytes(32)}, "elements_mismatch"),
    "a kind of its own": ({"kind": "household"}, "kind_not_agreed"),
    "another operation": ({"operation": OPERATION_EVALUATE}, "malformed"),
    "another provider": ({"provider_oin": "00000099000000030000"}, "oin_mismatch"),
    "attributes": ({"attributes": ["name"]}, "malformed"),
}


@pytest.mark.parametrize("name", DENIED)
def test_an_order_that_is_refused_costs_nothing(town: Town, name: str) -> None:
    """A signed refusal, told in the evidence; no epsilon, nothing reserved, and S is not sent."""
    town.fill(names(0, 12))
    change, code = DENIED[name]
    heard = town.a_asks.put(town.a_asks.craft(names(8, 18), changes=change))
    assert heard.refused == code
    assert [receipt.decision for receipt in heard.receipts] == [2]
    assert not heard.s
    assert town.last_event() == ("refused", code)
    assert (town.spent(), town.states()) == (0, [])


def test_an_order_is_used_once(town: Town) -> None:
    """The same order once more, while it is running or later, is refused."""
    town.fill(names(0, 12))
    crafted = town.a_asks.craft(names(8, 18))
    assert town.a_asks.put(crafted, hang_up_after=1).error == ""
    assert town.a_asks.put(crafted).refused == "replayed"
    assert town.spent() == 1.0


def test_another_organisation_hears_of_no_agreement(town: Town) -> None:
    """C cannot ask under A's agreement."""
    town.fill(names(0, 12))
    assert town.c_asks.count(names(8, 18), agreement="counts").refused == "agreement_unknown"
    assert (town.spent(), town.states()) == (0, [])


REGISTERS = {
    "empty": ([], "register_empty"),
    "one person": (names(0, 1), "set_too_small"),
    "one too many": (names(0, ROOM + 1), "category_full"),
}


@pytest.mark.parametrize("name", REGISTERS)
def test_a_register_of_the_wrong_size_costs_nothing(town: Town, name: str) -> None:
    """Too few persons to count, or too many for the bucket: refused before epsilon, and the number is not told. It
    stays so for the period, or the answer's change would tell when somebody came or left; but nobody is told so of a
    register that was not loaded yet."""
    people, code = REGISTERS[name]
    town.fill(people)
    assert town.a_asks.count(names(8, 18)).refused == code
    assert (town.spent(), town.states()) == (0, ["refused"] if people else [])
    assert str(len(people)) not in town.events()[-1]["detail"]
    town.fill(names(0, 12))
    assert town.a_asks.count(names(8, 18)).refused == (code if people else "")
    town.clock.pass_days(31)
    assert town.a_asks.count(names(8, 18)).refused == (code if code == "category_full" else "")


def test_without_epsilon_the_register_is_not_looked_at(town: Town) -> None:
    """Whether it is too small is not told to who has nothing left to be told."""
    town.fill(names(0, 1))
    town.b.counting.ledger.limit = 0
    assert town.a_asks.count(names(8, 18)).refused == "epsilon_exhausted"
    assert town.states() == []


def test_the_smallest_set_is_of_the_questions_categories(town: Town) -> None:
    """Many persons, but only one in the districts that are asked for."""
    town.fill({**dict.fromkeys(names(0, 9), "east"), "person 9": "north"})
    assert town.a_asks.count(names(8, 18), question="district").refused == "set_too_small"
    assert town.a_asks.count(names(8, 18)).error == ""


# --- after it


class Stream(NamedTuple):
    """What a hostile requester does after its order, and how it ends."""

    code: str
    first: Callable[[Crafted], CountRequest] | None = None
    u: Callable[[Crafted], list[CountRequest]] | None = None
    v: Callable[[Requester, Crafted, bytes], list[CountRequest]] | None = None
    kept: bool = True  # the reservation, for the next attempt


def _second(elements: bytes) -> bytes:
    return elements[:-1] + bytes([elements[-1] | 0x80])


def _extra(crafted: Crafted) -> list[CountRequest]:
    return [CountRequest(order=crafted.signed, elements=crafted.mine.sent)]


MALFORMED: dict[str, Stream] = {
    "nothing after the order": Stream("elements_mismatch", u=lambda _: [], v=lambda *_: []),
    "an empty chunk": Stream("elements_mismatch", u=lambda _: [CountRequest()]),
    "a chunk too small": Stream("elements_mismatch", u=lambda made: in_messages(made.mine.sent[32:])),
    "a chunk too large": Stream("elements_mismatch", u=lambda made: in_messages(made.mine.sent + bytes(32))),
    "half an element": Stream("elements_mismatch", u=lambda made: in_messages(made.mine.sent[:-1])),
    "another list than committed to": Stream(
        "elements_mismatch", u=lambda made: in_messages(made.mine.sent[32:] + made.mine.sent[:32])
    ),
    "a second order": Stream("malformed", u=_extra),
    "roots again": Stream(
        "malformed",
        u=lambda made: [CountRequest(chunk_roots=made.mine.chunk_roots, elements=made.mine.sent)],
    ),
    "V does not come": Stream("elements_mismatch", v=lambda *_: []),
    "V comes in half": Stream(
        "elements_mismatch", v=lambda asks, made, s: in_messages(asks.lift(made, s)[: len(s) // 2])
    ),
    "V is too long": Stream("elements_mismatch", v=lambda asks, made, s: in_messages(asks.lift(made, s) + s)),
    "U again for V": Stream("elements_mismatch", v=lambda _asks, made, _s: made.u),
    "a second order with V": Stream(
        "malformed",
        v=lambda asks, made, s: [CountRequest(order=made.signed, elements=asks.lift(made, s))],
    ),
    "S reflected": Stream("trap_missing", v=lambda _asks, _made, s: in_messages(s), kept=False),
    "the identity in V": Stream(
        "element_invalid",
        v=lambda asks, made, s: in_messages(bytes(32) + asks.lift(made, s)[32:]),
        kept=False,
    ),
    "bit 255 in V": Stream(
        "element_invalid", v=lambda asks, made, s: in_messages(_second(asks.lift(made, s))), kept=False
    ),
    "an element of V twice": Stream(
        "element_duplicate",
        v=lambda asks, made, s: in_messages(asks.lift(made, s)[:-32] + asks.lift(made, s)[:32]),
        kept=False,
    ),
    "V of random elements": Stream(
        "trap_missing",
        v=lambda *_: in_messages(oprf.hash_to_group(bytes([at]) for at in range(S_ELEMENTS))),
        kept=False,
    ),
    "V lifted by another scalar": Stream(
        "trap_missing",
        v=lambda _asks, made, s: in_messages(group.multiply(made.seed[:31] + b"\x01", s)),
        kept=False,
    ),
}


def talk(requester: Requester, made: Crafted, stream: Stream) -> Heard:
    """The stream, put."""
    returns = stream.v
    return requester.put(
        made,
        first=stream.first and stream.first(made),
        u=stream.u and stream.u(made),
        v=returns and (lambda s: returns(requester, made, s)),
    )


@pytest.mark.parametrize("name", MALFORMED)
def test_a_stream_that_is_not_as_it_should_be(town: Town, name: str) -> None:
    """Its code, an aborted record, and no table. Before V is in, the next attempt takes over what was reserved; after
    that epsilon stays spent, and the question is lost for its period."""
    town.fill(names(0, 12))
    stream = MALFORMED[name]
    heard = talk(town.a_asks, town.a_asks.craft(names(8, 18)), stream)
    assert heard.error == stream.code
    assert heard.signed_table is None
    assert town.last_event() == ("aborted", stream.code)
    assert (town.spent(), town.states()) == (1.0, ["reserved"] if stream.kept else ["lost"])
    again = town.a_asks.count(names(8, 18))
    if stream.kept:
        assert list(again.table.cells) == [4]
    assert again.refused == ("" if stream.kept else "count_lost")
    assert town.spent() == 1.0


INVALID_U: dict[str, Callable[[Crafted], bytes]] = {
    "the identity": lambda made: bytes(32) + made.mine.sent[32:],
    "bit 255": lambda made: _second(made.mine.sent),
    "no element": lambda made: b"\x01" + bytes(31) + made.mine.sent[32:],
}


@pytest.mark.parametrize("name", INVALID_U)
def test_invalid_elements_in_u(town: Town, name: str) -> None:
    """Committed to or not, what is no element is refused before S is sent."""
    town.fill(names(0, 12))
    honest = town.a_asks.craft(names(8, 18))
    sent = INVALID_U[name](honest)
    heard = town.a_asks.put(town.a_asks.craft(names(8, 18), sent=sent))
    assert heard.error == "element_invalid"
    assert not heard.s
    assert (town.spent(), town.states()) == (1.0, ["reserved"])


FIRST: dict[str, tuple[Callable[[Crafted], CountRequest], str]] = {
    "elements with the order": (
        lambda made: CountRequest(
            order=made.signed, chunk_roots=made.mine.chunk_roots, elements=b"\x01" * 32
        ),
        "malformed",
    ),
    "no order": (lambda made: CountRequest(chunk_roots=made.mine.chunk_roots), "signature_invalid"),
    "no roots": (lambda made: CountRequest(order=made.signed), "elements_mismatch"),
    "a root too many": (
        lambda made: CountRequest(order=made.signed, chunk_roots=made.mine.chunk_roots + bytes(32)),
        "elements_mismatch",
    ),
    "another's signature": (
        lambda made: CountRequest(
            order=Signed(payload=made.signed.payload, signature=bytes(64)),
            chunk_roots=made.mine.chunk_roots,
        ),
        "signature_invalid",
    ),
}


@pytest.mark.parametrize("name", FIRST)
def test_a_first_message_that_is_not_as_it_should_be(town: Town, name: str) -> None:
    """Refused before anything is charged."""
    town.fill(names(0, 12))
    change, code = FIRST[name]
    crafted = town.a_asks.craft(names(8, 18))
    heard = town.a_asks.put(crafted, first=change(crafted))
    assert heard.refused == code
    assert (town.spent(), town.states()) == (0, [])


def test_an_empty_stream_and_fields_from_the_future(town: Town) -> None:
    """Nothing at all, and a message with a field that this version does not know."""
    with pytest.raises(Exception, match="malformed"):
        next(town.b.counting.count(iter([]), town.a_asks.oin))
    unknown = CountRequest.FromString(b"\xfa\x01\x01x")
    with pytest.raises(Exception, match="malformed"):
        next(town.b.counting.count(iter([unknown]), town.a_asks.oin))
    assert town.events() == []


@pytest.mark.parametrize("responses", [1, 2])
def test_a_requester_that_hangs_up(town: Town, responses: int) -> None:
    """Gone after the receipt, or after S: recorded, the room is free again, and its next attempt is not charged."""
    town.fill(names(0, 12))
    town.a_asks.put(town.a_asks.craft(names(8, 18)), hang_up_after=responses)
    assert town.last_event() == ("aborted", "broken_off")
    assert (town.spent(), town.states()) == (1.0, ["reserved"])
    assert list(town.a_asks.count(names(8, 18)).table.cells) == [4]
    assert town.spent() == 1.0


def test_a_requester_that_hangs_up_on_the_table(town: Town) -> None:
    """The answer was kept before it was told: asking again gives it."""
    town.fill(names(0, 12))
    first = town.a_asks.put(town.a_asks.craft(names(8, 18)), hang_up_after=3)
    assert town.last_event() == ("completed", "completed")
    assert town.a_asks.count(names(8, 18)).signed_table == first.signed_table


def test_a_line_that_breaks_while_the_provider_waits(town: Town) -> None:
    """As gRPC tells it, by an error in the middle of the stream: recorded, and the reservation waits."""
    town.fill(names(0, 12))

    def broken(s: bytes) -> Iterator[CountRequest]:
        yield from in_messages(s[:0])
        raise Unreachable("peer_dropped")

    heard = town.a_asks.put(town.a_asks.craft(names(8, 18)), v=broken)
    assert heard.error == "peer_dropped"
    assert town.last_event() == ("aborted", "peer_dropped")
    assert town.states() == ["reserved"]


def test_no_exact_number_is_kept(town: Town) -> None:
    """The evidence of a count says how much was sent, and the stored answer what was released: nothing else."""
    town.b.noise = lambda exact, _epsilon: [cell + 1_000 for cell in exact]
    town.fill(names(0, 19))
    heard = town.a_asks.count(names(0, 17))
    assert list(heard.table.cells) == [BUCKET]  # what fits
    told = {
        "seq",
        "event",
        "role",
        "at",
        "transaction_id",
        "peer",
        "agreement",
        "operation",
        "order",
        "receipt",
    }
    told |= {"order_hash", "reasons", "revision", "charged", "evaluated", "detail"}
    told |= {"question", "allow"}  # what policy was asked, before anything was counted
    for record in town.events():
        assert set(record) <= told
        assert {record.get("charged", BUCKET), record.get("evaluated", BUCKET)} == {BUCKET}
        assert record["detail"] in ("", "completed")


def test_a_table_is_the_providers(town: Town) -> None:
    """Signed by it, bound to the order, the question, the period and the receipt of completion."""
    town.fill(names(0, 12))
    crafted = town.a_asks.craft(names(8, 18))
    heard = town.a_asks.put(crafted)
    table, (decided, completed) = heard.table, heard.receipts
    assert sign(table, town.nodes["b"].secrets.signing_key) == heard.signed_table
    assert (table.requester_oin, table.provider_oin) == (
        crafted.order.requester_oin,
        crafted.order.provider_oin,
    )
    assert table.order_hash.hex() == hash_of(crafted)
    assert (table.period, table.kind, table.epsilon_micro, table.smallest_cell) == (
        "2026-01",
        "bsn",
        1_000_000,
        1,
    )
    assert completed.results_root == sha256(heard.signed_table.payload).digest()
    assert (decided.stage, completed.stage, completed.evaluated) == (1, 2, BUCKET)


def test_what_one_requester_holds_in_memory_is_bounded(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one count waits for its requester another one is refused, unless it is another requester's."""
    monkeypatch.setattr("linkage_node.answering.counting.COUNT_ELEMENTS_HELD", BUCKET + S_ELEMENTS)
    town.fill(names(0, 12))
    crafted = town.a_asks.craft(names(8, 18))
    waiting = town.b.counting.count(iter([crafted.first]), town.a_asks.oin)
    next(waiting)
    assert town.a_asks.count(names(8, 18), question="sharp").refused == "too_many_streams"
    assert list(town.c_asks.count(names(8, 18)).table.cells) == [4]
    waiting.close()  # type: ignore[attr-defined]
    assert list(town.a_asks.count(names(8, 18), question="sharp").table.cells) == [4]
