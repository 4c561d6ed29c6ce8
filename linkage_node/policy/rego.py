"""Rego inside the process: regopy, which wraps rego-cpp. Nothing needs to be installed."""

import json
import math
import re
import resource
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, TypeVar

from regopy import Input, Interpreter, LogLevel, RegoError
from regopy.rego_shared import rego, rego_new_input

from linkage_node.errors import InputError, Refusal
from linkage_node.limits import (
    POLICY_INPUT_BYTES,
    POLICY_INPUT_DEPTH,
    POLICY_INPUT_VALUES,
    POLICY_NUMBER,
    POLICY_ROOMY_BYTES,
    POLICY_SHORT_BYTES,
    POLICY_STACK_BYTES,
)

Answer = TypeVar("Answer")
_EXACT_HALVES = 10_000  # below it x.5 has at most six digits
_LARGEST = sys.float_info.max
_TO_ESCAPE = re.compile(r'["\\\x00-\x1f]')


class Rego:
    """Rules over data, compiled for one entrypoint. Holds the input of one question: not safe to share by threads.

    rego-cpp goes deeper for every letter that one regular expression matches, and where the stack ends so does the
    process. So it has a thread with a stack of its own, whoever asks, and what it is asked is bounded.
    InputError("policy_invalid") tells `file: message` of rules that do not compile.
    """

    def __init__(self, rules: Mapping[str, str], data: Mapping[str, Any], entrypoint: str) -> None:
        self._entrypoint = entrypoint
        self._thread = ThreadPoolExecutor(1, "policy")  # ends when this is forgotten
        _with_stack(self._thread, lambda: self._compile(rules, data))

    def _compile(self, rules: Mapping[str, str], data: Mapping[str, Any]) -> None:
        self._interpreter = Interpreter()
        self._interpreter.log_level = (
            LogLevel.NONE
        )  # it would write faults in the rules to stdout; they are raised
        try:
            for name, text in rules.items():
                self._interpreter.add_module(name, text)
            self._interpreter.add_data_json(json.dumps(data, ensure_ascii=False))
            self._bundle = self._interpreter.build(None, [self._entrypoint])
        except RegoError as error:
            raise InputError("policy_invalid", _in_words(str(error))) from None

    def answer(self, document: dict[str, Any]) -> object:
        """What the entrypoint says about an input; None if nothing. Refusal("policy_unavailable") if it fails.

        Refusal("malformed") for an input that is larger or deeper than any question and any agreement.
        """
        if _check_bounds(document) <= POLICY_SHORT_BYTES and _ROOMY:
            return self._answer(
                document
            )  # most questions: to wait for another thread takes longer than some rules
        return self._thread.submit(self._answer, document).result()

    def _answer(self, document: dict[str, Any]) -> object:
        try:
            self._interpreter.set_input(_Input(document))
            output = self._interpreter.query_bundle_entrypoint(self._bundle, self._entrypoint)
        except (RegoError, ValueError) as error:
            raise Refusal("policy_unavailable", f"embedded engine: {error}") from None
        if not output.ok():
            raise Refusal(
                "policy_unavailable", "embedded engine: the rules fail on this"
            )  # its own words can crash it
        return next(iter(output.results[0].expressions), None)


_STACK_SIZE = threading.Lock()


def _with_stack(thread: ThreadPoolExecutor, work: Callable[[], Answer]) -> Answer:
    """The first work of a pool, which makes its thread. (The size is everybody's: others may get it meanwhile.)"""
    with _STACK_SIZE:
        before = threading.stack_size(POLICY_STACK_BYTES)
        try:
            begun = thread.submit(work)
        finally:
            threading.stack_size(before)
    return begun.result()


# Whether threads have the stack that systems give: some megabytes, of which a short text takes one at the most.
_LIMIT = resource.getrlimit(resource.RLIMIT_STACK)[0]
_ROOMY = _LIMIT == resource.RLIM_INFINITY or _LIMIT >= POLICY_ROOMY_BYTES


def _check_bounds(document: dict[str, Any]) -> int:
    """How many bytes of text there are; Refusal("malformed")."""
    texts, values = 0, 0
    level: list[Any] = [document]
    for _ in range(POLICY_INPUT_DEPTH):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str):
                texts += len(value) if value.isascii() else len(value.encode(errors="surrogatepass"))
            elif isinstance(value, dict):
                below += (*value, *value.values())
            elif isinstance(value, list):
                below += value
        values += len(level)
        level = below
        if texts > POLICY_INPUT_BYTES or values > POLICY_INPUT_VALUES:
            raise Refusal("malformed", "more than the rules are asked about at once")
    if level:
        raise Refusal("malformed", "lists and fields are nested too deeply")
    return texts


class _Input(Input):  # type: ignore[misc]
    """JSON data as input: as regopy's own, in half the time, and with texts as the engine keeps those of the data."""

    def __init__(self, value: Any) -> None:
        self._impl = rego_new_input()
        _add(self._impl, value)


def _add(place: int, value: Any) -> None:
    if isinstance(value, str):
        rego.regoInputString(place, _escaped(value))
    elif isinstance(value, dict):
        for key, one in value.items():
            rego.regoInputString(place, _escaped_name(key))
            _add(place, one)
            rego.regoInputObjectItem(place)
        rego.regoInputObject(place, len(value))
    elif isinstance(value, list):
        for one in value:
            _add(place, one)
        rego.regoInputArray(place, len(value))
    elif value is None:
        rego.regoInputNull(place)
    elif isinstance(value, bool):
        rego.regoInputBoolean(place, value)
    elif isinstance(value, float) and not value.is_integer():
        # The engine keeps six digits: 99.9999999 would be 100. To the rules one fraction between two numbers is as good
        # as another, and of a large one only that it is no whole number.
        rego.regoInputFloat(place, math.floor(value) + 0.5 if abs(value) < _EXACT_HALVES else 0.5)
    elif isinstance(value, int | float) and abs(value) <= POLICY_NUMBER:
        rego.regoInputInt(place, int(value))
    elif isinstance(value, int | float):  # a larger integer would be cut to 64 bits, and be another number
        rego.regoInputFloat(place, float(max(min(value, _LARGEST), -_LARGEST)))
    else:
        raise ValueError(f"{type(value).__name__} is not JSON")


def _escaped(text: str) -> bytes:
    """The text as the engine keeps those of the data (measured, regopy 1.5): as it stands in JSON.

    A quote or backslash in an agreed purpose would else not be equal to the same one in a question. Letters beyond
    ASCII stand in the data as themselves; escaped, they would be other texts too.
    """
    return (json.dumps(text, ensure_ascii=False)[1:-1] if _TO_ESCAPE.search(text) else text).encode()


@lru_cache(maxsize=256)
def _escaped_name(name: str) -> bytes:
    """The same for the name of a field: there are few, and each comes with every question."""
    return _escaped(name)


def _in_words(fault: str) -> str:
    """rego-cpp's fault, a syntax tree, as `file: message`."""
    message, file = re.search(r"errormsg \d+:(.*?)\)", fault), re.search(r"\(error \d+:(.*?)\|", fault)
    return f"{file[1] if file else 'rules'}: {message[1]}" if message else fault
