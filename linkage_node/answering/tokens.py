"""Claim tokens at the provider: how often each was shown, and whose they are now.

A token that was never known, a dummy's, an erased person's and one over its limit go the same way: the same
statements, with the id of an element that never was in the place of a person's.
"""

from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, and_, insert, select, update

from linkage_node.answering.epochs import Epoch
from linkage_node.answering.tag_sets import NOBODY
from linkage_node.matching.disclosure import HASH_BYTES
from linkage_node.storage.tables import element, link, record, token_use

_LOOKUP_PERSONS = 1_000  # in one question to the database; an order for attributes never has more


class Person(NamedTuple):
    """Somebody who is in the register now."""

    element: bytes  # E, 32 bytes
    records: list[
        tuple[str, bytes | None]
    ]  # reference and sealed attributes of each, in the order of arrival


def use_tokens(connection: Connection, epoch: Epoch, hashes: bytes, most: int) -> np.ndarray:
    """Count packed token hashes, none twice, as shown once more; of each whether it was shown less than `most` times
    before, shape (n,), bool. Those that were not are not counted on."""
    wanted = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    label = epoch.label
    key = {"agreement_hash": label.agreement_hash, "kind": label.kind, "epoch": label.epoch}
    mine = and_(
        *(token_use.c[name] == value for name, value in key.items()), token_use.c.token_hash.in_(wanted)
    )
    rows = connection.execute(select(token_use.c.token_hash, token_use.c.used).where(mine))
    used = {row.token_hash: row.used for row in rows}
    connection.execute(
        update(token_use).where(mine, token_use.c.used < most).values(used=token_use.c.used + 1)
    )
    if fresh := [{**key, "token_hash": one, "used": 1} for one in wanted if one not in used]:
        connection.execute(insert(token_use), fresh)
    return np.array([used.get(one, 0) < most for one in wanted])


def persons(connection: Connection, owners: np.ndarray) -> list[Person | None]:
    """Who has these element ids (shape (n,), none twice but NOBODY): None for those who are not in the register now."""
    # nobody's places get ids that never were, each another one: the database has as much to look for as for a person
    ids = np.where(owners == NOBODY, -1 - np.arange(len(owners)), owners).tolist()
    found: dict[int, Person] = {}
    for at in range(0, len(ids), _LOOKUP_PERSONS):
        query = (
            select(link.c.element_id, element.c.element, record.c.ref, record.c.attributes)
            .where(
                link.c.element_id.in_(ids[at : at + _LOOKUP_PERSONS]),
                element.c.id == link.c.element_id,
                record.c.id == link.c.record_id,
            )
            .order_by(record.c.id)
        )
        for owner, packed, ref, attributes in connection.execute(query):
            found.setdefault(owner, Person(packed, [])).records.append((ref, attributes))
    return [found.get(owner) for owner in ids]
