"""The quick start of the README, word for word, and the example of a client, against real nodes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from linkage_node.demo.nodes import DemoNode, free_ports
from linkage_node.demo.registers import DESK, TOWN
from linkage_node.node import Node
from tests.docs.commands import ROOT
from tests.docs.scripts import blocks_of, run
from tests.nodes import introduce, make_node
from tests.signed import add_signed

EXAMPLES = ROOT / "docs" / "examples"
SHARED = {
    "T-101": "true",
    "T-102": "false",
    "T-103": "true",
    "T-104": "false",
    "T-107": "false",
    "T-108": "true",
}


@pytest.mark.slow
def test_the_quick_start_works_word_for_word(tmp_path: Path) -> None:
    """Pasted as it is (on other ports, so that tests do not meet), it finds the three shared clients."""
    (script,) = blocks_of(ROOT / "README.md")
    assert len(script.splitlines()) == 12
    told = run(script, ROOT, tmp_path, seconds=120)
    (results,) = tmp_path.glob("*/shared.csv")
    rows = [line.split(",") for line in results.read_text(encoding="utf-8").splitlines()[1:]]
    assert {ref: hit for ref, _, hit, _ in rows} == SHARED
    assert "The chain holds" in told


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two serving nodes, `town` and `desk`, with the examples' agreement and registers."""
    folder = tmp_path_factory.mktemp("examples")
    nodes = []
    for organisation, key, port in zip((TOWN, DESK), ("town", "desk"), free_ports(2), strict=True):
        oin = "00000099000000010000" if key == "town" else "00000099000000020000"
        make_node(folder / key, oin, listen=f"127.0.0.1:{port}")
        nodes.append(DemoNode(organisation._replace(key=key), folder, port))
    introduce(*(node.config for node in nodes))
    for node in nodes:
        with Node.open(node.config) as opened:
            add_signed(opened, (EXAMPLES / "agreement.yaml").read_text(encoding="utf-8"))
        rejects = str(folder / f"{node.organisation.key}.rejects.csv")
        source = str(EXAMPLES / f"clients-{node.organisation.key}.csv")
        node.run(
            "register", "load", source, "--mapping", str(EXAMPLES / "mapping.yaml"), "--rejects", rejects
        )
    with ExitStack() as running:
        for node in nodes:
            running.enter_context(node.serving())
        yield folder


def _client(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(EXAMPLES / "client.py"), str(home / "town"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("bsn", "answer"), [("999992867", "yes"), ("999992041", "no")])
def test_the_client_asks_about_a_person(home: Path, bsn: str, answer: str) -> None:
    """One person at the counter, known at the desk or not."""
    done = _client(home, "energy-allowance", "person", bsn)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"known there: {answer} ")


def test_the_client_asks_about_the_register(home: Path) -> None:
    """Start, watch and fetch: the hits of the whole register."""
    done = _client(home, "energy-allowance", "register")
    assert done.returncode == 0, done.stderr
    assert "QUERY_STATE_DONE" in done.stdout
    hits = {
        line.removeprefix("hit: ").split()[0] for line in done.stdout.splitlines() if line.startswith("hit: ")
    }
    assert hits == {ref for ref, hit in SHARED.items() if hit == "true"}


def test_the_client_asks_about_a_file(home: Path) -> None:
    """Persons in a stream; who cannot be asked about comes back with the reason."""
    persons = home / "persons.csv"
    persons.write_text("record_ref,bsn\np-1,999992867\np-2,999996113\np-3,12\n", encoding="utf-8")
    done = _client(home, "energy-allowance", "persons", str(persons))
    assert done.returncode == 0, done.stderr
    assert "not asked about: row 3, p-3: bsn_not_nine_digits" in done.stdout
    assert "hit: p-1" in done.stdout
    assert "hit: p-2" not in done.stdout


STEERING = """
count:
  requester_bucket: 20
  provider_bucket: 80
  smallest_set: 1
  smallest_cell: 1
  questions: [{id: shared, epsilon: 5.0}]
"""


def test_the_client_counts(home: Path) -> None:
    """A question of the catalogue: one number, near the truth; a question that is not there is told by its code."""
    text = (EXAMPLES / "agreement.yaml").read_text(encoding="utf-8")
    text = text.replace("id: energy-allowance", "id: steering").replace("answers: [hit]", "answers: [count]")
    for key in ("town", "desk"):
        with Node.open(home / key / "node.yaml") as opened:
            add_signed(opened, text + STEERING)
    done = _client(home, "steering", "count", "shared")
    assert done.returncode == 0, done.stderr
    assert "have noise: 95 of 100 are within 0 of the truth" in done.stdout
    number = done.stdout.splitlines()[-1].rpartition(": ")[2]
    assert number == "not released" or abs(int(number) - 3) < 8  # noise of scale 0.2
    refused = _client(home, "steering", "count", "other")
    assert (refused.returncode, "question_not_agreed" in refused.stderr) == (1, True)


def test_the_client_asks_several(home: Path) -> None:
    """Two agreements with one provider are refused by code: each must be with another."""
    done = _client(home, "energy-allowance,steering", "register")
    assert (done.returncode, "provider_twice" in done.stderr) == (1, True)


def test_the_client_adds_a_record(home: Path) -> None:
    """A record goes into the register; a bad one is told."""
    assert "applied: 1" in _client(home, "-", "upsert", "T-900", "999996113").stdout
    refused = _client(home, "-", "upsert", "T-901", "12")
    assert "applied: 0" in refused.stdout
    assert "rejected: T-901, bsn: bsn_not_nine_digits" in refused.stdout


def test_the_client_tells_how_it_is_used(home: Path) -> None:
    """Words that are off give its usage; a file that is not there is named."""
    for words in (
        (),
        ("energy-allowance",),
        ("energy-allowance", "person"),
        ("energy-allowance", "ask", "x"),
    ):
        done = _client(home, *words)
        assert done.returncode == 2
        assert "client.py NODE-FOLDER AGREEMENT-ID COMMAND" in done.stderr
    missing = _client(home, "energy-allowance", "persons", "none.csv")
    assert (missing.returncode, missing.stderr) == (1, "there is no file none.csv\n")


def test_the_client_tells_the_reason_of_a_refusal(home: Path) -> None:
    """The status and the stable code, which is what a system acts on."""
    done = _client(home, "no-such-agreement", "person", "999992867")
    assert done.returncode == 1
    assert done.stderr.startswith("NOT_FOUND, agreement_not_here: ")
