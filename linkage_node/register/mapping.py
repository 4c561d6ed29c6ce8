"""The mapping file: which column of a source holds what. See docs: a column is named, or numbered from 1."""

import codecs
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, PlainValidator, ValidationInfo, create_model, field_validator, model_validator

from linkage_node.agreements.terms import AttributeName
from linkage_node.errors import InputError
from linkage_node.identifiers import KINDS, Kind
from linkage_node.register.layout import Finder, Layout, label
from linkage_node.register.rows import IDENTIFIERS, KEPT_OUT, RECORD_REF, attribute_field
from linkage_node.yaml_model import StrictModel, load_model

ENCODINGS = (
    "utf-8",  # with or without byte order mark
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "iso8859-1",
    "iso8859-15",
    "cp850",
    "cp437",
    "ascii",
)


def _column(value: Any) -> str | int:
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value.strip() if isinstance(value, str) else value
    raise ValueError("name a column, between quotes if the name is a number, or give its number from 1")


def _columns(value: Any) -> tuple[str | int, ...]:
    columns = tuple(_column(item) for item in (value if isinstance(value, list) else [value]))
    if not columns:
        raise ValueError("name at least one column")
    return columns


Column = Annotated[str | int, PlainValidator(_column)]
_SecretColumn = Annotated[
    str | int | bool, PlainValidator(lambda value: value is not False and _column(value))
]
Columns = Annotated[tuple[str | int, ...], PlainValidator(_columns)]


class _KindColumns(StrictModel):
    """The columns of one kind. A kind with one field can be written in short: `bsn: COLUMN`."""

    @model_validator(mode="before")
    @classmethod
    def _in_short(cls, value: Any) -> Any:
        if isinstance(value, dict) or len(cls.model_fields) != 1:
            return value
        return {next(iter(cls.model_fields)): value}


def _model_of(kind: Kind) -> type[_KindColumns]:
    """Required fields take a column; optional ones can be put together from several."""
    fields: dict[str, Any] = dict.fromkeys(kind.required, (Column, ...))
    fields |= dict.fromkeys(kind.optional, (Columns | None, None))
    return create_model(f"Columns_{kind.name}", __base__=_KindColumns, **fields)


class _Identifiers(StrictModel):
    @model_validator(mode="after")
    def _some_kind(self) -> "_Identifiers":
        if not self.model_fields_set:
            raise ValueError(f"name at least one identifier kind: {', '.join(KINDS)}")
        return self


if TYPE_CHECKING:
    _IdentifierColumns = _Identifiers
else:  # made from the registry, so that every fault of the file has its line
    _IdentifierColumns = create_model(
        "IdentifierColumns",
        __base__=_Identifiers,
        **{kind.name: (_model_of(kind) | None, None) for kind in KINDS.values()},
    )


class Mapping(StrictModel):
    """A mapping file.

    `delimiter` left out: told from the header line. `record_ref` left out: `row:<number of the row>`. `address_secret`
    says whose address is secret (see `household.is_secret`); false: there is no such column, and that is known.
    """

    delimiter: str | None = None
    encoding: str = "utf-8"
    identifiers: _IdentifierColumns
    address_secret: _SecretColumn | None = None
    record_ref: Column | None = None
    attributes: dict[AttributeName, Column] = Field(default_factory=dict)

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        if value in ("tab", "\\t"):
            return "\t"
        if value is not None and (len(value) != 1 or value in '"\r\n\0'):
            raise ValueError('give one character, such as ";", or the word tab')
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            name = codecs.lookup(value).name.removesuffix("-sig")
        except LookupError:
            name = ""
        if name not in ENCODINGS:
            raise ValueError(f"unknown encoding; there are: {', '.join(ENCODINGS)}")
        return name

    @field_validator("record_ref", "attributes")
    @classmethod
    def _no_identifier(cls, value: Any, info: ValidationInfo) -> Any:
        """A BSN is no record reference and no attribute: both are kept."""
        identifiers = info.data.get("identifiers")
        taken = {column for _, column in _direct_columns(identifiers)} if identifiers else set()
        named = set(value.values()) if isinstance(value, dict) else {value}
        if taken & named:
            raise ValueError("this column holds the identifier itself, which is never kept; name another")
        return value

    def columns(self) -> dict[str, dict[str, tuple[str | int, ...]]]:
        """kind → field → columns, for the kinds and fields that the mapping names."""
        kinds: dict[str, dict[str, tuple[str | int, ...]]] = {}
        for kind, model in self.identifiers:
            if model is not None:
                kinds[kind] = {field: _columns_of(value) for field, value in model if value is not None}
        return kinds

    @property
    def secret_unknown(self) -> bool:
        """Whether addresses are loaded, and it was not thought of that some may be secret."""
        return self.address_secret is None and any(KINDS[kind].of_address for kind in self.columns())

    def layout(self, header: Sequence[str]) -> Layout:
        """Where the mapped columns stand under this header; an InputError names those that do not."""
        names = [name.strip() for name in header]
        find = Finder(names)
        identifiers = {
            kind: {field: tuple(find(column) for column in columns) for field, columns in fields.items()}
            for kind, fields in self.columns().items()
        }
        ref = None if self.record_ref is None else find(self.record_ref)
        named = self.address_secret if not isinstance(self.address_secret, bool) else None
        secret = None if named is None else find(named)
        attributes = {name: find(column) for name, column in self.attributes.items()}
        find.check()
        direct = {
            position
            for kind, fields in identifiers.items()
            if not KINDS[kind].ambiguous
            for group in fields.values()
            for position in group
        }
        if direct & ({ref} | set(attributes.values())):  # a name and a number can mean the same column
            raise InputError(
                "config_invalid", "the column of the identifier is a record reference or attribute too"
            )
        labels = {RECORD_REF: label(self.record_ref)} if self.record_ref is not None else {}
        if named is not None:
            labels[KEPT_OUT] = label(named)
        labels |= {attribute_field(name): label(column) for name, column in self.attributes.items()}
        pairs = [pair for fields in self.columns().values() for pair in fields.items()]
        labels |= {field: ", ".join(map(label, columns)) for field, columns in pairs}
        labels[IDENTIFIERS] = ", ".join(label(column) for _, columns in pairs for column in columns)
        return Layout(len(names), ref, identifiers, attributes, secret, labels)


def load_mapping(path: Path) -> Mapping:
    """The mapping file at `path`; faults are told with file, line and field."""
    return load_model(path, Mapping)


def _columns_of(value: Any) -> tuple[str | int, ...]:
    return value if isinstance(value, tuple) else (value,)


def _direct_columns(identifiers: Any) -> list[tuple[str, str | int]]:
    """(kind, column) of the kinds that stand for one person."""
    return [
        (kind, column)
        for kind, model in identifiers
        if model is not None and not KINDS[kind].ambiguous
        for _, value in model
        if value is not None
        for column in _columns_of(value)
    ]
