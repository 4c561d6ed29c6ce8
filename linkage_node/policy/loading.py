"""A bundle as the embedded engine runs it."""

from collections.abc import Mapping
from typing import Any

from linkage_node.errors import InputError
from linkage_node.policy.archive import Bundle
from linkage_node.policy.embedded import EmbeddedDecisionPoint


class BundlePolicy:
    """The rules and data of one bundle; a PolicySource that never changes."""

    def __init__(self, bundle: Bundle) -> None:
        self.rules, self._data, self._version = bundle.rules, dict(bundle.data), bundle.sha256

    def version(self) -> str:
        """Always the same."""
        return self._version

    def data(self) -> dict[str, Any]:
        """The document that the rules see as `data`."""
        return self._data


def load(bundle: Bundle) -> EmbeddedDecisionPoint:
    """The engine over a policy; InputError("policy_invalid") if it does not load or gives itself another revision."""
    engine = EmbeddedDecisionPoint(BundlePolicy(bundle))
    told = engine.evaluate({})
    if not isinstance(told, Mapping) or told.get("revision") != bundle.revision:
        raise InputError("policy_invalid", "its rules do not tell its revision")
    return engine
