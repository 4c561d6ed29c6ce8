"""A policy and its signatures as files: FILE, and beside it FILE.signatures with one JWS a line."""

import os
from pathlib import Path

from linkage_node.errors import InputError, Refusal
from linkage_node.limits import BUNDLE_BYTES
from linkage_node.secrets import read_bytes
from linkage_node.yaml_model import read_text

_GZIP = b"\x1f\x8b"  # how every gzip file begins


def signatures_of(file: Path) -> Path:
    """Where the signatures over the policy in `file` are."""
    return file.with_name(f"{file.name}.signatures")


def read_policy(file: Path) -> bytes:
    """The file's bytes; Refusal("policy_tampered") if it is too large for a policy.

    InputError("file_malformed") for a file of another sort, such as an agreement; others if it cannot be read.
    """
    if file.is_file() and file.stat().st_size > BUNDLE_BYTES:
        raise Refusal("policy_tampered", f"{file} is larger than {BUNDLE_BYTES} bytes")
    content = read_bytes(file)
    if not content.startswith(_GZIP):
        hint = "Give a file that `policy build` wrote."
        raise InputError("file_malformed", f"{file}: it is no policy at all", hint=hint)
    return content


def read_signatures(file: Path) -> list[str]:
    """The signatures over the policy in `file`; none if there is no file of them."""
    place = signatures_of(file)
    return read_text(place).split() if place.exists() else []


def add_signature(file: Path, signature: str) -> None:
    """Put a signature beside the policy in `file`, on a line of its own; InputError("file_unwritable") for a link."""
    place = signatures_of(file)
    try:
        descriptor = os.open(place, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        with os.fdopen(descriptor, "rb+") as out:
            size = out.seek(0, os.SEEK_END)
            out.seek(max(0, size - 1))
            line = out.read() not in (b"", b"\n")  # an editor or a mail left the last newline out
            out.write(b"\n" * line + f"{signature}\n".encode())
    except OSError as error:
        raise InputError("file_unwritable", f"{place}: {error.strerror}") from None


def write_new(file: Path, content: bytes) -> None:
    """Write a policy, never over another; InputError("file_exists") also for signatures that would not be over it."""
    if signatures_of(file).exists():
        raise InputError("file_exists", str(signatures_of(file)))
    try:
        with file.open("xb") as out:
            out.write(content)
    except FileExistsError:
        raise InputError("file_exists", str(file)) from None
    except OSError as error:
        raise InputError("file_unwritable", f"{file}: {error.strerror}") from None
