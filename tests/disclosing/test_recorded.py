"""Whatever left the provider is on its record, and what is on record left; sealed on either side."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from linkage_node._generated.linkage.v1.peer_pb2 import (
    DISCLOSURE_STATUS_DISCLOSED,
    DISCLOSURE_STATUS_NOT_KNOWN,
)
from linkage_node.answering.disclosures import Disclosures, Told, person_digest
from linkage_node.asking.queries import DONE
from linkage_node.cli.main import app
from linkage_node.clock import DAY_MS
from linkage_node.errors import LinkageError, StorageError
from linkage_node.storage.tables import disclosure
from tests.disclosing.desk import CASE, LARGEST, NAMES, Desk
from tests.nodes import OIN_A, OIN_C

Fact = tuple[str, str, str, str]  # requester, record of the provider, name of the attribute, case
PEOPLE = [f"p{at}" for at in range(8)]
STEPS = 40
SEEDS = range(2)


class Story:
    """Two requesters and a changing register, from a seed; every value names its record, so that it can be traced."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.chance = desk, random.Random(seed)
        self.left: Counter[Fact] = Counter()
        self.records: dict[str, str] = {}  # reference → person
        self.refs = iter(range(10_000))
        desk.know(desk.a, PEOPLE)
        for _ in PEOPLE:
            self.register()

    def step(self) -> None:
        """Something happens."""
        self.chance.choice(
            [self.register, self.register, self.leave, self.ask, self.ask, self.guess, self.wait]
        )()

    def register(self) -> None:
        """A record of somebody, with some of the attributes and one that is never told."""
        ref, person = f"ref-{next(self.refs)}", self.chance.choice(PEOPLE)
        names = self.chance.sample(NAMES, self.chance.randrange(len(NAMES) + 1))
        attributes = {name: f"{ref} {name}" for name in [*names, "never"]}
        self.desk.put(self.desk.b, {ref: (person, attributes)})
        self.records[ref] = person

    def leave(self) -> None:
        """A record is erased."""
        if self.records:
            ref = self.chance.choice(sorted(self.records))
            self.desk.erase(ref)
            del self.records[ref]

    def ask(self) -> None:
        """An honest question of A, perhaps over a line that breaks."""
        broken, case = self.chance.random() < 0.3, f"case {self.chance.randrange(3)}"
        names = tuple(self.chance.sample(NAMES, self.chance.randrange(1, len(NAMES) + 1)))
        query = self.desk.start(attributes=names, case_reference=case)
        countdown = iter(range(self.chance.randrange(8) if broken else 1_000_000, -1, -1))

        def tamper(message: Any) -> Any:
            return self.note(OIN_A, case, message) if next(countdown, 0) else None

        self.desk.wire.tamper = tamper
        try:
            self.desk.run(query)
        except (LinkageError, ValueError):
            pass
        finally:
            self.desk.wire.tamper = lambda message: message
        assert broken or self.desk.a.queries.get(query.id).state == DONE

    def guess(self) -> None:
        """C, or A, shows tokens of either of them, and some that never were."""
        agreement = self.chance.choice(["whom", "whom-c"])
        requester = {"whom": OIN_A, "whom-c": OIN_C}[agreement]
        tokens = {
            self.desk.token(self.chance.choice(PEOPLE), self.chance.choice(["whom", "whom-c"]))
            for _ in range(LARGEST - 1)
        } | {bytes(self.chance.randbytes(16))}
        for response in self.desk.show(tokens, agreement).responses:
            self.note(requester, CASE, response)

    def wait(self) -> None:
        """A day passes."""
        self.desk.clock.now += DAY_MS
        self.desk.b.housekeeping()

    def note(self, requester: str, case: str, message: Any) -> Any:
        """What leaves the provider, as anybody on the line at the requester's sees it."""
        for entry in getattr(message, "entries", []):
            for record in entry.records:
                for attribute in record.attributes:
                    ref, name = attribute.value.split()
                    assert name == attribute.name
                    self.left[requester, ref, name, case] += 1
        return message

    def recorded(self) -> "Counter[Fact]":
        """What the provider has on record."""
        return Counter(
            (one.requester_oin, record.ref, name, one.case_reference)
            for one in self.desk.recorded()
            for record in one.records
            for name in record.attributes
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_everything_that_left_is_on_record(desk: Desk, seed: int) -> None:
    """Whatever is asked, guessed, erased and broken off: no attribute leaves that is not on record, as often as it
    left, for its requester and its case; and what is on record is as the evidence says."""
    story = Story(desk, seed)
    for _ in range(STEPS):
        story.step()
    recorded = story.recorded()
    assert sum(story.left.values()) > 10
    assert story.left <= recorded
    assert {name for _, _, name, _ in recorded} <= set(NAMES)
    store = Disclosures(desk.nodes["b"].database, desk.nodes["b"].sealer)
    told = desk.events(desk.b, "disclosed")
    assert [one["disclosures_digest"] for one in told] == [
        store.digest(bytes.fromhex(one["order_hash"])).hex() for one in told
    ]
    assert sum(one["disclosed"] for one in told) == len(desk.recorded())


def test_over_an_unbroken_line_the_record_is_exact(desk: Desk) -> None:
    """When every message arrives, the record is exactly what left."""
    story = Story(desk, 99)
    story.chance.random = lambda: 1.0  # type: ignore[method-assign]
    for _ in range(STEPS):
        story.step()
    assert sum(story.left.values()) > 10
    assert story.left == story.recorded()


def test_nothing_leaves_before_it_is_on_record(desk: Desk) -> None:
    """When the record cannot be written nothing is told: not one entry leaves, and the token was used all the same."""
    desk.put(desk.b, {"f1": ("anna", {"desk": "x"})})
    token = desk.token("anna")
    desk.show([bytes(16)])
    with desk.nodes["b"].database.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON disclosure BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )
    heard = desk.show([token])
    assert (heard.reasons, heard.entries, heard.responses) == (["storage_full"], [], [])
    assert sorted(desk.shown().values()) == [1, 1]
    assert [one["detail"] for one in desk.events(desk.b, "aborted")] == ["storage_full"]


