"""An officer's own key, in a file that only a passphrase opens. It never comes near the node.

The file is one line: a mark, the salt, and the key as the node seals its own secrets, under scrypt (RFC 7914) of the
passphrase; both in base64. Not PKCS 8 or PKCS 12: as `cryptography` writes them, 2,048 rounds tell whether a
passphrase is the right one (of PKCS 12 the MAC does, whatever rounds its key has).
"""

import os
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import ValidationError

from linkage_node.config import Officer
from linkage_node.errors import InputError, StorageError
from linkage_node.limits import PASSPHRASE_CHARACTERS, SCRYPT_BLOCKS, SCRYPT_LANES, SCRYPT_ROUNDS
from linkage_node.printable import quoted
from linkage_node.pseudonyms.sealing import KEY_BYTES, NONCE_BYTES, Sealer
from linkage_node.secrets import check_private, read_bytes, write_private

_MARK = b"linkage-node-officer-key-1"
_SALT_BYTES = 16
_CONTEXT = "officer_key"


def make_key(file: Path, name: str, passphrase: str) -> Officer:
    """A new key in `file` (sealed, mode 0600), and the officer as node.yaml names him.

    InputError("file_exists") rather than overwriting, ("officer_key_unusable") for a passphrase that is too short.
    """
    if len(passphrase) < PASSPHRASE_CHARACTERS:
        raise InputError(
            "officer_key_unusable",
            f"the passphrase has fewer than {PASSPHRASE_CHARACTERS} characters",
            hint="Take a longer one: a few words that only you would put together.",
        )
    if file.exists():
        raise InputError("file_exists", str(file))
    key = Ed25519PrivateKey.generate()
    try:
        officer = Officer(name=name, key=b64encode(key.public_key().public_bytes_raw()).decode())
    except ValidationError:
        raise InputError("config_invalid", f"{quoted(name)} cannot be the name of an officer") from None
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(NONCE_BYTES)
    sealed = _sealer(passphrase, salt).seal(key.private_bytes_raw(), nonce, _CONTEXT)
    write_private(file, b"%b %b %b\n" % (_MARK, b64encode(salt), b64encode(sealed)))
    return officer


def open_key(file: Path, passphrase: str) -> Ed25519PrivateKey:
    """The key in `file`; InputError("officer_key_unusable", "key_not_private", "file_missing")."""
    check_private(file)
    try:
        mark, *parts = read_bytes(file).split()
        salt, sealed = (b64decode(part, validate=True) for part in parts)
        if mark != _MARK:
            raise ValueError
        return Ed25519PrivateKey.from_private_bytes(_sealer(passphrase, salt).open(sealed, _CONTEXT))
    except (ValueError, StorageError):
        raise InputError("officer_key_unusable", f"{file}: another passphrase, or no key") from None


def _sealer(passphrase: str, salt: bytes) -> Sealer:
    """Opens what this passphrase sealed. To try one takes 128 MiB, and some tenths of a second."""
    kdf = Scrypt(salt, KEY_BYTES, n=SCRYPT_ROUNDS, r=SCRYPT_BLOCKS, p=SCRYPT_LANES)
    return Sealer(kdf.derive(passphrase.encode()))
