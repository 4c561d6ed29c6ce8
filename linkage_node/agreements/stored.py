"""Rows of stored agreements: read as what they were added as, and moved aside when they are replaced or removed."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from linkage_node.agreements.model import Agreement, content_hash, parse_agreement
from linkage_node.errors import InputError, Refusal
from linkage_node.storage.tables import agreement, former_agreement


def read_stored(row: Row[Any]) -> Agreement:
    """The agreement in a row; Refusal("agreement_unfit") if this version does not take it, or it has another hash."""
    try:
        found = parse_agreement(row.text, f"the stored agreement {row.id}")
        same = content_hash(found) == bytes(row.hash)
    except InputError as error:
        raise Refusal("agreement_unfit", error.detail) from None
    except (ValueError, RecursionError):  # data that has no JCS form, or is nested without end
        same = False
    if not same:
        raise Refusal("agreement_unfit", f"the stored agreement {row.id} is not the one that was added")
    return found


def move_aside(connection: Connection, agreement_id: str) -> bool:
    """Make the text with this id a former one, whatever is in it; False if there is none."""
    row = connection.execute(select(agreement).filter_by(id=agreement_id)).one_or_none()
    if row is None:
        return False
    forget_former(connection, row.hash)
    connection.execute(insert(former_agreement).values(hash=row.hash, id=row.id, text=row.text))
    connection.execute(delete(agreement).filter_by(id=agreement_id))
    return True


def forget_former(connection: Connection, content: bytes) -> None:
    """The text with this content hash is a former one no more."""
    connection.execute(delete(former_agreement).filter_by(hash=content))
