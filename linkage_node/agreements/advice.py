"""Terms of an agreement that are allowed, and protect little or do nothing."""

from collections.abc import Iterator
from typing import NamedTuple

from linkage_node.agreements.faults_nl import said
from linkage_node.agreements.model import Agreement
from linkage_node.agreements.terms import CountTerms
from linkage_node.agreements.words import Language
from linkage_node.identifiers import KINDS
from linkage_node.limits import COUNT_BUCKET_ADVISED, COUNT_SMALLEST_CELL_ADVISED, COUNT_SMALLEST_SET_ADVISED


class Advice(NamedTuple):
    """Something to look at: the field by its path in the model, and what about it."""

    field: str
    what: str


def unknown_kinds(agreement: Agreement, language: Language = "en") -> Iterator[Advice]:
    """The kinds that this version of the node does not know."""
    template = "this version of linkage-node does not know the kind {kind!r}: nothing is found by it."
    for place, kind in enumerate(agreement.kinds):
        if kind not in KINDS:
            yield Advice(f"kinds.{place}", said(template, language, kind=kind))


def thin_terms(agreement: Agreement, language: Language = "en") -> Iterator[Advice]:
    """Terms that can be agreed on, and ask for an explanation."""
    if agreement.attributes and not agreement.receipts:
        yield Advice(
            "receipts",
            said(
                "`receipts` is not true: the provider hears not who of its clients was found, so it cannot tell them to"
                " whom it told it.",
                language,
            ),
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
            yield Advice(
                f"count.{field}", said(template, language, field=field, chosen=chosen, default=default)
            )
    template = (
        "count.provider_bucket is {chosen:,}: a lost attempt tells whether a category is empty with a chance of one in"
        " the bucket. Choose {least:,} or more."
    )
    if (chosen := terms.provider_bucket) < COUNT_BUCKET_ADVISED:
        yield Advice(
            "count.provider_bucket", said(template, language, chosen=chosen, least=COUNT_BUCKET_ADVISED)
        )
