"""Real load processes killed with SIGKILL at a known point, and the same command run again."""

import json
import signal
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from linkage_node.limits import LOAD_BATCH_ROWS
from linkage_node.node import Node
from linkage_node.pseudonyms import pseudonymise
from linkage_node.pseudonyms.parallel import local_executor
from linkage_node.register.store import RegisterStore
from tests.nodes import make_node
from tests.registers import bsns, contents, linkage_node, read_rejects, write_csv

ROWS = 2 * LOAD_BATCH_ROWS + 100

# A load that says when it has come to the given point, and waits there to be killed.
LOAD_AND_WAIT = """
import signal, sys
from pathlib import Path
from sqlalchemy import event
from linkage_node.node import Node
from linkage_node.register.loader import open_loader
from linkage_node.register.mapping import load_mapping

point, config, source, mapping = sys.argv[1:]

def wait(*_arguments):
    print("here", flush=True)
    signal.pause()

def wait_at(_connection, _cursor, statement, *_rest):
    if statement.startswith(point):
        wait()

with Node.open(Path(config)) as node, open_loader(node) as loader:
    if point != "staged":
        event.listen(node.database.engine, "after_cursor_execute", wait_at)
    loader.load_csv(Path(source), load_mapping(Path(mapping)), on_progress=wait if point == "staged" else print)
"""


def killed_at(point: str, *arguments: Path) -> None:
    """Run a load up to `point` and kill it there."""
    command = [sys.executable, "-c", LOAD_AND_WAIT, point, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any(line == "here\n" for line in process.stdout), "the load ended before it came to the point"
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


@pytest.mark.parametrize(
    ("point", "resumed"),
    [
        ("staged", LOAD_BATCH_ROWS + 1),  # after the first batch
        ("INSERT INTO staged_link", 0),  # in the middle of the first batch
        ("INSERT INTO element", ROWS + 1),  # in the middle of applying
        ("DELETE FROM staged_load", ROWS + 1),  # at the very end of applying, before the commit
    ],
)
def test_killed_and_run_again(tmp_path: Path, point: str, resumed: int) -> None:
    """After the kill the register is untouched; after the second run it is whole, and so are the rejects."""
    config = make_node(tmp_path / "node")
    numbers = list(islice(bsns(), ROWS))
    rows = [(f"r{at}", number) for at, number in enumerate(numbers)]
    rows[0] = ("bad", "123")
    source = write_csv(tmp_path / "clients.csv", ("ref", "bsn"), rows)
    mapping = tmp_path / "m.yaml"
    mapping.write_text("record_ref: ref\nidentifiers: {bsn: bsn}\n")

    killed_at(point, config, source, mapping)
    with Node.open(config) as node:
        assert RegisterStore(node.database, node.sealer).counts() == (0, {})

    again = linkage_node("register", "load", source, "--mapping", mapping, "--config", config, "--json")
    assert again.returncode == 0, again.stderr
    summary = json.loads(again.stdout)
    assert (summary["rows"], summary["loaded"], summary["resumed_after_row"]) == (ROWS, ROWS - 1, resumed)
    assert read_rejects(Path(summary["rejects"])) == [(2, "bsn", "bad", "bsn_not_nine_digits")]
    with Node.open(config) as node, local_executor() as executor:
        secrets = node.secrets
        packed = pseudonymise(
            "bsn",
            [number.encode() for number in numbers],
            secrets.domain_secret,
            secrets.register_scalar,
            executor,
        )
        store = RegisterStore(node.database, node.sealer)
        expected = {f"r{at}": packed[at * 32 : at * 32 + 32] for at in range(1, ROWS)}
        assert contents(store) == expected
        assert store.staging.unfinished() == 0