def test_a_hang_up_takes_nothing_off_the_record(desk: Desk) -> None:
    """A requester that takes the first message only is on record as having been told."""
    desk.put(desk.b, {"f1": ("anna", {"desk": "x"})})
    responses = desk.wire.send_tokens(desk.craft([desk.token("anna")]))
    next(responses)
    desk.wire.close()
    assert [one.records for one in desk.recorded()] == [(Told("f1", ("desk",)),)]


def test_sealed_at_rest_at_both(desk: Desk) -> None:
    """No byte of either database shows a value, a name of an attribute in a record, a reference told, or a case."""
    desk.know(desk.a, ["anna", "bob"])
    desk.put(desk.b, {"told-ref-1": ("anna", {"phone": "070 1234567", "desk": "Schuldhulp Zuid"})})
    done = desk.run(desk.start(case_reference="zaak Q-77"))
    assert desk.a.queries.attributes_of(done.id, desk.clock())["anna"].records[0]["phone"] == "070 1234567"
    with desk.nodes["b"].database.read() as connection:
        (sealed,) = connection.execute(disclosure.select()).all()
    for secret in (b"told-ref-1", b"phone", b"zaak Q-77"):
        assert secret not in sealed.sealed
    for name in ("a", "b"):
        stored = desk.stored(name)
        assert b"070 1234567" not in stored
        assert b"Schuldhulp" not in stored


def test_results_expire_with_their_attributes(desk: Desk) -> None:
    """When results may be kept no longer their attributes go with them."""
    desk.know(desk.a, ["anna"])
    desk.put(desk.b, {"f1": ("anna", {"desk": "x"})})
    done = desk.run(desk.start())
    desk.clock.pass_days(31)
    desk.a.housekeeping()
    with pytest.raises(LinkageError, match="results_expired"):
        desk.a.queries.attributes_of(done.id, desk.clock())
    with desk.nodes["a"].database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM query_pack").scalar() == 0


