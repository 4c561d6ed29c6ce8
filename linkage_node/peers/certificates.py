"""Certificates: which organisation they stand for, until when, and whether they were revoked."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

from linkage_node.config import NodeConfig, Tls
from linkage_node.errors import InputError, LinkageError, Refusal
from linkage_node.identifiers.oin import check_oin
from linkage_node.secrets import check_private, read_bytes

# The subject and issuer of everything that a development CA makes; production mode knows it by this name.
DEVELOPMENT_CA = "linkage-node DEVELOPMENT CA"


class Identity(NamedTuple):
    """What a node shows to others and trusts, as PEM, and its own certificate parsed."""

    certificate: x509.Certificate
    chain: bytes
    key: bytes
    ca: bytes


def load_identity(config: NodeConfig) -> Identity:
    """The node's certificate, key and CAs, checked to belong together and to the node.

    Refusal `oin_mismatch`, `certificate_without_oin` or `development_certificate`; InputError for unusable files.
    Dates are not checked here: the other side of a connection does, and `linkage-node doctor`.
    """
    tls = config.tls
    check_private(tls.key, group_may_read=True)  # Kubernetes mounts secrets so, Debian has a group for it
    chain, key, ca = (read_bytes(path) for path in (tls.certificate, tls.key, tls.ca))
    certificate, authorities = parse_chain(chain, tls.certificate)[0], parse_chain(ca, tls.ca)
    private = private_key(key, tls.key)
    if _spki(private.public_key()) != _spki(certificate.public_key()):
        raise InputError("file_malformed", f"{tls.key} is not the key of {tls.certificate}")
    if oin_of(certificate) != config.oin:
        raise Refusal(
            "oin_mismatch", f"{tls.certificate} is of {oin_of(certificate)}, node.yaml says {config.oin}"
        )
    if config.mode == "production" and any(is_development(one) for one in (certificate, *authorities)):
        raise Refusal("development_certificate", f"{tls.certificate} or {tls.ca}")
    return Identity(certificate, chain, key, ca)


def oin_of(certificate: x509.Certificate) -> str:
    """The organisation of a certificate: the OIN in subject.serialNumber (Digikoppeling PKI001)."""
    try:  # it is parsed now
        found = certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    except (ValueError, TypeError):
        raise Refusal("certificate_without_oin", "its subject cannot be read") from None
    if len(found) != 1:
        raise Refusal("certificate_without_oin", f"{len(found)} serial numbers in the subject")
    try:
        return check_oin(str(found[0].value))
    except LinkageError as error:
        raise Refusal("certificate_without_oin", error.detail) from None


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 over the DER form, 64 hexadecimal characters."""
    return certificate.fingerprint(SHA256()).hex()


def is_development(certificate: x509.Certificate) -> bool:
    """Whether this is a development CA, or a certificate that one made."""
    names = (certificate.subject, certificate.issuer)
    return any(
        name.value == DEVELOPMENT_CA
        for part in names
        for name in part.get_attributes_for_oid(NameOID.COMMON_NAME)
    )


def parse_chain(pem: bytes, source: Path) -> list[x509.Certificate]:
    """All certificates in a PEM file, at least one; `source` names the file in errors."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise InputError("file_malformed", f"{source} holds no PEM certificate") from None


def expires_within(certificate: x509.Certificate, span: timedelta, now: datetime) -> bool:
    """Whether the certificate ends before `now + span`."""
    return certificate.not_valid_after_utc < now + span


def private_key(pem: bytes, source: Path) -> PrivateKeyTypes:
    """The key in a PEM file, not encrypted; `source` names the file in errors."""
    try:
        return load_pem_private_key(pem, password=None)
    except TypeError:
        raise InputError(
            "file_malformed", f"{source} is encrypted; give it without a passphrase, mode 0600"
        ) from None
    except ValueError:
        raise InputError("file_malformed", f"{source} holds no PEM private key") from None


def _spki(key: object) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return encoded


class Revocation:
    """Revocation lists of the trusted CAs (`tls.crl`). gRPC cannot check them in Python, so the node does it itself:
    of the server's certificate before a channel is opened, of the client's at every call."""

    def __init__(self, tls: Tls) -> None:
        self._tls = tls
        self._read_of: tuple[int, int, int] | None = None  # inode, size and time of the file that was read
        self._lists: dict[bytes, list[x509.CertificateRevocationList]] = {}

    def check(self, certificate: x509.Certificate, now: datetime) -> None:
        """Refusal("certificate_revoked") if the list of its CA names it, is stale, or is not there; without `tls.crl`
        nothing is checked."""
        if self._tls.crl is None:
            return
        lists = self._current().get(certificate.issuer.public_bytes(), [])
        fresh = [one for one in lists if one.next_update_utc is not None and one.next_update_utc > now]
        if not fresh:
            raise Refusal("certificate_revoked", f"no current list of {certificate.issuer.rfc4514_string()}")
        if any(one.get_revoked_certificate_by_serial_number(certificate.serial_number) for one in fresh):
            raise Refusal("certificate_revoked", f"serial number {certificate.serial_number:x}")

    def _current(self) -> dict[bytes, list[x509.CertificateRevocationList]]:
        path = self._tls.crl
        assert path is not None  # noqa: S101 - `check` looked
        try:
            status = path.stat()
        except OSError as error:
            raise InputError("file_unreadable", f"{path}: {error.strerror}") from None
        now_of = (status.st_ino, status.st_size, status.st_mtime_ns)
        if now_of != self._read_of:
            self._lists = _lists_by_issuer(path, parse_chain(read_bytes(self._tls.ca), self._tls.ca))
            self._read_of = now_of
        return self._lists


def _lists_by_issuer(
    path: Path, authorities: list[x509.Certificate]
) -> dict[bytes, list[x509.CertificateRevocationList]]:
    """The lists in `path` that one of the trusted CAs signed."""
    keys = {authority.subject.public_bytes(): authority.public_key() for authority in authorities}
    found: dict[bytes, list[x509.CertificateRevocationList]] = {}
    for one in _parse_lists(read_bytes(path), path):
        issuer = one.issuer.public_bytes()
        try:
            signed = issuer in keys and one.is_signature_valid(keys[issuer])  # type: ignore[arg-type]
        except (InvalidSignature, TypeError):
            signed = False
        if not signed:
            raise InputError("file_malformed", f"{path}: a list is not signed by a CA in `tls.ca`")
        found.setdefault(issuer, []).append(one)
    return found


_PEM_END = b"-----END X509 CRL-----"


def _parse_lists(content: bytes, path: Path) -> list[x509.CertificateRevocationList]:
    try:
        if _PEM_END not in content:
            return [x509.load_der_x509_crl(content)]
        return [x509.load_pem_x509_crl(part + _PEM_END) for part in content.split(_PEM_END)[:-1]]
    except ValueError:
        raise InputError("file_malformed", f"{path} holds no revocation list") from None
