"""What a command writes takes the place of an earlier output of its own, and of nothing else."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from linkage_node.asking.results import HEADS
from linkage_node.charts.canvas import check_chart
from linkage_node.cli.main import app
from linkage_node.errors import InputError
from linkage_node.outputs import check_writable
from linkage_node.register.rejects import COLUMNS, RejectsFile
from tests.agreements.test_agreement_commands import run
from tests.nodes import OIN_A, make_node

# Commands that name a file to write; OUTPUT holds something else.
COMMANDS = {
    "signatures": "agreements signatures any --output OUTPUT --config CONFIG",
    "schema": "agreements new --template intake --schema OUTPUT",
    "match": "match --agreement any --output OUTPUT --config CONFIG",
    "results": "queries results 0123456789 --output OUTPUT --config CONFIG",
    "chart": "queries chart 0123456789 --output OUTPUT.svg --config CONFIG",
    "series": "standing export any --output OUTPUT --config CONFIG",
    "series chart": "standing chart any --output OUTPUT.png --config CONFIG",
    "rejects": "register load CLIENTS --mapping MAPPING --rejects OUTPUT --config CONFIG",
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_what_is_something_else_is_not_overwritten(command: str, tmp_path: Path) -> None:
    """A configuration, an agreement, a picture of somebody else: `file_exists`, and it is as it was."""
    examples = Path(__file__).parents[2] / "docs" / "examples"
    places = {
        "CONFIG": make_node(tmp_path / "node", OIN_A),
        "OUTPUT": tmp_path / "precious",
        "CLIENTS": examples / "clients-town.csv",
        "MAPPING": examples / "mapping.yaml",
    }
    for word, place in places.items():
        command = command.replace(word, str(place))
    kept = [tmp_path / f"precious{suffix}" for suffix in ("", ".svg", ".png")]
    for file in kept:
        file.write_text("overeenkomst: intake\n")
    with pytest.raises(InputError) as refused:
        CliRunner().invoke(app, command.split(), catch_exceptions=False)
    assert refused.value.code == "file_exists"
    assert {file.read_text() for file in kept} == {"overeenkomst: intake\n"}


def test_an_earlier_output_is_replaced(tmp_path: Path) -> None:
    """Scripts write the same file every day: results, rejects, charts, a schema; an empty file is nobody's."""
    file = tmp_path / "out.csv"
    for head in (b"", *(head + b",more\r\n" for head in HEADS)):
        file.write_bytes(head)
        check_writable(file, HEADS)
    file.write_text(",".join(COLUMNS) + "\r\n")
    assert RejectsFile(file, Path(__file__)).path == file
    for name, head in (("a.png", b"\x89PNG\r\n"), ("a.svg", b"<?xml version")):
        (tmp_path / name).write_bytes(head)
        check_chart(tmp_path / name)
    schema = tmp_path / "agreement.schema.json"
    for language in ("nl", "en"):
        assert run("new", "--template", "intake", "--schema", schema, "--language", language).exit_code == 0
    assert '"purpose"' in schema.read_text()
