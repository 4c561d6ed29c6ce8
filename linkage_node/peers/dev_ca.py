"""A throw-away CA for development: organisations on one machine try things out with it. Refused in production mode."""

import os
import secrets
import shutil
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from linkage_node.errors import InputError
from linkage_node.limits import DEVELOPMENT_CERTIFICATE_DAYS
from linkage_node.peers.certificates import DEVELOPMENT_CA, parse_chain
from linkage_node.secrets import read_bytes, write_private

_ALWAYS = ("localhost", "127.0.0.1", "::1")


class Issued(NamedTuple):
    """A new certificate and its key, PEM."""

    certificate: x509.Certificate
    certificate_pem: bytes
    key_pem: bytes


class DevelopmentCa:
    """A CA that makes certificates of 90 days for any OIN it is asked for."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate = certificate
        self._key = key

    @property
    def pem(self) -> bytes:
        """The CA's own certificate."""
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(
        self,
        *,
        oin: str,
        organisation: str,
        common_name: str,
        hosts: tuple[str, ...] = (),
        start: datetime | None = None,
        days: int = DEVELOPMENT_CERTIFICATE_DAYS,
    ) -> Issued:
        """A certificate for an organisation, as server and as client; `start` is now by default."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, oin),
        ]
        names = [_general_name(host) for host in dict.fromkeys((*hosts, *_ALWAYS))]
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        builder = (
            _builder(x509.Name(subject), self.certificate.subject, key, start or _now(), days)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signature=True, authority=False), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                critical=False,
            )
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(authority, critical=False)
        )
        certificate = builder.sign(self._key, SHA256())
        return Issued(certificate, certificate.public_bytes(Encoding.PEM), _key_pem(key))


def open_dev_ca(folder: Path) -> DevelopmentCa:
    """The development CA in `folder`, made when the folder is not there; safe when several do it at once."""
    if not (folder / "ca.key").exists():
        _make(folder)
    certificate = parse_chain(read_bytes(folder / "ca.pem"), folder / "ca.pem")[0]
    try:
        key = load_pem_private_key(read_bytes(folder / "ca.key"), password=None)
    except (ValueError, TypeError):
        raise InputError("file_malformed", f"{folder / 'ca.key'} holds no PEM private key") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise InputError("file_malformed", f"{folder / 'ca.key'} is not the key of {folder / 'ca.pem'}")
    return DevelopmentCa(certificate, key)


def _make(folder: Path) -> None:
    """Make the whole CA beside its place and put it there in one step: whoever comes second uses the first one's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEVELOPMENT_CA)])
    builder = (
        _builder(name, name, key, _now(), 10 * 365)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signature=False, authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    folder = folder.resolve()
    beside = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside.mkdir(mode=0o700)
        try:
            write_private(beside / "ca.pem", builder.sign(key, SHA256()).public_bytes(Encoding.PEM))
            write_private(beside / "ca.key", _key_pem(key))
            os.rename(beside, folder)  # fails unless the place is free or an empty folder
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        if (folder / "ca.key").exists():
            return
        if folder.exists():
            raise InputError("file_exists", f"{folder} is there and holds no development CA") from None
        raise InputError("file_unwritable", f"{folder}: {error.strerror}") from None


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, start: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - timedelta(minutes=5))  # clocks differ
        .not_valid_after(start + timedelta(days=days))
    )


def _key_usage(*, signature: bool, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signature,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _now() -> datetime:
    return datetime.now(UTC)
