"""The own node's decision about a query, before anything leaves."""

import json
from collections.abc import Callable

from linkage_node.agreements import AgreementStore
from linkage_node.asking.journal import Journal
from linkage_node.asking.queries import Query
from linkage_node.config import Mode
from linkage_node.errors import Refused
from linkage_node.policy import DecisionPoint, Obligations, Question
from linkage_node.policy.recorded import kept_by_requester
from linkage_node.pseudonyms.epoch_keys import KeyLabel


class Deciding:
    """Asks the node's policy. `clock` gives milliseconds since 1970-01-01 UTC."""

    def __init__(
        self, *, mode: Mode, agreements: AgreementStore, decide: DecisionPoint, clock: Callable[[], int]
    ) -> None:
        self._mode, self._agreements, self._decide, self._clock = mode, agreements, decide, clock

    def decided(
        self, query: Query, label: KeyLabel, operation: str, elements: int, journal: Journal
    ) -> Obligations:
        """The obligations of an approval; Refused with all reasons of policy. Both are noted."""
        discloses = operation == "disclose"
        question = Question(
            role="requester",
            subject_oin=label.requester_oin,
            requester_oin=label.requester_oin,
            provider_oin=query.provider_oin,
            agreement_id=query.agreement_id,
            agreement_hash=query.agreement_hash.hex(),
            purpose=query.purpose,
            kind=query.kind,
            answer=query.answer,
            operation=operation,
            elements=elements,
            used_today=0,  # the provider keeps the budget
            epoch=label.epoch,
            time_ms=self._clock(),
            mode=self._mode,
            status=self._agreements.status(query.agreement_hash),
            processing_activity=self._agreements.get_by_hash(query.agreement_hash).processing_activity or "",
            question=query.question if operation == "count" else "",
            attributes=tuple(json.loads(query.attributes)) if discloses else (),
            for_a_case=discloses and bool(query.case_reference),
        )
        outcome = self._decide.decide(question)
        journal.note(
            "decided",
            allow=outcome.allow,
            reasons=list(outcome.reasons),
            revision=outcome.revision,
            elements=elements,
            question=kept_by_requester(question),
        )
        if not outcome.allow:
            raise Refused(outcome.reasons or ("policy_denied",), "the own node's policy refused")
        return outcome.obligations
