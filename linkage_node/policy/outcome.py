"""What policy answered. Whatever is not exactly an approval, in exactly the agreed shape, is a refusal."""

import re
from dataclasses import dataclass, fields
from typing import Any

from linkage_node.agreements.standing import STATUS_REASONS
from linkage_node.errors import Refusal
from linkage_node.limits import POLICY_NUMBER, REASONS
from linkage_node.policy.question import Question

_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_REVISION = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True, kw_only=True)
class Obligations:
    """Conditions of an approval, which the nodes enforce."""

    evaluations_per_day: int  # a day in UTC
    largest_query: int  # elements in one order
    result_retention_days: int
    kinds: tuple[str, ...]
    answers: tuple[str, ...]
    proof: bool
    receipts: bool


# What goes with a refusal: nothing may be done.
NOTHING = Obligations(
    evaluations_per_day=0,
    largest_query=0,
    result_retention_days=0,
    kinds=(),
    answers=(),
    proof=True,
    receipts=True,
)
_NAMES = {field.name for field in fields(Obligations)}
_NUMBERS = ("evaluations_per_day", "largest_query", "result_retention_days")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """A decision: `reasons` (stable codes, sorted) say why not; `revision` names the policy that decided."""

    allow: bool
    reasons: tuple[str, ...]
    obligations: Obligations
    revision: str


def parse_outcome(raw: object) -> Outcome:
    """A decision point's answer; Refusal("policy_malformed") or ("unknown_obligation") for any other shape."""
    if not isinstance(raw, dict) or raw.keys() != {"allow", "reasons", "obligations", "revision"}:
        raise _malformed("not an object of allow, reasons, obligations, revision")
    allow = _flag("allow", raw["allow"])
    reasons = _codes("reasons", raw["reasons"])
    if len(reasons) > REASONS:
        raise _malformed(f"more than {REASONS} reasons")
    obligations, revision = raw["obligations"], raw["revision"]
    if not isinstance(obligations, dict):
        raise _malformed("obligations")
    if not isinstance(revision, str) or not _REVISION.fullmatch(revision):
        raise _malformed("revision")
    if allow is not True:
        codes = tuple(sorted(set(reasons))) or ("policy_denied",)
        return Outcome(allow=False, reasons=codes, obligations=NOTHING, revision=revision)
    if reasons:
        raise _malformed("an approval with reasons against")
    return Outcome(allow=True, reasons=(), obligations=_parse_obligations(obligations), revision=revision)


def _parse_obligations(raw: dict[Any, Any]) -> Obligations:
    if unknown := raw.keys() - _NAMES:
        raise Refusal("unknown_obligation", ", ".join(sorted(map(str, unknown))))
    if missing := _NAMES - raw.keys():
        raise _malformed("an approval without " + ", ".join(sorted(missing)))
    numbers = {name: _number(name, raw[name]) for name in _NUMBERS}
    lists = {name: _codes(name, raw[name]) for name in ("kinds", "answers")}
    flags = {name: _flag(name, raw[name]) for name in ("proof", "receipts")}
    conditions: dict[str, Any] = {**numbers, **lists, **flags}
    return Obligations(**conditions)


def _number(name: str, value: object) -> int:
    if type(value) is not int or not 0 <= value <= POLICY_NUMBER:
        raise _malformed(name)
    return value


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _malformed(name)
    return value


def _codes(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(
        isinstance(code, str) and _CODE.fullmatch(code) for code in value
    ):
        raise _malformed(name)
    return tuple(value)


def _malformed(what: str) -> Refusal:
    return Refusal("policy_malformed", what)


def stricter(one: Obligations, other: Obligations) -> Obligations:
    """Of every condition the stricter."""
    return Obligations(
        **{name: min(getattr(one, name), getattr(other, name)) for name in _NUMBERS},
        kinds=tuple(kind for kind in one.kinds if kind in other.kinds),
        answers=tuple(answer for answer in one.answers if answer in other.answers),
        proof=one.proof or other.proof,
        receipts=one.receipts or other.receipts,
    )


def require_at_least(theirs: Obligations, own: Obligations) -> None:
    """Refusal("obligation_dropped") if `theirs`, from a receipt, is laxer than `own` in any condition."""
    laxer = [name for name in sorted(_NAMES) if _laxer(getattr(theirs, name), getattr(own, name))]
    if laxer:
        raise Refusal("obligation_dropped", ", ".join(laxer))


def _laxer(theirs: Any, own: Any) -> bool:
    if isinstance(own, bool):
        return own and not theirs
    if isinstance(own, tuple):
        return not set(theirs) <= set(own)
    return bool(theirs > own)


def reasons_against(obligations: Obligations, question: Question) -> tuple[str, ...]:
    """Why these conditions forbid the question, as sorted codes; empty if they do not.

    To report hits is a duty, and costs nothing.
    """
    elements = 0 if question.operation == "report_hits" else question.elements
    broken = {
        STATUS_REASONS.get(question.status, "malformed"): question.status != "in_force",
        "answer_not_agreed": question.answer not in obligations.answers,
        "budget_exhausted": question.used_today + elements > obligations.evaluations_per_day,
        "kind_not_agreed": question.kind not in obligations.kinds,
        "query_too_large": elements > obligations.largest_query,
    }
    return tuple(sorted(code for code, is_broken in broken.items() if is_broken))
