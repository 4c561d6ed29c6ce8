"""YAML files under typed, strict models: an unknown key, a wrong type or a missing field is an error with its line."""

import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from pydantic_core import ErrorDetails

from linkage_node.errors import InputError
from linkage_node.limits import CONFIG_FILE_BYTES
from linkage_node.yaml_loader import load
from linkage_node.yaml_problems import NO_FIELDS, NO_TEXT, TOO_DEEP, problem_in

Model = TypeVar("Model", bound=BaseModel)
_UTF_16 = (BOM_UTF16_LE, BOM_UTF16_BE)
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


class MalformedError(InputError):
    """A file that is no YAML: code "file_malformed", with the line, from 1, and what is wrong there."""

    def __init__(self, source: str, line: int, problem: str) -> None:
        self.line, self.problem = line, problem
        super().__init__("file_malformed", f"{source}:{line}: {problem}")


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


def read_text(path: Path) -> str:
    """The text of a small UTF-8 file; an InputError says why it cannot be read."""
    try:
        if path.is_dir():
            raise InputError("file_is_directory", str(path))
        if path.stat().st_size > CONFIG_FILE_BYTES:
            raise InputError("file_malformed", f"{path} is larger than {CONFIG_FILE_BYTES} bytes")
        content = path.read_bytes()
        return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig").read()  # any line ends become \n
    except FileNotFoundError:
        raise InputError("file_missing", str(path)) from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        if b"\0" in content and not content.startswith(_UTF_16):
            raise MalformedError(str(path), line, NO_TEXT) from None
        hint = "Save it anew from your editor, with UTF-8 as its encoding (in Windows Notepad: Save as, Encoding)."
        raise InputError("encoding_invalid", f"{path}:{line}: this is not UTF-8", hint=hint) from None
    except OSError as error:
        raise InputError("file_unreadable", f"{path}: {error.strerror}") from None


def parse_yaml(text: str, source: str) -> Any:
    """The plain data in a YAML text; `source` names the file in errors."""
    return parse_nodes(text, source)[0]


def parse_nodes(text: str, source: str) -> tuple[Any, yaml.Node | None]:
    """The data, and the nodes that know where it stands; both at once, for reading a text takes long."""
    try:
        return load(text)
    except yaml.YAMLError as error:
        raise MalformedError(source, *problem_in(text, error)) from None
    except RecursionError:
        raise MalformedError(source, 1, TOO_DEEP) from None


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
    data, root = parse_nodes(text, source)
    if not isinstance(data, dict):
        raise MalformedError(source, 1, NO_FIELDS)
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


def line_at(root: yaml.Node | None, location: Location) -> int:
    """The line, from 1, of the deepest node that `location` reaches."""
    reached = list(_along(root, location))
    return reached[-1][0] if reached else 1


def node_at(root: yaml.Node | None, location: Location) -> yaml.Node | None:
    """The value at `location`; None if there is none."""
    reached = list(_along(root, location))
    return reached[-1][1] if len(reached) > len(location) else None


def _along(node: yaml.Node | None, location: Location) -> Iterator[tuple[int, yaml.Node]]:
    """The nodes on the way to `location`, the whole first, as far as they are there; each with its line, from 1."""
    if node is None:
        return
    yield node.start_mark.line + 1, node
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == str(part)), None)
            if found is None:
                return
            key, node = found
            yield key.start_mark.line + 1, node
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            yield node.start_mark.line + 1, node
        else:
            return
