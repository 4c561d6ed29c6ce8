"""The chain of evidence: whatever is done to it afterwards is found, at the right record."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update

from linkage_node._generated.linkage.v1.order_pb2 import ChunkReceipt, Order, Receipt
from linkage_node.errors import StorageError
from linkage_node.evidence import EvidenceLog
from linkage_node.evidence.chain import GENESIS, Record, link, verify
from linkage_node.evidence.head import sign_head
from linkage_node.evidence.log import read
from linkage_node.evidence.signatures import Signatures
from linkage_node.matching.signing import sign
from linkage_node.storage import Database
from linkage_node.storage.tables import evidence, evidence_head, peer
from tests.nodes import OIN_A, OIN_B

contents = st.lists(
    st.dictionaries(st.sampled_from(["event", "peer", "detail"]), st.text(max_size=8) | st.integers(0, 99)),
    min_size=2,
    max_size=8,
)


def chain(bodies: list[dict[str, Any]]) -> list[Record]:
    """A chain of records with these contents."""
    records: list[Record] = []
    for body in bodies:
        records.append(link(records[-1] if records else None, body))
    return records


def bad_record(records: list[Record]) -> str:
    """What is said of a broken chain."""
    with pytest.raises(StorageError) as caught:
        verify(records)
    assert caught.value.code == "evidence_broken"
    return caught.value.detail


def test_an_empty_chain_is_whole() -> None:
    """A node that did nothing has nothing to show, and that is no fault."""
    assert verify([]) is None


@given(contents)
def test_a_whole_chain_verifies(bodies: list[dict[str, Any]]) -> None:
    """Records come out as they were linked, numbered from 1, and the last is named."""
    records = chain(bodies)
    assert verify(records) == records[-1]
    assert [record.seq for record in records] == list(range(1, len(bodies) + 1))
    assert [read(record) for record in records] == [
        {**body, "seq": at} for at, body in enumerate(bodies, start=1)
    ]


def test_the_hash_is_over_the_one_before_and_jcs() -> None:
    """The body is JCS (sorted names, no spaces, UTF-8), and its hash is over the hash before and the body."""
    first = link(None, {"b": "é", "a": [1, True, None]})
    assert first.body == '{"a":[1,true,null],"b":"é","seq":1}'.encode()
    assert first.hash == hashlib.sha256(GENESIS + first.body).digest()
    second = link(first, {})
    assert second.hash == hashlib.sha256(first.hash + b'{"seq":2}').digest()


@given(contents, st.data())
def test_a_changed_body_is_named(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    """Any bit of any body changed: that record is named."""
    records = chain(bodies)
    at = data.draw(st.integers(0, len(records) - 1))
    place = data.draw(st.integers(0, len(records[at].body) - 1))
    body = bytearray(records[at].body)
    body[place] ^= 1 << data.draw(st.integers(0, 7))
    records[at] = records[at]._replace(body=bytes(body))
    assert bad_record(records) == f"record {at + 1} was changed, or the one before it"


@given(contents, st.data())
def test_a_changed_hash_is_named(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    """Any bit of any hash changed: that record is named."""
    records = chain(bodies)
    at = data.draw(st.integers(0, len(records) - 1))
    changed = bytes([records[at].hash[0] ^ 1]) + records[at].hash[1:]
    records[at] = records[at]._replace(hash=changed)
    assert bad_record(records) == f"record {at + 1} was changed, or the one before it"


@given(contents, st.data())
def test_a_record_written_anew_breaks_the_next(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    """Who changes a record and makes its hash fit is found out at the next one."""
    records = chain(bodies)
    at = data.draw(st.integers(0, len(records) - 2))
    records[at] = link(records[at - 1] if at else None, {"event": "something else entirely"})
    assert bad_record(records) == f"record {at + 2} was changed, or the one before it"


@given(contents, st.data())
def test_a_removed_record_is_named(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    """A record that is missing, but for the last, is named."""
    records = chain(bodies)
    at = data.draw(st.integers(0, len(records) - 2))
    del records[at]
    assert bad_record(records) == f"record {at + 1} is missing; {at + 2} stands in its place"


@given(contents, st.data())
def test_a_record_put_in_is_named(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    """A record put between two others, well linked to the one before, breaks the chain at the one behind it."""
    records = chain(bodies)
    at = data.draw(st.integers(1, len(records) - 1))
    records.insert(at, link(records[at - 1], {"event": "put in"}))
    assert bad_record(records) == f"record {at + 2} is missing; {at + 1} stands in its place"


@given(contents, st.data())
def test_records_put_in_with_new_numbers_are_named(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    """Renumbering what stands behind does not help: the first record that was moved does not fit."""
    records = chain(bodies)
    at = data.draw(st.integers(1, len(records) - 1))
    records.insert(at, link(records[at - 1], {"event": "put in"}))
    records = [record._replace(seq=number) for number, record in enumerate(records, start=1)]
    assert bad_record(records) == f"record {at + 2} was changed, or the one before it"


@given(contents, st.data())
def test_exchanged_records_are_named(bodies: list[dict[str, Any]], data: st.DataObject) -> None:
    """Two neighbours exchanged, with their numbers or without, are found at the first of them."""
    records = chain(bodies)
    at = data.draw(st.integers(0, len(records) - 2))
    records[at], records[at + 1] = records[at + 1], records[at]
    assert bad_record(records) == f"record {at + 1} is missing; {at + 2} stands in its place"
    renumbered = [record._replace(seq=number) for number, record in enumerate(records, start=1)]
    assert bad_record(renumbered) == f"record {at + 1} was changed, or the one before it"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"7", b'{"seq":2}', b'{"seq":"1"}', b"\xff", b'{"seq":1']
)
def test_a_body_that_is_no_record(body: bytes) -> None:
    """A body without its own number is found though its hash fits, and is no defect of the node."""
    record = Record(1, body, hashlib.sha256(GENESIS + body).digest())
    assert bad_record([record]) == "record 1 was moved"


# --- in the database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A new SQLite database."""
    opened = Database(f"sqlite:///{tmp_path / 'node.db'}")
    opened.create()
    yield opened
    opened.close()


