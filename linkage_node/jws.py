"""Compact JWS (RFC 7515) as organisations and officers sign with: JSON in, JSON out, the algorithm chosen by the key.

What the header says of the algorithm is never believed: a key has one, and with another the signature does not hold.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from linkage_node.errors import InputError, Refusal
from linkage_node.limits import (
    SIGNATURE_CHARACTERS,
    SIGNATURE_RSA_BITS,
    SIGNATURE_RSA_BITS_LARGEST,
    SIGNATURE_RSA_EXPONENT,
)

PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
PublicKey = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey
_OF_CURVE = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}


def sign(payload: Mapping[str, Any], key: PrivateKey, header: Mapping[str, Any]) -> str:
    """The payload as compact JWS; `header` goes into the protected header. InputError for a key of another kind."""
    text = json.dumps(dict(payload), separators=(",", ":"), sort_keys=True).encode()
    return PyJWS().encode(text, key, _algorithm(key), headers=dict(header))


def header_of(jws: str) -> dict[str, Any]:
    """The header, of which nothing is verified yet; Refusal("signature_invalid") for what is no JWS."""
    if len(jws) > SIGNATURE_CHARACTERS:
        raise Refusal("signature_invalid", f"more than {SIGNATURE_CHARACTERS} characters")
    try:
        header = PyJWS().get_unverified_header(jws)
        parts = [decoded(part) for part in jws.split(".")]
        json.loads(parts[0], object_pairs_hook=_unique)
    except (PyJWTError, ValueError, RecursionError):
        raise Refusal("signature_invalid", "it is no compact JWS") from None
    return header


def verified(jws: str, key: PublicKey) -> dict[str, Any]:
    """The payload, a JSON object, if `key` signed it; Refusal("signature_invalid"), or as `check_size`."""
    header_of(jws)
    check_size(key)
    try:
        text = PyJWS().decode(jws, key, algorithms=[_algorithm(key)])
        payload = json.loads(text, object_pairs_hook=_unique)
    except (PyJWTError, ValueError, RecursionError):
        raise Refusal("signature_invalid", "the signature does not hold") from None
    if not isinstance(payload, dict):
        raise Refusal("signature_invalid", "what was signed is no JSON object")
    return payload


def check_size(key: object) -> None:
    """Refusal("signature_untrusted") for an RSA key that is too weak, or that costs too much to verify with."""
    if not isinstance(key, RSAPublicKey):
        return
    least, most = SIGNATURE_RSA_BITS, SIGNATURE_RSA_BITS_LARGEST
    if not least <= key.key_size <= most:
        raise Refusal("signature_untrusted", f"an RSA key of {key.key_size} bits, not {least} to {most}")
    if key.public_numbers().e != SIGNATURE_RSA_EXPONENT:
        raise Refusal(
            "signature_untrusted", f"an RSA key with another public exponent than {SIGNATURE_RSA_EXPONENT}"
        )


def encoded(data: bytes) -> str:
    """Base64url without padding, as RFC 7515 has it."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(part: str) -> bytes:
    """What `encoded` wrote. ValueError for a second way to write the same bytes: one signature is one text."""
    data = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if encoded(data) != part:
        raise ValueError("not base64url as RFC 7515 has it")
    return data


def _algorithm(key: PrivateKey | PublicKey) -> str:
    if isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        return "EdDSA"
    if isinstance(key, RSAPrivateKey | RSAPublicKey):
        return "RS256"
    if key.curve.name in _OF_CURVE:
        return _OF_CURVE[key.curve.name]
    raise InputError("file_malformed", "signatures are made with RSA, P-256, P-384, P-521 or Ed25519 keys")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)
