"""The agreement: a YAML file that a privacy officer can read and both organisations hold.

Its content hash is SHA3-512 over its JCS form (RFC 8785), as FSC hashes contracts. Keys are derived from that hash and
orders name it, so an agreement with one other word is another agreement. A field that a later version adds must have
the default None: what is None is left out of the hash, and agreements that are in use keep theirs.
"""

import re
from datetime import UTC, date, datetime, timedelta
from hashlib import sha3_512
from typing import Annotated, Any, Literal

import rfc8785
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from linkage_node.agreements.periods import TIMES_A_YEAR
from linkage_node.agreements.terms import (
    AttributeTerms,
    CountQuestion,
    CountTerms,
    Line,
    Slug,
    distinct,
)
from linkage_node.agreements.words import AgreementReading
from linkage_node.clock import DAY_MS, day_of
from linkage_node.config import Name, Oin
from linkage_node.errors import Refusal
from linkage_node.limits import (
    AGREEMENT_BYTES,
    AGREEMENT_KINDS,
    AGREEMENT_LAST_YEAR,
    AGREEMENT_VALUES,
    EPOCH_DAYS,
    EVALUATIONS_PER_DAY,
    LARGEST_ORDER,
    MICRO,
    POLICY_NUMBER,
    RESULT_RETENTION_DAYS,
    TAG_SET_BUCKET,
    TAG_SET_CHANGES,
    TAG_SET_HOURS,
    TAG_SET_PADDING,
)
from linkage_node.yaml_model import FieldError, StrictModel, parse_model

Answer = Literal["count", "hit", "attributes"]
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _calendar_day(value: Any) -> Any:
    """Only a day: pydantic would read a number, in quotes too, as seconds since 1970, and cut a time off."""
    is_text = isinstance(value, str) and _DAY.fullmatch(value)
    if not is_text and (isinstance(value, datetime) or not isinstance(value, date)):
        raise FieldError("expected a day, such as 2026-01-31")
    return value


Day = Annotated[date, BeforeValidator(_calendar_day)]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]  # a word of the catalogue
CatalogueId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,63}$")]


class Organisation(StrictModel):
    """One of the two parties."""

    oin: Oin
    name: Name = ""
    kind: Code | None = None  # of organisation, in the catalogue: municipality, housing_association, ...


class LegalBasis(StrictModel):
    """The legal basis (grondslag) that the organisations rely on."""

    article: Line
    id: CatalogueId | None = None  # of the legal basis in the catalogue


class TagSetSchedule(StrictModel):
    """How the tag set reaches the requester: what it shows is the same whatever changed in the provider's register."""

    bucket: int = Field(
        default=4096, ge=1, le=TAG_SET_BUCKET, strict=True
    )  # entries; the set is a multiple of it
    changes: int = Field(
        default=256, ge=1, le=TAG_SET_CHANGES, strict=True
    )  # entries each delta adds, and removes
    every_hours: int = Field(default=24, ge=1, le=TAG_SET_HOURS, strict=True)  # between two deltas


class Limits(StrictModel):
    """How much may be asked, and how long results are kept."""

    evaluations_per_day: int = Field(ge=1, le=EVALUATIONS_PER_DAY, strict=True)  # a day in UTC
    largest_query: int = Field(ge=1, le=LARGEST_ORDER, strict=True)  # elements in one order
    result_retention_days: int = Field(default=30, ge=1, le=RESULT_RETENTION_DAYS, strict=True)


