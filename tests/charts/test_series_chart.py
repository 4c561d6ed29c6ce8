"""Charts of a series: what is in the files, where the lines break, and that the same input gives the same bytes."""

import struct
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest

from linkage_node.charts.lines import Mark, panels
from linkage_node.charts.series_csv import series_csv
from linkage_node.errors import InputError, Refusal
from linkage_node.limits import CHART_LINES, CHART_POINTS
from tests.charts.drawn import SUBJECT, SVG, description, draw, point, read, texts
from tests.nodes import OIN_B, OIN_C

TABLE = [point(1, [[40, 23], [17, None]]), point(2, [[44, 25], [None, None]]), point(4, [[51, 27], [19, 12]])]


def test_an_svg_shows_what_the_series_has(tmp_path: Path) -> None:
    """Title, purpose, period, provider, agreement, lines and notice are text; every number is described."""
    path = draw(tmp_path / "x.svg", TABLE)
    shown = texts(path)
    for told in (
        "monthly: clients of both organisations, by bsn",
        "Counted: people (kind bsn)",
        "Purpose: Steering information",
        "Period: 2026-01 to 2026-04",
        f"Housing association ({OIN_B}), agreement debts-housing",
        "group 0 / debt 0",
        "group 1 / debt 1",
        "discrete Laplace, scale 2",
        "not released, being smaller than 10",
        "AVG art. 22",
    ):
        assert told in shown
    words = description(path)
    assert "group 0 / debt 1: 2026-01-01 23 ± 6, 2026-01-31 25 ± 6, 2026-04-01 27 ± 6." in words
    assert "group 1 / debt 0: 2026-01-01 17 ± 6, 2026-01-31 not released, 2026-04-01 19 ± 6." in words


def test_addresses_are_no_people(tmp_path: Path) -> None:
    """A series by household says so: above it, beside it, and in its file."""
    path = draw(tmp_path / "x.svg", TABLE, subject=SUBJECT._replace(kind="household"))
    shown = texts(path)
    assert "monthly: addresses of both organisations, by household" in shown
    assert "Counted: addresses (kind household), of which each can have several people" in shown
    assert "clients" not in shown
    assert "Counted: addresses (kind household)" in description(path)
    hits = SUBJECT._replace(kind="household", answer="hit")
    assert "Counted: own records, found by their addresses" in texts(draw(path, TABLE, subject=hits))
    header, first, *_ = series_csv("household", TABLE, {}, {}).decode().splitlines()
    assert header.startswith("standing,kind,unit,")
    assert first.startswith("monthly,household,addresses,")


def test_a_png_is_one(tmp_path: Path) -> None:
    """The signature, a readable size, and the description as text in it."""
    content = draw(tmp_path / "x.PNG", TABLE).read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", content[16:24])
    assert 1_000 < width < 3_000
    assert 400 < height < 3_000
    assert b"group 0 / debt 1" in content
    assert content.endswith(b"IEND\xaeB`\x82")


@pytest.mark.parametrize("name", ["x.svg", "x.png"])
def test_the_same_series_gives_the_same_bytes(tmp_path: Path, name: str) -> None:
    """Also for a user who likes other charts, and in another process; no date is in them."""
    first = draw(tmp_path / name, TABLE).read_bytes()
    with matplotlib.rc_context({"axes.facecolor": "red", "font.size": 20, "savefig.dpi": 30}):
        assert draw(tmp_path / name, TABLE).read_bytes() == first
    assert b"dc:date" not in first
    if name == "x.png":
        return
    code = (
        "from pathlib import Path; from tests.charts.drawn import draw; "
        "from tests.charts.test_series_chart import TABLE; "
        f"draw(Path({str(tmp_path / ('other-' + name))!r}), TABLE)"
    )
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=120)
    assert (tmp_path / f"other-{name}").read_bytes() == first


def test_lines_break_where_there_is_no_number(tmp_path: Path) -> None:
    """A cell that was not released, and a run without an answer, are gaps: no line goes over them."""
    points = [point(month, [[month * 10]]) for month in (1, 2, 3, 4, 5, 6, 7)]
    points[2] = point(3, [[None]])
    points[5] = point(6, None, "peer_unreachable", state="failed")
    path = draw(tmp_path / "x.svg", points)
    assert _moves(path) == 3  # 1-2, 4-5 and 7
    assert "A cross at the foot and a gap in the line" in texts(path)
    assert "no answer at that time (peer_unreachable)" in texts(path)
    assert "2026-05-31: no answer (peer_unreachable)." in description(path)
    whole = draw(tmp_path / "y.svg", [point(month, [[month * 10]]) for month in range(1, 8)])
    assert _moves(whole) == 1
    assert "A cross" not in texts(whole)


def _moves(path: Path) -> int:
    """Of how many pieces the one line of a chart is."""
    lines = [
        found.attrib["d"]
        for found in read(path).iter(f"{SVG}path")
        if "stroke: #0072b2" in found.attrib.get("style", "") and "stroke-width: 1.5" in found.attrib["style"]
    ]
    return max(line.count("M ") for line in lines)


