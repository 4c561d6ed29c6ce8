"""Runs of standing questions: when they come, what each leaves in the series, and for how long."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from linkage_node.asking.intake import Wish
from linkage_node.asking.schedule import Schedule
from linkage_node.asking.series import Point
from linkage_node.charts.series_csv import HEADER, series_csv
from linkage_node.clock import DAY_MS, HOUR_MS
from linkage_node.errors import InputError, LinkageError, Refusal
from linkage_node.limits import STANDING_QUESTIONS
from linkage_node.storage.tables import standing_point
from tests.asking.count_pair import AGREEMENT, CATEGORIES, DEBTS, DISTRICTS, GROUPS, released, truth
from tests.attacks.pair import AGREEMENT as SHARED
from tests.nodes import OIN_B, OIN_C
from tests.standing.trio import BOTH, COUNT, DAILY, EVERY_DAY, HITS, MONTHLY, THIRD, Trio

COMMON = len(DISTRICTS.keys() & DEBTS.keys())


def told(points: list[Point]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Provider, state and reasons of each."""
    return [(point.provider_oin, point.state, point.reasons) for point in points]


def rows(trio: Trio, name: str = "q") -> list[dict[str, str]]:
    """The rows of the exported series."""
    agreements = {OIN_B: "counted", OIN_C: "third"}
    content = series_csv("bsn", trio.points(name), agreements, {OIN_B: "=B", OIN_C: "C"})
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_a_count_leaves_its_table(trio: Trio) -> None:
    """A point has the released cells, and what belongs to them; in the database it is sealed."""
    trio.standing.add("q", COUNT, MONTHLY)
    (point,) = trio.put()
    numbers = point.numbers
    assert numbers is not None
    assert numbers.cells == tuple(
        tuple(released(truth()[group, name]) for name in CATEGORIES) for group in GROUPS
    )
    assert (point.state, point.reasons, numbers.period, numbers.epsilon) == ("done", (), "2026-01", 0.25)
    with trio.nodes["a"].database.read() as connection:
        sealed = connection.scalars(select(standing_point.c.sealed)).one()
    assert sealed is not None
    assert b"noord" not in sealed
    assert b"2026" not in sealed


def test_hits_leave_numbers_and_no_names(trio: Trio) -> None:
    """The series of a question about hits has how many records were asked about and how many hit: never who."""
    trio.standing.add("q", HITS, MONTHLY)
    (point,) = trio.put()
    assert point.numbers is not None
    assert (point.numbers.records, point.numbers.cells) == (len(DISTRICTS), ((COMMON,),))
    assert "person" not in repr(point)


def test_due_when_its_time_has_come(trio: Trio) -> None:
    """Not before, and from then on once for every time that comes."""
    one = trio.standing.add("q", HITS, DAILY)
    assert list(trio.standing.begin_due("cli")) == []
    trio.clock.now = one.next_at - 1
    assert list(trio.standing.begin_due("cli")) == []
    trio.clock.now = one.next_at
    (begun,) = trio.standing.begin_due("cli")
    assert (begun.name, begun.at) == ("q", one.next_at)
    assert trio.standing.store.get("q").next_at == one.next_at + DAY_MS
    assert list(trio.standing.begin_due("cli")) == []


def test_what_was_missed_comes_once(trio: Trio) -> None:
    """A node that was down for forty days puts its daily question once, and then at the next time."""
    trio.standing.add("q", HITS, DAILY)
    trio.clock.pass_days(40)
    assert len(list(trio.standing.begin_due("cli"))) == 1
    after = trio.standing.store.get("q")
    assert trio.clock() < after.next_at <= trio.clock() + DAY_MS
    assert after.last_at == trio.clock()