class Agreement(StrictModel):
    """Who may ask whom, for what, by which identifiers, and how much. See `agreements new` for an example."""

    id: Slug
    version: int = Field(
        default=1, ge=1, le=POLICY_NUMBER, strict=True
    )  # goes up when the organisations agree on another text
    purpose: Line
    purpose_category: Code | None = None  # in the catalogue; the legal basis says which it allows
    processing_activity: (
        Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9+.-]{0,31}:[!-~]{1,500}$")] | None
    ) = None
    legal_basis: LegalBasis
    requester: Organisation
    provider: Organisation
    kinds: Annotated[
        tuple[Kind, ...], Field(min_length=1, max_length=AGREEMENT_KINDS), AfterValidator(distinct)
    ]
    answers: Annotated[tuple[Answer, ...], Field(min_length=1), AfterValidator(distinct)]
    valid_from: Day  # from 00:00 UTC
    valid_until: Day  # the last day, until 24:00 UTC
    epoch_days: int = Field(default=28, ge=1, le=EPOCH_DAYS, strict=True)
    tag_set: TagSetSchedule = TagSetSchedule()
    limits: Limits
    proof: bool = Field(default=False, strict=True)  # evaluations carry a DLEQ proof
    receipts: bool = Field(default=False, strict=True)  # the requester reports its hits by token
    count: CountTerms | None = None
    attributes: AttributeTerms | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> "Agreement":
        if self.requester.oin == self.provider.oin:
            raise FieldError("requester and provider are the same organisation")
        if self.valid_until < self.valid_from:
            raise FieldError("valid_until lies before valid_from", "valid_until")
        if self.valid_until.year > AGREEMENT_LAST_YEAR:
            raise FieldError(
                "an agreement ends, in {year} at the latest", "valid_until", year=AGREEMENT_LAST_YEAR
            )
        if self.epoch_days * 24 % self.tag_set.every_hours:
            raise FieldError(
                "an epoch of {days} days is no whole number of periods of {hours} hours (tag_set.every_hours)",
                days=self.epoch_days,
                hours=self.tag_set.every_hours,
            )
        if self.padding > TAG_SET_PADDING:
            raise FieldError(
                "tag_set.changes times the deltas of an epoch is {padding}, more than {most}",
                padding=self.padding,
                most=TAG_SET_PADDING,
            )
        return self

    @model_validator(mode="after")
    def _answers_have_their_terms(self) -> "Agreement":
        for answer, terms in (("count", self.count), ("attributes", self.attributes)):
            if answer in self.answers and terms is None:
                raise FieldError(
                    f"`{answer}` needs a section `{answer}:`, such as `linkage-node agreements new --answer {answer}`"
                    " writes",
                    "answers",
                )
            if answer not in self.answers and terms is not None:
                raise FieldError(f"this section needs `{answer}` among the answers", answer)
        return self

    @model_validator(mode="after")
    def _terms_are_within_limits(self) -> "Agreement":
        most = min(self.limits.largest_query, self.limits.evaluations_per_day)
        for place, question in enumerate(self.count.questions if self.count else ()):
            if self.count and (elements := self.count.asked(question)) > most:
                raise FieldError(
                    "{question} sends {elements} elements, requester_bucket for each of its {categories} categories,"
                    " and {most} is the least of `limits`",
                    *("count", "questions", place),
                    question=question.id,
                    elements=elements,
                    categories=len(question.groups),
                    most=most,
                )
        if self.attributes and self.attributes.largest > most:
            raise FieldError("more than {most}, the least of `limits`", "attributes", "largest", most=most)
        return self

    @model_validator(mode="after")
    def _can_be_judged(self) -> "Agreement":
        """Not so large that the rules cannot be asked about it; only many questions and values make it so."""
        breakdowns = [
            side
            for question in (self.count.questions if self.count else ())
            for side in (question.by_requester, question.by_provider)
            if side is not None
        ]
        if (values := sum(len(side.values) for side in breakdowns)) > AGREEMENT_VALUES:
            raise FieldError(
                "{values} values in all questions together, more than {most}",
                *("count", "questions"),
                values=values,
                most=AGREEMENT_VALUES,
            )
        if (size := len(rfc8785.dumps(as_data(self)))) > AGREEMENT_BYTES:
            raise FieldError(
                "the agreement takes {size} bytes, more than {most}; take fewer or shorter questions and values",
                *("count", "questions"),
                size=size,
                most=AGREEMENT_BYTES,
            )
        return self

    def question(self, question_id: str) -> tuple[CountTerms, CountQuestion]:
        """A question of the catalogue, with the terms of counting.

        Refusal("answer_not_agreed") if nothing is counted, Refusal("question_not_agreed") if not this.
        """
        if self.count is None:
            raise Refusal("answer_not_agreed", self.id)
        for question in self.count.questions:
            if question.id == question_id:
                return self.count, question
        raise Refusal("question_not_agreed", f"{self.id}: {question_id[:64]!r}")

    @property
    def parties(self) -> frozenset[str]:
        """The OINs of the two organisations."""
        return frozenset((self.requester.oin, self.provider.oin))

    def partner_of(self, oin: str) -> Organisation:
        """The other one of the two."""
        return self.provider if self.requester.oin == oin else self.requester

    @property
    def epsilon_per_year(self) -> float:
        """What a calendar year (UTC) of asking costs at the most: every question in every period, by every kind."""
        questions = self.count.questions if self.count else ()
        return sum(one.epsilon_micro * TIMES_A_YEAR[one.every] for one in questions) * len(self.kinds) / MICRO

    @property
    def starts_at_ms(self) -> int:
        """The first moment of the agreement, in milliseconds since 1970-01-01 UTC."""
        return _midnight_ms(self.valid_from)

    @property
    def ends_at_ms(self) -> int:
        """The first moment after the agreement, in milliseconds since 1970-01-01 UTC."""
        return _midnight_ms(self.valid_until + timedelta(days=1))

    @property
    def epoch_ms(self) -> int:
        """Milliseconds of a whole epoch."""
        return self.epoch_days * DAY_MS

    @property
    def ticks_per_epoch(self) -> int:
        """How many periods between two tag set deltas a whole epoch has."""
        return self.epoch_days * 24 // self.tag_set.every_hours

    @property
    def padding(self) -> int:
        """Entries that a tag set has besides the provider's people: enough for every delta of an epoch."""
        return self.tag_set.changes * self.ticks_per_epoch

    def epoch_at(self, now_ms: int) -> int:
        """The epoch that runs at `now_ms`, counted from 0 at the first day.

        Refusal("agreement_not_yet_valid") before the agreement, Refusal("agreement_expired") after it.
        """
        if now_ms < self.starts_at_ms:
            raise Refusal(
                "agreement_not_yet_valid", f"{self.id}: from {self.valid_from}; now {day_of(now_ms)} (UTC)"
            )
        if now_ms >= self.ends_at_ms:
            raise Refusal(
                "agreement_expired", f"{self.id}: until {self.valid_until}; now {day_of(now_ms)} (UTC)"
            )
        return (now_ms - self.starts_at_ms) // self.epoch_ms

    def epoch_bounds(self, epoch: int) -> tuple[int, int]:
        """First moment of an epoch and first moment after it, in ms; the last epoch ends with the agreement.

        Refusal("epoch_not_current") for an epoch that the agreement does not have.
        """
        start = self.starts_at_ms + epoch * self.epoch_ms
        if epoch < 0 or start >= self.ends_at_ms:
            raise Refusal("epoch_not_current", f"{self.id} has no epoch {epoch}")
        return start, min(start + self.epoch_ms, self.ends_at_ms)


def content_hash(agreement: Agreement) -> bytes:
    """SHA3-512 over the JCS form (RFC 8785) of the whole agreement, defaults included: 64 bytes."""
    return sha3_512(rfc8785.dumps(as_data(agreement))).digest()


def as_data(agreement: Agreement) -> dict[str, Any]:
    """The agreement as plain JSON data: what is hashed, and what policy sees."""
    return agreement.model_dump(mode="json", exclude_none=True)


def parse_agreement(text: str, source: str = "agreement.yaml") -> Agreement:
    """A YAML text in Dutch or English words as an agreement; a ModelError tells every fault with its line and field."""
    return parse_model(text, Agreement, source, AgreementReading)


def _midnight_ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * 1000
