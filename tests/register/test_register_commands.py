"""`linkage-node register` as an operator and a script meet it."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from linkage_node.cli.main import app
from linkage_node.errors import InputError
from linkage_node.register.mapping import load_mapping
from tests.nodes import make_node
from tests.registers import linkage_node, test_bsns, write_csv

HEADER = ("klantnummer", "bsn", "postcode", "huisnummer", "toevoeging")
MAPPING = "record_ref: klantnummer\nidentifiers: {bsn: bsn}\n"
runner = CliRunner(env={"COLUMNS": "200"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a node, a mapping and a source in which two of five rows are no good."""
    make_node(tmp_path / "node")
    (tmp_path / "m.yaml").write_text(MAPPING)
    one, two, *_ = test_bsns()
    rows = [("a", one, "", "", ""), ("b", two, "", "", ""), ("c", one, "", "", "")]
    write_csv(tmp_path / "x.csv", HEADER, [*rows, ("d", "", "", "", ""), ("e", "5", "", "", "")])
    return tmp_path


def run(folder: Path, *words: str | Path) -> Result:
    """A `register` command on the node of this folder."""
    return runner.invoke(app, ["register", *map(str, words), "--config", str(folder / "node" / "node.yaml")])


def load(folder: Path, *words: str | Path) -> Result:
    """`register load` of the source."""
    return run(folder, "load", folder / "x.csv", "--mapping", folder / "m.yaml", *words)


def test_what_a_person_reads(folder: Path) -> None:
    """The summary tells what was loaded, what was not and why, and where that is."""
    done = load(folder)
    assert done.exit_code == 0
    lines = [" ".join(line.replace("│", " ").split()) for line in done.output.splitlines()]
    for told in (
        "rows in the file 5",
        "loaded 3",
        "without any identifier 1",
        "rejected 1",
        "bsn: records with it 3",
        "bsn: distinct pseudonyms 2",
        "the BSN is not 8 or 9 digits (bsn_not_nine_digits) 1",
        "The header line says that fields are separated by a semicolon.",
        f"Every one of them is in {folder / 'x.csv.rejects.csv'}",
    ):
        assert told in lines, done.output


def test_what_a_script_reads(folder: Path) -> None:
    """The same in JSON, and nothing else on stdout."""
    summary = json.loads(load(folder, "--json", "--rejects", folder / "r.csv").stdout)
    assert summary.pop("seconds") >= 0
    assert summary == {
        "rows": 5,
        "loaded": 3,
        "rejected": 1,
        "without_identifier": 1,
        "only_secret_address": 0,
        "secret_addresses": 0,
        "unclear_addresses": 0,
        "loaded_in_part": 0,
        "reasons": {"bsn_not_nine_digits": 1, "identifier_missing": 1},
        "kinds": {"bsn": {"records": 3, "distinct": 2}},
        "added": 3,
        "renewed": 0,
        "removed": 0,
        "new_elements": 2,
        "removed_elements": 0,
        "withheld": 0,
        "rejects": str(folder / "r.csv"),
        "resumed_after_row": 0,
        "begun_anew": False,
    }


def test_nothing_usable_is_exit_code_3(folder: Path) -> None:
    """A script can tell a file that was no good at all from one with a few bad rows."""
    write_csv(folder / "x.csv", HEADER, [("e", "5", "", "", "")])
    done = linkage_node(
        "register",
        "load",
        folder / "x.csv",
        "--mapping",
        folder / "m.yaml",
        "--config",
        folder / "node/node.yaml",
    )
    assert done.returncode == 3
    assert "no_usable_rows" in done.stderr
    assert done.stdout == ""


def test_show_and_remove(folder: Path) -> None:
    """Numbers before and after; a reference that is not there is told, with an exit code of its own."""
    assert "empty" in run(folder, "show").output
    load(folder)
    (folder / "refs.txt").write_text("a\n\nnobody\n")
    removed = run(folder, "remove", "b", "--refs", folder / "refs.txt", "--json")
    assert (removed.exit_code, json.loads(removed.stdout)) == (7, {"removed": 2, "unknown": ["nobody"]})
    shown = json.loads(run(folder, "show", "--json").stdout)
    assert shown == {"records": 1, "kinds": {"bsn": {"records": 1, "elements": 1}}, "unfinished_loads": 0}
    assert "bsn" in run(folder, "show").output
    again = run(folder, "remove", "c")
    assert (again.exit_code, again.output) == (0, "Records removed: 1.\n")
    assert isinstance(run(folder, "remove").exception, InputError)


def test_modes(folder: Path) -> None:
    """replace leaves what the file names and no more; remove takes it away."""
    load(folder)
    write_csv(folder / "x.csv", HEADER, [("a", test_bsns()[5], "", "", "")])
    assert json.loads(load(folder, "--mode", "replace", "--json").stdout)["removed"] == 2
    assert "removed" in load(folder, "--mode", "remove").output
    assert json.loads(run(folder, "show", "--json").stdout)["records"] == 0


def test_a_starter_mapping_works(folder: Path) -> None:
    """What `register mapping` prints is a mapping file for that source."""
    done = runner.invoke(app, ["register", "mapping", str(folder / "x.csv")])
    (folder / "guessed.yaml").write_text(done.stdout)
    mapping = load_mapping(folder / "guessed.yaml")
    assert mapping.record_ref == "klantnummer"
    assert mapping.columns() == {
        "bsn": {"bsn": ("bsn",)},
        "household": {
            "postcode": ("postcode",),
            "house_number": ("huisnummer",),
            "addition": ("toevoeging",),
        },
    }
    (folder / "m.yaml").write_text(done.stdout)
    assert load(folder).exit_code == 0


def test_a_starter_mapping_without_a_reference(tmp_path: Path) -> None:
    """It says what the reference will be, and takes the encoding and delimiter from the file."""
    path = tmp_path / "x.csv"
    path.write_bytes("01.01.20|naam\n999990019|Zoë\n".encode("cp1252"))
    done = runner.invoke(app, ["register", "mapping", str(path)])
    assert yaml.safe_load(done.stdout) == {
        "delimiter": "|",
        "encoding": "cp1252",
        "identifiers": {"bsn": {"bsn": "01.01.20"}},
    }
    assert "row:<line of the file>" in done.stdout
    missing = runner.invoke(app, ["register", "mapping", str(tmp_path / "none.csv")])
    assert isinstance(missing.exception, InputError)
