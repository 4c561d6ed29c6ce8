"""Which organisation a certificate stands for, and whether it was revoked."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from linkage_node.config import Tls
from linkage_node.errors import InputError, Refusal
from linkage_node.peers.certificates import Revocation, fingerprint, is_development, oin_of
from linkage_node.peers.dev_ca import DevelopmentCa, open_dev_ca
from linkage_node.secrets import write_private
from tests.nodes import OIN_A

NOW = datetime.now(UTC)


def certificate(*subject: x509.NameAttribute[str]) -> x509.Certificate:
    """A self-signed certificate with this subject."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(subject)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, SHA256())
    )


def serial(value: str) -> x509.NameAttribute[str]:
    """subject.serialNumber."""
    return x509.NameAttribute(NameOID.SERIAL_NUMBER, value)


def test_oin_of_the_subject() -> None:
    """The OIN is read from subject.serialNumber, wherever in the name it stands."""
    common = x509.NameAttribute(NameOID.COMMON_NAME, "00000099000000090000")
    assert oin_of(certificate(common, serial(OIN_A))) == OIN_A


@pytest.mark.parametrize(
    "subject",
    [
        [],
        [x509.NameAttribute(NameOID.COMMON_NAME, OIN_A)],
        [serial("0000009900000001000")],
        [serial(OIN_A + "0")],
        [serial(OIN_A + " ")],
        [serial(OIN_A), serial("00000099000000020000")],
    ],
)
def test_no_oin(subject: list[x509.NameAttribute[str]]) -> None:
    """No serial number, one that is no OIN, or two of them: the certificate stands for nobody."""
    with pytest.raises(Refusal) as refusal:
        oin_of(certificate(*subject))
    assert refusal.value.code == "certificate_without_oin"


def test_development_certificates_are_recognised(tmp_path: Path) -> None:
    """The development CA and all it makes are known as such; another CA's are not."""
    authority = open_dev_ca(tmp_path / "ca")
    issued = authority.issue(oin=OIN_A, organisation="A", common_name="a").certificate
    assert is_development(authority.certificate)
    assert is_development(issued)
    assert not is_development(certificate(serial(OIN_A)))
    assert fingerprint(issued) == fingerprint(
        x509.load_pem_x509_certificate(issued.public_bytes(Encoding.PEM))
    )


def test_development_ca_is_made_once(tmp_path: Path) -> None:
    """Of several that make the same CA at the same moment, all end up with the same one."""
    barrier, found = threading.Barrier(8), []

    def make() -> None:
        barrier.wait()
        found.append(open_dev_ca(tmp_path / "ca").pem)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ca"]
    assert (tmp_path / "ca" / "ca.key").stat().st_mode & 0o077 == 0


def test_development_ca_in_another_folder(tmp_path: Path) -> None:
    """A folder that holds something else is left alone."""
    (tmp_path / "ca").mkdir()
    (tmp_path / "ca" / "notes.txt").write_text("mine")
    with pytest.raises(InputError) as error:
        open_dev_ca(tmp_path / "ca")
    assert error.value.code == "file_exists"
    assert [path.name for path in (tmp_path / "ca").iterdir()] == ["notes.txt"]


def revocation_list(authority: DevelopmentCa, *revoked: x509.Certificate, days: int = 1) -> bytes:
    """A list that revokes these certificates, PEM."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(NOW - timedelta(days=10))
        .next_update(NOW + timedelta(days=days))
    )
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number).revocation_date(NOW).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(authority._key, SHA256()).public_bytes(Encoding.PEM)


@pytest.fixture
def authority(tmp_path: Path) -> DevelopmentCa:
    """A CA of which tests have the key."""
    return open_dev_ca(tmp_path / "ca")


@pytest.fixture
def tls(tmp_path: Path) -> Tls:
    """Settings that trust that CA, with a revocation list."""
    return Tls(
        certificate=tmp_path / "x", key=tmp_path / "x", ca=tmp_path / "ca" / "ca.pem", crl=tmp_path / "ca.crl"
    )


def test_revoked(tmp_path: Path, authority: DevelopmentCa, tls: Tls) -> None:
    """A revoked certificate is refused and another one is not; a renewed list counts at once."""
    good, bad = (authority.issue(oin=OIN_A, organisation="A", common_name="a").certificate for _ in range(2))
    revocation = Revocation(tls)
    write_private(tmp_path / "ca.crl", revocation_list(authority, bad))
    revocation.check(good, NOW)
    with pytest.raises(Refusal) as refusal:
        revocation.check(bad, NOW)
    assert refusal.value.code == "certificate_revoked"
    write_private(tmp_path / "ca.crl", revocation_list(authority, bad, good))
    with pytest.raises(Refusal):
        revocation.check(good, NOW)


def test_stale_or_missing_list(tmp_path: Path, authority: DevelopmentCa, tls: Tls) -> None:
    """A list past its date, or none of that CA, is a refusal: nobody can tell whether the certificate holds."""
    issued = authority.issue(oin=OIN_A, organisation="A", common_name="a").certificate
    other = open_dev_ca(tmp_path / "other").issue(oin=OIN_A, organisation="A", common_name="a").certificate
    write_private(tmp_path / "ca.crl", revocation_list(authority, days=-1))
    with pytest.raises(Refusal, match="no current list"):
        Revocation(tls).check(issued, NOW)
    tls.crl.unlink()  # type: ignore[union-attr]
    with pytest.raises(InputError):
        Revocation(tls).check(other, NOW)


def test_list_of_a_stranger(tmp_path: Path, authority: DevelopmentCa, tls: Tls) -> None:
    """A list that bears the CA's name and another's signature is refused."""
    issued = authority.issue(oin=OIN_A, organisation="A", common_name="a").certificate
    write_private(tmp_path / "ca.crl", revocation_list(open_dev_ca(tmp_path / "other"), issued))
    with pytest.raises(InputError, match="not signed by"):
        Revocation(tls).check(issued, NOW)


def test_without_lists_nothing_is_checked(authority: DevelopmentCa, tls: Tls) -> None:
    """Revocation is checked only where the operator gives lists."""
    issued = authority.issue(oin=OIN_A, organisation="A", common_name="a").certificate
    assert Revocation(tls.model_copy(update={"crl": None})).check(issued, NOW) is None  # type: ignore[func-returns-value]