def test_the_same_answer_stands_there_once(trio: Trio) -> None:
    """Within a period the answer is given again: the series notes it, and neither export nor chart shows it twice."""
    one = trio.standing.add("q", COUNT, DAILY)
    assert trio.standing.repeats(one) == ["counted (one answer each month)"]
    states = []
    for _ in range(3):
        states += [point.state for point in trio.put()]
        trio.clock.pass_days(1)
    trio.clock.now = round(datetime(2026, 2, 1, 6, tzinfo=UTC).timestamp() * 1000)
    states += [point.state for point in trio.put()]
    assert states == ["done", "again", "again", "done"]
    assert [point.numbers is None for point in trio.points()] == [False, True, True, False]
    cells = len(GROUPS) * len(CATEGORIES)
    assert [row["period"] for row in rows(trio)] == ["2026-01"] * cells + ["2026-02"] * cells


def test_a_schedule_that_fits_repeats_nothing(trio: Trio) -> None:
    """A question of every day that is put daily has another answer each time, and so has a question about hits."""
    assert trio.standing.repeats(trio.standing.add("q", EVERY_DAY, DAILY)) == []
    assert trio.standing.repeats(trio.standing.add("h", HITS, DAILY)) == []
    first, second = trio.put(), []
    trio.clock.pass_days(1)
    second = trio.put()
    assert [point.state for point in first + second] == ["done", "done"]


def test_no_run_beside_another(trio: Trio) -> None:
    """While one is under way none begins: a due one waits, and one by hand is told so."""
    trio.standing.add("q", HITS, DAILY)
    trio.clock.pass_days(2)
    assert trio.standing.begin("q", "cli") is not None
    trio.clock.pass_days(0.9)
    assert list(trio.standing.begin_due("cli")) == []
    with pytest.raises(Refusal) as raised:
        trio.standing.begin("q", "cli")
    assert raised.value.code == "standing_running"


def test_a_run_that_never_ends(trio: Trio) -> None:
    """After a day it is given up, with its reason, and the series goes on."""
    trio.standing.add("q", HITS, DAILY)
    trio.standing.begin("q", "cli")
    trio.clock.pass_days(1)
    trio.standing.housekeeping()
    assert told(trio.points()) == [(OIN_B, "failed", ("standing_given_up",))]
    assert [point.state for point in trio.put()] == ["done"]


def test_one_down_among_several(trio: Trio) -> None:
    """Each provider has a point of its own: the one that answered has numbers, the other its reason."""
    trio.standing.add("q", BOTH, DAILY)
    trio.down.add(OIN_C)
    assert told(trio.put()) == [(OIN_B, "done", ()), (OIN_C, "failed", ("peer_unreachable",))]
    trio.down.clear()
    trio.clock.pass_days(1)
    points = trio.put()
    assert told(points) == [(OIN_B, "done", ()), (OIN_C, "done", ())]
    assert [point.numbers.cells for point in points if point.numbers] == [((COMMON,),), ((2,),)]
    last = [row for row in rows(trio) if row["provider"] == OIN_C]
    assert [(row["state"], row["reasons"], row["count"]) for row in last] == [
        ("failed", "peer_unreachable", ""),
        ("done", "", "2"),
    ]


def test_an_agreement_that_was_removed(trio: Trio) -> None:
    """The point says so, the other provider is asked all the same, and once it is back so is the series."""
    trio.standing.add("q", BOTH, DAILY)
    trio.nodes["a"].agreements.remove("third")
    assert told(trio.put()) == [(OIN_B, "done", ()), (OIN_C, "refused", ("agreement_not_here",))]
    trio.agree(THIRD, provider="c")
    trio.clock.pass_days(1)
    assert told(trio.put()) == [(OIN_B, "done", ()), (OIN_C, "done", ())]


def test_an_agreement_that_is_over(trio: Trio) -> None:
    """After its last day every run is refused, and the series says so."""
    trio.standing.add("q", HITS, DAILY)
    trio.clock.pass_days(100)
    assert told(trio.put()) == [(OIN_B, "refused", ("agreement_expired",))]


