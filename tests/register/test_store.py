"""The register at rest, on SQLite and on PostgreSQL: what changes, what goes, and what is never given twice."""

import hashlib

import numpy as np
import pytest
from sqlalchemy import select

from linkage_node.errors import StorageError
from linkage_node.register.apply import Applied
from linkage_node.register.staging import Staged
from linkage_node.register.store import KindCount, RegisterStore
from linkage_node.storage import Database
from linkage_node.storage.tables import element, record, removed_element
from tests.registers import SEALER, contents


def pseudonym(name: str) -> bytes:
    """Thirty-two bytes that stand for an element."""
    return hashlib.sha256(name.encode()).digest()


def staged(row: int, ref: str, **names: str | None) -> Staged:
    """A record with an element by kind; None for a value that was refused."""
    return Staged(row, ref, None, {kind: pseudonym(name) if name else None for kind, name in names.items()})


@pytest.fixture
def register(any_database: Database) -> RegisterStore:
    """A register with three records, two of whom share a household, on either engine."""
    store = RegisterStore(any_database, SEALER)
    store.upsert(
        [
            staged(2, "anna", bsn="1", household="h"),
            staged(3, "bram", bsn="2", household="h"),
            staged(4, "cees", bsn="3"),
        ],
        1_000,
    )
    return store


def removed_kinds(database: Database) -> dict[int, str]:
    """Element id → kind, of the elements that went."""
    with database.read() as connection:
        rows = connection.execute(select(removed_element.c.element_id, removed_element.c.kind))
        return {int(found): kind for found, kind in rows}


def test_counts_and_links(register: RegisterStore) -> None:
    """Records and distinct pseudonyms are counted by kind, and links come in the order of arrival."""
    assert register.counts() == (3, {"bsn": KindCount(3, 3), "household": KindCount(2, 1)})
    assert [refs for refs, _ in register.links("bsn")] == [["anna", "bram", "cees"]]
    assert contents(register, "household") == {"anna": pseudonym("h"), "bram": pseudonym("h")}


def test_the_same_again_changes_nothing(register: RegisterStore) -> None:
    """Loading what is there already moves no version, so that nothing is computed anew for it."""
    before = {kind: register.version(kind) for kind in ("bsn", "household")}
    applied = register.upsert([staged(2, "anna", bsn="1", household="h")], 2_000)
    assert applied == Applied(added=0, renewed=1, removed=0, new_elements=0, removed_elements=0)
    assert {kind: register.version(kind) for kind in before} == before


def test_a_changed_identifier_replaces_the_old_one(register: RegisterStore, any_database: Database) -> None:
    """The old pseudonym goes, and is noted as removed, so that its tag can go too."""
    old = int(register.element_ids("bsn", pseudonym("1"))[0])
    household = register.version("household")
    applied = register.upsert([staged(2, "anna", bsn="4", household="h")], 2_000)
    assert applied == Applied(added=0, renewed=1, removed=0, new_elements=1, removed_elements=1)
    assert contents(register)["anna"] == pseudonym("4")
    assert removed_kinds(any_database) == {old: "bsn"}
    assert register.version("household") == household


def test_an_element_in_use_elsewhere_stays(register: RegisterStore, any_database: Database) -> None:
    """A household that one of two leaves is still the other's."""
    register.upsert([staged(2, "anna", bsn="1", household="elsewhere")], 2_000)
    assert contents(register, "household") == {"anna": pseudonym("elsewhere"), "bram": pseudonym("h")}
    assert removed_kinds(any_database) == {}


def test_an_element_that_moves_to_another_record_keeps_its_id(
    register: RegisterStore, any_database: Database
) -> None:
    """Two records that swap identifiers remove nothing."""
    before = register.element_ids("bsn", pseudonym("1") + pseudonym("2"))
    register.upsert(
        [staged(2, "anna", bsn="2", household="h"), staged(3, "bram", bsn="1", household="h")], 2_000
    )
    assert (register.element_ids("bsn", pseudonym("1") + pseudonym("2")) == before).all()
    assert contents(register)["anna"] == pseudonym("2")
    assert removed_kinds(any_database) == {}


def test_a_kind_that_a_record_lacks_is_unlinked(register: RegisterStore) -> None:
    """The new row is the truth: without an address there, the record has none any more."""
    register.upsert([staged(2, "anna", bsn="1")], 2_000)
    register.upsert([staged(3, "bram", bsn="2")], 3_000)
    assert register.counts() == (3, {"bsn": KindCount(3, 3)})
    assert register.version("household") == 3


