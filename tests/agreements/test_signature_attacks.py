"""Attacks on who signs for an organisation, and on whoever verifies it: each refused, and at a bounded cost."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from math import gcd
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import insert, update

from linkage_node import jws
from linkage_node._generated.linkage.v1.peer_pb2 import AgreementSignatures, ExchangeSignaturesResponse
from linkage_node.agreements import content_hash
from linkage_node.agreements.exchange import SignatureExchange
from linkage_node.agreements.signatures import check_node, content_of, make, read
from linkage_node.agreements.signing import Signing
from linkage_node.agreements.trust import verify_chain
from linkage_node.asking.peer_client import PeerClient
from linkage_node.errors import LinkageError, Refusal
from linkage_node.evidence import EvidenceLog
from linkage_node.evidence.log import read as said_in
from linkage_node.limits import SIGNATURES_ROUND_SECONDS
from linkage_node.node import Node
from linkage_node.peers.card import Card
from linkage_node.storage.tables import agreement_signature
from tests.agreements.test_pace import Clock
from tests.agreements.test_signatures import NOW, Chain, Desk, anew, encoded, key_of, p256, parts_of
from tests.agreements.test_signatures_restored import Line
from tests.integration.world import agreement_text
from tests.nodes import OIN_A, OIN_B, OIN_C, introduce, make_node
from tests.signed import Signer, add_signed, node_key, signature, stolen

SHARED = "shared-clients"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """B, which approved of an agreement with A; it knows the cards of A and C."""
    made = Desk(tmp_path)
    made.take(signature(made.b, made.content))
    yield made
    made.database.close()


# --- another certificate of the organisation


def swapped(desk: Desk, signer: Signer, **said: Any) -> str:
    """What A's node countersigned, on an approval with another certificate or other words."""
    node = parts_of(signature(desk.a, desk.content, seconds=NOW))[0]["node"]
    of_thief = signature(signer, desk.content, seconds=NOW)
    header, payload, _ = parts_of(of_thief)
    return anew(of_thief, signer, header | {"node": node}, payload | said)


NOT_BY_NODE: dict[str, Callable[[Desk], str]] = {
    "another system of A approves": lambda d: signature(stolen(d.folder / "ca", OIN_A), d.content),
    "another system of A revokes": lambda d: signature(stolen(d.folder / "ca", OIN_A), d.content, "revoke"),
    "another system of A rejects": lambda d: signature(stolen(d.folder / "ca", OIN_A), d.content, "reject"),
    "the receiver's node countersigns": lambda d: signature(d.a._replace(node_key=d.b.node_key), d.content),
    "a third node countersigns": lambda d: signature(d.a._replace(node_key=d.c.node_key), d.content),
    "countersignature of another certificate": lambda d: swapped(d, stolen(d.folder / "ca", OIN_A)),
    "countersignature of another type": lambda d: swapped(d, d.a, type="revoke"),
    "countersignature of another moment": lambda d: swapped(d, d.a, signed_at=NOW - 1),
    "an order's kind of signature": lambda d: anew(
        signature(d.a, d.content), d.a, {"node": encoded(d.a.node_key.sign(d.content))}
    ),
    "the receiver's own, by another system of it": lambda d: signature(
        stolen(d.folder / "ca", OIN_B), d.content, "revoke"
    ),
}


@pytest.mark.parametrize("attack", NOT_BY_NODE)
def test_a_certificate_alone_signs_nothing(desk: Desk, attack: str) -> None:
    """Every other certificate of the organisation, of the same CA: neither approves nor ends anything."""
    assert desk.refused(NOT_BY_NODE[attack](desk)) == "signature_not_by_node"
    assert desk.status() == "unsigned"
    desk.take(signature(desk.a, desk.content))
    assert desk.status() == "in_force"


