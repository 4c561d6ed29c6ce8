"""CSV records out of a text stream of any size, in bounded memory. A broken row costs itself, not its neighbours."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from linkage_node.limits import ROW_CHARACTERS

_HEAD_CHARACTERS = 65_536  # of a line that is too long: enough to find its reference


class Record(NamedTuple):
    """One record: the line where it begins (from 1) and its fields.

    With a `reason` it is none, and the fields are only what a look at its first line makes of it.
    """

    line: int
    fields: list[str]
    reason: str = ""
    lines: tuple[str, ...] = ()  # as they stand in the file, if they are more than one
    ended: bool = True  # by a line end: else the file may have been cut off here


class _Line(NamedTuple):
    number: int
    text: str
    cut: bool = False  # it was too long to keep


class _RowTooLong(Exception):
    """A record is longer than ROW_CHARACTERS."""


class _Lines:
    """Physical lines of at most ROW_CHARACTERS, of which those of the last record can be pushed back."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self._read = 0
        self._waiting: deque[_Line] = deque()
        self.taken: list[_Line] = []  # by the record that is being read
        self._characters = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._next_line()
        self.taken.append(line)
        self._characters += len(line.text)
        if line.cut or self._characters > ROW_CHARACTERS:
            raise _RowTooLong
        return line.text

    def start_record(self) -> None:
        self.taken.clear()
        self._characters = 0

    def push_back_all_but_first(self) -> None:
        self._waiting.extendleft(reversed(self.taken[1:]))

    def push_back(self) -> None:
        self._waiting.extendleft(reversed(self.taken))

    def _next_line(self) -> _Line:
        line = self._text.readline(ROW_CHARACTERS + 1)
        if not line:
            raise StopIteration
        self._read += 1
        if len(line) <= ROW_CHARACTERS:
            return _Line(self._read, line)
        head = line[:_HEAD_CHARACTERS]
        while line and not line.endswith(("\n", "\r")):
            line = self._text.readline(ROW_CHARACTERS)
        return _Line(self._read, head, cut=True)


class Records:
    """Reads records. `first_line` can be looked at before the delimiter is known."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._lines = _Lines(text)

    def first_line(self) -> str | None:
        """The first physical line, which stays to be read; empty if there is none, None if it is too long."""
        try:
            return next(self._lines, "")
        except _RowTooLong:
            return None
        finally:
            self._lines.push_back()

    def read(self, delimiter: str, width: int | None = None) -> Iterator[Record]:
        """All records from here on; each with another number of fields than `width` has the reason `row_malformed`.

        A stray quote makes the parser run on over the following lines. When that fails, only the line with the quote is
        given up, and those after it are read anew.
        """
        lines = self._lines
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            lines.start_record()
            fields: list[str] = []
            reason = ""
            try:
                fields = next(reader)
            except StopIteration:
                return
            except _RowTooLong:
                reason = "value_too_long"
            except csv.Error as error:
                reason = "value_too_long" if "limit" in str(error) else "row_malformed"
            first = lines.taken[0]
            if not reason and width is not None:
                if not fields and width > 1:
                    continue  # a blank line
                fields = fields or [""]
                reason = "" if len(fields) == width else "row_malformed"
            several = len(lines.taken) > 1
            if reason and (several or not fields):
                fields = torn(first.text, delimiter)
            if reason and several:
                lines.push_back_all_but_first()
                reason = "row_malformed"
            spanned = tuple(line.text for line in lines.taken) if several and not reason else ()
            ended = lines.taken[-1].text.endswith(("\n", "\r"))
            yield Record(first.number, fields, reason, spanned, ended)


def torn(line: str, delimiter: str) -> list[str]:
    """The fields of a line that is no record, as well as they can be told: quotes mean nothing."""
    return [field.strip().strip('"') for field in line.split(delimiter)]
