"""Tells people, and scripts, about standing questions."""

from typing import TYPE_CHECKING, Any

from rich.table import Column, Table
from rich.text import Text

from linkage_node.cli.common import console
from linkage_node.cli.telling import named
from linkage_node.reasons import explain

if TYPE_CHECKING:
    from linkage_node.asking.series import Numbers, Point
    from linkage_node.asking.standing import Standing

_POINTS = 40  # shown on a terminal, the newest; all are in the JSON and the export


def standing_data(one: "Standing", points: "list[Point] | None" = None) -> dict[str, Any]:
    """A standing question as plain data, with its series if that is given."""
    from linkage_node.clock import iso

    told = {
        "name": one.name,
        "answer": one.answer,
        "kind": one.kind,
        "question": one.question or None,
        "group_by": list(one.group_by),
        "providers": [
            {"provider": target.provider_oin, "agreement": target.agreement_id} for target in one.targets
        ],
        "schedule": one.schedule.text,
        "timezone": one.schedule.timezone,
        "paused": one.paused,
        "created_at": iso(one.created_at),
        "next_at": None if one.paused else iso(one.next_at),
        "last_at": iso(one.last_at) if one.last_at else None,
    }
    return told if points is None else {**told, "points": [point_data(point) for point in points]}


def point_data(point: "Point") -> dict[str, Any]:
    """A point of a series; null is a number that was not released."""
    from linkage_node.clock import iso

    numbers = point.numbers
    told: dict[str, Any] = {
        "standing": point.name,
        "at": iso(point.at),
        "provider": point.provider_oin,
        "query_id": point.query_id or None,
        "state": point.state,
        "reasons": list(point.reasons),
        "keep_until": iso(point.keep_until),
        "numbers": None,
    }
    if numbers is not None:
        told["numbers"] = {
            "agreement_version": numbers.agreement_version,
            "question": numbers.question or None,
            "period": numbers.period or None,
            "given_at": iso(numbers.given_at),
            "groups": list(numbers.groups),
            "categories": list(numbers.categories),
            "cells": [list(row) for row in numbers.cells],
            "epsilon": numbers.epsilon or None,
            "smallest_cell": numbers.smallest_cell or None,
            "records": numbers.records or None,
        }
    return told


def tell_list(found: "list[Standing]") -> None:
    """A line for each."""
    names = ("name", "asks", "providers", "schedule", "next (UTC)", "last (UTC)")
    table = Table(*(Column(name, overflow="fold") for name in names))
    for one in found:
        table.add_row(
            one.name,
            f"{one.answer}, {one.kind}",
            f"{len(one.targets)}",
            f"{one.schedule.text}\n{one.schedule.timezone}",
            "paused" if one.paused else _minute(one.next_at),
            _minute(one.last_at) if one.last_at else "never",
        )
    console.print(table if found else "No standing questions yet.")


def tell_one(one: "Standing", names: dict[str, str]) -> None:
    """What is asked of whom, and when."""
    from linkage_node.notices import counted

    table = Table(show_header=False, title=one.name, title_justify="left")
    asked = one.question or (f"by {', '.join(one.group_by)}" if one.group_by else "")
    table.add_row("asks", Text(", ".join(filter(None, (one.answer, asked)))))
    table.add_row("counts", counted(one.kind, one.answer))
    for target in one.targets:
        table.add_row("provider", Text(f"{named(target.provider_oin, names)}\nunder {target.agreement_id}"))
    table.add_row("schedule", f"{one.schedule.text}, {one.schedule.timezone}")
    table.add_row("next (UTC)", "paused" if one.paused else _minute(one.next_at))
    console.print(table)


def tell_points(points: "list[Point]", names: dict[str, str]) -> None:
    """The newest points: what was answered, or why not."""
    columns = ("when (UTC)", "provider", "answer")
    table = Table(*(Column(name, overflow="fold") for name in columns))
    for point in points[-_POINTS:]:
        table.add_row(_minute(point.at), Text(named(point.provider_oin, names)), Text(_answer(point)))
    console.print(table if points else "Nothing is in the series yet.")
    if len(points) > _POINTS:
        console.print(f"And {len(points) - _POINTS} older ones: `standing export` writes all.")


def _answer(point: "Point") -> str:
    from linkage_node.asking.series import AGAIN

    told = [f"{explain(code).meaning} ({code})" for code in point.reasons]
    if point.numbers is not None:
        told.insert(0, _numbers(point.numbers))
    elif point.state == AGAIN:
        told.insert(0, "the same answer as before: this period has no other, and the series shows it once")
    else:
        told.insert(0, point.state)
    return "; ".join(told)


def _numbers(numbers: "Numbers") -> str:
    if not numbers.period:
        return f"{numbers.cells[0][0]:,} of {numbers.records:,} known"
    cells = [cell for row in numbers.cells for cell in row]
    released = [cell for cell in cells if cell is not None]
    hidden, below = len(cells) - len(released), f"below {numbers.smallest_cell:,}, so not released"
    if not released:
        return (
            f"{numbers.period}: {below}" if hidden == 1 else f"{numbers.period}: all {hidden} cells {below}"
        )
    if len(cells) == 1:
        return f"{numbers.period}: {released[0]:,}"
    left = f"; {_cells(hidden)} {below}" if hidden else ""
    return f"{numbers.period}: {sum(released):,} in {_cells(len(released))}{left}"


def _cells(number: int) -> str:
    return f"{number} cell" if number == 1 else f"{number} cells"


def _minute(at: int) -> str:
    from linkage_node.clock import iso

    return iso(at)[:16].replace("T", " ")
