"""An officer's key in its file: what opens it, and what a guess at the passphrase costs."""

import os
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import scrypt
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from linkage_node.errors import InputError
from linkage_node.policy.officer_key import make_key, open_key
from linkage_node.pseudonyms.sealing import Sealer
from tests.activation.office import PASSPHRASE


def test_a_guess_costs_as_much_as_scrypt_is_told_to(tmp_path: Path) -> None:
    """The key is sealed under scrypt with 128 MiB, as another implementation has it, and under nothing cheaper."""
    file = tmp_path / "key"
    officer = make_key(file, "Anna de Vries", PASSPHRASE)
    public = open_key(file, PASSPHRASE).public_key().public_bytes_raw()
    assert b64encode(public).decode() == officer.key
    _, salt, sealed = file.read_text().split()
    costs = {"n": 2**17, "r": 8, "p": 1, "maxmem": 2**28}
    key = scrypt(PASSPHRASE.encode(), salt=b64decode(salt), **costs, dklen=32)
    private = Sealer(key).open(b64decode(sealed), "officer_key")
    assert Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw() == public
    assert len(b64decode(salt)) == 16
    assert file.stat().st_mode & 0o777 == 0o600


def test_every_file_has_a_salt_of_its_own(tmp_path: Path) -> None:
    """Two keys under one passphrase are two times the work."""
    for name in ("one", "other"):
        make_key(tmp_path / name, "Anna de Vries", PASSPHRASE)
    one, other = ((tmp_path / name).read_text().split()[1] for name in ("one", "other"))
    assert one != other


PEM = Ed25519PrivateKey.from_private_bytes(bytes(32)).private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE.encode())
)
NO_KEYS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "PKCS 8": lambda _: PEM,
    "another mark": lambda text: text.replace(b"-1 ", b"-2 "),
    "without a salt": lambda text: b" ".join(text.split()[::2]),
    "another salt": lambda text: text.replace(text.split()[1], b64encode(bytes(16))),
    "cut off": lambda text: text[:-9],
    "changed": lambda text: text.replace(text.split()[2], b64encode(b64decode(text.split()[2])[::-1])),
    "one word more": lambda text: text + b"more",
    "no text": lambda _: os.urandom(64),
}


@pytest.mark.parametrize("name", NO_KEYS)
def test_what_is_no_key_is_told(tmp_path: Path, name: str) -> None:
    """Whatever stands in the file; so with another passphrase, and with none."""
    file = tmp_path / "key"
    make_key(file, "Anna de Vries", PASSPHRASE)
    file.write_bytes(NO_KEYS[name](file.read_bytes()))
    with pytest.raises(InputError) as refused:
        open_key(file, PASSPHRASE)
    assert refused.value.code == "officer_key_unusable"
    assert refused.value.detail == f"{file}: another passphrase, or no key"


@pytest.mark.parametrize("passphrase", ["", "x", PASSPHRASE + " ", PASSPHRASE.upper()])
def test_another_passphrase_opens_nothing(tmp_path: Path, passphrase: str) -> None:
    """Also one that is nearly it."""
    make_key(tmp_path / "key", "Anna de Vries", PASSPHRASE)
    with pytest.raises(InputError, match="another passphrase"):
        open_key(tmp_path / "key", passphrase)
