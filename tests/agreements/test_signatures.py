"""Signatures under agreements: what is taken in, and every attack with its own reason."""

import hmac
import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import jwt
import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from sqlalchemy import insert, update

from linkage_node.agreements import Agreement, AgreementStore, content_hash
from linkage_node.agreements.signatures import TYP, content_of, make
from linkage_node.agreements.standing import SignatureType
from linkage_node.agreements.trust import NodeKeys, Trust
from linkage_node.config import Mode, Tls
from linkage_node.errors import Refusal
from linkage_node.jws import PrivateKey
from linkage_node.limits import SIGNATURE_SKEW_SECONDS
from linkage_node.peers.card import PeerStore, card_text, make_card
from linkage_node.peers.dev_ca import DevelopmentCa, open_dev_ca
from linkage_node.storage import Database
from linkage_node.storage.tables import agreement_signature
from tests.integration.world import agreement_text
from tests.nodes import OIN_A, OIN_B, OIN_C, certify
from tests.peers.test_certificates import revocation_list
from tests.signed import Signer, node_key, signature

NOW = int(datetime.now(UTC).timestamp())
DAY = 24 * 60 * 60


class Desk:
    """The store of organisation B, an agreement with A, and the certificates of all."""

    def __init__(self, folder: Path, *, lists: bool = True, storage: str | None = None) -> None:
        self.folder = folder
        self.ca = open_dev_ca(folder / "ca")
        crl = folder / "ca.crl" if lists else None
        self.tls = Tls(certificate=folder / "x", key=folder / "x", ca=folder / "ca.pem", crl=crl)
        self.tls.ca.write_bytes(self.ca.pem)
        self.list(revocation_list(self.ca))
        self.database = Database(storage or f"sqlite:///{folder}/node.db")
        self.database.create()
        self.peers = PeerStore(self.database, OIN_B)
        for oin in (OIN_A, OIN_C):
            self.know(oin)
        self.store = AgreementStore(self.database, OIN_B, self.trust())
        self.agreement: Agreement = self.store.add(agreement_text())
        self.content = content_hash(self.agreement)
        self.a, self.b, self.c = (self.issued(oin) for oin in (OIN_A, OIN_B, OIN_C))

    def know(self, oin: str, key: ed25519.Ed25519PrivateKey | None = None) -> None:
        """Add an organisation's card, or its new one."""
        public = (key or node_key(oin)).public_key()
        self.peers.add(
            card_text(make_card(oin, "Organisation", "localhost:7400", public, "0" * 64)), replace=True
        )

    def trust(self, mode: Mode = "development") -> Trust:
        """Whom B believes."""
        return Trust(self.tls, NodeKeys(OIN_B, node_key(OIN_B).public_key, self.peers.get), mode)

    def list(self, *lists: bytes) -> None:
        """Put these revocation lists in place."""
        (self.folder / "ca.crl").write_bytes(b"".join(lists))

    def issued(self, oin: str, ca: DevelopmentCa | None = None, **dates: Any) -> Signer:
        """A certificate of an organisation's node."""
        issued = (ca or self.ca).issue(oin=oin, organisation=oin, common_name="localhost", **dates)
        return Signer.of(issued, node_key(oin))

    def take(self, text: str, seconds: int = NOW) -> None:
        """Take a signature in, as the node does."""
        parties = self.agreement.parties
        checked = self.store.signatures.checked(text, self.content, parties, seconds)
        with self.database.write() as connection:
            self.store.signatures.keep(connection, checked, parties, seconds * 1000)

    def refused(self, text: str, seconds: int = NOW) -> str:
        """Why a signature is refused; nothing of it is kept."""
        before = self.store.signatures.of(self.content, self.agreement.parties)
        with pytest.raises(Refusal) as refusal:
            self.take(text, seconds)
        assert self.store.signatures.of(self.content, self.agreement.parties) == before
        return refusal.value.code

    def status(self) -> str:
        """How the agreement stands."""
        return self.store.status(self.content)


