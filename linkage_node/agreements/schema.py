"""The JSON Schema (2020-12) of an agreement, for editors: from the model, the table of words, and the catalogue.

It lets through all that the model takes and the catalogue knows, but for what no question is allowed without. The
model and the rules say more: `agreements check`.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, Literal

from linkage_node.agreements.catalogue_words import catalogue_words
from linkage_node.agreements.model import Agreement
from linkage_node.agreements.words import Language, Node, dutch_path, value_in, words_at
from linkage_node.agreements.words_nl import FIELDS, GROUPS
from linkage_node.identifiers import KINDS
from linkage_node.identifiers.oin import OIN_PATTERN

SchemaLanguage = Literal["nl", "en", "both"]
_TITLES = {
    "nl": "Een overeenkomst tussen twee organisaties over het vergelijken van hun cliënten",
    "en": "An agreement between two organisations on matching their clients",
}
# What the model can do without, and no question under an agreement is allowed without.
_NEEDED_BY_RULES = {"purpose_category", "legal_basis.id", "requester.kind", "provider.kind"}
_LINE = r"^\S(?:.*\S)?$"  # the model's pattern in what every editor's regular expressions know


def schema_text(language: SchemaLanguage, catalogue: Mapping[str, Any]) -> str:
    """The schema as a JSON file, for files in Dutch words, in English words, or in either word for each field."""
    return json.dumps(agreement_schema(language, catalogue), indent=2, ensure_ascii=False) + "\n"


def modeline(schema: Path) -> str:
    """The line of a YAML file that tells editors its schema; a relative path is read from the file's own folder."""
    place = schema.as_uri() if schema.is_absolute() else schema.as_posix()
    return f"# yaml-language-server: $schema={place}\n"


def agreement_schema(language: SchemaLanguage, catalogue: Mapping[str, Any]) -> dict[str, Any]:
    """The schema; `catalogue` (as rules see it) gives legal bases, categories of purposes, kinds of organisations."""
    made = _Schema(language, catalogue)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": " / ".join(_TITLES[one] for one in _languages(language)),
        **made.section(()),
        "$defs": made.sections,
    }


class _Schema:
    def __init__(self, language: SchemaLanguage, catalogue: Mapping[str, Any]) -> None:
        self._language = language
        self._words = catalogue_words(catalogue)
        self.sections: dict[str, Any] = {}  # those below the top, by name

    def section(self, node: Node) -> dict[str, Any]:
        """A mapping: a section of the model, or one that only Dutch has."""
        words = {word: field for word, field in words_at()[node].items() if self._belongs(node, word, field)}
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {word: self._field(field) for word, field in words.items()},
            **(self._choices(node) if self._language == "both" else _required(words)),
        }

    def _belongs(self, node: Node, word: str, field: Node) -> bool:
        if self._language == "both":
            return True
        if self._language == "en":
            return field == (*node, word) and not _is_group(field)
        return _is_group(field) or dutch_path(field) == (
            *(node if _is_group(node) else dutch_path(node) or ()),
            word,
        )

    def _field(self, field: Node) -> dict[str, Any]:
        if _is_group(field):
            return {"description": GROUPS[".".join(field)], **self._referred(field)}
        explained = FIELDS[".".join(field)]
        told = {"description": " / ".join(getattr(explained, one) for one in _languages(self._language))}
        if field in words_at():
            return {**told, **self._referred(field)}
        plain = {name: value for name, value in _plain(field).items() if name not in {"title", "description"}}
        if plain.get("default", ...) is None:
            del plain["default"]
        if (*field, "*") in words_at():
            return {**told, **plain, "items": self._referred((*field, "*"))}
        return {**told, **self._value(field, plain)}

    def _referred(self, node: Node) -> dict[str, Any]:
        name = ".".join(part for part in node if part != "*")
        if name not in self.sections:
            self.sections[name] = self.section(node)
        return {"$ref": f"#/$defs/{name}"}

    def _value(self, field: Node, plain: dict[str, Any]) -> dict[str, Any]:
        if "items" in plain:
            return {**plain, "items": self._value(field, plain["items"]), "uniqueItems": True}
        if field[-1] == "oin":
            return {**plain, "pattern": f"^{OIN_PATTERN}$"}
        if r"\p" in plain.get("pattern", ""):
            return {**plain, "pattern": _LINE}
        if plain.get("type") == "boolean":
            return self._of_words(field, plain, {True: "", False: ""})
        if known := self._known(field) or dict.fromkeys(plain.get("enum", ()), ""):
            return self._of_words(field, plain, known)
        return plain

    def _of_words(self, field: Node, plain: dict[str, Any], known: Mapping[Any, str]) -> dict[str, Any]:
        """One of the words that are known, each with what it means."""
        told = {
            word: meaning
            for one in _languages(self._language)
            for model, meaning in known.items()
            for word in (value_in(one, ".".join(field), model), *([model] if model in {True, False} else []))
        }
        meanings = {"enumDescriptions": list(told.values())} if any(told.values()) else {}
        default = {name: plain[name] for name in ("default",) if name in plain}
        return {"enum": list(told), **meanings, **default}

    def _known(self, field: Node) -> dict[str, str]:
        name = ".".join(field)
        return dict.fromkeys(KINDS, "") if name == "kinds" else self._words.get(name, {})

    def _choices(self, node: Node) -> dict[str, Any]:
        """Of files in either word: every field once, what is needed at least once."""
        rules: list[dict[str, Any]] = []
        stand_here = (field for field in map(_path, FIELDS) if _home(field) == node and dutch_path(field))
        for field in () if _is_group(node) else stand_here:
            ways = [_has(way) for way in _ways(node, field)]
            if _needed(field):
                rules.append({"oneOf": ways})
            else:
                rules += [{"not": {"allOf": list(pair)}} for pair in combinations(ways, 2)]
        return {"allOf": rules} if rules else {}


