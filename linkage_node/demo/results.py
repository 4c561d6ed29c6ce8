"""Answers held against the truth."""

import csv
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple


class Comparison(NamedTuple):
    """One question's answers, counted against the truth."""

    question: str
    asked: int
    shared: int  # in truth
    misses: int  # shared, and not told so
    false_hits: int  # told to be shared, and not so
    unanswered: int  # asked about without an answer, or answered without having been asked about

    @property
    def holds(self) -> bool:
        """Every answer is the truth."""
        return not (self.misses or self.false_hits or self.unanswered)


def compare(question: str, truth: Mapping[Any, bool], answers: Mapping[Any, bool]) -> Comparison:
    """Count what differs, reference by reference."""
    both = truth.keys() & answers.keys()
    return Comparison(
        question,
        asked=len(truth),
        shared=sum(truth.values()),
        misses=sum(truth[ref] and not answers[ref] for ref in both),
        false_hits=sum(answers[ref] and not truth[ref] for ref in both),
        unanswered=len(truth.keys() ^ answers.keys()),
    )


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file that a command wrote."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def compare_selected(question: str, truth: Mapping[str, bool], refs: Collection[str]) -> Comparison:
    """The same for an answer that only names those who are selected; a name twice is an answer too many."""
    told = dict.fromkeys(truth, False) | dict.fromkeys(refs, True)
    found = compare(question, truth, told)
    return found._replace(unanswered=found.unanswered + len(refs) - len(set(refs)))
