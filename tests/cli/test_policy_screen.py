"""What the policy commands show an officer, on a screen of 80 columns and where there is none."""

import subprocess
from pathlib import Path

import pytest

from linkage_node.node import Node
from tests.activation.office import activate, make_office, policy
from tests.cli.conftest import COMMAND, Run
from tests.nodes import make_node


def test_a_policy_that_nobody_can_sign(run: Run, tmp_path: Path) -> None:
    """Without officers it is built, and what to do first is told; with them who signs."""
    config = make_node(tmp_path / "a")
    built = run("policy", "build", "p.tar.gz", "--config", config)
    assert built.code == 0, built.err
    assert "node.yaml noemt geen functionarissen" in built.out
    assert "`linkage-node policy officer-key BESTAND --name NAAM`" in built.out
    assert "van het product, 0 van uzelf." in built.out
    config = make_office(tmp_path / "office")
    built = run("policy", "build", "q.tar.gz", "--config", config)
    assert (
        f"elk met `linkage-node policy sign q.tar.gz --officer NAAM --key SLEUTEL --config {config}`"
        in built.out
    )


@pytest.mark.parametrize("columns", ["80", "200"])
def test_the_history_fits(run: Run, tmp_path: Path, columns: str) -> None:
    """Who, when to the minute in UTC, and which revision, none of them cut off or broken."""
    config = make_office(tmp_path)
    bundle = policy()
    with Node.open(config) as node:
        activate(node, bundle)
    shown = run("policy", "history", "--config", config, COLUMNS=columns)
    assert shown.code == 0, shown.err
    known = run("policy", "history", "--json", "--config", config).json
    assert [one["revision"] for one in known] == [bundle.revision]
    moment = known[0]["activated_at"][:16].replace("T", " ")
    for whole in (f"{moment} UTC", "Anna de Vries, Bert Jansen", f"revisie {bundle.revision[:16]}"):
        assert whole in shown.out
    assert max(map(len, shown.out.splitlines())) <= int(columns)


def test_a_passphrase_is_asked_on_a_terminal_alone(tmp_path: Path) -> None:
    """Without one the command says how to give it, and nothing of Python's is shown."""
    ended = subprocess.run(
        [COMMAND, "policy", "officer-key", tmp_path / "key", "--name", "Anna"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        start_new_session=True,
    )
    assert ended.returncode == 3
    assert "option_missing" in ended.stderr
    assert "--passphrase-file BESTAND" in ended.stderr
    assert "getpass" not in ended.stderr
    assert not (tmp_path / "key").exists()


def test_legal_bases_in_english(run: Run) -> None:
    """Labels and words of an agreement; the titles and the note, which are of Dutch law, stay."""
    shown = run("policy", "legal-bases", "wgs-4a", "--language", "en").out
    assert "municipality: bsn" in shown
    assert "note (Dutch)" in shown
    assert "Gemeente" not in shown.split("note (Dutch)")[0]
    assert "Gemeente (gemeente): bsn" in run("policy", "legal-bases", "wgs-4a").out


def test_a_node_that_is_not_there(run: Run) -> None:
    """The most frequent mistake, a command in another folder, is answered in Dutch."""
    told = " ".join(run("policy", "history").err.replace("│", "").split())
    assert "Zeg waar node.yaml van uw knooppunt staat: met `--config`" in told
