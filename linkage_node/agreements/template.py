"""A new agreement as commented YAML, ready for two privacy officers to complete."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Literal, NamedTuple

from linkage_node.agreements import template_en, template_nl
from linkage_node.agreements.model import Agreement, as_data, parse_agreement

_BUCKET = 10_000  # persons of one category, unless other numbers are given
_PROVIDER_BUCKET = 1_024  # at the least: the agreement's limits are no limits of the provider's list
_DISCLOSED = 10  # persons whose attributes are asked for in one question
Language = Literal["nl", "en"]
_WORDS = {"nl": template_nl, "en": template_en}
_TO_FILL_IN = tuple(words.ARTICLE.partition(":")[0] for words in _WORDS.values())


class Proposal(NamedTuple):
    """What a new agreement is made from; checked by the agreement's own model."""

    id: str
    purpose: str
    requester_oin: str
    requester_name: str
    provider_oin: str
    provider_name: str
    kinds: tuple[str, ...]
    answers: tuple[str, ...]
    valid_from: date
    valid_until: date
    evaluations_per_day: int
    largest_query: int
    requester_bucket: int | None = None  # None: as many as `bucket_for` says
    provider_bucket: int | None = (
        None  # None: the same, and enough that an attempt tells little of one person
    )
    language: Language = "nl"  # of the comments, and of what is to be filled in


def bucket_for(proposal: Proposal) -> int:
    """The room of a category that fits in the limits: of the largest of them, or less if they allow less."""
    return min(_BUCKET, proposal.largest_query, proposal.evaluations_per_day)


def a_year_from(first: date) -> date:
    """The last day of the year (365 days) that starts at `first`."""
    return first + timedelta(days=364)


def agreement_text(proposal: Proposal) -> str:
    """The YAML text; InputError if the proposal would make no valid agreement."""
    bucket, words = bucket_for(proposal), _WORDS[proposal.language]
    values = {
        **proposal._asdict(),
        "requester_bucket": proposal.requester_bucket or bucket,
        "provider_bucket": proposal.provider_bucket or max(bucket, _PROVIDER_BUCKET),
        "largest_disclosure": min(_DISCLOSED, proposal.largest_query, proposal.evaluations_per_day),
        "article": words.ARTICLE,
    }
    sections = {"count": words.COUNT, "attributes": words.ATTRIBUTES}
    told = (_section(text, agreed=name in proposal.answers) for name, text in sections.items())
    text: str = (words.AGREEMENT + "".join(told)).format(
        **{name: _yaml(value) for name, value in values.items()}
    )
    parse_agreement(text, "the new agreement")
    return text


def unfilled(agreement: Agreement) -> list[str]:
    """The fields that still say that they are to be filled in, such as "legal_basis.article"."""
    return list(_unfilled(as_data(agreement), ()))


def _unfilled(value: Any, place: tuple[str, ...]) -> Iterator[str]:
    if isinstance(value, str) and any(mark in value.upper() for mark in _TO_FILL_IN):
        yield ".".join(place)
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from _unfilled(part, (*place, str(name)))


def _section(text: str, *, agreed: bool) -> str:
    """A section of the answers; as comments if its answer is not agreed."""
    lines = text.splitlines(keepends=True)
    return text if agreed else "".join(line if line.startswith("#") else f"# {line}" for line in lines)


def _yaml(value: Any) -> str:
    """One YAML value on one line; text in quotes, as JSON writes it."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)
