"""Files that a command makes: whole, or not there at all."""

import errno
import os
import tempfile
from pathlib import Path

from linkage_node.errors import InputError, StorageError


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, in place of an older one.

    StorageError("storage_full"), or InputError("file_unwritable"): then what was there before is there still.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError("storage_full", f"while writing {path}") from None
        raise InputError("file_unwritable", f"{path}: {error.strerror}") from None
