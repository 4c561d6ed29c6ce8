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
from linkage_node.policy.source import policy_folder, read_rules, revision_of
from linkage_node.yaml_model import parse_yaml, read_text

POLICIES = Path(__file__).parents[2] / "policies"
EXAMPLE = POLICIES / "agreements" / "example-energy-allowance.yaml"
RULES = read_rules(policy_folder(POLICIES))
AGREEMENT = as_data(parse_agreement(read_text(EXAMPLE), str(EXAMPLE)))
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
        return {"agreements": self.agreements, "revision": revision_of(self.rules, self.agreements)}


def question(**changes: Any) -> Question:
    """A question that fits the example agreement, with changes."""
    return Question(
        **{
            "role": "provider",
            "subject_oin": AGREEMENT["requester"]["oin"],
            "requester_oin": AGREEMENT["requester"]["oin"],
            "provider_oin": AGREEMENT["provider"]["oin"],
            "agreement_id": AGREEMENT["id"],
            "agreement_hash": hash_of(AGREEMENT),
            "purpose": AGREEMENT["purpose"],
            "kind": "bsn",
            "answer": "hit",
            "operation": "evaluate",
            "elements": 100,
            "used_today": 0,
            "epoch": 5,
            "time_ms": NOON_MS,
            "mode": "production",
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
    unknown = told.keys() - {"why", "set", "drop", "agreement", "agreement_drop", "input", "reasons"}
    assert not unknown, f"{name}: {unknown}"
    agreement = _changed(AGREEMENT, told.get("agreement", {}), told.get("agreement_drop", []))
    base = decision_input(question(agreement_hash=hash_of(agreement)))
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
