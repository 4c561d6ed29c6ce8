"""All tables of a node. SQLAlchemy Core, the same on SQLite and PostgreSQL.

No table holds a raw identifier. Times are milliseconds since 1970-01-01 UTC.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

SCHEMA_VERSION = 4

metadata = MetaData()
# SQLite only numbers INTEGER keys by itself; AUTOINCREMENT never gives a number twice.
_Id = BigInteger().with_variant(Integer, "sqlite")

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))
owed_scrub = Table(  # tables of which something was destroyed that the disk may still hold
    "owed_scrub",
    metadata,
    Column("name", String, primary_key=True),
    Column("mark", BigInteger, nullable=False),  # another one with every destruction
    Column("since", BigInteger, nullable=False),
)

# --- the register: pseudonymised clients

record = Table(
    "record",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("ref", String, nullable=False, unique=True),  # the organisation's own reference
    Column("attributes", LargeBinary),  # sealed
    # the load or call by which his address is secret; NULL: it is not. Who has nothing but such an address keeps a
    # record without links, so that no load that began earlier puts the address back
    Column("secret_by", BigInteger),
    Index(
        "record_secret_by",
        "secret_by",
        sqlite_where=text("secret_by IS NOT NULL"),
        postgresql_where=text("secret_by IS NOT NULL"),
    ),
    sqlite_autoincrement=True,
)
element = Table(
    "element",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),  # never reused: the order of arrival
    Column("kind", String, nullable=False),
    Column("element", LargeBinary, nullable=False),  # E, 32 bytes
    UniqueConstraint("kind", "element"),
    Index("element_kind_id", "kind", "id"),  # what came after an id
    sqlite_autoincrement=True,
)
link = Table(
    "link",
    metadata,
    Column("record_id", _Id, ForeignKey("record.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("element_id", _Id, ForeignKey("element.id"), nullable=False, index=True),
)
removed_element = Table(  # elements whose last record went, until their remembered tags are forgotten
    "removed_element",
    metadata,
    Column("element_id", _Id, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("removed_at", BigInteger, nullable=False),
)
register_state = Table(
    "register_state",
    metadata,
    Column("kind", String, primary_key=True),
    Column("version", BigInteger, nullable=False),  # goes up with every change
    Column("root", LargeBinary),  # Merkle root over the sorted elements...
    Column("root_version", BigInteger),  # ...of this version
)

# --- a load under way: what waits to be applied to the register, all at once

staged_load = Table(
    "staged_load",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("source", LargeBinary, nullable=False, unique=True),  # keyed digest of where the rows come from
    Column("plan", LargeBinary, nullable=False),  # keyed digest of how they are read: mapping, mode
    Column("position", BigInteger, nullable=False),  # bytes read of the source...
    Column("prefix", LargeBinary, nullable=False),  # ...and their keyed digest
    Column("row", BigInteger, nullable=False),  # rows up to this one are staged
    Column("rows", BigInteger, nullable=False),  # how many they were
    Column("updated_at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
staged_record = Table(
    "staged_record",
    metadata,
    Column("load_id", _Id, ForeignKey("staged_load.id", ondelete="CASCADE"), primary_key=True),
    Column("row", BigInteger, primary_key=True),
    Column("ref", String, nullable=False),
    Column("attributes", LargeBinary),  # sealed
    Column("address_secret", Boolean),  # NULL: the source does not say
    sqlite_with_rowid=False,
)
staged_link = Table(
    "staged_link",
    metadata,
    Column("load_id", _Id, ForeignKey("staged_load.id", ondelete="CASCADE"), primary_key=True),
    Column("row", BigInteger, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("element", LargeBinary),  # NULL: the value was refused, so the record's link of this kind stays
    sqlite_with_rowid=False,
)
staged_reject = Table(
    "staged_reject",
    metadata,
    Column("load_id", _Id, ForeignKey("staged_load.id", ondelete="CASCADE"), primary_key=True),
    Column("row", BigInteger, primary_key=True),
    Column("number", Integer, primary_key=True),  # a row can have several faults
    Column("field", String, nullable=False),
    Column("ref", String, nullable=False),  # empty: none, or it showed the identifier
    Column("reason", String, nullable=False),
    sqlite_with_rowid=False,
)

staged_secret = Table(  # whose address is secret, used row or not: one way to find him in each
    "staged_secret",
    metadata,
    Column("load_id", _Id, ForeignKey("staged_load.id", ondelete="CASCADE"), primary_key=True),
    Column("row", BigInteger, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("certain", Boolean, nullable=False),  # else it could not be read
    Column("ref", String),
    Column(
        "ref_digest", LargeBinary
    ),  # keyed, of a reference that is not kept: it shows an identifier, or may
    Column("kind", String),
    Column("element", LargeBinary),
    sqlite_with_rowid=False,
)

# --- agreements and peers

agreement = Table(
    "agreement",
    metadata,
    Column("hash", LargeBinary, primary_key=True),  # content hash, 64 bytes
    Column("id", String, nullable=False, unique=True),
    Column("text", String, nullable=False),  # the YAML file as it was added
    Column("added_at", BigInteger, nullable=False),
    Index("agreement_added", "added_at", "hash"),  # which is the newest, asked before every decision
)
former_agreement = (
    Table(  # texts that were replaced or removed: no question is about them, and their end is heard
        "former_agreement",
        metadata,
        Column("hash", LargeBinary, primary_key=True),
        Column("id", String, nullable=False),
        Column("text", String, nullable=False),
    )
)
peer = Table(
    "peer",
    metadata,
    Column("oin", String, primary_key=True),
    Column("card", String, nullable=False),  # the YAML file as it was added
    Column("added_at", BigInteger, nullable=False),
)

# --- epochs and tag sets, provider's side

epoch_seed = Table(
    "epoch_seed",
    metadata,
    Column("agreement_hash", LargeBinary, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("sealed", LargeBinary),  # NULL once destroyed
    Column("ends_at", BigInteger, nullable=False),
)
tag_set = Table(
    "tag_set",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("agreement_hash", LargeBinary, nullable=False),
    Column("kind", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("tags", LargeBinary, nullable=False),  # packed, sorted, 10 bytes each
    Column("element_ids", LargeBinary, nullable=False),  # sealed: whose tag each is, int64; 0: a dummy
    # SHA-256 of each tag's claim token, 32 bytes each, random for a dummy; NULL where no token is ever shown
    Column("token_hashes", LargeBinary),
    Column("last_element_id", BigInteger, nullable=False),  # elements up to here are in the set
    Column("next_delta_at", BigInteger, nullable=False),
    UniqueConstraint("agreement_hash", "kind", "epoch"),
    sqlite_autoincrement=True,
)
tag_delta = Table(
    "tag_delta",
    metadata,
    Column("tag_set_id", _Id, ForeignKey("tag_set.id", ondelete="CASCADE"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("additions", LargeBinary, nullable=False),  # packed, sorted
    Column("removals", LargeBinary, nullable=False),
)
budget = Table(
    "budget",
    metadata,
    Column("agreement_hash", LargeBinary, primary_key=True),
    Column("day", String, primary_key=True),  # UTC, YYYY-MM-DD
    Column("used", BigInteger, nullable=False),
)
order_count = Table(  # of orders that the budget does not count
    "order_count",
    metadata,
    Column("requester_oin", String, primary_key=True),
    Column("day", String, primary_key=True),  # UTC, YYYY-MM-DD
    Column("what", String, primary_key=True),  # refused | fetched | counted
    Column("orders", BigInteger, nullable=False),
)
seen_order = Table(
    "seen_order",
    metadata,
    Column("requester_oin", String, primary_key=True),
    Column("nonce", LargeBinary, primary_key=True),
    Column("expires_at", BigInteger, nullable=False, index=True),
)

# --- counts, provider's side

epsilon_spent = Table(  # of the register, over all requesters; only grows
    "epsilon_spent",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("year", Integer, nullable=False, index=True),  # UTC
    Column("micro", BigInteger, nullable=False),  # millionths
    Column("requester_oin", String, nullable=False),
    Column("agreement_hash", LargeBinary, nullable=False),
    Column("question", String, nullable=False),  # its id in the agreement
    Column("order_hash", LargeBinary, nullable=False),  # of the order that it was reserved for
    Column("at", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)
count_answer = Table(  # an answer, or the reservation of one, belongs to requester, question and period
    "count_answer",
    metadata,
    Column("requester_oin", String, primary_key=True),
    Column("question_digest", LargeBinary, primary_key=True),
    Column("period", String, primary_key=True),
    Column("order_hash", LargeBinary, nullable=False),  # of the attempt that it is reserved for
    Column("state", String, nullable=False),  # reserved | checking | answered | lost | refused
    Column("signed_table", LargeBinary),  # Signed CountTable, when answered
    Column("reason", String),  # its code, when refused...
    Column("agreement_hash", LargeBinary),  # ...and the agreement that this is about
    Column("at", BigInteger, nullable=False),
)

# --- disclosures, provider's side

token_use = Table(  # how often a claim token was shown, known or not
    "token_use",
    metadata,
    Column("agreement_hash", LargeBinary, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("token_hash", LargeBinary, primary_key=True),  # SHA-256, 32 bytes
    Column("used", Integer, nullable=False),
)
disclosure = Table(  # what was told about whom, and to whom: for the citizen's report
    "disclosure",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    # SHA-256 over a label, the kind and E: found by who knows the identifier and has the node's secrets, also when
    # the person has left the register
    Column("person", LargeBinary, nullable=False),
    Column("requester_oin", String, nullable=False),
    Column("agreement_id", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("answer", String, nullable=False),  # hit | attributes
    Column("transaction_id", LargeBinary, nullable=False),
    Column("order_hash", LargeBinary, nullable=False),
    Column(
        "sealed", LargeBinary, nullable=False
    ),  # references of the records, attribute names, case reference
    Index("disclosure_person", "person", "agreement_id", "answer", "at"),
    sqlite_autoincrement=True,
)

# --- epochs, tag sets and own tags, requester's side

pinned_key = Table(
    "pinned_key",
    metadata,
    Column("agreement_hash", LargeBinary, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("statement", LargeBinary, nullable=False),  # the provider's Signed EpochKey
    Column("starts_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)
peer_tag_set = Table(
    "peer_tag_set",
    metadata,
    Column("agreement_hash", LargeBinary, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("tags", LargeBinary, nullable=False),  # packed, sorted
    Column("digest", LargeBinary, nullable=False),  # SHA-256 over them
)
own_tags = Table(  # the requester's own clients' tags of this epoch, in sealed packs
    "own_tags",
    metadata,
    Column("agreement_hash", LargeBinary, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("epoch", Integer, primary_key=True),
    Column("pack", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # element ids (int64), tags, claim tokens
)
query = Table(
    "query",
    metadata,
    Column("id", String, primary_key=True),  # hexadecimal transaction id
    Column("agreement_hash", LargeBinary, nullable=False),
    Column("agreement_id", String, nullable=False),
    Column("provider_oin", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("answer", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("source", String, nullable=False),  # register | persons
    Column("runner", String, nullable=False),  # who resumes it after a restart: server | cli
    Column("state", String, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("elements", BigInteger, nullable=False),
    Column("evaluated", BigInteger, nullable=False),
    Column("hits", BigInteger, nullable=False),
    Column("reasons", String, nullable=False),  # codes, comma-separated
    Column("detail", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("results_expire_at", BigInteger),
    Column("cancel", Boolean, nullable=False),
    Column("whole_id", String, nullable=False, index=True),  # the question to several that it is a part of
    Column("question", String, nullable=False),  # of the catalogue
    Column("case_reference", String, nullable=False),
    Column("attributes", String, nullable=False),  # names, as a JSON list
    Column("standing", String, nullable=False),  # name of the standing question that put it
)
query_pack = Table(  # sealed persons of a query that runs, sealed results of one that is done
    "query_pack",
    metadata,
    Column("query_id", String, ForeignKey("query.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String, primary_key=True),  # persons | results | opened | attributes | table
    Column("pack", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
blinding_seed = Table(
    "blinding_seed",
    metadata,
    Column("transaction_id", LargeBinary, primary_key=True),
    Column("order_hash", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # to the auditor's key, or to the node's own
    Column("keep_until", BigInteger, nullable=False),
)

# --- standing questions, requester's side

standing = Table(
    "standing",
    metadata,
    Column("name", String, primary_key=True),
    Column("wish", LargeBinary, nullable=False),  # what is asked, as JSON
    Column("schedule", String, nullable=False),  # cron's syntax
    Column("timezone", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("next_at", BigInteger, nullable=False, index=True),
    Column("last_at", BigInteger),
    Column("paused", Boolean, nullable=False),
)
standing_point = Table(  # one number, or one table, of one provider at one time
    "standing_point",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("name", String, ForeignKey("standing.name", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("provider_oin", String, nullable=False),
    Column("query_id", String, nullable=False),
    Column("state", String, nullable=False),  # done, or how it ended
    Column("reasons", String, nullable=False),  # codes, comma-separated
    Column("sealed", LargeBinary),  # the numbers, when done
    Column("keep_until", BigInteger, nullable=False, index=True),
    UniqueConstraint("name", "at", "provider_oin"),
    sqlite_autoincrement=True,
)

# --- evidence

evidence = Table(
    "evidence",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3, ... without a gap
    Column("body", LargeBinary, nullable=False),  # JCS (RFC 8785) bytes
    Column("hash", LargeBinary, nullable=False),  # SHA-256(previous hash || body)
)
evidence_head = Table(  # one row: the last record, signed with the node's key
    "evidence_head",
    metadata,
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

# --- signatures under agreements, and activated policies

agreement_signature = Table(
    "agreement_signature",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("agreement_hash", LargeBinary, nullable=False),
    Column("oin", String, nullable=False),  # of the organisation that signed
    Column("type", String, nullable=False),  # accept | reject | revoke
    Column("jws", String, nullable=False),  # compact, with the certificate chain in its header
    Column("received_at", BigInteger, nullable=False),
    Column("delivered_at", BigInteger),  # own ones: when the other organisation's node took it
    UniqueConstraint("agreement_hash", "oin", "type"),
    sqlite_autoincrement=True,
)
policy_activation = Table(  # the bundles that were in force, the last one now
    "policy_activation",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),  # only goes up
    Column("revision", String, nullable=False),
    Column("bundle", LargeBinary, nullable=False),  # the file (tar.gz), as it was signed
    Column("signatures", String, nullable=False),  # the officers' JWS, one a line
    Column("activated_at", BigInteger, nullable=False),
    Column("evidence_seq", BigInteger, nullable=False),  # the record of the activation
)