def _languages(language: SchemaLanguage) -> tuple[Language, ...]:
    return ("nl", "en") if language == "both" else (language,)


def _path(name: str) -> Node:
    return tuple(name.split("."))


def _is_group(node: Node) -> bool:
    return ".".join(node) in GROUPS


@cache
def _model() -> dict[str, Any]:
    return Agreement.model_json_schema()


def _plain(node: Node) -> dict[str, Any]:
    """What the model says of a field: references followed, and "or nothing" left out."""
    found = _model()
    for part in node:
        found = found["items"] if part == "*" else found["properties"][part]
        if "anyOf" in found:
            (some,) = (one for one in found["anyOf"] if one != {"type": "null"})
            found = {**found, **some}
            del found["anyOf"]
        if "$ref" in found:
            found = _model()["$defs"][found["$ref"].rpartition("/")[2]]
    return found


def _needed(field: Node) -> bool:
    """Whether its section cannot do without; of a field that Dutch moves up, whether the agreement cannot."""
    home = _home(field)
    if ".".join(field) in _NEEDED_BY_RULES:
        return True
    return all(field[end] in _plain(field[:end]).get("required", ()) for end in range(len(home), len(field)))


def _home(field: Node) -> Node:
    """The section of the model in which a field stands in Dutch; that of the model if Dutch has it nowhere."""
    dutch = dutch_path(field)
    above = field[:-1]
    return above if dutch is None or dutch[: len(dutch_path(above) or ())] == dutch_path(above) else ()


def _required(words: Mapping[str, Node]) -> dict[str, Any]:
    needed = [
        word
        for word, field in words.items()
        if (any(map(_needed, words_at()[field].values())) if _is_group(field) else _needed(field))
    ]
    return {"required": needed} if needed else {}


def _ways(node: Node, field: Node) -> Iterator[Node]:
    """All that can be written in a section to say one of its fields: words from the section down."""
    for word, there in words_at()[node].items():
        if there == field:
            yield (word,)
        elif _is_group(there) or field[: len(there)] == there:
            yield from ((word, *rest) for rest in _ways(there, field))


def _has(way: Node) -> dict[str, Any]:
    inside = {"properties": {way[0]: _has(way[1:])}} if way[1:] else {}
    return {"required": [way[0]], **inside}
