"""The node's own secrets: the sealing key that the operator provides, and what is sealed under it in `secrets/`."""

import os
import secrets
import stat
from base64 import b64decode
from binascii import Error as Base64Error
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from linkage_node.config import SealingKey
from linkage_node.errors import InputError, StorageError
from linkage_node.pseudonyms.scalars import ORDER, SCALAR_BYTES
from linkage_node.pseudonyms.sealing import KEY_BYTES, NONCE_BYTES, Sealer


class NodeSecrets(NamedTuple):
    """What a node keeps for itself; `domain_secret` it shares with its pseudonymisation domain."""

    domain_secret: bytes  # 32 bytes
    register_scalar: bytes  # the node's own `a`: 32 bytes, little-endian, canonical, not zero
    signing_key: Ed25519PrivateKey


def new_secrets(domain_secret: bytes) -> NodeSecrets:
    """Fresh secrets for a node in the domain of `domain_secret`."""
    scalar = (1 + secrets.randbelow(ORDER - 1)).to_bytes(SCALAR_BYTES, "little")
    return NodeSecrets(domain_secret, scalar, Ed25519PrivateKey.generate())


def write_secrets(folder: Path, sealer: Sealer, oin: str, values: NodeSecrets) -> None:
    """Seal `values` into `folder`, a file each, readable by the owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    plain = (values.domain_secret, values.register_scalar, values.signing_key.private_bytes_raw())
    for name, value in zip(NodeSecrets._fields, plain, strict=True):
        write_private(
            folder / f"{name}.sealed", sealer.seal(value, os.urandom(NONCE_BYTES), "secret", name, oin)
        )


def read_secrets(folder: Path, sealer: Sealer, oin: str) -> NodeSecrets:
    """What was sealed into `folder` for the node `oin`; StorageError("secret_unreadable") names the file."""
    domain_secret, scalar, signing_key = (_open(folder, name, sealer, oin) for name in NodeSecrets._fields)
    if not 0 < int.from_bytes(scalar, "little") < ORDER:
        raise StorageError("secret_unreadable", f"{folder / 'register_scalar.sealed'} holds no scalar")
    return NodeSecrets(domain_secret, scalar, Ed25519PrivateKey.from_private_bytes(signing_key))


def _open(folder: Path, name: str, sealer: Sealer, oin: str) -> bytes:
    path = folder / f"{name}.sealed"
    try:
        value = sealer.open(read_bytes(path), "secret", name, oin)
    except StorageError:
        raise StorageError("secret_unreadable", str(path)) from None
    if len(value) != KEY_BYTES:
        raise StorageError("secret_unreadable", f"{path} holds {len(value)} bytes in place of {KEY_BYTES}")
    return value


def read_sealing_key(source: SealingKey) -> bytes:
    """The sealing key, 32 bytes, from the one source that the configuration names."""
    if source.file is not None:
        try:
            check_private(source.file)
            return decode_key(read_bytes(source.file), str(source.file))
        except InputError as error:
            if error.code != "file_missing":
                raise
            raise InputError("sealing_key_missing", str(source.file)) from None
    if source.env is not None:
        text = os.environ.get(source.env)
        if not text:
            raise InputError(
                "sealing_key_missing",
                f"the environment variable {source.env} is not set",
                hint=f"Set {source.env}.",
            )
        return decode_key(text.encode(), f"the environment variable {source.env}")
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise InputError(
            "sealing_key_missing",
            "$CREDENTIALS_DIRECTORY is not set",
            hint=f"Start the node by systemd with `LoadCredential={source.credential}:...`.",
        )
    path = Path(folder) / str(source.credential)
    return decode_key(read_bytes(path), str(path))


def decode_key(content: bytes, source: str) -> bytes:
    """32 bytes from raw bytes or base64 text; `source` names where they stood."""
    if len(content) == KEY_BYTES:
        return content
    try:
        key = b64decode(content.strip(), validate=True)
    except Base64Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise InputError("key_malformed", source)
    return key


def check_private(path: Path, *, group_may_read: bool = False) -> None:
    """Refuse a key file that other accounts may read or write."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        raise InputError("file_missing", str(path)) from None
    except OSError as error:
        raise InputError("file_unreadable", f"{path}: {error.strerror}") from None
    if mode & (0o037 if group_may_read else 0o077):
        raise InputError("key_not_private", f"{path} has mode {mode:04o}", hint=f"Run `chmod 600 {path}`.")


def read_bytes(path: Path) -> bytes:
    """The content of a small file; an InputError says why it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError("file_missing", str(path)) from None
    except IsADirectoryError:
        raise InputError("file_is_directory", str(path)) from None
    except OSError as error:
        raise InputError("file_unreadable", f"{path}: {error.strerror}") from None


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 in one step: whole or not at all, also after a crash."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputError("file_unwritable", f"{path}: {error.strerror}") from None
