"""One question to five providers, on the command line, over real gRPC and TLS."""

import csv
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from linkage_node.reasons import explain
from tests.integration.ring import (
    BANDS,
    FORMULA,
    NUMBERS,
    PROVIDERS,
    REFS,
    Ring,
    make_ring,
    run_here,
    serving,
    slow,
)
from tests.integration.world import COMMAND, Ran, await_that, hits_in

FIRST, SECOND, REFUSING, SLOW, DOWN = PROVIDERS
UNDER_WAY = "SELECT count(*) FROM query WHERE state IN ('queued', 'running')"


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ring]:
    """Three of the five serve: two that answer and one that refuses."""
    made = make_ring(tmp_path_factory.mktemp("ring"))
    with serving(*(made.providers[oin] for oin in (FIRST, SECOND, REFUSING))):
        yield made


def ask(ring: Ring, *options: object) -> Ran:
    """`match` with these options."""
    return run_here(ring.requester, "match", *options)


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check_overlap(ring: Ring, told: dict[str, object], *oins: str) -> None:
    """What is told of the overlap of these providers is the truth."""
    truth = Counter(tuple(oin for oin in oins if ref in ring.known[oin]) for ref in REFS)
    at = Counter(ring.known_at(*oins).values())
    assert told["providers"] == list(oins)
    assert (told["records"], told["left_out"]) == (len(REFS), 0)
    assert told["known_at"] == [at[number] for number in range(len(oins) + 1)]
    combinations = [(tuple(one["providers"]), one["records"]) for one in told["combinations"]]  # type: ignore[attr-defined]
    assert dict(combinations) == truth
    assert [records for _, records in combinations] == sorted(truth.values(), reverse=True)


def test_one_down_one_refusing_one_slow_among_five(ring: Ring, tmp_path: Path) -> None:
    """The other answers arrive while one is slow; the summary is right; exit code 7; a resume asks who is missing."""
    output = tmp_path / "out.csv"
    with slow(ring.providers[SLOW]) as gate, ThreadPoolExecutor(1) as pool:
        options = "--output", output, "--json"
        running = pool.submit(ring.requester.cli, "match", *ring.options(*PROVIDERS), *options)
        assert gate.reached.wait(30)
        await_that(lambda: ring.requester.rows(UNDER_WAY) == [(1,)])  # the slow one; all others have ended
        done = ring.requester.rows("SELECT provider_oin FROM query WHERE state = 'done'")
        assert {oin for (oin,) in done} == {FIRST, SECOND}
        assert not output.exists()
        gate.open()
        ran = running.result(60)
    assert ran.code == 7, ran
    told = ran.json
    parts = {part["provider"]: part for part in told["parts"]}
    assert {oin: part["state"] for oin, part in parts.items()} == {
        FIRST: "done", SECOND: "done", REFUSING: "refused", SLOW: "done", DOWN: "failed"
    }  # fmt: skip
    assert parts[REFUSING]["reasons"] == ["agreement_unknown"]
    assert parts[DOWN]["reasons"] == ["peer_unreachable"]
    assert explain("peer_unreachable").meaning in parts[DOWN]["message"]
    answered = FIRST, SECOND, SLOW
    assert {oin: parts[oin]["hits"] for oin in answered} == {oin: len(ring.known[oin]) for oin in answered}
    assert told["unanswered"] == [REFUSING, DOWN]
    assert len({part["transaction_id"] for part in parts.values()}) == 5
    assert {part["whole_id"] for part in parts.values()} == {told["query_id"]}
    check_overlap(ring, told["overlap"], *answered)
    rows = table(output)
    assert list(rows[0]) == ["record_ref", "known_at", "answered", "kind", *PROVIDERS]
    assert {row["answered"] for row in rows} == {"3"}
    assert {row["record_ref"]: int(row["known_at"]) for row in rows} == ring.known_at(*answered)
    for row in rows:
        for oin in answered:
            assert row[oin] == ("true" if row["record_ref"] in ring.known[oin] else "false")
        assert row[REFUSING] == row[DOWN] == ""
    resumed_asks_only_the_missing(ring, told["query_id"], tmp_path)


