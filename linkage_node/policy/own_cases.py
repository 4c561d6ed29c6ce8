"""A policy tried on the cases that it brings along itself."""

from typing import NamedTuple

from linkage_node.errors import Refusal
from linkage_node.policy.archive import Bundle
from linkage_node.policy.case_origins import counted
from linkage_node.policy.case_runs import CasePolicy, run_cases
from linkage_node.policy.cases import Untried
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.tried_with import cases_of

_NAMED = 5  # failed cases in an error; the rest is counted


class Held(NamedTuple):
    """How many cases are decided as they say, and which could not be tried."""

    cases: int
    own: int  # of these, not the product's
    untried: list[Untried]


def check_own_cases(bundle: Bundle) -> Held:
    """Its cases, all decided as they say.

    One about an agreement that it does not have is not tried, and told as such: whoever revokes an agreement need not
    mend a case first. But of a policy of which no case was tried nobody knows what it decides.

    Refusal("policy_tests_failed") names those that are not, or says that none was tried; InputError for a policy that
    does not load, or a case that cannot be read.
    """
    cases, untried = cases_of(bundle.tried_with, bundle.data["agreements"].values())
    if not cases:
        raise Refusal(
            "policy_tests_failed",
            f"no case was tried: {len(untried)} are about agreements that it does not have, and there are no others",
            hint="Put cases in the folder `cases` beside the rules, about an example or an agreement of the policy.",
        )
    engine = EmbeddedDecisionPoint(CasePolicy(bundle.rules, bundle.data["catalogue"], cases))
    failed = [result.case for result in run_cases(engine, cases) if not result.as_told]
    if failed:
        shown = ", ".join(f"{case.name} ({case.source})" for case in failed[:_NAMED])
        raise Refusal("policy_tests_failed", f"{len(failed)} of {len(cases)}: {shown}")
    return Held(len(cases), counted(cases, bundle.tried_with.__getitem__).own, untried)
