"""Paths as somebody in a terminal writes them."""

import os
from pathlib import Path


def as_written(path: Path) -> Path:
    """The shorter of the path from here and the whole path, without `..` in the middle."""
    return Path(min(os.path.relpath(path), os.path.normpath(path), key=len))
