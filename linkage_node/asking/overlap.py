"""How the answers of several providers overlap: known at how many of them, and in which combination.

It speaks of the providers that answered and of no other. A record is counted if every one of them was asked about it:
the parts of a question about the register read it at slightly different moments, and a record that came or left between
them has fewer answers than there are providers, so it is left out (`left_out` says how many were) and not guessed at.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np


class Answer(NamedTuple):
    """What one provider answered: references, no two the same, and for each whether it knows the person."""

    provider_oin: str
    refs: list[str]
    hits: np.ndarray  # bool, shape (n,)


class Combination(NamedTuple):
    """Records known at exactly these providers."""

    providers: tuple[str, ...]  # OINs, in the order of the overlap's; none: known at none of them
    records: int


class Overlap(NamedTuple):
    """The answers of all that answered, side by side."""

    providers: tuple[str, ...]  # OINs: the columns
    refs: list[str]  # of the n records that all were asked about: the rows
    known: np.ndarray  # bool, shape (n, providers)
    left_out: int  # records that some were asked about, and some not

    @property
    def counts(self) -> np.ndarray:
        """At how many providers each record is known, int64, shape (n,)."""
        counts: np.ndarray = self.known.sum(axis=1, dtype=np.int64)
        return counts

    def known_at(self) -> list[int]:
        """Records known at exactly so many providers: from 0 to all of them."""
        return [int(number) for number in np.bincount(self.counts, minlength=len(self.providers) + 1)]

    def combinations(self) -> list[Combination]:
        """Every combination of providers that occurs, the largest first; of equals the one with fewer providers."""
        weights = 1 << np.arange(len(self.providers), dtype=np.int64)
        codes, records = np.unique(self.known.astype(np.int64) @ weights, return_counts=True)
        found = [
            Combination(
                tuple(oin for at, oin in enumerate(self.providers) if code >> at & 1),
                int(number),
            )
            for code, number in zip(codes.tolist(), records, strict=True)
        ]
        return sorted(found, key=lambda one: (-one.records, len(one.providers), one.providers))

    def selected(self, at_least: int = 0, *, not_known: bool = False) -> np.ndarray:
        """Which records at least so many of these providers know, or none of them: bool, shape (n,).

        "None of them" says nothing of a provider that has not answered: the caller refuses it then.
        """
        selected: np.ndarray = self.counts == 0 if not_known else self.counts >= at_least
        return selected


def overlap(answers: Sequence[Answer]) -> Overlap:
    """Lay answers side by side: the records that are in all of them, in the order of the first."""
    if not answers:
        return Overlap((), [], np.zeros((0, 0), bool), 0)
    refs = answers[0].refs
    common = set(refs).intersection(*(answer.refs for answer in answers[1:]))
    if len(common) < len(refs):
        refs = [ref for ref in refs if ref in common]
    known = np.stack([_aligned(answer, refs) for answer in answers], axis=1)
    asked = len(set().union(*(answer.refs for answer in answers)))
    return Overlap(tuple(answer.provider_oin for answer in answers), refs, known, asked - len(refs))


def _aligned(answer: Answer, refs: list[str]) -> np.ndarray:
    if answer.refs == refs:
        return answer.hits
    position = {ref: at for at, ref in enumerate(answer.refs)}
    return answer.hits[np.fromiter((position[ref] for ref in refs), np.int64, len(refs))]


def answer_of(provider_oin: str, packs: Iterable[tuple[list[str], str]]) -> Answer:
    """An answer from packs of (references, a "1" or "0" for each)."""
    refs: list[str] = []
    digits = bytearray()
    for some, hits in packs:
        refs += some
        digits += hits.encode()
    return Answer(provider_oin, refs, np.frombuffer(bytes(digits), np.uint8) == ord("1"))