def test_an_agreement_that_was_replaced(trio: Trio) -> None:
    """The first answer under another text says that it is one, and later ones do not."""
    trio.standing.add("q", HITS, DAILY)
    found = trio.put()
    trio.agree(SHARED.replace("purpose: Finding", "version: 2\npurpose: Finding"))
    for _ in range(2):
        trio.clock.pass_days(1)
        found += trio.put()
    assert [point.reasons for point in found] == [(), ("agreement_replaced",), ()]
    assert [point.numbers.agreement_version for point in found if point.numbers] == [1, 2, 2]


def test_an_agreement_with_somebody_else(trio: Trio) -> None:
    """Another provider under the same name is not asked: it is not who was agreed with when the question was made."""
    trio.standing.add("q", HITS, DAILY)
    trio.agree(SHARED.replace(OIN_B, OIN_C), provider="c")
    (point,) = trio.put()
    assert (point.provider_oin, point.state) == (OIN_B, "refused")
    assert point.query_id == ""


def test_a_question_that_left_the_catalogue(trio: Trio) -> None:
    """The run is refused with its reason."""
    trio.standing.add("q", EVERY_DAY, DAILY)
    trio.agree(AGREEMENT.replace("    - {id: again, epsilon: 0.5, every: day}\n", ""))
    assert told(trio.put()) == [(OIN_B, "refused", ("question_not_agreed",))]


@pytest.mark.parametrize(
    ("before", "after", "days"), [("", "  series_days: 1\n", 30), ("  series_days: 365\n", "", 365)]
)
def test_how_long_a_point_is_kept(trio: Trio, before: str, after: str, days: int) -> None:
    """For the agreement's series_days, or else as results are; what a later text says changes nothing for it."""
    trio.agree(AGREEMENT.replace("count:\n", f"count:\n{before}"))
    trio.standing.add("q", EVERY_DAY, DAILY)
    (point,) = trio.put()
    assert point.keep_until == trio.clock() + days * DAY_MS
    trio.agree(AGREEMENT.replace("count:\n", f"count:\n{after}"))
    trio.clock.now = point.keep_until - 1
    trio.standing.housekeeping()
    assert [one.at for one in trio.points()] == [point.at]
    trio.clock.now += 1
    trio.a.housekeeping()
    assert trio.points() == []
    assert trio.standing.store.get("q").name == "q"


def test_hits_are_kept_as_results_are(trio: Trio) -> None:
    """series_days is for counts; how many hit is kept as long as who."""
    trio.standing.add("q", HITS, DAILY)
    (point,) = trio.put()
    query = trio.a.queries.get(point.query_id)
    assert point.keep_until == query.results_expire_at == trio.clock() + 30 * DAY_MS


def test_paused(trio: Trio) -> None:
    """Nothing is put meanwhile, except by hand; resumed, it goes on at the next time and makes up for nothing."""
    trio.standing.add("q", HITS, DAILY)
    trio.standing.store.pause("q")
    trio.clock.pass_days(5)
    assert list(trio.standing.begin_due("cli")) == []
    assert [point.state for point in trio.put()] == ["done"]
    one = trio.standing.store.resume("q", trio.clock())
    assert trio.clock() < one.next_at <= trio.clock() + DAY_MS
    assert list(trio.standing.begin_due("cli")) == []


def test_removed(trio: Trio) -> None:
    """The series goes with it, also while a run is under way; what comes of that is nobody's."""
    trio.standing.add("q", HITS, DAILY)
    trio.put()
    trio.clock.pass_days(1)
    trio.standing.begin("q", "cli")
    trio.standing.store.remove("q")
    trio.standing.housekeeping()
    with trio.nodes["a"].database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM standing_point")) == 0
    for act in (trio.standing.store.get, trio.standing.store.pause, trio.standing.store.remove, trio.put):
        with pytest.raises(Refusal) as raised:
            act("q")
        assert raised.value.code == "standing_unknown"


