"""Every limit of the node, named, with its unit. Settings that operators may change are in `config`."""

# --- protocol
PROTOCOL_VERSION = 1
SUITE = "ristretto255-SHA512"
CHUNK_ELEMENTS = 4096  # elements in one message; a power of two, so that a chunk is a Merkle subtree
ELEMENT_BYTES = 32
TAG_BYTES = 10
TOKEN_BYTES = 16
ORDER_LIFETIME_MS = 15 * 60 * 1000  # milliseconds between signing an order and its arrival
ORDER_BYTES = 8_192  # of a signed order, receipt or epoch key; an honest one has some 700
REASONS = 16  # codes in a decision, and in a receipt
ORDERS_PER_DAY = (
    10_000  # refused orders, and orders for a tag set, each, that a peer may put in one day (UTC)
)
TAG_SET_ENTRIES = 50_000_000  # in a peer's tag set
SEEN_ORDER_SLACK_MS = 60 * 60 * 1000  # milliseconds that an order seen is remembered after it expired
LARGEST_ORDER = 10_000_000  # elements, whatever an agreement says
TAG_SET_MESSAGE_ENTRIES = 100_000  # tag set entries in one message

# --- the term of an agreement
AGREEMENT_YEARS_ADVISED = 5  # years that an agreement lasts; of a longer one it is warned
AGREEMENT_AHEAD_DAYS_ADVISED = 366  # days until it begins; of a later one it is warned

# --- counting
COUNT_TRAPS = 50  # in each of the provider's categories at the least
COUNT_ELEMENTS = 4_000_000  # of one side in one count, padding included
COUNT_CELLS = 400  # cells of one table
COUNT_CATEGORIES = 50  # of one side
COUNT_QUESTIONS = 50  # in one agreement's catalogue
COUNT_BUCKET_ADVISED = 1_000  # elements of a provider's category; of less it is warned (ADR 9)
COUNT_SMALLEST_SET_ADVISED = 20  # persons; of less it is warned, and production counts none (counts.rego)
COUNT_SMALLEST_CELL_ADVISED = 5  # persons; the same
COUNT_ORDERS_PER_DAY = (
    200  # orders for a count that one peer may put in one day (UTC), answered before or not
)
TABLE_BYTES = 65_536  # of a signed table
COUNT_CHECKING_MS = 10 * 60 * 1000  # milliseconds after which a list that is being checked never will be
COUNT_ELEMENTS_HELD = (
    2 * COUNT_ELEMENTS
)  # in memory for the counts of one requester at once; each takes some 250 bytes
NOT_RELEASED = -1  # in a table: the cell of a number that is too small to be told
MICRO = 1_000_000  # epsilon is added up in whole millionths
EPSILON_SMALLEST = 0.001
EPSILON_LARGEST = 10.0  # of one question; more noise-free than this is no protection
EPSILON_IN_PRODUCTION = 2.0  # of one question at the most (counts.rego)
EPSILON_PER_YEAR = 12.0  # of a register over all requesters, unless node.yaml says otherwise
EPSILON_PER_YEAR_LARGEST = 1_000.0
SERIES_DAYS = 3_660  # that a series of counts is kept at the most

# --- attributes
DISCLOSED_PERSONS = 1_000  # claim tokens in one order at the most, whatever an agreement says
DISCLOSED_ATTRIBUTES = 32  # names in one agreement
DISCLOSURES_PER_TOKEN = 1_000  # in one epoch at the most, whatever an agreement says
DISCLOSED_ENTRIES = 20  # in one message
DISCLOSED_RECORDS = 100  # of one person in one entry; of more the first are told
DISCLOSED_BYTES = 32 * 1024 * 1024  # of all entries of one order, as they travel
CASE_REFERENCE_CHARACTERS = 64
REPORTED_TOKENS = 100_000  # claim tokens in one message of a report
REPORTED_SLICE = 10_000  # claim tokens whose persons are put on record in one transaction: others wait for it

# --- several providers
PROVIDERS = 20  # asked in one query

# --- standing questions
STANDING_QUESTIONS = 200  # of one node
STANDING_NAME_CHARACTERS = 64
SCHEDULE_CHARACTERS = 120  # of cron's syntax
STANDING_RUN_HOURS = 24  # after which a run without an answer is given up, so that the next one can begin
CHART_POINTS = 400  # of one series in one chart, the newest
CHART_LINES = 12  # of one provider in one chart; more are added up
CHART_COMBINATIONS = 30  # of providers in one chart, the largest

