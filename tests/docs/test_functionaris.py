"""What the privacy officer's guide promises is so: the errors to expect, its codes, its agreements, its commands."""

import re
from collections.abc import Iterator
from math import exp
from pathlib import Path

import pytest
from typer.testing import CliRunner

from linkage_node.agreements import parse_agreement
from linkage_node.agreements.model import Agreement
from linkage_node.agreements.template import unfilled
from linkage_node.agreements.terms import AttributeTerms, CountQuestion, CountTerms
from linkage_node.charts.interval import half_width
from linkage_node.cli.agreements import agreements_app
from linkage_node.limits import (
    COUNT_BUCKET_ADVISED,
    COUNT_SMALLEST_CELL_ADVISED,
    COUNT_SMALLEST_SET_ADVISED,
    COUNT_TRAPS,
    EPSILON_PER_YEAR,
)
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.reasons import REASONS
from tests.docs.commands import ROOT, commands_in
from tests.nodes import OIN_A, OIN_B, make_node
from tests.policy.corpus import AGREEMENTS, RULES, StaticPolicy, hash_of, question

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
    assert (
        f"onder {COUNT_SMALLEST_SET_ADVISED} en {COUNT_SMALLEST_CELL_ADVISED} waarschuwt `agreements add`"
        in GUIDE
    )
    assert f"minstens {COUNT_BUCKET_ADVISED:,}".replace(",", ".") in GUIDE
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


def _names(row: int) -> list[str]:
    table = GUIDE.split("| geweigerd | toegestaan |")[1].split("\n\n")[0]
    lines = [line.split("|")[1:3] for line in table.splitlines()[2:]]
    return [name for line in lines for name in re.findall(r"`([^`]+)`", line[row])]


def test_the_names_of_its_table_are_refused_and_taken() -> None:
    """What it says of the name of an attribute is what the shipped policy decides."""
    refused, taken = _names(0), _names(1)
    assert min(len(refused), len(taken)) > 10
    for name in refused + taken:
        agreement = {**AGREEMENTS["example-whom-to-call"], "attributes": {"names": [name], "largest": 10}}
        engine = EmbeddedDecisionPoint(StaticPolicy(RULES, {hash_of(agreement): agreement}))
        asked = question("example-whom-to-call", agreement_hash=hash_of(agreement), attributes=(name,))
        reasons = set(engine.decide(asked).reasons)
        assert bool(reasons) is (name in refused), name
        assert reasons <= {"special_category", "attribute_never"}, name


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
    agreement = parse_agreement(made.stdout)
    assert agreement.id == words[words.index("--id") + 1]
    assert unfilled(agreement) == ["legal_basis.article"]
    assert f"`{agreement.legal_basis.article.partition(':')[0]}`" in GUIDE
    assert "# Een overeenkomst tussen twee organisaties." in made.stdout


def test_it_makes_an_agreement_of_every_answer() -> None:
    """The three rungs of the ladder each have one."""
    answers = {word for words in _new() for word in words if word in {"count", "attributes"}}
    assert answers == {"count", "attributes"}
    assert any("--answer" not in words for words in _new())
