"""Reads an agreement in Dutch or English words, or both, as the one model; and says it in either language.

A field may be called by either word in its English place and in its Dutch place. What comes out is in the words of the
model, so its content hash is the same in whatever words it was written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from linkage_node.agreements.faults_nl import quoted, said, told_of
from linkage_node.agreements.words_nl import FIELDS, GROUPS, VALUES
from linkage_node.yaml_model import Location, Reading, field_name, near_word

Language = Literal["nl", "en"]
# By fields that only that kind of file has.
_OTHER_FILES = {
    frozenset(
        {"signing_key"}
    ): "this is the card of a node, not an agreement: `linkage-node peers add` takes it",
    frozenset({"tls", "sealing_key"}): "this is the configuration of a node, not an agreement",
}
Node = tuple[str, ...]  # a field of the model, "*" for an item of a list; or a section that only Dutch has


@cache
def words_at() -> dict[Node, dict[str, Node]]:
    """For every section, what stands in it by each of its words. A list's section ends in "*"."""
    dutch = {_path(one.dutch): _path(name) for name, one in FIELDS.items() if one.dutch}
    dutch |= {(*written, "*"): (*field, "*") for written, field in dutch.items()}
    found: dict[Node, dict[str, Node]] = {(): {}}
    for field in map(_path, FIELDS):
        found.setdefault(field[:-1], {})[field[-1]] = field
    for written, field in dutch.items():
        if written[-1] == "*":
            continue
        found[field[:-1]].setdefault(written[-1], field)
        group = dutch.get(written[:-1], written[:-1])
        if group not in found:  # a section that only Dutch has, such as `partijen`
            found[group] = {}
            found[group[:-1]][group[-1]] = group
        found[group].setdefault(written[-1], field)
        if ".".join(group) in GROUPS:
            found[group].setdefault(field[-1], field)
    return found


def dutch_path(node: Node) -> Node | None:
    """Where a field stands in Dutch; None of a section that Dutch does not have."""
    if not node:
        return ()
    if node[-1] == "*":
        return (*(dutch_path(node[:-1]) or ()), "*")
    written = FIELDS[".".join(node)].dutch
    return _path(written) if written else None


def fields_in(node: Node, language: Language) -> list[str]:
    """What the fields of a section are called in a language; those of a section that only Dutch has too."""
    found = [one for one in dict.fromkeys(words_at().get(node, {}).values()) if ".".join(one) in FIELDS]
    return [((dutch_path(one) if language == "nl" else None) or one)[-1] for one in found]


def values_of(node: Node) -> dict[str, str | bool]:
    """The Dutch words for the values of a field, with those of the model."""
    return VALUES.get(".".join(node), {})


def value_in(language: Language, field: str, value: Any) -> Any:
    """A value of a field of the model, or a list of them, as said in a language; what has no word as it is."""
    words = {model: word for word, model in VALUES.get(field, {}).items()} if language == "nl" else {}
    return _in_words(value, words)


def meant(field: str, value: Any) -> Any:
    """A value of a field, or a list of them, in the words of the model, whatever the language it was said in."""
    return _in_words(value, VALUES.get(field, {}))


