"""What the tests of policy share: the rules, the example agreements, questions that fit them, and the named cases."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from linkage_node.agreements.model import as_data
from linkage_node.policy import Question
from linkage_node.policy.cases import ANSWERS, CASES, ELEMENTS, Case, hash_of, read_cases, read_examples
from linkage_node.policy.source import policy_folder, read_catalogue, read_rules, revision_of
from linkage_node.policy.trial import fitting
from linkage_node.policy.verdicts import with_verdicts

__all__ = ["hash_of"]

POLICIES = Path(__file__).parents[2] / "policies"
RULES = read_rules(policy_folder(POLICIES))
CATALOGUE = read_catalogue(policy_folder(POLICIES))
EXAMPLES = read_examples(POLICIES)
EXAMPLE = POLICIES / "agreements" / "example-energy-allowance" / "agreement.yaml"
AGREEMENTS = {name: as_data(agreement) for name, agreement in EXAMPLES.items()}
AGREEMENT = AGREEMENTS["example-energy-allowance"]
NOON_MS = int(datetime(2026, 6, 15, 12, tzinfo=UTC).timestamp() * 1000)


class StaticPolicy:
    """Rules over data that a test made; a PolicySource."""

    def __init__(self, rules: Mapping[str, str], agreements: Mapping[str, Any]) -> None:
        self.rules = rules
        self.agreements = dict(agreements)

    def version(self) -> Hashable:
        """Which agreements there are."""
        return frozenset(self.agreements)

    def data(self) -> dict[str, Any]:
        """As the node makes it of agreements that passed its model; here they need not."""
        revision = revision_of(self.rules, CATALOGUE, self.agreements)
        data = {"agreements": self.agreements, "catalogue": CATALOGUE, "revision": revision}
        return with_verdicts(self.rules, data)


def question(example: str = "example-energy-allowance", **changes: Any) -> Question:
    """A question that fits an example agreement exactly, with changes."""
    agreement = EXAMPLES[example]
    answer = next(one for one in ANSWERS if one in agreement.answers)
    fits = fitting(
        agreement, answer, role="provider", mode="production", moment_ms=NOON_MS, elements=ELEMENTS
    )
    return replace(fits, **changes)


def cases() -> list[Case]:
    """All cases of all files."""
    return read_cases(POLICIES / CASES, EXAMPLES)