# --- messages and streams
MESSAGE_BYTES = 4 * 1024 * 1024  # of one gRPC message, both ways
METADATA_BYTES = 16 * 1024
QUOTED_CHARACTERS = 200  # of another organisation's words in a message
STREAMS_PER_IDENTITY = 8  # calls open at once per certificate's OIN
SERVER_WORKERS = 32  # threads that serve calls
HANDSHAKE_TIMEOUT_MS = 5_000  # milliseconds for a TLS handshake
STREAM_IDLE_SECONDS = 60.0  # that a call waits for the other side to send a message, or to take one
CALL_SECONDS = 6 * 3600.0  # of a whole call, also of a caller that set no deadline
UNARY_DEADLINE_SECONDS = 30.0
PEER_CONNECT_SECONDS = 10.0
STREAMS_PER_CONNECTION = 64  # HTTP/2 streams open at once on one connection
KEEPALIVE_MS = 30_000  # milliseconds between pings on a connection with calls on it
KEEPALIVE_TIMEOUT_MS = 10_000  # milliseconds to wait for the answer to a ping
PING_INTERVAL_MS = 15_000  # milliseconds that a client leaves at least between pings, or it is cut off
PREPARE_SECONDS = 600.0  # for a provider to build a tag set and hand it over
CHUNK_SECONDS = 10.0  # for each chunk of an evaluation, before the caller gives up
STOP_GRACE_SECONDS = 20.0  # for calls under way when the node is told to stop
STOP_QUERY_SECONDS = (
    3.0  # for queries under way to come to the end of a chunk, before their calls are cut off
)

# --- policy
POLICY_DEADLINE_SECONDS = (
    0.3  # for one call of a decision point, whatever it does: a refusal must come within 0.5
)
POLICY_ANSWER_BYTES = 64 * 1024
POLICY_WIRE_BYTES = 4 * POLICY_ANSWER_BYTES  # with its head, and what is around its chunks
POLICY_TOKEN_CHARACTERS = 8 * 1024  # of the token that a decision point knows the node by
POLICY_NUMBER = 2**53 - 1  # largest number in a question: what every JSON reader keeps exact
POLICY_TEXT_CHARACTERS = 1_024  # of one text in a question; an agreement's longest, a URI, has half of it
POLICY_SHORT_BYTES = 2 * 1024  # of text in a question: 380 bytes of stack for each at the most (measured)
POLICY_ROOMY_BYTES = 4 * 1024 * 1024  # of stack: with as much, short questions need no thread of their own
POLICY_INPUT_BYTES = 64 * 1024  # of all texts and names of fields that the rules are asked about at once
POLICY_INPUT_VALUES = 4_096  # values in it: lists, fields and what stands in them
POLICY_INPUT_DEPTH = 256  # of lists and fields within each other; an agreement has 7
POLICY_STACK_BYTES = (
    64 * 1024 * 1024
)  # of the engine's thread, taken as it is used; a long match takes some 400 of each byte of text

VERDICTS_KEPT = 10_000  # in memory for one set of rules; some 500 bytes each
COVERAGE_SECONDS = 120  # for OPA to run all cases of a policy and tell what they reach

# --- agreements
AGREEMENT_BYTES = (
    32 * 1024
)  # of what its hash is taken of (RFC 8785); half of what the rules may be asked about
AGREEMENT_VALUES = (
    1_000  # values that its counts are broken down by, of all questions and both sides together
)
AGREEMENT_KINDS = 16
AGREEMENT_LAST_YEAR = 2999  # in which one ends: later moments no calendar has, and none is meant
LINE_CHARACTERS = 200  # of a purpose, an article, a title, an organisation
WORD_CHARACTERS = 64  # of an id, a code, the name of an attribute, a value
KIND_CHARACTERS = 32
EPOCH_DAYS = 366  # of one epoch at the most
TAG_SET_BUCKET = 1_000_000  # entries in a bucket at the most
TAG_SET_CHANGES = 100_000  # entries that a delta adds, and removes, at the most: it travels in one message
TAG_SET_PADDING = 5_000_000  # entries without a person in a tag set: one for each change of an epoch
TAG_SET_HOURS = 168  # between two deltas at the most
EVALUATIONS_PER_DAY = 1_000_000_000
RESULT_RETENTION_DAYS = 3_660

SIGNATURE_CHARACTERS = 32 * 1024  # of one JWS, its certificate chain included
SIGNATURE_RSA_BITS = 2_048  # of an RSA key at the least; NCSC-NL phases 2048 out, 3072 is good
SIGNATURE_RSA_BITS_LARGEST = 8_192  # larger ones cost time
SIGNATURE_RSA_EXPONENT = 65_537  # the only one: FIPS 186-5 has none that is less, and larger ones cost time
SIGNATURE_CHAIN = 6  # certificates in it at the most
SIGNATURES_OF_ONE = 4  # that travel under one agreement: reject and revoke, of both parties
SIGNATURES_IN_ONE_CALL = (
    24  # agreements whose signatures two nodes exchange in one call: with all it is under 4 MiB
)
SIGNATURES_PER_MINUTE = (
    2_000  # agreements asked about and signatures brought, together, that one partner may in a minute
)
SIGNATURES_IN_ONE_ROUND = (
    300  # of the same to one partner: with a round each 15 seconds some half of what it takes
)
SIGNATURES_ROUND_SECONDS = 60.0  # of one round with one partner, however slowly it answers; the next goes on
SIGNATURES_VERIFIED = 4_096  # that a process remembers as verified
SIGNATURE_SKEW_SECONDS = 300  # that a signer's clock may run ahead
SIGNATURES_EVERY_SECONDS = 15.0  # between two rounds of bringing signatures to partners
SIGNATURES_ASKED_SECONDS = (
    40.0  # after which a partner is asked for its signatures, also with nothing to bring
)
AGREEMENT_LOOKED_UP_MS = (
    2_000  # milliseconds between two looks, amid a stream, whether its agreement is in force
)