class AgreementReading(Reading):
    """The data of one agreement's file in the words of the model, and where each field stands in the file.

    `language` is that of most of its words; `tell` is the language of faults, by default that of the file. `known` has
    the words of the catalogue by field, so that the one that was meant can be told.
    """

    def __init__(
        self,
        data: dict[Any, Any],
        model: type[BaseModel],
        *,
        tell: Language | None = None,
        known: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        super().__init__({}, model)
        self._known = known or {}
        self._written: dict[Location, Location] = {(): ()}
        self._found: list[tuple[Location, str, dict[str, object]]] = []
        self._dutch = 0  # words that are Dutch only, less those that are English only
        if something_else := _something_else(data):
            self._fault((), something_else)
        else:
            self._section((), data, (), ())
        self.language: Language = "nl" if self._dutch > 0 else "en"
        self._tell = tell or self.language
        self.faults = [(place, said(what, self._tell, **values)) for place, what, values in self._found]

    def written(self, location: Location) -> Location:
        """Where a field of the model stands in the file, or would stand, in the words of the file."""
        end = next(end for end in range(len(location), -1, -1) if location[:end] in self._written)
        known, missing = location[:end], location[end:]
        stands = self._written[known]
        if not missing or isinstance(missing[0], int) or self.language == "en":
            return (*stands, *missing)
        node, above = _node(location), dutch_path(_node(known)) or ()
        # Of a section that Dutch does not have, the first of its fields.
        dutch = next(
            (
                path
                for name in FIELDS
                if _path(name)[: len(node)] == node and (path := dutch_path(_path(name)))
            ),
            None,
        )
        if dutch is None:
            return (*stands, *missing)
        return (*stands, *dutch[len(above) :]) if dutch[: len(above)] == above else dutch

    def told(self, fault: ErrorDetails) -> str:
        """What is wrong, in the language of the file or the one asked for."""
        node = _node(fault["loc"])
        name = ".".join(node).removesuffix(".*")
        words = [*VALUES.get(name, {}).values(), *self._known.get(name, ())]
        return told_of(
            fault,
            name,
            self._tell,
            plain=super().told(fault),
            words=[str(value_in(self._tell, name, word)) for word in dict.fromkeys(words)],
            fields=fields_in(node, self._tell),
        )

    def field_at(self, place: Location) -> str:
        """The path in the model of what is written at a place of the file, or around it; empty of nothing known."""
        fields = {written: field for field, written in self._written.items()}
        found = next((fields[place[:end]] for end in range(len(place), 0, -1) if place[:end] in fields), ())
        return ".".join(_node(found))

    def _section(self, node: Node, data: dict[Any, Any], place: Location, target: Location) -> None:
        """One mapping of the file: `node` names its words, `target` is the section of the model that it fills."""
        known = words_at()[node]
        for word, value in data.items():
            here, field = (*place, word), known.get(word)
            if field is None:
                near = near_word(word, known)
                what = "unknown field; did you mean `{near}`?" if near else "unknown field"
                self._fault(here, what, near=near)
            elif ".".join(field) in FIELDS:
                self._dutch += _leaning(word, field)
                self._field(field, value, here, (*target, *field[len(target) :]))
            elif isinstance(value, dict):
                self._dutch += 1
                self._section(field, value, here, target)
            else:
                fields = quoted(fields_in(field, "nl"))
                self._fault(here, "expected fields with values: {fields}", fields=fields)

    def _field(self, field: Node, value: Any, place: Location, target: Location) -> None:
        if target in self._written:
            self._fault(place, "stands here twice: as `{other}` too", other=field_name(self._written[target]))
            return
        self._written[target] = place
        if field in words_at() and isinstance(value, dict):
            _inside(self.data, target)
            self._section(field, value, place, target)
        elif (*field, "*") in words_at() and isinstance(value, list):
            _put(self.data, target, [{} if isinstance(one, dict) else one for one in value])
            for number, item in enumerate(value):
                self._written[*target, number] = (*place, number)
                if isinstance(item, dict):
                    self._section((*field, "*"), item, (*place, number), (*target, number))
        else:
            _put(self.data, target, _in_words(value, values_of(field)))

    def _fault(self, place: Location, what: str, **values: object) -> None:
        self._found.append((place, what, values))


def _something_else(data: dict[Any, Any]) -> str | None:
    """What a file is that is no agreement; None of one that has a field of an agreement, or one much like it."""
    for fields, told in _OTHER_FILES.items():
        if fields <= data.keys():
            return told
    known = words_at()[()]
    if not data or any(word in known or near_word(word, known) for word in data):
        return None
    return "this is no agreement: it has none of its fields"


def in_words(data: dict[str, Any], language_of: Callable[[Node], Language]) -> dict[str, Any]:
    """The data of an agreement with each field where it stands in the language of that field, and its value in it."""
    whole: dict[str, Any] = {}
    for node, place, value in _told((), data, (), language_of):
        _put(whole, place, value_in(language_of(node), ".".join(node), value))
    return whole


def _told(
    node: Node, data: Any, place: Location, language_of: Callable[[Node], Language]
) -> Iterator[tuple[Node, Location, Any]]:
    """Every value, with its field and where that stands; of a list first a value that makes room for its items."""
    if isinstance(data, dict):
        for name, value in data.items():
            field, above = (*node, name), dutch_path(node)
            dutch = dutch_path(field) if language_of(field) == "nl" else None
            if dutch is None:
                stands: Location = (*place, name)
            elif above is not None and dutch[: len(above)] == above:
                stands = (*place, *dutch[len(above) :])
            else:
                stands = dutch
            yield from _told(field, value, stands, language_of)
    elif (*node, "*") in words_at() and isinstance(data, list | tuple):
        yield node, place, [{} for _ in data]
        for number, item in enumerate(data):
            yield from _told((*node, "*"), item, (*place, number), language_of)
    else:
        yield node, place, data


def _path(name: str) -> Node:
    return tuple(name.split("."))


def _node(location: Location) -> Node:
    return tuple("*" if isinstance(part, int) else str(part) for part in location)


def _leaning(word: str, field: Node) -> int:
    """1 of a word that is Dutch only, -1 of one that is English only."""
    dutch = (dutch_path(field) or ("",))[-1]
    return 0 if word == dutch == field[-1] else 1 if word == dutch else -1


def _in_words(value: Any, words: Mapping[Any, Any]) -> Any:
    """A value, or each of a list, by its other word; what has none stays as it is."""
    if isinstance(value, list | tuple):
        return [_in_words(one, words) if isinstance(one, str) else one for one in value]
    return words.get(value, value) if isinstance(value, str | bool) else value


def _inside(data: Any, location: Location) -> Any:
    """The section at a place, made if it is not there."""
    for part in location:
        if isinstance(data, dict):
            data = data.setdefault(part, {})
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part]
    return data


def _put(data: Any, location: Location, value: Any) -> None:
    section = _inside(data, location[:-1])
    if isinstance(section, dict):  # else the section itself is at fault
        section[location[-1]] = value
