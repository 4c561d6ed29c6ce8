from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Answer(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ANSWER_UNSPECIFIED: _ClassVar[Answer]
    ANSWER_COUNT: _ClassVar[Answer]
    ANSWER_HIT: _ClassVar[Answer]
    ANSWER_ATTRIBUTES: _ClassVar[Answer]

class Operation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    OPERATION_UNSPECIFIED: _ClassVar[Operation]
    OPERATION_EVALUATE: _ClassVar[Operation]
    OPERATION_FETCH_TAG_SET: _ClassVar[Operation]
    OPERATION_COUNT: _ClassVar[Operation]
    OPERATION_DISCLOSE: _ClassVar[Operation]
    OPERATION_REPORT_HITS: _ClassVar[Operation]

class Decision(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DECISION_UNSPECIFIED: _ClassVar[Decision]
    DECISION_ALLOW: _ClassVar[Decision]
    DECISION_DENY: _ClassVar[Decision]

class Stage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STAGE_UNSPECIFIED: _ClassVar[Stage]
    STAGE_DECIDED: _ClassVar[Stage]
    STAGE_COMPLETED: _ClassVar[Stage]
ANSWER_UNSPECIFIED: Answer
ANSWER_COUNT: Answer
ANSWER_HIT: Answer
ANSWER_ATTRIBUTES: Answer
OPERATION_UNSPECIFIED: Operation
OPERATION_EVALUATE: Operation
OPERATION_FETCH_TAG_SET: Operation
OPERATION_COUNT: Operation
OPERATION_DISCLOSE: Operation
OPERATION_REPORT_HITS: Operation
DECISION_UNSPECIFIED: Decision
DECISION_ALLOW: Decision
DECISION_DENY: Decision
STAGE_UNSPECIFIED: Stage
STAGE_DECIDED: Stage
STAGE_COMPLETED: Stage

class Signed(_message.Message):
    __slots__ = ("payload", "signature")
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    payload: bytes
    signature: bytes
    def __init__(self, payload: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...

class Order(_message.Message):
    __slots__ = ("version", "suite", "requester_oin", "provider_oin", "agreement_id", "agreement_hash", "purpose", "kind", "answer", "operation", "epoch", "public_key", "element_count", "elements_root", "register_root", "blinding_commitment", "transaction_id", "nonce", "expires_at_ms", "tag_set_version", "question", "base_point", "tokens_digest", "case_reference", "attributes")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_OIN_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_OIN_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_HASH_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    ELEMENT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ELEMENTS_ROOT_FIELD_NUMBER: _ClassVar[int]
    REGISTER_ROOT_FIELD_NUMBER: _ClassVar[int]
    BLINDING_COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    TAG_SET_VERSION_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    BASE_POINT_FIELD_NUMBER: _ClassVar[int]
    TOKENS_DIGEST_FIELD_NUMBER: _ClassVar[int]
    CASE_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    version: int
    suite: str
    requester_oin: str
    provider_oin: str
    agreement_id: str
    agreement_hash: bytes
    purpose: str
    kind: str
    answer: Answer
    operation: Operation
    epoch: int
    public_key: bytes
    element_count: int
    elements_root: bytes
    register_root: bytes
    blinding_commitment: bytes
    transaction_id: bytes
    nonce: bytes
    expires_at_ms: int
    tag_set_version: int
    question: str
    base_point: bytes
    tokens_digest: bytes
    case_reference: str
    attributes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, version: _Optional[int] = ..., suite: _Optional[str] = ..., requester_oin: _Optional[str] = ..., provider_oin: _Optional[str] = ..., agreement_id: _Optional[str] = ..., agreement_hash: _Optional[bytes] = ..., purpose: _Optional[str] = ..., kind: _Optional[str] = ..., answer: _Optional[_Union[Answer, str]] = ..., operation: _Optional[_Union[Operation, str]] = ..., epoch: _Optional[int] = ..., public_key: _Optional[bytes] = ..., element_count: _Optional[int] = ..., elements_root: _Optional[bytes] = ..., register_root: _Optional[bytes] = ..., blinding_commitment: _Optional[bytes] = ..., transaction_id: _Optional[bytes] = ..., nonce: _Optional[bytes] = ..., expires_at_ms: _Optional[int] = ..., tag_set_version: _Optional[int] = ..., question: _Optional[str] = ..., base_point: _Optional[bytes] = ..., tokens_digest: _Optional[bytes] = ..., case_reference: _Optional[str] = ..., attributes: _Optional[_Iterable[str]] = ...) -> None: ...

class Obligations(_message.Message):
    __slots__ = ("evaluations_per_day", "largest_query", "kinds", "answers", "result_retention_days", "proof", "receipts")
    EVALUATIONS_PER_DAY_FIELD_NUMBER: _ClassVar[int]
    LARGEST_QUERY_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    RESULT_RETENTION_DAYS_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    RECEIPTS_FIELD_NUMBER: _ClassVar[int]
    evaluations_per_day: int
    largest_query: int
    kinds: _containers.RepeatedScalarFieldContainer[str]
    answers: _containers.RepeatedScalarFieldContainer[str]
    result_retention_days: int
    proof: bool
    receipts: bool
    def __init__(self, evaluations_per_day: _Optional[int] = ..., largest_query: _Optional[int] = ..., kinds: _Optional[_Iterable[str]] = ..., answers: _Optional[_Iterable[str]] = ..., result_retention_days: _Optional[int] = ..., proof: _Optional[bool] = ..., receipts: _Optional[bool] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("version", "order_hash", "provider_oin", "requester_oin", "transaction_id", "stage", "decision", "reasons", "obligations", "policy_revision", "epoch", "public_key", "evaluated", "results_root", "tag_set_version", "tag_set_digest", "next_delta_at_ms", "issued_at_ms")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ORDER_HASH_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_OIN_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_OIN_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    POLICY_REVISION_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    EVALUATED_FIELD_NUMBER: _ClassVar[int]
    RESULTS_ROOT_FIELD_NUMBER: _ClassVar[int]
    TAG_SET_VERSION_FIELD_NUMBER: _ClassVar[int]
    TAG_SET_DIGEST_FIELD_NUMBER: _ClassVar[int]
    NEXT_DELTA_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ISSUED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    version: int
    order_hash: bytes
    provider_oin: str
    requester_oin: str
    transaction_id: bytes
    stage: Stage
    decision: Decision
    reasons: _containers.RepeatedScalarFieldContainer[str]
    obligations: Obligations
    policy_revision: str
    epoch: int
    public_key: bytes
    evaluated: int
    results_root: bytes
    tag_set_version: int
    tag_set_digest: bytes
    next_delta_at_ms: int
    issued_at_ms: int
    def __init__(self, version: _Optional[int] = ..., order_hash: _Optional[bytes] = ..., provider_oin: _Optional[str] = ..., requester_oin: _Optional[str] = ..., transaction_id: _Optional[bytes] = ..., stage: _Optional[_Union[Stage, str]] = ..., decision: _Optional[_Union[Decision, str]] = ..., reasons: _Optional[_Iterable[str]] = ..., obligations: _Optional[_Union[Obligations, _Mapping]] = ..., policy_revision: _Optional[str] = ..., epoch: _Optional[int] = ..., public_key: _Optional[bytes] = ..., evaluated: _Optional[int] = ..., results_root: _Optional[bytes] = ..., tag_set_version: _Optional[int] = ..., tag_set_digest: _Optional[bytes] = ..., next_delta_at_ms: _Optional[int] = ..., issued_at_ms: _Optional[int] = ...) -> None: ...

class ChunkReceipt(_message.Message):
    __slots__ = ("order_hash", "index", "root")
    ORDER_HASH_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    ROOT_FIELD_NUMBER: _ClassVar[int]
    order_hash: bytes
    index: int
    root: bytes
    def __init__(self, order_hash: _Optional[bytes] = ..., index: _Optional[int] = ..., root: _Optional[bytes] = ...) -> None: ...

class CountTable(_message.Message):
    __slots__ = ("version", "order_hash", "provider_oin", "requester_oin", "question_digest", "kind", "period", "groups", "categories", "cells", "epsilon_micro", "smallest_cell", "given_at_ms")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ORDER_HASH_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_OIN_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_OIN_FIELD_NUMBER: _ClassVar[int]
    QUESTION_DIGEST_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    EPSILON_MICRO_FIELD_NUMBER: _ClassVar[int]
    SMALLEST_CELL_FIELD_NUMBER: _ClassVar[int]
    GIVEN_AT_MS_FIELD_NUMBER: _ClassVar[int]
    version: int
    order_hash: bytes
    provider_oin: str
    requester_oin: str
    question_digest: bytes
    kind: str
    period: str
    groups: _containers.RepeatedScalarFieldContainer[str]
    categories: _containers.RepeatedScalarFieldContainer[str]
    cells: _containers.RepeatedScalarFieldContainer[int]
    epsilon_micro: int
    smallest_cell: int
    given_at_ms: int
    def __init__(self, version: _Optional[int] = ..., order_hash: _Optional[bytes] = ..., provider_oin: _Optional[str] = ..., requester_oin: _Optional[str] = ..., question_digest: _Optional[bytes] = ..., kind: _Optional[str] = ..., period: _Optional[str] = ..., groups: _Optional[_Iterable[str]] = ..., categories: _Optional[_Iterable[str]] = ..., cells: _Optional[_Iterable[int]] = ..., epsilon_micro: _Optional[int] = ..., smallest_cell: _Optional[int] = ..., given_at_ms: _Optional[int] = ...) -> None: ...

class EpochKey(_message.Message):
    __slots__ = ("version", "suite", "provider_oin", "requester_oin", "agreement_hash", "purpose", "kind", "epoch", "public_key", "starts_at_ms", "ends_at_ms")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    SUITE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_OIN_FIELD_NUMBER: _ClassVar[int]
    REQUESTER_OIN_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_HASH_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    STARTS_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ENDS_AT_MS_FIELD_NUMBER: _ClassVar[int]
    version: int
    suite: str
    provider_oin: str
    requester_oin: str
    agreement_hash: bytes
    purpose: str
    kind: str
    epoch: int
    public_key: bytes
    starts_at_ms: int
    ends_at_ms: int
    def __init__(self, version: _Optional[int] = ..., suite: _Optional[str] = ..., provider_oin: _Optional[str] = ..., requester_oin: _Optional[str] = ..., agreement_hash: _Optional[bytes] = ..., purpose: _Optional[str] = ..., kind: _Optional[str] = ..., epoch: _Optional[int] = ..., public_key: _Optional[bytes] = ..., starts_at_ms: _Optional[int] = ..., ends_at_ms: _Optional[int] = ...) -> None: ...
