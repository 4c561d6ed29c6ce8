"""YAML files under typed, strict models: an unknown key, a wrong type or a missing field is an error with its line."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from pydantic_core import ErrorDetails

from linkage_node.errors import InputError
from linkage_node.limits import CONFIG_FILE_BYTES

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[int | str, ...]  # of a field: names, and places in lists


class StrictModel(BaseModel):
    """A model that knows all its keys and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class FieldError(ValueError):
    """A fault that a validator found, in a field of its model if `location` says so, so that its line can be told.

    `template` stands in `values`, by name; kept apart, so that it can be told in another language.
    """

    def __init__(self, template: str, *location: int | str, **values: object) -> None:
        super().__init__(template.format(**values))
        self.template, self.values, self.location = template, values, location


class Fault(NamedTuple):
    """One fault of a file: its line, from 1, the field as it is called there, and what is wrong."""

    line: int
    field: str
    message: str


class ModelError(InputError):
    """A file that does not fit its model: code "config_invalid", all its faults in the order of their lines."""

    def __init__(self, source: str, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        told = (f"{source}:{one.line}: {one.field}: {one.message}" for one in self.faults)
        super().__init__("config_invalid", "\n".join(told))


class Reading:
    """How the data of a file is read as a model: here as it stands. A subclass can translate words, there and back."""

    def __init__(self, data: dict[Any, Any], model: type[BaseModel]) -> None:
        self.data = data
        self.faults: list[tuple[Location, str]] = []  # found while reading: where in the file, and what
        self._model = model

    def written(self, location: Location) -> Location:
        """Where a field of the model stands in the file, or would stand."""
        return location

    def told(self, fault: ErrorDetails) -> str:
        """What is wrong, in words of somebody who writes YAML."""
        return _told(fault, self._model)


# What YAML 1.1 takes for a number besides, nobody expects: 0100 is 64, 1:40 is 100, 1_000 is 1000.
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)?(\.[0-9]*)?(e[-+]?[0-9]+)?|[-+]?\.(inf|nan)", re.IGNORECASE)
_NUMBERS = {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float"}


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader for what means the same to whoever reads it, and takes no more time than it is long.

    It refuses a key that stands twice in one mapping (PyYAML would silently take the last), numbers that are not
    written in plain decimals, and aliases: a few lines of those stand for more than any machine holds.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            problem = "`*` stands for another part of the file; write that part out"
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, problem, event.start_mark)
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        if node.tag in _NUMBERS and not _PLAIN_NUMBER.fullmatch(str(node.value)):
            problem = "a number is written as 100 or 0.5; put what is text, such as an OIN, in quotes"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        try:
            return super().construct_object(node, deep)
        except (yaml.YAMLError, RecursionError):
            raise
        except (
            Exception
        ) as error:  # a day that is none, a number too long: PyYAML lets through whatever Python raises
            raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from None

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key is a word or a number", key_node.start_mark
                )
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_text(path: Path) -> str:
    """The text of a small UTF-8 file; an InputError says why it cannot be read."""
    try:
        if path.is_dir():
            raise InputError("file_is_directory", str(path))
        if path.stat().st_size > CONFIG_FILE_BYTES:
            raise InputError("file_malformed", f"{path} is larger than {CONFIG_FILE_BYTES} bytes")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("file_missing", str(path)) from None
    except UnicodeDecodeError:
        hint = "Check the path; save it as text in UTF-8."
        raise InputError("encoding_invalid", f"{path} is not text in UTF-8", hint=hint) from None
    except OSError as error:
        raise InputError("file_unreadable", f"{path}: {error.strerror}") from None


def parse_yaml(text: str, source: str) -> Any:
    """The plain data in a YAML text; `source` names the file in errors."""
    return _read(text, source)[0]


def _read(text: str, source: str) -> tuple[Any, yaml.Node | None]:
    """The data, and the nodes that know where it stands: reading a text takes long, so it is read once."""
    try:
        loader = _PlainLoader(text)
        root = loader.get_single_node()
        return None if root is None else loader.construct_document(root), root
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise InputError("file_malformed", f"{source}:{line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise InputError("file_malformed", f"{source}: {error}") from None
    except RecursionError:
        raise InputError("file_malformed", f"{source}: lists or fields are nested too deeply") from None


def parse_model(
    text: str,
    model: type[Model],
    source: str,
    read: Callable[[dict[Any, Any], type[BaseModel]], Reading] = Reading,
) -> Model:
    """A YAML text as `model`, by way of `read`; a ModelError tells every fault with its line and field."""
    return parse_located(text, model, source, read)[0]


def parse_located(
    text: str,
    model: type[Model],
    source: str,
    read: Callable[[dict[Any, Any], type[BaseModel]], Reading] = Reading,
) -> tuple[Model, yaml.Node | None]:
    """The same, with the nodes of the text for `line_at`."""
    data, root = _read(text, source)
    if not isinstance(data, dict):
        raise InputError("file_malformed", f"{source}:1: expected fields with values, such as `name: value`")
    reading = read(data, model)
    found = list(reading.faults)
    try:
        made = model.model_validate(reading.data)
    except ValidationError as error:
        told = ((reading.written(where), reading.told(fault)) for where, fault in _own_faults(error))
        # What is missing in a section that cannot be read is no fault of its own.
        found = [one for one in told if not any(one[0][: len(at)] == at for at, _ in reading.faults)] + found
    else:
        if not found:
            return made, root
    raise ModelError(source, [Fault(line_at(root, at), field_name(at), what) for at, what in found])


def load_model(path: Path, model: type[Model]) -> Model:
    """A YAML file as `model`; every fault is told with file, line and field."""
    return parse_model(read_text(path), model, str(path))


def _own_faults(error: ValidationError) -> Iterator[tuple[Location, ErrorDetails]]:
    """Each fault with its place; none of a whole whose parts are at fault, such as a list that lost its only item."""
    found = [
        ((*fault["loc"], *getattr(fault.get("ctx", {}).get("error"), "location", ())), fault)
        for fault in error.errors()
    ]
    within = {where[:end] for where, _ in found for end in range(len(where))}
    return ((where, fault) for where, fault in found if where not in within)


def _told(fault: ErrorDetails, model: type[BaseModel]) -> str:
    """What is wrong, in words of somebody who writes YAML."""
    if fault["type"] == "extra_forbidden":
        *place, name = fault["loc"]
        near = near_word(name, _fields_at(model, place))
        return f"unknown field; did you mean `{near}`?" if near else "unknown field"
    if fault["type"].startswith("date_"):
        return "expected a day, such as 2026-01-31"
    return fault["msg"].removeprefix("Value error, ")


def _fields_at(model: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    """The names of the fields that may stand at a place in a model."""
    models = _models_in(model.model_fields["root"].annotation) if issubclass(model, RootModel) else [model]
    for part in place:
        found = [one.model_fields[part] for one in models if part in one.model_fields]
        if found:  # else the place in a list, or a member of a union
            models = [one for field in found for one in _models_in(field.annotation)]
    return [name for one in models for name in one.model_fields]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def near_word(word: object, known: Iterable[str]) -> str | None:
    """The word that was meant, if one of those known is near."""
    return next(iter(get_close_matches(str(word), list(known), n=1)), None)


def field_name(location: Location) -> str:
    """A field's path in words, such as "count.questions.0.epsilon"."""
    return ".".join(str(part) for part in location) or "(top)"


def line_at(node: yaml.Node | None, location: Location) -> int:
    """The line, from 1, of the deepest node that `location` reaches."""
    line = node.start_mark.line + 1 if node else 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(part)]
            if not found:
                return line
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            return line
    return line
