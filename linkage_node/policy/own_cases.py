"""A policy tried on the cases that it brings along itself."""

from linkage_node.agreements import Agreement, parse_agreement
from linkage_node.errors import Refusal
from linkage_node.policy.archive import Bundle
from linkage_node.policy.case_runs import CasePolicy, run_cases
from linkage_node.policy.cases import CASES, parse_cases
from linkage_node.policy.embedded import EmbeddedDecisionPoint

_NAMED = 5  # failed cases in an error; the rest is counted


def check_own_cases(bundle: Bundle) -> int:
    """How many cases there are, all decided as they say.

    Refusal("policy_tests_failed") names those that are not; InputError for a policy that does not load, or a case that
    cannot be read.
    """
    texts = {name: text for name, text in bundle.tried_with.items() if name.startswith(f"{CASES}/")}
    examples = {
        name.split("/")[1]: parse_agreement(text, name)
        for name, text in bundle.tried_with.items()
        if name not in texts
    }
    stored = [Agreement.model_validate(agreement) for agreement in bundle.data["agreements"].values()]
    cases = parse_cases(texts, examples, stored)
    if not cases:
        raise Refusal(
            "policy_tests_failed", "it has no cases", hint="Put some in the folder `cases` beside the rules."
        )
    engine = EmbeddedDecisionPoint(CasePolicy(bundle.rules, bundle.data["catalogue"], cases))
    failed = [result.case for result in run_cases(engine, cases) if not result.as_told]
    if failed:
        shown = ", ".join(f"{case.name} ({case.source})" for case in failed[:_NAMED])
        raise Refusal("policy_tests_failed", f"{len(failed)} of {len(cases)}: {shown}")
    return len(cases)
