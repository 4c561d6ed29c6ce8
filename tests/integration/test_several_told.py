"""What people and scripts are told of answers that are partial, withheld, noisy, or of addresses."""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from linkage_node.charts.interval import half_width
from linkage_node.cli.telling import HIDDEN
from linkage_node.clock import now_ms
from linkage_node.register.rows import SourceRow, judge
from tests.integration.ring import (
    BANDS,
    NUMBERS,
    PROVIDERS,
    REFS,
    TERMS,
    Ring,
    make_ring,
    opened,
    run_here,
    serving,
)
from tests.integration.world import LiveNode, Ran, agree

FIRST, SECOND, REFUSING, _, DOWN = PROVIDERS
HOMES, SHARED_HOMES = 6, 3
ONCE = {**TERMS, "attributes": {**TERMS["attributes"], "per_token": 1}}


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ring]:
    """Two answer, one refuses, one is down; the first has agreements on addresses, and to tell once."""
    made = make_ring(tmp_path_factory.mktemp("ring"))
    first = made.providers[FIRST]
    agree(made.requester, first, id="homes", provider=FIRST, kinds=["household"], receipts=True)
    agree(made.requester, first, id="once", provider=FIRST, **ONCE)
    house(made.requester, HOMES)
    house(first, SHARED_HOMES)
    with serving(*(made.providers[oin] for oin in (FIRST, SECOND, REFUSING))):
        yield made


def house(live: LiveNode, many: int) -> None:
    """Add records of which only the address is known."""
    homes = ({"postcode": "1234AB", "house_number": str(at)} for at in range(1, many + 1))
    rows = [SourceRow(at, f"h{at}", {"household": home}, {}) for at, home in enumerate(homes, 1)]
    with opened(live) as assembly:
        assembly.register.upsert(
            assembly.loader.staged([judge(row, production=False) for row in rows]), now_ms()
        )


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ask(ring: Ring, *options: object) -> Ran:
    """`match` with these options."""
    return run_here(ring.requester, "match", *options)


def queries(ring: Ring, *words: object) -> Ran:
    """A command of `queries`."""
    return run_here(ring.requester, "queries", *words)


def about(ring: Ring, refs: Iterable[str], folder: Path) -> tuple[object, ...]:
    """Options that ask for attributes of these."""
    path = folder / "persons.csv"
    lines = "".join(f"{ref};{NUMBERS[REFS.index(ref)]}\n" for ref in refs)
    path.write_text(f"record_ref;bsn\n{lines}")
    return "--answer", "attributes", "--case", "case 7", "--persons", path


def partial(ring: Ring, folder: Path, *oins: str) -> str:
    """The id of a question that some of these answer and some do not."""
    ran = ask(ring, *ring.options(*oins), "--output", folder / "partial.csv", "--json")
    assert ran.code == 7, ran
    return str(ran.json["query_id"])


def test_who_has_not_answered_stands_in_a_file_of_attributes(ring: Ring, tmp_path: Path) -> None:
    """A row for each person asked about: no hit, and in place of attributes the code of why there is no answer."""
    output, refs = tmp_path / "out.csv", REFS[:4]
    options = (*ring.options(FIRST, REFUSING, DOWN), *about(ring, refs, tmp_path), "--output", output)
    assert ask(ring, *options).code == 7
    rows = rows_of(output)
    for oin, code in ((REFUSING, "agreement_unknown"), (DOWN, "peer_unreachable")):
        silent = [row for row in rows if row["provider"] == oin]
        assert [row["record_ref"] for row in silent] == refs
        assert {(row["hit"], row["withheld"], row["desk"]) for row in silent} == {("", code, "")}
    assert {row["hit"] for row in rows if row["provider"] == FIRST} <= {"true", "false"}
    assert ask(ring, *options, "--at-least", 1).code == 7
    chosen = {ref for ref in refs if ref in ring.known[FIRST]}
    assert {row["record_ref"] for row in rows_of(output)} == chosen


def test_attributes_that_are_withheld(ring: Ring, tmp_path: Path) -> None:
    """Of some: exit code 7, with numbers. Of all: exit code 4, the code of why, and the file that was there stays."""
    known, output = sorted(ring.known[FIRST])[:6], tmp_path / "out.csv"
    once = ("--agreement", "once", "--output", output)
    told = ask(ring, *once, *about(ring, known[:4], tmp_path), "--json")
    assert (told.code, told.json["told"], told.json["withheld"]) == (0, 4, {})
    some = ask(ring, *once, *about(ring, known, tmp_path), "--json")
    assert (some.code, some.json["told"], some.json["withheld"]) == (7, 2, {"disclosure_limit": 4})
    assert some.json["rows_in_file"] == len(rows_of(output)) == 6
    query_id = some.json["query_id"]
    assert "2 told, 4 withheld (disclosure_limit" in queries(ring, "show", query_id).out
    before = output.read_bytes()
    none = ask(ring, *once, *about(ring, known[:3], tmp_path), "--json")
    assert (none.code, none.json["error"], none.json["output"]) == (4, "disclosure_limit", None)
    assert (none.json["told"], none.json["withheld"]) == (0, {"disclosure_limit": 3})
    assert "no file is written" in none.words
    again = queries(ring, "results", none.json["query_id"], "--output", output)
    assert (again.code, output.read_bytes()) == (4, before)
    with_others = ask(ring, *ring.options(SECOND), *once, *about(ring, known[:3], tmp_path), "--json")
    shared = len(ring.known[SECOND] & set(known[:3]))
    assert with_others.code == (7 if shared else 4), with_others
    stranger = next(ref for ref in REFS if ref not in ring.known[FIRST])
    nobody = ask(ring, *once, *about(ring, [stranger], tmp_path), "--json")
    assert (nobody.code, nobody.json["told"], nobody.json["withheld"]) == (0, 0, {})


