"""Looks for BSNs in everything that a node keeps."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_DIGITS = re.compile(rb"[0-9]{8,}")
# Hashes in hexadecimal hold digits by chance; what stands beside one is still looked at.
_HASH = re.compile(rb"(?<![0-9a-f])(?:[0-9a-f]{32}){1,4}(?![0-9a-f])")


class Searched(NamedTuple):
    """What was searched, and the files in which a BSN was found."""

    files: int
    size: int  # bytes
    found: list[Path]


def search(folders: Iterable[Path], bsns: Iterable[str]) -> Searched:
    """Look for every BSN, with and without its first zero, at every place of every file."""
    wanted = {form.encode() for bsn in bsns for form in (bsn, bsn.removeprefix("0"))}
    files, size, found = 0, 0, []
    for folder in folders:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            content = path.read_bytes()
            files, size = files + 1, size + len(content)
            if any(window in wanted for window in _windows(content)):
                found.append(path)
    return Searched(files, size, found)


def _windows(content: bytes) -> Iterator[bytes]:
    for run in _DIGITS.findall(_HASH.sub(b"-", content)):
        for length in (8, 9):
            for at in range(len(run) - length + 1):
                yield run[at : at + length]
