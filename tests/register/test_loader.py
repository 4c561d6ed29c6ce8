"""Loading files: what comes of their rows, what a changed file does, and how a load ends that cannot be finished."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import event, func, select, text

from linkage_node.errors import ExitCode, InputError, StorageError
from linkage_node.limits import LOAD_BATCH_ROWS
from linkage_node.pseudonyms.parallel import meter
from linkage_node.pseudonyms.sealing import Sealer
from linkage_node.register.apply import Applied, Mode
from linkage_node.register.loader import Loader, OnProgress
from linkage_node.register.mapping import Mapping
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database
from linkage_node.storage import database as database_module
from linkage_node.storage.tables import staged_link, staged_load, staged_record, staged_reject
from tests.registers import (
    BSN_MAPPING,
    FULL_MAPPING,
    bsns,
    contents,
    open_loader,
    read_rejects,
    test_bsns,
    write_csv,
)

TEST_BSNS = test_bsns()
HEADER = ("ref", "bsn")
FULL_HEADER = ("ref", "bsn", "postcode", "number", "letter", "extra", "city", "unused")


def people(count: int, first: int = 0) -> list[tuple[str, str]]:
    """Rows of (reference, BSN)."""
    return [(f"r{first + at}", bsn) for at, bsn in enumerate(islice(bsns(), first, first + count))]


def staged_rows(database: Database) -> int:
    """How much is left in the staging tables."""
    with database.read() as connection:
        tables = (staged_load, staged_record, staged_link, staged_reject)
        return sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_a_load_on_either_engine(any_database: Database, tmp_path: Path) -> None:
    """Every row is loaded, rejected or without identifier; what is in the rejects file is exactly what was not used."""
    first, second, third, *_ = TEST_BSNS
    path = write_csv(
        tmp_path / "clients.csv",
        FULL_HEADER,
        [
            ("anna", first, "1234AB", "5", "a", "2", "Voorbeeldstad", ""),
            ("bram", second[:4] + "." + second[4:], "1234 ab", "05", "", "A-2", "", ""),
            ("cees", "", "", "", "", "", "", ""),
            ("dirk", "123", "", "", "", "", "", ""),
            ("anna", third, "", "", "", "", "", ""),
            ("", third, "", "", "", "", "", ""),
            (third, third, "", "", "", "", "", ""),
            ("erik", first, "", "5", "", "", "", ""),
            ("fien", third, "", "", "", "", f"woont bij {third}", ""),
            ("gert", "", "9999ZZ", "1", "", "", "", ""),
        ],
    )
    with open_loader(any_database) as loader:
        summary = loader.load_csv(path, FULL_MAPPING)
    assert read_rejects(path.with_name("clients.csv.rejects.csv")) == [
        (4, "bsn, postcode, number, letter, extra", "cees", "identifier_missing"),
        (5, "bsn", "dirk", "bsn_not_nine_digits"),
        (6, "ref", "anna", "record_ref_duplicate"),
        (7, "ref", "", "record_ref_missing"),
        (8, "ref", "", "record_ref_is_identifier"),
        (9, "postcode", "erik", "identifier_incomplete"),
        (10, "city", "fien", "attribute_is_identifier"),
    ]
    tally = summary.tally
    assert (tally.rows, tally.loaded, tally.rejected, tally.without_identifier, tally.partly) == (
        10,
        4,
        5,
        1,
        1,
    )
    assert tally.identifiers == {"bsn": (3, 2), "household": (3, 2)}
    assert summary.applied == Applied(added=4, renewed=0, removed=0, new_elements=4, removed_elements=0)
    assert (summary.delimiter, summary.delimiter_told) == (";", True)
    store = RegisterStore(any_database, Sealer(bytes(32)))
    assert contents(store)["anna"] == contents(store)["erik"]
    assert contents(store, "household")["anna"] == contents(store, "household")["bram"]
    assert store.attributes("anna") == {"city": "Voorbeeldstad"}
    assert staged_rows(any_database) == 0


def test_a_bad_row_leaves_the_earlier_record(loader: Loader, store: RegisterStore, tmp_path: Path) -> None:
    """A mistyped BSN in a later file does not take a client out of the register, in no mode."""
    path = write_csv(tmp_path / "x.csv", HEADER, people(3))
    loader.load_csv(path, BSN_MAPPING)
    before = contents(store)
    write_csv(path, HEADER, [("r0", "123"), ("r1", ""), ("new", TEST_BSNS[0])])
    summary = loader.load_csv(path, BSN_MAPPING, mode="replace")
    assert summary.applied.removed == 1  # r2, which the file does not name
    assert {ref: element for ref, element in contents(store).items() if ref != "new"} == {
        "r0": before["r0"],
        "r1": before["r1"],
    }


def test_removing_by_file(loader: Loader, store: RegisterStore, tmp_path: Path) -> None:
    """Mode remove needs references alone; unknown ones do no harm."""
    loader.load_csv(write_csv(tmp_path / "x.csv", HEADER, people(3)), BSN_MAPPING)
    path = write_csv(tmp_path / "gone.csv", HEADER, [("r0", ""), ("r2", "x"), ("nobody", ""), ("r0", "")])
    summary = loader.load_csv(path, BSN_MAPPING, mode="remove")
    assert summary.applied.removed == 2
    assert list(contents(store)) == ["r1"]
    with pytest.raises(InputError, match="record_ref"):
        loader.load_csv(path, Mapping.model_validate({"identifiers": {"bsn": "bsn"}}), mode="remove")


def test_a_load_again_renews_nothing(loader: Loader, store: RegisterStore, tmp_path: Path) -> None:
    """The same file again gives the same register, version included."""
    path = write_csv(tmp_path / "x.csv", HEADER, people(10))
    loader.load_csv(path, BSN_MAPPING)
    before = (contents(store), store.version("bsn"))
    summary = loader.load_csv(path, BSN_MAPPING)
    assert (contents(store), store.version("bsn")) == before
    assert (summary.applied.renewed, summary.applied.added, summary.resumed_after) == (10, 0, 0)


def test_row_numbers_as_references(loader: Loader, store: RegisterStore, tmp_path: Path) -> None:
    """Without a reference column the line of the row is its reference."""
    path = write_csv(tmp_path / "x.csv", HEADER, people(2))
    loader.load_csv(path, Mapping.model_validate({"identifiers": {"bsn": "bsn"}}))
    assert list(contents(store)) == ["row:2", "row:3"]


def test_test_numbers_in_production(database: Database, tmp_path: Path) -> None:
    """A production node rejects people who do not exist."""
    path = write_csv(tmp_path / "x.csv", HEADER, [("t", TEST_BSNS[0]), ("r", next(bsns()))])
    with open_loader(database, production=True) as loader:
        assert loader.load_csv(path, BSN_MAPPING).tally.reasons == {"test_number": 1}


def test_references_that_are_bsns_are_refused(loader: Loader, database: Database, tmp_path: Path) -> None:
    """A mapping that takes a column of BSNs for references is found out before one of them is stored."""
    numbers = list(islice(bsns(), 9))
    header = ("number", "postcode", "house")
    path = write_csv(tmp_path / "x.csv", header, [(number, "1234AB", "1") for number in numbers])
    mapping = Mapping.model_validate(
        {
            "identifiers": {"household": {"postcode": "postcode", "house_number": "house"}},
            "record_ref": "number",
        }
    )
    with pytest.raises(InputError, match="record_ref_is_identifier"):
        loader.load_csv(path, mapping)
    assert staged_rows(database) == 0


HOUSES = Mapping.model_validate(
    {"identifiers": {"household": {"postcode": "postcode", "house_number": "house"}}, "record_ref": "number"}
)


def houses(tmp_path: Path, refs: Iterable[str]) -> Path:
    """A file of addresses with these references."""
    return write_csv(
        tmp_path / "houses.csv", ("number", "postcode", "house"), [(ref, "1234AB", "1") for ref in refs]
    )


def test_other_references_among_bsns_do_not_help(loader: Loader, database: Database, tmp_path: Path) -> None:
    """A header, a test row or a few other references between the BSNs change nothing; nothing is told of them."""
    numbers = list(islice(bsns(), 10))
    refs = [f"r{at}" for at in range(20)] + numbers
    with pytest.raises(InputError, match="record_ref_is_identifier") as caught:
        loader.load_csv(houses(tmp_path, refs), HOUSES)
    assert not any(number in str(caught.value) for number in numbers)
    assert staged_rows(database) == 0


def test_bsns_in_a_later_batch_are_found_too(loader: Loader, database: Database, tmp_path: Path) -> None:
    """The share is looked at with each batch, also after a stop; what was staged of the load goes as well."""
    refs = [f"r{at}" for at in range(LOAD_BATCH_ROWS)] + list(islice(bsns(), 2_000))
    path = houses(tmp_path, refs)
    with pytest.raises(Stop):
        loader.load_csv(path, HOUSES, on_progress=stop_after(1))
    with pytest.raises(InputError, match="record_ref_is_identifier"):
        loader.load_csv(path, HOUSES)
    assert staged_rows(database) == 0


def test_numbers_that_pass_the_elfproef_by_chance(
    loader: Loader, store: RegisterStore, tmp_path: Path
) -> None:
    """Client numbers of nine digits are references, though one in eleven could be a BSN."""
    numbers = [str(at) for at in range(999_990_000, 999_990_400)]
    loader.load_csv(houses(tmp_path, numbers), HOUSES)
    assert store.counts()[0] == len(numbers)


# --- loads that are broken off


class Stop(Exception):
    """Breaks a load off where a test wants it."""


def stop_after(rows: int) -> OnProgress:
    """A progress function that stops the load once so many rows are staged."""

    def on_progress(_position: int, staged: int) -> None:
        if staged >= rows:
            raise Stop

    return on_progress


@pytest.fixture
def broken_off(loader: Loader, tmp_path: Path) -> Path:
    """A file of two batches and a bit of which the first batch was staged; its second row is bad."""
    rows = people(2 * LOAD_BATCH_ROWS + 10)
    rows[0] = ("bad", "123")
    path = write_csv(tmp_path / "x.csv", HEADER, rows)
    with pytest.raises(Stop):
        loader.load_csv(path, BSN_MAPPING, on_progress=stop_after(1))
    return path


def test_nothing_is_half_applied(broken_off: Path, store: RegisterStore) -> None:
    """What is staged is not in the register, and is counted as unfinished."""
    assert broken_off.exists()
    assert store.counts() == (0, {})
    assert store.staging.unfinished() == 1


def test_the_same_command_goes_on(
    broken_off: Path, loader: Loader, store: RegisterStore, database: Database
) -> None:
    """The second run makes pseudonyms of the rest only, and its register and rejects are whole."""
    work = meter.elements
    summary = loader.load_csv(broken_off, BSN_MAPPING)
    assert summary.resumed_after == LOAD_BATCH_ROWS + 1
    assert meter.elements - work == LOAD_BATCH_ROWS + 10
    assert summary.tally.rows == 2 * LOAD_BATCH_ROWS + 10
    assert summary.tally.loaded == summary.tally.rows - 1
    assert len(contents(store)) == summary.tally.loaded
    assert read_rejects(summary.rejects) == [(2, "bsn", "bad", "bsn_not_nine_digits")]
    assert staged_rows(database) == 0


@pytest.mark.parametrize("change", ["first row", "appended", "mapping", "mode", "restart"])
def test_another_load_begins_anew(
    broken_off: Path, loader: Loader, store: RegisterStore, change: str
) -> None:
    """When the file, the mapping or the mode changed, or the user says so, nothing staged is used."""
    mapping, restart = BSN_MAPPING, False
    mode: Mode = "upsert"
    if change == "first row":
        broken_off.write_bytes(broken_off.read_bytes().replace(b"bad;123", b"bad;124", 1))
    elif change == "appended":
        with broken_off.open("a") as file:
            file.write(f"late;{TEST_BSNS[0]}\n")
    elif change == "mapping":
        mapping = Mapping.model_validate({"identifiers": {"bsn": 2}, "record_ref": "ref"})
    elif change == "mode":
        mode = "replace"
    else:
        restart = True
    summary = loader.load_csv(broken_off, mapping, mode=mode, restart=restart)
    assert summary.resumed_after == 0
    assert summary.begun_anew is not restart
    assert len(contents(store)) == summary.tally.loaded
    assert store.staging.unfinished() == 0


def test_a_load_that_nobody_finishes_is_forgotten(
    broken_off: Path, loader: Loader, store: RegisterStore, database: Database, tmp_path: Path
) -> None:
    """What was staged a week ago for another file goes when the next load starts."""
    assert broken_off.exists()
    with database.write() as connection:
        connection.execute(text("UPDATE staged_load SET updated_at = 1"))
    loader.load_csv(write_csv(tmp_path / "other.csv", HEADER, people(1)), BSN_MAPPING)
    assert store.staging.unfinished() == 0


def test_two_commands_load_the_same_file(broken_off: Path, loader: Loader, store: RegisterStore) -> None:
    """The one that comes second to a batch ends with an error; the other's load is whole."""

    def overtake(_position: int, rows: int) -> None:
        if rows == 2 * LOAD_BATCH_ROWS:
            loader.load_csv(broken_off, BSN_MAPPING)

    with pytest.raises(InputError, match="load_overtaken"):
        loader.load_csv(broken_off, BSN_MAPPING, on_progress=overtake)
    assert len(contents(store)) == 2 * LOAD_BATCH_ROWS + 9


