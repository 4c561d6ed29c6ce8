"""YAML files under typed, strict models: an unknown key, a wrong type or a missing field is an error with its line."""

from collections.abc import Hashable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from linkage_node.errors import InputError
from linkage_node.limits import CONFIG_FILE_BYTES

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[int | str, ...]  # of a field: names, and places in lists


class StrictModel(BaseModel):
    """A model that knows all its keys and cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class FieldError(ValueError):
    """A fault that a validator of a whole model found in one of its fields, so that its line can be told."""

    def __init__(self, message: str, *location: int | str) -> None:
        super().__init__(message)
        self.location = location


class _UniqueKeyLoader(yaml.SafeLoader):
    """SafeLoader that refuses a key that stands twice in one mapping; PyYAML would silently take the last."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
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
    try:
        return yaml.load(text, Loader=_UniqueKeyLoader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else "?"
        raise InputError("file_malformed", f"{source}:{line}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise InputError("file_malformed", f"{source}: {error}") from None
    except RecursionError:
        raise InputError("file_malformed", f"{source}: lists or fields are nested too deeply") from None


def parse_model(text: str, model: type[Model], source: str) -> Model:
    """A YAML text as `model`; every fault is told with its line and field."""
    data = parse_yaml(text, source)
    if not isinstance(data, dict):
        raise InputError("file_malformed", f"{source}:1: expected fields with values, such as `name: value`")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        faults = [
            f"{source}:{_line(root, where)}: {_field(where)}: {_told(fault, model)}"
            for where, fault in _own_faults(error)
        ]
        raise InputError("config_invalid", "\n".join(faults)) from None


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
        near = get_close_matches(str(name), _fields_at(model, place), n=1)
        return f"unknown field; did you mean `{near[0]}`?" if near else "unknown field"
    if fault["type"].startswith("date_"):
        return "expected a day, such as 2026-01-31"
    return fault["msg"].removeprefix("Value error, ")


def _fields_at(model: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    """The names of the fields that may stand at a place in a model."""
    models = [model]
    for part in place:
        found = [one.model_fields[part] for one in models if part in one.model_fields]
        if found:  # else the place in a list, or a member of a union
            models = [one for field in found for one in _models_in(field.annotation)]
    return [name for one in models for name in one.model_fields]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _field(location: Location) -> str:
    return ".".join(str(part) for part in location) or "(top)"


def _line(node: yaml.Node | None, location: Location) -> int:
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
