"""Whose address is secret: kept on his record, and out of every kind that is made of an address.

A person is left out by every record that has the same element of a kind that stands for one person, for as long as one
of them is marked. Only a row that says otherwise takes a mark off, and only of a load that began after the mark was
made: what a system says while a file is loaded, or before a killed load goes on, is newer than the file.
"""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import (
    Connection,
    FromClause,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union,
    update,
)

from linkage_node.identifiers import KINDS
from linkage_node.register.staging import Digest
from linkage_node.storage.tables import element, link, record, staged_link, staged_record, staged_secret

OF_ADDRESS = [kind.name for kind in KINDS.values() if kind.of_address]
_OF_ONE_PERSON = [kind.name for kind in KINDS.values() if not kind.ambiguous]
_FETCH_ROWS = 5_000
_SMALL_ROWS = 5_000  # of a load that looks its own records up one by one
_FEW_IDS = (
    1_000  # of records, that are named one by one: PostgreSQL reads whole tables for a question within one
)
_DIGESTS = 50_000  # compared with the references of a load at a time

Ids = Sequence[int] | Select[int]  # of records

# a record that is there for its mark alone
MARK_ONLY = and_(record.c.secret_by.is_not(None), ~exists().where(link.c.record_id == record.c.id))


def put_marks(connection: Connection, load_id: int, digest: Digest) -> None:
    """Take the marks off, and put on, that the staged rows say; whoever has no record gets one for his mark."""
    _resolve(connection, load_id, digest)
    mine = staged_secret.c.load_id == load_id
    if connection.scalar(select(exists().where(record.c.secret_by.is_not(None)))):
        told = select(staged_record.c.ref).where(
            staged_record.c.load_id == load_id, staged_record.c.address_secret.is_(False)
        )
        if not _is_small(connection, load_id):
            told = told.where(
                staged_record.c.ref.in_(select(record.c.ref).where(record.c.secret_by < load_id))
            )
        connection.execute(
            update(record).values(secret_by=None).where(record.c.ref.in_(told), record.c.secret_by < load_id)
        )
    if not connection.scalar(select(exists().where(mine))):
        return
    marked = select(staged_secret.c.ref).where(mine, staged_secret.c.ref.is_not(None))
    connection.execute(
        update(record)
        .values(secret_by=load_id)
        .where(record.c.ref.in_(marked), or_(record.c.secret_by.is_(None), record.c.secret_by < load_id))
    )
    new = (
        select(staged_secret.c.ref, literal(load_id))
        .where(
            mine,
            staged_secret.c.certain,
            staged_secret.c.ref.is_not(None),
            staged_secret.c.ref_digest.is_(None),  # with a digest: a reference that is not to be kept anew
            ~exists().where(record.c.ref == staged_secret.c.ref),
        )
        .distinct()
    )
    connection.execute(insert(record).from_select(["ref", "secret_by"], new))


def withhold(connection: Connection, load_id: int, secret: Ids) -> int:
    """Of the staged addresses, drop those of the people whose address is secret: how many."""
    refs = select(record.c.ref).where(record.c.id.in_(secret))
    rows = select(staged_record.c.row).where(
        staged_record.c.load_id == load_id, staged_record.c.ref.in_(refs)
    )
    mine = and_(staged_link.c.load_id == load_id, staged_link.c.kind.in_(OF_ADDRESS))
    return connection.execute(delete(staged_link).where(mine, staged_link.c.row.in_(rows))).rowcount


