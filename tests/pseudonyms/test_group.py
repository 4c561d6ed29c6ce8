"""The group against RFC 9496, and everything that claims to be an element and is none."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ctypes import create_string_buffer
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rbcl._sodium import _sodium

from linkage_node.errors import Refusal
from linkage_node.pseudonyms import group, oprf
from linkage_node.pseudonyms.parallel import PIECE_ELEMENTS, in_pieces

ONE = (1).to_bytes(32, "little")
# RFC 9496 appendix A.1: 1·B to 15·B
MULTIPLES = [
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
    "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
    "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
    "da80862773358b466ffadfe0b3293ab3d9fd53c5ea6c955358f568322daf6a57",
    "e882b131016b52c1d3337080187cf768423efccbb517bb495ab812c4160ff44e",
    "f64746d3c92b13050ed8d80236a7f0007c3b3f962f5ba793d19a601ebb1df403",
    "44f53520926ec81fbd5a387845beb7df85a96a24ece18738bdcfa6a7822a176d",
    "903293d8f2287ebe10e2374dc1a53e0bc887e592699f02d077d5263cdd55601c",
    "02622ace8f7303a31cafc63f8fc48fdc16e1c8c8d234b2f0d6685282a9076031",
    "20706fd788b2720a1ed2a5dad4952b01f413bcf0e7564de8cdc816689e2db95f",
    "bce83f8ba5dd2fa572864c24ba1810f9522bc6004afe95877ac73241cafdab42",
    "e4549ee16b9aa03099ca208c67adafcafa4c3f3e4e5303de6026e3ca8ff84460",
    "aa52e000df2e16f55fb1032fc33bc42742dad6bd5a8fc0be0167436c5948501f",
    "46376b80f409b29dc2b5f6f0c52591990896e5716f41477cd30085ab7f10301e",
    "e0c418f7c8d9c4cdd7395b93ea124f3ad99021bb681dfc3302a9d99a2e53e64e",
]
# RFC 9496 appendix A.2, under the RFC's own headings
BAD = {
    "non-canonical": """
00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff
ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
""",
    "negative field element": """
0100000000000000000000000000000000000000000000000000000000000000
01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f
ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20
c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562
c940e5a4404157cfb1628b108db051a8d439e1a421394ec4ebccb9ec92a8ac78
47cfc5497c53dc8e61c91d17fd626ffb1c49e2bca94eed052281b510b1117a24
f1c6165d33367351b0da8f6e4511010c68174a03b6581212c71c0e1d026c3c72
87260f7a2f12495118360f02c26a470f450dadf34a413d21042b43b9d93e1309
""",
    "non-square x^2": """
26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371
4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f
de6a7b00deadc788eb6b6c8d20c0ae96c2f2019078fa604fee5b87d6e989ad87
bcab477be20861e01e4a0e295284146a510150d9817763caf1a6f4b422d67042
2a292df7e32cababbd9de088d1d1abec9fc0440f637ed2fba145094dc14bea08
f4a9e534fc0d216c44b218fa0c42d99635a0127ee2e53c712f70609649fdff22
8268436f8c4126196cf64b3c7ddbda90746a378625f9813dd9b8457077256731
2810e5cbc2cc4d4eece54f61c6f69758e289aa7ab440b3cbeaa21995c2f4232b
""",
    "negative xy": """
