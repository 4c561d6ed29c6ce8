"""Cases: named questions with the answer that policy must give. What a case file says is in policies/cases/README.md.

A case starts from a question that fits an agreement exactly, and changes the question, the agreement or both. The
agreement that comes of it need not be one that the node would take: what the rules make of such a one is a case too.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from hashlib import sha3_512
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785
import yaml
from pydantic import Field, RootModel, model_validator

from linkage_node.agreements import Agreement, parse_agreement
from linkage_node.agreements.model import Answer, as_data
from linkage_node.clock import DAY_MS
from linkage_node.errors import InputError
from linkage_node.paths import as_written
from linkage_node.policy.case_fields import AGREEMENT, QUESTION, misspelt
from linkage_node.policy.question import decision_input
from linkage_node.policy.trial import fitting
from linkage_node.reasons import REASONS
from linkage_node.yaml_model import FieldError, Location, StrictModel, line_at, parse_located, read_text

CASES = "cases"  # folder of the case files (*.yaml) in a policy folder
EXAMPLES = "agreements"  # folder of the example agreements (NAME/agreement.yaml) in a policy folder
FIRST_EXAMPLE = "example-energy-allowance"  # what a case starts from if it names no agreement
ELEMENTS = 100  # of a fitting question, if the agreement allows as many
ANSWERS = ("attributes", "count", "hit")  # what is asked for if a case does not say: the first that is agreed
_SOURCES = ("example", "stored", "whole")


class CaseText(StrictModel):
    """A case as it is written."""

    why: str
    example: str | None = None
    stored: str | None = None
    whole: dict[str, Any] | None = None
    answer: Answer | None = None
    set: dict[str, Any] = Field(default_factory=dict)
    drop: tuple[str, ...] = ()
    unknown: dict[str, Any] = Field(default_factory=dict)
    agreement: dict[str, Any] = Field(default_factory=dict)
    agreement_drop: tuple[str, ...] = ()
    input: Any = None
    reasons: tuple[str, ...]
    obligations: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_together(self) -> "CaseText":
        given = [field for field in _SOURCES if getattr(self, field) is not None]
        if len(given) > 1:
            raise FieldError(f"a case starts from one agreement; `{given[0]}` is given too", given[1])
        if "input" in self.model_fields_set and (self.set or self.drop or self.unknown):
            raise FieldError("`input` is the whole question; `set`, `drop` and `unknown` change one", "input")
        if self.reasons and self.obligations:
            raise FieldError("a refusal has none", "obligations")
        for place, code in enumerate(self.reasons):
            if code not in REASONS:
                near = "".join(f"; did you mean `{one}`?" for one in get_close_matches(code, REASONS, n=1))
                raise FieldError(f"{code!r} is no reason{near}", "reasons", place)
        return self


class CaseFile(RootModel[dict[str, CaseText]]):
    """The cases of one file by name."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case, ready to be asked."""

    name: str
    why: str
    source: str  # FILE:LINE
    starts_from: str  # id of the agreement that it is made of
    input: Any  # what the decision point is asked; need not be a question
    agreement_hash: str  # hexadecimal
    agreement: dict[str, Any]  # as the rules see it
    reasons: tuple[str, ...]  # of the refusal, sorted; empty: approved
    obligations: Mapping[str, Any]  # of the approval; empty in a refusal


class Untried(NamedTuple):
    """A case about an agreement of the node that the policy does not have: left out of it, or removed."""

    case: str
    source: str  # FILE:LINE
    agreement: str  # id


def read_cases(
    folder: Path, examples: Mapping[str, Agreement], stored: Iterable[Agreement] = (), own: Path | None = None
) -> list[Case]:
    """The cases of the files in a folder, over `examples` and the agreements of a node, by file and place.

    `own` is an officer's folder beside it. InputError for what cannot be read, with file and line; ("file_missing") if
    there is no case.
    """
    files = case_files(folder, own).values()
    if not files:
        raise _no_cases(folder)
    return parse_cases({str(file): read_text(file) for file in files}, examples, stored)