def test_records_cannot_be_moved(desk: Desk) -> None:
    """A sealed record that is put in another person's place does not open, and the evidence's digest is another."""
    desk.put(desk.b, {"f1": ("anna", {"desk": "x"}), "g1": ("bob", {"desk": "y"})})
    desk.show([desk.token("anna"), desk.token("bob")])
    store = Disclosures(desk.nodes["b"].database, desk.nodes["b"].sealer)
    (told,) = desk.events(desk.b, "disclosed")
    order = bytes.fromhex(told["order_hash"])
    assert store.digest(order).hex() == told["disclosures_digest"]
    other = person_digest("bsn", desk.element(desk.b, "zoe"))
    with desk.nodes["b"].database.write() as connection:
        connection.execute(disclosure.update().where(disclosure.c.id == 1).values(person=other))
    assert store.digest(order).hex() != told["disclosures_digest"]
    with pytest.raises(StorageError, match="secret_unreadable"):
        list(store.all())


def test_a_person_is_found_by_his_pseudonym(desk: Desk) -> None:
    """The record names a person so that who knows his identifier and has the node's secrets finds him, also erased."""
    desk.put(desk.b, {"f1": ("anna", {"desk": "x"})})
    desk.show([desk.token("anna")])
    desk.erase("f1")
    with desk.nodes["b"].database.read() as connection:
        (row,) = connection.execute(disclosure.select()).all()
    assert row.person == person_digest("bsn", desk.element(desk.b, "anna"))
    assert row.person != person_digest("household", desk.element(desk.b, "anna"))


def run(desk: Desk, *words: str) -> str:
    """What the command line prints."""
    config: Path = desk.folder / "b" / "node.yaml"
    result = CliRunner().invoke(app, ["disclosures", "list", *words, "--config", str(config)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command(desk: Desk) -> None:
    """`disclosures list` tells what was told about whom, to whom, for which purpose and case; of one record, or all."""
    assert "Nothing was disclosed" in run(desk)
    desk.put(desk.b, {"f1": ("anna", {"desk": "x"}), "f2": ("anna", {"phone": "1"}), "g1": ("bob", {})})
    desk.show([desk.token("anna")])
    desk.show([desk.token("bob", "whom-c")], "whom-c")
    everything = json.loads(run(desk, "--json"))
    assert [one["requester"] for one in everything] == [OIN_A, OIN_C]
    first = {key: value for key, value in everything[0].items() if key not in {"at", "transaction_id"}}
    assert first == {
        "requester": OIN_A,
        "requester_name": "Organisation a",
        "agreement": "whom",
        "purpose": "Whom to call",
        "kind": "bsn",
        "answer": "attributes",
        "records": [
            {"record_ref": "f1", "attributes": ["desk"]},
            {"record_ref": "f2", "attributes": ["phone"]},
        ],
        "case_reference": CASE,
    }
    assert json.loads(run(desk, "--json", "--record-ref", "g1")) == everything[1:]
    assert json.loads(run(desk, "--json", "--record-ref", "nobody")) == []
    shown = run(desk, "--record-ref", "f2")
    for words in (OIN_A, "phone", "desk", "f1", "f2", "Whom to call", CASE):
        assert words in shown
    assert OIN_C not in shown


def test_not_known_is_no_disclosure(desk: Desk) -> None:
    """Of an order with one living token and two that are not, one person is on record."""
    desk.put(desk.b, {"f1": ("anna", {"desk": "x"})})
    heard = desk.show([bytes(16), desk.token("anna"), bytes(range(16))])
    assert [one.status for one in heard.entries] == [
        DISCLOSURE_STATUS_NOT_KNOWN,
        DISCLOSURE_STATUS_DISCLOSED,
        DISCLOSURE_STATUS_NOT_KNOWN,
    ]
    assert len(desk.recorded()) == 1
