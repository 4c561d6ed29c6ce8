"""An officer's own key, in a file that only a passphrase opens. It never comes near the node."""

from base64 import b64encode
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import ValidationError

from linkage_node.config import Officer
from linkage_node.errors import InputError
from linkage_node.limits import PASSPHRASE_CHARACTERS
from linkage_node.printable import quoted
from linkage_node.secrets import check_private, read_bytes, write_private


def make_key(file: Path, name: str, passphrase: str) -> Officer:
    """A new key in `file` (encrypted PKCS 8, mode 0600), and the officer as node.yaml names him.

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
    encryption = BestAvailableEncryption(passphrase.encode())
    write_private(file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    return officer


def open_key(file: Path, passphrase: str) -> Ed25519PrivateKey:
    """The key in `file`; InputError("officer_key_unusable", "key_not_private", "file_missing")."""
    check_private(file)
    try:
        key = load_pem_private_key(
            read_bytes(file), passphrase.encode() or b" "
        )  # empty would stand for none
    except TypeError:  # cryptography's word for a key without a passphrase
        raise InputError("officer_key_unusable", f"{file}: it is not encrypted") from None
    except (ValueError, UnsupportedAlgorithm):
        raise InputError("officer_key_unusable", f"{file}: another passphrase, or no key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("officer_key_unusable", f"{file}: it is no Ed25519 key")
    return key
