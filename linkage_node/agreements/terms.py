"""What an agreement says of counts (the catalogue of questions) and of attributes."""

import re
from hashlib import sha256
from typing import Annotated, Any, Literal

import rfc8785
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from linkage_node.limits import (
    COUNT_CATEGORIES,
    COUNT_CELLS,
    COUNT_ELEMENTS,
    COUNT_QUESTIONS,
    COUNT_TRAPS,
    DISCLOSED_ATTRIBUTES,
    DISCLOSED_PERSONS,
    DISCLOSURES_PER_TOKEN,
    EPSILON_LARGEST,
    EPSILON_SMALLEST,
    MICRO,
    SERIES_DAYS,
)
from linkage_node.yaml_model import FieldError, StrictModel

ALL = "all"  # the one category of a side that is not broken down
OTHER = "other"  # everybody whose value is none of those named, or who has none

Period = Literal["day", "week", "month", "quarter", "year"]


def distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    """The values, none of which stands twice."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise FieldError("{value!r} stands twice", value=value)
        seen.add(value)
    return values


def _text(value: Any) -> Any:
    if not isinstance(value, str):  # NO, 1012 and 2026-01-01 are no text in YAML
        raise FieldError(
            "YAML reads this as {value!r}; put it in quotes if it is a name or a value", value=value
        )
    return value


def attribute_name(value: Any) -> str:
    """The name of an attribute, which policy has to recognise: a letter of another alphabet can look like another."""
    name = str(_text(value))
    if not re.fullmatch(r"[A-Za-z](?:[A-Za-z0-9 ._-]{0,62}[A-Za-z0-9._-])?", name):
        raise FieldError(
            "an attribute's name has plain letters (without accents), digits, spaces, `.`, `_` and `-`,"
            " at most 64; a letter first and no space last"
        )
    return name


def _decimal(value: Any) -> Any:
    if isinstance(value, str | bool):  # pydantic would take "0.5", and 0,5 is text in YAML
        raise FieldError("expected a number such as 0.5, with a point and without quotes")
    return value


# One line of text: no control characters (a NUL ends the text in some policy engines) and no space at either end.
Line = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[^\s\pC](?:[^\pC\p{Zl}\p{Zp}]*[^\s\pC])?$"),
]
Value = Annotated[Line, StringConstraints(max_length=64), BeforeValidator(_text)]
AttributeName = Annotated[str, BeforeValidator(attribute_name)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]


class Breakdown(StrictModel):
    """One side's categories: the values of one of its attributes."""

    attribute: AttributeName
    values: Annotated[
        tuple[Value, ...], Field(min_length=1, max_length=COUNT_CATEGORIES), AfterValidator(distinct)
    ]
    other: bool = Field(
        default=False, strict=True
    )  # a category for everybody else; else they are not counted

    @model_validator(mode="after")
    def _other_is_kept_free(self) -> "Breakdown":
        if self.other and OTHER in self.values:
            raise FieldError("`{other}` is the name of the category for everybody else", other=OTHER)
        return self

    @property
    def categories(self) -> tuple[str, ...]:
        """The names of the categories, in order."""
        return (*self.values, OTHER) if self.other else self.values


def categories_of(breakdown: Breakdown | None) -> tuple[str, ...]:
    """The categories of a side, which has one if it is not broken down."""
    return breakdown.categories if breakdown else (ALL,)


class CountQuestion(StrictModel):
    """One question of the catalogue: how many clients do both organisations have, by which categories?"""

    id: Slug
    title: Line | None = None
    epsilon: Annotated[float, BeforeValidator(_decimal)] = Field(
        ge=EPSILON_SMALLEST, le=EPSILON_LARGEST, allow_inf_nan=False
    )  # the noise is discrete Laplace, scale 1/epsilon
    every: Period = "month"  # one answer in each, by the provider's clock (UTC)
    by_requester: Breakdown | None = None
    by_provider: Breakdown | None = None

    @model_validator(mode="after")
    def _not_too_many_cells(self) -> "CountQuestion":
        if len(self.groups) * len(self.categories) > COUNT_CELLS:
            raise FieldError("a table has at most {most} cells", most=COUNT_CELLS)
        return self

    @property
    def groups(self) -> tuple[str, ...]:
        """The requester's categories: the rows of the table."""
        return categories_of(self.by_requester)

    @property
    def categories(self) -> tuple[str, ...]:
        """The provider's categories: the columns."""
        return categories_of(self.by_provider)

    @property
    def epsilon_micro(self) -> int:
        """Epsilon in millionths, as budgets are kept."""
        return round(self.epsilon * MICRO)

    def digest(self, kind: str, smallest_cell: int, smallest_set: int) -> bytes:
        """Names what is asked, 32 bytes: the same whatever the question is called and in which order values stand.

        What bounds the answer belongs to it: under stricter terms no answer is given that laxer ones allowed.
        """
        sides: list[Any] = [
            side and {"attribute": side.attribute, "values": sorted(side.values), "other": side.other}
            for side in (self.by_requester, self.by_provider)
        ]
        asked = [kind, self.every, self.epsilon_micro, smallest_cell, smallest_set, *sides]
        return sha256(rfc8785.dumps(asked)).digest()


