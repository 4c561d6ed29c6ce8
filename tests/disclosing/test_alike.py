"""An unknown, an erased person's and an exhausted token look alike: on the wire, in the database, in time."""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event

from linkage_node._generated.linkage.v1.peer_pb2 import (
    DISCLOSURE_STATUS_LIMIT_REACHED,
    DISCLOSURE_STATUS_NOT_KNOWN,
)
from linkage_node.answering.tag_sets import NOBODY
from linkage_node.matching.disclosure import token_hashes
from tests.disclosing.desk import LARGEST, PER_TOKEN, Desk

ANNA = {"desk": "Energieloket", "phone": "070 000 0001"}
Tokens = Callable[[Desk], list[bytes]]

ROUNDS = 60  # orders of each sort that are timed
ALIKE = 1.5  # times that the medians may differ: the machine is shared; a person's row costs more than that


def erased(desk: Desk, count: int = LARGEST) -> list[bytes]:
    """Tokens of persons who were in the register when the set was made, and are not any more."""
    return [desk.token(f"erased {at}") for at in range(count)]


def unknown(_desk: Desk, count: int = LARGEST) -> list[bytes]:
    """Tokens that never were."""
    return [os.urandom(16) for _ in range(count)]


def prepared(desk: Desk) -> None:
    """B knows some people, and some who are erased after the set was made."""
    desk.put(desk.b, {f"e{at}": (f"erased {at}", ANNA) for at in range(LARGEST)})
    desk.put(desk.b, {f"f{at}": (f"living {at}", ANNA) for at in range(LARGEST)})
    desk.b.tag_sets.current(desk.agreement(), desk.epoch(), desk.clock())
    desk.erase(*(f"e{at}" for at in range(LARGEST)))


@contextmanager
def statements(desk: Desk) -> Iterator[list[tuple[str, int, Any]]]:
    """Every statement that B's database executes, how many parameters it has, and which."""
    seen: list[tuple[str, int, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.append((statement, len(parameters), parameters))

    engine = desk.nodes["b"].database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def looked_for(seen: list[tuple[str, int, Any]]) -> set[int]:
    """The ids of the elements that were looked for, of persons or of nobody."""
    ((_, _, parameters),) = [one for one in seen if "FROM link" in one[0]]
    return {one for one in parameters if isinstance(one, int)}


def test_the_same_bytes(desk: Desk) -> None:
    """What goes over the wire for unknown and for erased tokens has the same entries and the same sizes."""
    prepared(desk)
    one, other = desk.show(unknown(desk)), desk.show(erased(desk))
    assert [entry.SerializeToString() for entry in one.entries] == [
        entry.SerializeToString() for entry in other.entries
    ]
    assert {entry.status for entry in one.entries} == {DISCLOSURE_STATUS_NOT_KNOWN}
    assert [response.ByteSize() for response in one.responses] == [
        response.ByteSize() for response in other.responses
    ]


def test_the_same_statements(desk: Desk) -> None:
    """The provider's database is asked the same, in the same order, with as many parameters, for all of them."""
    prepared(desk)
    desk.show(unknown(desk))  # what is only done once
    asked = []
    for tokens in (unknown(desk), erased(desk), [unknown(desk)[0], *erased(desk)[1:]]):
        request = desk.craft(tokens)
        with statements(desk) as seen:
            heard = desk.send(request)
        assert {entry.status for entry in heard.entries} <= {
            DISCLOSURE_STATUS_NOT_KNOWN,
            DISCLOSURE_STATUS_LIMIT_REACHED,
        }
        asked.append([one[:2] for one in seen])
        assert len(looked_for(seen)) == LARGEST
    assert asked[0] == asked[1]
    assert any("FROM link" in statement for statement, _ in asked[0])
    assert [statement for statement, _ in asked[2] if "FROM link" in statement] == [
        statement for statement, _ in asked[0] if "FROM link" in statement
    ]


def test_the_same_statements_at_the_limit(desk: Desk) -> None:
    """Tokens of living persons and unknown ones that were shown too often cost the database the same."""
    prepared(desk)
    living, none = [desk.token(f"living {at}") for at in range(LARGEST)], unknown(desk)
    for tokens in (living, none):
        for _ in range(PER_TOKEN):
            desk.show(tokens)
    asked, entries, looked_up = [], [], []
    nobody = {-1 - at for at in range(LARGEST)}
    for tokens in (living, none):
        request = desk.craft(tokens)
        with statements(desk) as seen:
            entries.append(desk.send(request).entries)
        asked.append([one[:2] for one in seen])
        looked_up.append(len(looked_for(seen) - nobody))
    assert looked_up == [0, 0]
    assert entries[0] == entries[1]
    assert {entry.status for entry in entries[0]} == {DISCLOSURE_STATUS_LIMIT_REACHED}
    assert asked[0] == asked[1]


def test_dummies_are_nobody(desk: Desk) -> None:
    """A token that belonged to a dummy's hash, if there were one, would be nobody's: as an unknown one is."""
    prepared(desk)
    with desk.nodes["b"].database.read() as connection:
        hashes = connection.exec_driver_sql("SELECT token_hashes FROM tag_set").scalar_one()
    owners = desk.b.tag_sets.owners(desk.epoch(), hashes)
    assert np.count_nonzero(owners != NOBODY) == 2 * LARGEST
    assert len(set(owners.tolist())) == 2 * LARGEST + 1
    assert desk.b.tag_sets.owners(desk.epoch(), token_hashes(unknown(desk)[0])).tolist() == [NOBODY]


@pytest.mark.slow
def test_the_same_time(desk: Desk) -> None:
    """Unknown and erased tokens take the provider as long: the medians of many orders of each, in turn, are close."""
    prepared(desk)
    times: dict[str, list[float]] = {"unknown": [], "erased": []}
    gone = erased(desk)
    for _ in range(ROUNDS):
        # else the limit of a token would be what is timed
        with desk.nodes["b"].database.write() as connection:
            connection.exec_driver_sql("DELETE FROM token_use")
            connection.exec_driver_sql("DELETE FROM budget")
        for name, tokens in (("unknown", unknown(desk)), ("erased", gone)):
            request = desk.craft(tokens)
            started = time.perf_counter()
            heard = desk.send(request)
            times[name].append(time.perf_counter() - started)
            assert {entry.status for entry in heard.entries} == {DISCLOSURE_STATUS_NOT_KNOWN}
    one, other = (statistics.median(measured) for measured in times.values())
    assert max(one, other) / min(one, other) < ALIKE