@pytest.mark.parametrize(
    ("name", "wish", "code"),
    [
        ("", HITS, "standing_name_invalid"),
        ("Monthly", HITS, "standing_name_invalid"),
        ("../q", HITS, "standing_name_invalid"),
        ("q\n", HITS, "standing_name_invalid"),
        ("q" * 65, HITS, "standing_name_invalid"),
        ("there", HITS, "standing_exists"),
        ("q", Wish("shared", answer="attributes"), "options_conflict"),
        ("q", Wish("shared", purpose="Something else"), "options_conflict"),
        ("q", Wish("nobody"), "agreement_not_here"),
        ("q", Wish("counted", answer="count", question="other"), "question_not_agreed"),
        ("q", Wish("shared", further=("proven",)), "provider_twice"),
    ],
)
def test_what_cannot_be_a_standing_question(trio: Trio, name: str, wish: Wish, code: str) -> None:
    """Refused when it is added, with its reason, and not at six in the morning."""
    trio.standing.add("there", HITS, DAILY)
    with pytest.raises(LinkageError) as raised:
        trio.standing.add(name, wish, DAILY)
    assert raised.value.code == code
    assert [one.name for one in trio.standing.store.all()] == ["there"]


def test_there_is_an_end_to_them(trio: Trio) -> None:
    """A node takes so many and no more."""
    one = trio.standing.add("q", HITS, DAILY)
    for number in range(STANDING_QUESTIONS - 1):
        trio.standing.store.add(replace(one, name=f"q{number}"))
    with pytest.raises(Refusal) as raised:
        trio.standing.add("more", HITS, DAILY)
    assert raised.value.code == "standing_too_many"


def test_what_is_kept_is_what_was_added(trio: Trio) -> None:
    """A question comes out of the database as it went in; by a breakdown it is found in the catalogue."""
    wish = Wish("counted", answer="count", group_by=("district", "debt"))
    added = trio.standing.add("q", wish, Schedule.of("*/5 1-3 * * MON", "UTC"))
    assert trio.standing.store.get("q") == added
    (point,) = trio.put()
    assert point.numbers is not None
    assert point.numbers.question == "table"


def test_a_query_that_a_restart_interrupted(trio: Trio) -> None:
    """A run whose node stopped goes on when it starts, and its point comes then."""
    trio.standing.add("q", HITS, DAILY)
    begun = trio.standing.begin("q", "server")
    assert begun is not None
    assert begun.whole is not None
    trio.a.queries.update(begun.whole.only.id, state="failed", reasons="stopping")
    trio.standing.housekeeping()
    assert [point.state for point in trio.points()] == ["running"]
    trio.run(begun.whole.only)
    trio.standing.housekeeping()
    assert [point.state for point in trio.points()] == ["done"]


def test_an_interrupted_command(trio: Trio) -> None:
    """What was not answered when a command was interrupted is a point without numbers, and the next run can begin."""
    trio.standing.add("q", BOTH, DAILY)
    begun = trio.standing.begin("q", "cli")
    assert begun is not None
    assert begun.whole is not None
    trio.run(begun.whole.parts[0])
    trio.standing.give_up(begun)
    assert told(trio.points()) == [(OIN_B, "done", ()), (OIN_C, "cancelled", ("cancelled",))]
    trio.clock.now += HOUR_MS
    assert [point.state for point in trio.put()] == ["done", "done"]


def test_the_export(trio: Trio) -> None:
    """A row for every point and cell, as the series has it; nothing in it runs as a formula."""
    trio.standing.add("q", COUNT, MONTHLY)
    (point,) = trio.put()
    found = rows(trio)
    numbers = point.numbers
    assert numbers is not None
    assert tuple(found[0]) == HEADER
    assert [(row["group"], row["category"], row["count"]) for row in found] == [
        (group, category, "" if cell is None else str(cell))
        for group, cells in zip(numbers.groups, numbers.cells, strict=True)
        for category, cell in zip(numbers.categories, cells, strict=True)
    ]
    assert {(row["provider_name"], row["noise_95"], row["smallest_cell"]) for row in found} == {
        ("'=B", "12", "4")
    }


def test_a_wrong_schedule_is_no_question() -> None:
    """The schedule is checked by itself, before anything is looked up."""
    with pytest.raises(InputError, match="schedule_invalid"):
        Schedule.of("0 6 1 *", "Europe/Amsterdam")
