"""What tables and ids look like on a narrow terminal: nothing is cut, and the beginning of an id is enough."""

from pathlib import Path

import pytest

from linkage_node.clock import now_ms
from linkage_node.errors import Refusal
from linkage_node.node import Node
from linkage_node.policy.source import REVISION_CHARACTERS
from tests.cli.conftest import Run
from tests.nodes import OIN_B, make_node

REVISION = "0123456789abcdef" * (REVISION_CHARACTERS // 16)
_IDS = ("ab" * 16, "abababcd" * 4, "cd" * 16)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A node with evidence of three transactions."""
    from linkage_node.evidence import EvidenceLog

    made = make_node(tmp_path / "node")
    with Node.open(made) as node:
        for one in _IDS:
            EvidenceLog.of(node).write(
                event="decided",
                role="requester",
                at_ms=now_ms(),
                transaction_id=one,
                peer=OIN_B,
                reasons=["purpose_not_agreed", "kind_not_agreed"],
                revision=REVISION,
            )
    return made


def test_evidence_on_eighty_columns(run: Run, config: Path) -> None:
    """The partner's OIN and the revision stand whole on a line, and reasons are words."""
    shown = run("evidence", "show", "--config", config, COLUMNS="80")
    assert shown.code == 0
    assert shown.out.count(OIN_B) == shown.out.count(REVISION) == 3
    assert "reasons purpose_not_agreed," in shown.out
    assert "…" not in shown.out
    assert "[" not in shown.out


@pytest.mark.parametrize("start", [_IDS[2], "cdcdcd", "CDCDCDCD"])
def test_the_beginning_of_a_transaction_is_enough(run: Run, config: Path, start: str) -> None:
    """Six positions or more, as long as only one begins so."""
    found = run("evidence", "show", "--transaction", start, "--json", "--config", config).json
    assert [one["transaction_id"] for one in found] == [_IDS[2]]


@pytest.mark.parametrize(
    ("start", "told"),
    [("ffffff", "none begins with"), ("cd", "at least 6"), ("ababab", "2 begin with")],
)
def test_an_id_that_names_nothing_is_told(run: Run, config: Path, start: str, told: str) -> None:
    """None, too short, or more than one: refused with the reason, for evidence and for queries."""
    shown = run("evidence", "show", "--transaction", start, "--config", config)
    assert shown.code == Refusal.exit_code
    assert told in shown.err
    if told != "2 begin with":
        resumed = run("queries", "resume", start, "--config", config)
        assert resumed.code == Refusal.exit_code
        assert told in resumed.err


def test_unknown_partners_and_configurations_get_fitting_advice(run: Run, config: Path) -> None:
    """Who mistypes an OIN is shown the list; who is in the wrong folder how to name the configuration."""
    for command in ("remove", "check"):
        assert "peers list" in run("peers", command, OIN_B, "--config", config).err
    missing = run("peers", "list", "--json")
    assert "LINKAGE_NODE_CONFIG" in missing.err
    assert missing.json["meaning"] == "the file is not there"
