"""One row of a source, judged: canonical bytes for what can be used, and a reason for what cannot."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from linkage_node.errors import InputError
from linkage_node.identifiers import KINDS, IdentifierError, Kind
from linkage_node.identifiers.bsn import reads_as_bsn
from linkage_node.limits import (
    ATTRIBUTE_CHARACTERS,
    BSN_REFS_SHARE,
    FIELD_CHARACTERS,
    RECORD_REF_CHARACTERS,
    TELLING_REFS,
)

BAD_BYTE = "\udcff"  # what stands for a byte that is not in the file's encoding
RECORD_REF = "record_ref"
KEPT_OUT = "address_secret"  # in rejects: the field and the reason
UNCLEAR = "address_secret_unclear"
IDENTIFIERS = "identifiers"  # in rejects: all columns that hold an identifier


class SourceRow(NamedTuple):
    """One row as it was read. `fault` is the field and reason if it could not be read as a whole."""

    row: int  # line of the file where it begins, the header being line 1; or position in a request, from 1
    ref: str
    identifiers: Mapping[str, Mapping[str, str]]  # kind → field → value
    attributes: Mapping[str, str]
    fault: tuple[str, str] | None = None
    address_secret: bool | None = (
        None  # he is in no kind that is made of an address; None: the source does not say
    )
    doubtful: tuple[str, ...] = ()  # perhaps references: it cannot be read whether their addresses are secret


class Reject(NamedTuple):
    """A row, or one identifier of it, that is not used, told without its value."""

    row: int
    field: str  # empty: the row as a whole
    ref: str  # empty: there is none, or it shows the identifier
    reason: str


class Mark(NamedTuple):
    """Whose address is secret, by a row that may be of no other use."""

    certain: bool  # else it cannot be read
    refs: tuple[str, ...]
    hidden: tuple[str, ...]  # references that are neither kept nor told: they show an identifier, or may
    canonicals: dict[str, bytes]  # of kinds that stand for one person


class Judged(NamedTuple):
    """What becomes of a row. A row that is used can have rejects too: of one identifier beside another."""

    row: int
    used: bool
    ref: str
    canonicals: dict[str, bytes | None]  # None: a value was given and refused
    attributes: Mapping[str, str]
    rejects: tuple[Reject, ...]
    address_secret: bool | None = None
    mark: Mark | None = None


class References:
    """Counts the references of one load or call: they are kept as they are, so BSNs must not be taken for them.

    One number of nine digits in eleven passes the elfproef by chance, so a single one says nothing; a share does.
    """

    def __init__(self) -> None:
        self._seen = self._bsns = 0

    def passed(self, rows: Iterable[SourceRow]) -> Iterator[SourceRow]:
        """The rows, counted as they pass."""
        for row in rows:
            if row.ref:
                self._seen += 1
                self._bsns += reads_as_bsn(row.ref)
            yield row

    def check(self) -> None:
        """InputError("record_ref_is_identifier") if too many of those that passed are BSNs."""
        if self._seen >= TELLING_REFS and self._bsns > BSN_REFS_SHARE * self._seen:
            raise InputError(
                "record_ref_is_identifier", f"{self._bsns} of {self._seen} values of `{RECORD_REF}` are BSNs"
            )


def holds_bad_bytes(text: str) -> bool:
    """Whether `text` has a byte that is not in the file's encoding."""
    return not text.isascii() and BAD_BYTE in text


def attribute_field(name: str) -> str:
    """How an attribute is called in rejects: it may bear the name of an identifier's field."""
    return f"attributes.{name}"


def judge(row: SourceRow, *, production: bool) -> Judged:
    """Check a row.

    An identifier that is refused is reported and the row's other identifiers are used; a fault of the reference or of
    an attribute rejects the row. A secret address is reported and counts as not given, so that its record has it no
    longer; whatever else is wrong with the row, its mark says whose address it is.
    """
    judged = _judged(row, production=production)
    if not row.address_secret and not row.doubtful:
        return judged
    return judged._replace(mark=_mark(row, production=production))