# What is verified is the same on either database; what is kept and read again is tried on both.
on_both = pytest.mark.parametrize("desk", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A desk of its own for one test, on SQLite unless the test says otherwise."""
    on_postgres = getattr(request, "param", "sqlite") == "postgresql"
    made = Desk(tmp_path, storage=request.getfixturevalue("postgres")() if on_postgres else None)
    yield made
    made.database.close()


@pytest.fixture
def open_desk(tmp_path: Path) -> Desk:
    """One that looks at no revocation lists."""
    return Desk(tmp_path, lists=False)


def key_of(issued: Signer) -> PrivateKey:
    """The private key of a certificate."""
    key = load_pem_private_key(issued.key_pem, None)
    assert isinstance(key, PrivateKey)
    return key


def encoded(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def parts_of(text: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Header, payload and signature of a JWS."""
    header, payload, signed = text.split(".")
    return (
        json.loads(urlsafe_b64decode(header + "==")),
        json.loads(urlsafe_b64decode(payload + "==")),
        signed,
    )


def anew(text: str, issued: Signer, header: dict[str, Any] | None = None, payload: Any = None) -> str:
    """The same with other words in header or payload, signed well by this key."""
    old_header, old_payload, _ = parts_of(text)
    said = json.dumps(old_payload if payload is None else payload).encode()
    headers = {**old_header, **(header or {})}
    return jwt.api_jws.PyJWS().encode(said, key_of(issued), headers.pop("alg"), headers=headers)


def hand_made(desk: Desk, header: dict[str, Any], sign: Callable[[bytes], bytes], payload: str = "") -> str:
    """A JWS of A's certificate with this in its header, and any signature at all."""
    old, said, _ = parts_of(signature(desk.a, desk.content))
    text = f"{encoded(json.dumps(old | header).encode())}.{encoded((payload or json.dumps(said)).encode())}"
    return f"{text}.{encoded(sign(text.encode()))}"


def by_hmac(desk: Desk) -> str:
    """HS256 with the public key as the secret: who believes the header's `alg` takes it."""
    secret = key_of(desk.a).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return hand_made(desk, {"alg": "HS256"}, lambda text: hmac.digest(secret, text, "sha256"))


def twice(desk: Desk) -> str:
    """A payload that says `type` twice, signed by A."""
    hash_of = encoded(desk.content)
    said = f'{{"contract_content_hash":"{hash_of}","signed_at":{NOW},"type":"reject","type":"accept"}}'
    header, _, _ = parts_of(signature(desk.a, desk.content))
    return jwt.api_jws.PyJWS().encode(said.encode(), key_of(desk.a), header.pop("alg"), headers=header)


def twice_in_the_header(desk: Desk) -> str:
    """A header that says `typ` twice; PyJWT would take the last."""
    header, payload, _ = signature(desk.a, desk.content).split(".")
    plain = urlsafe_b64decode(header + "==").decode()
    doubled = encoded(plain.replace('"typ":', '"typ":"JWT","typ":', 1).encode())
    key = key_of(desk.a)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    signed = jwt.algorithms.ECAlgorithm(jwt.algorithms.ECAlgorithm.SHA256).sign(
        f"{doubled}.{payload}".encode(), key
    )
    return f"{doubled}.{payload}.{encoded(signed)}"


def tampered(text: str, **said: Any) -> str:
    """Another payload under the signature that was there."""
    header, payload, signed = text.split(".")
    plain = json.loads(urlsafe_b64decode(payload + "==")) | said
    return f"{header}.{encoded(json.dumps(plain).encode())}.{signed}"


def revoked(desk: Desk) -> str:
    """A's signature, whose certificate its CA has revoked."""
    desk.list(revocation_list(desk.ca, desk.a.certificate))
    return signature(desk.a, desk.content)


def with_a_stale_list(desk: Desk) -> str:
    """A's signature, when nobody can tell whether its certificate was revoked."""
    desk.list(revocation_list(desk.ca, days=-1))
    return signature(desk.a, desk.content)


def headed(desk: Desk, **header: Any) -> str:
    """A's signature with this in its header, signed well."""
    return anew(signature(desk.a, desk.content), desk.a, header)


def said(desk: Desk, **payload: Any) -> str:
    """A's signature over this payload, signed well."""
    full = {"contract_content_hash": encoded(desk.content), "type": "accept", "signed_at": NOW}
    return anew(signature(desk.a, desk.content), desk.a, payload=full | payload)


def foreign(desk: Desk) -> str:
    """Signed with A's OIN in a certificate of a CA that is not trusted."""
    return signature(desk.issued(OIN_A, open_dev_ca(desk.folder / "other")), desk.content)


def dated(desk: Desk, start: int, days: int) -> str:
    """Signed with a certificate of these days from now on, on its first day or now, whichever is later."""
    begins = datetime.now(UTC) + timedelta(days=start)
    issued = desk.issued(OIN_A, start=begins, days=days)
    return signature(issued, desk.content, seconds=int(begins.timestamp()) if start < 0 else NOW)


def under(desk: Desk, key: PrivateKey, chain: Sequence[x509.Certificate]) -> str:
    """An approval with any key and any certificates, countersigned by A's node."""
    return make(desk.content, "accept", key, chain, NOW, desk.a.node_key)


def countersigned(desk: Desk, der: bytes) -> str:
    """What A's node says of an approval with this certificate: pinned byte for byte, as anybody may verify it."""
    parts = b"linkage-agreement node", desk.content, b"accept", str(NOW).encode(), sha256(der).digest()
    return encoded(desk.a.node_key.sign(b"".join(len(part).to_bytes(4, "big") + part for part in parts)))


ATTACKS: dict[str, tuple[Callable[[Desk], str], str]] = {
    "tampered agreement": (lambda d: signature(d.a, content_hash(d.store.add(agreement_text(version=2), replace=True))),
                           "signature_invalid"),
    "another agreement's hash": (lambda d: signature(d.a, bytes(64)), "signature_invalid"),
    "tampered payload": (lambda d: tampered(signature(d.a, d.content, "reject"), type="accept"), "signature_invalid"),
    "another key": (lambda d: under(d, key_of(d.issued(OIN_A)), [d.a.certificate]), "signature_invalid"),
    "third party": (lambda d: signature(d.c, d.content), "signature_by_third_party"),
    "third party revokes": (lambda d: signature(d.c, d.content, "revoke"), "signature_by_third_party"),
    "certificate of another OIN": (lambda d: signature(d.a._replace(certificate=d.c.certificate), d.content),
                                   "signature_invalid"),
    "expired": (lambda d: dated(d, -20, 10), "signature_untrusted"),
    "not yet valid": (lambda d: dated(d, 2, 10), "signature_outdated"),
    "signed before the certificate": (lambda d: signature(d.a, d.content, seconds=NOW - 9 * DAY), "signature_outdated"),
    "signed in the future": (lambda d: signature(d.a, d.content, seconds=NOW + SIGNATURE_SKEW_SECONDS + 60),
                             "signature_outdated"),
    "revoked certificate": (revoked, "certificate_revoked"),
    "foreign CA": (foreign, "signature_untrusted"),
    "alg none": (lambda d: hand_made(d, {"alg": "none"}, lambda _text: b""), "signature_invalid"),
    "alg HS256": (by_hmac, "signature_invalid"),
    "alg of another key": (lambda d: hand_made(d, {"alg": "RS256"}, lambda _text: bytes(256)), "signature_invalid"),
    "stale revocation list": (with_a_stale_list, "certificate_revoked"),
    "x5t of another certificate": (
        lambda d: headed(d, **{"x5t#S256": encoded(bytes(32))}), "signature_invalid"),
    "chain of another certificate": (
        lambda d: headed(d, x5c=[b64encode(d.c.certificate.public_bytes(Encoding.DER)).decode()]), "signature_invalid"),
    "no chain": (lambda d: headed(d, x5c=[]), "signature_invalid"),
    "long chain": (lambda d: under(d, key_of(d.a), [d.a.certificate] * 7), "signature_invalid"),
    "chain of nonsense": (lambda d: headed(d, x5c=["AAAA"]), "signature_invalid"),
    "chain of numbers": (lambda d: headed(d, x5c=[1]), "signature_invalid"),
    "crit": (lambda d: headed(d, crit=["x"], x=1), "signature_invalid"),
    "own key in the header": (lambda d: headed(d, jwk={"kty": "EC"}), "signature_invalid"),
    "key by address": (lambda d: headed(d, jku="https://a.example/"), "signature_invalid"),
    "another typ": (lambda d: headed(d, typ="linkage-policy+jws"), "signature_invalid"),
    "another type": (lambda d: said(d, type="approve"), "signature_invalid"),
    "type that is a list": (lambda d: said(d, type=["accept"]), "signature_invalid"),
    "time that is true": (lambda d: said(d, signed_at=True), "signature_invalid"),
    "time of another era": (lambda d: said(d, signed_at=2**40), "signature_invalid"),
    "one field more": (lambda d: said(d, x=1), "signature_invalid"),
    "no object": (lambda d: anew(signature(d.a, d.content), d.a, payload=["accept"]), "signature_invalid"),
    "a name twice": (twice, "signature_invalid"),
    "a name twice in the header": (twice_in_the_header, "signature_invalid"),
    "second way to write it": (lambda d: signature(d.a, d.content) + "=", "signature_invalid"),
    "too long": (lambda d: signature(d.a, d.content) + "A" * 40_000, "signature_invalid"),
    "nothing": (lambda _d: "", "signature_invalid"),
    "a CA signs": (lambda d: under(d, d.ca._key, [d.ca.certificate]), "certificate_without_oin"),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks(desk: Desk, attack: str) -> None:
    """Each is refused with its own reason, keeps nothing, and brings nothing into force, with B's approval there."""
    text, code = ATTACKS[attack]
    desk.take(signature(desk.b, desk.content))
    assert desk.refused(text(desk)) == code
    assert [one.oin for one in desk.store.signatures.of(desk.content, desk.agreement.parties)] == [OIN_B]


@on_both
def test_both_approve(desk: Desk) -> None:
    """In force with both approvals, and not with one of them, or with the same one twice."""
    assert desk.store.standing(desk.content) == ("unsigned", (OIN_A, OIN_B))
    desk.take(signature(desk.a, desk.content))
    desk.take(signature(desk.a, desk.content, seconds=NOW - 1))
    assert desk.store.standing(desk.content) == ("unsigned", (OIN_B,))
    desk.take(signature(desk.b, desk.content))
    assert desk.store.standing(desk.content) == ("in_force", ())


@on_both
@pytest.mark.parametrize("last", ["revoke", "reject"])
def test_an_approval_after_the_end_is_refused(desk: Desk, last: SignatureType) -> None:
    """A replayed approval, or a new one, of either party: refused; it stays ended, also when it is added anew."""
    old = signature(desk.a, desk.content)
    desk.take(old)
    desk.take(signature(desk.b, desk.content))
    desk.take(signature(desk.a, desk.content, last))
    status = desk.status()
    assert status == {"revoke": "revoked", "reject": "rejected"}[last]
    for text in (old, signature(desk.a, desk.content, seconds=NOW + 1), signature(desk.b, desk.content)):
        assert desk.refused(text) == "signature_final"
    desk.store.remove(desk.agreement.id)
    with pytest.raises(Refusal) as unknown:
        desk.status()
    assert unknown.value.code == "agreement_unknown"
    desk.store.add(agreement_text())
    assert desk.status() == status


def test_a_certificate_that_ends_later_takes_nothing_back(open_desk: Desk) -> None:
    """What was good when it came in stays good: agreements outlive certificates."""
    chain = Chain([p256(), p256(), p256()], days=(-30, -20))
    open_desk.tls.ca.write_bytes(chain.pem)
    then = NOW - 25 * DAY
    open_desk.take(chain.text(open_desk.content, then), then)
    assert open_desk.store.standing(open_desk.content).missing == (OIN_B,)
    assert open_desk.refused(chain.text(open_desk.content, then)) == "signature_untrusted"


@on_both
def test_another_ca_takes_approvals_back_and_no_revocation(desk: Desk) -> None:
    """Signatures are verified again when read: a CA that is trusted no more has approved of nothing."""
    desk.take(signature(desk.a, desk.content))
    desk.take(signature(desk.b, desk.content))
    assert desk.status() == "in_force"
    desk.tls.ca.write_bytes(open_dev_ca(desk.folder / "new").pem + b"\n")
    assert desk.status() == "unsigned"
    desk.tls.ca.write_bytes(desk.ca.pem)
    assert desk.status() == "in_force"
    desk.take(signature(desk.a, desk.content, "revoke"))
    desk.tls.ca.write_bytes(open_dev_ca(desk.folder / "new").pem + b"\n")
    assert desk.status() == "revoked"


@on_both
def test_a_new_certificate_signs_anew(desk: Desk) -> None:
    """Where the old CA is gone, each party's new signature takes the place of the one that does not hold any more."""
    for issued in (desk.a, desk.b):
        desk.take(signature(issued, desk.content))
    new = open_dev_ca(desk.folder / "new")
    desk.tls.ca.write_bytes(new.pem + b"\n")
    for oin in (OIN_A, OIN_B):
        desk.take(signature(desk.issued(oin, new), desk.content))
    assert desk.status() == "in_force"
    assert len(desk.store.signatures.of(desk.content, desk.agreement.parties)) == 2


@on_both
def test_the_database_is_not_believed(desk: Desk) -> None:
    """Who writes approvals into the database brings nothing into force; a changed type is the signed one's."""
    desk.take(signature(desk.b, desk.content))
    with desk.database.write() as connection:
        row = {"agreement_hash": desk.content, "oin": OIN_A, "type": "accept", "received_at": NOW * 1000}
        connection.execute(insert(agreement_signature).values(**row, jws=signature(desk.c, desk.content)))
    assert desk.store.standing(desk.content) == ("unsigned", (OIN_A,))
    with desk.database.write() as connection:
        revoking = signature(desk.a, desk.content, "revoke")
        connection.execute(update(agreement_signature).filter_by(oin=OIN_A).values(jws=revoking))
    assert desk.status() == "revoked"


@on_both
def test_another_process_is_heard_at_once(desk: Desk) -> None:
    """A revocation that came in elsewhere counts from the next look on."""
    for issued in (desk.a, desk.b):
        desk.take(signature(issued, desk.content))
    elsewhere = AgreementStore(Database(str(desk.database.engine.url)), OIN_B, desk.trust())
    assert elsewhere.status(desk.content) == desk.status() == "in_force"
    desk.take(signature(desk.a, desk.content, "revoke"))
    assert elsewhere.status(desk.content) == "revoked"
    with pytest.raises(Refusal) as refusal:
        elsewhere.require_in_force(desk.content)
    assert refusal.value.code == "agreement_revoked"


@on_both
def test_officers_have_the_last_word_before_it_runs(desk: Desk) -> None:
    """What both signed waits for the policy that officers put into force; a revocation waits for nobody."""
    for issued in (desk.a, desk.b):
        desk.take(signature(issued, desk.content))
    active: frozenset[bytes] | None = frozenset()
    store = AgreementStore(desk.database, OIN_B, desk.trust(), lambda: active)
    assert store.status(desk.content) == "not_activated"
    active = frozenset({desk.content})
    assert store.status(desk.content) == "in_force"
    active = None
    assert store.status(desk.content) == "in_force"
    active = frozenset({desk.content})
    desk.take(signature(desk.b, desk.content, "revoke"))
    assert store.status(desk.content) == "revoked"


def test_without_trust_nothing_is_in_force(desk: Desk) -> None:
    """A store that knows no CA believes no signature."""
    for issued in (desk.a, desk.b):
        desk.take(signature(issued, desk.content))
    assert AgreementStore(desk.database, OIN_B).status(desk.content) == "unsigned"


def test_production_trusts_no_development_ca(desk: Desk) -> None:
    """Signatures with development certificates are refused there."""
    store = AgreementStore(desk.database, OIN_B, desk.trust("production"))
    with pytest.raises(Refusal) as refusal:
        store.signatures.checked(signature(desk.a, desk.content), desk.content, desk.agreement.parties, NOW)
    assert refusal.value.code == "development_certificate"


def test_the_hash_that_a_signature_names(desk: Desk) -> None:
    """It is read from the payload, and whatever is no signature names none."""
    assert content_of(signature(desk.a, desk.content)) == desk.content
    for nonsense in ("", "a.b.c", tampered(signature(desk.a, desk.content), contract_content_hash=7)):
        with pytest.raises(Refusal) as refusal:
            content_of(nonsense)
        assert refusal.value.code == "signature_invalid"


# --- certificates of real CAs

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


class Chain:
    """A chain such as PKIoverheid's: root, intermediates, and a node's certificate below them."""

    def __init__(
        self,
        keys: Sequence[Key],
        *,
        largest: int | None = None,
        ca_below: bool = True,
        days: tuple[int, int] = (-2, 20),
    ) -> None:
        self.keys, self.days = keys, days
        self.certificates = [self._made(0, keys[0], keys[0], largest, ca=True)]
        for level in range(1, len(keys)):
            is_ca = level < len(keys) - 1 and (ca_below or level < len(keys) - 2)
            self.certificates.append(self._made(level, keys[level], keys[level - 1], None, ca=is_ca))

    def _made(self, level: int, key: Key, issuer: Key, largest: int | None, *, ca: bool) -> x509.Certificate:
        below = level == len(self.keys) - 1
        names = [x509.NameAttribute(x509.NameOID.COMMON_NAME, f"level {level}")]
        names += [x509.NameAttribute(x509.NameOID.SERIAL_NUMBER, OIN_A)] if below else []
        by = [x509.NameAttribute(x509.NameOID.COMMON_NAME, f"level {max(level - 1, 0)}")]
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(names))
            .issuer_name(x509.Name(by))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) + timedelta(days=self.days[0]))
            .not_valid_after(datetime.now(UTC) + timedelta(days=self.days[1]))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=largest), critical=True)
        )
        return builder.sign(issuer, None if isinstance(issuer, ed25519.Ed25519PrivateKey) else SHA256())

    def text(self, content: bytes, seconds: int = NOW) -> str:
        """The node's signature, with all certificates but the root's."""
        return make(content, "accept", self.keys[-1], self.certificates[:0:-1], seconds, node_key(OIN_A))

    @property
    def pem(self) -> bytes:
        """The root, which is trusted."""
        return self.certificates[0].public_bytes(Encoding.PEM)


