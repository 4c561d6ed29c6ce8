"""From the staging tables into the register: a few statements over whole sets, in the caller's one transaction."""

from typing import Literal, NamedTuple

from sqlalchemy import (
    Connection,
    Executable,
    FromClause,
    Select,
    and_,
    case,
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

from linkage_node.register.secrecy import (
    MARK_ONLY,
    OF_ADDRESS,
    Ids,
    bare,
    forget_attributes,
    put_marks,
    secret_records,
    withhold,
)
from linkage_node.register.staging import Digest
from linkage_node.storage.tables import (
    element,
    link,
    record,
    register_state,
    removed_element,
    staged_link,
    staged_record,
    staged_reject,
)

Mode = Literal["upsert", "replace", "remove"]


class Applied(NamedTuple):
    """What an apply did to the register."""

    added: int  # records
    renewed: int  # records that were there before
    removed: int  # records
    new_elements: int
    removed_elements: int
    withheld: int = 0  # addresses that are secret by another record or a newer mark


def apply_staged(connection: Connection, load_id: int, mode: Mode, now_ms: int, digest: Digest) -> Applied:
    """Apply what a load staged.

    `upsert`: each staged record is the whole truth about its reference: a kind that it lacks loses its link, except
    one whose value was refused. `replace`: the same, and records that the source does not name go; those on rejected
    rows stay as they were. Only a secret address goes whatever else is wrong with its row; of a record that has
    nothing else the mark stays (see `secrecy`). `remove`: the named records go.

    An element that no record links to any more moves to `removed_element`, so that tag sets can drop it; if the same
    identifier comes back later, it gets a new id.
    """
    changes: dict[str, int] = {}
    added = renewed = removed = new_elements = withheld = 0
    if mode != "upsert":
        removed = _remove_records(connection, load_id, mode, now_ms, changes)
    if mode != "remove":
        added, renewed = _put_records(connection, load_id)
        put_marks(connection, load_id, digest)
        kinds = _kinds(connection, load_id)
        of_address = [kind for kind in kinds if kind in OF_ADDRESS]
        for kind in (*(kind for kind in kinds if kind not in OF_ADDRESS), *of_address):
            if of_address and kind == of_address[0]:  # who is who is known by now
                secret = secret_records(connection, load_id)
                withheld = withhold(connection, load_id, secret)
                removed += _drop_secret(connection, load_id, secret, now_ms, changes)
            new_elements += (new := _add_elements(connection, load_id, kind))
            changes[kind] = changes.get(kind, 0) + new + _change_links(connection, load_id, kind, now_ms)
        if removed or withheld:
            forget_attributes(connection)
    removed_elements = _remove_orphans(connection, now_ms)
    for kind, count in changes.items():
        if count:
            _bump_version(connection, kind)
    return Applied(added, renewed, removed, new_elements, removed_elements, withheld)


def _kinds(connection: Connection, load_id: int) -> list[str]:
    """The kinds that are staged or in the register."""
    staged = select(staged_link.c.kind).where(staged_link.c.load_id == load_id)
    return list(connection.scalars(union(staged, select(register_state.c.kind))))


def _put_records(connection: Connection, load_id: int) -> tuple[int, int]:
    """Give known records their new attributes and add the others: how many were added, and how many known."""
    mine = and_(staged_record.c.load_id == load_id, record.c.ref == staged_record.c.ref)
    marks = func.count(case((MARK_ONLY, 1)))
    known, of_marks = connection.execute(
        select(func.count(), marks).select_from(staged_record, record).where(mine)
    ).one()
    connection.execute(
        update(record)
        .values(attributes=staged_record.c.attributes)
        .where(mine, or_(record.c.attributes.is_not(None), staged_record.c.attributes.is_not(None)))
    )
    new = (
        select(staged_record.c.ref, staged_record.c.attributes)
        .where(staged_record.c.load_id == load_id, ~exists().where(record.c.ref == staged_record.c.ref))
        .order_by(staged_record.c.row)
    )
    added = _execute(connection, insert(record).from_select(["ref", "attributes"], new))
    return added + of_marks, known - of_marks


def _add_elements(connection: Connection, load_id: int, kind: str) -> int:
    new = (
        select(literal(kind), staged_link.c.element)
        .where(
            staged_link.c.load_id == load_id,
            staged_link.c.kind == kind,
            staged_link.c.element.is_not(None),
            ~exists().where(element.c.kind == kind, element.c.element == staged_link.c.element),
        )
        .distinct()
        .order_by(staged_link.c.element)  # not the order of the source, and quick to index
    )
    return _execute(connection, insert(element).from_select(["kind", "element"], new))


def _change_links(connection: Connection, load_id: int, kind: str, now_ms: int) -> int:
    """Make the links of one kind what the staged records say: how many changed."""
    its_record = and_(staged_record.c.load_id == load_id, record.c.ref == staged_record.c.ref)
    its_link = and_(its_record, link.c.record_id == record.c.id, link.c.kind == kind)
    has_value = and_(
        staged_link.c.load_id == load_id, staged_link.c.kind == kind, staged_link.c.row == staged_record.c.row
    )
    has_element = and_(has_value, element.c.kind == kind, element.c.element == staged_link.c.element)
    dropped = and_(its_link, ~exists().where(has_value))
    replaced = and_(its_link, has_element, link.c.element_id != element.c.id)

    for which in (dropped, replaced):
        _mark_removed(connection, select(link.c.element_id, link.c.kind).where(which), now_ms)
    without = select(record.c.id).where(dropped).correlate(None)
    changed = _execute(connection, delete(link).where(link.c.kind == kind, link.c.record_id.in_(without)))
    changed += _execute(connection, update(link).values(element_id=element.c.id).where(replaced))
    new = select(record.c.id, literal(kind), element.c.id).where(
        its_record, has_element, ~exists().where(link.c.record_id == record.c.id, link.c.kind == kind)
    )
    return changed + _execute(connection, insert(link).from_select(["record_id", "kind", "element_id"], new))


def _remove_records(
    connection: Connection, load_id: int, mode: Mode, now_ms: int, changes: dict[str, int]
) -> int:
    """Remove the records that the source names (`remove`), or that it does not name (`replace`)."""
    named = select(staged_record.c.ref).where(staged_record.c.load_id == load_id)
    if mode == "replace":
        rejected = select(staged_reject.c.ref).where(staged_reject.c.load_id == load_id)
        which = record.c.ref.not_in(union(named, rejected))
        connection.execute(delete(record).where(which, MARK_ONLY))  # no loss to be told
    else:
        which = record.c.ref.in_(named)
    links = select(link.c.element_id, link.c.kind).where(link.c.record_id == record.c.id, which)
    _mark_removed(connection, links, now_ms)
    counted = (
        select(link.c.kind, func.count()).where(link.c.record_id == record.c.id, which).group_by(link.c.kind)
    )
    for kind, count in connection.execute(counted):
        changes[kind] = count
    return _execute(connection, delete(record).where(which))  # its links go with it


def _drop_secret(
    connection: Connection, load_id: int, secret: Ids, now_ms: int, changes: dict[str, int]
) -> int:
    """Unlink all people whose address is secret from it: of how many records nothing but the mark is left."""
    which = and_(link.c.kind.in_(OF_ADDRESS), link.c.record_id.in_(secret))
    counted = connection.execute(select(link.c.kind, func.count()).where(which).group_by(link.c.kind)).all()
    if not counted:
        return 0
    gone = bare(connection, load_id)
    _mark_removed(connection, select(link.c.element_id, link.c.kind).where(which), now_ms)
    for kind, count in counted:
        changes[kind] = changes.get(kind, 0) + count
    _execute(connection, delete(link).where(which))
    return gone


def _mark_removed(connection: Connection, links: Select[int, str], now_ms: int) -> None:
    """Note elements as removed at this time, provided that no other record turns out to link to them."""
    candidate: FromClause = links.distinct().subquery()
    fresh = select(candidate.c.element_id, candidate.c.kind, literal(now_ms)).where(
        ~exists().where(removed_element.c.element_id == candidate.c.element_id)
    )
    connection.execute(insert(removed_element).from_select(["element_id", "kind", "removed_at"], fresh))


def _remove_orphans(connection: Connection, now_ms: int) -> int:
    """Of the elements just marked, delete those without a link, and take the mark from the others."""
    now = removed_element.c.removed_at == now_ms
    linked = exists().where(link.c.element_id == removed_element.c.element_id)
    connection.execute(delete(removed_element).where(now, linked))
    marked = select(removed_element.c.element_id).where(now)
    return _execute(connection, delete(element).where(element.c.id.in_(marked)))


def _bump_version(connection: Connection, kind: str) -> None:
    mine = register_state.c.kind == kind
    raised = update(register_state).where(mine).values(version=register_state.c.version + 1)
    if not _execute(connection, raised):
        connection.execute(insert(register_state).values(kind=kind, version=1))


def _execute(connection: Connection, statement: Executable) -> int:
    """Execute a statement: how many rows it changed. (SQLAlchemy keeps no count of inserts unless it is asked to.)"""
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount
