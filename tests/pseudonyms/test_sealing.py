"""Sealing at rest: only the right key opens a thing, in the one place where it belongs, and unchanged."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.errors import StorageError
from linkage_node.pseudonyms.sealing import NONCE_BYTES, Sealer, derive

SEALER = Sealer(bytes(range(32)))
NONCE = bytes(NONCE_BYTES)
CONTEXT = ("epoch-seed", b"\1" * 64, "3")
SEALED = SEALER.seal(b"secret", NONCE, *CONTEXT)


@given(st.binary(max_size=80), st.lists(st.binary(max_size=8), min_size=1, max_size=4))
def test_what_was_sealed_opens(plaintext: bytes, context: list[bytes]) -> None:
    """Sealed for a context, a thing opens for that context."""
    assert SEALER.open(SEALER.seal(plaintext, os.urandom(NONCE_BYTES), *context), *context) == plaintext


@pytest.mark.parametrize(
    "context",
    [
        ("epoch-seed", b"\1" * 64, "4"),
        ("epoch-seed", b"\1" * 64),
        ("epoch-seed", b"\1" * 63, "\x013"),
        ("epoch-seed" + "\1", b"\1" * 63, "3"),
        ("epoch-seed", b"\1" * 64, "3", ""),
        ("", "epoch-seed", b"\1" * 64, "3"),
        ("epoch-seed", "3", b"\1" * 64),
        ("own-tags", b"\1" * 64, "3"),
    ],
)
def test_contexts_are_apart(context: tuple[str | bytes, ...]) -> None:
    """A sealed thing that was moved to another place, however alike, does not open there."""
    with pytest.raises(StorageError) as caught:
        SEALER.open(SEALED, *context)
    assert caught.value.code == "secret_unreadable"


@pytest.mark.parametrize("at", range(len(SEALED)))
def test_one_changed_bit_is_seen(at: int) -> None:
    """One bit changed in format, nonce, body or seal, and nothing opens."""
    changed = SEALED[:at] + bytes([SEALED[at] ^ 1]) + SEALED[at + 1 :]
    with pytest.raises(StorageError) as caught:
        SEALER.open(changed, *CONTEXT)
    assert caught.value.code == "secret_unreadable"


@pytest.mark.parametrize("length", range(len(SEALED)))
def test_a_part_does_not_open(length: int) -> None:
    """Cut off anywhere, a sealed thing is refused with a code, not with a defect."""
    with pytest.raises(StorageError) as caught:
        SEALER.open(SEALED[:length], *CONTEXT)
    assert caught.value.code == "secret_unreadable"


def test_another_key_opens_nothing() -> None:
    """The sealing key of another node is of no use."""
    with pytest.raises(StorageError):
        Sealer(bytes(32)).open(SEALED, *CONTEXT)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64])
def test_sealing_keys_have_32_bytes(length: int) -> None:
    """A sealing key of another length is refused."""
    with pytest.raises(StorageError) as caught:
        Sealer(bytes(length))
    assert caught.value.code == "secret_unreadable"


def test_the_same_secret_seals_differently() -> None:
    """Two nonces give two sealed things that have not even the seal in common."""
    one, other = (SEALER.seal(b"secret", os.urandom(NONCE_BYTES), *CONTEXT) for _ in range(2))
    assert one != other
    assert one[-16:] != other[-16:]


def test_derived_keys_are_apart() -> None:
    """Keys for sealing, for digests and for a domain, of the same context, are three different keys."""
    key = bytes(range(32))
    derived = {
        derive(key, "seal", "x"),
        SEALER.mac_key("x"),
        derive(key, "domain-key", "x"),
        derive(key, "x"),
    }
    assert len(derived) == 4
