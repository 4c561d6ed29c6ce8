"""People whose address is secret: never in a kind made of an address, whatever else their row holds."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from linkage_node.cli.main import app
from linkage_node.errors import InputError
from linkage_node.identifiers.household import is_secret
from linkage_node.register.apply import Mode
from linkage_node.register.guess import guess_mapping
from linkage_node.register.loader import Loader, LoadSummary
from linkage_node.register.mapping import Mapping
from linkage_node.register.rows import SourceRow, judge
from linkage_node.register.source import CsvSource
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database
from linkage_node.storage.tables import removed_element
from tests.conftest import SHARED
from tests.nodes import make_node
from tests.registers import SEALER, contents, open_loader, read_rejects, test_bsns, write_csv

Row = tuple[str, str, str, str, str, str]
BSNS = test_bsns()
HEADER = ("ref", "bsn", "postcode", "number", "secret", "city")
MAPPING = Mapping.model_validate(
    {
        "identifiers": {"bsn": "bsn", "household": {"postcode": "postcode", "house_number": "number"}},
        "record_ref": "ref",
        "address_secret": "secret",
        "attributes": {"city": "city"},
    }
)
ANNA = ("anna", BSNS[0], "1234AB", "5", "0", "Voorbeeldstad")
BRAM = ("bram", BSNS[1], "1234AB", "5", "0", "Voorbeeldstad")
CEES = ("cees", "", "1234AB", "7", "0", "Voorbeeldstad")
DIRK = ("dirk", "", "9999ZZ", "1", "0", "Voorbeeldstad")


def hidden(row: Row, **changes: str) -> Row:
    """The same row with a secret address, and other changes."""
    ref, bsn, postcode, number, secret, city = (
        dict(zip(HEADER, row, strict=True)) | {"secret": "7"} | changes
    ).values()
    return ref, bsn, postcode, number, secret, city


def load(loader: Loader, folder: Path, rows: Iterable[Row], mode: Mode = "upsert") -> LoadSummary:
    """Load these rows."""
    return loader.load_csv(write_csv(folder / "x.csv", HEADER, rows), MAPPING, mode=mode)


@pytest.mark.parametrize("value", ["", " ", "0", " 0 ", "n", "N", "nee", "Nee", "NO", "no", "false", "FALSE"])
def test_what_says_that_an_address_is_not_secret(value: str) -> None:
    """Only what plainly says no."""
    assert not is_secret(value)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "1",
            "2",
            "3",
            "4",
            "5",
            "6",
            "7",
            "j",
            "ja",
            "y",
            "yes",
            "true",
            "x",
            "-",
            "?",
            "00",
            "0.0",
            "none",
        ),
        *("null", "onbekend", "geen", "nee.", "n o", "\u0660", "\uff10", "fal\u017fe", "\udcff", "\u200b"),
    ],
)
def test_everything_else_says_that_it_is(value: str) -> None:
    """An unknown indication, and one that cannot be read, means secret."""
    assert is_secret(value)


def test_secret_people_have_no_household(loader: Loader, store: RegisterStore, tmp_path: Path) -> None:
    """He is found by BSN only; who lives with him keeps the address; it is told, and is nobody's fault."""
    summary = load(loader, tmp_path, [ANNA, hidden(BRAM), hidden(CEES)])
    assert set(contents(store)) == {"anna", "bram"}
    assert set(contents(store, "household")) == {"anna"}
    tally = summary.tally
    assert (tally.rows, tally.loaded, tally.rejected, tally.without_identifier) == (3, 2, 0, 0)
    assert (tally.only_secret, tally.secret, tally.partly) == (1, 2, 0)
    assert read_rejects(summary.rejects) == [
        (3, "secret", "bram", "address_secret"),
        (4, "secret", "cees", "address_secret"),
    ]


def test_an_address_that_becomes_secret(any_database: Database, tmp_path: Path) -> None:
    """The link goes with the next load, the element when nobody has it, the record when it has nothing else."""
    store = RegisterStore(any_database, SEALER)
    with open_loader(any_database) as loader:
        load(loader, tmp_path, [ANNA, BRAM, CEES, DIRK])
        old, version = contents(store, "household"), store.version("household")
        applied = load(loader, tmp_path, [hidden(BRAM), hidden(CEES)]).applied
        assert set(contents(store, "household")) == {"anna", "dirk"}
        assert set(contents(store)) == {"anna", "bram"}
        assert (applied.removed, applied.removed_elements) == (
            1,
            1,
        )  # cees, and his address; anna has the other
        assert store.version("household") > version
        assert store.counts()[0] == 3
        assert int(store.element_ids("household", old["cees"])[0]) == -1
        with any_database.read() as connection:
            assert list(connection.scalars(select(removed_element.c.kind))) == ["household"]
        load(loader, tmp_path, [BRAM, CEES])
    assert contents(store, "household") == old  # no secret is for ever: the next load says what is


