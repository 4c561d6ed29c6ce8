"""The same as `telling`, for scripts: plain data, whole."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from linkage_node.cli.telling import words_of

if TYPE_CHECKING:
    from linkage_node.asking.answers import Tally
    from linkage_node.asking.overlap import Overlap
    from linkage_node.asking.queries import Query
    from linkage_node.asking.several import Whole
    from linkage_node.asking.tables import Margin, ReleasedTable


def whole_data(
    whole: "Whole", names: dict[str, str], tallies: "Mapping[str, Tally] | None" = None
) -> dict[str, Any]:
    """A question and what every provider did. Of a question to one provider its numbers stand on top too.

    `tallies` of its parts where attributes were asked for: "told" is null where that is not known.
    """
    parts = [part_data(part, names) | _tally_data((tallies or {}).get(part.id)) for part in whole.parts]
    first = whole.parts[0]
    return {
        "query_id": whole.id,
        "state": whole.state,
        "answer": first.answer,
        "kind": first.kind,
        "source": first.source,
        **({} if len(parts) > 1 else parts[0]),
        "parts": parts,
        "unanswered": [part.provider_oin for part in whole.unanswered],
    }


def _tally_data(tally: "Tally | None") -> dict[str, Any]:
    if tally is None:
        return {"told": None, "withheld": None}
    return {"told": tally.told, "withheld": dict(tally.withheld)}


def part_data(part: "Query", names: dict[str, str]) -> dict[str, Any]:
    """What one provider did. Numbers of people are null where the answer has none."""
    from linkage_node.clock import iso

    told = part.state == "done" and part.answer != "count"
    return {
        "query_id": part.id,
        "transaction_id": part.id,
        "whole_id": part.whole_id or None,
        "agreement": part.agreement_id,
        "provider": part.provider_oin,
        "provider_name": names.get(part.provider_oin),
        "kind": part.kind,
        "answer": part.answer,
        "question": part.question or None,
        "source": part.source,
        "state": part.state,
        "reasons": part.codes,
        "message": words_of(part),
        "detail": part.detail or None,
        "records": part.records,
        "hits": part.hits if told else None,
        "elements": part.elements,
        "evaluated": part.evaluated,
        "created_at": iso(part.created_at),
        "results_expire_at": iso(part.results_expire_at) if part.results_expire_at else None,
    }


def overlap_data(found: "Overlap") -> dict[str, Any]:
    """How the answers of those that answered overlap."""
    return {
        "providers": list(found.providers),
        "records": len(found.refs),
        "left_out": found.left_out,
        "known_at": found.known_at(),
        "combinations": [
            {"providers": list(one.providers), "records": one.records} for one in found.combinations()
        ],
    }


def table_data(released: "ReleasedTable") -> dict[str, Any]:
    """A released table; null is a number that was not released."""
    from linkage_node.asking.tables import column_totals, row_totals, total
    from linkage_node.charts.interval import half_width
    from linkage_node.clock import iso

    return {
        "provider": released.provider_oin,
        "agreement": released.agreement_id,
        "question": released.question,
        "kind": released.kind,
        "period": released.period,
        "given_at": iso(released.given_at),
        "by_requester": released.by_requester or None,
        "by_provider": released.by_provider or None,
        "groups": list(released.groups),
        "categories": list(released.categories),
        "cells": [list(row) for row in released.cells],
        "row_sums": [_margin(margin) for margin in row_totals(released)],
        "column_sums": [_margin(margin) for margin in column_totals(released)],
        "sum": _margin(total(released)),
        "epsilon": released.epsilon,
        "noise_95": half_width(released.epsilon),
        "smallest_cell": released.smallest_cell,
    }


def _margin(margin: "Margin") -> dict[str, int]:
    return {"released": margin.total, "not_released": margin.left_out}
