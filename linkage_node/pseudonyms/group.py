"""Ristretto255 (RFC 9496) by libsodium, in batches of packed 32-byte elements: the only module that touches rbcl.

libsodium 1.0.18 takes two encodings it should not: one with bit 255 set, and the identity. Every function here
refuses both, then leaves negative, over-p and off-curve encodings to libsodium. A refusal is
`Refusal("element_invalid")`; scalars are 32 bytes, little-endian, below the group order.
"""

import contextlib
import ctypes
import os
from collections.abc import Callable

import numpy as np
from rbcl._sodium import _sodium as _bundled
from rbcl._sodium import lib_path as _bundled_path

from linkage_node.errors import Refusal
from linkage_node.limits import ELEMENT_BYTES
from linkage_node.pseudonyms import scalars

SCALAR_BYTES, ORDER = scalars.SCALAR_BYTES, scalars.ORDER
UNIFORM_BYTES = 64


def _load() -> ctypes.CDLL:
    library: ctypes.CDLL = _bundled
    library.sodium_init()
    with contextlib.suppress(
        OSError
    ):  # rbcl leaves a copy of the library in the temporary folder at every start
        os.unlink(_bundled_path)
    return library


_sodium = _load()


def _function(name: str, *arguments: type) -> Callable[..., int]:
    function = _sodium[name]  # indexing gives a function object of our own: rbcl's keeps its argument types
    function.argtypes = arguments
    function.restype = ctypes.c_int
    return function


_pointer, _bytes = ctypes.c_void_p, ctypes.c_char_p
_scalarmult = _function("crypto_scalarmult_ristretto255", _pointer, _pointer, _pointer)
_scalarmult_base = _function("crypto_scalarmult_ristretto255_base", _pointer, _pointer)
_from_hash = _function("crypto_core_ristretto255_from_hash", _pointer, _pointer)
_add = _function("crypto_core_ristretto255_add", _pointer, _bytes, _bytes)
_scalar_reduce = _function("crypto_core_ristretto255_scalar_reduce", _pointer, _pointer)
_scalar_mul = _function("crypto_core_ristretto255_scalar_mul", _pointer, _pointer, _pointer)
_scalar_sub = _function("crypto_core_ristretto255_scalar_sub", _pointer, _bytes, _bytes)
_scalar_invert = _function("crypto_core_ristretto255_scalar_invert", _pointer, _bytes)


_ONE = b"\x01" + bytes(SCALAR_BYTES - 1)  # the scalar


def _buffer(data: bytes | bytearray) -> tuple[ctypes.Array[ctypes.c_char], int]:
    """A buffer that C may read, or write when it is a bytearray, and its address."""
    if isinstance(data, bytearray):
        view = (ctypes.c_char * len(data)).from_buffer(data)
    else:
        view = ctypes.create_string_buffer(data, len(data))
    return view, ctypes.addressof(view)


def check_encoding(elements: bytes) -> None:
    """Refuse what libsodium would let pass: a wrong length, bit 255, the identity."""
    if len(elements) % ELEMENT_BYTES:
        raise Refusal("element_invalid", f"{len(elements)} bytes are not whole elements")
    rows = np.frombuffer(elements, dtype="<u8").reshape(-1, 4)
    if (rows[:, 3] >> 63).any():
        raise Refusal("element_invalid", "second encoding (bit 255)")
    if not rows.any(axis=1).all():
        raise Refusal("element_invalid", "identity")


def check_element(element: bytes) -> None:
    """Refuse what is not the encoding of one element, 32 bytes: it is decoded to see."""
    multiply(_ONE, element)


def multiply(scalar: bytes, elements: bytes) -> bytes:
    """scalar · E for every element: n·32 bytes in, n·32 bytes out, in the same order."""
    return _multiply(scalar, 0, elements)


def multiply_each(scalars: bytes, elements: bytes) -> bytes:
    """scalar_i · E_i: n·32 bytes of scalars and n·32 bytes of elements in, n·32 bytes out."""
    if len(scalars) != len(elements):
        raise ValueError("as many scalars as elements")
    return _multiply(scalars, SCALAR_BYTES, elements)


def _multiply(scalars: bytes, step: int, elements: bytes) -> bytes:
    check_encoding(elements)
    out = bytearray(len(elements))
    out_view, to = _buffer(out)
    in_view, at = _buffer(elements)
    scalar_view, scalar = _buffer(scalars)
    for offset in range(0, len(elements), ELEMENT_BYTES):
        # a zero scalar and an invalid element both end here; a zero scalar never comes this far
        if _scalarmult(to + offset, scalar, at + offset):
            raise Refusal("element_invalid", "not a canonical encoding")
        scalar += step
    del out_view, in_view, scalar_view  # kept alive until here
    return bytes(out)