3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e
a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220
d483fe813c6ba647ebbfd3ec41adca1c6130c2beeee9d9bf065c8d151c5f396e
8a2e1d30050198c65a54483123960ccc38aef6848e1ec8f5f780e8523769ba32
32888462f8b486c68ad7dd9610be5192bbeaf3b443951ac1a8118419d9fa097b
227142501b9d4355ccba290404bde41575b037693cef1f438c47f8fbf35d1165
5c37cc491da847cfeb9281d407efc41e15144c876e0170b499a96a22ed31e01e
445425117cb8c90edcbc7c1cc0e74f747f2c1efa5630a967c64f287792a48a4b
""",
    "s = -1": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    # what libsodium 1.0.18 would let pass: the identity, and a good element in its second encoding
    "identity": bytes(32).hex(),
    "identity with bit 255": (bytes(31) + b"\x80").hex(),
    "second encoding": "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2df6",
}
BAD_ENCODINGS = [
    pytest.param(bytes.fromhex(text), id=f"{name} {number}")
    for name, texts in BAD.items()
    for number, text in enumerate(texts.split())
]
# RFC 9496 appendix A.3: 64 uniform bytes → element
ONE_WAY = """
5d1be09e3d0c82fc538112490e35701979d99e06ca3e2b5b54bffe8b4dc772c1\
4d98b696a1bbfb5ca32c436cc61c16563790306c79eaca7705668b47dffe5bb6 \
3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46
f116b34b8f17ceb56e8732a60d913dd10cce47a6d53bee9204be8b44f6678b27\
0102a56902e2488c46120e9276cfe54638286b9e4b3cdb470b542d46c2068d38 \
f26e5b6f7d362d2d2a94c5d0e7602cb4773c95a2e5c31a64f133189fa76ed61b
8422e1bbdaab52938b81fd602effb6f89110e1e57208ad12d9ad767e2e25510c\
27140775f9337088b982d83d7fcf0b2fa1edffe51952cbe7365e95c86eaf325c \
006ccd2a9e6867e6a2c5cea83d3302cc9de128dd2a9a57dd8ee7b9d7ffe02826
ac22415129b61427bf464e17baee8db65940c233b98afce8d17c57beeb7876c2\
150d15af1cb1fb824bbd14955f2b57d08d388aab431a391cfc33d5bafb5dbbaf \
f8f0c87cf237953c5890aec3998169005dae3eca1fbb04548c635953c817f92a
165d697a1ef3d5cf3c38565beefcf88c0f282b8e7dbd28544c483432f1cec767\
5debea8ebb4e5fe7d6f6e5db15f15587ac4d4d4a1de7191e0c1ca6664abcc413 \
ae81e7dedf20a497e10c304a765c1767a42d6e06029758d2d7e8ef7cc4c41179
a836e6c9a9ca9f1e8d486273ad56a78c70cf18f0ce10abb1c7172ddd605d7fd2\
979854f47ae1ccf204a33102095b4200e5befc0465accc263175485f0e17ea5c \
e2705652ff9f5e44d3e841bf1c251cf7dddb77d140870d1ab2ed64f1a9ce8628
2cdc11eaeb95daf01189417cdddbf95952993aa9cb9c640eb5058d09702c7462\
2c9965a697a3b345ec24ee56335b556e677b30e6f90ac77d781064f866a3c982 \
80bd07262511cdde4863f8a7434cef696750681cb9510eea557088f76d9e5065
""".strip().splitlines()

scalars = st.integers(1, group.ORDER - 1).map(lambda value: value.to_bytes(32, "little"))


def elements_of(*seeds: int) -> bytes:
    """Elements that differ when their seeds do, packed."""
    return oprf.hash_to_group(seed.to_bytes(8, "big") for seed in seeds)


def number(scalar: bytes) -> int:
    """A scalar as a number."""
    return int.from_bytes(scalar, "little")


def test_small_multiples_of_the_base() -> None:
    """1·B to 15·B are the RFC's, by multiplication of the base, of an element, and by addition."""
    base = total = bytes.fromhex(MULTIPLES[0])
    for factor, expected in enumerate(MULTIPLES, start=1):
        scalar = factor.to_bytes(32, "little")
        assert group.multiply_base(scalar).hex() == expected
        assert group.multiply(scalar, base).hex() == expected
        assert total.hex() == expected
        total = group.add(total, base)


def test_one_way_map() -> None:
    """The map from uniform bytes gives the RFC's elements, in one batch."""
    inputs, expected = zip(*(line.split() for line in ONE_WAY), strict=True)
    assert group.from_uniform(bytes.fromhex("".join(inputs))).hex() == "".join(expected)


GOOD = bytes.fromhex(MULTIPLES[4])
PUBLIC = bytes.fromhex(MULTIPLES[2])  # of the secret 3
EVALUATED = group.multiply((3).to_bytes(32, "little"), GOOD)
PROOF = oprf.prove((3).to_bytes(32, "little"), PUBLIC, GOOD, EVALUATED, (9).to_bytes(32, "little"))
TAKERS: dict[str, Callable[[bytes], object]] = {
    "multiply": partial(group.multiply, ONE),
    "multiply, last of many": lambda bad: group.multiply(ONE, GOOD * 3 + bad),
    "multiply, first of many": lambda bad: group.multiply(ONE, bad + GOOD * 3),
    "multiply_each": lambda bad: group.multiply_each(ONE * 2, GOOD + bad),
    "add, left": lambda bad: group.add(bad, GOOD),
    "add, right": lambda bad: group.add(GOOD, bad),
    "prove, blinded": lambda bad: oprf.prove(ONE, PUBLIC, bad, GOOD, ONE),
    "verify_proof, public key": lambda bad: oprf.verify_proof(bad, GOOD, EVALUATED, PROOF),
    "verify_proof, blinded": lambda bad: oprf.verify_proof(PUBLIC, bad, EVALUATED, PROOF),
    "verify_proof, evaluated": lambda bad: oprf.verify_proof(PUBLIC, GOOD, bad, PROOF),
}


@pytest.mark.parametrize("bad", BAD_ENCODINGS)
@pytest.mark.parametrize("taker", TAKERS)
def test_bad_encodings_are_refused(taker: str, bad: bytes) -> None:
    """Every function that takes elements refuses every bad encoding of the RFC, the identity and bit 255."""
    with pytest.raises(Refusal) as caught:
        TAKERS[taker](bad)
    assert caught.value.code == "element_invalid"


