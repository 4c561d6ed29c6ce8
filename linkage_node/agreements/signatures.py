"""A signature under an agreement: what it says, how it is made, and when it holds. As FSC signs contracts: compact JWS.

Payload: the agreement's content hash, accept, reject or revoke, and when. The certificate chain goes along in the
header (x5c), so that a signature can be judged, and handed over in a file, by itself. So does a second signature, with
the key of the node (`node`): an organisation has many certificates, and only one node that signs for it.
"""

import json
from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple, get_args

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from linkage_node import jws
from linkage_node.agreements.standing import SignatureType
from linkage_node.agreements.trust import Trust
from linkage_node.errors import LinkageError, Refusal
from linkage_node.limits import SIGNATURE_CHAIN, SIGNATURE_SKEW_SECONDS
from linkage_node.peers.certificates import oin_of
from linkage_node.pseudonyms.sealing import length_prefixed

TYP = "linkage-agreement+jws"
TYPES: tuple[SignatureType, ...] = get_args(SignatureType)
_HASH, _TYPE, _SIGNED_AT = "contract_content_hash", "type", "signed_at"
_NODE, _NODE_BYTES = "node", 64  # of an Ed25519 signature (RFC 8032)
_LABEL = b"linkage-agreement node"  # the same key signs orders, receipts and the evidence's head, each under its own
_HEADER = {
    "alg",
    "typ",
    "x5t#S256",
    "x5c",
    _NODE,
}  # nothing else: no key or address of the signer's own choosing


class Signature(NamedTuple):
    """What one organisation signed. Made by `read` only: whoever has one knows that its certificate's key signed it."""

    content: bytes  # hash of the agreement
    type: SignatureType
    signed_at: int  # seconds since 1970-01-01 UTC, by the signer's clock
    oin: str  # in the certificate
    chain: tuple[x509.Certificate, ...]  # the signer's own first
    node: bytes  # 64: the node's Ed25519 signature, which `check_node` verifies
    text: str  # the JWS

    @property
    def thumbprint(self) -> str:
        """SHA-256 of the signer's certificate, 64 hexadecimal digits."""
        return _thumbprint(self.chain[0]).hex()


def make(
    content: bytes,
    signature: SignatureType,
    key: jws.PrivateKey,
    chain: Sequence[x509.Certificate],
    seconds: int,
    node_key: Ed25519PrivateKey,
) -> str:
    """A new signature. `chain` from the signer's own certificate upwards; `seconds` since 1970-01-01 UTC; `node_key` is
    the one that the organisation's card publishes."""
    thumbprint = _thumbprint(chain[0])
    header = {
        "typ": TYP,
        "x5t#S256": jws.encoded(thumbprint),
        "x5c": [b64encode(_der(one)).decode() for one in chain],
        _NODE: jws.encoded(node_key.sign(_covered(content, signature, seconds, thumbprint))),
    }
    return jws.sign({_HASH: jws.encoded(content), _TYPE: signature, _SIGNED_AT: seconds}, key, header)


def content_of(text: str) -> bytes:
    """The content hash that a signature says it is about; nothing is verified yet. Refusal("signature_invalid")."""
    jws.header_of(text)
    try:
        payload = json.loads(urlsafe_b64decode(text.split(".")[1] + "=="))
        return urlsafe_b64decode(payload[_HASH] + "==")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refusal("signature_invalid", "it names no agreement") from None


def read(text: str, content: bytes) -> Signature:
    """The signature in `text` under the agreement with this content hash, made with the key of its certificate.

    Whose certificate that is, whether it is trusted, and whether it was the organisation's node that signed, say
    `check_signer`, `check_trust` and `check_node`.
    Refusal("signature_invalid") for any other form, hash or key; Refusal("certificate_without_oin"); an RSA key that
    is too weak or too large: Refusal("signature_untrusted").
    """
    header = jws.header_of(text)
    chain = _chain(header)
    key = chain[0].public_key()
    if not isinstance(key, Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey):
        raise _invalid("a key of another kind")
    try:
        payload = jws.verified(text, key)
    except Refusal:
        raise
    except LinkageError as error:  # a curve that nobody signs with
        raise _invalid(error.detail) from None
    if payload.keys() != {_HASH, _TYPE, _SIGNED_AT} or payload[_TYPE] not in TYPES:
        raise _invalid("it says something else than accept, reject or revoke")
    signed_at = payload[_SIGNED_AT]
    if type(signed_at) is not int or not 0 <= signed_at < 2**33:
        raise _invalid("signed_at is no time")
    if payload[_HASH] != jws.encoded(content):
        raise _invalid("it is under another text")
    return Signature(content, payload[_TYPE], signed_at, oin_of(chain[0]), chain, _node(header), text)


