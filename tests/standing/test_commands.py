"""The commands of standing questions: what they say, write and end with."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from linkage_node.asking.several import run
from linkage_node.cli import standing_tell
from linkage_node.cli.main import app
from linkage_node.cli.standing import standing_app
from linkage_node.clock import now_ms
from linkage_node.errors import LinkageError
from tests.asking.count_pair import AGREEMENT, CATEGORIES, DEBTS, DISTRICTS, GROUPS, SMALLEST, truth
from tests.attacks.pair import AGREEMENT as SHARED
from tests.charts.drawn import point
from tests.integration.world import await_that, make_pair
from tests.nodes import OIN_B, OIN_C
from tests.standing.trio import BOTH, COUNT, DAILY, HITS, THIRD, Trio

runner = CliRunner()
COMMON = len(DISTRICTS.keys() & DEBTS.keys())
LASTING = AGREEMENT.replace("count:\n", "count:\n  series_days: 3660\n")


def cli(trio: Trio, *words: object) -> Result:
    """A `standing` command of organisation A."""
    config = trio.folder / "a" / "node.yaml"
    return runner.invoke(app, ["standing", *map(str, words), "--config", str(config)], env={"COLUMNS": "200"})


def did(trio: Trio, *words: object) -> str:
    """What a command says that must succeed."""
    done = cli(trio, *words)
    assert done.exit_code == 0, done.output
    return done.output


def code_of(done: Result) -> str:
    """The code of the error that a command ended with."""
    assert isinstance(done.exception, LinkageError), done.output
    return done.exception.code


def counted(trio: Trio) -> None:
    """A standing count with two answers, kept for ten years."""
    trio.agree(LASTING)
    did(trio, "add", "q", "--agreement", "counted", "--question", "table", "--schedule", "0 6 1 * *")
    trio.put()
    trio.clock.pass_days(31)
    trio.put()


def test_from_adding_to_removing(trio: Trio) -> None:
    """A question is added, listed, shown, paused, resumed and removed; each command says what it did."""
    words = ("add", "both", "--agreement", "shared", "--agreement", "third", "--answer", "hit")
    added = did(trio, *words, "--schedule", "0 6 * * mon", "--timezone", "Europe/Amsterdam")
    assert f"Organisation b ({OIN_B})" in added
    assert "under third" in added
    assert "0 6 * * mon, Europe/Amsterdam" in added
    (told,) = json.loads(did(trio, "list", "--json"))
    assert [one["provider"] for one in told["providers"]] == [OIN_B, OIN_C]
    assert (told["name"], told["answer"], told["paused"], told["last_at"]) == ("both", "hit", False, None)
    assert "both" in did(trio, "list")
    assert "Nothing is in the series yet." in did(trio, "show", "both")
    did(trio, "pause", "both")
    assert json.loads(did(trio, "show", "both", "--json"))["next_at"] is None
    assert "next at" in did(trio, "resume", "both")
    did(trio, "remove", "both")
    assert "No standing questions yet." in did(trio, "list")


def test_a_count_that_comes_too_often_is_told(trio: Trio) -> None:
    """Who adds a daily question about a monthly answer hears that it stands in the series once."""
    words = (
        "--agreement",
        "counted",
        "--group-by",
        "district",
        "--group-by",
        "debt",
        "--schedule",
        "0 6 * * *",
    )
    assert "counted (one answer each month)" in " ".join(did(trio, "add", "q", *words).split())
    assert json.loads(did(trio, "add", "r", *words, "--json"))["repeats"] == [
        "counted (one answer each month)"
    ]
    assert "series once" not in did(
        trio, "add", "s", "--agreement", "counted", "--question", "again", "--schedule", "0 6 * * *"
    )


def test_what_show_tells(trio: Trio) -> None:
    """Every point with its sum or its reason, in words."""
    counted(trio)
    trio.clock.pass_days(1)
    trio.put()
    trio.down.add(OIN_B)
    trio.clock.pass_days(1)
    trio.put()
    told = did(trio, "show", "q")
    every = len(GROUPS) * len(CATEGORIES)
    above = [number for number in truth().values() if number >= SMALLEST]
    assert len(above) < every - 1
    left = f"{every - len(above)} cells below {SMALLEST}, so not released"
    assert f"2026-01: {sum(above)} in {len(above)} cells; {left}" in told
    assert "people (kind bsn)" in told
    assert "the same answer as before" in told
    points = json.loads(did(trio, "show", "q", "--json"))["points"]
    assert [point["state"] for point in points] == ["done", "done", "again", "failed"]
    assert points[0]["numbers"]["period"] == "2026-01"
    assert points[0]["numbers"]["groups"] == list(GROUPS)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (((17,),), "2026-01: 17"),
        (((None,),), "2026-01: below 10, so not released"),
        (((100, None), (70, None)), "2026-01: 170 in 2 cells; 2 cells below 10, so not released"),
        (((1_100, None),), "2026-01: 1,100 in 1 cell; 1 cell below 10, so not released"),
        (((11, 12),), "2026-01: 23 in 2 cells"),
        (((None, None),), "2026-01: all 2 cells below 10, so not released"),
    ],
)
def test_numbers_in_a_line(
    cells: tuple[tuple[int | None, ...], ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is released, of how many cells, and what of the others is known."""
    wide = Console(width=200, file=StringIO())
    monkeypatch.setattr(standing_tell, "console", wide)
    standing_tell.tell_points([point(1, cells)], {})
    assert f" {said} " in cast("StringIO", wide.file).getvalue()


