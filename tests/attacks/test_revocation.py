"""An agreement is revoked, at either node, at any moment: nothing more is told, and what was learnt is gone."""

from collections.abc import Callable, Iterator

import pytest
from google.protobuf.message import Message
from sqlalchemy import func, select

from linkage_node._generated.linkage.v1.order_pb2 import DECISION_DENY
from linkage_node._generated.linkage.v1.peer_pb2 import EvaluateRequest, EvaluateResponse
from linkage_node.agreements import content_hash
from linkage_node.agreements.standing import SignatureType
from linkage_node.asking.answers import Answers
from linkage_node.asking.queries import Query
from linkage_node.asking.several import Whole
from linkage_node.errors import Refusal
from linkage_node.limits import AGREEMENT_LOOKED_UP_MS, CHUNK_ELEMENTS
from linkage_node.matching.tag_set import as_array
from linkage_node.storage import tables
from tests.attacks.pair import Pair, blinded, receipt_of
from tests.nodes import OIN_A, OIN_B
from tests.signed import says

PEOPLE = [f"person {at}" for at in range(20)]
on_both = pytest.mark.parametrize("pair", ["sqlite", "postgresql"], indirect=True)


def ends(pair: Pair, node: str, by: str = OIN_B, kind: SignatureType = "revoke") -> None:
    """One organisation ends the agreement, and this node knows it."""
    says(pair.nodes[node], pair.agreement, by, kind)


def asked(pair: Pair, agreement: str = "shared") -> Query:
    """A question with an answer."""
    pair.fill(pair.a, PEOPLE)
    pair.fill(pair.b, PEOPLE[10:])
    return pair.run(pair.start(agreement))


def refusal_of(act: Callable[[], object]) -> str:
    """Why something is refused."""
    with pytest.raises(Refusal) as refusal:
        act()
    return refusal.value.code


def rows_under(pair: Pair, node: str, agreement: str = "shared") -> dict[str, int]:
    """What a node's tables hold that belongs to an agreement, and would tell something."""
    database = pair.nodes[node].database
    content = content_hash(pair.nodes[node].agreements.get_by_id(agreement))
    found = {}
    with database.read() as connection:
        for table in (tables.tag_set, tables.token_use, tables.own_tags, tables.peer_tag_set):
            mine = select(func.count()).select_from(table).filter_by(agreement_hash=content)
            found[table.name] = connection.scalar(mine) or 0
        seeds = select(func.count()).select_from(tables.epoch_seed).filter_by(agreement_hash=content)
        found["epoch_seed"] = connection.scalar(seeds.where(tables.epoch_seed.c.sealed.is_not(None))) or 0
        packs = select(func.count()).select_from(tables.query_pack).join(tables.query)
        found["query_pack"] = connection.scalar(packs.filter_by(agreement_hash=content)) or 0
    return {name: count for name, count in found.items() if count}


@pytest.mark.parametrize("by", [OIN_A, OIN_B])
@pytest.mark.parametrize(
    ("kind", "code"), [("revoke", "agreement_revoked"), ("reject", "agreement_rejected")]
)
def test_the_own_node_asks_nothing_more(pair: Pair, by: str, kind: SignatureType, code: str) -> None:
    """Whoever ended it: the next question is refused by the own policy, and leaves nothing for the provider."""
    asked(pair)
    ends(pair, "a", by, kind)
    sent = len(pair.wire.sizes)
    assert refusal_of(lambda: pair.run(pair.start())) == code
    assert len(pair.wire.sizes) == sent


@on_both
def test_the_provider_answers_nothing_more(pair: Pair) -> None:
    """A requester that has not heard of it gets a signed refusal, which is in both nodes' evidence."""
    asked(pair)
    used = pair.used()
    ends(pair, "b")
    pair.fill(pair.a, ["somebody new"])
    assert refusal_of(lambda: pair.run(pair.start())) == "agreement_revoked"
    assert pair.used() == used
    for assembly in (pair.a, pair.b):
        assert "agreement_revoked" in str(pair.events(assembly)[-1]["reasons"])


@on_both
def test_no_key_under_a_revoked_agreement(pair: Pair) -> None:
    """Who has no key yet gets none: none is made either."""
    ends(pair, "b")
    assert refusal_of(lambda: pair.wire.epoch_key(content_hash(pair.agreement), "bsn")) == "agreement_revoked"
    assert rows_under(pair, "b") == {}


