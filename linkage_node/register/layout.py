"""Where the mapped columns stand under the header of a source."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from linkage_node.errors import InputError
from linkage_node.identifiers import IdentifierError
from linkage_node.identifiers.bsn import canonicalise as canonical_bsn
from linkage_node.limits import RECORD_REF_CHARACTERS
from linkage_node.register.rows import holds_bad_bytes

_POSSIBLE_REFS = 16  # of one row that cannot be read


@dataclass(frozen=True)
class Layout:
    """Where everything stands in a row: positions from 0, and the columns' names as the mapping has them."""

    width: int  # fields in every row
    ref: int | None  # None: the row's number is its reference
    identifiers: dict[str, dict[str, tuple[int, ...]]]  # kind → field → positions
    attributes: dict[str, int]
    address_secret: int | None  # None: no column says so
    labels: dict[str, str]  # what a reject names as its field → column

    @cached_property
    def used(self) -> tuple[int, ...]:
        """All positions that are read, in order."""
        single = (self.ref, self.address_secret, *self.attributes.values())
        positions = {position for position in single if position is not None}
        for fields in self.identifiers.values():
            positions.update(position for group in fields.values() for position in group)
        return tuple(sorted(positions))

    def possible_refs(self, fields: Sequence[str], line: int) -> tuple[str, ...]:
        """The references that a row with too many or too few fields may have.

        It may have gained or lost fields before its reference or after it.
        """
        if self.ref is None:
            return (row_ref(line),)
        first, last = sorted((self.ref, self.ref + len(fields) - self.width))
        first = max(first, 0)
        places = fields[first : min(last, first + _POSSIBLE_REFS)], fields[last : last + 1]
        refs = dict.fromkeys(field.strip() for part in places for field in part)
        return tuple(ref for ref in refs if ref and len(ref) <= RECORD_REF_CHARACTERS)


def row_ref(line: int) -> str:
    """The reference of a row of a source without a column for it."""
    return f"row:{line}"


def label(column: str | int | None) -> str:
    """How a column is called in reports: by its name, or as #3."""
    return f"#{column}" if isinstance(column, int) else str(column or "")


def looks_like_data(names: Sequence[str]) -> bool:
    """Whether a header holds a BSN, and so is none."""
    for name in names:
        try:
            canonical_bsn(name)
        except IdentifierError:
            continue
        return True
    return False


class Finder:
    """Finds columns under a header and remembers those that are not there, to name them together.

    Errors never quote the header: where it is missing, the first line is somebody's data.
    """

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._missing: list[str | int] = []

    def __call__(self, column: str | int) -> int:
        if isinstance(column, int):
            if column > len(self._names):
                self._missing.append(column)
            return column - 1
        if self._names.count(column) > 1:
            numbers = [str(at + 1) for at, name in enumerate(self._names) if name == column]
            raise InputError("column_ambiguous", f"`{column}` stands at {', '.join(numbers)}")
        if column not in self._names:
            self._missing.append(column)
            return -1
        return self._names.index(column)

    def check(self) -> None:
        """Raise the InputError that explains best why columns are missing."""
        if not self._missing:
            return
        wanted = ", ".join(f"`{label(column)}`" for column in dict.fromkeys(self._missing))
        if looks_like_data(self._names):
            raise InputError("header_is_data", f"line 1; {wanted} not found")
        if any("\0" in name or holds_bad_bytes(name) for name in self._names):
            raise InputError("encoding_invalid", f"line 1; {wanted} not found")
        if len(self._names) == 1:
            raise InputError("delimiter_wrong", f"{wanted} not found")
        by_lower = {name.lower(): name for name in self._names}
        wished = [column.lower() for column in self._missing if isinstance(column, str)]
        near = [
            by_lower[name] for wish in wished for name in get_close_matches(wish, by_lower, n=1, cutoff=0.75)
        ]
        hint = f"; did you mean {', '.join(f'`{name}`' for name in near)}?" if near else ""
        raise InputError("column_missing", f"{wanted}; the header has {len(self._names)} columns{hint}")