def check_signer(signature: Signature, signers: frozenset[str]) -> None:
    """Refusal("signature_by_third_party") unless one of these organisations signed."""
    if signature.oin not in signers:
        raise Refusal("signature_by_third_party", f"OIN {signature.oin}")


def check_sender(signature: Signature, sender: str, receiver: str) -> None:
    """Refusal("signature_by_third_party") unless the sender signed; of what ends an agreement, either of the two."""
    final = signature.type != "accept"
    check_signer(signature, frozenset({sender, receiver} if final else {sender}))


def check_node(signature: Signature, key: Ed25519PublicKey) -> None:
    """Refusal("signature_not_by_node") unless the node with this key signed too."""
    signed = _covered(signature.content, signature.type, signature.signed_at, _thumbprint(signature.chain[0]))
    try:
        key.verify(signature.node, signed)
    except InvalidSignature:
        raise Refusal("signature_not_by_node", f"OIN {signature.oin}") from None


def check_trust(signature: Signature, trust: Trust, seconds: int) -> None:
    """Whether the certificate was good when this was signed, and when it came in (`seconds` since 1970-01-01 UTC).

    Refusal("signature_outdated") for a time that cannot be, Refusal("signature_untrusted").
    """
    signed_at, begins = signature.signed_at, signature.chain[0].not_valid_before_utc
    if signed_at > seconds + SIGNATURE_SKEW_SECONDS:
        raise Refusal("signature_outdated", f"signed on {_day(signed_at)}, and now it is {_day(seconds)}")
    if signed_at < begins.timestamp():
        raise Refusal(
            "signature_outdated", f"signed on {_day(signed_at)}, with a certificate of {begins:%Y-%m-%d}"
        )
    for moment in (min(signed_at, seconds), seconds):
        trust.check(signature.chain, moment)


def _chain(header: Mapping[str, Any]) -> tuple[x509.Certificate, ...]:
    if header.keys() != _HEADER or header["typ"] != TYP:
        raise _invalid("the header is not that of a signature under an agreement")
    ders = header["x5c"]
    if not isinstance(ders, list) or not 1 <= len(ders) <= SIGNATURE_CHAIN:
        raise _invalid("x5c is no certificate chain")
    try:
        chain = tuple(x509.load_der_x509_certificate(b64decode(der, validate=True)) for der in ders)
        for one in chain:
            # each is parsed when it is asked for, and fails then
            _ = one.public_key(), one.subject, one.issuer, one.not_valid_before_utc, one.not_valid_after_utc
    except (ValueError, TypeError, OverflowError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise _invalid("x5c is no certificate chain") from None
    if header["x5t#S256"] != jws.encoded(_thumbprint(chain[0])):
        raise _invalid("x5t#S256 is not the thumbprint of the certificate")
    return chain


def _node(header: Mapping[str, Any]) -> bytes:
    try:
        signed = jws.decoded(header[_NODE])
    except (ValueError, TypeError, AttributeError):
        signed = b""
    if len(signed) != _NODE_BYTES:
        raise _invalid("the header has no signature of a node")
    return signed


def _covered(content: bytes, signature: SignatureType, seconds: int, thumbprint: bytes) -> bytes:
    """What the node's key signs: all of the payload, and the certificate beside it."""
    return length_prefixed(_LABEL, content, signature.encode(), str(seconds).encode(), thumbprint)


def _invalid(what: str) -> Refusal:
    return Refusal("signature_invalid", what)


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _thumbprint(certificate: x509.Certificate) -> bytes:
    return sha256(_der(certificate)).digest()


def _day(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
