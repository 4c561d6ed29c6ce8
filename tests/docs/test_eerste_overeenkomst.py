"""The officer's walk-through, from the first agreement to activation and revocation, word for word."""

import re
import shutil
from pathlib import Path

import pytest

from linkage_node.reasons import REASONS
from tests.docs.commands import ROOT
from tests.docs.scripts import blocks_of, run

GUIDE = ROOT / "docs" / "eerste-overeenkomst.md"
pytestmark = pytest.mark.timeout(
    1600
)  # some sixty commands, one after the other, on a machine that may be busy


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What its commands print, one after the other, each after its own text; and the folder they ran in."""
    folder = tmp_path_factory.mktemp("guide")
    (folder / "docs").mkdir()
    shutil.copytree(ROOT / "docs" / "examples", folder / "docs" / "examples")
    script = "\n".join(["set -ev", *blocks_of(GUIDE)])
    return run(script, folder, folder, seconds=1500), folder / "oefening"


def _after(told: str, command: str) -> str:
    """What was printed between this command and the next."""
    start = told.index(command) + len(command)
    following = re.search(r"\n(?:linkage-node|sed|mkdir|umask|kill) ", told[start:])
    return told[start : start + following.start() if following else None]


@pytest.mark.slow
def test_an_agreement_counts_from_the_second_signature(told: tuple[str, Path]) -> None:
    """Refused while unsigned, approved as if it were in force, in force when both signed."""
    text, _ = told
    assert "agreement_unsigned" in _after(text, "explain --agreement intake --config gemeente/node.yaml")
    assert "GOEDGEKEURD" in _after(text, "explain --agreement intake --status in_force --config")
    assert "purpose_not_agreed" in _after(text, "--status in_force --purpose Fraudeopsporing --config")
    assert "woningcorporatie" not in _after(text, "agreements check intake.yaml")
    assert "[legal_basis_not_for_organisation]" in _after(text, "agreements check fout.yaml")


@pytest.mark.slow
def test_a_policy_needs_two_officers(told: tuple[str, Path]) -> None:
    """Without a policy everything is refused; one signature is not enough, two are; an older one is refused."""
    text, _ = told
    first, second = (one.start() for one in re.finditer("policy activate beleid-1.tar.gz", text)), text
    places = list(first)
    assert "officer_missing" in second[places[0] : places[0] + 600]
    assert "policy_older" in second[places[-1] : places[-1] + 600]
    assert "J. Jansen, M. de Vries" in _after(text, "policy history --config gemeente/node.yaml")


@pytest.mark.slow
def test_the_question_is_answered_and_can_be_explained(told: tuple[str, Path]) -> None:
    """Three shared clients; the refused question is explained from the evidence."""
    text, folder = told
    rows = (folder / "bekend.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert sum(",true" in row for row in rows) == 3
    assert not (folder / "niets.csv").exists()
    assert "purpose_not_agreed" in _after(text, "policy explain --config gemeente/node.yaml --transaction")


@pytest.mark.slow
def test_what_changes_is_told_before_it_is_signed(told: tuple[str, Path]) -> None:
    """The smaller question size of the new version shows in the comparison; revoking is told."""
    text, _ = told
    assert "Anders beantwoord: " in _after(text, "policy diff active beleid-2.tar.gz")
    assert "Anders beantwoord: 0" not in _after(text, "policy diff active beleid-2.tar.gz")


def test_the_codes_of_its_table_exist() -> None:
    """A code that was renamed would send the reader nowhere."""
    table = GUIDE.read_text(encoding="utf-8").split("## Als het niet lukt")[1]
    codes = {code for code in re.findall(r"`([a-z]+_[a-z_]+)`", table) if not code.endswith("_")}
    assert len(codes) > 10
    assert codes - REASONS.keys() == set()
