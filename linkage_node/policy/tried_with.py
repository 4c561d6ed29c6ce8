"""What tries a policy: the cases of its folder, an officer's own beside them, and the examples that they start from."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from linkage_node.agreements import Agreement, parse_agreement
from linkage_node.policy.cases import CASES, EXAMPLES, Case, Untried, case_files, parse_cases
from linkage_node.yaml_model import read_text


class CasesOf(NamedTuple):
    """The cases of a policy, and those that are about agreements which it does not have."""

    cases: list[Case]
    untried: list[Untried]


def tried_with(folder: Path, own: Path | None = None) -> dict[str, str]:
    """The texts that try the policy in a folder, by their path in its file; `own` is an officer's folder of cases."""
    examples = sorted(folder.glob(f"{EXAMPLES}/*/agreement.yaml"))
    files = case_files(folder / CASES, own) | {file.relative_to(folder).as_posix(): file for file in examples}
    return {name: read_text(file) for name, file in files.items()}


def cases_of(texts: Mapping[str, str], agreements: Iterable[Mapping[str, Any]]) -> CasesOf:
    """The cases in such texts, over the agreements of the policy as the rules see them; InputError as `parse_cases`."""
    cases = {name: text for name, text in texts.items() if name.startswith(f"{CASES}/")}
    examples = {
        name.split("/")[1]: parse_agreement(text, name) for name, text in texts.items() if name not in cases
    }
    untried: list[Untried] = []
    stored = [Agreement.model_validate(one) for one in agreements]
    return CasesOf(parse_cases(cases, examples, stored, untried), untried)
