"""A new agreement as commented YAML, ready for two privacy officers to complete."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from types import ModuleType
from typing import Any, NamedTuple

from linkage_node.agreements import template_en, template_nl
from linkage_node.agreements.model import Agreement, as_data, parse_agreement
from linkage_node.agreements.template_cases import Case
from linkage_node.agreements.words import Language, value_in
from linkage_node.yaml_model import Location, field_name

_BUCKET = 10_000  # persons of one category, unless other numbers are given
_PROVIDER_BUCKET = 1_024  # at the least: the agreement's limits are no limits of the provider's list
_DISCLOSED = 10  # persons whose attributes are asked for in one question
_WORDS = {"nl": template_nl, "en": template_en}
_MARKS = tuple(words.TO_FILL_IN for words in _WORDS.values())
_STAND_INS = ("00000099000000001000", "00000099000000002000")  # OINs for tests, while there are none
_NEEDED = ("purpose_category", "legal_basis", "requester_kind", "provider_kind")  # else the rules refuse it
_VALUE = re.compile(r"\{(\w+)\}")
# The fields of the model that are said in words of a language.
SAID = {
    "purpose_category": "purpose_category",
    "requester_kind": "requester.kind",
    "provider_kind": "provider.kind",
    "kinds": "kinds",
    "answers": "answers",
}


class Proposal(NamedTuple):
    """What a new agreement is made from; checked by the agreement's own model. What is None is to be filled in."""

    id: str
    purpose: str
    case: Case
    valid_from: date
    valid_until: date
    requester_oin: str | None = None
    requester_name: str | None = None
    provider_oin: str | None = None
    provider_name: str | None = None
    requester_kind: str | None = None  # as an officer says; what the case is for, is not yet what this one is
    provider_kind: str | None = None
    article: str | None = None
    requester_bucket: int | None = None  # None: as many as `bucket_for` says
    provider_bucket: int | None = (
        None  # None: the same, and so many that an attempt tells little of one person
    )
    intro: str = ""  # what the officer has to weigh in this case
    language: Language = "nl"  # of the fields, the comments, and what is to be filled in


def words_of(language: Language) -> ModuleType:
    """The words of new agreements in a language: the module `template_nl` or `template_en`."""
    return _WORDS[language]


def bucket_for(case: Case) -> int:
    """The room of a category that fits in the limits: of the largest of them, or less if they allow less."""
    return min(_BUCKET, case.largest_query, case.evaluations_per_day)


def a_year_from(first: date) -> date:
    """The last day of the year (365 days) that starts at `first`."""
    return first + timedelta(days=364)


def agreement_text(proposal: Proposal) -> str:
    """The YAML text; InputError if the proposal would make no valid agreement once it is filled in."""
    filled_in = proposal._replace(
        requester_oin=proposal.requester_oin or _STAND_INS[0],
        provider_oin=proposal.provider_oin or _STAND_INS[1],
        requester_kind=proposal.requester_kind or proposal.case.requester_kind,
        provider_kind=proposal.provider_kind or proposal.case.provider_kind,
    )
    parse_agreement(_text(filled_in), "the new agreement")
    return _text(proposal)


def unfilled(agreement: Agreement) -> list[str]:
    """The fields that still say that they are to be filled in, such as "legal_basis.article"."""
    return [field_name(place) for place in to_fill_in(as_data(agreement))]


def to_fill_in(value: Any, place: Location = ()) -> Iterator[Location]:
    """The places in data where it still says, in either language, that something is to be filled in."""
    if isinstance(value, str) and any(mark in value.upper() for mark in _MARKS):
        yield place
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from to_fill_in(part, (*place, name))


def _text(proposal: Proposal) -> str:
    case, words = proposal.case, _WORDS[proposal.language]
    bucket = bucket_for(case)
    values = {
        **case._asdict(),
        **proposal._asdict(),
        "requester_oin": proposal.requester_oin or words.OIN,
        "provider_oin": proposal.provider_oin or words.OIN,
        "article": proposal.article or words.ARTICLE,
        "requester_bucket": proposal.requester_bucket or bucket,
        "provider_bucket": proposal.provider_bucket or max(bucket, _PROVIDER_BUCKET),
        "names": [words.NAMES.get(name, name) for name in case.names],
        "largest_disclosure": min(_DISCLOSED, case.largest_query, case.evaluations_per_day),
        "receipts": words.YES_OR_NO[case.receipts] if case.receipts is not None else None,
    }
    for name, field in SAID.items():
        values[name] = value_in(proposal.language, field, values[name])
    for name in ("requester_kind", "provider_kind"):
        meant = getattr(case, name)
        if values[name] is None and meant:
            values[name] = words.KIND.format(kind=value_in(proposal.language, SAID[name], meant))
    sections = {"count": words.COUNT, "attributes": words.ATTRIBUTES}
    told = (_section(text, agreed=name in case.answers) for name, text in sections.items())
    lines = (words.AGREEMENT + "".join(told)).splitlines()
    intro = [f"# {line}" for line in proposal.intro.splitlines()] + [""] * bool(proposal.intro)
    return "\n".join([*intro, *(_line(line, values, words) for line in lines)]) + "\n"


def _line(line: str, values: dict[str, Any], words: ModuleType) -> str:
    """One line with its value; as a comment, with an example, if there is no value: and a mark if it needs one."""
    found = _VALUE.search(line)
    if not found:
        return line
    value = values[found[1]]
    if value is not None:
        return line.replace(found[0], value if found[1] == "receipts" else _yaml(value))
    indent = len(line) - len(line.lstrip())
    mark = f" # {words.NEEDED}" if found[1] in _NEEDED else ""
    return f"{line[:indent]}# {line[indent:]}".replace(found[0], words.EXAMPLES[found[1]] + mark)


def _section(text: str, *, agreed: bool) -> str:
    """A section of the answers; as comments if its answer is not agreed."""
    lines = text.splitlines(keepends=True)
    return text if agreed else "".join(line if line.startswith("#") else f"# {line}" for line in lines)


def _yaml(value: Any) -> str:
    """One YAML value on one line; text in quotes, as JSON writes it."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)
