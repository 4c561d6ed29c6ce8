"""Ways to get the address of somebody who is secret into the register, or to leave it there: none of them works."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from linkage_node.cli.main import app
from linkage_node.errors import ExitCode, InputError
from linkage_node.limits import LOAD_BATCH_ROWS, ROW_CHARACTERS, UNREADABLE_ROWS
from linkage_node.register.loader import Loader, LoadSummary
from linkage_node.register.mapping import Mapping, load_mapping
from linkage_node.register.rows import SourceRow, judge
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database
from linkage_node.storage.tables import element, record, staged_secret
from tests.nodes import make_node
from tests.registers import SEALER, contents, open_loader, read_rejects, test_bsns

BSNS = test_bsns()
HEADER = "ref;bsn;postcode;number;secret;note"
ADDRESS = {"postcode": "postcode", "house_number": "number"}
ANNA = f"anna;{BSNS[0]};1234AB;1;0;"
BRAM = f"bram;{BSNS[1]};1234AB;2;0;"
SHOWN = f"K{BSNS[2]}"  # a reference that shows a BSN


def mapping_of(*kinds: str, **changes: object) -> Mapping:
    """A mapping of this test's columns; of both kinds if none is named."""
    both = {"bsn": "bsn", "household": ADDRESS}
    identifiers = {kind: both[kind] for kind in kinds or both}
    return Mapping.model_validate(
        {"identifiers": identifiers, "record_ref": "ref", "address_secret": "secret"} | changes
    )


BOTH = mapping_of()
WITHOUT_COLUMN = mapping_of(address_secret=None)


class Town:
    """A register, and the ways into it."""

    def __init__(self, database: Database, loader: Loader, folder: Path) -> None:
        self.database = database
        self.loader = loader
        self.folder = folder
        self.store = RegisterStore(database, SEALER)

    def write(self, *rows: str, end: str = "\n") -> Path:
        """A source of these lines."""
        path = self.folder / "x.csv"
        path.write_text("\n".join((HEADER, *rows)) + end)
        return path

    def load(self, *rows: str, mapping: Mapping = BOTH, end: str = "\n") -> LoadSummary:
        """Load these lines."""
        return self.loader.load_csv(self.write(*rows, end=end), mapping)

    def upsert(self, ref: str, bsn: str = "", address: Sequence[str] = (), *, secret: bool) -> None:
        """What a system says in a call."""
        fields = dict(zip(("postcode", "house_number"), address, strict=False))
        row = SourceRow(1, ref, {"bsn": {"bsn": bsn}, "household": fields}, {}, address_secret=secret)
        judged = judge(row, production=False)
        self.store.upsert(self.loader.staged([judged]), 1, judged.rejects)

    def households(self) -> set[str]:
        """Who is in the register by address."""
        return set(contents(self.store, "household"))


@pytest.fixture
def town(any_database: Database, tmp_path: Path) -> Iterator[Town]:
    """An empty register, on either engine."""
    with open_loader(any_database) as loader:
        yield Town(any_database, loader, tmp_path)


ONLY_BSN = mapping_of("bsn")


