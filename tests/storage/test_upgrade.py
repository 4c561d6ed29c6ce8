"""Upgrading a database that an earlier version made."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from linkage_node.errors import StorageError
from linkage_node.node import Node
from linkage_node.storage import tables
from linkage_node.storage.database import Database
from linkage_node.storage.upgrade import upgrade
from tests.nodes import OIN_A, OIN_B, make_node

_NEW_TABLES = (
    "epsilon_spent",
    "count_answer",
    "token_use",
    "disclosure",
    "standing_point",
    "standing",
    "staged_secret",
    "agreement_signature",
    "former_agreement",
    "policy_activation",
)
_NEW_COLUMNS = {
    "query": ("whole_id", "question", "case_reference", "attributes", "standing"),
    "tag_set": ("token_hashes",),
    "record": ("secret_by",),
    "staged_record": ("address_secret",),
    "agreement": (),  # its index is new
}
_QUERY = """INSERT INTO query (id, agreement_hash, agreement_id, provider_oin, kind, answer, purpose, source, runner,
    state, records, elements, evaluated, hits, reasons, detail, created_at, cancel)
    VALUES ('00', 'x', 'a', 'o', 'bsn', 'hit', 'p', 'register', 'cli', 'done', 3, 3, 3, 1, '', '', 1, FALSE)"""
_OLD_AGREEMENT = f"""
id: old
purpose: Counting without a catalogue
purpose_category: intake
legal_basis: {{id: wgs-4a, article: Participatiewet art. 35}}
requester: {{kind: municipality, oin: "{OIN_A}"}}
provider: {{kind: credit_bank, oin: "{OIN_B}"}}
kinds: [bsn]
answers: [count]
valid_from: 2026-01-01
valid_until: 2026-12-31
limits: {{evaluations_per_day: 6000, largest_query: 5000}}
"""


def age(database: Database) -> None:
    """Make of a database of this version one of version 2, with something in it."""
    with database.write() as connection:
        for name in _NEW_TABLES:
            connection.execute(text(f"DROP TABLE {name}"))
        for name, columns in _NEW_COLUMNS.items():
            for index in tables.metadata.tables[name].indexes:
                index.drop(connection)
            for column in columns:
                connection.execute(text(f"ALTER TABLE {name} DROP COLUMN {column}"))
        connection.execute(text("UPDATE schema_version SET version = 2"))
        connection.execute(
            text(_QUERY.replace("'x'", "decode('78', 'hex')") if not database.sqlite else _QUERY)
        )
        connection.execute(
            tables.own_tags.insert().values(
                agreement_hash=b"h", kind="bsn", epoch=0, pack=0, sealed=b"old form"
            )
        )


def shape(database: Database) -> dict[str, set[str | None]]:
    """The columns and indexes of every table."""
    with database.read() as connection:
        there = inspect(connection)
        return {
            name: {one["name"] for one in (*there.get_columns(name), *there.get_indexes(name))}
            for name in there.get_table_names()
        }


@pytest.fixture
def database(storage: str) -> Iterator[Database]:
    """A fresh database, of both kinds."""
    made = Database(storage)
    made.create()
    yield made
    made.close()


def test_an_upgraded_database_is_as_a_new_one(database: Database) -> None:
    """It has every table and column, keeps its queries, and forgets own tags of the old form; twice is once."""
    new = shape(database)
    age(database)
    assert shape(database) != new
    with pytest.raises(StorageError) as outdated:
        database.check()
    assert outdated.value.code == "storage_outdated"
    assert upgrade(database) == 2
    assert upgrade(database) == tables.SCHEMA_VERSION
    database.check()
    assert shape(database) == new
    with database.read() as connection:
        row = connection.execute(tables.query.select()).one()
        assert (row.id, row.hits, row.question, row.whole_id) == ("00", 1, "", "")
        assert connection.execute(tables.own_tags.select()).first() is None


@pytest.mark.parametrize("version", [1, 99])
def test_other_versions_are_left_alone(version: int, tmp_path: Path) -> None:
    """A version without a way here, or of a newer node, is refused and stays as it is."""
    made = Database(f"sqlite:///{tmp_path / 'node.db'}")
    made.create()
    with made.write() as connection:
        connection.execute(tables.schema_version.update().values(version=version))
    with pytest.raises(StorageError) as refused:
        upgrade(made)
    assert refused.value.code == "storage_unusable"
    with made.read() as connection:
        assert connection.execute(text("SELECT version FROM schema_version")).scalar() == version
    made.close()


def test_the_command_names_agreements_that_do_not_fit(tmp_path: Path, storage: str) -> None:
    """A node of an earlier version says what to do; the upgrade tells which agreements to add anew."""
    config = make_node(tmp_path / "node", storage=storage)
    with Node.open(config) as node:
        age(node.database)
        with node.database.write() as connection:
            connection.execute(
                tables.agreement.insert().values(hash=b"h" * 64, id="old", text=_OLD_AGREEMENT, added_at=1)
            )

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "linkage_node", *words, "--config", str(config)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    before = run("queries", "list")
    assert before.returncode == 6
    assert "storage_outdated" in before.stderr
    assert "upgrade --config" in before.stderr  # as the command was typed
    upgraded = run("upgrade")
    assert upgraded.returncode == 7, upgraded.stderr
    assert upgraded.stderr.startswith("old: ")
    assert run("agreements", "remove", "old").returncode == 0
    assert run("upgrade").returncode == 0
    assert run("queries", "list").returncode == 0
