"""Rego inside the process: regopy, which wraps rego-cpp. Nothing needs to be installed."""

import json
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from regopy import Input, Interpreter, LogLevel, RegoError
from regopy.rego_shared import rego, rego_new_input

from linkage_node.errors import InputError, Refusal
from linkage_node.limits import POLICY_NUMBER

_LARGEST = sys.float_info.max
_TO_ESCAPE = re.compile(r'["\\\x00-\x1f]')


class Rego:
    """Rules over data, compiled for one entrypoint. Holds the input of one question: not safe to share by threads.

    InputError("policy_invalid") tells `file: message` of rules that do not compile.
    """

    def __init__(self, rules: Mapping[str, str], data: Mapping[str, Any], entrypoint: str) -> None:
        self._entrypoint = entrypoint
        self._interpreter = Interpreter()
        self._interpreter.log_level = (
            LogLevel.NONE
        )  # it would write faults in the rules to stdout; they are raised
        try:
            for name, text in rules.items():
                self._interpreter.add_module(name, text)
            self._interpreter.add_data_json(json.dumps(data, ensure_ascii=False))
            self._bundle = self._interpreter.build(None, [entrypoint])
        except RegoError as error:
            raise InputError("policy_invalid", _in_words(str(error))) from None

    def answer(self, document: dict[str, Any]) -> object:
        """What the entrypoint says about an input; None if nothing. Refusal("policy_unavailable") if it fails."""
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
        # The engine keeps six digits: 99.9999999 would be 100. To the rules a fraction is no number, whichever it is.
        rego.regoInputFloat(place, 0.5 if value > 0 else -0.5)
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
