"""On which line of its file an agreement says something, in whatever words it is written."""

import yaml

from linkage_node.agreements.model import Agreement
from linkage_node.agreements.words import AgreementReading
from linkage_node.yaml_model import Location, field_name, line_at, node_at, parse_nodes


class Places:
    """The fields of one agreement's file; `text` is YAML, else a MalformedError."""

    def __init__(self, text: str) -> None:
        self.data, self._root = parse_nodes(text, "agreement")
        self._reading = AgreementReading(self.data if isinstance(self.data, dict) else {}, Agreement)

    def of(self, path: str) -> tuple[int, str]:
        """The line, from 1, of a field by its path in the model, and what it is or would be called in the file.

        Of a field that is not there, and has its default, the line of the section that it would be in.
        """
        written = self._written(path)
        return line_at(self._root, written), field_name(written)

    def called(self, path: str) -> str:
        """What a field is called in the file, for a person to read."""
        return counted(self.of(path)[1])

    def line(self, place: Location) -> int:
        """The line of a place in the file."""
        return line_at(self._root, place)

    def field_at(self, place: Location) -> str:
        """The path in the model of what is written at a place in the file, or around it; empty of nothing known."""
        return self._reading.field_at(place)

    def node_at(self, path: str) -> yaml.Node | None:
        """The node of a field by its path in the model; None of one that is not there."""
        return node_at(self._root, self._written(path))

    def _written(self, path: str) -> Location:
        return self._reading.written(tuple(int(part) if part.isdigit() else part for part in path.split(".")))


def line_of(text: str, path: str) -> int:
    """The line of a field by its path in the model, such as `count.questions.0.id`; `text` is an agreement."""
    return place_of(text, path)[0]


def place_of(text: str, path: str) -> tuple[int, str]:
    """That line, and what the field is called there, or would be called, in the words of the file."""
    return Places(text).of(path)


def counted(field: str) -> str:
    """A field's path with the places in lists counted from 1: `namen (2)`, `vragen (1).titel`."""
    parts = field.split(".")
    told = "".join(f" ({int(part) + 1})" if part.isdigit() else f".{part}" for part in parts)
    return told.removeprefix(".")