def resumed_asks_only_the_missing(ring: Ring, whole_id: str, tmp_path: Path) -> None:
    """The one that was down is asked; those that answered or refused are not asked again."""
    seen = {oin: len(ring.providers[oin].evidence()) for oin in (FIRST, SECOND, REFUSING)}
    with serving(ring.providers[DOWN]):
        resumed = run_here(ring.requester, "queries", "resume", whole_id[:12], "--json")
    assert resumed.code == 7, resumed  # one has refused
    assert resumed.json["unanswered"] == [REFUSING]
    assert {oin: len(ring.providers[oin].evidence()) for oin in seen} == seen
    answered = FIRST, SECOND, SLOW, DOWN
    check_overlap(ring, resumed.json["overlap"], *answered)
    check_overlap(ring, run_here(ring.requester, "queries", "overlap", whole_id, "--json").json, *answered)
    shown = run_here(ring.requester, "queries", "show", whole_id)
    assert "agreement_unknown" in shown.out
    assert "have not answered" in shown.out
    ended = run_here(ring.requester, "queries", "resume", whole_id)
    assert (ended.code, "not_resumable" in ended.err) == (4, True)
    assert run_here(ring.requester, "queries", "resume", whole_id, "--json").json["parts"] == shown_parts(
        ring, whole_id
    )
    several = tmp_path / "several.csv"
    written = run_here(ring.requester, "queries", "results", whole_id, "--output", several, "--at-least", 3)
    assert written.code == 7, written
    truth = ring.known_at(*answered)
    assert {row["record_ref"] for row in table(several)} == {ref for ref in REFS if truth[ref] >= 3}
    none = tmp_path / "none.csv"
    refused = run_here(ring.requester, "queries", "results", whole_id, "--output", none, "--not-known")
    assert (refused.code, none.exists()) == (4, False)
    assert "provider_unanswered" in refused.err
    assert REFUSING in refused.err


def shown_parts(ring: Ring, whole_id: str) -> object:
    """What `queries show` tells of the parts."""
    return run_here(ring.requester, "queries", "show", whole_id, "--json").json["parts"]


def test_results_that_have_expired(ring: Ring, tmp_path: Path) -> None:
    """What every provider did is shown for ever; what it answered is gone, and `results` and `overlap` say so."""
    ran = ask(ring, *ring.options(FIRST, SECOND), "--output", tmp_path / "out.csv", "--json")
    whole_id = ran.json["query_id"]
    newest = "SELECT whole_id FROM query ORDER BY created_at DESC LIMIT 1"
    ring.requester.change(f"UPDATE query SET results_expire_at = 1 WHERE whole_id = ({newest})")  # noqa: S608
    shown = run_here(ring.requester, "queries", "show", whole_id, "--json")
    assert (shown.code, shown.json["overlap"]) == (0, None)
    assert [part["hits"] for part in shown.json["parts"]] == [25, 25]
    for command in ("overlap", "results"):
        more = ("--output", tmp_path / "more.csv") if command == "results" else ()
        gone = run_here(ring.requester, "queries", command, whole_id, *more)
        assert (gone.code, "results_expired" in gone.err) == (4, True)


def test_not_known_is_told_only_if_all_answered(ring: Ring, tmp_path: Path) -> None:
    """Who is known to none is a list when all answered, with one provider too, and a refusal when one has not."""
    output = tmp_path / "none.csv"
    for oins in ((FIRST, SECOND), (SECOND,)):
        ran = ask(ring, *ring.options(*oins), "--output", output, "--not-known", "--json")
        assert ran.code == 0, ran
        truth = ring.known_at(*oins)
        assert {row["record_ref"] for row in table(output)} == {ref for ref in REFS if not truth[ref]}
    output.unlink()
    ran = ask(ring, *ring.options(FIRST, REFUSING), "--output", output, "--not-known", "--json")
    assert (ran.code, output.exists()) == (4, False)
    assert ran.json["error"] == "provider_unanswered"
    assert ran.json["parts"][0]["hits"] == len(ring.known[FIRST])
    assert "put the question again" in ran.words