def test_libsodium_alone_would_take_a_second_encoding() -> None:
    """The check of bit 255 is needed: libsodium multiplies a second encoding as if it were the first."""
    multiply = _sodium["crypto_scalarmult_ristretto255"]
    out = create_string_buffer(32)
    assert multiply(out, ONE, GOOD[:31] + bytes([GOOD[31] | 0x80])) == 0
    assert out.raw == GOOD


@pytest.mark.parametrize("length", [1, 31, 33, 63, 65])
def test_parts_of_elements_are_refused(length: int) -> None:
    """Bytes that are not whole elements are no elements."""
    with pytest.raises(Refusal) as caught:
        group.multiply(ONE, (GOOD * 3)[:length])
    assert caught.value.code == "element_invalid"


def test_nothing_in_nothing_out() -> None:
    """An empty batch is no error: a tag set moves on when nothing changed."""
    assert group.multiply(ONE, b"") == group.multiply_each(b"", b"") == group.invert_each(b"", ONE) == b""


@given(st.lists(st.tuples(scalars, st.integers(0, 2**32)), min_size=1, max_size=6))
def test_batches_equal_single_results(pairs: list[tuple[bytes, int]]) -> None:
    """A batch gives what each would give alone, in the same order."""
    factors = [factor for factor, _ in pairs]
    elements = [elements_of(seed) for _, seed in pairs]
    together = group.multiply(factors[0], b"".join(elements))
    assert together == b"".join(group.multiply(factors[0], element) for element in elements)
    each = group.multiply_each(b"".join(factors), b"".join(elements))
    assert each == b"".join(map(group.multiply, factors, elements))


@given(st.lists(scalars, max_size=8), scalars)
def test_invert_each(values: list[bytes], factor: bytes) -> None:
    """Every inverse is the one that arithmetic modulo the order gives, whatever stands beside it."""
    inverted = group.invert_each(b"".join(values), factor)
    expected = [pow(number(factor) * number(value), -1, group.ORDER) for value in values]
    assert [number(inverted[at : at + 32]) for at in range(0, len(inverted), 32)] == expected


@given(scalars, scalars)
def test_scalars_are_numbers_modulo_the_order(left: bytes, right: bytes) -> None:
    """Products, differences and inverses of scalars are those of numbers modulo the group order."""
    assert number(group.multiply_scalars(left, right)) == number(left) * number(right) % group.ORDER
    assert number(group.subtract_scalars(left, right)) == (number(left) - number(right)) % group.ORDER
    assert number(group.invert_scalar(left)) == pow(number(left), -1, group.ORDER)


@pytest.mark.parametrize("zero", [bytes(32), group.ORDER.to_bytes(32, "little")], ids=["0", "order"])
def test_zero_scalars_go_no_further(zero: bytes) -> None:
    """Zero, also written as the group order, neither multiplies nor inverts."""
    with pytest.raises(Refusal):
        group.multiply(zero, GOOD)
    with pytest.raises(ValueError, match="zero scalar"):
        group.multiply_base(zero)
    with pytest.raises(ValueError, match="zero scalar"):
        group.reduce_scalars(zero + bytes(32))
    with pytest.raises(ValueError, match="zero scalar"):
        group.invert_scalar(bytes(32))


@pytest.mark.parametrize("count", [0, 1, PIECE_ELEMENTS, PIECE_ELEMENTS + 1, 5 * PIECE_ELEMENTS - 1])
def test_pieces_come_back_in_order(count: int) -> None:
    """Work that several threads share comes back in the order in which it went in, inputs side by side."""
    left, right = os.urandom(count * 32), os.urandom(count * 32)

    def xor(one: bytes, other: bytes) -> bytes:
        return bytes(a ^ b for a, b in zip(one, other, strict=True))

    with ThreadPoolExecutor(4) as executor:
        assert in_pieces(executor, xor, left, right) == xor(left, right)


def test_threads_do_not_disturb_each_other() -> None:
    """Many threads at once multiply as one does alone."""
    elements = elements_of(*range(64))
    factors = [group.random_scalar() for _ in range(16)]
    with ThreadPoolExecutor(8) as executor:
        together = list(executor.map(partial(group.multiply, elements=elements), factors))
    assert together == [group.multiply(factor, elements) for factor in factors]


def test_no_library_stays_in_the_temporary_folder(tmp_path: Path) -> None:
    """rbcl leaves a copy of libsodium in the temporary folder at every start; the node takes it away."""
    code = (
        "import os; from rbcl._sodium import lib_path; assert os.path.exists(lib_path);"
        "import linkage_node.pseudonyms.group; assert not os.path.exists(lib_path)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert list(tmp_path.iterdir()) == []