def test_a_refused_value_leaves_the_earlier_one(register: RegisterStore) -> None:
    """A mistyped address does not wipe the good one of before."""
    register.upsert([staged(2, "anna", bsn="1", household=None)], 2_000)
    assert contents(register, "household")["anna"] == pseudonym("h")


def test_removing_records(register: RegisterStore, any_database: Database) -> None:
    """Records go with what only they had; unknown references are told."""
    applied, unknown = register.remove(["cees", "nobody", "cees", "anna"], 2_000)
    assert unknown == ["nobody"]
    assert applied == Applied(added=0, renewed=0, removed=2, new_elements=0, removed_elements=2)
    assert register.counts() == (1, {"bsn": KindCount(1, 1), "household": KindCount(1, 1)})
    assert sorted(removed_kinds(any_database).values()) == ["bsn", "bsn"]


def test_an_id_is_never_given_twice(register: RegisterStore) -> None:
    """Who comes back gets a new id: tag sets tell by it what is new."""
    first = int(register.element_ids("bsn", pseudonym("3"))[0])
    register.remove(["cees"], 2_000)
    register.upsert([staged(2, "cees", bsn="3")], 3_000)
    assert int(register.element_ids("bsn", pseudonym("3"))[0]) > first


def test_elements_after_an_id(register: RegisterStore) -> None:
    """What came later can be asked for alone, in the order of ids and up to a limit."""
    ids = np.concatenate([chunk for chunk, _ in register.distinct_elements("bsn")])
    assert (np.diff(ids) > 0).all()
    [(later, packed)] = register.distinct_elements("bsn", after_id=int(ids[0]), limit=1)
    assert later.tolist() == [int(ids[1])]
    assert len(packed) == 32
    assert list(register.distinct_elements("bsn", after_id=int(ids[-1]))) == []


def test_unknown_elements_have_no_id(register: RegisterStore) -> None:
    """Looking up tells the known from the unknown, in the order asked, and by kind."""
    asked = pseudonym("1") + pseudonym("nobody") + pseudonym("1")
    found = register.element_ids("bsn", asked)
    assert (found > 0).tolist() == [True, False, True]
    assert register.element_ids("household", asked).tolist() == [-1, -1, -1]


def test_attributes_are_sealed_for_their_record(any_database: Database) -> None:
    """Attributes are read back by reference; in the database they cannot be read, nor moved to another record."""
    store = RegisterStore(any_database, SEALER)
    sealed = store.seal_attributes("anna", {"city": "Voorbeeldstad"})
    assert sealed is not None
    assert b"Voorbeeldstad" not in sealed
    store.upsert(
        [
            Staged(2, "anna", sealed, {"bsn": pseudonym("1")}),
            Staged(3, "bram", sealed, {"bsn": pseudonym("2")}),
        ],
        1,
    )
    assert store.attributes("anna") == {"city": "Voorbeeldstad"}
    with pytest.raises(StorageError, match="secret_unreadable"):
        store.attributes("bram")
    store.upsert([staged(2, "anna", bsn="1")], 2)
    assert store.attributes("anna") == {}


def test_many_records(any_database: Database) -> None:
    """More than one chunk and more than one question to the database: all are there, once."""
    store = RegisterStore(any_database, SEALER)
    store.upsert((staged(row, f"r{row}", bsn=str(row)) for row in range(9_000)), 1)
    packed = b"".join(elements for _, elements in store.distinct_elements("bsn"))
    assert len(packed) == 9_000 * 32
    assert len(np.unique(store.element_ids("bsn", packed))) == 9_000
    applied, unknown = store.remove([f"r{row}" for row in range(8_999)], 2)
    assert (applied.removed_elements, unknown) == (8_999, [])
    with any_database.read() as connection:
        assert connection.scalars(select(record.c.ref)).all() == ["r8999"]
        assert connection.scalars(select(element.c.element)).all() == [pseudonym("8999")]


def test_wiping_waits_for_nobody_and_is_owed(register: RegisterStore, any_database: Database) -> None:
    """What goes is wiped at once; what somebody is in the way of stays owed until he is gone, on either engine."""
    register.remove(["anna"], 2_000)
    assert any_database.scrub_owed_since() is None
    in_the_way = "SELECT * FROM record" if any_database.sqlite else "LOCK TABLE record"
    with any_database.engine.connect() as connection:
        connection.exec_driver_sql(in_the_way)
        with any_database.write() as writer:
            any_database.owe_scrub(writer, "record")
        assert not any_database.scrub()
        assert any_database.scrub_owed_since() is not None
    assert any_database.scrub()
    assert any_database.scrub_owed_since() is None