@pytest.mark.parametrize(
    "later",
    [
        pytest.param([hidden(ANNA, bsn="123")], id="his BSN is mistyped"),
        pytest.param([hidden(ANNA, city="x" * 2_000)], id="an attribute is too long"),
        pytest.param([hidden(ANNA, city=BSNS[0])], id="an attribute shows his BSN"),
        pytest.param(
            [hidden(ANNA, bsn="", postcode="", number="")], id="the row is empty but for the indication"
        ),
        pytest.param([hidden(ANNA, postcode="", number="")], id="the source left the address out"),
        pytest.param([hidden(ANNA, postcode="?")], id="the address is no address"),
        pytest.param([ANNA, hidden(ANNA)], id="his second row says so"),
        pytest.param([hidden(ANNA), ANNA], id="his second row says otherwise"),
    ],
)
@pytest.mark.parametrize("mode", ["upsert", "replace"])
def test_a_fault_beside_it_keeps_no_address_in(
    loader: Loader, store: RegisterStore, tmp_path: Path, later: list[Row], mode: Mode
) -> None:
    """A rejected row leaves what was there before, but never an address that it says is secret."""
    load(loader, tmp_path, [ANNA, DIRK])
    load(loader, tmp_path, [*later, DIRK], mode)
    assert set(contents(store)) == {"anna"}
    assert set(contents(store, "household")) == {"dirk"}


def test_bytes_that_cannot_be_read_mean_secret(loader: Loader, store: RegisterStore, tmp_path: Path) -> None:
    """An indication in another encoding rejects the row and takes the address out of the register."""
    load(loader, tmp_path, [ANNA, DIRK])
    source = write_csv(tmp_path / "x.csv", HEADER, [hidden(ANNA, secret="SECRET"), DIRK])
    source.write_bytes(source.read_bytes().replace(b"SECRET", b"\xff\xfe"))
    summary = loader.load_csv(source, MAPPING)
    assert [reason for *_, reason in read_rejects(summary.rejects)] == ["encoding_invalid", "address_secret"]
    assert read_rejects(summary.rejects)[0][1] == "secret"
    assert set(contents(store, "household")) == {"dirk"}
    assert summary.tally.rejected == 1


def test_when_all_are_secret(loader: Loader, store: RegisterStore, tmp_path: Path) -> None:
    """A file of which nothing is loaded still takes out what is secret now."""
    load(loader, tmp_path, [CEES])
    summary = load(loader, tmp_path, [hidden(CEES)])
    assert (summary.tally.loaded, summary.tally.only_secret, summary.applied.removed) == (0, 1, 1)
    assert store.counts() == (0, {})


@pytest.mark.parametrize(
    ("header", "column", "code"),
    [
        (HEADER, "geheim", "column_missing"),
        (HEADER, 7, "column_missing"),
        ((*HEADER[:4], "secret", "secret"), "secret", "column_ambiguous"),
    ],
)
def test_a_column_that_is_not_there(
    loader: Loader, tmp_path: Path, header: tuple[str, ...], column: str | int, code: str
) -> None:
    """Without the column nothing is loaded: nobody would be known to be secret."""
    mapping = MAPPING.model_copy(update={"address_secret": column, "attributes": {}})
    with pytest.raises(InputError) as raised:
        loader.load_csv(write_csv(tmp_path / "x.csv", header, [ANNA]), mapping)
    assert raised.value.code == code


def test_a_person_asked_about(tmp_path: Path) -> None:
    """By address he cannot be asked about; by BSN he can."""
    by_address = {"household": {"postcode": "1234AB", "house_number": "5"}}
    refused = judge(SourceRow(1, "r", by_address, {}, address_secret=True), production=False)
    assert not refused.used
    assert [one.reason for one in refused.rejects] == ["address_secret"]
    by_number = judge(SourceRow(1, "r", {"bsn": {"bsn": BSNS[0]}}, {}, address_secret=True), production=False)
    assert by_number.used
    assert by_number.rejects == ()


@pytest.mark.parametrize(
    "name", ["07.70.10", "70.10", "Indicatie geheim", "indicatie_geheim", "Geheim", "address_secret"]
)
def test_guessing_the_column(name: str) -> None:
    """The number of the element in the population register and common names are known, where there is an address."""
    assert guess_mapping(["bsn", "postcode", "huisnummer", name]).address_secret == name
    assert guess_mapping(["bsn", name]).address_secret is None


def test_the_guess_for_a_real_export() -> None:
    """The column of the RvIG test persons is found."""
    with CsvSource(SHARED / "data" / "rvig-testpersonen.csv") as source:
        assert guess_mapping(source.header).address_secret == "07.70.10"


def test_what_the_commands_say(tmp_path: Path) -> None:
    """The starter mapping has the column or says that it lacks; the summary counts the secret apart from the faults."""
    config, runner = make_node(tmp_path / "node"), CliRunner()
    source = write_csv(
        tmp_path / "x.csv",
        ("ref", "bsn", "postcode", "huisnummer", "indicatie geheim"),
        [row[:5] for row in (ANNA, hidden(BRAM), hidden(CEES))],
    )
    starter = runner.invoke(app, ["register", "mapping", str(source)])
    assert "address_secret: indicatie geheim" in starter.stdout
    mapping = tmp_path / "m.yaml"
    mapping.write_text(starter.stdout)
    words = ["register", "load", str(source), "--mapping", str(mapping), "--config", str(config)]
    said = runner.invoke(app, words)
    assert said.exit_code == 0
    lines = [" ".join(line.replace("│", " ").split()) for line in said.output.splitlines()]
    assert "with nothing but a secret address 1" in lines
    assert "Addresses that are secret, and kept out: 2." in lines
    assert "Not everything could be used" not in said.output
    told = json.loads(runner.invoke(app, [*words, "--json"]).stdout)
    assert (told["secret_addresses"], told["only_secret_address"], told["rejected"]) == (2, 1, 0)
    without = write_csv(tmp_path / "y.csv", ("bsn", "postcode", "huisnummer"), [])
    assert "# address_secret: COLUMN" in runner.invoke(app, ["register", "mapping", str(without)]).stdout