def case_files(folder: Path, own: Path | None = None) -> dict[str, Path]:
    """The files `*.yaml` of cases in a folder, and in an officer's `own` beside it, by the name in a policy's file.

    InputError("file_missing") if there is none in `own`, ("file_exists") for a name that both have.
    """
    found = {f"{CASES}/{file.name}": file for file in _files(folder)}
    beside = _files(own) if own else []
    if own and not beside:
        raise _no_cases(own)
    for file in beside:
        if other := found.get(name := f"{CASES}/{file.name}"):
            hint = "Give your file another name: in a policy both stand in one folder."
            raise InputError("file_exists", f"{file} and {other}", hint=hint)
        found[name] = file
    return found


def _files(folder: Path) -> list[Path]:
    return sorted(as_written(folder).glob("*.yaml"))


def _no_cases(folder: Path) -> InputError:
    return InputError("file_missing", f"{as_written(folder)}: no file *.yaml with cases")


def read_examples(folder: Path) -> dict[str, Agreement]:
    """The example agreements of a policy folder, by the name of their own folder."""
    files = sorted((folder / EXAMPLES).glob("*/agreement.yaml"))
    return {file.parent.name: parse_agreement(read_text(file), str(file)) for file in files}


def parse_cases(
    texts: Mapping[str, str],
    examples: Mapping[str, Agreement],
    stored: Iterable[Agreement] = (),
    untried: list[Untried] | None = None,
) -> list[Case]:
    """The cases in texts of case files, by the names of the files; InputError as `read_cases`.

    A case about an agreement that is not among `stored` is a fault; with `untried` it is put there.
    """
    sources = {"example": dict(examples), "stored": {agreement.id: agreement for agreement in stored}}
    found: dict[str, Case] = {}
    named: dict[str, str] = {}
    for file, text in texts.items():
        model, root = parse_located(text, CaseFile, file)
        for name, told in model.root.items():
            reader = _Reader(file, text, root, name, told)
            if name in named:
                raise reader.fault(f"{named[name]} has this name too")
            named[name] = reader.source
            if untried is not None and told.stored is not None and told.stored not in sources["stored"]:
                untried.append(Untried(name, reader.source, told.stored))
            else:
                found[name] = reader.case(sources)
    return list(found.values())


def hash_of(agreement: Mapping[str, Any]) -> str:
    """The content hash, hexadecimal, also of agreements that the model would refuse."""
    return sha3_512(rfc8785.dumps(dict(agreement))).hexdigest()


