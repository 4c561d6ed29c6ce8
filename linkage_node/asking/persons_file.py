"""A CSV file of persons to ask about. Its columns are told from their names, or from a mapping file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from linkage_node.errors import InputError
from linkage_node.identifiers.kinds import Kind
from linkage_node.register.guess import guess_encoding, guess_mapping
from linkage_node.register.layout import Layout
from linkage_node.register.mapping import load_mapping
from linkage_node.register.rejects import RejectsFile
from linkage_node.register.rows import Reject, SourceRow
from linkage_node.register.source import CsvSource

_SAMPLE_BYTES = 64 * 1024
_NO_DIGEST = b"persons are not staged"  # the source digests what it reads; here nobody looks at it


class PersonsFile(NamedTuple):
    """An opened file of persons."""

    path: Path
    source: CsvSource
    layout: Layout
    kind: Kind

    def rows(self) -> Iterator[SourceRow]:
        """Every row, with the identifiers of the asked kind only."""
        for row in self.source.rows(self.layout):
            yield row._replace(
                identifiers={self.kind.name: row.identifiers[self.kind.name]} if not row.fault else {}
            )

    def write_rejects(self, path: Path, rejects: list[Reject]) -> None:
        """Write who cannot be asked about, and why."""
        RejectsFile(path, self.path).write(rejects, self.layout.labels)


@contextmanager
def read_persons(path: Path, mapping_file: Path | None, kind: Kind) -> Iterator[PersonsFile]:
    """Open `path`; InputError when it cannot be used as a list of persons with identifiers of this kind."""
    mapping = load_mapping(mapping_file) if mapping_file else None
    encoding = mapping.encoding if mapping else _encoding_of(path)
    with CsvSource(path, encoding, mapping.delimiter if mapping else None, _NO_DIGEST) as source:
        layout = source.layout(mapping or guess_mapping(source.header))
        if kind.name not in layout.identifiers:
            needed = ", ".join(f"`{field}`" for field in kind.required)
            raise InputError("column_missing", f"{path}: no columns for kind {kind.name}: {needed}")
        yield PersonsFile(path, source, layout, kind)


def _encoding_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return guess_encoding(file.read(_SAMPLE_BYTES))
    except OSError:
        return "utf-8"  # the source tells what is wrong with the file
