"""YAML that means the same to whoever reads it, and takes no more time than it is long."""

import re
from collections.abc import Hashable
from typing import Any

import yaml

from linkage_node import yaml_problems as problems

# What YAML 1.1 takes for a number besides, nobody expects: 0100 is 64, 1:40 is 100, 1_000 is 1000.
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)?(\.[0-9]*)?(e[-+]?[0-9]+)?|[-+]?\.(inf|nan)", re.IGNORECASE)
_NUMBERS = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}
_DAY = "tag:yaml.org,2002:timestamp"
_STANDS_FOR = {"tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"}
# Ends a line for YAML and not in an editor, so that a comment can hide a field; or turns the order of what is read.
_HIDDEN = re.compile("[\x85\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")


def load(text: str) -> tuple[Any, yaml.Node | None]:
    """The plain data in a text, and the nodes that know where it stands; yaml.YAMLError, or RecursionError."""
    if hidden := _HIDDEN.search(text):
        mark = yaml.Mark("", hidden.start(), text.count("\n", 0, hidden.start()), 0, text, hidden.start())
        raise _fault(problems.HIDDEN.format(f"{ord(hidden[0]):04X}"), mark)
    loader = _PlainLoader(text)
    root = loader.get_single_node()
    return None if root is None else loader.construct_document(root), root


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader without what makes a file read otherwise than it looks.

    It refuses tags (a set has another order in each process, binary hides its text), anchors and aliases (a few lines
    of those stand for more than any machine holds), a key that stands twice in one mapping (PyYAML would silently take
    the last), and numbers that are not written in plain decimals.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            raise _fault(problems.ALIAS, event.start_mark)
        if event.anchor is not None:
            raise _fault(problems.ANCHOR, event.start_mark)
        if event.tag is not None:
            raise _fault(problems.TAG, event.start_mark)
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node.tag in _STANDS_FOR:
            raise _fault(problems.STANDS_FOR, node.start_mark)
        if node.tag in _NUMBERS and not _PLAIN_NUMBER.fullmatch(str(node.value)):
            raise _fault(problems.NUMBER, node.start_mark)
        try:
            return super().construct_object(node, deep)
        except ValueError:  # PyYAML lets through what Python raises
            problem = problems.NO_DAY if node.tag == _DAY else problems.LONG_NUMBER
            raise _fault(problem, node.start_mark) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise _fault(problems.NO_KEY, key_node.start_mark)
            if key in seen:
                raise _fault(problems.TWICE.format(f"`{key_node.value}`"), key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _fault(problem: str, mark: Any) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, mark)
