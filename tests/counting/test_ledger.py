"""The books of epsilon and answers, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from linkage_node.agreements.terms import Breakdown
from linkage_node.answering.epsilon import Claim, EpsilonLedger, Spent
from linkage_node.errors import Refusal
from linkage_node.limits import COUNT_CHECKING_MS
from linkage_node.register.categories import by_category
from linkage_node.register.staging import Staged
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database
from tests.postgres_server import postgres_server
from tests.registers import SEALER

NOW = 1_767_225_600_000  # 2026-01-01T00:00Z in milliseconds
CLAIM = Claim("A", b"d" * 32, "2026-01", b"1" * 32, b"h" * 64, "all", 700_000)
NEXT = CLAIM._replace(order_hash=b"2" * 32)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A new database of each engine in turn."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("ledger")
        made = Database(f"sqlite:///{folder / 'node.db'}")
        made.create()
        yield made
        made.close()
        return
    with postgres_server() as make_database:
        made = Database(make_database())
        made.create()
        yield made
        made.close()


def test_the_life_of_an_answer(database: Database) -> None:
    """Reserved, taken over, checked, answered, given again; epsilon is counted once."""
    ledger = EpsilonLedger(database, 2.0)
    with database.write() as connection:
        assert ledger.reserve(connection, CLAIM, NOW) is None
        assert ledger.reserve(connection, NEXT, NOW) is None
    assert ledger.look(CLAIM, NOW) is None
    with database.write() as connection:
        with pytest.raises(Refusal, match="count_under_way"):
            ledger.begin_checking(connection, CLAIM, NOW)
        ledger.begin_checking(connection, NEXT, NOW)
        with pytest.raises(Refusal, match="count_under_way"):
            ledger.reserve(connection, CLAIM, NOW + COUNT_CHECKING_MS - 1)
        ledger.answer(connection, NEXT, b"table", NOW)
        assert ledger.reserve(connection, CLAIM, NOW) == b"table"
        ledger.drop(connection, NEXT)
        ledger.lose(connection, NEXT, NOW)
    ledger.refuse(NEXT, "category_full", NOW)
    assert ledger.look(CLAIM, NOW) == b"table"
    assert ledger.spent(2026) == 700_000


def test_what_is_dropped_or_forgotten_is_paid_again(database: Database) -> None:
    """A fault of the node, and a node that went down over a list: two reservations more, then no budget."""
    claim = CLAIM._replace(period="2027-01", question="again")
    ledger, now = EpsilonLedger(database, 2.2), NOW + 366 * 86_400_000
    with database.write() as connection:
        ledger.reserve(connection, claim, now)
        ledger.begin_checking(connection, claim, now)
        ledger.drop(connection, claim)
        ledger.reserve(connection, claim, now)
        ledger.begin_checking(connection, claim, now)
        ledger.reserve(connection, claim, now + COUNT_CHECKING_MS)
        with pytest.raises(Refusal, match="epsilon_exhausted"):
            ledger.reserve(connection, claim._replace(requester_oin="C"), now)
    assert ledger.by_question(2027) == [Spent("A", b"h" * 64, "again", 2_100_000, 3)]
    assert ledger.spent(2025) == 0


def test_what_was_lost_or_refused_stays_so(database: Database) -> None:
    """In its period, and a refusal under its agreement: with other buckets there is another look."""
    claim = CLAIM._replace(period="2028-01")
    ledger, now = EpsilonLedger(database, 9), NOW + 2 * 366 * 86_400_000
    with database.write() as connection:
        ledger.reserve(connection, claim, now)
        ledger.begin_checking(connection, claim, now)
        ledger.lose(connection, claim, now)
    with pytest.raises(Refusal, match="count_lost"):
        ledger.look(claim, now)
    with pytest.raises(Refusal, match="count_lost"):
        ledger.refuse(claim, "set_too_small", now)
    later = claim._replace(period="2028-02")
    assert ledger.look(later, now) is None
    ledger.refuse(later, "set_too_small", now)
    with pytest.raises(Refusal, match="set_too_small"):
        ledger.look(later, now)
    agreed_anew = later._replace(agreement_hash=b"i" * 64)
    assert ledger.look(agreed_anew, now) is None
    with database.write() as connection:
        assert ledger.reserve(connection, agreed_anew, now) is None


def test_categories_of_either_database(database: Database) -> None:
    """The first record of a person decides, on PostgreSQL as on SQLite."""
    store = RegisterStore(database, SEALER)
    people = [(1, "north"), (2, "south"), (1, "south"), (3, "")]
    store.upsert(
        [
            Staged(
                at, f"r{at}", store.seal_attributes(f"r{at}", {"district": lives}), {"bsn": bytes([who]) * 32}
            )
            for at, (who, lives) in enumerate(people)
        ],
        NOW,
    )
    breakdown = Breakdown(attribute="district", values=("south", "north"), other=True)
    found = by_category(database, SEALER, "bsn", breakdown)
    assert found == [bytes([2]) * 32, bytes([1]) * 32, bytes([3]) * 32]
    assert sorted(by_category(database, SEALER, "bsn", None)[0][::32]) == [1, 2, 3]
