"""One agreement's file held against everything that can be known without a node: what an officer should look at."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import yaml

from linkage_node.agreements.advice import Advice, misread, odd_term, thin_terms
from linkage_node.agreements.catalogue_words import catalogue_words
from linkage_node.agreements.faults_nl import said, unknown_word
from linkage_node.agreements.lines import Places
from linkage_node.agreements.model import Agreement, as_data
from linkage_node.agreements.template import to_fill_in
from linkage_node.agreements.words import AgreementReading, Language, value_in
from linkage_node.agreements.words_nl import FIELDS
from linkage_node.policy.findings_nl import in_dutch
from linkage_node.reasons import explain
from linkage_node.reasons_nl import REASONS_NL
from linkage_node.yaml_model import MalformedError, ModelError, field_name, parse_model
from linkage_node.yaml_problems import problem_in_dutch

if TYPE_CHECKING:
    from linkage_node.policy.verdicts import Finding

Judge = Callable[[dict[str, Any]], Sequence["Finding"]]  # what guardrails find in an agreement's data
# What rules say of a field whose word is missing, or is none of the catalogue's.
_CODES = {
    "legal_basis.id": "legal_basis_unknown",
    "purpose_category": "legal_basis_not_for_purpose",
    "requester.kind": "legal_basis_not_for_organisation",
    "provider.kind": "legal_basis_not_for_organisation",
}


class Remark(NamedTuple):
    """One thing to look at: where it stands in the file, in the words of the file, and what about it."""

    line: int
    field: str
    concern: Literal["fault", "to_fill_in", "guardrail", "advice"]
    what: str
    code: str  # reason code, or that of an advice
    source: str = ""  # the article that a guardrail cites
    what_to_do: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether it stands in the way of using the agreement; advice does not."""
        return self.concern != "advice"


def check(
    text: str, judge: Judge, catalogue: Mapping[str, Any], language: Language, now_ms: int
) -> tuple[Agreement | None, list[Remark]]:
    """The agreement, if the text is one, and all there is to say about it at `now_ms` (since 1970 UTC), by line.

    `catalogue` (as rules see it) gives the words of legal bases, purposes and organisations.
    """
    known = catalogue_words(catalogue)
    read = partial(AgreementReading, tell=language, known=known)
    try:
        places = Places(text)
        agreement = parse_model(text, Agreement, "agreement", read)
    except ModelError as error:
        unfilled = list(_unfilled(places, language))
        told = {(one.line, one.field) for one in unfilled}
        faults = (
            Remark(fault.line, fault.field, "fault", fault.message, error.code) for fault in error.faults
        )
        # A field that is to be filled in is not wrong besides.
        return None, _by_line([*unfilled, *(one for one in faults if (one.line, one.field) not in told)])
    except MalformedError as error:
        problem = problem_in_dutch(error.problem) if language == "nl" else error.problem
        return None, [Remark(error.line, "(yaml)", "fault", problem, error.code)]
    data = as_data(agreement)
    faults_found = [
        *_plain_oins(places, language),
        *misread(agreement, language),
        *_not_in_catalogue(data, known, language),
    ]
    advice = (*odd_term(agreement, now_ms, language), *thin_terms(agreement, language))
    wrong = {one.field for one in faults_found}
    remarks = [
        *_unfilled(places, language),
        *(Remark(*places.of(one.field), "fault", one.what, one.code) for one in faults_found),
        *(
            _guardrail(places, found, agreement, language, brief=found.field in known)
            for found in judge(data)
            if found.field not in wrong
        ),
        *(Remark(*places.of(one.field), "advice", one.what, one.code) for one in advice),
    ]
    return agreement, _by_line(remarks)


def _unfilled(places: Places, language: Language) -> Iterator[Remark]:
    for place in to_fill_in(places.data):
        known = FIELDS.get(places.field_at(place))
        explained = known.nl if known and language == "nl" else known.en if known else ""
        what = explained or said("still to be filled in", language)
        yield Remark(places.line(place), field_name(place), "to_fill_in", what, "agreement_unfinished")


def _plain_oins(places: Places, language: Language) -> Iterator[Advice]:
    """An OIN without quotes: text to this node, a number to editors and other readers of YAML."""
    for party in ("requester", "provider"):
        node = places.node_at(f"{party}.oin")
        if isinstance(node, yaml.ScalarNode) and node.style is None:
            what = said("put the OIN in quotes, so that it keeps its zeros", language)
            yield Advice(f"{party}.oin", what, "oin_without_quotes")


def _not_in_catalogue(
    data: Mapping[str, Any], known: Mapping[str, Mapping[str, str]], language: Language
) -> Iterator[Advice]:
    """The words that no question is allowed without: those that are missing, and those that are none."""
    for field, words in known.items():
        value: Any = data
        for part in field.split("."):
            value = value.get(part)
        if value is None:
            explained = FIELDS[field].nl if language == "nl" else FIELDS[field].en
            code = "legal_basis_missing" if field == "legal_basis.id" else _CODES[field]
            yield Advice(field, said("missing: {explained}", language, explained=explained), code)
        elif value not in words:
            told = [str(value_in(language, field, word)) for word in words]
            yield Advice(field, unknown_word(value, told, language), _CODES[field])


def _guardrail(
    places: Places, found: "Finding", agreement: Agreement, language: Language, *, brief: bool
) -> Remark:
    """What rules find; `brief` where their own words say all, and the meaning of the code has other causes too."""
    reason = (REASONS_NL.get(found.code) if language == "nl" else None) or explain(found.code)
    what = in_dutch(found.what) if language == "nl" else found.what
    to_do = reason.remedy.replace("legal-bases ID", f"legal-bases {agreement.legal_basis.id}")
    told = what if brief else f"{reason.meaning}: {what}"
    return Remark(*places.of(found.field), "guardrail", told, found.code, found.source, to_do)


def _by_line(remarks: list[Remark]) -> list[Remark]:
    return sorted(dict.fromkeys(remarks), key=lambda one: one.line)  # each once