@pytest.mark.parametrize(
    ("first", "later", "mapping"),
    [
        pytest.param([ANNA], ["anna;123;;;7;"], ONLY_BSN, id="bad BSN, mapping without the address"),
        pytest.param([ANNA], ["anna;;;;7;"], ONLY_BSN, id="nothing given, mapping without the address"),
        pytest.param(
            [f"{SHOWN};{BSNS[3]};1234AB;1;0;"],
            [f"{SHOWN};{BSNS[2]};1234AB;1;7;"],
            BOTH,
            id="the corrected BSN shows in the reference",
        ),
        pytest.param(
            [],
            [f"{SHOWN};{BSNS[3]};1234AB;1;0;", f"{SHOWN};{BSNS[2]};1234AB;1;7;"],
            BOTH,
            id="the same, in one load",
        ),
        pytest.param(
            [],
            [f"{SHOWN};{BSNS[2]};1234AB;1;7;", f"{SHOWN};{BSNS[3]};1234AB;1;0;"],
            BOTH,
            id="the same, the other way round",
        ),
        pytest.param(
            [ANNA],
            [f"{BSNS[0]};{BSNS[0]};1234AB;1;7;"],
            BOTH,
            id="the BSN is the reference, and another record has it",
        ),
        pytest.param([ANNA], [f";{BSNS[0]};1234AB;1;7;"], BOTH, id="the reference is missing"),
        pytest.param([ANNA], [ANNA.replace(";0;", ";7;") + ";more"], BOTH, id="a field too many"),
        pytest.param([ANNA], ["new;" + ANNA], BOTH, id="a field too many, before the reference"),
        pytest.param([ANNA], ["x;" * 40 + ANNA], BOTH, id="forty fields too many, before the reference"),
        pytest.param([ANNA], [f"anna;{BSNS[0]};1234AB;1;7"], BOTH, id="a field too few"),
        pytest.param([ANNA], ["anna"], BOTH, id="the reference alone"),
        pytest.param([ANNA], [f'anna;{BSNS[0]};"1234AB;1;7;'], BOTH, id="an open quote"),
        pytest.param([ANNA], [f'"anna";"{BSNS[0]};1234AB;1;7;'], BOTH, id="an open quote after a closed one"),
        pytest.param([], [ANNA, f"anna;{BSNS[0]};1234AB;1;7"], BOTH, id="a broken second row in one load"),
        pytest.param([], [f"anna;{BSNS[0]};1234AB;1;7", ANNA], BOTH, id="a broken first row in one load"),
        pytest.param(
            [ANNA],
            [f"anna;{BSNS[0]};1234AB;1;7;{'x' * (ROW_CHARACTERS + 1)}"],
            BOTH,
            id="a row that is too long",
        ),
        pytest.param(
            [ANNA],
            [f'cees;{BSNS[4]};1234AB;3;0;"x', f'anna;{BSNS[0]};1234AB;1;7;x"'],
            BOTH,
            id="taken in by the row above, between two stray quotes",
        ),
        pytest.param(
            [ANNA],
            [f'anna;{BSNS[0]};"1234AB;1;7;', f'cees;{BSNS[4]};1234AB";3;0;'],
            BOTH,
            id="its mark overrun by the row below, between two stray quotes",
        ),
        pytest.param([ANNA], ["anna2" + ANNA[4:].replace(";0;", ";7;")], BOTH, id="under another reference"),
        pytest.param([ANNA], [ANNA.replace(";0;", ";7;").upper()], BOTH, id="under a reference in capitals"),
        pytest.param(
            [],
            [ANNA.replace(";0;", ";7;"), "anna2" + ANNA[4:]],
            BOTH,
            id="a second record with his BSN, unmarked",
        ),
        pytest.param(
            [],
            ["anna2" + ANNA[4:], ANNA.replace(";0;", ";7;")],
            BOTH,
            id="a second record with his BSN, before the marked one",
        ),
        pytest.param(
            [],
            [ANNA, f"anna;{BSNS[4]};1234AB;1;7;", f"cees;{BSNS[4]};1234AB;1;0;"],
            BOTH,
            id="a second record with the BSN of a row that is a duplicate",
        ),
    ],
)
def test_a_secret_row_of_any_shape(town: Town, first: list[str], later: list[str], mapping: Mapping) -> None:
    """Whatever is wrong with the row, the person's address goes, or does not come; his neighbour's stays."""
    town.load(*first, BRAM)
    summary = town.load(*later, BRAM, mapping=mapping)
    assert town.households() == ({"bram"} if mapping is BOTH else set())
    told = summary.rejects.read_text()
    assert not any(bsn in told for bsn in BSNS[:5])
    with town.database.read() as connection:
        assert connection.execute(select(staged_secret)).first() is None


def test_a_broken_row_of_a_mapping_without_the_address(town: Town) -> None:
    """Rows that are not in the file stay, those that cannot be read are not among them."""
    town.load(ANNA, BRAM)
    town.load("anna;1;2", f"cees;{BSNS[4]};;;0;", mapping=ONLY_BSN)
    assert town.households() == {"bram"}


