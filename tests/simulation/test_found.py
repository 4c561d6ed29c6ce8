"""What the simulation found, each as the shortest walk that shows it."""

from tests.simulation.conftest import Simulate
from tests.simulation.model import Entry
from tests.simulation.walk import BROKEN


def test_a_register_too_small_is_looked_at_once_also_with_a_reservation(simulate: Simulate) -> None:
    """Who holds a reservation is told once in a period that the register is too small, and not when it no longer is.

    Else he asks again and again, hangs up when a list comes, and sees without noise and for one price when it changes.
    """
    walk = simulate(0, 0)
    ask, line, ledger = walk.counting("all", "bsn"), walk.world.line, walk.world.counts
    walk.tolerated = BROKEN
    line.drop_after = 3  # epsilon is reserved; the list does not arrive
    assert walk.run(ask()) is None
    line.drop_after = None
    walk.follow()
    assert [state.name for state in ledger.states.values()] == ["reserved"]

    people = dict(walk.world.theirs.records)
    for ref in people:
        walk.erase(ref)
    walk.renew("p0", next(entry for entry in people.values() if entry.person))
    walk.tolerated = {"set_too_small"}
    assert walk.run(ask()) is None
    walk.follow()
    walk.books.check()

    for ref, entry in people.items():
        walk.renew(ref, entry)
    assert walk.run(ask()) is None, "the register was looked at again"


def test_nobody_looks_like_somebody_too_few(simulate: Simulate) -> None:
    """That a question is about nobody at all is not told: by another code than for one person it would be, exactly."""
    told = set()
    for seed, district in enumerate(("west", "north")):
        walk = simulate(seed, 0)
        for ref in list(walk.world.theirs.records):
            walk.erase(ref)
        walk.renew("p0", Entry(walk.world.people["bsn"][0], None, {"district": district}))
        query = walk.counting("district", "bsn")()
        walk.tolerated = {"set_too_small", "register_empty"}
        assert walk.run(query) is None
        told.add(walk.world.requester.assembly.queries.get(query.id).reasons)
    assert told == {"set_too_small"}
