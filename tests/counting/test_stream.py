"""The provider's stream of a count: what an honest requester hears."""

from tests.counting.town import Town, names


def test_a_count_tells_how_many_are_shared(town: Town) -> None:
    """Of twelve clients and ten, four are shared; the table is signed, and the evidence complete."""
    town.fill(names(0, 12))
    heard = town.a_asks.count(names(8, 18))
    assert heard.error == ""
    assert list(heard.table.cells) == [4]
    assert town.spent() == 1.0
    assert town.states() == ["answered"]
    assert [event["event"] for event in town.events()] == ["approved", "completed"]
