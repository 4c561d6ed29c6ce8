"""The cases of `policies/cases`: for each a question, an agreement, and the outcome that every engine must give."""

from collections.abc import Hashable, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from hashlib import sha3_512
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785

from linkage_node.agreements import parse_agreement
from linkage_node.agreements.model import as_data
from linkage_node.policy import Question, decision_input
from linkage_node.policy.source import policy_folder, read_catalogue, read_rules, revision_of
from linkage_node.yaml_model import parse_yaml, read_text

POLICIES = Path(__file__).parents[2] / "policies"
EXAMPLES = {file.parent.name: file for file in sorted((POLICIES / "agreements").glob("*/agreement.yaml"))}
EXAMPLE = EXAMPLES["example-energy-allowance"]
RULES = read_rules(policy_folder(POLICIES))
CATALOGUE = read_catalogue(policy_folder(POLICIES))
AGREEMENTS = {name: as_data(parse_agreement(read_text(file), str(file))) for name, file in EXAMPLES.items()}
AGREEMENT = AGREEMENTS["example-energy-allowance"]
COUNT: dict[str, Any] = {"operation": "count", "answer": "count"}
# How the question that fits an example differs from one for hits by BSN.
FITTING: dict[str, dict[str, Any]] = {
    "example-energy-allowance": {},
    "example-steering-information": {**COUNT, "question": "by-district-and-stage", "elements": 20_000},
    "example-multi-problem-households": {
        **COUNT,
        "kind": "household",
        "question": "households-of-both",
        "elements": 10_000,
    },
    "example-whom-to-call": {
        "operation": "disclose",
        "answer": "attributes",
        "attributes": ("counsellor", "telephone"),
        "for_a_case": True,
        "elements": 10,
    },
}
NOON_MS = int(datetime(2026, 6, 15, 12, tzinfo=UTC).timestamp() * 1000)


class Case(NamedTuple):
    """One case, ready to be asked."""

    name: str
    input: Any
    agreement_hash: str
    agreement: dict[str, Any]
    reasons: list[str]


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
        return {
            "agreements": self.agreements,
            "catalogue": CATALOGUE,
            "revision": revision_of(self.rules, CATALOGUE, self.agreements),
        }


def question(example: str = "example-energy-allowance", **changes: Any) -> Question:
    """A question that fits an example agreement exactly, with changes."""
    agreement = AGREEMENTS[example]
    return Question(
        **{
            "role": "provider",
            "subject_oin": agreement["requester"]["oin"],
            "requester_oin": agreement["requester"]["oin"],
            "provider_oin": agreement["provider"]["oin"],
            "agreement_id": agreement["id"],
            "agreement_hash": hash_of(agreement),
            "purpose": agreement["purpose"],
            "kind": "bsn",
            "answer": "hit",
            "operation": "evaluate",
            "elements": 100,
            "used_today": 0,
            "epoch": 5,
            "time_ms": NOON_MS,
            "mode": "production",
            "status": "in_force",
            "processing_activity": agreement.get("processing_activity", ""),
            **FITTING[example],
            **changes,
        }
    )


def hash_of(agreement: dict[str, Any]) -> str:
    """The content hash, also of agreements that the model would refuse."""
    return sha3_512(rfc8785.dumps(agreement)).hexdigest()


def cases() -> list[Case]:
    """All cases of all files."""
    found = [
        _case(name, told)
        for file in sorted((POLICIES / "cases").glob("*.yaml"))
        for name, told in parse_yaml(read_text(file), str(file)).items()
    ]
    assert len({case.name for case in found}) == len(found)
    return found


def _case(name: str, told: dict[str, Any]) -> Case:
    unknown = told.keys() - {
        "why",
        "example",
        "set",
        "drop",
        "agreement",
        "agreement_drop",
        "input",
        "reasons",
    }
    assert not unknown, f"{name}: {unknown}"
    example = told.get("example", AGREEMENT["id"])
    agreement = _changed(AGREEMENTS[example], told.get("agreement", {}), told.get("agreement_drop", []))
    base = decision_input(question(example, agreement_hash=hash_of(agreement)))
    asked = _changed(base, told.get("set", {}), told.get("drop", []))
    return Case(name, told.get("input", asked), hash_of(agreement), agreement, told["reasons"])


def _changed(document: dict[str, Any], values: dict[str, Any], dropped: list[str]) -> dict[str, Any]:
    changed = deepcopy(document)
    for path, value in values.items():
        *parents, last = path.split(".")
        _at(changed, parents)[last] = value
    for path in dropped:
        *parents, last = path.split(".")
        del _at(changed, parents)[last]
    return changed


def _at(document: dict[str, Any], parents: list[str]) -> dict[str, Any]:
    for parent in parents:
        document = document[parent]
    return document