# --- activation
OFFICERS_NEEDED = 2
POLICY_SWITCH_SECONDS = (
    10.0  # after an activation that a running node may decide by the policy before; then decisions wait
)
POLICY_NUMBERS_SKIPPED = (
    1_000  # of a policy over the highest that was in force, so that there is always a next one
)
POLICY_SIGNATURE_SECONDS = 30 * 24 * 3600  # an officer's signature is for the policy to come, not for one day
POLICY_LOOK_SECONDS = 1.0  # between two looks of a serving node at which policy is in force
BUNDLE_BYTES = 64 * 1024 * 1024  # of a policy bundle, unpacked
PASSPHRASE_CHARACTERS = 12  # of an officer's key at the least
# Scrypt (RFC 7914) of that passphrase: OWASP's least for it. Of memory: 128 bytes times rounds times blocks.
SCRYPT_ROUNDS = 2**17  # N
SCRYPT_BLOCKS = 8  # r
SCRYPT_LANES = 1  # p

# --- storage
BUSY_TIMEOUT_MS = 10_000  # milliseconds to wait for another writer
SCRUB_WAIT_MS = 500  # milliseconds that wiping what was destroyed waits for readers; tried again each round
PACK_ROWS = 5_000  # rows of results in one sealed pack

# --- sources
FIELD_CHARACTERS = 4_096  # of one CSV field
RECORD_REF_CHARACTERS = 128
UNREADABLE_ROWS = 8  # rows of one load from which on the share of those that cannot be read tells something
UNREADABLE_SHARE = 0.3  # of rows, above which a load that would take their addresses out is refused
TELLING_REFS = 8  # references of one load or call from which on their share of BSNs tells something
BSN_REFS_SHARE = (
    0.3  # of references that are BSNs, above which a load or call is refused; by chance it is 1/11
)
ATTRIBUTE_CHARACTERS = 1_024
HOUSE_ADDITION_CHARACTERS = 10  # of letter and addition together; the BAG allows 1 and 4
ROW_CHARACTERS = 1024 * 1024  # of one CSV row, all its columns
LOAD_BATCH_ROWS = 4_096
UNFINISHED_LOAD_DAYS = 7  # that what was staged by a killed load waits for its command to be run again
CONFIG_FILE_BYTES = 1024 * 1024  # of a YAML file

# --- housekeeping
HOUSEKEEPING_SECONDS = 30.0  # between two rounds
BLINDING_SEED_DAYS = 90  # that seeds are kept for the auditor

# --- certificates
DEVELOPMENT_CERTIFICATE_DAYS = 90
CERTIFICATE_WARNING_DAYS = 30  # before its end that the doctor warns

# --- a requester's memory
OWN_TAGS_PACKS = 64  # sealed packs of own tags before they are made one
SAVE_CHUNKS = 8  # chunks of answers between two savings of a query's progress
CHANNEL_LIFETIME_SECONDS = 3600.0  # before a peer's certificate is looked at again

# --- the node's own systems
COUNTER_SHARE = 0.8  # of a caller's deadline that several providers have to answer about one person
RUNNING_QUERIES = 16  # at once; others wait. Most wait for a peer; group arithmetic has its own threads
RUNNING_AT_ONE_PROVIDER = 2  # at once; fewer than STREAMS_PER_IDENTITY, or it would refuse some
WATCH_SECONDS = 1.0  # between two looks at a query that does not change
UPSERT_RECORDS = 1_000_000  # records in one call
LIST_QUERIES = 1_000  # queries in one page of the list
RESULTS_MESSAGE_ROWS = 5_000

# --- diagnosis
DISK_WARNING_BYTES = 1024**3  # bytes free below which the doctor warns
DISK_FAULT_BYTES = 64 * 1024**2  # bytes free below which it calls that a fault
SCRUB_WARNING_MS = 10 * 60 * 1000  # milliseconds that wiping is overdue before the doctor warns
AGREEMENT_WARNING_DAYS = 30  # before its end that the doctor warns
LOOK_SECONDS = 3.0  # for the doctor's look at one peer

# --- the bench
BENCH_SECONDS = 60.0  # for one question, and for a node to stop, before the bench gives up