KEY = Ed25519PrivateKey.generate()


def open_log(database: Database, key: Ed25519PrivateKey = KEY) -> EvidenceLog:
    """The log of a new node in this database."""
    log = EvidenceLog(database, OIN_A, key)
    log.begin()
    return log


def test_what_fails_leaves_no_record(database: Database) -> None:
    """A record that was appended in a transaction that fails is not there, and the next takes its number."""
    log = open_log(database)
    log.write(event="one", role="provider", at_ms=0)

    def broken_off() -> None:
        with database.write() as connection:
            assert log.append(connection, event="two", role="provider", at_ms=0).seq == 2
            connection.execute(insert(peer).values(oin="x", card="", added_at=0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert [record.seq for record in log.records()] == [1]
    with database.read() as connection:
        assert connection.execute(peer.select()).first() is None
    assert log.write(event="three", role="provider", at_ms=0).seq == 2
    last = log.verify()
    assert last is not None
    assert read(last)["event"] == "three"


def test_what_cannot_be_appended_takes_the_rest_along(database: Database) -> None:
    """When evidence cannot be written, what it was to tell of does not happen either."""
    log = open_log(database)
    with database.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER broken BEFORE INSERT ON evidence BEGIN SELECT RAISE(FAIL, 'full'); END"
        )

    def told() -> None:
        with database.write() as connection:
            connection.execute(insert(peer).values(oin="x", card="", added_at=0))
            log.append(connection, event="two", role="provider", at_ms=0)

    with pytest.raises(StorageError) as caught:
        told()
    assert caught.value.code == "evidence_unwritable"
    with database.read() as connection:
        assert connection.execute(peer.select()).first() is None


TAMPERING: dict[str, tuple[Callable[[], Any], str]] = {
    "changed": (lambda: update(evidence).where(evidence.c.seq == 3).values(body=b'{"seq":3}'), "record 3"),
    "removed": (lambda: evidence.delete().where(evidence.c.seq == 3), "record 3 is missing"),
    "the first removed": (lambda: evidence.delete().where(evidence.c.seq == 1), "record 1 is missing"),
    "the last removed": (
        lambda: evidence.delete().where(evidence.c.seq > 3),
        "records 4 to 5 are missing at the end",
    ),
    "all removed": (evidence.delete, "records 1 to 5 are missing at the end"),
    "head removed": (evidence_head.delete, "the signed head is missing"),
    "head moved back": (lambda: update(evidence_head).values(seq=4), "the head is not signed"),
    "record added": (
        lambda: insert(evidence).values(seq=6, body=b"{}", hash=bytes(32)),
        "record 6 was changed",
    ),
    "hash changed": (lambda: update(evidence).where(evidence.c.seq == 4).values(hash=bytes(32)), "record 4"),
}


@pytest.mark.parametrize("attack", TAMPERING)
def test_tampering_with_the_table_is_found(database: Database, attack: str) -> None:
    """What somebody changes in the table is found by walking the log, at that record."""
    log = open_log(database)
    for at in range(5):
        log.write(event=f"{at}", role="provider", at_ms=at, detail="x")
    log.verify()
    change, named = TAMPERING[attack]
    with database.write() as connection:
        connection.execute(change())
    with pytest.raises(StorageError) as caught:
        log.verify()
    assert caught.value.detail.startswith(named)


@pytest.mark.parametrize(
    "attack", ["the last removed", "all removed", "head removed", "head moved back", "record added"]
)
def test_a_broken_end_is_not_signed_again(database: Database, attack: str) -> None:
    """The node does not go on with an end that it did not sign: its own signature would hide what happened."""
    log = open_log(database)
    for at in range(5):
        log.write(event=f"{at}", role="provider", at_ms=at)
    with database.write() as connection:
        connection.execute(TAMPERING[attack][0]())
    with pytest.raises(StorageError) as caught:
        log.write(event="the next", role="provider", at_ms=9)
    assert caught.value.code == "evidence_broken"


def relink(database: Database, count: int, **content: Any) -> None:
    """What somebody with the database, and without the node's key, can do: write the whole chain anew."""
    records = chain([{"event": "else", "role": "provider", **content}] * count)
    with database.write() as connection:
        connection.execute(evidence.delete())
        connection.execute(insert(evidence), [record._asdict() for record in records])


@pytest.mark.parametrize(
    ("count", "told"), [(3, "record 3 is not"), (2, "records 3 to 3"), (4, "record 4 was")]
)
def test_a_chain_that_is_linked_anew(database: Database, count: int, told: str) -> None:
    """A chain whose hashes all fit is not the one that the node signed, however long; nor does it go on with it."""
    log = open_log(database)
    for at in range(3):
        log.write(event=f"{at}", role="provider", at_ms=at)
    relink(database, count)
    for touch in (log.verify, lambda: log.write(event="next", role="provider", at_ms=9)):
        with pytest.raises(StorageError) as caught:
            touch()
        assert caught.value.code == "evidence_broken"
        assert caught.value.detail.startswith(told)


def test_a_head_signed_by_another(database: Database) -> None:
    """A head that fits, signed with another key or for another organisation, is none of this node's."""
    log = open_log(database)
    last = log.write(event="1", role="provider", at_ms=1)
    for head in (sign_head(last, OIN_A, Ed25519PrivateKey.generate()), sign_head(last, OIN_B, KEY)):
        with database.write() as connection:
            connection.execute(update(evidence_head).values(head._asdict()))
        with pytest.raises(StorageError, match="not signed with this node's key"):
            log.verify()
    with database.write() as connection:
        connection.execute(update(evidence_head).values(sign_head(last, OIN_A, KEY)._asdict()))
    assert log.verify() is not None


def test_no_node_begins_over_the_evidence_of_another(database: Database) -> None:
    """Beginning again is no harm; another node's database is refused."""
    open_log(database)
    open_log(database)
    with pytest.raises(StorageError, match="not signed with this node's key"):
        open_log(database, Ed25519PrivateKey.generate())


# --- signatures within records

PEER = Ed25519PrivateKey.generate()
ORDER = Order(requester_oin=OIN_B, provider_oin=OIN_A)


def signatures(log: EvidenceLog, peers: dict[str, tuple[Ed25519PublicKey, int]]) -> tuple[int, int]:
    """How many signatures hold, and how many could not be checked."""
    found = Signatures(KEY.public_key(), peers)
    log.verify(found.check)
    return found.checked, found.not_checked


def test_signatures_in_records(database: Database) -> None:
    """Orders and receipts on either side are checked with the signer's key; without a card they are counted."""
    log = open_log(database)
    order, receipts = sign(ORDER, PEER), [sign(ChunkReceipt(index=at), PEER) for at in range(2)]
    log.write(
        event="approved", role="provider", at_ms=5, peer=OIN_B, order=order, receipt=sign(Receipt(), KEY)
    )
    log.write(event="asked", role="requester", at_ms=5, peer=OIN_B, order=sign(ORDER, KEY))
    receipts.insert(0, sign(Receipt(), PEER))
    log.write(event="partly_answered", role="requester", at_ms=5, peer=OIN_B, receipts=receipts)
    known = {OIN_B: (PEER.public_key(), 5)}
    assert signatures(log, known) == (6, 0)
    assert signatures(log, {}) == (2, 4)
    other = Ed25519PrivateKey.generate().public_key()
    assert signatures(log, {OIN_B: (other, 6)}) == (2, 4)  # replaced since
    with pytest.raises(StorageError, match="record 1: the signature of its order"):
        signatures(log, {OIN_B: (other, 5)})


@pytest.mark.parametrize("name", ["order", "receipt"])
def test_what_a_partner_did_not_sign(database: Database, name: str) -> None:
    """Whoever has the node's key and makes evidence up still lacks the partner's signature."""
    log = open_log(database)
    role = "provider" if name == "order" else "requester"
    thing = sign(ORDER if name == "order" else Receipt(), KEY)
    log.write(event="made up", role=role, at_ms=5, peer=OIN_B, **{name: thing})
    with pytest.raises(StorageError, match=f"record 1: the signature of its {name} does not hold"):
        signatures(log, {OIN_B: (PEER.public_key(), 5)})