def multiply_base(scalar: bytes) -> bytes:
    """scalar · G, 32 bytes."""
    out = ctypes.create_string_buffer(ELEMENT_BYTES)
    if _scalarmult_base(out, scalar):
        raise ValueError("zero scalar")
    return out.raw


def multiply_base_each(scalars: bytes) -> bytes:
    """scalar_i · G: n·32 bytes in, n·32 bytes out. ValueError for a zero scalar."""
    out = bytearray(len(scalars))
    out_view, to = _buffer(out)
    in_view, at = _buffer(scalars)
    for offset in range(0, len(scalars), SCALAR_BYTES):
        if _scalarmult_base(to + offset, at + offset):
            raise ValueError("zero scalar")
    del out_view, in_view  # kept alive until here
    return bytes(out)


def add(left: bytes, right: bytes) -> bytes:
    """left + right, 32 bytes each."""
    check_encoding(left + right)
    out = ctypes.create_string_buffer(ELEMENT_BYTES)
    if _add(out, left, right):
        raise Refusal("element_invalid", "not a canonical encoding")
    return out.raw


def from_uniform(uniform: bytes) -> bytes:
    """The one-way map of RFC 9496 section 4.3.4: n·64 uniform bytes in, n·32 bytes of elements out."""
    return _each(_from_hash, uniform, UNIFORM_BYTES)


def reduce_scalars(uniform: bytes) -> bytes:
    """Uniform scalars: n·64 uniform bytes in, n·32 bytes out. ValueError should one be zero (2^-252)."""
    scalars = _each(_scalar_reduce, uniform, UNIFORM_BYTES)
    if not np.frombuffer(scalars, dtype="<u8").reshape(-1, 4).any(axis=1).all():
        raise ValueError("zero scalar")
    return scalars


def _each(function: Callable[..., int], data: bytes, width: int) -> bytes:
    count = len(data) // width
    out = bytearray(count * ELEMENT_BYTES)
    out_view, to = _buffer(out)
    in_view, at = _buffer(data)
    for index in range(count):
        function(to + index * ELEMENT_BYTES, at + index * width)
    del out_view, in_view  # kept alive until here
    return bytes(out)


def multiply_scalars(left: bytes, right: bytes) -> bytes:
    """left · right modulo the group order, 32 bytes each."""
    out = ctypes.create_string_buffer(SCALAR_BYTES)
    _scalar_mul(out, left, right)
    return out.raw


def subtract_scalars(left: bytes, right: bytes) -> bytes:
    """left - right modulo the group order, 32 bytes each."""
    out = ctypes.create_string_buffer(SCALAR_BYTES)
    _scalar_sub(out, left, right)
    return out.raw


def invert_scalar(scalar: bytes) -> bytes:
    """1 / scalar modulo the group order. ValueError for zero."""
    out = ctypes.create_string_buffer(SCALAR_BYTES)
    if _scalar_invert(out, scalar):
        raise ValueError("zero scalar")
    return out.raw


def invert_each(scalars: bytes, factor: bytes) -> bytes:
    """1 / (factor · scalar_i) for every scalar, with one inversion for all (Montgomery's trick).

    n·32 bytes in, n·32 bytes out; no scalar may be zero.
    """
    count = len(scalars) // SCALAR_BYTES
    running = bytearray(_ONE) + bytearray(len(scalars))
    run_view, run = _buffer(running)  # run[i] = the product of the first i scalars
    in_view, at = _buffer(scalars)
    for offset in range(0, len(scalars), SCALAR_BYTES):
        _scalar_mul(run + offset + SCALAR_BYTES, run + offset, at + offset)
    out = bytearray(len(scalars))
    out_view, to = _buffer(out)
    rest = bytearray(invert_scalar(multiply_scalars(bytes(running[count * SCALAR_BYTES :]), factor)))
    rest_view, left = _buffer(rest)  # 1 / (factor · the product of the scalars not done yet)
    if count:
        for offset in range((count - 1) * SCALAR_BYTES, -1, -SCALAR_BYTES):
            _scalar_mul(to + offset, left, run + offset)
            _scalar_mul(left, left, at + offset)
    del run_view, in_view, out_view, rest_view  # kept alive until here
    return bytes(out)


def random_scalar() -> bytes:
    """A fresh uniform non-zero scalar, 32 bytes."""
    return reduce_scalars(os.urandom(UNIFORM_BYTES))