def test_a_file_that_grows_while_it_is_loaded(loader: Loader, store: RegisterStore, tmp_path: Path) -> None:
    """Nothing of it is loaded, rather than a part that nobody knows the end of."""
    path = write_csv(tmp_path / "x.csv", HEADER, people(5))

    def append(_position: int, _rows: int) -> None:
        with path.open("a") as file:
            file.write("more;")

    with pytest.raises(InputError, match="file_changed"):
        loader.load_csv(path, BSN_MAPPING, on_progress=append)
    assert store.counts() == (0, {})
    assert store.staging.unfinished() == 0


# --- loads that cannot be


@pytest.mark.parametrize(
    ("rows", "code"),
    [([], "file_empty"), ([("a", ""), ("b", "")], "no_usable_rows"), ([("a", "1")], "no_usable_rows")],
)
@pytest.mark.parametrize("mode", ["upsert", "replace"])
def test_nothing_usable(
    loader: Loader, store: RegisterStore, tmp_path: Path, rows: list[tuple[str, str]], code: str, mode: Mode
) -> None:
    """A file without a usable row changes nothing, above all not in mode replace; its rejects are written."""
    loader.load_csv(write_csv(tmp_path / "good.csv", HEADER, people(3)), BSN_MAPPING)
    path = write_csv(tmp_path / "x.csv", HEADER, rows)
    with pytest.raises(InputError) as raised:
        loader.load_csv(path, BSN_MAPPING, mode=mode)
    assert (raised.value.code, raised.value.exit_code) == (code, ExitCode.INPUT)
    assert len(contents(store)) == 3
    assert store.staging.unfinished() == 0
    if rows:
        assert len(read_rejects(tmp_path / "x.csv.rejects.csv")) == len(rows)


