"""Brings a database of an earlier version to this one: adds what is new, and drops what has another form now."""

from collections.abc import Callable

from sqlalchemy import Column, Connection, Table, delete, inspect, select, text, update
from sqlalchemy.schema import CreateColumn

from linkage_node.errors import StorageError
from linkage_node.storage import tables
from linkage_node.storage.database import Database


def _tags_without_tokens(connection: Connection, database: Database) -> None:
    """Own tags are kept with their claim tokens now; what was remembered without is asked for again."""
    connection.execute(delete(tables.own_tags))
    database.owe_scrub(connection, tables.own_tags.name)


def _nothing(_connection: Connection, _database: Database) -> None:
    """Only tables and columns came; agreements wait for their signatures."""


_STEPS: dict[int, Callable[[Connection, Database], None]] = {
    2: _tags_without_tokens,
    3: _nothing,
}  # from each version to the next


def upgrade(database: Database) -> int:
    """Bring the database to SCHEMA_VERSION, all or nothing: the version that it had. Nothing is done to a current one.

    StorageError("storage_unusable") for a database without tables, or of a version that this node cannot start from.
    """
    with database.write() as connection:
        if not inspect(connection).has_table(tables.schema_version.name):
            raise StorageError("storage_unusable", "it has no tables; run `linkage-node init`")
        found: int = connection.execute(select(tables.schema_version.c.version)).scalar_one()
        if found == tables.SCHEMA_VERSION:
            return found
        for version in range(found, tables.SCHEMA_VERSION):
            if version not in _STEPS:
                raise StorageError("storage_unusable", f"schema version {found} cannot be upgraded")
            _STEPS[version](connection, database)
        if found > tables.SCHEMA_VERSION:
            raise StorageError("storage_unusable", f"schema version {found} is of a newer node")
        _add_missing(connection)
        connection.execute(update(tables.schema_version).values(version=tables.SCHEMA_VERSION))
    database.scrub()
    return found


def _add_missing(connection: Connection) -> None:
    there = inspect(connection)
    known = set(there.get_table_names())
    for table in tables.metadata.sorted_tables:
        if table.name in known:
            present = {column["name"] for column in there.get_columns(table.name)}
            for column in table.columns:
                if column.name not in present:
                    _add_column(connection, table, column)
            for index in table.indexes:
                index.create(connection, checkfirst=True)
    tables.metadata.create_all(connection)


def _add_column(connection: Connection, table: Table, column: Column[object]) -> None:
    definition = str(CreateColumn(column).compile(dialect=connection.dialect))
    default = "" if column.nullable else " DEFAULT ''"  # new columns that must have a value are text
    connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {definition}{default}"))
