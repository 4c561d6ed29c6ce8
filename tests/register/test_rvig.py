"""The RvIG test persons: a real export with all its oddities, loaded with the real command."""

import csv
import json
from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.nodes import edit, make_node
from tests.registers import linkage_node, passes, read_rejects

SOURCE = SHARED / "data" / "rvig-testpersonen.csv"
MAPPING = "identifiers: {bsn: 01.01.20}\n"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    """The rows of the file, read anew for the tests."""
    with SOURCE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def load(folder: Path, mapping: str) -> dict[str, object]:
    """Load the file into a new node, with logs at debug level; the summary of the command."""
    config = make_node(folder / "node")
    with config.open("a") as file:
        file.write("log_file: node.log\n")
    edit(config, "log_level: info", "log_level: debug")
    (folder / "m.yaml").write_text(mapping)
    done = linkage_node(
        "register",
        "load",
        SOURCE,
        "--mapping",
        folder / "m.yaml",
        "--config",
        config,
        "--rejects",
        folder / "rejects.csv",
        "--json",
    )
    assert done.returncode == 0, done.stderr
    (folder / "said.txt").write_text(done.stdout + done.stderr)
    summary: dict[str, object] = json.loads(done.stdout)
    return summary


def test_every_row_is_accounted_for(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    """Rows with a good BSN are loaded, the rejects name the others by line: those that fail, and those without."""
    summary = load(tmp_path, MAPPING)
    numbers = [row["01.01.20"] for row in rows]
    good = [number for number in numbers if number and passes(number)]
    failing = [at + 2 for at, number in enumerate(numbers) if number and not passes(number)]
    without = [at + 2 for at, number in enumerate(numbers) if not number]
    assert (summary["rows"], summary["loaded"]) == (len(rows), len(good))
    assert (summary["rejected"], summary["without_identifier"]) == (len(failing), len(without))
    assert summary["kinds"] == {"bsn": {"records": len(good), "distinct": len(set(good))}}
    rejects = read_rejects(tmp_path / "rejects.csv")
    assert [reject for reject in rejects if reject[3] != "identifier_missing"] == [
        (line, "01.01.20", f"row:{line}", "bsn_fails_elfproef") for line in failing
    ]
    assert [row for row, _, _, reason in rejects if reason == "identifier_missing"] == without


def test_no_bsn_is_left_anywhere(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    """No BSN of the file, of whomever, is in a byte of the node's folder, its logs, the rejects or what was printed."""
    load(tmp_path, MAPPING + "attributes: {name: 01.02.40}\n")
    numbers = {value for row in rows for name, value in row.items() if name.endswith(".01.20") and value}
    assert len(numbers) > 682
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.name == "node.db" for path in files)
    assert any(path.name == "node.log" for path in files)
    contents = {path: path.read_bytes() for path in files}
    found = {
        path: number for path, content in contents.items() for number in numbers if number.encode() in content
    }
    assert found == {}


def test_addresses_beside_bsns(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    """With households too, nobody with a good BSN is missed because of an incomplete address."""
    summary = load(
        tmp_path,
        "identifiers:\n  bsn: 01.01.20\n  household:\n    postcode: 08.11.60\n    house_number: 08.11.20\n"
        "    addition: [08.11.30, 08.11.40]\n",
    )
    good = [row["01.01.20"] for row in rows if row["01.01.20"] and passes(row["01.01.20"])]
    kinds = summary["kinds"]
    assert isinstance(kinds, dict)
    assert kinds["bsn"] == {"records": len(good), "distinct": len(set(good))}
    incomplete = [
        at + 2
        for at, row in enumerate(rows)
        if bool(row["08.11.60"].strip()) != bool(row["08.11.20"].strip())
    ]
    rejects = read_rejects(tmp_path / "rejects.csv")
    assert [row for row, _, _, reason in rejects if reason == "identifier_incomplete"] == incomplete
    assert summary["rows"] == sum(
        int(str(summary[part])) for part in ("loaded", "rejected", "without_identifier")
    )