def p256() -> Key:
    """A key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


CHAINS: dict[str, Callable[[], list[Key]]] = {
    "RSA with two intermediates": lambda: [rsa.generate_private_key(65537, 2048) for _ in range(4)],
    "P-384 below RSA": lambda: [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP384R1()),
    ],
    "P-521": lambda: [
        p256(),
        ec.generate_private_key(ec.SECP521R1()),
        ec.generate_private_key(ec.SECP521R1()),
    ],
    "Ed25519": lambda: [p256(), p256(), ed25519.Ed25519PrivateKey.generate()],
}


@pytest.mark.parametrize("kind", CHAINS)
def test_chains_of_real_cas(open_desk: Desk, kind: str) -> None:
    """RSA and elliptic curves, with intermediates: the chain that goes along leads to the root in `tls.ca`."""
    chain = Chain(CHAINS[kind]())
    open_desk.tls.ca.write_bytes(chain.pem + open_desk.ca.pem)
    open_desk.take(chain.text(open_desk.content))
    open_desk.take(signature(open_desk.b, open_desk.content))
    assert open_desk.status() == "in_force"


def test_certificates_as_tls_tests_have_them(open_desk: Desk) -> None:
    """Whom TLS lets in can sign: a certificate that browsers would find fault with."""
    root = trustme.CA()
    chain, key, _ = certify(root, OIN_A)
    open_desk.tls.ca.write_bytes(root.cert_pem.bytes() + open_desk.ca.pem)
    private = load_pem_private_key(key, None)
    assert isinstance(private, PrivateKey)
    certificates = x509.load_pem_x509_certificates(chain)
    open_desk.take(make(open_desk.content, "accept", private, certificates, NOW, node_key(OIN_A)))
    assert open_desk.store.standing(open_desk.content).missing == (OIN_B,)


@pytest.mark.parametrize(
    "chain",
    [
        lambda: Chain([p256(), p256(), p256(), p256()], largest=0),
        lambda: Chain([p256(), p256(), p256()], ca_below=False),
    ],
    ids=["path too long", "issued by a node"],
)
def test_chains_that_no_ca_meant(desk: Desk, chain: Callable[[], Chain]) -> None:
    """A CA that may have no CA below it, and a node that made itself one: signature_untrusted."""
    made = chain()
    desk.tls.ca.write_bytes(made.pem)
    assert desk.refused(made.text(desk.content)) == "signature_untrusted"


def test_what_a_signature_looks_like(desk: Desk) -> None:
    """As FSC has it: hash, type and time; the thumbprint of the certificate, the chain, and what the node's key says of
    all of it, in the header."""
    header, payload, _ = parts_of(signature(desk.a, desk.content, seconds=NOW))
    der = desk.a.certificate.public_bytes(Encoding.DER)
    assert payload == {"contract_content_hash": encoded(desk.content), "type": "accept", "signed_at": NOW}
    assert header == {
        "alg": "ES256",
        "typ": TYP,
        "x5t#S256": encoded(sha256(der).digest()),
        "x5c": [b64encode(der).decode()],
        "node": countersigned(desk, der),
    }
