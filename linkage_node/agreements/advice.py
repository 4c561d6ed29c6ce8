"""Terms of an agreement that are allowed, and protect little or do nothing."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from linkage_node.agreements.faults_nl import said
from linkage_node.agreements.model import Agreement, as_data
from linkage_node.agreements.terms import CountTerms
from linkage_node.agreements.words import Language
from linkage_node.clock import DAY_MS
from linkage_node.identifiers import KINDS
from linkage_node.limits import (
    AGREEMENT_AHEAD_DAYS_ADVISED,
    AGREEMENT_YEARS_ADVISED,
    COUNT_BUCKET_ADVISED,
    COUNT_SMALLEST_CELL_ADVISED,
    COUNT_SMALLEST_SET_ADVISED,
)

# Of those that open, those that close. One alone can be an apostrophe: ’t Gooi.
_QUOTES = {
    "“": "”",
    "”": "”",
    "„": "”“",
    "‟": "”",
    "«": "»",
    "»": "«",
    "‘": "’",
    "’": "’",
    "‚": "’‘",
    "‹": "›",
}
_DOUBLE = "“”„‟«»"


class Advice(NamedTuple):
    """Something to look at: the field by its path in the model, what about it, and a code for scripts."""

    field: str
    what: str
    code: str


def misread(agreement: Agreement, language: Language = "en") -> Iterator[Advice]:
    """What surely was meant otherwise: kinds that this version does not know, quotes that YAML does not know."""
    template = "this version of linkage-node does not know the kind {kind!r}: nothing is found by it."
    for place, kind in enumerate(agreement.kinds):
        if kind not in KINDS:
            yield Advice(f"kinds.{place}", said(template, language, kind=kind), "kind_unknown")
    for field, text in _texts(as_data(agreement)):
        if text[0] in _DOUBLE or text[-1] in _DOUBLE or text[-1] in _QUOTES.get(text[0], ""):
            template = "the quotes {quotes} are part of the text here: write \" or ', or leave them out."
            quotes = " ".join(sign for sign in (text[0], text[-1]) if sign in _QUOTES)
            yield Advice(field, said(template, language, quotes=quotes), "quotes_in_text")


def _texts(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every text in plain data that is not empty, with its path."""
    if isinstance(value, str) and value:
        yield place, value
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from _texts(part, f"{place}.{name}".removeprefix("."))


def odd_term(agreement: Agreement, now_ms: int, language: Language = "en") -> Iterator[Advice]:
    """A term that is over, begins long after now (milliseconds since 1970-01-01 UTC), or lasts for many years."""
    first, last = agreement.valid_from, agreement.valid_until
    if agreement.ends_at_ms <= now_ms:
        template = "the agreement ended on {last}: nothing is asked or answered under it any more."
        yield Advice("valid_until", said(template, language, last=last), "term_over")
    if agreement.starts_at_ms - now_ms > AGREEMENT_AHEAD_DAYS_ADVISED * DAY_MS:
        template = "the agreement begins on {first}: until then every question under it is refused."
        yield Advice("valid_from", said(template, language, first=first), "term_far_ahead")
    if (
        last.year - first.year - ((last.month, last.day) < (first.month, first.day))
        >= AGREEMENT_YEARS_ADVISED
    ):
        template = (
            "the agreement lasts for more than {years} years: laws and purposes change; agree on a shorter term, and"
            " then anew."
        )
        yield Advice("valid_until", said(template, language, years=AGREEMENT_YEARS_ADVISED), "term_long")


def thin_terms(agreement: Agreement, language: Language = "en") -> Iterator[Advice]:
    """Terms that can be agreed on, and ask for an explanation."""
    limits = agreement.limits
    if limits.evaluations_per_day < limits.largest_query:
        template = (
            "fewer a day ({day:,}) than in one question ({query:,}): a question of that size is refused."
        )
        told = said(template, language, day=limits.evaluations_per_day, query=limits.largest_query)
        yield Advice("limits.evaluations_per_day", told, "limits_unequal")
    if agreement.attributes and not agreement.receipts:
        yield Advice(
            "receipts",
            said(
                "`receipts` is not true: the provider hears not who of its clients was found, so it cannot tell them to"
                " whom it told it.",
                language,
            ),
            "hits_not_told",
        )
    if agreement.count:
        yield from _of_counts(agreement.count, language)


def _of_counts(terms: CountTerms, language: Language) -> Iterator[Advice]:
    advised = {"smallest_cell": COUNT_SMALLEST_CELL_ADVISED, "smallest_set": COUNT_SMALLEST_SET_ADVISED}
    template = (
        "count.{field} is {chosen:,}: so few persons are easily known. Less than {default:,} asks for an explanation in"
        " the DPIA."
    )
    for field, least in advised.items():
        if (chosen := getattr(terms, field)) < least:
            default = CountTerms.model_fields[field].default
            told = said(template, language, field=field, chosen=chosen, default=default)
            yield Advice(f"count.{field}", told, f"{field}_small")
    template = (
        "count.provider_bucket is {chosen:,}: a lost attempt tells whether a category is empty with a chance of one in"
        " the bucket. Choose {least:,} or more."
    )
    if (chosen := terms.provider_bucket) < COUNT_BUCKET_ADVISED:
        told = said(template, language, chosen=chosen, least=COUNT_BUCKET_ADVISED)
        yield Advice("count.provider_bucket", told, "provider_bucket_small")
