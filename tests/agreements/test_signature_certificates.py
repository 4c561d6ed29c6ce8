"""Certificates under signatures that nobody should sign with, and bytes that are none: each a refusal, no defect."""

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import example, given, settings
from hypothesis import strategies as st

from linkage_node import jws
from linkage_node.agreements.signatures import TYP
from linkage_node.agreements.trust import verify_chain
from linkage_node.errors import Refusal
from linkage_node.limits import SIGNATURE_RSA_BITS, SIGNATURE_RSA_BITS_LARGEST
from tests.agreements.test_signatures import NOW, Chain, Desk, countersigned, encoded, key_of, p256

LEAST, MOST = SIGNATURE_RSA_BITS, SIGNATURE_RSA_BITS_LARGEST
_VERSION = bytes.fromhex("a003020102")  # of every certificate: 3, counted from 0


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One desk for all: nothing is kept here."""
    return Desk(tmp_path_factory.mktemp("desk"))


def of_size(bits: int) -> rsa.RSAPublicKey:
    """A key of so many bits; nobody has its private half."""
    return rsa.RSAPublicNumbers(65537, 2 ** (bits - 1) + 1).public_key()


@pytest.mark.filterwarnings("ignore:The RSA key is")  # so it is
def test_a_weak_rsa_key_signs_nothing(tmp_path: Path) -> None:
    """An organisation's own RSA key below the limit, certified by a trusted CA: signature_untrusted."""
    desk = Desk(tmp_path, lists=False)
    for bits in (1024, LEAST - 8):
        chain = Chain([p256(), rsa.generate_private_key(65537, bits)])
        desk.tls.ca.write_bytes(chain.pem)
        assert desk.refused(chain.text(desk.content)) == "signature_untrusted"
        with pytest.raises(Refusal, match=f"{bits} bits"):
            verify_chain(chain.certificates[:0:-1], chain.certificates[:1], datetime.now(UTC))


@pytest.mark.parametrize(
    ("bits", "taken"), [(LEAST - 1, False), (LEAST, True), (MOST, True), (MOST + 1, False), (16_384, False)]
)
def test_sizes_of_rsa_keys(bits: int, taken: bool) -> None:
    """The limits are taken, and what lies beyond is refused before anything is computed with it."""
    if taken:
        jws.check_size(of_size(bits))
        return
    with pytest.raises(Refusal) as refusal:
        jws.check_size(of_size(bits))
    assert refusal.value.code == "signature_untrusted"


def with_chain(desk: Desk, der: bytes) -> str:
    """A's signature with these bytes for a certificate, and their thumbprint, countersigned."""
    said = {"contract_content_hash": encoded(desk.content), "type": "accept", "signed_at": NOW}
    header = {"typ": TYP, "x5t#S256": encoded(sha256(der).digest()), "x5c": [b64encode(der).decode()]}
    return jws.sign(said, key_of(desk.a), header | {"node": countersigned(desk, der)})


def spoilt(der: bytes, old: bytes, new: bytes) -> bytes:
    """A certificate with other bytes in one place."""
    assert old in der
    return der.replace(old, new, 1)


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "a version that is none": lambda der: spoilt(der, _VERSION, _VERSION[:-1] + b"\x05"),
    "a name that is no text": lambda der: der.replace(b"\x0c\x09localhost", b"\x0c\x09local\xff\xfe\xfdt"),
    "a name that is no name": lambda der: der.replace(b"\x55\x04\x03\x0c", b"\x55\x04\x03\x05"),
    "a date that is none": lambda der: spoilt(der, b"\x17\x0d26", b"\x17\x0dzz"),
    "nothing": lambda _der: b"",
    "cut off": lambda der: der[:-1],
}


@pytest.mark.parametrize("kind", SPOILT)
def test_certificates_that_are_none(desk: Desk, kind: str) -> None:
    """What fails only when a part of it is looked at is signature_invalid as well."""
    der = desk.a.certificate.public_bytes(Encoding.DER)
    assert SPOILT[kind](der) != der
    assert desk.refused(with_chain(desk, SPOILT[kind](der))) == "signature_invalid"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), min_size=1, max_size=3))
@example([(12, 5)])
def test_any_bytes_for_a_certificate(desk: Desk, changes: list[tuple[int, int]]) -> None:
    """Whatever is changed in a certificate, it is refused with a reason; only an unchanged one is taken."""
    good = desk.a.certificate.public_bytes(Encoding.DER)
    der = bytearray(good)
    for at, byte in changes:
        der[at % len(der)] = byte
    text = with_chain(desk, bytes(der))
    if bytes(der) == good:
        desk.store.signatures.checked(text, desk.content, desk.agreement.parties, NOW)
        return
    with pytest.raises(Refusal) as refusal:
        desk.store.signatures.checked(text, desk.content, desk.agreement.parties, NOW)
    assert refusal.value.code.startswith(("signature_", "certificate_"))
