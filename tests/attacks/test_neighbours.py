"""No answer ever lands on a neighbour: registers that change meanwhile, lost rows, bytes that end in zeros."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from linkage_node.asking import items
from linkage_node.asking.items import person_items, register_items
from linkage_node.asking.memory import NO_TAGS, OwnTags
from linkage_node.asking.queries import Persons
from linkage_node.errors import Refusal
from linkage_node.limits import OWN_TAGS_PACKS
from linkage_node.pseudonyms.tags import MARK
from linkage_node.register import store
from linkage_node.register.root import element_ids_of
from linkage_node.register.staging import Staged
from tests.attacks.pair import Pair

EVEN = {str(at): at % 2 == 0 for at in range(20)}
# Elements whose ends are zeros or ones: numpy's strings drop the zeros when one is handed out.
NASTY = [
    bytes(32),
    bytes(31) + b"\x01",
    b"\x01" + bytes(31),
    b"\x01" + bytes(30) + b"\x01",
    b"\xff" * 31 + b"\x00",
    b"\xff" * 32,
    b"\x00\xff" * 16,
    b"\xff\x00" * 16,
    b"\xff" * 16 + bytes(16),
    bytes(16) + b"\xff" * 16,
]


def fill(pair: Pair) -> None:
    """Twenty clients at A, of whom B knows those with even numbers."""
    pair.fill(pair.a, EVEN)
    pair.fill(pair.b, [name for name, known in EVEN.items() if known])


@pytest.mark.parametrize("gone", [["0"], ["7"], ["19"], ["3", "4", "5"], [str(at) for at in range(19)]])
def test_clients_who_leave_while_the_register_is_read(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, gone: list[str]
) -> None:
    """Clients who leave between the reading of ids and of elements have no answer; all others have their own."""
    fill(pair)

    def leaving(*arguments: Any) -> np.ndarray:
        ids = element_ids_of(*arguments)
        pair.remove(pair.a, gone)
        return ids

    monkeypatch.setattr(items, "element_ids_of", leaving)
    expected = {name: known for name, known in EVEN.items() if name not in gone}
    assert pair.ask() == expected
    monkeypatch.undo()
    assert pair.ask() == expected  # nor was anything wrong remembered
    assert pair.used() == len(expected)


def test_all_leave_while_the_register_is_read(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """If everybody leaves there is nothing to ask, and nothing is asked."""
    fill(pair)

    def leaving(*arguments: Any) -> np.ndarray:
        ids = element_ids_of(*arguments)
        pair.remove(pair.a, EVEN)
        return ids

    monkeypatch.setattr(items, "element_ids_of", leaving)

    with pytest.raises(Refusal, match="register_empty"):
        pair.ask()
    assert pair.used() == 0


@pytest.mark.parametrize("lost", [0, 1, 10, 19])
def test_rows_that_a_reader_loses(pair: Pair, monkeypatch: pytest.MonkeyPatch, lost: int) -> None:
    """Should the store ever hand out an element too few, nobody gets another's answer, now or later."""
    fill(pair)
    chunks = store._chunks

    def losing(connection: Any, query: Any) -> Iterator[tuple[list[Any], list[Any]]]:
        for first, second in chunks(connection, query):
            if isinstance(second[0], bytes):
                yield first[:lost] + first[lost + 1 :], second[:lost] + second[lost + 1 :]
            else:
                yield first, second

    monkeypatch.setattr(store, "_chunks", losing)
    pair.b.tag_sets.current(
        pair.agreement, pair.b.epochs.current(pair.agreement, "bsn", pair.clock()), pair.clock()
    )
    with_loss = pair.ask()
    monkeypatch.undo()
    assert len(with_loss) == 19
    pair.clock.pass_days(7)  # a new epoch, and a provider's set that lost nobody
    pair.a.housekeeping()
    pair.b.housekeeping()
    assert pair.ask() == EVEN


def test_streams_lose_no_row(pair: Pair) -> None:
    """Registers of every size around that of a chunk are read whole: SQLAlchemy's buffer takes the first row ahead."""
    rows = [Staged(at, f"{at}", None, {"bsn": at.to_bytes(32, "big")}) for at in range(2_100)]
    pair.a.register.upsert(rows, pair.clock())
    ids = element_ids_of(pair.nodes["a"].database, "bsn")
    for after in (0, 1, 1_023, 1_024, 1_025, 2_098, 2_099):
        chunks = list(pair.a.register.distinct_elements("bsn", after_id=int(ids[0]) - 1 + after))
        assert sum(len(found) for found, _ in chunks) == 2_100 - after
        assert b"".join(packed for _, packed in chunks) == b"".join(
            row.elements["bsn"] or b"" for row in rows[after:]
        )
    assert [ref for refs, _ in pair.a.register.links("bsn") for ref in refs] == [row.ref for row in rows]


