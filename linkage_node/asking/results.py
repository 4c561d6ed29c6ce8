"""Results as a CSV file: whole or not there at all."""

import csv
import errno
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from linkage_node.asking.queries import Query
from linkage_node.errors import InputError, StorageError

HEADER = ("record_ref", "provider", "hit")


def check_writable(path: Path) -> None:
    """InputError, before anything is asked, if no file can be made at `path`."""
    if path.is_dir():
        raise InputError("file_is_directory", str(path))
    if path.exists() and not path.is_file():
        raise InputError("file_not_regular", str(path))  # a device would be replaced by a file
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError("file_unwritable", str(path))


def write_results(path: Path, query: Query, packs: Iterable[tuple[list[str], str]]) -> None:
    """A row for every record: its reference, the provider, and whether the provider knows it (true, false)."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=f".{path.name}.", newline="", encoding="utf-8", delete=False
        ) as file:
            temporary = Path(file.name)
            try:
                writer = csv.writer(file)
                writer.writerow(HEADER)
                for refs, hits in packs:
                    writer.writerows(
                        (ref, query.provider_oin, "true" if hit == "1" else "false")
                        for ref, hit in zip(refs, hits, strict=True)
                    )
                file.flush()
                os.fsync(file.fileno())
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        if error.errno == errno.ENOSPC:
            again = f"`linkage-node queries results {query.id}` writes them without asking again"
            raise StorageError("storage_full", f"{path}; {again}") from None
        raise InputError("file_unwritable", f"{path}: {error.strerror}") from None