class _Reader:
    """Makes a case of what is written, and knows where that stands."""

    def __init__(self, file: str, text: str, root: yaml.Node | None, name: str, told: CaseText) -> None:
        self._file, self._text, self._root, self._name, self._told = file, text, root, name, told

    @property
    def source(self) -> str:
        """Where the case stands."""
        return f"{self._file}:{line_at(self._root, (self._name,))}"

    def fault(self, message: str, *location: int | str) -> InputError:
        """A fault of the case, with the line of a field of it."""
        where: Location = (self._name, *location)
        field = ".".join(map(str, where))
        return InputError("config_invalid", f"{self._file}:{line_at(self._root, where)}: {field}: {message}")

    def case(self, sources: Mapping[str, Mapping[str, Agreement]]) -> Case:
        told = self._told
        agreement = self._agreement(sources)
        answer = told.answer or next(one for one in ANSWERS if one in agreement.answers)
        if answer not in agreement.answers:
            raise self.fault(f"{agreement.id} has no such answer", "answer")
        noon = agreement.starts_at_ms + DAY_MS // 2
        asked = fitting(
            agreement, answer, role="provider", mode="production", moment_ms=noon, elements=ELEMENTS
        )
        data = self._changed(as_data(agreement), "agreement", told.agreement, told.agreement_drop)
        try:
            content = hash_of(data)
        except rfc8785.CanonicalizationError as error:
            raise self.fault(str(error), "agreement") from None
        question: Any = decision_input(asked)
        question["context"]["agreement"]["hash"] = content
        if "input" in told.model_fields_set:
            question = self._plain(told.input, "input")
        else:
            question = self._changed(question, "set", told.set, told.drop)
            question = self._changed(question, "unknown", told.unknown, ())
        return Case(
            name=self._name,
            why=told.why,
            source=self.source,
            starts_from=agreement.id,
            input=question,
            agreement_hash=content,
            agreement=data,
            reasons=tuple(sorted(told.reasons)),
            obligations={} if told.reasons else obligations_of(data) | told.obligations,
        )

    def _agreement(self, sources: Mapping[str, Mapping[str, Agreement]]) -> Agreement:
        told = self._told
        if told.whole is not None:
            return self._whole()
        field = "example" if told.stored is None else "stored"
        name = told.stored or told.example or FIRST_EXAMPLE
        known = sources[field]
        if name not in known:
            place = "of the policy folder" if field == "example" else "of this node"
            there_are = ", ".join(sorted(known)) or "none"
            raise self.fault(f"no agreement {name!r} {place}; there are: {there_are}", field)
        return known[name]

    def _whole(self) -> Agreement:
        """The agreement that is written in the case, read at its own lines."""
        node = _value(_value(self._root, self._name), "whole")
        start = node.start_mark
        text = self._text[start.index : node.end_mark.index]
        return parse_agreement("\n" * start.line + " " * start.column + text, self._file)

    def _changed(
        self, document: dict[str, Any], field: str, values: Mapping[str, Any], dropped: Iterable[str]
    ) -> dict[str, Any]:
        """A copy of a document with the fields at dotted paths set to other values, and some left out."""
        changed = deepcopy(document)
        drop = "agreement_drop" if field == "agreement" else "drop"
        for path, value in values.items():
            self._check_field(field, path, value)
            holder, last = self._holder(changed, path, field)
            holder[last] = self._plain(value, field, path)
        for path in dropped:
            holder, last = self._holder(changed, path, drop)
            if last not in holder:
                raise self.fault(f"there is no field `{path}`", drop)
            del holder[last]
        return changed

    def _check_field(self, field: str, path: str, value: Any) -> None:
        """A fault for a field that there is not; and in `unknown` for one that there is."""
        found = misspelt(AGREEMENT if field == "agreement" else QUESTION, path, value)
        if field == "unknown" and found is None:
            raise self.fault("a question has this field: put it under `set`", field, path)
        if field != "unknown" and found:
            name, near = found
            if near:
                raise self.fault(f"there is no field `{name}`; did you mean `{near}`?", field, path)
            raise self.fault(f"there is no field `{name}`", field, path)

    def _holder(self, document: dict[str, Any], path: str, field: str) -> tuple[dict[str, Any], str]:
        *parents, last = path.split(".")
        holder: Any = document
        for parent in parents:
            holder = holder.get(parent)
            if not isinstance(holder, dict):
                raise self.fault(f"`{parent}` is nothing that has fields", field, path)
        return holder, last

    def _plain(self, value: Any, *location: int | str) -> Any:
        """The value as JSON has it: a day is a text."""
        if isinstance(value, datetime):
            raise self.fault("put a moment in quotes", *location)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, dict):
            return {str(key): self._plain(one, *location, key) for key, one in value.items()}
        return [self._plain(one, *location) for one in value] if isinstance(value, list) else value


def _value(node: Any, key: str) -> yaml.Node:
    """The value of a key of a mapping that has it."""
    values: dict[str, yaml.Node] = {name.value: value for name, value in node.value}
    return values[key]


def obligations_of(agreement: Mapping[str, Any]) -> dict[str, Any]:
    """All of an agreement's obligations, as the rules give them with an approval."""
    kept = {name: agreement.get(name) for name in ("kinds", "answers", "proof", "receipts")}
    limits = agreement.get("limits")
    return kept | limits if isinstance(limits, dict) else kept
