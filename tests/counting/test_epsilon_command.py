"""`linkage-node epsilon show`: the register's budget, as an officer reads it."""

import json
from collections.abc import Sequence

from typer.testing import CliRunner

from linkage_node.cli.main import app
from tests.counting.town import PER_YEAR, Town, names
from tests.nodes import OIN_A, OIN_C


def show(town: Town, *arguments: str) -> str:
    """What the command prints."""
    config = str(town.folder / "b" / "node.yaml")
    words: Sequence[str] = ["epsilon", "show", "--config", config, *arguments]
    ran = CliRunner().invoke(app, words, env={"COLUMNS": "200"}, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_what_was_spent_and_by_whom(town: Town) -> None:
    """By requester, agreement and question; a caught attempt counts; what is left is told."""
    town.fill(names(0, 12))
    town.a_asks.put(town.a_asks.craft(names(8, 18)), v=lambda s: [])
    town.a_asks.count(names(8, 18))
    town.c_asks.count(names(8, 18), question="sharp")
    told = json.loads(show(town, "--year", "2026", "--json"))
    assert (told["year"], told["budget"], told["spent"], told["left"]) == (2026, PER_YEAR, 3.0, 1.0)
    rows = [
        (one["requester"], one["agreement"], one["question"], one["times"], one["epsilon"])
        for one in told["by_question"]
    ]
    assert rows == [(OIN_A, "counts", "all", 1, 1.0), (OIN_C, "counts-c", "sharp", 1, 2.0)]
    text = show(town, "--year", "2026")
    assert "2026: 3 of 4 is spent, 1 is left." in text
    assert "counts-c" in text


def test_a_year_without_counts(town: Town) -> None:
    """The whole budget is left."""
    told = json.loads(show(town, "--year", "2025", "--json"))
    assert (told["spent"], told["left"], told["by_question"]) == (0, PER_YEAR, [])
    assert "0 of 4 is spent" in show(town, "--year", "2025")


def test_an_agreement_that_was_removed(town: Town) -> None:
    """What was spent under it stays."""
    town.fill(names(0, 12))
    town.a_asks.count(names(8, 18))
    town.nodes["b"].agreements.remove("counts")
    told = json.loads(show(town, "--year", "2026", "--json"))
    assert [one["agreement"] for one in told["by_question"]] == [None]
    assert "gone" in show(town, "--year", "2026")