class CountTerms(StrictModel):
    """Counting: what may be asked, and how little of it is told."""

    # Elements that each category travels with, people and padding together, whatever its size: no size is ever shown.
    requester_bucket: int = Field(ge=1, le=COUNT_ELEMENTS, strict=True)
    provider_bucket: int = Field(gt=COUNT_TRAPS, le=COUNT_ELEMENTS, strict=True)
    smallest_set: int = Field(default=100, ge=1, strict=True)  # persons that each side has at the least
    smallest_cell: int = Field(default=10, ge=1, strict=True)  # after noise; a smaller number is not released
    series_days: int | None = Field(
        default=None, ge=1, le=SERIES_DAYS, strict=True
    )  # that a series of counts is kept
    questions: Annotated[tuple[CountQuestion, ...], Field(min_length=1, max_length=COUNT_QUESTIONS)]

    @model_validator(mode="after")
    def _asks_nothing_twice(self) -> "CountTerms":
        ids: dict[str, int] = {}
        asked: dict[bytes, str] = {}
        for place, question in enumerate(self.questions):
            if question.id in ids:
                raise FieldError(
                    "two questions are called {question}", "questions", place, "id", question=question.id
                )
            same = asked.get(digest := question.digest("", 0, 0))
            if same is not None:
                raise FieldError(
                    "{first} and {second} ask the same; each would cost epsilon, and two answers tell more",
                    *("questions", place),
                    first=same,
                    second=question.id,
                )
            ids[question.id], asked[digest] = place, question.id
        return self

    @model_validator(mode="after")
    def _fits_in_buckets(self) -> "CountTerms":
        for place, question in enumerate(self.questions):
            sides = {
                "requester_bucket": (len(question.groups), self.requester_bucket),
                "provider_bucket": (len(question.categories), self.provider_bucket - COUNT_TRAPS),
            }
            for bucket, (categories, persons) in sides.items():
                if categories * persons < self.smallest_set:
                    raise FieldError(
                        "{question} has room for {persons} persons, so never for smallest_set ({least})",
                        bucket,
                        question=question.id,
                        persons=categories * persons,
                        least=self.smallest_set,
                    )
                if persons < self.smallest_cell:
                    raise FieldError(
                        "a category has room for {persons} persons, so never for smallest_cell ({least})",
                        bucket,
                        persons=persons,
                        least=self.smallest_cell,
                    )
            if max(self.asked(question), len(question.categories) * self.provider_bucket) > COUNT_ELEMENTS:
                raise FieldError(
                    "{question}: more than {most} elements; take smaller buckets",
                    *("questions", place),
                    question=question.id,
                    most=COUNT_ELEMENTS,
                )
        return self

    def asked(self, question: CountQuestion) -> int:
        """Elements that the requester sends for a question, padding included."""
        return len(question.groups) * self.requester_bucket


class AttributeTerms(StrictModel):
    """Attributes: what is told about a shared client, and no more."""

    names: Annotated[
        tuple[AttributeName, ...],
        Field(min_length=1, max_length=DISCLOSED_ATTRIBUTES),
        AfterValidator(distinct),
    ]
    largest: int = Field(default=50, ge=1, le=DISCLOSED_PERSONS, strict=True)  # persons in one question
    per_token: int = Field(
        default=3, ge=1, le=DISCLOSURES_PER_TOKEN, strict=True
    )  # times for one person in an epoch