def test_the_series_as_files(trio: Trio, tmp_path: Path) -> None:
    """The export has a row a cell; a chart is drawn in either format; another format is refused."""
    counted(trio)
    did(trio, "export", "q", "--output", tmp_path / "series.csv")
    with (tmp_path / "series.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["period"] for row in found] == ["2026-01"] * 6 + ["2026-02"] * 6
    assert {row["category"] for row in found} == set(CATEGORIES)
    assert {(row["kind"], row["unit"]) for row in found} == {("bsn", "people")}
    for name in ("x.png", "x.svg", "total.svg"):
        did(
            trio,
            "chart",
            "q",
            "--output",
            tmp_path / name,
            *(["--by", "total"] if name == "total.svg" else []),
        )
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    drawn = (tmp_path / "x.svg").read_text()
    assert "noord / rent" in drawn
    assert "Purpose: Steering information" in drawn
    assert "Counted: people (kind bsn)" in drawn
    assert "Organisation b" in drawn
    assert "noord / rent" not in (tmp_path / "total.svg").read_text()
    assert code_of(cli(trio, "chart", "q", "--output", tmp_path / "x.pdf")) == "chart_format"
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.parametrize("command", ["export", "chart"])
def test_nothing_to_write(trio: Trio, tmp_path: Path, command: str) -> None:
    """An empty series, a question that is not there and a place that cannot be written: told, and no file made."""
    trio.standing.add("q", HITS, DAILY)
    output = tmp_path / "x.svg"
    assert code_of(cli(trio, command, "q", "--output", output)) == "series_empty"
    assert code_of(cli(trio, command, "other", "--output", output)) == "standing_unknown"
    assert code_of(cli(trio, command, "q", "--output", tmp_path / "none" / "x.svg")) == "file_unwritable"
    assert code_of(cli(trio, command, "q", "--output", tmp_path)) == "file_is_directory"
    assert not output.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("run",), "option_missing"),
        (("run", "q", "--due"), "options_conflict"),
        (("run", "other"), "standing_unknown"),
        (("add", "r", "--agreement", "shared", "--answer", "hit"), "option_missing"),
        (("add", "r", "--answer", "hit", "--schedule", "0 6 1 * *"), "option_missing"),
        (("add", "r", "--agreement", "shared", "--answer", "hit", "--schedule", "monthly"), "schedule_invalid"),
        (("add", "r", "--agreement", "shared", "--answer", "hit", "--schedule", "0 6 1 * *", "--timezone", "Amsterdam"),
         "timezone_invalid"),
        (("add", "q", "--agreement", "shared", "--answer", "hit", "--schedule", "0 6 1 * *"), "standing_exists"),
        (("add", "r", "--agreement", "shared", "--answer", "hit", "--question", "x", "--schedule", "0 6 1 * *"),
         "options_conflict"),
    ],
)  # fmt: skip
def test_words_that_do_not_do(trio: Trio, words: tuple[str, ...], code: str) -> None:
    """Refused with a reason."""
    trio.standing.add("q", HITS, DAILY)
    assert code_of(cli(trio, *words)) == code