def test_rejects_that_cannot_be_written(loader: Loader, store: RegisterStore, tmp_path: Path) -> None:
    """Found out before the first row is read: a folder, no folder, and the source itself."""
    path = write_csv(tmp_path / "x.csv", HEADER, people(1))
    for place, code in (
        (tmp_path, "file_is_directory"),
        (tmp_path / "none" / "r.csv", "file_unwritable"),
        (path, "file_exists"),
    ):
        with pytest.raises(InputError) as raised:
            loader.load_csv(path, BSN_MAPPING, rejects=place)
        assert raised.value.code == code
    assert store.staging.unfinished() == 0
    assert sorted(entry.name for entry in tmp_path.iterdir() if "x.csv" in entry.name) == ["x.csv"]


def test_rejects_elsewhere(loader: Loader, tmp_path: Path) -> None:
    """They go where the user wants them, in place of older ones, for the owner's eyes only."""
    place = tmp_path / "out.csv"
    place.write_text("row,column,record_ref,reason,explanation\nold")
    path = write_csv(tmp_path / "x.csv", HEADER, [*people(1), ("bad", "1")])
    assert loader.load_csv(path, BSN_MAPPING, rejects=place).rejects == place
    assert read_rejects(place) == [(3, "bsn", "bad", "bsn_not_nine_digits")]
    assert place.stat().st_mode & 0o077 == 0


