"""The rejects file: every row, or identifier of a row, that was not used, and why. Never the value itself."""

import csv
import errno
import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from linkage_node.errors import InputError, StorageError
from linkage_node.outputs import check_replaceable
from linkage_node.reasons import explain
from linkage_node.register.rows import Reject

COLUMNS = ("row", "column", "record_ref", "reason", "explanation")
SUFFIX = ".rejects.csv"


class RejectsFile:
    """A rejects file for one source: checked before the load starts, written whole or not at all at its end."""

    def __init__(self, path: Path | None, source: Path) -> None:
        """`path` None: beside the source, `clients.csv.rejects.csv`. InputError if it cannot be written.

        ("file_exists") if what is there is no rejects file.
        """
        self.path = path or source.with_name(source.name + SUFFIX)
        if self.path.is_dir():
            raise InputError("file_is_directory", str(self.path))
        if self.path.exists() and self.path.samefile(source):
            raise InputError("file_exists", f"{self.path} is the source itself")
        if self.path.exists():
            check_replaceable(self.path, [",".join(COLUMNS).encode()])
        descriptor, name = self._temporary()
        os.close(descriptor)
        os.unlink(name)

    def write(self, rejects: Iterable[Reject], columns: Mapping[str, str]) -> None:
        """Write the file, in place of an older one. `columns` says in which column a field stands."""
        descriptor, name = self._temporary()
        try:
            with open(descriptor, "w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(COLUMNS)
                for reject in rejects:
                    column = columns.get(reject.field, reject.field)
                    meaning = explain(reject.reason).meaning
                    writer.writerow((reject.row, column, reject.ref, reject.reason, meaning))
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        except BaseException as error:
            os.unlink(name)
            if isinstance(error, OSError):
                raise _as_told(error, self.path) from None
            raise

    def _temporary(self) -> tuple[int, str]:
        """A file beside the target, readable for its owner only: it names clients."""
        try:
            return tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
        except OSError as error:
            raise _as_told(error, self.path, "; choose another place with --rejects") from None


def _as_told(error: OSError, path: Path, hint: str = "") -> InputError | StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError("storage_full", f"while writing {path}")
    return InputError("file_unwritable", f"{path}: {error.strerror}{hint}")
