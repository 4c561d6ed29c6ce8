"""What the demonstration ends with can fail: misses, false hits and leaks are found."""

from pathlib import Path

import pytest

from linkage_node.demo import leaks
from linkage_node.demo.results import compare, compare_selected

TRUTH = {"a": True, "b": True, "c": False}


def test_the_truth_holds() -> None:
    """Answers that are the truth hold."""
    found = compare("q", TRUTH, dict(TRUTH))
    assert found.holds
    assert (found.asked, found.shared) == (3, 2)


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"a": False, "b": True, "c": False}, "misses"),
        ({"a": True, "b": True, "c": True}, "false_hits"),
        ({"a": True, "b": True}, "unanswered"),
        ({**TRUTH, "d": True}, "unanswered"),
    ],
)
def test_a_wrong_answer_is_counted(answers: dict[str, bool], wrong: str) -> None:
    """Each kind of wrong answer is counted as what it is, and spoils the whole."""
    found = compare("q", TRUTH, answers)
    assert getattr(found, wrong) == 1
    assert not found.holds


@pytest.mark.parametrize(
    ("refs", "wrong"),
    [(["a", "b"], None), (["a"], "misses"), (["a", "b", "c"], "false_hits"), (["a", "b", "d"], "unanswered")],
)
def test_a_selection_is_held_against_the_truth(refs: list[str], wrong: str | None) -> None:
    """An answer that only names who is selected is wrong by a name too few, too many, or of nobody."""
    found = compare_selected("q", TRUTH, refs)
    assert found.holds == (wrong is None)
    assert wrong is None or getattr(found, wrong) == 1


def test_a_name_that_stands_twice_is_an_answer_too_many() -> None:
    """Nobody is selected twice."""
    assert compare_selected("q", TRUTH, ["a", "b", "b"]).unanswered == 1


@pytest.mark.parametrize(
    "content",
    [
        b"row 000012341 end",
        b"\x00\xff00012341\x00",  # without its first zero, as a spreadsheet leaves it
        b"7000012341",  # a digit before it
        b"d41d8cd98f00b204e9800998ecf8427e000012341",  # straight after a hash
    ],
)
def test_a_bsn_in_a_file_is_found(content: bytes, tmp_path: Path) -> None:
    """A BSN is found wherever it stands, also deep in a folder."""
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "node.db").write_bytes(content)
    (tmp_path / "clean").write_bytes(b"nothing")
    searched = leaks.search([tmp_path], ["000012341"])
    assert searched.found == [tmp_path / "deep" / "node.db"]
    assert searched.files == 2


def test_a_hash_is_no_bsn(tmp_path: Path) -> None:
    """Digits that a hash holds by chance are no leak."""
    (tmp_path / "log").write_bytes(b'"hash":"' + b"000012341aaaaaaaaaaaaaaaaaaaaaaa" + b'"')
    assert leaks.search([tmp_path], ["000012341"]).found == []
