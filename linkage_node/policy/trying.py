"""A policy folder with its cases, ready to be tried."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linkage_node.agreements import Agreement
from linkage_node.config import Policy
from linkage_node.policy.case_origins import Counted, counted
from linkage_node.policy.cases import CASES, Case, read_cases, read_examples
from linkage_node.policy.source import policy_folder, read_catalogue, read_rules
from linkage_node.yaml_model import read_text


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What is tried: rules, catalogue, the cases, and the agreements that they can start from."""

    folder: Path
    rules: Mapping[str, str]
    catalogue: Mapping[str, Any]
    cases: list[Case]
    counted: Counted
    cases_in: Path | None  # the officer's own folder of cases
    agreements: list[Agreement]  # of the node; without a node the examples of the folder


def read_trial(folder: Path | None, own: Policy, stored: Iterable[Agreement] | None) -> Trial:
    """The policy in `folder`; without rules in it, its *.yaml are cases of the rules of `own`, as without a folder.

    `own` names the node's policy folder, and the cases that come beside those of that folder; `stored` are the node's
    agreements, None without a node. InputError for what cannot be read.
    """
    rules_in = policy_folder(own.path)
    cases_in, beside = rules_in / CASES, own.cases if folder is None else None
    if folder is not None:
        folder = policy_folder(folder)
        if any(folder.rglob("*.rego")):
            rules_in, cases_in = folder, folder / CASES
        else:
            cases_in = folder
    examples = read_examples(rules_in)
    known = list(examples.values() if stored is None else stored)
    cases = read_cases(cases_in, examples, () if stored is None else known, beside)
    return Trial(
        folder=rules_in,
        rules=read_rules(rules_in),
        catalogue=read_catalogue(rules_in),
        cases=cases,
        counted=counted(cases, lambda file: read_text(Path(file))),
        cases_in=beside or (cases_in if folder else None),
        agreements=known,
    )
