"""One agreement's file held against everything that can be known without a node: what an officer should look at."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import yaml

from linkage_node.agreements.advice import misread, odd_term, thin_terms
from linkage_node.agreements.faults_nl import said
from linkage_node.agreements.lines import place_of
from linkage_node.agreements.model import Agreement, as_data
from linkage_node.agreements.template import to_fill_in
from linkage_node.agreements.words import AgreementReading, Language
from linkage_node.policy.findings_nl import in_dutch
from linkage_node.reasons import explain
from linkage_node.reasons_nl import REASONS_NL
from linkage_node.yaml_model import MalformedError, ModelError, field_name, line_at, parse_model, parse_yaml
from linkage_node.yaml_problems import problem_in_dutch

if TYPE_CHECKING:
    from linkage_node.policy.verdicts import Finding

Judge = Callable[[dict[str, Any]], Sequence["Finding"]]  # what guardrails find in an agreement's data


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


def check(text: str, judge: Judge, language: Language, now_ms: int) -> tuple[Agreement | None, list[Remark]]:
    """The agreement, if the text is one, and all there is to say about it at `now_ms` (since 1970 UTC), by line."""
    try:
        data = parse_yaml(text, "x")
        agreement = parse_model(text, Agreement, "x", partial(AgreementReading, tell=language))
    except ModelError as error:
        unfilled = list(_unfilled(text, data, language))
        places = {(one.line, one.field) for one in unfilled}
        faults = (
            Remark(fault.line, fault.field, "fault", fault.message, error.code) for fault in error.faults
        )
        # A field that is to be filled in is not wrong besides.
        return None, _by_line([*unfilled, *(one for one in faults if (one.line, one.field) not in places)])
    except MalformedError as error:
        return None, [_malformed(error, language)]
    remarks = [
        *_unfilled(text, data, language),
        *(
            Remark(*place_of(text, one.field), "fault", one.what, one.code)
            for one in misread(agreement, language)
        ),
        *(_guardrail(text, one, language) for one in judge(as_data(agreement))),
        *(
            Remark(*place_of(text, one.field), "advice", one.what, one.code)
            for one in (*odd_term(agreement, now_ms, language), *thin_terms(agreement, language))
        ),
    ]
    return agreement, _by_line(remarks)


def _unfilled(text: str, data: Any, language: Language) -> Iterator[Remark]:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    what = said("still to be filled in", language)
    for place in to_fill_in(data):
        yield Remark(line_at(root, place), field_name(place), "to_fill_in", what, "agreement_unfinished")


def _malformed(error: MalformedError, language: Language) -> Remark:
    problem = problem_in_dutch(error.problem) if language == "nl" else error.problem
    return Remark(error.line, "(yaml)", "fault", problem, error.code)


def _guardrail(text: str, found: "Finding", language: Language) -> Remark:
    reason = (REASONS_NL.get(found.code) if language == "nl" else None) or explain(found.code)
    what = f"{reason.meaning}: {in_dutch(found.what) if language == 'nl' else found.what}"
    return Remark(
        *place_of(text, found.field), "guardrail", what, found.code, found.source, what_to_do=reason.remedy
    )


def _by_line(remarks: list[Remark]) -> list[Remark]:
    return sorted(dict.fromkeys(remarks), key=lambda one: one.line)  # each once
