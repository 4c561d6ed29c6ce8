"""RFC 9497's own vectors of ristretto255-SHA512 in mode 1 (VOPRF), and proofs that do not hold."""

import json
from typing import Any

import pytest

from linkage_node.errors import Refusal
from linkage_node.limits import ELEMENT_BYTES
from linkage_node.pseudonyms import group, oprf
from tests.conftest import SHARED


def read_suite() -> dict[str, Any]:
    """The published vectors of the one suite and mode that nodes use."""
    suites = json.loads((SHARED / "vectors" / "rfc9497.json").read_text())
    found: dict[str, Any] = next(
        suite for suite in suites if suite["identifier"] == "ristretto255-SHA512" and suite["mode"] == 1
    )
    return found


SUITE = read_suite()
SECRET, PUBLIC = bytes.fromhex(SUITE["skSm"]), bytes.fromhex(SUITE["pkSm"])
VECTORS = [pytest.param(vector, id=f"{at}") for at, vector in enumerate(SUITE["vectors"])]


def packed(text: str) -> bytes:
    """A batch of the vectors, which stand with commas between them."""
    return bytes.fromhex(text.replace(",", ""))


def test_all_vectors_are_there() -> None:
    """The file holds two single evaluations and a batch of two."""
    assert [vector["Batch"] for vector in SUITE["vectors"]] == [1, 1, 2]


def test_derive_key_pair() -> None:
    """The key pair of the published seed and info is the published one."""
    seed, info = bytes.fromhex(SUITE["seed"]), bytes.fromhex(SUITE["keyInfo"])
    assert oprf.derive_key_pair(seed, info) == (SECRET, PUBLIC)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_seeds_have_32_bytes(length: int) -> None:
    """A seed of another length gives no key."""
    with pytest.raises(ValueError, match="32 bytes"):
        oprf.derive_key_pair(bytes(length), b"")


@pytest.mark.parametrize("vector", VECTORS)
def test_blind_evaluate_and_unblind(vector: dict[str, Any]) -> None:
    """Blinding and evaluating give the published elements; unblinding gives what no blind would have given."""
    inputs = [bytes.fromhex(text) for text in vector["Input"].split(",")]
    blinds, hashed = packed(vector["Blind"]), oprf.hash_to_group(inputs)
    blinded = group.multiply_each(blinds, hashed)
    assert blinded == packed(vector["BlindedElement"])
    evaluated = group.multiply(SECRET, blinded)
    assert evaluated == packed(vector["EvaluationElement"])
    unblinded = group.multiply_each(group.invert_each(blinds, (1).to_bytes(32, "little")), evaluated)
    assert unblinded == group.multiply(SECRET, hashed)


@pytest.mark.parametrize("vector", VECTORS)
def test_finalize_hashes_the_unblinded_element(vector: dict[str, Any]) -> None:
    """The published outputs are the RFC's hash over our unblinded elements, so these are the RFC's too."""
    from hashlib import sha512

    inputs = [bytes.fromhex(text) for text in vector["Input"].split(",")]
    for text, output in zip(inputs, vector["Output"].split(","), strict=True):
        element = group.multiply(SECRET, oprf.hash_to_group([text]))
        framed = b"".join(len(part).to_bytes(2, "big") + part for part in (text, element))
        assert sha512(framed + b"Finalize").hexdigest() == output


@pytest.mark.parametrize("vector", VECTORS)
def test_proofs(vector: dict[str, Any]) -> None:
    """With the published randomness the proof is the published one, and it verifies."""
    blinded, evaluated = packed(vector["BlindedElement"]), packed(vector["EvaluationElement"])
    proof = oprf.prove(SECRET, PUBLIC, blinded, evaluated, bytes.fromhex(vector["Proof"]["r"]))
    assert proof.hex() == vector["Proof"]["proof"]
    oprf.verify_proof(PUBLIC, blinded, evaluated, proof)


BLINDED, EVALUATED = (packed(SUITE["vectors"][2][name]) for name in ("BlindedElement", "EvaluationElement"))
PROOF = bytes.fromhex(SUITE["vectors"][2]["Proof"]["proof"])
OTHER = group.multiply_base((5).to_bytes(32, "little"))


def swapped(elements: bytes) -> bytes:
    """Two elements the other way round."""
    return elements[ELEMENT_BYTES:] + elements[:ELEMENT_BYTES]


def plus_order(scalar: bytes) -> bytes:
    """The same scalar in another encoding."""
    return (int.from_bytes(scalar, "little") + group.ORDER).to_bytes(32, "little")


FORGERIES: dict[str, tuple[bytes, bytes, bytes, bytes]] = {
    "another public key": (OTHER, BLINDED, EVALUATED, PROOF),
    "another blinded element": (PUBLIC, BLINDED[:32] + OTHER, EVALUATED, PROOF),
    "another evaluated element": (PUBLIC, BLINDED, EVALUATED[:32] + OTHER, PROOF),
    "evaluated elements swapped": (PUBLIC, BLINDED, swapped(EVALUATED), PROOF),
    "both swapped": (PUBLIC, swapped(BLINDED), swapped(EVALUATED), PROOF),
    "only the first": (PUBLIC, BLINDED[:32], EVALUATED[:32], PROOF),
    "one evaluated too few": (PUBLIC, BLINDED, EVALUATED[:32], PROOF),
    "nothing": (PUBLIC, b"", b"", PROOF),
    "challenge changed": (PUBLIC, BLINDED, EVALUATED, bytes([PROOF[0] ^ 1]) + PROOF[1:]),
    "response changed": (PUBLIC, BLINDED, EVALUATED, PROOF[:32] + bytes([PROOF[32] ^ 1]) + PROOF[33:]),
    "challenge and response swapped": (PUBLIC, BLINDED, EVALUATED, PROOF[32:] + PROOF[:32]),
    "challenge not canonical": (PUBLIC, BLINDED, EVALUATED, plus_order(PROOF[:32]) + PROOF[32:]),
    "response not canonical": (PUBLIC, BLINDED, EVALUATED, PROOF[:32] + plus_order(PROOF[32:])),
    "zeros": (PUBLIC, BLINDED, EVALUATED, bytes(64)),
    "too short": (PUBLIC, BLINDED, EVALUATED, PROOF[:63]),
    "too long": (PUBLIC, BLINDED, EVALUATED, PROOF + b"\0"),
    "none": (PUBLIC, BLINDED, EVALUATED, b""),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_proofs_are_refused(forgery: str) -> None:
    """A proof holds for exactly one key, one list of elements and one list of answers."""
    with pytest.raises(Refusal) as caught:
        oprf.verify_proof(*FORGERIES[forgery])
    assert caught.value.code == "proof_invalid"


def test_a_proof_cannot_cover_one_wrong_answer_among_many() -> None:
    """A provider that evaluates a single element of a batch under another key cannot prove the batch."""
    blinded = oprf.hash_to_group(bytes([at]) for at in range(20))
    evaluated = group.multiply(SECRET, blinded)
    cheated = evaluated[: 7 * 32] + group.multiply((9).to_bytes(32, "little"), blinded[7 * 32 : 8 * 32])
    cheated += evaluated[8 * 32 :]
    with pytest.raises(Refusal) as caught:
        oprf.verify_proof(
            PUBLIC, blinded, cheated, oprf.prove(SECRET, PUBLIC, blinded, cheated, group.random_scalar())
        )
    assert caught.value.code == "proof_invalid"