def _judged(row: SourceRow, *, production: bool) -> Judged:
    secret = [(KEPT_OUT, KEPT_OUT)] if _keeps_address_out(row) else []
    if row.fault:
        return _rejected(row, [row.fault, *secret])
    if not any(KINDS[name].is_given(values) for name, values in row.identifiers.items()):
        return _rejected(row, [(IDENTIFIERS, "identifier_missing"), *secret])
    canonicals: dict[str, bytes | None] = {}
    faults = secret.copy()
    for name, values in row.identifiers.items():
        kind = KINDS[name]
        if not kind.is_given(values) or (row.address_secret and kind.of_address):
            continue
        try:
            canonicals[name] = _checked(kind, values, production=production)
        except IdentifierError as error:
            canonicals[name] = None
            faults.append((error.field, error.code))
    if not any(canonicals.values()):
        return _rejected(row, faults)
    if faults_of_kept_text := _faults_of_kept_text(row):
        return _rejected(row, faults + faults_of_kept_text)
    return Judged(row.row, True, row.ref, canonicals, row.attributes, _told(row, faults), row.address_secret)


def _checked(kind: Kind, values: Mapping[str, str], *, production: bool) -> bytes:
    if any(len(value) > FIELD_CHARACTERS for value in values.values()):
        raise IdentifierError("value_too_long", kind.required[0])
    return kind.checked(values, production=production)


def _mark(row: SourceRow, *, production: bool) -> Mark:
    if not row.address_secret:
        return Mark(False, (), row.doubtful, {})
    canonicals: dict[str, bytes] = {}
    for name, values in row.identifiers.items():
        kind = KINDS[name]
        if not kind.ambiguous and kind.is_given(values):
            with suppress(IdentifierError):
                canonicals[name] = _checked(kind, values, production=production)
    if _fault_of_ref(row):
        return Mark(True, (), row.doubtful, canonicals)  # no record has such a reference
    if _shows_identifier(row, row.ref):
        return Mark(True, (), (row.ref, *row.doubtful), canonicals)
    return Mark(True, (row.ref,), row.doubtful, canonicals)


def judge_ref(row: SourceRow) -> Judged:
    """Check a row of which only the reference counts: a record to remove."""
    fault = row.fault or _fault_of_ref(row)
    return _rejected(row, [fault]) if fault else Judged(row.row, True, row.ref, {}, {}, ())


def _keeps_address_out(row: SourceRow) -> bool:
    return bool(row.address_secret) and any(KINDS[name].of_address for name in row.identifiers)


def _rejected(row: SourceRow, faults: list[tuple[str, str]]) -> Judged:
    return Judged(row.row, False, "", {}, {}, _told(row, faults))


def _told(row: SourceRow, faults: list[tuple[str, str]]) -> tuple[Reject, ...]:
    """Faults (field, reason) as they may be told: a reference that shows the identifier is left out."""
    if not faults:
        return ()
    ref = _plain(row.ref)
    if _shows_identifier(row, row.ref) or _shows_identifier(row, ref):
        ref = ""
    return tuple(Reject(row.row, field, ref, reason) for field, reason in faults)


def _plain(ref: str) -> str:
    """A reference as it can be stored and shown: PostgreSQL takes no NUL, terminals no control characters."""
    return "".join(character for character in ref[:RECORD_REF_CHARACTERS] if character.isprintable())


def _fault_of_ref(row: SourceRow) -> tuple[str, str] | None:
    if not row.ref:
        return RECORD_REF, "record_ref_missing"
    if len(row.ref) > RECORD_REF_CHARACTERS:
        return RECORD_REF, "value_too_long"
    if not row.ref.isprintable():
        return RECORD_REF, "record_ref_invalid"
    return None


def _faults_of_kept_text(row: SourceRow) -> list[tuple[str, str]]:
    """Reference and attributes are kept: neither may show the identifier."""
    faults = []
    fault = _fault_of_ref(row)
    if fault:
        faults.append(fault)
    elif _shows_identifier(row, row.ref):
        faults.append((RECORD_REF, "record_ref_is_identifier"))
    for name, value in row.attributes.items():
        if len(value) > ATTRIBUTE_CHARACTERS:
            faults.append((attribute_field(name), "value_too_long"))
        elif _shows_identifier(row, value):
            faults.append((attribute_field(name), "attribute_is_identifier"))
    return faults


def _shows_identifier(row: SourceRow, text: str) -> bool:
    return any(KINDS[name].shows_in(values, text) for name, values in row.identifiers.items())
