"""Files that a command makes: whole, or not there at all."""

import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from linkage_node.errors import InputError, StorageError


def check_writable(path: Path, heads: Sequence[bytes] = ()) -> None:
    """InputError, before anything is asked, if no file can be made at `path`.

    An earlier output is replaced: an empty file, or one that begins with one of `heads`. ("file_exists") for any other,
    for then it is something else, which would be lost: a configuration, an agreement, a list of clients.
    """
    if path.is_dir():
        raise InputError("file_is_directory", str(path))
    if path.exists() and not path.is_file():
        raise InputError("file_not_regular", str(path))  # a device would be replaced by a file
    if path.exists():
        check_replaceable(path, heads)
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError("file_unwritable", str(path))


def check_replaceable(path: Path, heads: Sequence[bytes]) -> None:
    """InputError("file_exists") if the file at `path` is neither empty nor begins with one of `heads`."""
    try:
        with path.open("rb") as file:
            start = file.read(max(map(len, heads), default=1))
    except OSError as error:
        raise InputError("file_unreadable", f"{path}: {error.strerror}") from None
    if start and not start.startswith(tuple(heads)):
        raise InputError("file_exists", str(path))


@contextmanager
def whole_file(path: Path, again: str = "") -> Iterator[BinaryIO]:
    """A file to write, which takes the place of an older one when the block ends well.

    StorageError("storage_full"), which names `again` as what to do, or InputError("file_unwritable"): then what was
    there before is there still.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            try:
                yield cast("BinaryIO", file)
                file.flush()
                os.fsync(file.fileno())
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError("storage_full", "; ".join(filter(None, (str(path), again)))) from None
        raise InputError("file_unwritable", f"{path}: {error.strerror}") from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, in place of an older one. Raises what `whole_file` raises."""
    with whole_file(path) as file:
        file.write(content)
