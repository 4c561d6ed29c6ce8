"""Words of an agreement that no record of the own register has: told when it is added and shown."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from linkage_node.cli.agreements import agreements_app
from linkage_node.node import Node
from linkage_node.register.coverage import coverage
from linkage_node.register.staging import Staged
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database
from tests.nodes import OIN_A, OIN_B, make_node
from tests.registers import SEALER

AGREEMENT = f"""
id: words
purpose: Steering
purpose_category: intake
legal_basis: {{id: wgs-4a, article: Participatiewet art. 8}}
requester: {{kind: municipality, oin: "{OIN_A}"}}
provider: {{kind: credit_bank, oin: "{OIN_B}"}}
kinds: [bsn]
answers: [count, attributes]
valid_from: 2026-01-01
valid_until: 2026-12-31
limits: {{evaluations_per_day: 9000, largest_query: 9000}}
receipts: true
count:
  requester_bucket: 2000
  provider_bucket: 2000
  questions:
    - id: table
      epsilon: 0.5
      by_requester: {{attribute: district, values: [north, south], other: true}}
      by_provider: {{attribute: debt, values: [rent, energy]}}
attributes: {{names: [telephone, team]}}
"""


def fill(store: RegisterStore, rows: Sequence[Mapping[str, str]]) -> None:
    """A record for each, with these attributes."""
    staged = (
        Staged(at, f"r{at}", store.seal_attributes(f"r{at}", row), {"bsn": os.urandom(32)})
        for at, row in enumerate(rows)
    )
    store.upsert(staged, 1)


def told(tmp_path: Path, oin: str, rows: Sequence[Mapping[str, str]], text: str = AGREEMENT) -> str:
    """What a node with these records is told on stderr, the same by `add` and at the end of `show`."""
    config = make_node(tmp_path / "node", oin)
    with Node.open(config) as node:
        fill(RegisterStore(node.database, node.sealer), rows)
    file = tmp_path / "agreement.yaml"
    file.write_text(text)
    runner, words = CliRunner(env={"LINKAGE_NODE_LANGUAGE": "en"}), ["--config", str(config)]
    added = runner.invoke(agreements_app, ["add", str(file), *words], catch_exceptions=False).stderr
    shown = runner.invoke(agreements_app, ["show", "words", *words], catch_exceptions=False).stderr
    partner, words_of_it = added.split("no questions asked.\n")  # the node has no card of the other
    assert "has no card of" in partner
    assert words_of_it in shown
    return words_of_it


GOOD = {"district": "north", "debt": "rent", "telephone": "1", "team": "t"}
ROWS = [GOOD, {**GOOD, "district": "south", "debt": "energy"}, {}]


@pytest.mark.parametrize("oin", [OIN_A, OIN_B])
@pytest.mark.parametrize("rows", [ROWS, []], ids=["records", "none"])
def test_words_that_are_there_are_not_told(
    tmp_path: Path, oin: str, rows: Sequence[Mapping[str, str]]
) -> None:
    """Nor is a register without records, which is loaded later."""
    assert told(tmp_path, oin, rows) == ""


def test_an_attribute_that_nobody_has(tmp_path: Path) -> None:
    """With how many records there are, and the attribute that was meant; of the requester, its own side alone."""
    said = told(tmp_path, OIN_A, [{"districts": "north"}, {}, {}])
    assert "count.questions (1).by_requester: 0 of 3 records of your register have `district`." in said
    assert "Did you mean `districts`?" in said
    assert "costs epsilon all the same" in said
    assert "debt" not in said
    assert "telephone" not in said


def test_a_value_that_nobody_has(tmp_path: Path) -> None:
    """The agreement's own values are told, in brackets and all, and no value of a person."""
    said = told(tmp_path, OIN_A, [{"district": "North"}, {"district": "south"}, {}])
    assert "0 of 2 records with `district` have the value 'north'." in said
    assert "North" not in said
    said = told(tmp_path / "b", OIN_A, [GOOD], AGREEMENT.replace("[north, south]", '["[bold]", south]'))
    assert "0 of 1 records with `district` have the value '[bold]' or 'south'." in said


def test_what_the_provider_never_loaded(tmp_path: Path) -> None:
    """Each name that is opened, and the categories of its own side."""
    said = told(tmp_path, OIN_B, [{"debt": "rent", "phone": "1"}] * 2)
    assert "attributes.names: 0 of 2 records of your register have `telephone`." in said
    assert "attributes.names: 0 of 2 records of your register have `team`." in said
    told_of = told(tmp_path / "b", OIN_B, [{"debt": "rent"}, {"debt": "energy"}])
    assert "told of nobody" in told_of
    assert "epsilon all the same" not in told_of
    assert "count.questions (1).by_provider: 0 of 2 records with `debt` have the value 'energy'." in said
    assert "district" not in said


def test_a_register_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """The agreement is added; only that its words were not looked at is said."""
    config = make_node(tmp_path / "node", OIN_A)
    with Node.open(config) as node:
        fill(RegisterStore(node.database, SEALER), ROWS)
    file = tmp_path / "agreement.yaml"
    file.write_text(AGREEMENT)
    done = CliRunner(env={"LINKAGE_NODE_LANGUAGE": "en"}).invoke(
        agreements_app, ["add", str(file), "--config", str(config)]
    )
    assert done.exit_code == 0
    assert "cannot be seen: secret_unreadable" in done.stderr


def test_coverage_counts_records_that_can_be_found(tmp_path: Path) -> None:
    """Records without attributes count as records; those in no kind count as nothing."""
    database = Database(f"sqlite:///{tmp_path}/x.db")
    database.create()
    store = RegisterStore(database, SEALER)
    fill(store, [{"a": "1", "b": "2"}, {"a": "2"}, {}])
    store.upsert([Staged(9, "bare", store.seal_attributes("bare", {"a": "1"}), {})], 2)
    found = coverage(database, SEALER, {"a": ["1", "3"], "c": []})
    assert (found.records, dict(found.having)) == (3, {"a": 2, "b": 1})
    assert found.values == {"a": {"1": 1}, "c": {}}
    database.close()
