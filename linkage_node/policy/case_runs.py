"""Cases tried on a decision point: whether it decides them as they say."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from linkage_node.errors import LinkageError
from linkage_node.policy.cases import Case
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.outcome import parse_outcome
from linkage_node.policy.source import revision_of

_FIELDS = ("allow", "reasons", "obligations")


class Result(NamedTuple):
    """What became of a case. `expected` and `found` hold allow, reasons and obligations."""

    case: Case
    expected: dict[str, Any]
    found: dict[str, Any]

    @property
    def as_told(self) -> bool:
        """The decision point decided as the case says."""
        return self.expected == self.found

    @property
    def differences(self) -> dict[str, tuple[Any, Any]]:
        """What differs: field to expected and found."""
        return {
            field: (self.expected[field], self.found[field])
            for field in _FIELDS
            if self.expected[field] != self.found[field]
        }


class CasePolicy:
    """Rules over the agreements of cases; a PolicySource that never changes."""

    def __init__(self, rules: Mapping[str, str], catalogue: Mapping[str, Any], cases: Iterable[Case]) -> None:
        self.rules = rules
        agreements = {case.agreement_hash: case.agreement for case in cases}
        self._data = {
            "agreements": agreements,
            "catalogue": dict(catalogue),
            "revision": revision_of(rules, catalogue, agreements),
        }

    def version(self) -> Hashable:
        """Always the same."""
        return "cases"

    def data(self) -> dict[str, Any]:
        """The document that the rules see as `data`."""
        return self._data


def run_cases(decide: DecisionPoint, cases: Iterable[Case]) -> Iterator[Result]:
    """Each case tried in turn. No decision (an engine that is down, an outcome of another shape) is a refusal."""
    for case in cases:
        allow = not case.reasons
        expected = {"allow": allow, "reasons": list(case.reasons), "obligations": dict(case.obligations)}
        yield Result(case, expected, _found(decide, case))


def _found(decide: DecisionPoint, case: Case) -> dict[str, Any]:
    try:
        raw: Any = decide.evaluate(case.input)
        parse_outcome(raw)
    except LinkageError as error:
        return {"allow": False, "reasons": [error.code], "obligations": {}}
    return {field: raw[field] for field in _FIELDS}
