"""The register's persons by category: the first record of a person decides."""

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_node.agreements.terms import OTHER, Breakdown
from linkage_node.errors import StorageError
from linkage_node.pseudonyms.sealing import Sealer
from linkage_node.register.categories import by_category
from linkage_node.register.staging import Staged
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database
from tests.registers import SEALER

Row = tuple[int, str | None]  # a person, and what the record says of the district


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One for all examples."""
    made = Database(f"sqlite:///{tmp_path_factory.mktemp('categories') / 'node.db'}")
    made.create()
    yield made
    made.close()


def person(number: int) -> bytes:
    """Stands for an E."""
    return bytes([number + 1]) * 32


def fill(database: Database, rows: Sequence[Row], kind: str = "bsn") -> RegisterStore:
    """A register of these records and no others, in this order."""
    store = RegisterStore(database, SEALER)
    with database.read() as connection:
        before = [ref for (ref,) in connection.exec_driver_sql("SELECT ref FROM record")]
    store.remove(before, 1)
    staged = []
    for at, (number, district) in enumerate(rows):
        attributes = {} if district is None else {"district": district, "age": "40"}
        staged.append(
            Staged(at, f"r{at}", store.seal_attributes(f"r{at}", attributes), {kind: person(number)})
        )
    store.upsert(staged, 2)
    return store


def people_in(packed: list[bytes]) -> list[list[int]]:
    """Who they are, sorted; nobody twice."""
    found = [[part[at] - 1 for at in range(0, len(part), 32)] for part in packed]
    everybody = [number for part in found for number in part]
    assert len(set(everybody)) == len(everybody)
    return [sorted(part) for part in found]


districts = st.sampled_from(["north", "south", "east", OTHER, "", None])


@settings(max_examples=40, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 12), districts), max_size=20),
    values=st.lists(st.sampled_from(["north", "south", "west"]), min_size=1, unique=True),
    other=st.booleans(),
)
def test_the_first_record_of_a_person_decides(
    database: Database, rows: list[Row], values: list[str], other: bool
) -> None:
    """Against a plain count of the rows: named values, `other` if there is one, and nobody in two categories."""
    fill(database, [(number, district or None) for number, district in rows])
    first: dict[int, str | None] = {}
    for number, district in rows:
        first.setdefault(number, district or None)
    true = [[number for number, district in first.items() if district == value] for value in values]
    if other:
        true.append([number for number, district in first.items() if district not in values])
    breakdown = Breakdown(attribute="district", values=tuple(values), other=other)
    assert people_in(by_category(database, SEALER, "bsn", breakdown)) == [sorted(part) for part in true]
    assert people_in(by_category(database, SEALER, "bsn", None)) == [sorted(first)]


def test_the_first_record_is_the_oldest_that_is_there(database: Database) -> None:
    """When it goes, the next one decides; when the last one goes, so does the person."""
    store = fill(database, [(1, "north"), (1, "south"), (2, "north")])
    breakdown = Breakdown(attribute="district", values=("north", "south"))
    assert people_in(by_category(database, SEALER, "bsn", breakdown)) == [[1, 2], []]
    store.remove(["r0", "r2"], 3)
    assert people_in(by_category(database, SEALER, "bsn", breakdown)) == [[], [1]]
    store.remove(["r1"], 4)
    assert people_in(by_category(database, SEALER, "bsn", breakdown)) == [[], []]
    assert people_in(by_category(database, SEALER, "bsn", None)) == [[]]


def test_another_column_and_another_kind(database: Database) -> None:
    """An attribute that no record has leaves everybody to `other`, or uncounted; a kind has its own persons."""
    fill(database, [(1, "north"), (2, None)])
    for other, expected in ((True, [[], [1, 2]]), (False, [[]])):
        breakdown = Breakdown(attribute="missing", values=("north",), other=other)
        assert people_in(by_category(database, SEALER, "bsn", breakdown)) == expected
    assert by_category(database, SEALER, "household", None) == [b""]


def test_a_breakdown_opens_attributes_and_nothing_else_does(database: Database) -> None:
    """Another sealing key is noticed where attributes are needed."""
    fill(database, [(1, "north")])
    stranger = Sealer(b"\x01" * 32)
    assert people_in(by_category(database, stranger, "bsn", None)) == [[1]]
    with pytest.raises(StorageError, match="secret_unreadable"):
        by_category(database, stranger, "bsn", Breakdown(attribute="district", values=("north",)))
