"""What signatures come to: the order in which they arrive does not matter, and nothing runs without both approvals."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_node.agreements.standing import STATUS_REASONS, SignatureType, status_of
from linkage_node.errors import Refusal
from linkage_node.reasons import REASONS
from tests.agreements.test_signatures import Desk
from tests.nodes import OIN_A, OIN_B, OIN_C
from tests.signed import signature

PARTIES = frozenset({OIN_A, OIN_B})
TYPES: list[SignatureType] = ["accept", "reject", "revoke"]
SIGNED = st.lists(st.tuples(st.sampled_from([OIN_A, OIN_B, OIN_C]), st.sampled_from(TYPES)), max_size=8)


@given(signed=SIGNED, data=st.data())
def test_in_force_needs_both_and_nothing_against(
    signed: list[tuple[str, SignatureType]], data: st.DataObject
) -> None:
    """In whatever order: in force if and only if both approved and neither ended it; others do not count."""
    shuffled = data.draw(st.permutations(signed))
    mine = {one for one in signed if one[0] in PARTIES}
    types = {signature for _, signature in mine}
    status = status_of(shuffled, PARTIES)
    assert status == status_of(signed, PARTIES) == status_of(mine, PARTIES)
    assert (status == "in_force") == (mine == {(OIN_A, "accept"), (OIN_B, "accept")})
    assert (status == "revoked") == ("revoke" in types)
    assert (status == "rejected") == ("reject" in types and "revoke" not in types)


@given(signed=SIGNED, more=SIGNED)
def test_an_end_is_final(
    signed: list[tuple[str, SignatureType]], more: list[tuple[str, SignatureType]]
) -> None:
    """Nothing that comes later brings back what was rejected or revoked."""
    if status_of(signed, PARTIES) in ("rejected", "revoked"):
        assert status_of([*signed, *more], PARTIES) in ("rejected", "revoked")


def test_every_status_that_stops_has_a_reason() -> None:
    """Each with words of its own."""
    assert set(STATUS_REASONS) == {"unsigned", "rejected", "revoked", "not_activated"}
    assert set(STATUS_REASONS.values()) <= REASONS.keys()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each example gets a desk of its own."""
    return tmp_path_factory.mktemp("desks")


@settings(max_examples=40, deadline=None)
@given(signed=SIGNED, data=st.data())
def test_the_store_comes_to_the_same(
    folder: Path, signed: list[tuple[str, SignatureType]], data: st.DataObject
) -> None:
    """Real signatures in any order: the same status as from all that they say, at both parties' nodes."""
    stood = [_stands(folder, order) for order in (signed, data.draw(st.permutations(signed)))]
    assert stood == [status_of(signed, PARTIES)] * 2


def _stands(folder: Path, signed: Iterable[tuple[str, SignatureType]]) -> str:
    place = folder / str(len(list(folder.iterdir())))
    place.mkdir()
    desk = Desk(place, lists=False)
    issued = {OIN_A: desk.a, OIN_B: desk.b, OIN_C: desk.c}
    for oin, kind in signed:
        with suppress(Refusal):  # of a third party, or an approval after the end
            desk.take(signature(issued[oin], desk.content, kind))
    status = desk.status()
    desk.database.close()
    return status
