"""What the privacy officer's guide promises is so: the errors to expect, its codes, its agreements, its commands."""

import re
from collections.abc import Iterator
from math import exp
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from linkage_node.agreements import parse_agreement
from linkage_node.agreements.model import Agreement
from linkage_node.agreements.terms import AttributeTerms, CountQuestion, CountTerms
from linkage_node.charts.interval import half_width
from linkage_node.cli.agreements import agreements_app
from linkage_node.limits import COUNT_TRAPS, EPSILON_PER_YEAR
from linkage_node.reasons import REASONS
from tests.docs.commands import ROOT, commands_in
from tests.nodes import OIN_A, OIN_B, make_node

GUIDE = (ROOT / "docs" / "functionaris.md").read_text(encoding="utf-8")
_ERRORS = re.compile(r"^\| ([\d.]+) \| ± (\d+) \| (\d+),(\d\d) \|$", re.MULTILINE)


def test_the_errors_to_expect_are_those_of_the_noise() -> None:
    """Of a discrete Laplace distribution: the half-width of 95%, and how much stronger a suspicion gets."""
    rows = _ERRORS.findall(GUIDE)
    assert [row[0] for row in rows] == ["0.1", "0.5", "1", "2"]
    for epsilon, width, whole, hundredths in rows:
        assert int(width) == half_width(float(epsilon))
        assert float(f"{whole}.{hundredths}") == round(exp(float(epsilon)), 2)


def test_the_half_width_is_computed_exactly() -> None:
    """The smallest k with P(|X| <= k) >= 95%, added up term by term from P(x) = (1-p)/(1+p) p^|x|."""
    for epsilon in (0.1, 0.25, 0.5, 1.0, 2.0):
        p = exp(-epsilon)
        inside = [(1 - p) / (1 + p) * p ** abs(x) for x in range(-200, 201)]
        within = [sum(inside[200 - k : 201 + k]) for k in range(100)]
        assert half_width(epsilon) == next(k for k, share in enumerate(within) if share >= 0.95)


def test_the_defaults_told_are_the_defaults() -> None:
    """Budget, smallest set and cell, traps."""
    assert f"zonder instelling {EPSILON_PER_YEAR:g})" in GUIDE
    assert CountTerms.model_fields["smallest_set"].default == 100
    assert CountTerms.model_fields["smallest_cell"].default == 10
    assert "lager dan 100 en 10" in GUIDE
    assert f"ook {COUNT_TRAPS} verborgen proefstukken" in GUIDE


def test_every_field_of_an_agreement_is_explained() -> None:
    """Each field stands in the guide as code, so that a reader finds it."""
    told = set(re.findall(r"`([a-z_]+)(?:\.[a-z_]+)*`", GUIDE)) | set(
        re.findall(r"`[a-z_]+\.([a-z_]+)`", GUIDE)
    )
    for model in (Agreement, CountTerms, CountQuestion, AttributeTerms):
        assert set(model.model_fields) - told == set()


def test_the_codes_of_its_table_exist() -> None:
    """A code that was renamed would send the reader nowhere."""
    table = GUIDE.split("## Wat wordt geweigerd")[1].split("##")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    codes = {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}
    assert len(codes) > 10
    assert codes - REASONS.keys() == set()


def _new() -> Iterator[list[str]]:
    return (words for words in commands_in(GUIDE) if words[:2] == ["agreements", "new"] and "--id" in words)


@pytest.mark.parametrize("words", list(_new()), ids=lambda words: words[words.index("--id") + 1])
def test_its_agreements_can_be_made(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each `agreements new` of the guide, word for word, between the two organisations that it names."""
    make_node(tmp_path / "gemeente", OIN_A)
    make_node(tmp_path / "kredietbank", OIN_B)
    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(agreements_app, words[1:], catch_exceptions=False)
    assert made.exit_code == 0
    assert parse_agreement(made.stdout).id == words[words.index("--id") + 1]
    assert yaml.safe_load(made.stdout)["legal_basis"]["article"].startswith("TO FILL IN")


def test_it_makes_an_agreement_of_every_answer() -> None:
    """The three rungs of the ladder each have one."""
    answers = {word for words in _new() for word in words if word in {"count", "attributes"}}
    assert answers == {"count", "attributes"}
    assert any("--answer" not in words for words in _new())
