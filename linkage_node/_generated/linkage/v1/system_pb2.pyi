from linkage.v1 import order_pb2 as _order_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Source(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SOURCE_UNSPECIFIED: _ClassVar[Source]
    SOURCE_REGISTER: _ClassVar[Source]
    SOURCE_PERSONS: _ClassVar[Source]

class QueryState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUERY_STATE_UNSPECIFIED: _ClassVar[QueryState]
    QUERY_STATE_QUEUED: _ClassVar[QueryState]
    QUERY_STATE_RUNNING: _ClassVar[QueryState]
    QUERY_STATE_DONE: _ClassVar[QueryState]
    QUERY_STATE_REFUSED: _ClassVar[QueryState]
    QUERY_STATE_FAILED: _ClassVar[QueryState]
    QUERY_STATE_CANCELLED: _ClassVar[QueryState]
SOURCE_UNSPECIFIED: Source
SOURCE_REGISTER: Source
SOURCE_PERSONS: Source
QUERY_STATE_UNSPECIFIED: QueryState
QUERY_STATE_QUEUED: QueryState
QUERY_STATE_RUNNING: QueryState
QUERY_STATE_DONE: QueryState
QUERY_STATE_REFUSED: QueryState
QUERY_STATE_FAILED: QueryState
QUERY_STATE_CANCELLED: QueryState

class Person(_message.Message):
    __slots__ = ("record_ref", "identifiers", "address_secret")
    class IdentifiersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    RECORD_REF_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_SECRET_FIELD_NUMBER: _ClassVar[int]
    record_ref: str
    identifiers: _containers.ScalarMap[str, str]
    address_secret: bool
    def __init__(self, record_ref: _Optional[str] = ..., identifiers: _Optional[_Mapping[str, str]] = ..., address_secret: _Optional[bool] = ...) -> None: ...

class QueryHeader(_message.Message):
    __slots__ = ("agreement_id", "provider_oin", "kind", "answer", "source", "purpose", "further_agreement_ids", "question", "group_by", "case_reference", "attributes")
    AGREEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_OIN_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    FURTHER_AGREEMENT_IDS_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    GROUP_BY_FIELD_NUMBER: _ClassVar[int]
    CASE_REFERENCE_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    agreement_id: str
    provider_oin: str
    kind: str
    answer: _order_pb2.Answer
    source: Source
    purpose: str
    further_agreement_ids: _containers.RepeatedScalarFieldContainer[str]
    question: str
    group_by: _containers.RepeatedScalarFieldContainer[str]
    case_reference: str
    attributes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, agreement_id: _Optional[str] = ..., provider_oin: _Optional[str] = ..., kind: _Optional[str] = ..., answer: _Optional[_Union[_order_pb2.Answer, str]] = ..., source: _Optional[_Union[Source, str]] = ..., purpose: _Optional[str] = ..., further_agreement_ids: _Optional[_Iterable[str]] = ..., question: _Optional[str] = ..., group_by: _Optional[_Iterable[str]] = ..., case_reference: _Optional[str] = ..., attributes: _Optional[_Iterable[str]] = ...) -> None: ...

class StartQueryRequest(_message.Message):
    __slots__ = ("header", "persons")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    header: QueryHeader
    persons: _containers.RepeatedCompositeFieldContainer[Person]
    def __init__(self, header: _Optional[_Union[QueryHeader, _Mapping]] = ..., persons: _Optional[_Iterable[_Union[Person, _Mapping]]] = ...) -> None: ...

