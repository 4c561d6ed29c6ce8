"""What an order commits to of the own register: the Merkle root over its sorted elements, kept until it changes."""

import numpy as np
from sqlalchemy import Connection, String, cast, func, select, update

from linkage_node.limits import CHUNK_ELEMENTS
from linkage_node.matching import merkle
from linkage_node.storage import Database
from linkage_node.storage.tables import element, register_state


def element_ids_of(database: Database, kind: str) -> np.ndarray:
    """Ids of all elements of this kind, in order; shape (n,), int64."""
    with database.read() as connection:
        return present_ids(connection, kind)


def present_ids(connection: Connection, kind: str) -> np.ndarray:
    """The same, as the caller's transaction sees it. An id is never used again: what is not here is gone for good."""
    # as one text: a row for each id would cost more than all else that a repeated question does
    query = select(func.aggregate_strings(cast(element.c.id, String), ",")).where(element.c.kind == kind)
    text = connection.execute(query).scalar() or ""
    return np.sort(np.fromstring(text, dtype=np.int64, sep=","))


def register_root(database: Database, kind: str) -> bytes:
    """The root of the register as it is now, 32 bytes; computed once after a change."""
    state = select(register_state.c.version, register_state.c.root, register_state.c.root_version).where(
        register_state.c.kind == kind
    )
    with database.read() as connection:  # one snapshot: the root is of the version it is kept with
        row = connection.execute(state).first()
        if row is not None and row.root_version == row.version:
            return bytes(row.root)
        query = select(element.c.element).where(element.c.kind == kind).order_by(element.c.element)
        rows = connection.execution_options(yield_per=CHUNK_ELEMENTS).execute(query).scalars()
        roots = b"".join(merkle.chunk_root(b"".join(part)) for part in rows.partitions())
    root = merkle.root_of_chunks(roots)
    if row is not None:
        with database.write() as connection:
            connection.execute(
                update(register_state)
                .where(register_state.c.kind == kind, register_state.c.version == row.version)
                .values(root=root, root_version=row.version)
            )
    return root
