"""RFC 9497 with suite ristretto255-SHA512 in mode 0x01 (VOPRF): hash to group and scalar, keys, batched DLEQ proofs.

Blind and unblind are scalar multiplications (`group`); Finalize is replaced by `tags`, because a node no longer has
the input that RFC 9497 hashes along.
"""

import hashlib
from collections.abc import Iterable

from linkage_node.errors import Refusal
from linkage_node.limits import ELEMENT_BYTES, SUITE
from linkage_node.pseudonyms import group

CONTEXT = b"OPRFV1-\x01-" + SUITE.encode()
SEED_BYTES = 32
PROOF_BYTES = 64
_BLOCK = 128  # bytes of a SHA-512 input block


def _expand(message: bytes, domain: bytes) -> bytes:
    """expand_message_xmd (RFC 9380 section 5.3.1) with SHA-512 to 64 bytes, which is one block."""
    suffix = domain + bytes([len(domain)])
    first = hashlib.sha512(bytes(_BLOCK) + message + b"\x00\x40\x00" + suffix).digest()
    return hashlib.sha512(first + b"\x01" + suffix).digest()


def hash_to_group(messages: Iterable[bytes]) -> bytes:
    """HashToGroup of every message: packed elements, 32 bytes each."""
    domain = b"HashToGroup-" + CONTEXT
    return group.from_uniform(b"".join(_expand(message, domain) for message in messages))


def _hash_to_scalar(message: bytes, domain: bytes = b"HashToScalar-" + CONTEXT) -> bytes:
    return group.reduce_scalars(_expand(message, domain))


def derive_key_pair(seed: bytes, info: bytes) -> tuple[bytes, bytes]:
    """DeriveKeyPair (section 3.2.1): secret scalar and public element, 32 bytes each, from a seed of 32 bytes."""
    if len(seed) != SEED_BYTES:
        raise ValueError("a seed has 32 bytes")
    # The section repeats with a counter while the scalar is zero, which no one will ever see; reduce_scalars raises.
    secret = _hash_to_scalar(seed + _prefixed(info) + b"\x00", b"DeriveKeyPair" + CONTEXT)
    return secret, group.multiply_base(secret)


def _prefixed(part: bytes) -> bytes:
    return len(part).to_bytes(2, "big") + part


def _composites(public_key: bytes, blinded: bytes, evaluated: bytes) -> list[bytes]:
    """The weights d_i of ComputeComposites (section 2.2.1)."""
    seed = hashlib.sha512(_prefixed(public_key) + _prefixed(b"Seed-" + CONTEXT)).digest()
    return [
        _hash_to_scalar(
            _prefixed(seed)
            + index.to_bytes(2, "big")
            + _prefixed(blinded[at : at + ELEMENT_BYTES])
            + _prefixed(evaluated[at : at + ELEMENT_BYTES])
            + b"Composite"
        )
        for index, at in enumerate(range(0, len(blinded), ELEMENT_BYTES))
    ]


def _weighted_sum(weights: list[bytes], elements: bytes) -> bytes:
    products = group.multiply_each(b"".join(weights), elements)
    total = products[:ELEMENT_BYTES]
    for at in range(ELEMENT_BYTES, len(products), ELEMENT_BYTES):
        total = group.add(total, products[at : at + ELEMENT_BYTES])
    return total


def _challenge(public_key: bytes, composite: bytes, evaluated: bytes, *commitments: bytes) -> bytes:
    transcript = b"".join(_prefixed(part) for part in (public_key, composite, evaluated, *commitments))
    return _hash_to_scalar(transcript + b"Challenge")


def prove(secret: bytes, public_key: bytes, blinded: bytes, evaluated: bytes, random_scalar: bytes) -> bytes:
    """GenerateProof (section 2.2.1) that every evaluated_i = secret · blinded_i: 64 bytes.

    At most 65,535 elements; `random_scalar` is fresh and secret.
    """
    composite = _weighted_sum(_composites(public_key, blinded, evaluated), blinded)
    product = group.multiply(secret, composite)
    commitments = group.multiply_base(random_scalar), group.multiply(random_scalar, composite)
    challenge = _challenge(public_key, composite, product, *commitments)
    return challenge + group.subtract_scalars(random_scalar, group.multiply_scalars(challenge, secret))


def verify_proof(public_key: bytes, blinded: bytes, evaluated: bytes, proof: bytes) -> None:
    """VerifyProof (section 2.2.2); Refusal("proof_invalid") when it does not hold."""
    if len(proof) != PROOF_BYTES or len(blinded) != len(evaluated) or not blinded:
        raise Refusal("proof_invalid", "wrong length")
    challenge, response = proof[:32], proof[32:]
    for scalar in (challenge, response):
        if not 0 < int.from_bytes(scalar, "little") < group.ORDER:
            raise Refusal("proof_invalid", "not a canonical scalar")
    weights = _composites(public_key, blinded, evaluated)
    composite, product = _weighted_sum(weights, blinded), _weighted_sum(weights, evaluated)
    first = group.add(group.multiply_base(response), group.multiply(challenge, public_key))
    second = group.add(group.multiply(response, composite), group.multiply(challenge, product))
    if challenge != _challenge(public_key, composite, product, first, second):
        raise Refusal("proof_invalid")
