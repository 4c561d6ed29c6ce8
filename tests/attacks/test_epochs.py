"""What ends with an epoch, and what nobody can see from outside of a register."""

from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from linkage_node.asking.memory import NO_TAG_SET
from linkage_node.clock import DAY_MS
from linkage_node.errors import StorageError
from linkage_node.pseudonyms.epoch_keys import derive_epoch_secret
from linkage_node.pseudonyms.sealing import Sealer
from linkage_node.storage.tables import epoch_seed, own_tags, tag_delta, tag_set
from tests.attacks.pair import Pair, blinded, opened, receipt_of


def bytes_of(folder: Path) -> bytes:
    """All bytes of a node's database, its write-ahead log included."""
    files = sorted(folder.glob("node.db*"))
    assert files
    return b"".join(file.read_bytes() for file in files)


def rows(pair: Pair, node: str, table: str) -> int:
    """How many rows a table of a node has."""
    with pair.nodes[node].database.read() as connection:
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() or 0)  # noqa: S608


def test_a_destroyed_seed_is_nowhere(pair: Pair) -> None:
    """After its epoch a seed, as it lay sealed, is in no byte of the database, and its keys cannot be made again."""
    pair.fill(pair.a, ["1"])
    pair.fill(pair.b, ["1"])
    assert pair.ask() == {"1": True}
    with pair.nodes["b"].database.read() as connection:
        sealed = connection.execute(select(epoch_seed.c.sealed)).scalar_one()
    owners_before = rows(pair, "b", "tag_set")
    assert sealed[-40:] in bytes_of(pair.folder / "b")
    in_first_epoch, key = pair.clock(), pair.public_key()
    pair.clock.pass_days(7)
    pair.b.housekeeping()
    assert sealed[-40:] not in bytes_of(pair.folder / "b")
    assert sealed[13:29] not in bytes_of(pair.folder / "b")  # nor the beginning of what it says
    with pytest.raises(StorageError) as caught:
        pair.b.epochs.current(pair.agreement, "bsn", in_first_epoch)
    assert caught.value.code == "seed_destroyed"
    assert owners_before == 1
    assert pair.public_key() != key


def test_a_reader_only_delays_the_end_of_a_seed(pair: Pair) -> None:
    """While somebody reads, the log cannot be emptied: that stays owed, also over a restart, until a round succeeds."""
    pair.fill(pair.a, ["1"])
    pair.fill(pair.b, ["1"])
    pair.ask()
    database = pair.nodes["b"].database
    with database.read() as reader:
        sealed = reader.execute(select(epoch_seed.c.sealed)).scalar_one()
        pair.clock.pass_days(7)
        pair.b.housekeeping()
        assert sealed[-40:] in bytes_of(pair.folder / "b")
        assert not database.scrub()
    assert database.scrub_owed_since() is not None
    pair.b.housekeeping()
    assert sealed[-40:] not in bytes_of(pair.folder / "b")
    assert database.scrub_owed_since() is None


def test_a_tag_set_ends_with_its_epoch(pair: Pair) -> None:
    """The provider's set and deltas of an epoch that is over go, and so do the requester's own tags and its copy."""
    pair.fill(pair.a, ["1"])
    pair.fill(pair.b, ["1"])
    pair.ask()
    label = pair.label()
    pair.clock.pass_days(1)
    pair.ask()
    with pair.nodes["b"].database.read() as connection:
        held = connection.execute(select(tag_set.c.tags)).scalar_one()
        moved = connection.execute(select(tag_delta.c.additions)).scalar_one()
    with pair.nodes["a"].database.read() as connection:
        own = connection.execute(select(own_tags.c.sealed)).scalar_one()
    pair.clock.pass_days(7)
    pair.b.housekeeping()
    pair.a.housekeeping()
    assert pair.a.memory.tag_set(label) == NO_TAG_SET
    assert len(pair.a.memory.own(label).ids) == 0
    for node in ("a", "b"):
        stored = bytes_of(pair.folder / node)
        assert held[:40] not in stored
        assert moved not in stored
        assert own not in stored


def test_asking_in_a_new_epoch(pair: Pair) -> None:
    """In a new epoch everything is asked anew under another key, and the answers are the same."""
    pair.fill(pair.a, ["1", "2"])
    pair.fill(pair.b, ["1"])
    answers = {"1": True, "2": False}
    assert pair.ask() == answers
    first = pair.a.memory.key(pair.label())
    assert pair.ask() == answers
    assert pair.used() == 2
    pair.clock.pass_days(7)
    pair.a.housekeeping()
    pair.b.housekeeping()
    assert pair.ask() == answers
    assert pair.used() == 2
    second = pair.a.memory.key(pair.label())
    assert first is not None
    assert second is not None
    assert first.public_key != second.public_key