def secret_records(connection: Connection, load_id: int) -> Ids:
    """The records of people whose address is secret, as far as this load can have anything to do with them.

    To be asked when the load's links to persons are made. All others had their addresses taken out when they were
    marked. A small load asks about its own people, a large one about everybody with a mark: each is quick where the
    other is slow.
    """
    if not _any_secret(connection, load_id):
        return []
    marked, of_marked, shared = record.alias(), link.alias(), link.alias()
    itself = select(marked.c.id).where(marked.c.secret_by.is_not(None))
    with_element = select(shared.c.record_id).where(
        marked.c.secret_by.is_not(None),
        of_marked.c.record_id == marked.c.id,
        of_marked.c.kind.in_(_OF_ONE_PERSON),
        shared.c.element_id == of_marked.c.element_id,
    )
    told = select(element.c.id).where(
        staged_secret.c.load_id == load_id,
        element.c.kind == staged_secret.c.kind,
        element.c.element == staged_secret.c.element,
    )
    with_told = select(link.c.record_id).where(link.c.element_id.in_(told))
    if _is_small(connection, load_id):
        staged = union(
            select(staged_record.c.ref).where(staged_record.c.load_id == load_id),
            select(staged_secret.c.ref).where(
                staged_secret.c.load_id == load_id, staged_secret.c.ref.is_not(None)
            ),
        )
        itself = itself.where(marked.c.ref.in_(staged))
        named = record.alias()
        theirs = select(link.c.element_id).where(
            link.c.record_id.in_(select(named.c.id).where(named.c.ref.in_(staged))),
            link.c.kind.in_(_OF_ONE_PERSON),
        )
        with_element = with_element.where(shared.c.element_id.in_(theirs))
    found: FromClause = union(itself, with_element, with_told).subquery()
    ids = select(found.c[0])
    few = connection.scalars(ids.limit(_FEW_IDS + 1)).all()
    return ids if len(few) > _FEW_IDS else few


def _is_small(connection: Connection, load_id: int) -> bool:
    for table in (staged_record, staged_secret):
        further = select(table.c.row).where(table.c.load_id == load_id).offset(_SMALL_ROWS).limit(1)
        if connection.scalar(further) is not None:
            return False
    return True


def bare(connection: Connection, load_id: int) -> int:
    """How many records have nothing but an address that is secret now; to be counted before it is unlinked."""
    by_address = exists().where(link.c.record_id == record.c.id, link.c.kind.in_(OF_ADDRESS))
    otherwise = exists().where(link.c.record_id == record.c.id, link.c.kind.not_in(OF_ADDRESS))
    query = select(func.count()).where(record.c.secret_by == load_id, by_address, ~otherwise)
    return connection.scalar(query) or 0


def forget_attributes(connection: Connection) -> None:
    """Of records that are there for their mark alone."""
    connection.execute(
        update(record).values(attributes=None).where(record.c.attributes.is_not(None), MARK_ONLY)
    )


def _any_secret(connection: Connection, load_id: int) -> bool:
    known = exists().where(record.c.secret_by.is_not(None))
    staged = exists().where(staged_secret.c.load_id == load_id)
    return bool(connection.scalar(select(or_(known, staged))))


def _resolve(connection: Connection, load_id: int, digest: Digest) -> None:
    """Find the hidden references among those of the same load."""
    mine = and_(
        staged_secret.c.load_id == load_id,
        staged_secret.c.ref_digest.is_not(None),
        staged_secret.c.ref.is_(None),
    )
    hidden = select(staged_secret.c.row, staged_secret.c.number, staged_secret.c.ref_digest).where(mine)
    refs = select(staged_record.c.ref).where(staged_record.c.load_id == load_id)
    found = []
    for part in connection.execute(hidden, execution_options={"yield_per": _DIGESTS}).partitions():
        wanted: dict[bytes, list[tuple[int, int]]] = defaultdict(list)
        for row, number, told in part:
            wanted[told].append((row, number))
        for ref in connection.execute(refs, execution_options={"yield_per": _FETCH_ROWS}).scalars():
            places = wanted.get(digest(ref), ())
            found += [{"at_row": row, "at_number": number, "found": ref} for row, number in places]
    if found:
        place = and_(
            staged_secret.c.load_id == load_id,
            staged_secret.c.row == bindparam("at_row"),
            staged_secret.c.number == bindparam("at_number"),
        )
        connection.execute(update(staged_secret).where(place).values(ref=bindparam("found")), found)
