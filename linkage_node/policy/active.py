"""The policy in force, as the running node decides by it: taken up without a restart, and given up for nothing worse.

At every decision it is looked up which policy is in force. A new one is verified and compiled before it takes the place
of the old one, whole: a decision is by the one or by the other, never by the rules of one over the data of another. One
that cannot be used is told in log and evidence, and the last good one decides on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

import structlog

from linkage_node.clock import now_ms
from linkage_node.errors import LinkageError, Refusal, StorageError
from linkage_node.policy.activation import Activations, Version
from linkage_node.policy.archive import Bundle
from linkage_node.policy.embedded import EmbeddedDecisionPoint
from linkage_node.policy.engine import DecisionPoint
from linkage_node.policy.loading import load
from linkage_node.policy.outcome import Outcome
from linkage_node.policy.question import Question

_log = structlog.get_logger()


@dataclass(frozen=True)
class Loaded:
    """A policy that was verified and compiled."""

    version: Version
    bundle: Bundle
    engine: EmbeddedDecisionPoint
    agreements: frozenset[bytes]  # content hashes


class ActivePolicy:
    """The policy that officers put into force; a PolicySource. Safe to share by threads."""

    def __init__(self, activations: Activations, clock: Callable[[], int] = now_ms) -> None:
        self._activations, self._clock = activations, clock
        self._lock = Lock()
        self._loaded: Loaded | None = None
        self._refused: tuple[Version | None, LinkageError] | None = None  # the newest, if it cannot be used
        self._records = False

    def record_refusals(self) -> None:
        """From now on log and evidence tell of a policy that cannot be used: for a node that decides."""
        self._records = True

    def current(self) -> Loaded:
        """What decides now. Refusal("policy_not_activated"), or why what is in force cannot be used."""
        version, loaded = self._activations.version(), self._loaded
        if loaded is None or loaded.version != version:
            loaded = self._renewed()
        return loaded

    def _renewed(self) -> Loaded:
        with self._lock:  # decisions wait for the new one: after `policy activate` none is by the old one
            version = self._activations.version()
            if self._loaded and self._loaded.version == version:
                return self._loaded
            if self._refused is None or self._refused[0] != version:
                self._take_up(version)
            if self._loaded is None:
                error = self._refused[1] if self._refused else Refusal("policy_not_activated")
                raise Refusal(error.code, error.detail, hint=error.hint)
            return self._loaded

    def _take_up(self, version: Version | None) -> None:
        seen = self._loaded.version[0] if self._loaded else 0
        try:
            found, bundle = self._activations.newest(seen, self._clock())
            agreements = frozenset(bytes.fromhex(content) for content in bundle.data["agreements"])
            self._loaded = Loaded(found, bundle, load(bundle), agreements)
            self._refused = None
        except StorageError:
            raise  # it may be there the next moment
        except Exception as error:  # whatever is wrong with the new one, the old one is still good
            told = (
                error if isinstance(error, LinkageError) else Refusal("policy_invalid", type(error).__name__)
            )
            note = _log.warning if version or seen else _log.info  # before the first one nothing is wrong
            note("the newest policy cannot be used", code=told.code, detail=told.detail, in_force=seen)
            if self._records and (version or seen):
                self._activations.record_refusal(told, self._clock(), version[0] if version else 0)
            self._refused = (version, told)

    def activated(self) -> frozenset[bytes]:
        """Content hashes of the agreements in the policy that decides; none if there is no such policy."""
        try:
            return self.current().agreements
        except Refusal:
            return frozenset()

    @property
    def rules(self) -> Mapping[str, str]:
        """Rego texts by name."""
        return self.current().bundle.rules

    def version(self) -> Version:
        """Equal as long as the same policy decides."""
        return self.current().version

    def data(self) -> dict[str, Any]:
        """The document that the rules see as `data`."""
        return dict(self.current().bundle.data)


class ActiveDecisionPoint(DecisionPoint):
    """Decides by the policy in force, in the embedded engine."""

    def __init__(self, active: ActivePolicy) -> None:
        self._active = active

    def decide(self, question: Question) -> Outcome:
        """As every decision point; Refusal("policy_not_activated") and the like without a policy that can be used.

        Rules cannot tell an agreement that is not in the policy from one that nobody knows; the node can.
        """
        outcome = self._active.current().engine.decide(question)
        if question.status != "not_activated" or outcome.allow:
            return outcome
        reasons = {*outcome.reasons, "agreement_not_activated"} - {"agreement_unknown"}
        return replace(outcome, reasons=tuple(sorted(reasons)))

    def evaluate(self, decision_input: dict[str, Any]) -> object:
        """What the rules in force answer."""
        return self._active.current().engine.evaluate(decision_input)