def test_what_was_refused_is_not_resumed(ring: Ring, tmp_path: Path) -> None:
    """Its persons are gone: alone or beside answers it ends with 4 and says to put the question again."""
    refused = ask(ring, *ring.options(REFUSING), "--output", tmp_path / "out.csv")
    assert refused.code == 4
    (newest, *_) = queries(ring, "list", "--json").json
    for query_id in (newest["query_id"], partial(ring, tmp_path, FIRST, REFUSING)):
        resumed = queries(ring, "resume", query_id)
        assert (resumed.code, "not_resumable" in resumed.err) == (4, True)
        assert "refused" in resumed.words
        assert "Put the question again" in resumed.words
        assert queries(ring, "resume", query_id, "--json").json["error"] == "not_resumable"


def test_a_partial_question_ends_so_wherever_it_is_shown(ring: Ring, tmp_path: Path) -> None:
    """Show, overlap, chart and results end with 7 and name who is missing; the file tells how many answered."""
    query_id = partial(ring, tmp_path, FIRST, SECOND, REFUSING)
    output = tmp_path / "some.csv"
    commands: list[tuple[object, ...]] = [
        ("show", query_id),
        ("overlap", query_id),
        ("chart", query_id, "--output", tmp_path / "chart.svg"),
        ("results", query_id, "--output", output, "--at-least", 2),
    ]
    for command in commands:
        ran = queries(ring, *command)
        assert (ran.code, REFUSING in ran.out) == (7, True), ran
        assert "says nothing of those that have not answered" in ran.out
    truth = ring.known_at(FIRST, SECOND)
    rows = rows_of(output)
    assert {row["record_ref"] for row in rows} == {ref for ref in REFS if truth[ref] == 2}
    assert {(row["known_at"], row["answered"], row[REFUSING]) for row in rows} == {("2", "2", "")}
    assert f", {len(rows)} rows" in queries(ring, *commands[-1]).out
    whole = ask(ring, *ring.options(FIRST, SECOND), "--output", output, "--json").json["query_id"]
    assert [queries(ring, command, whole).code for command in ("show", "overlap")] == [0, 0]


def test_not_known_names_the_question_to_resume(ring: Ring, tmp_path: Path) -> None:
    """The remedy has the question's own id, and the command that writes the file afterwards."""
    ran = ask(ring, *ring.options(FIRST, DOWN), "--output", tmp_path / "out.csv", "--not-known", "--json")
    query_id = ran.json["query_id"]
    assert (ran.code, ran.json["error"]) == (4, "provider_unanswered")
    for command in (f"queries resume {query_id}", f"queries results {query_id} --not-known"):
        assert command in ran.json["what_to_do"]


def test_a_count_tells_how_far_it_can_be_trusted(ring: Ring, tmp_path: Path) -> None:
    """Axes, people, reach of the noise and hidden cells, on the screen, in JSON and in the file; who is missing too."""
    output = tmp_path / "count.csv"
    options = (*ring.options(FIRST, DOWN), "--answer", "count", "--group-by", "band", "--output", output)
    ran = ask(ring, *options)
    assert ran.code == 7, ran
    told = " ".join(ran.out.split())
    reach = half_width(5.0)
    assert f"numbers of people, with noise: 95 of 100 numbers are within {reach} of the truth" in told
    for words in ("band \\ all", f"{HIDDEN} is a number below 1", "sums are further off"):
        assert words in told
    data = ask(ring, *options, "--json").json
    (released,) = data["tables"]
    assert (released["by_requester"], released["by_provider"], released["noise_95"]) == ("band", None, reach)
    hidden = released["sum"]["not_released"]
    shown = f"{released['sum']['released']:,}" + (f" + {hidden}{HIDDEN}" if hidden else "")
    assert f"sum {HIDDEN if hidden == len(BANDS) else shown}" in told.replace("│ ", "")
    rows = rows_of(output)
    for row in rows[:-1]:
        assert (row["kind"], row["unit"], row["noise_95"]) == ("bsn", "people", str(reach))
        assert (row["smallest_cell"], row["state"], row["reasons"]) == ("1", "done", "")
    last = rows[-1]
    assert (last["provider"], last["count"], last["group"], last["state"]) == (DOWN, "", "", "failed")
    assert (last["question"], last["reasons"]) == ("by-band", "peer_unreachable")
    refused = queries(ring, "results", data["query_id"], "--output", tmp_path / "x.csv", "--at-least", 1)
    assert (refused.code, "options_conflict" in refused.err) == (3, True)


