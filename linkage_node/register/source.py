"""A CSV file as a stream of rows, in bounded memory, with a keyed digest of what was read so far."""

import codecs
import hashlib
import hmac
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from linkage_node.errors import InputError
from linkage_node.identifiers.household import is_secret
from linkage_node.register.layout import Layout, row_ref
from linkage_node.register.lines import Record, Records, torn
from linkage_node.register.mapping import Mapping
from linkage_node.register.rows import (
    BAD_BYTE,
    KEPT_OUT,
    RECORD_REF,
    SourceRow,
    attribute_field,
    holds_bad_bytes,
)

DELIMITERS = ";,\t|"
_BUFFER_BYTES = 256 * 1024
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

codecs.register_error("linkage-mark", lambda error: (BAD_BYTE * (_end(error) - _start(error)), _end(error)))


def _start(error: UnicodeError) -> int:
    return error.start if isinstance(error, UnicodeDecodeError) else 0


def _end(error: UnicodeError) -> int:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.end


class _Tap(io.RawIOBase):
    """The file's bytes on their way to the parser, counted and digested."""

    def __init__(self, raw: io.FileIO, key: bytes) -> None:
        self._raw = raw
        self.position = 0
        self.digest = hmac.new(key, digestmod=hashlib.sha256)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = self._raw.readinto(buffer) or 0
        self.digest.update(buffer[:count])
        self.position += count
        return count


class CsvSource:
    """An opened CSV file: its header is read and the mapped columns are found. A context manager.

    Every way in which a file can be unusable as a whole is an InputError; what is wrong with one row is in that row.
    """

    def __init__(
        self, path: Path, encoding: str = "utf-8", delimiter: str | None = None, digest_key: bytes = b""
    ) -> None:
        """`delimiter` None: told from the header line. `digest_key` is for `digest`."""
        self.path = path
        self.encoding = encoding
        self._before = _checked(path, encoding)
        self.size = self._before.st_size  # bytes
        self._raw = _opened(path)
        self._tap = _Tap(self._raw, digest_key)
        self._text = io.TextIOWrapper(
            io.BufferedReader(self._tap, _BUFFER_BYTES),
            "utf-8-sig" if encoding == "utf-8" else encoding,
            errors="linkage-mark",
            newline="",
        )
        self._records = Records(self._text)
        self.delimiter_told = delimiter is None
        self.header = self._read_header(delimiter)

    def _read_header(self, delimiter: str | None) -> list[str]:
        try:
            line = self._records.first_line()
            if line == "":
                raise InputError("file_empty", str(self.path))
            self.delimiter = delimiter or sniff(line or "")
            record = next(self._records.read(self.delimiter), Record(1, [], "row_malformed"))
        except UnicodeError:
            raise InputError("encoding_invalid", f"{self.path} is not {self.encoding}") from None
        if record.reason or not any(name.strip() for name in record.fields):
            raise InputError("file_malformed", f"{self.path}:1: the first line is no header")
        return record.fields

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self._tap.position

    @property
    def digest(self) -> bytes:
        """Keyed digest of the bytes read so far, 32 bytes."""
        return self._tap.digest.digest()

    def layout(self, mapping: Mapping) -> Layout:
        """Where the mapped columns stand; InputError if they are not there."""
        try:
            return mapping.layout(self.header)
        except InputError as error:
            raise InputError(error.code, f"{self.path}: {error.detail}") from None

    def rows(self, layout: Layout) -> Iterator[SourceRow]:
        """All rows after the header. A row's number is the line where it begins, the header being line 1."""
        try:
            for record in self._records.read(self.delimiter, layout.width):
                yield _row(record, layout, self.delimiter)
        except UnicodeError:
            raise InputError("encoding_invalid", f"{self.path} is not {self.encoding}") from None
        except OSError as error:
            raise InputError("file_unreadable", f"{self.path}: {error.strerror}") from None

    def check_unchanged(self) -> None:
        """InputError if the file was written to, or replaced, since it was opened."""
        now = _stat(self.path)
        seen = self._before
        if (now.st_ino, now.st_size, now.st_mtime_ns) != (seen.st_ino, seen.st_size, seen.st_mtime_ns):
            raise InputError("file_changed", str(self.path))

    def close(self) -> None:
        """Close the file."""
        self._text.close()
        self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