def test_several_providers_and_another_text_of_an_agreement(tmp_path: Path) -> None:
    """A panel for each provider under its name; who is not known by a card has its OIN."""
    points = [point(month, [[month]], oin=oin) for month in (1, 2) for oin in (OIN_B, OIN_C)]
    points.append(point(3, [[3]], "agreement_replaced"))
    shown = texts(draw(tmp_path / "x.svg", points, subject=SUBJECT._replace(names={OIN_B: "Housing"})))
    assert f"Housing ({OIN_B}), agreement debts-housing" in shown
    assert f"{OIN_C}, agreement debts-energy" in shown
    assert "another text of the agreement" in shown


def test_names_that_are_long_or_hostile(tmp_path: Path) -> None:
    """Long names are wrapped within the chart; signs of other languages are signs."""
    name = "Stichting " + "voor hulp aan huishoudens " * 8 + '<script>alert(1)</script> $x^2$ & "co" ]]>'
    subject = SUBJECT._replace(names={OIN_B: name}, purposes=("Doel " * 60,))
    path = draw(tmp_path / "x.svg", [point(1, [[20]])], subject=subject)
    assert '<script>alert(1)</script> $x^2$ & "co" ]]>' in texts(path)
    assert b"<script" not in path.read_bytes()
    elements = read(path).iter(f"{SVG}text")
    assert max(len("".join(found.itertext())) for found in elements) < 140
    draw(tmp_path / "x.png", [point(1, [[20]])], subject=subject)


def test_many_cells_are_added_up(tmp_path: Path) -> None:
    """No panel has more lines than can be told apart, whatever the table; a sum says what is not in it."""
    large = [[11] * 9 for _ in range(5)]
    large[0][3] = large[0][4] = 0
    cells = [[cell or None for cell in row] for row in large]
    (panel,) = panels([point(1, cells)])
    assert [line.label for line in panel.lines] == [f"debt {at}" for at in range(9)]
    assert [line.marks[0].left_out for line in panel.lines] == [0, 0, 0, 1, 1, 0, 0, 0, 0]
    assert panel.lines[3].marks[0].value == 44
    (panel,) = panels([point(1, [[11] * 30 for _ in range(13)])])
    assert [line.label for line in panel.lines] == ["total"]
    assert panel.lines[0].marks[0].value == 11 * 390
    for shape in ((1, 1), (3, 4), (50, 8), (8, 50), (1, 12), (13, 1)):
        (panel,) = panels([point(1, [[11] * shape[1] for _ in range(shape[0])])])
        assert len(panel.lines) <= CHART_LINES
    path = draw(tmp_path / "x.svg", [point(1, cells)])
    assert "a sum of released numbers only" in texts(path)
    assert "44 ± 11 without 1 not released" in description(path)


def test_a_sum_of_nothing_released(tmp_path: Path) -> None:
    """It is a gap, and no zero."""
    (panel,) = panels([point(1, [[None, None]])], "total")
    assert panel.lines[0].marks == (Mark(panel.lines[0].marks[0].at, None, 0, 2),)
    assert "not released" in description(draw(tmp_path / "x.svg", [point(1, [[None, None]])], "total"))


def test_only_the_newest_are_drawn(tmp_path: Path) -> None:
    """A series of years is cut to what can be seen, and what was given again or is under way is not drawn."""
    many = [point(month, [[month + 10]]) for month in range(1, CHART_POINTS + 30)]
    many[-1] = point(CHART_POINTS + 29, None, state="running")
    many[-2] = point(CHART_POINTS + 28, None, state="again")
    (panel,) = panels(many)
    assert len(panel.lines[0].marks) == CHART_POINTS
    assert panel.unanswered == ()
    assert panel.lines[0].marks[-1].value == CHART_POINTS + 27 + 10


@pytest.mark.parametrize("points", [[], [point(1, None, "peer_unreachable", state="failed")]])
def test_nothing_to_draw(tmp_path: Path, points: list[object]) -> None:
    """A series without an answer is told, and makes no file."""
    with pytest.raises(Refusal) as raised:
        draw(tmp_path / "x.svg", points)  # type: ignore[arg-type]
    assert raised.value.code == "series_empty"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x.pdf", "x", "png", "x.svg.txt"])
def test_formats_that_there_are_not(tmp_path: Path, name: str) -> None:
    """Only PNG and SVG, by the suffix."""
    with pytest.raises(InputError) as raised:
        draw(tmp_path / name, TABLE)
    assert raised.value.code == "chart_format"
    assert list(tmp_path.iterdir()) == []


def test_whole_or_not_at_all(tmp_path: Path) -> None:
    """When a chart cannot be written, the one that was there stays, and nothing is left beside it."""
    (tmp_path / "x.svg").mkdir()
    with pytest.raises(InputError) as raised:
        draw(tmp_path / "x.svg", TABLE)
    assert raised.value.code == "file_unwritable"
    with pytest.raises(InputError):
        draw(tmp_path / "none" / "x.svg", TABLE)
    assert [path.name for path in tmp_path.iterdir()] == ["x.svg"]


def test_no_state_is_shared() -> None:
    """Drawing leaves pyplot unloaded and matplotlib's settings as they were; commands that do not draw load nothing."""
    code = (
        "import sys, linkage_node.cli.main; assert 'matplotlib' not in sys.modules; import matplotlib; "
        "before = matplotlib.rcParams.copy(); from pathlib import Path; from tests.charts.drawn import draw, point; "
        "import tempfile; draw(Path(tempfile.mkdtemp()) / 'x.png', [point(1, [[20]])]); "
        "assert 'matplotlib.pyplot' not in sys.modules; assert matplotlib.rcParams.copy() == before"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
