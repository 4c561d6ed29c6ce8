"""Verdicts: each agreement held once against what no agreement can lift, and against its legal basis (ADR 13).

The rules give them (`linkage/match/verdict`). They stand in the data as `verdicts`, by content hash, where the decision
reads them.
"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from threading import Lock
from typing import Any, NamedTuple

import rfc8785

from linkage_node.errors import InputError, Refusal
from linkage_node.limits import VERDICTS_KEPT
from linkage_node.policy.rego import Rego
from linkage_node.pseudonyms.sealing import length_prefixed

ENTRYPOINT = "linkage/match/verdict"
_SETS_OF_RULES = 4  # compiled at once: those that decide, those that are tried out


class Finding(NamedTuple):
    """Something that may not be in an agreement."""

    code: str  # reason code
    field: str  # where in the agreement, such as "attributes.names.0"
    source: str  # the article that says so
    what: str  # in words


class _Judge:
    """The verdicts of one set of rules over one catalogue; safe to share by threads."""

    def __init__(self, rules: Mapping[str, str], catalogue: Mapping[str, Any]) -> None:
        self._rego = Rego(rules, {"catalogue": catalogue}, ENTRYPOINT)
        self._lock = Lock()
        self._known: dict[str, tuple[Any, dict[str, Any]]] = {}  # agreement and verdict, by content hash

    def verdict(self, agreement: Mapping[str, Any], content: str | None = None) -> dict[str, Any] | None:
        """The verdict; None of rules that give none. InputError("policy_invalid") if the rules fail."""
        with self._lock:
            if content in self._known and self._known[content][0] == agreement:
                return self._known[content][1]
            try:
                told = self._rego.answer({"agreement": dict(agreement)})
            except Refusal as refusal:
                raise InputError("policy_invalid", f"data.{ENTRYPOINT}: {refusal.detail}") from None
            if not isinstance(told, dict):
                return None
            if isinstance(told.get("findings"), list):
                told["findings"].sort(key=rfc8785.dumps)  # engines need not agree on the order of a set
            if content is not None and len(self._known) < VERDICTS_KEPT:
                self._known[content] = agreement, told
            return told


def with_verdicts(rules: Mapping[str, str], data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` (agreements by content hash, and the catalogue) with the verdict on each agreement as `verdicts`.

    Rules without verdicts give none; then the product's own decision approves nothing. InputError("policy_invalid")
    for rules that do not compile.
    """
    judge = _judge(rules, data.get("catalogue", {}))
    drawers: dict[str, dict[str, dict[str, Any]]] = {}
    for content, agreement in data["agreements"].items():
        if (verdict := judge.verdict(agreement, content)) is not None:
            drawers.setdefault(content[:1], {}).setdefault(content[1:2], {})[content] = verdict
    return {**data, "verdicts": drawers}


def verdict_of(data: Mapping[str, Any], content: str) -> Mapping[str, Any] | None:
    """The verdict in data of `with_verdicts` on the agreement with this hash; None of rules that gave none."""
    verdict: Mapping[str, Any] | None = (
        data["verdicts"].get(content[:1], {}).get(content[1:2], {}).get(content)
    )
    return verdict


def findings(
    rules: Mapping[str, str], catalogue: Mapping[str, Any], agreement_data: Mapping[str, Any]
) -> list[Finding]:
    """What may not be in an agreement (plain data, as `as_data` gives it), by field; empty if nothing is wrong.

    InputError("policy_invalid") for rules that do not compile.
    """
    return findings_in(_judge(rules, catalogue).verdict(agreement_data) or {})


def findings_in(verdict: Mapping[str, Any]) -> list[Finding]:
    """What a verdict found, by field; InputError("policy_invalid") for rules that tell findings in another shape."""
    try:
        found = [Finding(**one) for one in verdict.get("findings", [])]
        return sorted(found, key=lambda one: (one.field, one))
    except TypeError:
        raise InputError("policy_invalid", f"data.{ENTRYPOINT}: findings of another shape") from None


def _judge(rules: Mapping[str, str], catalogue: Mapping[str, Any]) -> _Judge:
    return _compiled(_Content(rules, catalogue))


class _Content:
    """Rules and catalogue, equal to others with the same content."""

    def __init__(self, rules: Mapping[str, str], catalogue: Mapping[str, Any]) -> None:
        self.rules, self.catalogue = rules, catalogue
        texts = [part.encode() for name in sorted(rules) for part in (name, rules[name])]
        self._digest = sha256(length_prefixed(*texts, rfc8785.dumps(dict(catalogue)))).digest()

    def __hash__(self) -> int:
        return hash(self._digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Content) and other._digest == self._digest


@lru_cache(maxsize=_SETS_OF_RULES)
def _compiled(content: _Content) -> _Judge:
    return _Judge(content.rules, content.catalogue)
