"""What goes when an agreement is rejected or revoked: keys, tags and results. What was done stays in the evidence, as
do the records of disclosures (the citizen's report) and what counts have cost."""

from sqlalchemy import Connection, Delete, Update, delete, select, update

from linkage_node.agreements.signature_store import ended
from linkage_node.agreements.standing import STATUS_REASONS, Status
from linkage_node.errors import Refusal
from linkage_node.storage import Database
from linkage_node.storage.tables import (
    agreement_signature,
    epoch_seed,
    own_tags,
    peer_tag_set,
    query,
    query_pack,
    standing_point,
    tag_set,
    token_use,
)

_BY_TYPE: dict[str, Status] = {"revoke": "revoked", "reject": "rejected"}  # a revocation tells more
_KEYED = (tag_set, token_use, own_tags, peer_tag_set)
_OVER = ("refused", "cancelled")  # states of queries and points that had no answer


def require_not_ended(connection: Connection, content: bytes) -> None:
    """Refusal("agreement_revoked") or ("agreement_rejected") if a party ended the agreement."""
    types = set(connection.scalars(select(agreement_signature.c.type).filter_by(agreement_hash=content)))
    for kind, status in _BY_TYPE.items():
        if kind in types:
            raise Refusal(STATUS_REASONS[status])


def destroy_ended(database: Database) -> frozenset[bytes]:
    """Destroy what is left of all agreements that ended; their content hashes. Nothing is written if there is none."""
    with database.read() as connection:
        over = ended(connection)
    if over:
        with database.write() as connection:
            destroy(connection, database)
        database.scrub()
    return over


def destroy(connection: Connection, database: Database) -> None:
    """The same within a transaction of the caller's, who lets the database scrub after it."""
    for kind, status in _BY_TYPE.items():
        over = select(agreement_signature.c.agreement_hash).filter_by(type=kind)
        asked = select(query.c.id).where(query.c.agreement_hash.in_(over))
        gone: dict[str, Delete | Update] = {
            table.name: delete(table).where(table.c.agreement_hash.in_(over)) for table in _KEYED
        }
        gone[epoch_seed.name] = (
            update(epoch_seed)
            .where(epoch_seed.c.agreement_hash.in_(over), epoch_seed.c.sealed.is_not(None))
            .values(sealed=None)
        )
        gone[query_pack.name] = delete(query_pack).where(query_pack.c.query_id.in_(asked))
        why = {"state": "refused", "reasons": STATUS_REASONS[status]}
        gone[standing_point.name] = (
            update(standing_point)
            .where(standing_point.c.query_id.in_(asked), standing_point.c.state.not_in(_OVER))
            .values(**why, sealed=None)
        )
        for name, statement in gone.items():
            if connection.execute(statement).rowcount:
                database.owe_scrub(connection, name)
        connection.execute(
            update(query)
            .where(query.c.id.in_(asked), query.c.state.not_in(_OVER))
            .values(**why, detail="", hits=0)
        )