def test_nobody_answers(ring: Ring, tmp_path: Path) -> None:
    """Without any answer the exit code is that of the first error, and no file is written."""
    output = tmp_path / "out.csv"
    for oins, code in (((REFUSING, DOWN), 4), ((DOWN, SLOW), 5)):
        ran = ask(ring, *ring.options(*oins), "--output", output, "--json")
        assert (ran.code, output.exists()) == (code, False), ran
        assert ran.json["unanswered"] == list(oins)
        assert ran.json["error"] in ("agreement_unknown", "peer_unreachable")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_killed_command_is_resumed(ring: Ring, tmp_path: Path, number: signal.Signals) -> None:
    """Interrupted or killed while one is slow: what was answered is kept, and a resume asks only the slow one."""
    before = {row[0] for row in ring.requester.rows("SELECT whole_id FROM query")}
    command: list[str | Path] = [
        COMMAND,
        "match",
        *ring.options(FIRST, SLOW),
        "--output",
        tmp_path / "out.csv",
    ]
    with slow(ring.providers[SLOW]) as gate:
        process = subprocess.Popen(
            [*command, "--config", ring.requester.config],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert gate.reached.wait(30)
        await_that(lambda: ring.requester.rows(UNDER_WAY) == [(1,)])
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
        assert process.returncode == (130 if number == signal.SIGINT else -signal.SIGKILL), err
        asked = len(ring.providers[FIRST].evidence())
        (whole_id,) = {row[0] for row in ring.requester.rows("SELECT whole_id FROM query")} - before
        if number == signal.SIGINT:
            assert f"linkage-node queries resume {whole_id}" in err
            assert "Traceback" not in err
            stopped = ring.requester.rows(
                "SELECT reasons FROM query WHERE state = 'failed' ORDER BY created_at DESC"
            )
            assert stopped[0] == ("interrupted",)
        gate.open()
        resumed = run_here(ring.requester, "queries", "resume", whole_id, "--json")
    assert resumed.code == 0, resumed
    assert len(ring.providers[FIRST].evidence()) == asked
    check_overlap(ring, resumed.json["overlap"], FIRST, SLOW)
    assert not (tmp_path / "out.csv").exists()


def test_a_count_of_two(ring: Ring, tmp_path: Path) -> None:
    """Tables side by side, near the truth, the same when asked again; as CSV, for people, and in `queries`."""
    options = (*ring.options(FIRST, SECOND), "--answer", "count", "--group-by", "band")
    output = tmp_path / "count.csv"
    ran = ask(ring, *options, "--output", output, "--json")
    assert ran.code == 0, ran
    tables = {one["provider"]: one for one in ran.json["tables"]}
    for oin in (FIRST, SECOND):
        told = tables[oin]
        assert (told["question"], told["groups"], told["categories"]) == ("by-band", list(BANDS), ["all"])
        cells = [cell for (cell,) in told["cells"]]
        for at in range(2):
            assert (
                abs(cells[at] - sum(ref in ring.known[oin] for ref in REFS[at::2])) <= 8
            )  # noise of scale 0.2
        released = [cell for cell in cells if cell is not None]
        assert all(cell >= 1 for cell in released)
        assert told["sum"] == {"released": sum(released), "not_released": len(cells) - len(released)}
    rows = [(row["provider"], row["group"], row["count"]) for row in table(output)]
    assert rows == [
        (oin, group, "" if cell is None else str(cell))
        for oin in (FIRST, SECOND)
        for group, (cell,) in zip(BANDS, tables[oin]["cells"], strict=True)
    ]
    again = ask(ring, *options)
    assert again.code == 0, again
    for words in ("noise", "by-band", f"{tables[FIRST]['sum']['released']:,}", "AVG art. 22", "·"):
        assert words in again.out
    for wrong in ("results", "overlap"):
        more = ("--output", tmp_path / "x.csv", "--at-least", 1) if wrong == "results" else ()
        refused = run_here(ring.requester, "queries", wrong, ran.json["query_id"], *more)
        code = "options_conflict" if more else "is_a_count"
        assert (refused.code, code in refused.err) == (3 if more else 4, True), refused


def test_attributes_of_two(ring: Ring, tmp_path: Path) -> None:
    """What is agreed about each hit, a row for each provider; a formula in it can do nothing; nothing else."""
    persons = tmp_path / "persons.csv"
    lines = [f"{ref};{NUMBERS[at]}" for at, ref in enumerate(REFS[:12])]
    persons.write_text("record_ref;bsn\n" + "\n".join(lines) + "\n")
    output = tmp_path / "attributes.csv"
    options = ("--answer", "attributes", "--persons", persons, "--output", output)
    ran = ask(ring, *ring.options(FIRST, SECOND), *options, "--case", "case 7", "--json")
    assert ran.code == 0, ran
    rows = table(output)
    assert list(rows[0]) == ["record_ref", "provider", "hit", "withheld", "kind", "desk", "phone"]
    assert [(row["record_ref"], row["provider"]) for row in rows] == [
        (ref, oin) for oin in (FIRST, SECOND) for ref in REFS[:12]
    ]
    for row in rows:
        hit = row["record_ref"] in ring.known[row["provider"]]
        number = PROVIDERS.index(row["provider"])
        assert row["hit"] == ("true" if hit else "false")
        assert (row["desk"], row["phone"]) == (("'" + FORMULA, f"desk {number}") if hit else ("", ""))
    only = ask(
        ring, *ring.options(FIRST), *options, "--case", "case 7", "--attribute", "phone", "--at-least", 1
    )
    assert only.code == 0, only
    assert {row["record_ref"] for row in table(output)} == ring.known[FIRST] & set(REFS[:12])
    assert list(table(output)[0])[5:] == ["phone"]
    assert "not agreed" not in output.read_text()


HIT = ("--answer", "hit")
COUNT = ("--answer", "count")
WITH_FIRST = ("--agreement", "with-1")
OUT = ("--output", "OUT")
WRONG: list[tuple[tuple[object, ...], int, str]] = [
    ((), 3, "option_missing"),
    (OUT, 3, "option_missing"),
    (WITH_FIRST, 3, "option_missing"),
    ((*WITH_FIRST, "--answer", "attributes", "--case", "c"), 3, "option_missing"),
    ((*WITH_FIRST, *OUT, "--question", "shared"), 3, "options_conflict"),
    ((*WITH_FIRST, *OUT, "--group-by", "band"), 3, "options_conflict"),
    ((*WITH_FIRST, *OUT, "--case", "c"), 3, "options_conflict"),
    ((*WITH_FIRST, *OUT, "--attribute", "phone"), 3, "options_conflict"),
    ((*WITH_FIRST, *OUT, "--at-least", 1, "--not-known"), 3, "options_conflict"),
    ((*WITH_FIRST, *OUT, "--at-least", 2), 3, "options_conflict"),
    ((*WITH_FIRST, *OUT, "--mapping", "m.yaml"), 3, "options_conflict"),
    ((*WITH_FIRST, *COUNT, "--question", "shared", "--group-by", "band"), 3, "options_conflict"),
    ((*WITH_FIRST, *COUNT, "--at-least", 1), 3, "options_conflict"),
    ((*WITH_FIRST, *COUNT, "--not-known"), 3, "options_conflict"),
    ((*WITH_FIRST, *COUNT, *OUT, "--persons", "p.csv"), 4, "count_of_register_only"),
    ((*WITH_FIRST, *COUNT, "--question", "other"), 4, "question_not_agreed"),
    ((*WITH_FIRST, *COUNT, "--group-by", "phone"), 4, "question_not_agreed"),
    ((*WITH_FIRST, *OUT, "--answer", "attributes"), 4, "case_reference_missing"),
    ((*WITH_FIRST, *OUT, "--answer", "attributes", "--case", "999990019"), 4, "case_reference_is_identifier"),
    ((*WITH_FIRST, *OUT, "--answer", "attributes", "--case", "c" * 65), 4, "case_reference_invalid"),
    ((*WITH_FIRST, *OUT, "--answer", "attributes", "--case", "c", "--attribute", "secret"), 4, "attribute_not_agreed"),
    ((*WITH_FIRST, *WITH_FIRST, *OUT), 4, "provider_twice"),
    (("--agreement", "none", *OUT), 4, "agreement_not_here"),
    (("--provider", "nobody", *OUT), 4, "agreement_ambiguous"),
    (("--provider", FIRST, "--purpose", "Other", *OUT), 4, "agreement_ambiguous"),
    ((*WITH_FIRST, "--provider", SECOND, *OUT), 4, "provider_not_in_agreement"),
]  # fmt: skip


def test_wrong_options(ring: Ring, tmp_path: Path) -> None:
    """Options that are missing, too many or not agreed are told by their codes; no provider hears of it."""
    heard = len(ring.providers[FIRST].evidence())

    def wrong(case: tuple[tuple[object, ...], int, str]) -> tuple[Ran, Path]:
        output = tmp_path / f"{WRONG.index(case)}.csv"
        return ask(ring, *(output if word == "OUT" else word for word in case[0]), "--json"), output

    for case in WRONG:
        ran, output = wrong(case)
        assert ran.code == case[1], (case, ran)
        assert ran.json["error"] == case[2], (case, ran)
        assert case[2] in ran.err
        assert not output.exists()
    assert len(ring.providers[FIRST].evidence()) == heard


def test_providers_by_name(ring: Ring, tmp_path: Path) -> None:
    """A provider's OIN, or its exact name, finds its agreement; one question to one provider stays what it was."""
    output = tmp_path / "out.csv"
    ran = ask(ring, "--provider", FIRST, "--provider", "Organisation answers-2", "--output", output, "--json")
    assert ran.code == 0, ran
    check_overlap(ring, ran.json["overlap"], FIRST, SECOND)
    single = ask(ring, "--provider", FIRST, "--output", output, "--json")
    assert single.code == 0, single
    assert single.json["transaction_id"] == single.json["query_id"]
    assert hits_in(output) == ring.known[FIRST]
    told = ask(ring, "--provider", FIRST, "--provider", SECOND, "--output", output)
    for words in ("known at how many", "in which combination", "2 of 2 answered", "AVG art. 22"):
        assert words in told.out
