from linkage.v1 import order_pb2 as _order_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class DisclosureStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DISCLOSURE_STATUS_UNSPECIFIED: _ClassVar[DisclosureStatus]
    DISCLOSURE_STATUS_DISCLOSED: _ClassVar[DisclosureStatus]
    DISCLOSURE_STATUS_NOT_KNOWN: _ClassVar[DisclosureStatus]
    DISCLOSURE_STATUS_LIMIT_REACHED: _ClassVar[DisclosureStatus]
DISCLOSURE_STATUS_UNSPECIFIED: DisclosureStatus
DISCLOSURE_STATUS_DISCLOSED: DisclosureStatus
DISCLOSURE_STATUS_NOT_KNOWN: DisclosureStatus
DISCLOSURE_STATUS_LIMIT_REACHED: DisclosureStatus

class GetEpochKeyRequest(_message.Message):
    __slots__ = ("agreement_hash", "kind")
    AGREEMENT_HASH_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    agreement_hash: bytes
    kind: str
    def __init__(self, agreement_hash: _Optional[bytes] = ..., kind: _Optional[str] = ...) -> None: ...

class GetEpochKeyResponse(_message.Message):
    __slots__ = ("epoch_key",)
    EPOCH_KEY_FIELD_NUMBER: _ClassVar[int]
    epoch_key: _order_pb2.Signed
    def __init__(self, epoch_key: _Optional[_Union[_order_pb2.Signed, _Mapping]] = ...) -> None: ...

class FetchTagSetRequest(_message.Message):
    __slots__ = ("order",)
    ORDER_FIELD_NUMBER: _ClassVar[int]
    order: _order_pb2.Signed
    def __init__(self, order: _Optional[_Union[_order_pb2.Signed, _Mapping]] = ...) -> None: ...

class FetchTagSetResponse(_message.Message):
    __slots__ = ("receipt", "version", "whole", "additions", "removals", "entry_size")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    WHOLE_FIELD_NUMBER: _ClassVar[int]
    ADDITIONS_FIELD_NUMBER: _ClassVar[int]
    REMOVALS_FIELD_NUMBER: _ClassVar[int]
    ENTRY_SIZE_FIELD_NUMBER: _ClassVar[int]
    receipt: _order_pb2.Signed
    version: int
    whole: bool
    additions: bytes
    removals: bytes
    entry_size: int
    def __init__(self, receipt: _Optional[_Union[_order_pb2.Signed, _Mapping]] = ..., version: _Optional[int] = ..., whole: _Optional[bool] = ..., additions: _Optional[bytes] = ..., removals: _Optional[bytes] = ..., entry_size: _Optional[int] = ...) -> None: ...

class EvaluateRequest(_message.Message):
    __slots__ = ("order", "chunk_roots", "elements")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    CHUNK_ROOTS_FIELD_NUMBER: _ClassVar[int]
    ELEMENTS_FIELD_NUMBER: _ClassVar[int]
    order: _order_pb2.Signed
    chunk_roots: bytes
    elements: bytes
    def __init__(self, order: _Optional[_Union[_order_pb2.Signed, _Mapping]] = ..., chunk_roots: _Optional[bytes] = ..., elements: _Optional[bytes] = ...) -> None: ...

class EvaluateResponse(_message.Message):
    __slots__ = ("receipt", "evaluated", "chunk_receipt", "proof")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    EVALUATED_FIELD_NUMBER: _ClassVar[int]
    CHUNK_RECEIPT_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    receipt: _order_pb2.Signed
    evaluated: bytes
    chunk_receipt: _order_pb2.Signed
    proof: bytes
    def __init__(self, receipt: _Optional[_Union[_order_pb2.Signed, _Mapping]] = ..., evaluated: _Optional[bytes] = ..., chunk_receipt: _Optional[_Union[_order_pb2.Signed, _Mapping]] = ..., proof: _Optional[bytes] = ...) -> None: ...

class CountRequest(_message.Message):
    __slots__ = ("order", "chunk_roots", "elements")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    CHUNK_ROOTS_FIELD_NUMBER: _ClassVar[int]
    ELEMENTS_FIELD_NUMBER: _ClassVar[int]
    order: _order_pb2.Signed
    chunk_roots: bytes
    elements: bytes
    def __init__(self, order: _Optional[_Union[_order_pb2.Signed, _Mapping]] = ..., chunk_roots: _Optional[bytes] = ..., elements: _Optional[bytes] = ...) -> None: ...