@on_both
def test_what_was_learnt_goes_at_once(pair: Pair) -> None:
    """Keys, tag sets, own tags and results of this agreement, at both nodes; nothing of another agreement."""
    done, other = asked(pair), pair.run(pair.start("proven"))
    assert rows_under(pair, "a").keys() == {"own_tags", "peer_tag_set", "query_pack"}
    assert rows_under(pair, "b").keys() == {"tag_set", "epoch_seed"}
    for node in ("a", "b"):
        before = rows_under(pair, node, "proven")
        ends(pair, node)
        assert rows_under(pair, node) == {}
        assert rows_under(pair, node, "proven") == before
    assert refusal_of(lambda: pair.results(done)) == "agreement_revoked"
    assert sum(pair.results(other).values()) == 10
    told = pair.a.queries.get(done.id)
    assert (told.state, told.codes, told.hits) == ("refused", ["agreement_revoked"], 0)
    whole = Whole((told,))
    assert refusal_of(lambda: Answers(pair.a.queries, whole, pair.clock())) == "agreement_revoked"


@on_both
def test_what_a_running_process_remembers_goes_too(pair: Pair) -> None:
    """Keys and sets in memory, and what was written meanwhile, with the next housekeeping; it makes nothing anew."""
    asked(pair)
    label, content = pair.label(), content_hash(pair.agreement)
    known = pair.a.memory.own(label)
    assert pair.b.epochs._running
    for node in ("a", "b"):
        ends(pair, node)
    pair.a.memory.remember(label, known.ids, known.marks)  # a query that was under way
    for assembly in (pair.a, pair.b):
        assembly.housekeeping()
    assert content not in {one.agreement_hash for one in pair.b.epochs._running}
    assert content not in {one.agreement_hash for one in pair.b.tag_sets._cached}
    assert content not in {one.agreement_hash for one in pair.a.memory._held}
    assert rows_under(pair, "a") == rows_under(pair, "b") == {}


def test_an_answer_under_way_stops_between_chunks(pair: Pair) -> None:
    """The provider looks again every few seconds: what was evaluated before is all; the evidence says why."""
    crafted = pair.craft(blinded(CHUNK_ELEMENTS + 5))

    def requests() -> Iterator[EvaluateRequest]:
        yield crafted.requests[0]
        ends(pair, "b")
        pair.clock.now += AGREEMENT_LOOKED_UP_MS
        yield from crafted.requests[1:]

    answered: list[int] = []

    def run() -> None:
        for response in pair.wire.send(requests()):
            answered.append(len(response.evaluated) // 32)

    assert refusal_of(run) == "agreement_revoked"
    assert sum(answered) == CHUNK_ELEMENTS
    last = pair.events(pair.b)[-1]
    assert (last["event"], last["detail"], last["evaluated"]) == (
        "aborted",
        "agreement_revoked",
        CHUNK_ELEMENTS,
    )


def test_a_tag_set_under_way_stops(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also between two messages of the tag set."""
    monkeypatch.setattr("linkage_node.answering.service._MESSAGE_BYTES", 10 * 8)
    pair.fill(pair.b, PEOPLE)
    taken: list[int] = []

    def run() -> None:
        for response in pair.wire.fetch_tag_set(pair.craft_fetch()):
            taken.append(len(as_array(response.additions)))
            if len(taken) == 2:
                ends(pair, "b")
                pair.clock.now += AGREEMENT_LOOKED_UP_MS

    assert refusal_of(run) == "agreement_revoked"
    assert sum(taken) == 8


@on_both
def test_a_question_that_ends_too_late_has_no_results(pair: Pair) -> None:
    """Revoked while the last answer travels: nothing is kept of it, and the query says why."""
    pair.fill(pair.a, PEOPLE)
    pair.fill(pair.b, PEOPLE)

    def tamper(message: Message) -> Message:
        if (
            isinstance(message, EvaluateResponse)
            and message.HasField("receipt")
            and receipt_of(message).results_root
        ):
            ends(pair, "a")
        return message

    pair.wire.tamper = tamper
    query = pair.start()
    assert refusal_of(lambda: pair.run(query)) == "agreement_revoked"
    assert pair.a.queries.get(query.id).codes == ["agreement_revoked"]
    pair.a.housekeeping()
    assert rows_under(pair, "a") == {}


def test_an_unsigned_agreement_is_worth_nothing(pair: Pair) -> None:
    """A new text without signatures: refused by the own node, and by a provider that the requester did not ask."""
    pair.fill(pair.a, PEOPLE)
    text = pair.nodes["a"].agreements.text("shared").replace("Finding shared", "Finding our")
    for node in pair.nodes.values():
        node.agreements.add(text, replace=True)
    assert refusal_of(lambda: pair.run(pair.start())) == "agreement_unsigned"
    pair.agreement = pair.nodes["b"].agreements.get_by_id("shared")
    (response,) = pair.wire.send(pair.craft(blinded(2)).requests)
    receipt = receipt_of(response)
    assert (receipt.decision, list(receipt.reasons)) == (DECISION_DENY, ["agreement_unsigned"])
    pair.b.housekeeping()
    assert rows_under(pair, "b").keys() <= {"epoch_seed"}  # the test itself asked for a key
