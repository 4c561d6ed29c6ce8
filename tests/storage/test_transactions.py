"""What a transaction sees and how a failure is told, on both databases, whatever a PostgreSQL server has as its own."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import create_engine, delete, insert, select, text
from sqlalchemy.engine import make_url

from linkage_node.errors import LinkageError, StorageError
from linkage_node.evidence import EvidenceLog
from linkage_node.storage import Database, tables
from tests.nodes import OIN_A

WRITERS, EACH = 4, 10
_WRITES = """
import sys
from sqlalchemy import insert
from linkage_node.storage import Database, tables
with Database(sys.argv[1]).write() as connection:
    connection.execute(insert(tables.budget).values(agreement_hash=b"a", day="2026-01-01", used=1))
    print("writing", flush=True)
    sys.stdin.read()
"""
KEY = Ed25519PrivateKey.generate()


def opened(url: str) -> Database:
    """A new database with a chain of evidence."""
    made = Database(url)
    made.create()
    EvidenceLog(made, OIN_A, KEY).begin()
    return made


@pytest.fixture
def database(storage: str) -> Iterator[Database]:
    """Of each engine in turn."""
    made = opened(storage)
    yield made
    made.close()


def all_write(database: Database) -> None:
    """Writers side by side, each with what it read before: every record is there, in one chain."""
    ended: Counter[str] = Counter()

    def write() -> None:
        log = EvidenceLog(database, OIN_A, KEY)
        for _ in range(EACH):
            try:
                log.write(event="test", role="test", at_ms=1)
            except LinkageError as error:
                ended[error.code] += 1

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert ended == Counter()
    last = EvidenceLog(database, OIN_A, KEY).verify()
    assert last is not None
    assert last.seq == WRITERS * EACH


def test_writers_take_turns(database: Database) -> None:
    """None of them fails, and none writes over another."""
    all_write(database)


@pytest.mark.parametrize("level", ["repeatable read", "serializable"])
def test_a_server_with_another_default_of_isolation(postgres: Callable[[], str], level: str) -> None:
    """Where an administrator set another level, who waited still sees what was written meanwhile."""
    url = postgres()
    other = create_engine(url)
    with other.begin() as connection:
        name = make_url(url).database
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_isolation = '{level}'"))
    other.dispose()
    made = opened(url)
    try:
        all_write(made)
    finally:
        made.close()


def test_who_is_killed_amid_writing_holds_up_nobody(storage: str) -> None:
    """A process that dies with the writer's place leaves it to the next, and nothing of what it wrote."""
    made = opened(storage)
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITES, storage], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.kill()
        process.wait(30)
        all_write(made)
        with made.read() as connection:
            assert connection.execute(select(tables.budget)).first() is None
    finally:
        process.kill()
        process.communicate()
        made.close()


def test_connections_that_the_server_ended_are_made_anew(postgres: Callable[[], str]) -> None:
    """A PostgreSQL that was restarted is as before to the next transaction."""
    url = postgres()
    made, other = opened(url), create_engine(url)
    try:
        ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        with other.connect() as connection:
            ended = connection.execute(text(f"{ends} AND pid <> pg_backend_pid()")).all()
        assert ended == [(True,)] * len(ended) != []
        all_write(made)
    finally:
        other.dispose()
        made.close()


def test_what_a_reader_can_still_see_stays_owed(database: Database) -> None:
    """What was destroyed is on the disk as long as somebody reads from before: it is wiped when he is done."""
    budget = tables.budget
    with database.write() as connection:
        connection.execute(insert(budget).values(agreement_hash=b"destroyed", day="2026-01-01", used=1))
    with database.read() as reader:
        assert len(reader.execute(select(budget)).all()) == 1
        with database.write() as connection:
            connection.execute(delete(budget))
            database.owe_scrub(connection, budget.name)
        assert not database.scrub()
        assert database.scrub_owed_since() is not None
    assert database.scrub()
    assert database.scrub_owed_since() is None


def test_a_reader_sees_one_moment(database: Database) -> None:
    """What another writes meanwhile is not in it, also where the server or the pool had another level before."""
    for _ in range(2):  # a connection that comes back from the pool is as a new one
        with database.read() as connection:
            before = connection.execute(text("SELECT count(*) FROM evidence")).scalar_one()
            EvidenceLog(database, OIN_A, KEY).write(event="test", role="test", at_ms=1)
            assert connection.execute(text("SELECT count(*) FROM evidence")).scalar_one() == before


@pytest.mark.parametrize(
    ("state", "code"),
    [("55P03", "storage_locked"), ("53100", "storage_full"), ("22012", "storage_unusable")],
)
def test_failures_are_told_by_the_servers_codes(postgres: Callable[[], str], state: str, code: str) -> None:
    """Not by its words, which are in the server's language and may name anything."""
    made = Database(postgres())
    try:
        raising = text(f"DO $$ BEGIN RAISE EXCEPTION 'Zeit um, busy, full' USING ERRCODE = '{state}'; END $$")
        with pytest.raises(StorageError) as told, made.read() as connection:
            connection.execute(raising)
        assert told.value.code == code
    finally:
        made.close()