MALFORMED: dict[str, object] = {
    "none": None,
    "a number": 7,
    "a list": ["A" * 86],
    "too short": "AAAA",
    "too long": "A" * 88,
    "padded": "A" * 86 + "==",
    "another way to write it": "A" * 85 + "B",
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_countersignatures_that_are_none(desk: Desk, kind: str) -> None:
    """Of another form: signature_invalid, as is a header without one."""
    assert desk.refused(anew(signature(desk.a, desk.content), desk.a, {"node": MALFORMED[kind]})) == (
        "signature_invalid"
    )


def test_a_header_without_a_countersignature(desk: Desk) -> None:
    """As signatures were before there was one: signature_invalid."""
    header, payload, _ = parts_of(signature(desk.a, desk.content))
    plain = {name: value for name, value in header.items() if name not in ("alg", "node")}
    text = jws.sign(payload, key_of(desk.a), plain)
    assert desk.refused(text) == "signature_invalid"


def test_the_node_key_alone_signs_nothing(desk: Desk) -> None:
    """Who has it, and a certificate of another organisation or CA, is refused as before: both keys are needed."""
    of_c = desk.c._replace(node_key=desk.a.node_key)
    assert desk.refused(signature(of_c, desk.content)) == "signature_by_third_party"
    chain = Chain([p256(), p256()])
    assert desk.refused(chain.text(desk.content)) == "signature_untrusted"


def test_without_a_card_nothing_is_taken_in(desk: Desk) -> None:
    """Nobody can tell whose node signed: peer_unknown, and the way out is its card."""
    desk.peers.remove(OIN_A)
    with pytest.raises(Refusal) as refusal:
        desk.take(signature(desk.a, desk.content))
    assert (refusal.value.code, "peers add" in refusal.value.hint) == ("peer_unknown", True)
    assert "Add its card" in refusal.value.hint


# --- keys that change


def test_certificates_change_and_the_node_stays(desk: Desk) -> None:
    """A new certificate needs no new card, and what the old one signed stays."""
    desk.take(signature(desk.a, desk.content))
    renewed = desk.issued(OIN_A)
    assert renewed.certificate != desk.a.certificate
    assert desk.status() == "in_force"
    desk.take(signature(renewed, desk.content, "revoke"))
    assert desk.status() == "revoked"


@pytest.mark.parametrize("gone", [False, True], ids=["another key", "no card"])
def test_a_partner_with_a_new_key(desk: Desk, gone: bool) -> None:
    """What its node said before stays; from its new card on the old key says nothing any more."""
    desk.take(signature(desk.a, desk.content))
    if gone:
        desk.peers.remove(OIN_A)
        assert desk.status() == "in_force"
    new = Ed25519PrivateKey.generate()
    desk.know(OIN_A, new)
    assert desk.status() == "in_force"
    assert desk.refused(signature(desk.a, desk.content, "revoke")) == "signature_not_by_node"
    desk.take(signature(desk.a._replace(node_key=new), desk.content, "revoke"))
    desk.know(OIN_A, Ed25519PrivateKey.generate())
    assert desk.status() == "revoked"


def test_an_own_approval_in_the_database_needs_the_own_key(desk: Desk) -> None:
    """Who writes the database, and stole a certificate of B's other systems, approves of nothing in B's name."""
    desk.take(signature(desk.a, desk.content))
    forged = signature(stolen(desk.folder / "ca", OIN_B), desk.content)
    with desk.database.write() as connection:
        connection.execute(update(agreement_signature).filter_by(oin=OIN_B).values(jws=forged))
    assert desk.store.standing(desk.content) == ("unsigned", (OIN_B,))
    with desk.database.write() as connection:  # as if the partner had said it
        connection.execute(update(agreement_signature).filter_by(jws=forged).values(oin=OIN_C))
    assert desk.status() == "unsigned"
    (kept,) = (one for one in desk.store.signatures.of(desk.content, desk.agreement.parties) if one.fault)
    assert kept.fault == "signature_not_by_node"


def test_what_a_writer_of_the_database_gains(desk: Desk) -> None:
    """With a stolen certificate of the partner he makes this node believe it approved, as the threat model says; the
    partner's own node does not believe it, and without the certificate neither does this one."""
    row = {"agreement_hash": desk.content, "oin": OIN_A, "type": "accept", "received_at": NOW * 1000}
    of_nobody = Chain([p256(), p256()]).text(desk.content)
    with desk.database.write() as connection:
        connection.execute(insert(agreement_signature).values(**row, jws=of_nobody))
    assert desk.status() == "unsigned"
    text = signature(stolen(desk.folder / "ca", OIN_A), desk.content)
    with desk.database.write() as connection:
        connection.execute(update(agreement_signature).filter_by(jws=of_nobody).values(jws=text))
    assert desk.status() == "in_force"
    with pytest.raises(Refusal) as refusal:
        check_node(read(text, desk.content), node_key(OIN_A).public_key())
    assert refusal.value.code == "signature_not_by_node"


# --- over the line


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """A and B, who both signed an agreement."""
    configs = make_node(tmp_path / "a", OIN_A), make_node(tmp_path / "b", OIN_B)
    introduce(*configs)
    for config in configs:
        with Node.open(config) as node:
            add_signed(node, agreement_text())
    return configs


def test_a_stolen_certificate_revokes_nothing(pair: tuple[Path, Path]) -> None:
    """A webserver's certificate of A, at B's peer face, as A: no revocation, no approval, nothing in the evidence."""
    thief = stolen(pair[0].parent.parent / "dev-ca", OIN_A)
    with Node.open(pair[1]) as b:
        shared, other = b.agreements.get_by_id(SHARED), b.agreements.add(agreement_text(id="other"))
        before = len([*EvidenceLog.of(b).records()])
        for agreement, kind in ((shared, "revoke"), (shared, "reject"), (other, "accept")):
            content = content_hash(agreement)
            with pytest.raises(Refusal) as refusal:
                Line(OIN_A, b).exchange_signatures({content: [signature(thief, content, kind)]})  # type: ignore[arg-type]
            assert refusal.value.code == "signature_not_by_node"
        assert b.agreements.status(content_hash(shared)) == "in_force"
        assert b.agreements.standing(content_hash(other)) == ("unsigned", (OIN_A, OIN_B))
        assert len([*EvidenceLog.of(b).records()]) == before


def test_what_a_node_signs_holds_by_itself(pair: tuple[Path, Path]) -> None:
    """The file that A hands over, and its evidence, are verified with A's certificate and card, and nothing else."""
    with Node.open(pair[0]) as a:
        agreement = a.agreements.add(agreement_text(id="by-file"))
        Signing.of(a).sign(agreement, "accept")
        (text,) = a.agreements.signatures.for_partner(OIN_A, content_hash(agreement), agreement.parties)
        (noted,) = (one for one in map(said_in, EvidenceLog.of(a).records()) if "signed_by" in one)
    assert noted["jws"] == text
    with Node.open(pair[1]) as b:
        check_node(read(text, content_of(text)), b.peers.get(OIN_A).verifying_key())


def test_an_own_approval_is_not_received(pair: tuple[Path, Path]) -> None:
    """It is said to be one's own, not a third party's."""
    with Node.open(pair[0]) as a:
        agreement = a.agreements.add(agreement_text(id="by-file"))
        Signing.of(a).sign(agreement, "accept")
        texts = a.agreements.signatures.for_partner(OIN_A, content_hash(agreement), agreement.parties)
        with pytest.raises(Refusal) as refusal:
            Signing.of(a).take_in(agreement, texts)
    assert refusal.value.code == "signature_own"


class Hostile:
    """A partner that answers each call in its own way, and takes its time."""

    def __init__(self, clock: Clock, seconds: float, answers: Sequence[str]) -> None:
        self.clock, self.seconds, self.answers = clock, seconds, answers
        self.calls, self.asked = 0, Counter[bytes]()

    def exchange_signatures(self, own: Mapping[bytes, Sequence[str]]) -> ExchangeSignaturesResponse:
        """As a PeerClient has it."""
        self.clock.now += self.seconds
        answer = self.answers[self.calls % len(self.answers)]
        self.calls += 1
        self.asked.update(own.keys())
        if answer == "nothing":
            named = [AgreementSignatures(agreement_hash=one) for one in own]
            return ExchangeSignaturesResponse(signatures=named)
        raise Refusal(answer)


def calling(node: Node, partner: Hostile) -> SignatureExchange:
    """A node's side, with a line to such a partner."""

    @contextmanager
    def connect(_card: Card) -> Iterator[PeerClient]:
        yield cast(PeerClient, partner)

    exchange = SignatureExchange.of(node, connect)
    exchange._clock = partner.clock
    return exchange


AGAIN: dict[str, tuple[str, ...]] = {
    "always final": ("signature_final",),
    "final, then nothing": ("signature_final", "nothing"),
    "nothing, then final": ("nothing", "signature_final"),
    "nothing": ("nothing",),
}


@pytest.mark.parametrize("answers", AGAIN)
@pytest.mark.parametrize("ended", [False, True], ids=["approved", "revoked"])
def test_no_answer_makes_a_node_ask_without_end(pair: tuple[Path, Path], answers: str, ended: bool) -> None:
    """Whatever a partner says of one agreement: it is called about it twice, and no more in that round."""
    with Node.open(pair[0]) as a:
        agreement = a.agreements.get_by_id(SHARED)
        if ended:
            Signing.of(a).sign(agreement, "revoke")
        else:
            a.agreements.remove(SHARED)
            Signing.of(a).sign(a.agreements.add(agreement_text(version=2)), "accept")
        partner = Hostile(Clock(), 0, AGAIN[answers])
        calling(a, partner).call(OIN_B)
        assert set(partner.asked.values()) <= {1, 2}
        assert content_hash(a.agreements.list()[0]) in partner.asked


def test_a_slow_partner_ends_the_round(pair: tuple[Path, Path]) -> None:
    """Who takes half a round for each answer is called twice; what waits is brought in the next, and told so."""
    with Node.open(pair[0]) as a:
        for at in range(5):
            Signing.of(a).sign(a.agreements.add(agreement_text(id=f"number-{at}")), "accept")
        partner = Hostile(Clock(), SIGNATURES_ROUND_SECONDS / 2, ["nothing"])
        called = calling(a, partner).call(OIN_B)
    assert partner.calls == 2
    assert {fault.code for fault in called.faults.values()} == {"too_many_calls"}
    assert len(called.faults) == 3


# --- keys that cost time


def costly(bits: int) -> rsa.RSAPrivateKey:
    """An RSA key whose public exponent is as long as the modulus, so that verifying costs what signing does."""
    numbers = rsa.generate_private_key(65537, bits).private_numbers()
    p, q = numbers.p, numbers.q
    phi = (p - 1) * (q - 1)
    e = next(one for one in range(2 ** (bits - 2) + 1, 2 ** (bits - 1), 2) if gcd(one, phi) == 1)
    d = pow(e, -1, phi)
    public = rsa.RSAPublicNumbers(e, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), numbers.iqmp, public).private_key()


