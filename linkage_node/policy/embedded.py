"""Engine `embedded`: the Rego runs inside the process (regopy, which wraps rego-cpp). Nothing needs to be installed.

Rules and agreements are compiled once; at every decision it is checked whether they are still the same, so that an
agreement which another process adds or removes counts from the next question on.
"""

import json
import re
from collections.abc import Hashable
from threading import Lock
from typing import Any

from regopy import Bundle, Interpreter, LogLevel, RegoError

from linkage_node.errors import InputError, Refusal
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.outcome import parse_outcome
from linkage_node.policy.source import ENTRYPOINT, PolicySource


class EmbeddedDecisionPoint(DecisionPoint):
    """Decides by the rules and data of `source`; compiles them at once: InputError("policy_invalid")."""

    def __init__(self, source: PolicySource) -> None:
        self._source = source
        self._lock = Lock()  # an interpreter holds the input of one question
        self._version: Hashable = None
        self._compile(source.version())

    def evaluate(self, decision_input: dict[str, Any]) -> object:
        """What the rules answer; None if nothing."""
        version = self._source.version()
        with self._lock:
            if version != self._version:
                self._compile(version)
            return _answer(self._interpreter, self._bundle, decision_input)

    def _compile(self, version: Hashable) -> None:
        interpreter = Interpreter()
        interpreter.log_level = LogLevel.NONE  # it would write faults in the rules to stdout; they are raised
        try:
            for name, text in self._source.rules.items():
                interpreter.add_module(name, text)
            interpreter.add_data_json(json.dumps(self._source.data(), ensure_ascii=False))
            bundle = interpreter.build(None, [ENTRYPOINT])
        except RegoError as error:
            raise InputError("policy_invalid", _in_words(str(error))) from None
        _try_out(interpreter, bundle)
        self._interpreter, self._bundle, self._version = interpreter, bundle, version


def _answer(interpreter: Interpreter, bundle: Bundle, decision_input: dict[str, Any]) -> object:
    try:
        interpreter.set_input(_escaped(decision_input))
        output = interpreter.query_bundle_entrypoint(bundle, ENTRYPOINT)
    except (RegoError, ValueError) as error:
        raise Refusal("policy_unavailable", f"embedded engine: {error}") from None
    if not output.ok():
        raise Refusal("policy_unavailable", f"embedded engine: {output}")
    return next(iter(output.results[0].expressions), None)


def _escaped(value: Any) -> Any:
    """The value with its texts as the engine keeps those of the data (measured, regopy 1.5): as they stand in JSON.

    A quote or backslash in an agreed purpose would else not be equal to the same one in a question. Letters beyond
    ASCII stand in the data as themselves; escaped, they would be other texts too.
    """
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)[1:-1]
    if isinstance(value, dict):
        return {key: _escaped(one) for key, one in value.items()}
    return [_escaped(one) for one in value] if isinstance(value, list) else value


def _try_out(interpreter: Interpreter, bundle: Bundle) -> None:
    """Some faults (a variable that is nowhere defined) compile, and only show in that nothing is decided."""
    try:
        outcome = parse_outcome(_answer(interpreter, bundle, {}))
    except Refusal as refusal:
        raise InputError("policy_invalid", f"data.{ENTRYPOINT}: {refusal.detail}") from None
    if outcome.allow:
        raise InputError("policy_invalid", "the rules approve of a question that asks nothing")


def _in_words(fault: str) -> str:
    """rego-cpp's fault, a syntax tree, as `file: message`."""
    message, file = re.search(r"errormsg \d+:(.*?)\)", fault), re.search(r"\(error \d+:(.*?)\|", fault)
    return f"{file[1] if file else 'rules'}: {message[1]}" if message else fault