def test_seeds_of_agreements_and_epochs_are_apart(pair: Pair) -> None:
    """A sealed seed that was moved to another epoch's row does not open there."""
    key = pair.public_key()
    pair.clock.pass_days(7)
    with pair.nodes["b"].database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO epoch_seed SELECT agreement_hash, 1, sealed, ends_at + 604800000 FROM epoch_seed"
        )
    with pytest.raises(StorageError) as caught:
        pair.public_key()
    assert caught.value.code == "secret_unreadable"
    assert len(key) == 32


def test_a_seed_alone_gives_no_key(pair: Pair) -> None:
    """With the seed, but without the register's own scalar, another key comes out."""
    epoch = pair.b.epochs.current(pair.agreement, "bsn", pair.clock())
    with pair.nodes["b"].database.read() as connection:
        row = connection.execute(select(epoch_seed)).one()
    sealer: Sealer = pair.nodes["b"].sealer
    seed = sealer.open(row.sealed, "epoch-seed", row.agreement_hash, str(row.epoch))
    right = pair.nodes["b"].secrets.register_scalar
    assert derive_epoch_secret(seed, epoch.label, right) == epoch.secret
    other = derive_epoch_secret(seed, epoch.label, pair.nodes["a"].secrets.register_scalar)
    assert other.public_key != epoch.secret.public_key


def test_many_first_questions_make_one_epoch(pair: Pair) -> None:
    """Many calls at an epoch's start make one seed, one key and one tag set."""
    pair.fill(pair.b, [str(at) for at in range(50)])
    fetches = [pair.craft_fetch() for _ in range(8)]
    pair.b.epochs._running.clear()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda fetch: list(pair.wire.fetch_tag_set(fetch)), fetches))
    assert len({receipt_of(answer[0]).tag_set_digest for answer in answers}) == 1
    assert len({answer[1].additions for answer in answers}) == 1
    assert rows(pair, "b", "epoch_seed") == rows(pair, "b", "tag_set") == 1


# --- one record more


@pytest.fixture(params=[0, 17, 18, 30])
def sizes_at(
    request: pytest.FixtureRequest, template: Path, tmp_path: Path, executor: Executor
) -> list[list[tuple[str, int]]]:
    """The sizes of every answer through four days, for a provider with n records and one with n + 1."""
    measured = []
    for more in (0, 1):
        with opened(template, tmp_path / str(more), executor) as pair:
            pair.fill(pair.a, [str(at) for at in range(20)])
            pair.fill(pair.b, [str(at) for at in range(request.param + more)])
            pair.ask()
            for day in range(3):
                pair.clock.pass_days(1)
                pair.fill(
                    pair.b, [f"{day} {at}" for at in range(day * 3 + more)]
                )  # also more than fit a delta
                if day == 2:
                    pair.remove(pair.b, [f"1 {at}" for at in range(3)])
                pair.ask()
            list(pair.wire.send(pair.craft(blinded(7)).requests))
            measured.append(pair.wire.sizes)
    return measured


def test_one_record_more_changes_no_size(sizes_at: list[list[tuple[str, int]]]) -> None:
    """Every answer, from the first set over all deltas, is as long for n + 1 records as for n within a bucket."""
    one, other = sizes_at
    assert one == other
    kinds = [name for name, _ in one]
    assert kinds.count("FetchTagSetResponse") == 2 + 3 * 2
    assert kinds.count("EvaluateResponse") == 2 * 3


def test_an_empty_register_answers_like_a_full_one(
    template: Path, tmp_path: Path, executor: Executor
) -> None:
    """A provider without a single record shows neither in sizes nor in refusals that it has none."""
    measured = []
    for count in (0, 25):
        with opened(template, tmp_path / str(count), executor) as pair:
            pair.fill(pair.a, ["x"])
            pair.fill(pair.b, [str(at) for at in range(count)])
            assert pair.ask() == {"x": False}
            measured.append(pair.wire.sizes)
    assert measured[0] == measured[1]


def test_a_tick_missed_is_made_up_for(pair: Pair) -> None:
    """Whoever asks again after three days gets three deltas, each of the agreed size."""
    pair.fill(pair.a, ["1"])
    pair.ask()
    pair.clock.now += 3 * DAY_MS
    responses = list(pair.wire.fetch_tag_set(pair.craft_fetch(tag_set_version=1)))
    assert [response.version for response in responses[1:]] == [2, 3, 4]
    assert {(len(r.additions), len(r.removals)) for r in responses[1:]} == {(40, 40)}


def test_a_version_from_the_future_gets_the_set_in_whole(pair: Pair) -> None:
    """A requester that claims a version that never was gets the whole set, as one that holds none does."""
    responses = list(pair.wire.fetch_tag_set(pair.craft_fetch(tag_set_version=99)))
    assert [response.whole for response in responses] == [False, True]


def test_reusing_a_key_in_two_kinds_is_refused(pair: Pair) -> None:
    """The keys of two kinds under one agreement differ, and neither passes for the other."""
    assert pair.public_key("bsn") != pair.public_key("household")
    crafted = pair.craft(blinded(1), kind="household", public_key=pair.public_key("bsn"))
    (response,) = pair.wire.send(crafted.requests)
    assert list(receipt_of(response).reasons) == ["key_changed"]
