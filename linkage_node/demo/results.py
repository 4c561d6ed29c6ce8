"""Answers held against the truth."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple


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


def compare(question: str, truth: Mapping[str, bool], answers: Mapping[str, bool]) -> Comparison:
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


def read_answers(path: Path) -> dict[str, bool]:
    """What `match` wrote: reference → hit."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["record_ref"]: row["hit"] == "true" for row in csv.DictReader(file)}