class Reject(_message.Message):
    __slots__ = ("row", "record_ref", "field", "reason")
    ROW_FIELD_NUMBER: _ClassVar[int]
    RECORD_REF_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    row: int
    record_ref: str
    field: str
    reason: str
    def __init__(self, row: _Optional[int] = ..., record_ref: _Optional[str] = ..., field: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class StartQueryResponse(_message.Message):
    __slots__ = ("query_id", "rejects", "part_ids")
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    REJECTS_FIELD_NUMBER: _ClassVar[int]
    PART_IDS_FIELD_NUMBER: _ClassVar[int]
    query_id: str
    rejects: _containers.RepeatedCompositeFieldContainer[Reject]
    part_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, query_id: _Optional[str] = ..., rejects: _Optional[_Iterable[_Union[Reject, _Mapping]]] = ..., part_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class Query(_message.Message):
    __slots__ = ("query_id", "agreement_id", "provider_oin", "kind", "state", "records", "elements", "evaluated", "hits", "reasons", "message", "created_at_ms", "results_expire_at_ms", "answer", "question", "whole_id")
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_OIN_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    ELEMENTS_FIELD_NUMBER: _ClassVar[int]
    EVALUATED_FIELD_NUMBER: _ClassVar[int]
    HITS_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    RESULTS_EXPIRE_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    WHOLE_ID_FIELD_NUMBER: _ClassVar[int]
    query_id: str
    agreement_id: str
    provider_oin: str
    kind: str
    state: QueryState
    records: int
    elements: int
    evaluated: int
    hits: int
    reasons: _containers.RepeatedScalarFieldContainer[str]
    message: str
    created_at_ms: int
    results_expire_at_ms: int
    answer: _order_pb2.Answer
    question: str
    whole_id: str
    def __init__(self, query_id: _Optional[str] = ..., agreement_id: _Optional[str] = ..., provider_oin: _Optional[str] = ..., kind: _Optional[str] = ..., state: _Optional[_Union[QueryState, str]] = ..., records: _Optional[int] = ..., elements: _Optional[int] = ..., evaluated: _Optional[int] = ..., hits: _Optional[int] = ..., reasons: _Optional[_Iterable[str]] = ..., message: _Optional[str] = ..., created_at_ms: _Optional[int] = ..., results_expire_at_ms: _Optional[int] = ..., answer: _Optional[_Union[_order_pb2.Answer, str]] = ..., question: _Optional[str] = ..., whole_id: _Optional[str] = ...) -> None: ...

class WatchQueryRequest(_message.Message):
    __slots__ = ("query_id",)
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    query_id: str
    def __init__(self, query_id: _Optional[str] = ...) -> None: ...

class WatchQueryResponse(_message.Message):
    __slots__ = ("query",)
    QUERY_FIELD_NUMBER: _ClassVar[int]
    query: Query
    def __init__(self, query: _Optional[_Union[Query, _Mapping]] = ...) -> None: ...

class FetchResultsRequest(_message.Message):
    __slots__ = ("query_id", "hits_only", "at_least", "not_known")
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    HITS_ONLY_FIELD_NUMBER: _ClassVar[int]
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    NOT_KNOWN_FIELD_NUMBER: _ClassVar[int]
    query_id: str
    hits_only: bool
    at_least: int
    not_known: bool
    def __init__(self, query_id: _Optional[str] = ..., hits_only: _Optional[bool] = ..., at_least: _Optional[int] = ..., not_known: _Optional[bool] = ...) -> None: ...

class Result(_message.Message):
    __slots__ = ("record_ref", "provider_oin", "agreement_id", "hit", "transaction_id", "disclosed", "withheld")
    RECORD_REF_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_OIN_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    HIT_FIELD_NUMBER: _ClassVar[int]
    TRANSACTION_ID_FIELD_NUMBER: _ClassVar[int]
    DISCLOSED_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    record_ref: str
    provider_oin: str
    agreement_id: str
    hit: bool
    transaction_id: str
    disclosed: _containers.RepeatedCompositeFieldContainer[AttributeSet]
    withheld: str
    def __init__(self, record_ref: _Optional[str] = ..., provider_oin: _Optional[str] = ..., agreement_id: _Optional[str] = ..., hit: _Optional[bool] = ..., transaction_id: _Optional[str] = ..., disclosed: _Optional[_Iterable[_Union[AttributeSet, _Mapping]]] = ..., withheld: _Optional[str] = ...) -> None: ...

class AttributeSet(_message.Message):
    __slots__ = ("attributes",)
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    attributes: _containers.ScalarMap[str, str]
    def __init__(self, attributes: _Optional[_Mapping[str, str]] = ...) -> None: ...

class ProviderAnswer(_message.Message):
    __slots__ = ("provider_oin", "agreement_id", "state", "reasons", "message", "hits")
    PROVIDER_OIN_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    HITS_FIELD_NUMBER: _ClassVar[int]
    provider_oin: str
    agreement_id: str
    state: QueryState
    reasons: _containers.RepeatedScalarFieldContainer[str]
    message: str
    hits: int
    def __init__(self, provider_oin: _Optional[str] = ..., agreement_id: _Optional[str] = ..., state: _Optional[_Union[QueryState, str]] = ..., reasons: _Optional[_Iterable[str]] = ..., message: _Optional[str] = ..., hits: _Optional[int] = ...) -> None: ...

class FetchTablesRequest(_message.Message):
    __slots__ = ("query_id",)
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    query_id: str
    def __init__(self, query_id: _Optional[str] = ...) -> None: ...

class FetchTablesResponse(_message.Message):
    __slots__ = ("tables", "providers")
    TABLES_FIELD_NUMBER: _ClassVar[int]
    PROVIDERS_FIELD_NUMBER: _ClassVar[int]
    tables: _containers.RepeatedCompositeFieldContainer[Table]
    providers: _containers.RepeatedCompositeFieldContainer[ProviderAnswer]
    def __init__(self, tables: _Optional[_Iterable[_Union[Table, _Mapping]]] = ..., providers: _Optional[_Iterable[_Union[ProviderAnswer, _Mapping]]] = ...) -> None: ...

class Table(_message.Message):
    __slots__ = ("provider_oin", "agreement_id", "question", "kind", "period", "given_at_ms", "groups", "categories", "cells", "epsilon", "smallest_cell", "noise_95")
    PROVIDER_OIN_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_ID_FIELD_NUMBER: _ClassVar[int]
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    GIVEN_AT_MS_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    CELLS_FIELD_NUMBER: _ClassVar[int]
    EPSILON_FIELD_NUMBER: _ClassVar[int]
    SMALLEST_CELL_FIELD_NUMBER: _ClassVar[int]
    NOISE_95_FIELD_NUMBER: _ClassVar[int]
    provider_oin: str
    agreement_id: str
    question: str
    kind: str
    period: str
    given_at_ms: int
    groups: _containers.RepeatedScalarFieldContainer[str]
    categories: _containers.RepeatedScalarFieldContainer[str]
    cells: _containers.RepeatedCompositeFieldContainer[Cell]
    epsilon: float
    smallest_cell: int
    noise_95: int
    def __init__(self, provider_oin: _Optional[str] = ..., agreement_id: _Optional[str] = ..., question: _Optional[str] = ..., kind: _Optional[str] = ..., period: _Optional[str] = ..., given_at_ms: _Optional[int] = ..., groups: _Optional[_Iterable[str]] = ..., categories: _Optional[_Iterable[str]] = ..., cells: _Optional[_Iterable[_Union[Cell, _Mapping]]] = ..., epsilon: _Optional[float] = ..., smallest_cell: _Optional[int] = ..., noise_95: _Optional[int] = ...) -> None: ...

class Cell(_message.Message):
    __slots__ = ("suppressed", "count")
    SUPPRESSED_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    suppressed: bool
    count: int
    def __init__(self, suppressed: _Optional[bool] = ..., count: _Optional[int] = ...) -> None: ...

class DescribeOverlapRequest(_message.Message):
    __slots__ = ("query_id",)
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    query_id: str
    def __init__(self, query_id: _Optional[str] = ...) -> None: ...

class DescribeOverlapResponse(_message.Message):
    __slots__ = ("providers", "records", "known_at", "combinations")
    PROVIDERS_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    KNOWN_AT_FIELD_NUMBER: _ClassVar[int]
    COMBINATIONS_FIELD_NUMBER: _ClassVar[int]
    providers: _containers.RepeatedCompositeFieldContainer[ProviderAnswer]
    records: int
    known_at: _containers.RepeatedScalarFieldContainer[int]
    combinations: _containers.RepeatedCompositeFieldContainer[Combination]
    def __init__(self, providers: _Optional[_Iterable[_Union[ProviderAnswer, _Mapping]]] = ..., records: _Optional[int] = ..., known_at: _Optional[_Iterable[int]] = ..., combinations: _Optional[_Iterable[_Union[Combination, _Mapping]]] = ...) -> None: ...

class Combination(_message.Message):
    __slots__ = ("provider_oins", "records")
    PROVIDER_OINS_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    provider_oins: _containers.RepeatedScalarFieldContainer[str]
    records: int
    def __init__(self, provider_oins: _Optional[_Iterable[str]] = ..., records: _Optional[int] = ...) -> None: ...

class FetchResultsResponse(_message.Message):
    __slots__ = ("results", "providers")
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    PROVIDERS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[Result]
    providers: _containers.RepeatedCompositeFieldContainer[ProviderAnswer]
    def __init__(self, results: _Optional[_Iterable[_Union[Result, _Mapping]]] = ..., providers: _Optional[_Iterable[_Union[ProviderAnswer, _Mapping]]] = ...) -> None: ...

class CancelQueryRequest(_message.Message):
    __slots__ = ("query_id",)
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    query_id: str
    def __init__(self, query_id: _Optional[str] = ...) -> None: ...

class CancelQueryResponse(_message.Message):
    __slots__ = ("query",)
    QUERY_FIELD_NUMBER: _ClassVar[int]
    query: Query
    def __init__(self, query: _Optional[_Union[Query, _Mapping]] = ...) -> None: ...

class ResumeQueryRequest(_message.Message):
    __slots__ = ("query_id",)
    QUERY_ID_FIELD_NUMBER: _ClassVar[int]
    query_id: str
    def __init__(self, query_id: _Optional[str] = ...) -> None: ...

class ResumeQueryResponse(_message.Message):
    __slots__ = ("query",)
    QUERY_FIELD_NUMBER: _ClassVar[int]
    query: Query
    def __init__(self, query: _Optional[_Union[Query, _Mapping]] = ...) -> None: ...

class ListQueriesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListQueriesResponse(_message.Message):
    __slots__ = ("queries", "next_page_token")
    QUERIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    queries: _containers.RepeatedCompositeFieldContainer[Query]
    next_page_token: str
    def __init__(self, queries: _Optional[_Iterable[_Union[Query, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class MatchPersonRequest(_message.Message):
    __slots__ = ("header", "person")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    header: QueryHeader
    person: Person
    def __init__(self, header: _Optional[_Union[QueryHeader, _Mapping]] = ..., person: _Optional[_Union[Person, _Mapping]] = ...) -> None: ...

class MatchPersonResponse(_message.Message):
    __slots__ = ("result", "results", "providers")
    RESULT_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    PROVIDERS_FIELD_NUMBER: _ClassVar[int]
    result: Result
    results: _containers.RepeatedCompositeFieldContainer[Result]
    providers: _containers.RepeatedCompositeFieldContainer[ProviderAnswer]
    def __init__(self, result: _Optional[_Union[Result, _Mapping]] = ..., results: _Optional[_Iterable[_Union[Result, _Mapping]]] = ..., providers: _Optional[_Iterable[_Union[ProviderAnswer, _Mapping]]] = ...) -> None: ...

class Record(_message.Message):
    __slots__ = ("record_ref", "identifiers", "attributes", "address_secret")
    class IdentifiersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class AttributesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    RECORD_REF_FIELD_NUMBER: _ClassVar[int]
    IDENTIFIERS_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_SECRET_FIELD_NUMBER: _ClassVar[int]
    record_ref: str
    identifiers: _containers.ScalarMap[str, str]
    attributes: _containers.ScalarMap[str, str]
    address_secret: bool
    def __init__(self, record_ref: _Optional[str] = ..., identifiers: _Optional[_Mapping[str, str]] = ..., attributes: _Optional[_Mapping[str, str]] = ..., address_secret: _Optional[bool] = ...) -> None: ...

class UpsertRecordsRequest(_message.Message):
    __slots__ = ("records",)
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    records: _containers.RepeatedCompositeFieldContainer[Record]
    def __init__(self, records: _Optional[_Iterable[_Union[Record, _Mapping]]] = ...) -> None: ...

class UpsertRecordsResponse(_message.Message):
    __slots__ = ("applied", "rejects")
    APPLIED_FIELD_NUMBER: _ClassVar[int]
    REJECTS_FIELD_NUMBER: _ClassVar[int]
    applied: int
    rejects: _containers.RepeatedCompositeFieldContainer[Reject]
    def __init__(self, applied: _Optional[int] = ..., rejects: _Optional[_Iterable[_Union[Reject, _Mapping]]] = ...) -> None: ...

class RemoveRecordsRequest(_message.Message):
    __slots__ = ("record_refs",)
    RECORD_REFS_FIELD_NUMBER: _ClassVar[int]
    record_refs: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, record_refs: _Optional[_Iterable[str]] = ...) -> None: ...

class RemoveRecordsResponse(_message.Message):
    __slots__ = ("removed", "unknown_refs")
    REMOVED_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_REFS_FIELD_NUMBER: _ClassVar[int]
    removed: int
    unknown_refs: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, removed: _Optional[int] = ..., unknown_refs: _Optional[_Iterable[str]] = ...) -> None: ...

class DescribeRegisterRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeRegisterResponse(_message.Message):
    __slots__ = ("records", "kinds")
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    KINDS_FIELD_NUMBER: _ClassVar[int]
    records: int
    kinds: _containers.RepeatedCompositeFieldContainer[KindCount]
    def __init__(self, records: _Optional[int] = ..., kinds: _Optional[_Iterable[_Union[KindCount, _Mapping]]] = ...) -> None: ...

class KindCount(_message.Message):
    __slots__ = ("kind", "records", "elements")
    KIND_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    ELEMENTS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    records: int
    elements: int
    def __init__(self, kind: _Optional[str] = ..., records: _Optional[int] = ..., elements: _Optional[int] = ...) -> None: ...