@pytest.mark.parametrize("e", [3, 17, 2**16 - 1, 2**16 + 3, 2**64 + 13])
def test_other_exponents_are_refused(e: int) -> None:
    """Only 65537: below it FIPS 186-5 has none, above it they cost time."""
    with pytest.raises(Refusal) as refusal:
        jws.check_size(rsa.RSAPublicNumbers(e, 2**3071 + 1).public_key())
    assert refusal.value.code == "signature_untrusted"
    jws.check_size(rsa.RSAPublicNumbers(65537, 2**3071 + 1).public_key())


def test_a_costly_key_is_not_verified_with(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A self-made chain of costly keys: refused as signer and as CA, before anything is verified with one of them."""
    key = costly(2048)

    def nothing(*_arguments: object, **_named: object) -> None:
        raise AssertionError("verified")

    now = datetime.now(UTC)

    def made(name: str, ca: bool) -> x509.Certificate:
        names = [x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]
        builder = x509.CertificateBuilder().subject_name(x509.Name(names)).public_key(key.public_key())
        builder = builder.issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "CA")]))
        builder = (
            builder.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
        )
        builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
        return builder.sign(key, SHA256())

    chain = [made("leaf", False), *(made("CA", True) for _ in range(5))]
    text = make(desk.content, "revoke", key, chain, NOW, desk.a.node_key)
    assert desk.status() == "unsigned"  # what is kept is verified already
    monkeypatch.setattr("linkage_node.jws.PyJWS.decode", nothing)
    monkeypatch.setattr("linkage_node.agreements.trust.PolicyBuilder", nothing)
    assert desk.refused(text) == "signature_untrusted"
    with pytest.raises(LinkageError) as refusal:
        verify_chain(chain, [desk.ca.certificate], now)
    assert refusal.value.code == "signature_untrusted"
    with pytest.raises(LinkageError) as refusal:
        verify_chain([desk.a.certificate, chain[1]], [desk.ca.certificate], now)
    assert refusal.value.code == "signature_untrusted"
