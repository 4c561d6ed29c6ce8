"""Where a node keeps its agreements."""

from pathlib import Path

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from linkage_node.agreements import AgreementStore, content_hash
from linkage_node.errors import InputError, Refusal
from linkage_node.storage import Database
from linkage_node.storage.tables import agreement as table

EXAMPLE = (
    Path(__file__).parents[2] / "policies" / "agreements" / "example-energy-allowance" / "agreement.yaml"
).read_text()
OTHER = EXAMPLE.replace("largest_query: 10000", "largest_query: 1")
REQUESTER, PROVIDER, NOBODY = "00000099000000001000", "00000099000000002000", "00000099000000003000"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """A new database."""
    made = Database(f"sqlite:///{tmp_path}/node.db")
    made.create()
    return made


@pytest.mark.parametrize("own_oin", [REQUESTER, PROVIDER])
def test_an_agreement_is_found_by_hash_and_by_id(database: Database, own_oin: str) -> None:
    """Both parties keep it, as the very text that was added."""
    store = AgreementStore(database, own_oin)
    added = store.add(EXAMPLE)
    fresh = AgreementStore(database, own_oin)
    assert fresh.get_for(added.requester.oin, content_hash(added)) == added
    with pytest.raises(Refusal) as refused:
        fresh.get_for(added.provider.oin, content_hash(added))
    assert refused.value.code == "agreement_unknown"
    assert fresh.get_by_hash(content_hash(added)) == fresh.get_by_id(added.id) == added
    assert fresh.list() == [added]
    assert fresh.text(added.id) == EXAMPLE


def test_adding_the_same_again_changes_nothing(database: Database) -> None:
    """Also when it is written in another way."""
    store = AgreementStore(database, REQUESTER)
    store.add(EXAMPLE)
    version = store.version()
    store.add("# another comment\n" + EXAMPLE)
    assert store.version() == version
    assert store.text("example-energy-allowance") == EXAMPLE


def test_another_content_under_a_known_name_needs_replace(database: Database) -> None:
    """Refused with a clear error; with `replace` the old one is gone."""
    store = AgreementStore(database, REQUESTER)
    old = store.add(EXAMPLE)
    with pytest.raises(InputError) as refused:
        store.add(OTHER)
    assert refused.value.code == "agreement_differs"
    assert store.list() == [old]
    new = store.add(OTHER, replace=True)
    assert store.list() == [new]
    with pytest.raises(Refusal) as unknown:
        store.get_by_hash(content_hash(old))
    assert unknown.value.code == "agreement_unknown"


def test_agreements_of_others_are_refused(database: Database) -> None:
    """A node keeps only what its own organisation is a party to."""
    store = AgreementStore(database, NOBODY)
    with pytest.raises(InputError) as refused:
        store.add(EXAMPLE)
    assert refused.value.code == "agreement_foreign"
    assert store.list() == []


def test_what_is_removed_is_unknown(database: Database) -> None:
    """By id, by hash, and to be removed again."""
    store = AgreementStore(database, REQUESTER)
    added = store.add(EXAMPLE)
    store.remove(added.id)
    for call, code in (
        (lambda: store.get_by_id(added.id), "agreement_not_here"),
        (lambda: store.get_by_hash(content_hash(added)), "agreement_unknown"),
        (lambda: store.text(added.id), "agreement_not_here"),
        (lambda: store.remove(added.id), "agreement_not_here"),
    ):
        with pytest.raises(Refusal) as refused:
            call()
        assert refused.value.code == code