def test_the_list_fits_a_narrow_terminal(ring: Ring, tmp_path: Path) -> None:
    """Ids of eight positions on lines of 80, numbers only of what is done, and reasons in words below the table."""
    query_id = partial(ring, tmp_path, FIRST, REFUSING, DOWN)
    listed = ring.requester.cli("queries", "list", wrapper=("env", "COLUMNS=80"))
    assert listed.code == 0, listed
    lines = listed.out.splitlines()
    assert max(map(len, lines)) <= 80
    first = next(at for at, line in enumerate(lines) if line.split()[:1] == [query_id[:8]])
    mine = [" ".join(line.split()) for line in lines[first : first + 5]]
    assert "3 providers" in mine[0]
    assert "1 of 3" in mine[0]
    parts = {line.split()[1]: line for line in mine[2:]}
    assert parts["with-1"].endswith(f"done {len(ring.known[FIRST])} of {len(REFS)}")
    assert parts["with-3"].endswith("refused")
    assert parts["with-5"].endswith("failed")
    assert "agreement_unknown: no agreement with this content" in " ".join(listed.out.split())
    assert queries(ring, "show", parts["with-1"].split()[0]).code == 0
    agreements = ring.requester.cli("agreements", "list", wrapper=("env", "COLUMNS=80"))
    assert max(map(len, agreements.out.splitlines())) <= 80
    for words in ("gegevens", "huishouden", "organisations", "Answers"):
        assert words in agreements.out


def test_addresses_are_no_persons(ring: Ring, tmp_path: Path) -> None:
    """Another notice, the kind in the file, who was not asked about, and how many rows were selected."""
    output = tmp_path / "homes.csv"
    ran = ask(ring, "--agreement", "homes", "--output", output, "--at-least", 1, "--json")
    assert ran.code == 0, ran
    assert "an address is not a person" in ran.json["notice"]
    numbers = {name: ran.json[name] for name in ("in_register", "without_this_kind", "rows_in_file")}
    assert numbers == {
        "in_register": len(REFS) + HOMES,
        "without_this_kind": len(REFS),
        "rows_in_file": SHARED_HOMES,
    }
    assert {row["kind"] for row in rows_of(output)} == {"household"}
    shown = queries(ring, "show", ran.json["query_id"])
    assert "an address is not a person" in " ".join(shown.out.split())
    of_people = ask(ring, *ring.options(FIRST), "--output", output, "--json")
    assert "address" not in of_people.json["notice"]
    assert of_people.json["without_this_kind"] == HOMES


def test_nothing_on_file_is_not_nothing_told(ring: Ring, tmp_path: Path) -> None:
    """Disclosures name who was told, ask whose an unknown reference is, and say which hits are not recorded."""
    first = ring.providers[FIRST]
    known = sorted(ring.known[FIRST])[-1]
    assert (
        ask(ring, *ring.options(FIRST), *about(ring, [known], tmp_path), "--output", tmp_path / "o.csv").code
        == 0
    )
    told = run_here(first, "disclosures", "list")
    assert "Organisation asks" in told.out
    listed = run_here(first, "disclosures", "list", "--json")
    assert {one["requester_name"] for one in listed.json} == {"Organisation asks"}
    nothing = run_here(first, "disclosures", "list", "--record-ref", "[x]")
    assert "Nothing on file for reference [x]; is it yours?" in nothing.out
    for said in (told.out, listed.err, nothing.out):
        assert "Hits are not recorded under agreements without `receipts: true`: once, with-1." in said
    asking = run_here(ring.requester, "disclosures", "list")
    assert asking.out == "Nothing was disclosed.\n"


def test_a_terminal_without_unicode(ring: Ring, tmp_path: Path) -> None:
    """What it cannot show is replaced, and JSON is escaped; nothing fails."""
    options = (*ring.options(FIRST), "--answer", "count", "--group-by", "band")
    query_id = ask(ring, *options, "--json").json["query_id"]
    ascii_only = ("env", "PYTHONIOENCODING=ascii")
    shown = ring.requester.cli("queries", "show", query_id, wrapper=ascii_only)
    assert (shown.code, shown.out.isascii()) == (0, True), shown
    assert "young" in shown.out
    data = ring.requester.cli("queries", "show", query_id, "--json", wrapper=ascii_only)
    assert json.loads(data.out)["query_id"] == query_id
    wrong = ring.requester.cli("queries", "show", "ffffff", wrapper=ascii_only)
    assert (wrong.code, "query_unknown" in wrong.err) == (4, True)