def test_no_staged_row_shows_an_identifier(town: Town) -> None:
    """References that show a BSN, or may, are staged as keyed digests, in rows that are broken too."""
    town.load(ANNA)
    rows = [f"{SHOWN};{BSNS[2]};1234AB;1;7;", f"x;{BSNS[3]}", *[ANNA] * LOAD_BATCH_ROWS]

    def stop(_position: int, _rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        town.loader.load_csv(town.write(*rows), BOTH, on_progress=stop)
    with town.database.read() as connection:
        staged = connection.execute(select(staged_secret)).all()
    assert [(one.row, one.ref, one.certain) for one in staged] == [
        (2, None, True),
        (2, None, True),
        (3, None, False),
    ]
    assert not any(bsn in repr(staged) for bsn in BSNS[:4])


@pytest.mark.parametrize("again", [BOTH, WITHOUT_COLUMN, mapping_of(address_secret=False)])
def test_a_second_record_on_a_later_load(town: Town, again: Mapping) -> None:
    """As long as a record with the mark is there, no other with the same BSN has the address."""
    town.load(ANNA.replace(";0;", ";7;"), BRAM)
    version = town.store.version("household")
    summary = town.load("second" + ANNA[4:], mapping=again)
    assert town.households() == {"bram"}
    assert summary.applied.withheld == 1
    assert town.store.version("household") == version  # nothing came and went
    town.upsert("third", BSNS[0], ("1234AB", "1"), secret=False)
    assert town.households() == {"bram"}
    town.store.remove(["anna"], 2)
    town.load("second" + ANNA[4:])
    assert town.households() == {"bram", "second"}


def test_the_mark_goes_when_a_row_says_so(town: Town) -> None:
    """A source without the column says nothing of it; a row that is rejected neither."""
    town.load(ANNA.replace(";0;", ";7;"))
    town.load(ANNA, mapping=WITHOUT_COLUMN)
    town.load(BRAM, "anna;123;;;0;")
    assert town.households() == {"bram"}
    town.load(ANNA)
    assert town.households() == {"anna", "bram"}


SAY_SECRET: list[Callable[[Town], None]] = [
    lambda town: town.upsert("anna", BSNS[0], ("1234AB", "1"), secret=True),
    lambda town: town.upsert("anna", "123", secret=True),
    lambda town: town.upsert("anna", secret=True),
    lambda town: town.upsert("anna", BSNS[4], secret=True),
    lambda town: town.upsert("other", BSNS[0], secret=True),
]


@pytest.mark.parametrize("say", SAY_SECRET)
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("row", [ANNA, "anna;;1234AB;1;0;"])
def test_a_killed_load_puts_nobody_back(
    town: Town, say: Callable[[Town], None], known: bool, row: str
) -> None:
    """What a system said since the load began is newer than its file, of whom the register did not know too."""
    if row != ANNA and say is SAY_SECRET[-1]:
        say = SAY_SECRET[0]  # a record without a BSN has no second one
    if known:
        town.load(row)
    path = town.write(row, *[BRAM] * LOAD_BATCH_ROWS)

    def kill(_position: int, _rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        town.loader.load_csv(path, BOTH, on_progress=kill)
    say(town)
    summary = town.loader.load_csv(path, BOTH)
    assert summary.resumed_after > 2
    assert town.households() == {"bram"}
    assert summary.applied.withheld == 1
    town.load(row)
    if say is not SAY_SECRET[-1]:
        assert town.households() == {"anna", "bram"}  # a load that began later says otherwise


def test_said_while_a_file_is_loaded(town: Town) -> None:
    """The same without a kill: the call comes between two batches, and the file does not undo it."""

    def say(_position: int, _rows: int) -> None:
        town.upsert("anna", BSNS[0], ("1234AB", "1"), secret=True)

    town.loader.load_csv(town.write(ANNA, BRAM), BOTH, on_progress=say)
    assert town.households() == {"bram"}


def test_a_record_that_is_there_for_its_mark(town: Town) -> None:
    """It counts nowhere, keeps no attributes, and goes like any other."""
    mapping = mapping_of(attributes={"note": "note"})
    assert town.load("anna;;1234AB;1;0;note", mapping=mapping).applied.added == 1
    gone = town.load("anna;;1234AB;1;7;note", BRAM, mapping=mapping).applied
    assert (gone.added, gone.removed, gone.removed_elements) == (1, 1, 1)
    assert town.store.counts()[0] == 1
    with town.database.read() as connection:
        kept = connection.execute(select(record.c.ref, record.c.attributes, record.c.secret_by)).all()
        assert len(connection.execute(select(element)).all()) == 2  # bram's
    assert [(one.ref, one.attributes) for one in kept if one.secret_by] == [("anna", None)]
    back = town.load("anna;;1234AB;1;0;note", mapping=mapping).applied
    assert (back.added, back.renewed) == (1, 0)
    town.load("anna;;1234AB;1;7;note", mapping=mapping)
    assert town.loader.load_csv(town.write(BRAM), BOTH, mode="replace").applied.removed == 0
    with town.database.read() as connection:
        assert list(connection.scalars(select(record.c.ref))) == ["bram"]


@pytest.mark.parametrize(("end", "there"), [("", set()), ("\n", {"anna"})])
def test_a_file_that_was_cut_off(town: Town, end: str, there: set[str]) -> None:
    """An empty mark at the very end of a file without a line end may have been cut off."""
    path = town.folder / "cut.csv"
    path.write_text(f"ref;bsn;postcode;number;secret\nanna;{BSNS[0]};1234AB;1;{end}")
    town.loader.load_csv(path, BOTH)
    assert town.households() == there


def test_text_over_several_lines_is_no_sign(town: Town) -> None:
    """A note in quotes may hold line ends and delimiters."""
    town.load(f'anna;{BSNS[0]};1234AB;1;0;"first; line\nsecond; line;\n;;;"', BRAM)
    assert town.households() == {"anna", "bram"}


def test_a_broken_file_does_not_empty_the_register(town: Town) -> None:
    """When too many rows cannot be read nothing is changed, and it is told; a few cost those few."""
    rows = [f"r{at};{BSNS[at]};1234AB;{at + 1};0;" for at in range(3 * UNREADABLE_ROWS)]
    town.load(*rows)
    everybody = town.households()
    with pytest.raises(InputError, match="file_malformed") as raised:
        town.load(*[f"{row};" for row in rows])
    assert f"{len(rows)} of {len(rows)} rows" in raised.value.detail
    assert town.households() == everybody
    assert town.store.staging.unfinished() == 0
    summary = town.load(*[f"{row};" for row in rows[: UNREADABLE_ROWS - 1]], *rows[UNREADABLE_ROWS - 1 :])
    assert town.households() == everybody - {f"r{at}" for at in range(UNREADABLE_ROWS - 1)}
    assert (summary.tally.unclear, summary.tally.secret) == (UNREADABLE_ROWS - 1, 0)
    assert read_rejects(summary.rejects)[:2] == [
        (2, "", "", "row_malformed"),
        (2, "secret", "", "address_secret_unclear"),
    ]
    town.load(*rows)
    assert town.households() == everybody


def test_what_the_command_says(tmp_path: Path) -> None:
    """Who maps an address and no mark is warned in one line; who thought of it is not. Broken rows are told."""
    config, runner = make_node(tmp_path / "node"), CliRunner()
    source, mapping = tmp_path / "x.csv", tmp_path / "m.yaml"

    def said(terms: str, *rows: str, mode: str = "upsert") -> tuple[int, str, str]:
        source.write_text("\n".join((HEADER, *rows)) + "\n")
        mapping.write_text(f"record_ref: ref\n{terms}\n")
        words = ["load", str(source), "--mapping", str(mapping), "--config", str(config), "--mode", mode]
        done = runner.invoke(app, ["register", *words])
        return done.exit_code, done.stdout, done.stderr

    address = "identifiers: {household: {postcode: postcode, house_number: number}}"
    code, _, warned = said(address, ANNA)
    assert code == 0
    assert warned.startswith("Warning: the mapping does not say which addresses are secret")
    assert warned.count("\n") == 1
    assert load_mapping(mapping).secret_unknown
    for terms in (f"{address}\naddress_secret: false", f"{address}\naddress_secret: secret"):
        assert said(terms, ANNA)[::2] == (0, "")
    assert said("identifiers: {bsn: bsn}", ANNA)[::2] == (0, "")
    assert said(address, ANNA, mode="remove")[::2] == (0, "")
    code, told, _ = said(f"{address}\naddress_secret: secret", "anna;;7")
    assert code == ExitCode.INPUT
    assert "1 rows cannot be read, and may be of people whose addresses are secret" in " ".join(told.split())
    code, told, _ = said(
        f"{address.replace('{h', '{bsn: bsn, h')}\naddress_secret: secret",
        ANNA.replace(";0;", ";7;"),
        "x" + ANNA,
    )
    assert code == 0
    assert "another record of the same person, or a newer mark, says that they are secret: 1." in " ".join(
        told.split()
    )


def test_a_column_without_a_name(tmp_path: Path) -> None:
    """Nothing between quotes is a column that is not there, and not no column."""
    path = tmp_path / "m.yaml"
    path.write_text("identifiers: {bsn: bsn}\naddress_secret: ''\n")
    with pytest.raises(InputError, match="column_missing"):
        load_mapping(path).layout(["bsn", "secret"])


@pytest.mark.parametrize("value", ["true", "[secret]", "0"])
def test_what_names_no_column(tmp_path: Path, value: str) -> None:
    """Only `false` says that there is none."""
    path = tmp_path / "m.yaml"
    path.write_text(f"identifiers: {{bsn: bsn}}\naddress_secret: {value}\n")
    with pytest.raises(InputError, match="address_secret"):
        load_mapping(path)