def sniff(header: str) -> str:
    """The delimiter that stands most often in a header line, outside quotes; a semicolon if there is none."""
    bare = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=bare.count)


def prefix_digest(path: Path, length: int, key: bytes) -> bytes:
    """Keyed digest of the first `length` bytes of a file, as `CsvSource.digest` gives it after reading them."""
    digest = hmac.new(key, digestmod=hashlib.sha256)
    with _opened(path) as raw:
        while length > 0 and (piece := raw.read(min(length, _BUFFER_BYTES))):
            digest.update(piece)
            length -= len(piece)
    return digest.digest()


def _row(record: Record, layout: Layout, delimiter: str) -> SourceRow:
    fields = record.fields
    tells = layout.address_secret is not None
    if record.reason:
        doubtful = layout.possible_refs(fields, record.line) if tells else ()
        return SourceRow(record.line, "", {}, {}, ("", record.reason), doubtful=doubtful)
    ref = row_ref(record.line) if layout.ref is None else fields[layout.ref].strip()
    identifiers = {
        kind: {field: " ".join([fields[at] for at in group]) for field, group in columns.items()}
        for kind, columns in layout.identifiers.items()
    }
    secret = None if layout.address_secret is None else is_secret(fields[layout.address_secret])
    doubtful = _swallowed(record, layout, delimiter) if tells and record.lines else ()
    if doubtful or (not record.ended and layout.address_secret == len(fields) - 1 and not fields[-1].strip()):
        secret = True  # what it says may stand in the other row, or have been cut off
    fault = None
    if holds_bad_bytes("".join([fields[at] for at in layout.used])):
        fault = (_bad_field(fields, layout), "encoding_invalid")
        ref = "" if holds_bad_bytes(ref) else ref
    attributes = {name: fields[at] for name, at in layout.attributes.items()}
    return SourceRow(record.line, ref, identifiers, attributes, fault, secret, doubtful)


def _swallowed(record: Record, layout: Layout, delimiter: str) -> tuple[str, ...]:
    """The references of rows that a record over several lines may have taken in, between two stray quotes.

    The sign of it is that its first line and a later one have all fields by themselves.
    """
    first, *later = (torn(line, delimiter) for line in record.lines)
    if layout.ref is None or len(first) < layout.width:
        return ()
    whole = (fields for fields in later if len(fields) >= layout.width)
    return tuple(ref for fields in whole for ref in layout.possible_refs(fields, record.line))


def _bad_field(fields: list[str], layout: Layout) -> str:
    places: dict[str, tuple[int, ...]] = {RECORD_REF: (layout.ref,) if layout.ref is not None else ()}
    for columns in layout.identifiers.values():
        places |= columns
    places |= {attribute_field(name): (at,) for name, at in layout.attributes.items()}
    if layout.address_secret is not None:
        places[KEPT_OUT] = (layout.address_secret,)
    return next(field for field, group in places.items() if any(holds_bad_bytes(fields[at]) for at in group))


def _stat(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except FileNotFoundError:
        raise InputError("file_missing", str(path)) from None
    except OSError as error:
        raise InputError("file_unreadable", f"{path}: {error.strerror}") from None


def _opened(path: Path) -> io.FileIO:
    try:
        return io.FileIO(path)
    except OSError as error:
        raise InputError("file_unreadable", f"{path}: {error.strerror}") from None


def _checked(path: Path, encoding: str) -> os.stat_result:
    """What kind of file this is, found out before it is opened: opening a pipe would wait for a writer."""
    found = _stat(path)
    if stat.S_ISDIR(found.st_mode):
        raise InputError("file_is_directory", str(path))
    if not stat.S_ISREG(found.st_mode):
        raise InputError("file_not_regular", str(path))
    if not found.st_size:
        raise InputError("file_empty", str(path))
    with _opened(path) as raw:
        if raw.read(2) in _UTF_16_MARKS and not encoding.startswith("utf-16"):
            raise InputError("encoding_invalid", f"{path} is UTF-16; say `encoding: utf-16` in the mapping")
    return found
