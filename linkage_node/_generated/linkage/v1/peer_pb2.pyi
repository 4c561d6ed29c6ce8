from linkage.v1 import order_pb2 as _order_pb2
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

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
