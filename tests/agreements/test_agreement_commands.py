"""`linkage-node agreements` as a privacy officer uses it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from linkage_node.agreements import content_hash, parse_agreement
from linkage_node.cli.agreements import agreements_app
from linkage_node.diagnosis import State, diagnose
from linkage_node.errors import ExitCode, InputError, Refusal
from tests.nodes import OIN_A, OIN_B, make_node

runner = CliRunner()


def run(*words: str | Path) -> Result:
    """Run a command; errors come as they are raised."""
    return runner.invoke(agreements_app, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def nodes(tmp_path: Path) -> tuple[Path, Path]:
    """Two nodes: asks, answers."""
    return make_node(tmp_path / "asks", OIN_A), make_node(tmp_path / "answers", OIN_B)


def new(nodes: tuple[Path, Path], *words: str) -> str:
    """A new agreement between the two."""
    cards = [config.parent / "card.yaml" for config in nodes]
    made = run("new", "--requester", cards[0], "--provider", cards[1], "--id", "energy", *words)
    assert made.exit_code == 0
    return made.stdout


def test_a_new_agreement_can_be_added_at_both_nodes(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """What `new` prints is an agreement as it stands, with the names of the cards and the defaults told."""
    text = new(nodes, "--purpose", "Energy: 'allowance' \"now\" # really")
    agreement = parse_agreement(text)
    assert (agreement.requester.oin, agreement.provider.oin) == (OIN_A, OIN_B)
    assert agreement.purpose == "Energy: 'allowance' \"now\" # really"
    assert (agreement.kinds, agreement.answers) == (("bsn",), ("hit",))
    assert (agreement.valid_until - agreement.valid_from).days == 364
    file = tmp_path / "energy.yaml"
    file.write_text(text)
    for config in nodes:
        added = run("add", file, "--config", config)
        assert content_hash(agreement).hex() in added.stdout
        assert "7,168 entries of padding" in added.stdout  # 256 changes in each of 28 deltas
        shown = run("show", "energy", "--config", config)
        assert shown.stdout == text
        listed = json.loads(run("list", "--json", "--config", config).stdout)
        assert [one["id"] for one in listed] == ["energy"]
    assert "energy" in run("list", "--config", nodes[0]).stdout


def test_several_agreements_at_once(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """Each file is added or refused by itself, and exit code 7 tells that some were refused."""
    text = new(nodes, "--purpose", "Energy")
    files = [tmp_path / f"{name}.yaml" for name in ("energy", "missing", "broken", "other")]
    files[0].write_text(text)
    files[2].write_text(text.replace("kinds:", "kind:"))
    files[3].write_text(text.replace("id: energy", "id: other").replace('id: "energy"', 'id: "other"'))
    ran = run("add", *files, "--config", nodes[0])
    assert ran.exit_code == ExitCode.PARTIAL
    assert ran.stdout.count("Added ") == 2
    for file, code in ((files[1], "file_missing"), (files[2], "config_invalid")):
        assert f"Not added: {file}" in ran.stderr
        assert code in ran.stderr
    listed = json.loads(run("list", "--json", "--config", nodes[0]).stdout)
    assert {one["id"] for one in listed} == {"energy", "other"}


def test_all_that_is_given_is_in_the_new_agreement(nodes: tuple[Path, Path]) -> None:
    """Kinds, answers, days and limits."""
    words = "--kind household --kind bsn --answer count --answer hit --valid-from 2026-02-01 --valid-until 2026-02-28"
    limits = "--evaluations-per-day 7 --largest-query 5"
    agreement = parse_agreement(new(nodes, "--purpose", "Energy", *words.split(), *limits.split()))
    assert (agreement.kinds, agreement.answers) == (("household", "bsn"), ("count", "hit"))
    assert (str(agreement.valid_from), str(agreement.valid_until)) == ("2026-02-01", "2026-02-28")
    assert (agreement.limits.evaluations_per_day, agreement.limits.largest_query) == (7, 5)


def test_the_defaults_told_in_comments_are_the_defaults(nodes: tuple[Path, Path]) -> None:
    """A commented line says what holds without it: taking the `#` away changes nothing."""
    text = new(nodes, "--purpose", "Energy")
    names = ("epoch_days", "tag_set", "  bucket", "  changes", "  every_hours", "proof", "receipts")
    told = text
    for name in names:
        assert told.count(f"\n# {name}:") == 1
        told = told.replace(f"\n# {name}:", f"\n{name}:")
    assert content_hash(parse_agreement(told)) == content_hash(parse_agreement(text))


def test_a_proposal_that_is_no_agreement_is_refused(nodes: tuple[Path, Path]) -> None:
    """Nothing is printed that could not be added."""
    with pytest.raises(InputError) as refused:
        new(nodes, "--purpose", "Energy", "--answer", "everything")
    assert refused.value.code == "config_invalid"


def test_a_kind_that_no_node_knows_is_told(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """A typing error in a kind would otherwise find nobody, in silence."""
    file = tmp_path / "energy.yaml"
    file.write_text(new(nodes, "--purpose", "Energy", "--kind", "bns"))
    assert "'bns'" in run("add", file, "--config", nodes[0]).stderr


def test_what_would_be_refused_is_told(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """Receipts and other answers than a hit by `add`; receipts and a legal basis to be filled in by the doctor."""
    file = tmp_path / "energy.yaml"
    text = new(nodes, "--purpose", "Energy", "--answer", "hit", "--answer", "count")
    file.write_text(text + "receipts: true\n")
    told = run("add", file, "--config", nodes[0]).stderr
    assert "unknown_obligation" in told
    assert "count will be refused (answer_not_offered)" in " ".join(told.split())
    seen = [
        one.seen for one in diagnose(nodes[0]) if one.check == "agreements" and one.state is State.WARNING
    ]
    assert [words for words in ("legal basis", "receipts: true") if any(words in one for one in seen)] == [
        "legal basis",
        "receipts: true",
    ]


def test_a_legal_basis_to_be_filled_in_is_told(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """As long as it is not filled in; brackets in a text are shown as they are."""
    file = tmp_path / "energy.yaml"
    text = new(nodes, "--purpose", "Energy [bold]x[/]")
    file.write_text(text)
    assert "legal basis" in run("add", file, "--config", nodes[0]).stderr
    file.write_text(
        text.replace("TO FILL IN: the article of law that allows this", "Participatiewet art. 35")
    )
    assert "legal basis" not in run("add", file, "--replace", "--config", nodes[0]).stderr
    assert "[bold]" in run("list", "--config", nodes[0]).stdout


def test_a_removed_agreement_is_gone(nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """And cannot be shown or removed again."""
    file = tmp_path / "energy.yaml"
    file.write_text(new(nodes, "--purpose", "Energy"))
    run("add", file, "--config", nodes[0])
    run("remove", "energy", "--config", nodes[0])
    assert json.loads(run("list", "--json", "--config", nodes[0]).stdout) == []
    for command in ("show", "remove"):
        with pytest.raises(Refusal) as refused:
            run(command, "energy", "--config", nodes[0])
        assert refused.value.code == "agreement_not_here"
