"""The register's persons by category, as a count takes them in."""

import json

from sqlalchemy import select

from linkage_node.agreements.terms import OTHER, Breakdown
from linkage_node.pseudonyms.sealing import Sealer
from linkage_node.storage import Database
from linkage_node.storage.tables import element, link, record

_FETCH_ROWS = 1_024  # rows taken from the database at a time


def by_category(database: Database, sealer: Sealer, kind: str, breakdown: Breakdown | None) -> list[bytes]:
    """Packed distinct E's of one kind for each of `categories_of(breakdown)`, n·32 bytes each; no E stands twice.

    Of several records with one E the first that was added decides. A value that is not named, or no value at all, is
    in the category `other` if the breakdown has one, and else not counted. StorageError("secret_unreadable") for
    attributes that were sealed with another key.
    """
    if breakdown is None:
        # an element whose last record went has gone too
        every = select(element.c.element).where(element.c.kind == kind)
        with database.read() as connection:
            return [b"".join(connection.scalars(every))]
    packed = [bytearray() for _ in breakdown.categories]
    place: dict[str | None, int] = {name: number for number, name in enumerate(breakdown.categories)}
    # nobody's value stands for `other`, not even one that is spelled so
    rest = place.pop(OTHER) if breakdown.other else None
    query = (
        select(element.c.element, record.c.ref, record.c.attributes)
        .where(link.c.kind == kind, link.c.element_id == element.c.id, link.c.record_id == record.c.id)
        .order_by(record.c.id)
        .execution_options(yield_per=_FETCH_ROWS)
    )
    seen: set[bytes] = set()
    with database.read() as connection:
        for found, ref, sealed in connection.execute(query):
            if found in seen:
                continue
            seen.add(found)
            attributes = json.loads(sealer.open(sealed, "attributes", ref)) if sealed else {}
            number = place.get(attributes.get(breakdown.attribute), rest)
            if number is not None:
                packed[number] += found
    return [bytes(category) for category in packed]