def test_a_locked_database(
    loader: Loader, store: RegisterStore, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another process writes for long, the load ends with a clear error, and goes on later."""
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_MS", 50)
    impatient = Database(str(database.engine.url))
    path = write_csv(tmp_path / "x.csv", HEADER, people(LOAD_BATCH_ROWS + 5))
    with open_loader(impatient) as other, pytest.raises(Stop):
        other.load_csv(path, BSN_MAPPING, on_progress=stop_after(1))
    with database.write(), open_loader(impatient) as other, pytest.raises(StorageError) as raised:
        other.load_csv(path, BSN_MAPPING)
    assert raised.value.code == "storage_locked"
    assert loader.load_csv(path, BSN_MAPPING).resumed_after == LOAD_BATCH_ROWS + 1
    assert len(contents(store)) == LOAD_BATCH_ROWS + 5
    impatient.close()


def test_a_full_disk(loader: Loader, store: RegisterStore, database: Database, tmp_path: Path) -> None:
    """The load ends with a clear error; when there is room again the same command goes on."""
    path = write_csv(tmp_path / "x.csv", HEADER, people(3 * LOAD_BATCH_ROWS))
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    database.engine.dispose()
    limit = f"PRAGMA max_page_count={pages + 150}"  # room for a batch

    def squeeze(connection: object, _record: object) -> None:
        connection.execute(limit)  # type: ignore[attr-defined]

    event.listen(database.engine, "connect", squeeze)
    with pytest.raises(StorageError) as raised:
        loader.load_csv(path, BSN_MAPPING)
    assert raised.value.code == "storage_full"
    assert store.counts() == (0, {})
    event.remove(database.engine, "connect", squeeze)
    database.engine.dispose()
    summary = loader.load_csv(path, BSN_MAPPING)
    assert summary.resumed_after > 0
    assert len(contents(store)) == 3 * LOAD_BATCH_ROWS