def test_a_run_by_hand(trio: Trio) -> None:
    """Nobody listens at the providers' addresses, and one agreement is over: points with reasons, and the exit code."""
    trio.standing.add("q", BOTH, DAILY)
    done = cli(trio, "run", "q", "--json")
    told = {point["provider"]: (point["state"], point["reasons"]) for point in json.loads(done.stdout)}
    assert told == dict.fromkeys((OIN_B, OIN_C), ("refused", ["agreement_expired"]))
    assert done.exit_code == 4
    assert "Nothing is due." in did(trio, "run", "--due")


def test_the_overlap_as_a_chart(trio: Trio, tmp_path: Path) -> None:
    """`queries chart` draws at which providers the records of a question are known, under their names."""
    trio.clock.now = now_ms()
    trio.agree(SHARED.replace("2026-03-31", "2036-03-31"))
    trio.agree(THIRD.replace("2026-03-31", "2036-03-31"), provider="c")
    whole = run(trio.a, trio.a.intake.about_register(BOTH, "cli"), lambda _query: None)
    output, config = tmp_path / "x.svg", trio.folder / "a" / "node.yaml"
    words = ["queries", "chart", whole.id, "--output", str(output), "--config", str(config)]
    done = runner.invoke(app, words)
    assert done.exit_code == 0, done.output
    drawn = output.read_text()
    assert "Organisation b" in drawn
    assert f"Known at Organisation b ({OIN_B}) and no other: {COMMON}." in drawn
    assert f"Known at Organisation c ({OIN_C}) and no other: 2." in drawn
    trio.agree(LASTING)
    count = run(trio.a, trio.a.intake.about_register(COUNT, "cli"), lambda _query: None)
    words[2] = count.id
    assert code_of(runner.invoke(app, words)) == "is_a_count"


def test_attributes_are_never_asked_on_a_schedule(trio: Trio) -> None:
    """The command does not know the word."""
    done = runner.invoke(standing_app, ["add", "q", "--agreement", "shared", "--answer", "attributes"])
    assert done.exit_code == 2


def test_a_serving_node_puts_what_is_due(tmp_path: Path) -> None:
    """Real nodes: the server sees that a time has come, asks, and the series has the answer."""
    requester, provider = make_pair(tmp_path)
    requester.load([("anna", "999990019"), ("bram", "999990020")])
    provider.load([("a1", "999990019")])
    requester.did(
        "standing", "add", "q", "--agreement", "shared-clients", "--answer", "hit", "--schedule", "0 6 1 1 *"
    )
    requester.change("UPDATE standing SET next_at = 1")
    try:
        provider.start()
        requester.start()
        await_that(lambda: requester.rows("SELECT 1 FROM query WHERE state = 'done'"))
        (point,) = requester.did("standing", "show", "q", "--json").json["points"]
        requester.terminate()
        provider.terminate()
    finally:
        requester.kill()
        provider.kill()
    assert (point["state"], point["reasons"]) == ("done", [])
    assert (point["numbers"]["cells"], point["numbers"]["records"]) == ([[1]], 2)
    assert requester.rows("SELECT runner, standing FROM query") == [("server", "q")]
    assert requester.rows("SELECT next_at > 1 FROM standing") == [(1,)]
