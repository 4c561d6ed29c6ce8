"""What the cases of a policy reach: lines of its rules (told by OPA), reasons that they give, agreements."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from linkage_node.agreements import Agreement
from linkage_node.errors import InputError
from linkage_node.limits import COVERAGE_SECONDS
from linkage_node.policy.case_runs import CasePolicy
from linkage_node.policy.cases import Case
from linkage_node.reasons import REASONS

# Reasons of a node whose own data is incomplete: no case is about such a one. The test below asks it too.
NOT_FOR_CASES = frozenset({"policy_denied", "guardrails_unchecked"})
_TEST = """\
package linkage.coverage_test

test_every_case if {
	decisions := [decision | some one in data.tried; decision := data.linkage.match.decision with input as one]
	count(decisions) > 0
}

test_every_agreement if {
	verdicts := [verdict |
		some agreement in data.agreements
		verdict := data.linkage.match.verdict with input as {"agreement": agreement}
	]
	count(verdicts) >= 0
}

test_incomplete_data if {
	unnamed := [decision |
		some one in data.tried
		decision := data.linkage.match.decision with input as one with data.revision as ""
	]
	unchecked := [decision |
		some one in data.tried
		decision := data.linkage.match.decision with input as one with data.verdicts as {}
	]
	count(unnamed) + count(unchecked) > 0
}
"""


class Lines(NamedTuple):
    """Lines of one file of rules."""

    reached: int
    missed: tuple[int, ...]  # line numbers, from 1


class Missing(NamedTuple):
    """What no case is about; needs no OPA to be told."""

    reasons: tuple[str, ...]  # codes in the rules that no case expects
    agreements: tuple[str, ...]  # ids that no case starts from


def missing(rules: Mapping[str, str], cases: Sequence[Case], agreements: Iterable[Agreement]) -> Missing:
    """Reason codes that stand in the rules and that no case expects, and agreements that no case starts from."""
    written = {word for text in rules.values() for word in re.findall(r'"([a-z_]+)"', text)}
    expected = {code for case in cases for code in case.reasons}
    begun = {case.starts_from for case in cases}
    return Missing(
        tuple(sorted((written & REASONS.keys()) - expected - NOT_FOR_CASES)),
        tuple(sorted({agreement.id for agreement in agreements} - begun)),
    )


def line_coverage(
    rules: Mapping[str, str], catalogue: Mapping[str, Any], cases: Sequence[Case]
) -> dict[str, Lines]:
    """By file of the rules: the lines that the cases reach, and miss. Lines that hold nothing to reach do not count.

    InputError("tool_missing") without `opa` on PATH, ("policy_invalid") if it cannot load the rules.
    """
    opa = shutil.which("opa")
    if opa is None:
        raise InputError("tool_missing", "`opa` is not on PATH: which lines the cases reach is told by OPA")
    with TemporaryDirectory(prefix="linkage-coverage-") as temporary:
        folder = Path(temporary).resolve()
        for name, text in {**rules, "linkage/coverage_test.rego": _TEST}.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        data = {**CasePolicy(rules, catalogue, cases).data(), "tried": [case.input for case in cases]}
        (folder / "data.json").write_text(json.dumps(data))
        report = _report(opa, folder)
    return {name: _lines(report.get(name, {})) for name in rules}


def percentage(lines: Mapping[str, Lines]) -> float:
    """Of all lines, those that are reached: 0 to 100."""
    reached, missed = (
        sum(one.reached for one in lines.values()),
        sum(len(one.missed) for one in lines.values()),
    )
    return 100 * reached / ((reached + missed) or 1)


def _report(opa: str, folder: Path) -> dict[str, Any]:
    """OPA's report on files, by their names in `folder`."""
    command = [opa, "test", "--coverage", "--format=json", f"--timeout={COVERAGE_SECONDS}s", "."]
    try:
        done = subprocess.run(  # noqa: S603 - OPA of this machine, over files that were just written
            command, cwd=folder, capture_output=True, text=True, timeout=COVERAGE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError("policy_invalid", f"opa test: {type(error).__name__}") from None
    if done.returncode:
        raise InputError("policy_invalid", f"opa test: {(done.stderr or done.stdout).strip()}")
    files: dict[str, Any] = json.loads(done.stdout)["files"]
    return files


def _lines(report: Mapping[str, Any]) -> Lines:
    missed = _rows(report.get("not_covered", ()))
    return Lines(len(_rows(report.get("covered", ())) - missed), tuple(sorted(missed)))


def _rows(parts: Iterable[Mapping[str, Any]]) -> set[int]:
    return {row for part in parts for row in range(part["start"]["row"], part["end"]["row"] + 1)}
