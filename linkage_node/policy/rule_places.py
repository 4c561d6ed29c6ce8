"""Where in the rules a reason stands: found in their texts, so that an own rule of a custom folder is found too."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from linkage_node.errors import InputError
from linkage_node.yaml_model import parse_yaml

_METADATA = "# METADATA"
_HEAD = re.compile(r"^(?:default )?([a-z_][a-z0-9_]*)")
_HELPER = re.compile(r"(?:^|\bnot |\bif |\s)([a-z_][a-z0-9_]*)(?:\([^)]*\))?\s*$")


class RulePlace(NamedTuple):
    """A line of the rules. `says` is the description of the rule (METADATA), as its author wrote it."""

    package: str
    file: str  # as the policy folder or bundle names it
    line: int
    says: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class _Module(NamedTuple):
    file: str
    package: str
    lines: list[str]


def places_of(rules: Mapping[str, str], code: str) -> tuple[RulePlace, ...]:
    """The lines that give this reason: as a text of its own, or else as a word. Empty if the rules do not know it."""
    modules = list(_modules(rules))
    for pattern in (rf'["`]{re.escape(code)}["`]', rf"\b{re.escape(code)}\b"):
        found = [
            (module, number)
            for module in modules
            for number, line in enumerate(module.lines)
            if not line.lstrip().startswith("#") and re.search(pattern, line)
        ]
        if found:
            return tuple(_place(module, number) for module, number in found)
    return ()


def condition_of(rules: Mapping[str, str], place: RulePlace) -> RulePlace | None:
    """The rule that the one at `place` looks at last: what had to hold, and did not; None if that cannot be told."""
    modules = list(_modules(rules))
    lines = next(module.lines for module in modules if module.file == place.file)
    name = _helper(lines, place.line - 1)
    for module in modules:
        if module.package == place.package and name:
            for number, line in enumerate(module.lines):
                if re.match(rf"{name}\b.*( if\b| contains\b| := )", line):
                    return _place(module, number)
    return None


def _modules(rules: Mapping[str, str]) -> Iterator[_Module]:
    for file, text in sorted(rules.items()):
        package = re.search(r"^package (\S+)", text, re.MULTILINE)
        yield _Module(file, package[1] if package else "", text.splitlines())


def _helper(lines: list[str], number: int) -> str:
    """The last name in the body of the rule that starts at this line; empty if it ends in something else."""
    last = lines[number]
    if last.rstrip().endswith("{"):
        body = []
        for line in lines[number + 1 :]:
            if line.startswith("}"):
                break
            body.append(line)
        last = body[-1] if body else ""
    found = _HELPER.search(last)
    return found[1] if found else ""


def _place(module: _Module, number: int) -> RulePlace:
    return RulePlace(module.package, module.file, number + 1, _says(module.lines, number))


def _says(lines: list[str], number: int) -> str:
    """The description in the METADATA nearest above the line, if it is of a rule by the same name."""
    head = next((at for at in range(number, -1, -1) if _HEAD.match(lines[at])), 0)
    start = next((at for at in range(head, -1, -1) if lines[at].startswith(_METADATA)), None)
    if start is None:
        return ""
    block = []
    after = start + 1
    while after < len(lines) and lines[after].startswith("#"):
        block.append(lines[after][1:])
        after += 1
    rule, described = (_HEAD.match(lines[at]) if at < len(lines) else None for at in (head, after))
    if not rule or not described or rule[1] != described[1]:
        return ""
    try:
        told = parse_yaml("\n".join(line[1:] for line in block), _METADATA)
    except InputError:
        return ""
    says = told.get("description") or told.get("title") if isinstance(told, dict) else ""
    return " ".join(str(says or "").split())
