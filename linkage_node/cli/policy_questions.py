"""The questions that `policy explain` is about: put together of options, read from a file, or recorded."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from linkage_node.cli.common import find_id
from linkage_node.errors import InputError, Refusal

if TYPE_CHECKING:
    from linkage_node.agreements import Agreement
    from linkage_node.node import Node
    from linkage_node.policy.recorded import Recorded

_OPERATIONS = {"hit": "evaluate", "attributes": "disclose", "count": "count"}
_NOON = 12


class Posed(NamedTuple):
    """A question as policy input, and what was recorded of it, if it was."""

    asked: Any
    recorded: "Recorded | None" = None


def by_options(
    node: "Node", agreement_id: str, answer: str | None, kind: str, moment: str, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """A question that fits the agreement, at `moment`, with the fields in `changes` that are not None."""
    from linkage_node.agreements import content_hash
    from linkage_node.clock import now_ms
    from linkage_node.policy import decision_input
    from linkage_node.policy.trial import fitting

    agreement = node.agreements.get_by_id(agreement_id)
    at = _milliseconds(moment) if moment else now_ms()
    wanted = answer or _implied(agreement, changes)
    if wanted != "attributes" and changes["for_a_case"] is not None:
        raise InputError(
            "options_conflict", "a case belongs to `--answer attributes` only", hint="Leave the case out."
        )
    known = (
        [one for one in agreement.count.questions if one.id == changes["question"]] if agreement.count else []
    )
    fits = fitting(
        agreement,
        wanted,
        role="requester" if agreement.requester.oin == node.config.oin else "provider",
        mode=node.config.mode,
        moment_ms=min(max(at, agreement.starts_at_ms), agreement.ends_at_ms - 1),
        kind=kind or None,
        question=known[0] if known else None,
    )
    details: dict[str, Any] = {
        "time_ms": at,
        "epoch": _epoch(agreement, at),
        "operation": _OPERATIONS[wanted],
        "status": node.agreements.status(content_hash(agreement)),
        **{field: value for field, value in changes.items() if value is not None},
    }
    return decision_input(replace(fits, **details))


def _implied(agreement: "Agreement", changes: Mapping[str, Any]) -> str:
    """The answer that the other options are about; else the first agreed."""
    if changes["question"]:
        return "count"
    if changes["attributes"] or (changes["for_a_case"] is not None and agreement.attributes):
        return "attributes"
    return agreement.answers[0]


def _epoch(agreement: "Agreement", at: int) -> int:
    try:
        return agreement.epoch_at(at)
    except Refusal:
        return 0  # outside the agreement there is none


def _milliseconds(text: str) -> int:
    """A day (its noon) or a moment, UTC if it does not say otherwise."""
    try:
        if len(text) == len("2026-01-31"):
            day = date.fromisoformat(text)
            found = datetime(day.year, day.month, day.day, _NOON, tzinfo=UTC)
        else:
            found = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(
            "option_invalid", f"--date {text[:40]!r}", hint="Give a day, such as 2026-01-31."
        ) from None
    return round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)


def from_file(file: Path) -> Any:
    """The question in a file; InputError for one that is no YAML or JSON."""
    from linkage_node.yaml_model import parse_yaml, read_text

    return _plain(parse_yaml(read_text(file), str(file)))


def _plain(value: Any) -> Any:
    """A moment that YAML made a date of is a text again, as JSON has it."""
    if isinstance(value, datetime):
        found = value if value.tzinfo else value.replace(tzinfo=UTC)
        return found.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def recorded(node: "Node", start: str) -> list[Posed]:
    """What policy was asked in the transaction whose id begins so.

    Refusal("query_unknown") if there is none, ("question_unrecorded") if nothing of it can be put again.
    """
    from linkage_node.evidence import EvidenceLog
    from linkage_node.evidence.log import read
    from linkage_node.policy import decision_input
    from linkage_node.policy.recorded import question_in

    records = [one for one in map(read, EvidenceLog.of(node).records()) if "transaction_id" in one]
    hint = "`linkage-node evidence show` lists the transactions."
    wanted = find_id((one["transaction_id"] for one in records), start.lower(), hint=hint)
    found = [question_in(one) for one in records if one["transaction_id"] == wanted]
    posed = [Posed(decision_input(one.question), one) for one in found if one]
    if not posed:
        raise Refusal("question_unrecorded", "policy was not asked: the order was refused before that")
    return posed


def lines_of(node: "Node", asked: Any) -> Callable[[str], int | None]:
    """Finds the line of an agreement's field, in the file of the agreement that a question names."""
    from linkage_node.agreements import content_hash
    from linkage_node.agreements.lines import line_of
    from linkage_node.policy.asked import value_at

    name, content = value_at(asked, "context.agreement.id"), value_at(asked, "context.agreement.hash")
    try:
        if content_hash(node.agreements.get_by_id(str(name))).hex() != content:
            return lambda _path: None
        text = node.agreements.text(str(name))
    except Refusal:
        return lambda _path: None
    return lambda path: line_of(text, path)