class CountResponse(_message.Message):
    __slots__ = ("receipt", "elements", "table")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    ELEMENTS_FIELD_NUMBER: _ClassVar[int]
    TABLE_FIELD_NUMBER: _ClassVar[int]
    receipt: _order_pb2.Signed
    elements: bytes
    table: _order_pb2.Signed
    def __init__(self, receipt: _Optional[_Union[_order_pb2.Signed, _Mapping]] = ..., elements: _Optional[bytes] = ..., table: _Optional[_Union[_order_pb2.Signed, _Mapping]] = ...) -> None: ...

class DiscloseRequest(_message.Message):
    __slots__ = ("order", "tokens")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    order: _order_pb2.Signed
    tokens: bytes
    def __init__(self, order: _Optional[_Union[_order_pb2.Signed, _Mapping]] = ..., tokens: _Optional[bytes] = ...) -> None: ...

class DiscloseResponse(_message.Message):
    __slots__ = ("receipt", "entries")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    receipt: _order_pb2.Signed
    entries: _containers.RepeatedCompositeFieldContainer[DisclosedEntry]
    def __init__(self, receipt: _Optional[_Union[_order_pb2.Signed, _Mapping]] = ..., entries: _Optional[_Iterable[_Union[DisclosedEntry, _Mapping]]] = ...) -> None: ...

class DisclosedEntry(_message.Message):
    __slots__ = ("status", "records")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    status: DisclosureStatus
    records: _containers.RepeatedCompositeFieldContainer[DisclosedRecord]
    def __init__(self, status: _Optional[_Union[DisclosureStatus, str]] = ..., records: _Optional[_Iterable[_Union[DisclosedRecord, _Mapping]]] = ...) -> None: ...

class DisclosedRecord(_message.Message):
    __slots__ = ("attributes",)
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    attributes: _containers.RepeatedCompositeFieldContainer[DisclosedAttribute]
    def __init__(self, attributes: _Optional[_Iterable[_Union[DisclosedAttribute, _Mapping]]] = ...) -> None: ...

class DisclosedAttribute(_message.Message):
    __slots__ = ("name", "value")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...

class ReportHitsRequest(_message.Message):
    __slots__ = ("order", "tokens")
    ORDER_FIELD_NUMBER: _ClassVar[int]
    TOKENS_FIELD_NUMBER: _ClassVar[int]
    order: _order_pb2.Signed
    tokens: bytes
    def __init__(self, order: _Optional[_Union[_order_pb2.Signed, _Mapping]] = ..., tokens: _Optional[bytes] = ...) -> None: ...

class ReportHitsResponse(_message.Message):
    __slots__ = ("receipt",)
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    receipt: _order_pb2.Signed
    def __init__(self, receipt: _Optional[_Union[_order_pb2.Signed, _Mapping]] = ...) -> None: ...

class AgreementSignatures(_message.Message):
    __slots__ = ("agreement_hash", "jws")
    AGREEMENT_HASH_FIELD_NUMBER: _ClassVar[int]
    JWS_FIELD_NUMBER: _ClassVar[int]
    agreement_hash: bytes
    jws: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, agreement_hash: _Optional[bytes] = ..., jws: _Optional[_Iterable[str]] = ...) -> None: ...

class ExchangeSignaturesRequest(_message.Message):
    __slots__ = ("signatures",)
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    signatures: _containers.RepeatedCompositeFieldContainer[AgreementSignatures]
    def __init__(self, signatures: _Optional[_Iterable[_Union[AgreementSignatures, _Mapping]]] = ...) -> None: ...

class ExchangeSignaturesResponse(_message.Message):
    __slots__ = ("signatures", "taken")
    SIGNATURES_FIELD_NUMBER: _ClassVar[int]
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    signatures: _containers.RepeatedCompositeFieldContainer[AgreementSignatures]
    taken: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, signatures: _Optional[_Iterable[_Union[AgreementSignatures, _Mapping]]] = ..., taken: _Optional[_Iterable[bytes]] = ...) -> None: ...
