"""Cases tried on a decision point: whether it decides them as they say."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from linkage_node.errors import LinkageError
from linkage_node.policy.cases import Case
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.outcome import parse_outcome
from linkage_node.policy.source import revision_of
from linkage_node.policy.verdicts import with_verdicts

_FIELDS = ("allow", "reasons", "obligations")


class Result(NamedTuple):
    """What became of a case. `expected` and `found` hold allow, reasons and obligations, or what of these is told."""

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
            field: (value, self.found[field])
            for field, value in self.expected.items()
            if value != self.found[field]
        }


class CasePolicy:
    """Rules over the agreements of cases; a PolicySource that never changes."""

    def __init__(self, rules: Mapping[str, str], catalogue: Mapping[str, Any], cases: Iterable[Case]) -> None:
        self.rules = rules
        agreements = {case.agreement_hash: case.agreement for case in cases}
        revision = revision_of(rules, catalogue, agreements)
        data = {"agreements": agreements, "catalogue": dict(catalogue), "revision": revision}
        self._data = with_verdicts(rules, data)

    def version(self) -> Hashable:
        """Always the same."""
        return "cases"

    def data(self) -> dict[str, Any]:
        """The document that the rules see as `data`."""
        return self._data


def whole(raw: Any) -> dict[str, Any]:
    """An engine's own outcome, whole. Refusal for one of another shape."""
    parse_outcome(raw)
    return {field: raw[field] for field in _FIELDS}


def run_cases(
    decide: DecisionPoint, cases: Iterable[Case], read: Callable[[Any], dict[str, Any]] = whole
) -> Iterator[Result]:
    """Each case tried in turn; what is found is what `read` makes of the answer.

    No decision (an engine that is down, an outcome of another shape) is a refusal.
    """
    for case in cases:
        try:
            found = read(decide.evaluate(case.input))
        except LinkageError as error:
            found = {"allow": False, "reasons": [error.code], "obligations": {}}
        expected = {
            "allow": not case.reasons,
            "reasons": list(case.reasons),
            "obligations": dict(case.obligations),
        }
        yield Result(case, {field: expected[field] for field in found}, found)