def test_every_change_gives_another_version(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when the clock stands still, and when one agreement takes the place of another."""
    monkeypatch.setattr("linkage_node.agreements.store.now_ms", lambda: 1_000)
    store = AgreementStore(database, REQUESTER)
    versions = [store.version()]
    for number in range(5):
        store.add(EXAMPLE.replace("id: example", f"id: number-{number}"))
        versions.append(store.version())
    store.remove("number-4-energy-allowance")
    store.add(EXAMPLE)
    versions.append(store.version())
    store.add(OTHER, replace=True)
    versions.append(store.version())
    store.remove("number-0-energy-allowance")
    versions.append(store.version())
    assert len(set(versions)) == len(versions)


BROKEN = {
    "another text": OTHER,
    "of an earlier version": EXAMPLE.replace("kinds:", "kinsd:"),
    "no agreement at all": "",
    "nested without end": "[" * 10_000,
    "a number that JSON does not have": EXAMPLE.replace("largest_query: 10000", f"largest_query: {2**60}"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_one_that_cannot_be_read_counts_for_nothing_by_itself(database: Database, how: str) -> None:
    """The content must be what its hash says: it is refused and named, others are as they were, and it goes by id."""
    store = AgreementStore(database, REQUESTER)
    bad, good = store.add(EXAMPLE), store.add(EXAMPLE.replace("id: example", "id: good"))
    with database.write() as connection:
        connection.execute(update(table).where(table.c.id == bad.id).values(text=BROKEN[how]))
    store = AgreementStore(database, REQUESTER)
    with capture_logs() as logs:
        assert store.list() == store.list() == store.list_all() == [good]
    assert [one["agreement"] for one in logs] == [bad.id]
    for call in (
        lambda: store.get_by_hash(content_hash(bad)),
        lambda: store.get_by_id(bad.id),
        lambda: store.require_in_force(content_hash(bad)),
    ):
        with pytest.raises(Refusal) as refused:
            call()
        assert refused.value.code == "agreement_unfit"
        assert bad.id in refused.value.detail
    assert list(store.unfit()) == [bad.id]
    store.remove(bad.id)
    assert store.unfit() == {}
    assert store.list_all() == [good]


def test_one_that_cannot_be_read_is_mended_by_its_own_file(database: Database) -> None:
    """Adding the same content again writes it anew, without `replace`."""
    store = AgreementStore(database, REQUESTER)
    added = store.add(EXAMPLE)
    with database.write() as connection:
        connection.execute(update(table).values(text=OTHER))
    store = AgreementStore(database, REQUESTER)
    assert store.add(EXAMPLE) == added
    assert (store.unfit(), store.list_all()) == ({}, [added])


def test_what_reads_otherwise_once_it_is_stored_is_not_kept(database: Database) -> None:
    """What came into the database is read back before it counts: here a trigger writes another text."""
    with database.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER other AFTER INSERT ON agreement BEGIN UPDATE agreement SET text = 'other'; END"
        )
    store = AgreementStore(database, REQUESTER)
    with pytest.raises(Refusal) as refused:
        store.add(EXAMPLE)
    assert refused.value.code == "agreement_unfit"
    assert (store.list_all(), store.unfit()) == ([], {})


def test_former_texts_are_kept_for_their_end_only(storage: str) -> None:
    """Replaced or removed: unknown to whoever asks, found with `get_any` and `list_all`; added anew it is no former
    one. On SQLite and PostgreSQL."""
    made = Database(storage)
    made.create()
    store = AgreementStore(made, REQUESTER)
    old = store.add(EXAMPLE)
    new = store.add(OTHER, replace=True)
    assert (store.list(), store.list_all()) == ([new], [new, old])
    assert (store.has(content_hash(old)), store.has(content_hash(new))) == (False, True)
    assert (store.get_any(content_hash(old)), store.get_any(content_hash(new))) == (old, new)
    with pytest.raises(Refusal) as refused:
        store.get_any(bytes(64))
    assert refused.value.code == "agreement_unknown"
    store.remove(new.id)
    assert (store.list(), {one.limits.largest_query for one in store.list_all()}) == ([], {1, 10_000})
    store.add(EXAMPLE)
    for _ in range(2):
        store.remove(old.id)
        store.add(EXAMPLE)
    assert store.list_all() == [old, new]
    made.close()


def test_a_name_that_fits_two_agreements_names_neither(database: Database) -> None:
    """An agreement whose id is how the hash of another begins: nobody signs or revokes the one for the other."""
    store = AgreementStore(database, REQUESTER)
    old = store.add(EXAMPLE)
    name = content_hash(old).hex()[:16]
    assert store.named(name) == store.named(old.id) == old
    odd = store.add(EXAMPLE.replace(f"id: {old.id}", f'id: "{name}"'))
    with pytest.raises(Refusal, match="more than one") as refused:
        store.named(name)
    assert refused.value.code == "agreement_not_here"
    assert (store.named(content_hash(old).hex()), store.named(content_hash(odd).hex())) == (old, odd)