def test_clients_who_come_while_a_question_runs(pair: Pair) -> None:
    """Who comes while the question is under way was not asked about and has no result: not a no."""
    fill(pair)
    pair.fill(pair.b, ["new"])

    def coming(message: Any) -> Any:
        pair.fill(pair.a, ["new"])
        return message

    pair.wire.tamper = coming
    assert pair.ask() == EVEN
    assert pair.ask() == {**EVEN, "new": True}


def test_elements_that_end_in_zeros(pair: Pair) -> None:
    """Elements full of zeros and ones are read, told apart and put beside their ids like all others."""
    rows = [Staged(at, f"{at}", None, {"bsn": element}) for at, element in enumerate(NASTY[:6])]
    pair.a.register.upsert(rows, pair.clock())
    database, register = pair.nodes["a"].database, pair.a.register
    whole = register_items(database, register, "bsn", NO_TAGS)
    by_id = dict(zip(whole.ids.tolist(), cut(whole.elements), strict=True))
    assert set(by_id.values()) == set(NASTY[:6])
    asked = NASTY[::-1] + NASTY  # everybody twice, four of them strangers
    found, position = person_items(
        register, "bsn", Persons([f"{at}" for at in range(20)], b"".join(asked)), lambda: NO_TAGS
    )
    distinct = cut(found.elements)
    assert [distinct[place] for place in position] == asked
    assert [by_id.get(int(found.ids[place])) for place in position] == [
        element if element in NASTY[:6] else None for element in asked
    ]


def cut(packed: bytes, width: int = 32) -> list[bytes]:
    """Packed things, one by one."""
    return [packed[at : at + width] for at in range(0, len(packed), width)]


def of_tags(tags: list[bytes]) -> np.ndarray:
    """Marks with these tags, and with tokens that are as nasty."""
    return np.array([(tag, tag[::-1] + bytes(6)) for tag in tags], dtype=MARK)


def test_remembered_tags_that_end_in_zeros(pair: Pair) -> None:
    """Tags full of zeros and ones come out of memory as they went in, in one pack or in many."""
    tags = [element[:10] for element in NASTY] + [element[22:] for element in NASTY]
    label, memory = pair.label(), pair.a.memory
    order = np.array([7, 3, 11, 1, 19, 5, 17, 13, 9, 15, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20])
    for at in range(0, 20, 4):
        memory.remember(label, order[at : at + 4], of_tags(tags[at : at + 4]))
    for _ in range(OWN_TAGS_PACKS):  # so many that they are made one
        memory.remember(label, order[:1], of_tags(tags[:1]))
    known = memory.own(label)
    assert known.ids.tolist() == sorted(order.tolist())
    together = dict(zip(known.ids.tolist(), cut(known.marks["tag"].tobytes(), 10), strict=True))
    assert together == dict(zip(order.tolist(), tags, strict=True))
    tokens = dict(zip(known.ids.tolist(), cut(known.marks["token"].tobytes(), 16), strict=True))
    assert tokens == {at: tag[::-1] + bytes(6) for at, tag in together.items()}


def test_known_tags_go_to_their_own_ids(pair: Pair) -> None:
    """What is remembered of some is put beside their own ids, and the others alone are asked about."""
    rows = [Staged(at, f"{at}", None, {"bsn": element}) for at, element in enumerate(NASTY)]
    pair.a.register.upsert(rows, pair.clock())
    ids = element_ids_of(pair.nodes["a"].database, "bsn")
    for mask in range(1, 2 ** len(NASTY), 37):
        chosen = np.array([bool(mask >> at & 1) for at in range(len(NASTY))])
        known = OwnTags(ids[chosen], of_tags([element[:10] for element in NASTY])[chosen])
        got = register_items(pair.nodes["a"].database, pair.a.register, "bsn", known)
        assert got.ids.tolist() == ids.tolist()
        assert got.missing.tolist() == np.flatnonzero(~chosen).tolist()
        assert got.marks[chosen].tobytes() == known.marks.tobytes()
        assert len(cut(got.elements)) == len(got.missing)
