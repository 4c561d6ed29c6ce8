"""The sealing key from its three sources, and the node's secrets under it."""

import os
from base64 import b64encode
from pathlib import Path

import pytest

from linkage_node.config import SealingKey
from linkage_node.errors import InputError, StorageError
from linkage_node.pseudonyms.sealing import Sealer
from linkage_node.secrets import (
    NodeSecrets,
    decode_key,
    new_secrets,
    read_sealing_key,
    read_secrets,
    write_private,
    write_secrets,
)
from tests.nodes import OIN_A, OIN_B

KEY = bytes(range(32))


@pytest.mark.parametrize("content", [KEY, b64encode(KEY), b64encode(KEY) + b"\n"])
def test_key_from_a_file(tmp_path: Path, content: bytes) -> None:
    """A file may hold the key raw or in base64."""
    write_private(tmp_path / "key", content)
    assert read_sealing_key(SealingKey(file=tmp_path / "key")) == KEY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602])
def test_key_that_others_may_read(tmp_path: Path, mode: int) -> None:
    """A key file that anybody else may read or write is refused, with the command that mends it."""
    write_private(tmp_path / "key", KEY)
    (tmp_path / "key").chmod(mode)
    with pytest.raises(InputError) as error:
        read_sealing_key(SealingKey(file=tmp_path / "key"))
    assert error.value.code == "key_not_private"
    assert f"chmod 600 {tmp_path / 'key'}" in error.value.hint


def test_key_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment holds base64; a variable that is not set is told by its name."""
    monkeypatch.setenv("TEST_KEY", b64encode(KEY).decode())
    assert read_sealing_key(SealingKey(env="TEST_KEY")) == KEY
    monkeypatch.delenv("TEST_KEY")
    with pytest.raises(InputError, match="TEST_KEY") as error:
        read_sealing_key(SealingKey(env="TEST_KEY"))
    assert error.value.code == "sealing_key_missing"


def test_key_from_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A credential is a file in $CREDENTIALS_DIRECTORY; without that variable the hint tells what systemd needs."""
    (tmp_path / "seal").write_bytes(KEY)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read_sealing_key(SealingKey(credential="seal")) == KEY
    with pytest.raises(InputError) as error:
        read_sealing_key(SealingKey(credential="other"))
    assert error.value.code == "file_missing"
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(InputError) as error:
        read_sealing_key(SealingKey(credential="seal"))
    assert error.value.code == "sealing_key_missing"
    assert "LoadCredential=seal" in error.value.hint


@pytest.mark.parametrize(
    "content", [b"", b"short", KEY + b"x", b64encode(KEY[:31]), b64encode(KEY + b"x"), b"*" * 44]
)
def test_no_key(content: bytes) -> None:
    """Anything but 32 bytes, raw or in base64, is refused, and the message does not repeat it."""
    with pytest.raises(InputError) as error:
        decode_key(content, "the source")
    assert error.value.code == "key_malformed"
    assert error.value.detail == "the source"


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Path, NodeSecrets]:
    """Secrets that were written, and where."""
    values = new_secrets(os.urandom(32))
    write_secrets(tmp_path / "secrets", Sealer(KEY), OIN_A, values)
    return tmp_path / "secrets", values


def test_secrets_and_back(stored: tuple[Path, NodeSecrets]) -> None:
    """What was sealed is opened again; files are for the owner only, and hold no secret in the clear."""
    folder, values = stored
    found = read_secrets(folder, Sealer(KEY), OIN_A)
    assert found.domain_secret == values.domain_secret
    assert found.register_scalar == values.register_scalar
    assert found.signing_key.private_bytes_raw() == values.signing_key.private_bytes_raw()
    assert sorted(path.name for path in folder.iterdir()) == [
        "domain_secret.sealed",
        "register_scalar.sealed",
        "signing_key.sealed",
    ]
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert not any(
            secret in path.read_bytes() for secret in (values.domain_secret, values.register_scalar)
        )


def test_wrong_key_or_other_node(stored: tuple[Path, NodeSecrets]) -> None:
    """Another sealing key, or another node's OIN, opens nothing."""
    folder, _ = stored
    for key, oin in ((bytes(32), OIN_A), (KEY, OIN_B)):
        with pytest.raises(StorageError) as error:
            read_secrets(folder, Sealer(key), oin)
        assert error.value.code == "secret_unreadable"


def test_swapped_and_damaged_files(stored: tuple[Path, NodeSecrets]) -> None:
    """A sealed file in another's place, a flipped bit and a missing file are each told by name."""
    folder, _ = stored
    domain, scalar = folder / "domain_secret.sealed", folder / "register_scalar.sealed"
    good = scalar.read_bytes()
    for bad in (domain.read_bytes(), good[:-1] + bytes([good[-1] ^ 1]), good[:10], b""):
        scalar.write_bytes(bad)
        with pytest.raises(StorageError, match=r"register_scalar\.sealed") as error:
            read_secrets(folder, Sealer(KEY), OIN_A)
        assert error.value.code == "secret_unreadable"
    scalar.unlink()
    with pytest.raises(InputError, match=r"register_scalar\.sealed"):
        read_secrets(folder, Sealer(KEY), OIN_A)


def test_scalar_out_of_range(tmp_path: Path) -> None:
    """A zero scalar, or one that is not reduced, is not used."""
    for scalar in (bytes(32), b"\xff" * 32):
        write_secrets(tmp_path, Sealer(KEY), OIN_A, new_secrets(KEY)._replace(register_scalar=scalar))
        with pytest.raises(StorageError, match="no scalar"):
            read_secrets(tmp_path, Sealer(KEY), OIN_A)


def test_write_private_replaces_in_one_step(tmp_path: Path) -> None:
    """A file is replaced whole, and nothing else is left in the folder, also when it fails."""
    write_private(tmp_path / "x", b"old")
    write_private(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"new"
    with pytest.raises(InputError) as error:
        write_private(tmp_path / "none" / "x", b"y")
    assert error.value.code == "file_unwritable"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
