"""The policy in force, as the running node decides by it: taken up without a restart, and given up for nothing worse.

At every decision it is looked up which policy is in force. A new one is verified and compiled before it takes the place
of the old one, whole: a decision is by the one or by the other, never by the rules of one over the data of another.
Meanwhile the old one decides on, for POLICY_SWITCH_SECONDS at the most; then decisions wait. One that cannot be used is
told in log and evidence, and the last good one decides on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any

import structlog

from linkage_node.agreements.standing import STATUS_REASONS
from linkage_node.clock import now_ms
from linkage_node.errors import LinkageError, Refusal, StorageError
from linkage_node.limits import POLICY_LOOK_SECONDS, POLICY_SWITCH_SECONDS
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
        # What a newer one is to replace, and since when that is seen; monotonic seconds.
        self._behind: tuple[Loaded, float] | None = None
        self._beside: Thread | None = None  # takes the newer one up
        self._starting = Lock()
        self._records = False

    def record_refusals(self) -> None:
        """From now on log and evidence tell of a policy that cannot be used: for a node that decides."""
        self._records = True

    def current(self) -> Loaded:
        """What decides now. Refusal("policy_not_activated"), or why what is in force cannot be used."""
        version, loaded, refused = self._activations.version(), self._loaded, self._refused
        if loaded is None:
            return self.renewed()
        if loaded.version == version or (refused and refused[0] == version):
            return loaded
        if self._seconds_behind(loaded, version) >= POLICY_SWITCH_SECONDS:
            return self.renewed()
        self._renew_beside()
        return loaded

    def _seconds_behind(self, loaded: Loaded, version: Version | None) -> float:
        """How long there is a newer policy: since it was seen here, or since it was activated, if that is longer."""
        behind = self._behind
        if behind is None or behind[0] is not loaded:
            self._behind = behind = loaded, monotonic()
        since_activation = (self._clock() - version[2]) / 1000 if version else 0.0
        return max(monotonic() - behind[1], since_activation)

    def _renew_beside(self) -> None:
        with self._starting:
            if self._beside is None or not self._beside.is_alive():
                self._beside = Thread(target=self._try_to_renew, name="policy", daemon=True)
                self._beside.start()

    def _try_to_renew(self) -> None:
        try:
            self.renewed()
        except LinkageError:
            pass  # whoever asks a question hears it
        except Exception:
            _log.error("defect in taking up a policy", exc_info=True)

    def watch(self, stopped: Event) -> None:
        """Take up what is activated when nobody asks a question, until `stopped`: the next one need not wait for it."""
        while not stopped.wait(POLICY_LOOK_SECONDS):
            self._try_to_renew()

    def renewed(self) -> Loaded:
        """What is in force, taken up now if it is not yet; as `current`, but never the policy before."""
        with self._lock:
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
            _log.info("policy taken up", sequence=bundle.sequence, revision=bundle.revision)
        except StorageError:
            raise  # it may be there the next moment
        except Exception as error:  # whatever is wrong with the new one, the old one is still good
            told = (
                error if isinstance(error, LinkageError) else Refusal("policy_invalid", type(error).__name__)
            )
            if version or seen:  # before the first one nothing is wrong
                detail = told.detail
                _log.warning("the newest policy cannot be used", code=told.code, detail=detail, in_force=seen)
            if self._records and (version or seen):
                self._activations.record_refusal(told, self._clock(), version[0] if version else 0)
            self._refused, self._behind = (version, told), None

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

        Rules cannot tell an agreement that is not in the policy from one that nobody knows; by its status the node can.
        """
        outcome = self._active.current().engine.decide(question)
        known_as = STATUS_REASONS.get(question.status)
        if known_as is None or "agreement_unknown" not in outcome.reasons:
            return outcome
        reasons = {*outcome.reasons, known_as} - {"agreement_unknown"}
        return replace(outcome, reasons=tuple(sorted(reasons)))

    def evaluate(self, decision_input: dict[str, Any]) -> object:
        """What the rules in force answer."""
        return self._active.current().engine.evaluate(decision_input)
