"""How many records have the attributes, and the values, that an agreement names: a misspelt word finds nobody."""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import exists, func, select

from linkage_node.pseudonyms.sealing import Sealer
from linkage_node.storage import Database
from linkage_node.storage.tables import link, record

_FETCH_ROWS = 1_024  # rows taken from the database at a time
_FOUND = exists().where(link.c.record_id == record.c.id)  # what a count or a question can find


class Coverage(NamedTuple):
    """Numbers of records."""

    records: int
    having: Counter[str]  # by attribute, of all that there are
    values: dict[str, Counter[str]]  # by attribute and value, of the values that were asked about


def coverage(database: Database, sealer: Sealer, named: Mapping[str, Collection[str]]) -> Coverage:
    """Count the records with each attribute, and with each of the `named` values of an attribute, in one pass.

    StorageError("secret_unreadable") for attributes that were sealed with another key.
    """
    wanted = {attribute: frozenset(values) for attribute, values in named.items()}
    found = Coverage(0, Counter(), {attribute: Counter() for attribute in wanted})
    query = select(record.c.ref, record.c.attributes).where(_FOUND, record.c.attributes.is_not(None))
    with database.read() as connection:
        records = connection.scalar(select(func.count()).select_from(record).where(_FOUND)) or 0
        for ref, sealed in connection.execute(query.execution_options(yield_per=_FETCH_ROWS)):
            attributes: dict[str, str] = json.loads(sealer.open(sealed, "attributes", ref))
            found.having.update(attributes.keys())
            for attribute, values in wanted.items():
                if (value := attributes.get(attribute)) in values:
                    found.values[attribute][value] += 1
    return found._replace(records=records)
