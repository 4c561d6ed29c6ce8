"""One database, two kinds of transaction: `read` sees a snapshot, `write` is alone and durable when it returns."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    delete,
    event,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from linkage_node.clock import now_ms
from linkage_node.errors import StorageError
from linkage_node.limits import BUSY_TIMEOUT_MS, SCRUB_WAIT_MS
from linkage_node.storage import tables

# One writer at a time on PostgreSQL too: the evidence chain and the budget are read and written in one step.
_WRITER_LOCK = 0x6C696E6B
# Deleted rows that VACUUM left, because somebody reads from before: VACUUM itself does not say so.
_LEFT = text(
    "SELECT coalesce(sum(n_dead_tup), 0) FROM pg_stat_user_tables"
    " WHERE schemaname = current_schema() AND relname = ANY(:names)"
)
# PostgreSQL's own codes (SQLSTATE): its messages are in the server's language.
_LOCKED, _FULL = "55P03", "53100"  # lock_not_available, disk_full


class Database:
    """A node's database. Every failure of the engine is a StorageError with a stable code."""

    def __init__(self, url: str) -> None:
        self.sqlite = make_url(url).get_backend_name() == "sqlite"
        self._mark: Connection | None = None
        self._mark_lock = Lock()
        self.engine: Engine = _sqlite(url) if self.sqlite else _postgres(url)

    def create(self) -> None:
        """Make the tables where they are not there yet; refuse a database of another schema version."""
        with self.write() as connection:
            fresh = not inspect(connection).has_table("schema_version")
            if fresh:
                tables.metadata.create_all(connection)
                connection.execute(insert(tables.schema_version).values(version=tables.SCHEMA_VERSION))
            self._check_version(connection)

    def check(self) -> None:
        """Raise a StorageError unless the database is there and of this schema version."""
        with self.read() as connection:
            if not inspect(connection).has_table("schema_version"):
                raise StorageError("storage_unusable", "it has no tables; run `linkage-node init`")
            self._check_version(connection)

    def _check_version(self, connection: Connection) -> None:
        found = connection.execute(select(tables.schema_version.c.version)).scalar()
        if found is not None and found < tables.SCHEMA_VERSION:
            raise StorageError("storage_outdated", f"version {found}; this one is {tables.SCHEMA_VERSION}")
        if found != tables.SCHEMA_VERSION:
            raise StorageError(
                "storage_unusable", f"schema version {found}, this node knows {tables.SCHEMA_VERSION}"
            )

    def change_mark(self) -> int | None:
        """Another number after every change by anybody, told in microseconds; None where the engine has no such thing.

        SQLite's data_version tells a connection of the changes of all others, so this one does nothing else.
        """
        if not self.sqlite:
            return None
        with self._mark_lock, _translated():
            if self._mark is None:
                self._mark = self.engine.connect()
            found: int = self._mark.exec_driver_sql("PRAGMA data_version").scalar_one()
            self._mark.rollback()
            return found

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read from, in one snapshot."""
        with _translated(), self.engine.connect() as connection:
            if not self.sqlite:
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that no other writer, in this process or another, runs beside; committed at the end."""
        with (
            _translated(),
            self.engine.connect().execution_options(linkage_write=True) as connection,
            connection.begin(),
        ):
            if not self.sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})"))
            yield connection

    def owe_scrub(self, connection: Connection, *names: str) -> None:
        """Note, in the transaction that destroys something in these tables, that the disk is to be wiped of it."""
        owed = tables.owed_scrub
        for name in names:
            mark = secrets.randbits(62)
            if not connection.execute(update(owed).filter_by(name=name).values(mark=mark)).rowcount:
                connection.execute(insert(owed).values(name=name, mark=mark, since=now_ms()))

    def scrub_owed_since(self) -> int | None:
        """When the oldest thing was destroyed that the disk may still hold; None if there is none."""
        with self.read() as connection:
            since: int | None = connection.scalar(select(func.min(tables.owed_scrub.c.since)))
        return since

    def scrub(self) -> bool:
        """Wipe what is owed: empty SQLite's write-ahead log, or VACUUM the tables on PostgreSQL.

        False if a reader or another process is in the way: it stays owed, to be tried again.
        """
        owed = tables.owed_scrub
        with self.read() as connection:
            found = connection.execute(select(owed.c.name, owed.c.mark)).all()
        if not found:
            return True
        wiped = self._empty_log() if self.sqlite else self._vacuum([row.name for row in found])
        if wiped:
            with self.write() as connection:
                for row in found:  # what was destroyed meanwhile has another mark, and stays owed
                    connection.execute(delete(owed).filter_by(name=row.name, mark=row.mark))
        return wiped

    def _empty_log(self) -> bool:
        with _translated(), self.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={SCRUB_WAIT_MS}")
            try:
                busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            finally:
                connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        return not busy

    def _vacuum(self, names: Sequence[str]) -> bool:
        autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        try:
            with _translated(), autocommit.connect() as connection:
                connection.exec_driver_sql(f"SET lock_timeout = {SCRUB_WAIT_MS}")
                try:
                    connection.exec_driver_sql(f"VACUUM {', '.join(names)}")
                    left = connection.execute(_LEFT, {"names": list(names)}).scalar_one()
                finally:
                    connection.exec_driver_sql("RESET lock_timeout")
        except StorageError as error:
            if error.code == "storage_locked":
                return False
            raise
        return not left

    def close(self) -> None:
        """Give the connections back."""
        with self._mark_lock:
            if self._mark is not None:
                self._mark.close()
                self._mark = None
        self.engine.dispose()


def _postgres(url: str) -> Engine:
    # Whatever level the server has by default: a writer that waited for its turn must see what the one before it wrote.
    return create_engine(url, pool_pre_ping=True, isolation_level="READ COMMITTED")


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not guessed by the driver
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("linkage_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        said = getattr(error.orig, "sqlstate", str(error.orig).lower()) or ""  # SQLite has words only
        if said == _LOCKED or "locked" in said or "busy" in said:
            raise StorageError("storage_locked", str(error.orig)) from None
        if said == _FULL or "full" in said or "no space" in said:
            raise StorageError("storage_full", str(error.orig)) from None
        raise StorageError("storage_unusable", type(error.orig).__name__ + ": " + str(error.orig)) from None
    except SQLAlchemyError as error:
        raise StorageError("storage_unusable", type(error).__name__) from None
