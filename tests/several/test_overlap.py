"""The overlap of several answers, against the truth."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.asking.overlap import Answer, answer_of, overlap

MOST = 6  # providers
Truth = list[
    tuple[int, int]
]  # for each record: which providers were asked about it, and which know it, as bits


def answers_of(truth: Truth, providers: int) -> list[Answer]:
    """What each provider answers, every one in an order of its own."""
    answers = []
    for at in range(providers):
        asked = [f"r{number}" for number, (of, _) in enumerate(truth) if of >> at & 1]
        asked.sort(key=lambda ref, at=at: hash((ref, at)))  # type: ignore[misc]
        hits = [bool(truth[int(ref[1:])][1] >> at & 1) for ref in asked]
        answers.append(Answer(f"p{at}", asked, np.array(hits, bool)))
    return answers


@given(
    st.integers(1, MOST),
    st.lists(st.tuples(st.integers(0, 2**MOST - 1), st.integers(0, 2**MOST - 1)), max_size=40),
)
def test_it_is_the_truth_about_those_that_all_were_asked_about(providers: int, truth: Truth) -> None:
    """Histogram, combinations and selections are those of the records in every answer; the others are counted apart."""
    everybody = 2**providers - 1
    common = {
        f"r{at}": knows & everybody for at, (of, knows) in enumerate(truth) if of & everybody == everybody
    }
    found = overlap(answers_of(truth, providers))
    assert set(found.refs) == common.keys()
    assert found.left_out == sum(0 < of & everybody < everybody for of, _ in truth)
    numbers = Counter(bits.bit_count() for bits in common.values())
    assert found.known_at() == [numbers[at] for at in range(providers + 1)]
    combinations = found.combinations()
    assert {tuple(one.providers): one.records for one in combinations} == Counter(
        tuple(f"p{at}" for at in range(providers) if bits >> at & 1) for bits in common.values()
    )
    assert all(one.records for one in combinations)
    assert [one.records for one in combinations] == sorted(
        (one.records for one in combinations), reverse=True
    )
    for least in range(1, providers + 1):
        chosen = {ref for ref, stays in zip(found.refs, found.selected(least), strict=True) if stays}
        assert chosen == {ref for ref, bits in common.items() if bits.bit_count() >= least}
    none = {ref for ref, stays in zip(found.refs, found.selected(not_known=True), strict=True) if stays}
    assert none == {ref for ref, bits in common.items() if not bits}


@given(st.lists(st.lists(st.booleans(), max_size=7), max_size=5))
def test_an_answer_comes_in_packs(packs: list[list[bool]]) -> None:
    """However an answer is cut into packs, it is the same."""
    hits = [hit for pack in packs for hit in pack]
    refs = iter(f"r{at}" for at in range(len(hits)))
    sealed = [([next(refs) for _ in pack], "".join("1" if hit else "0" for hit in pack)) for pack in packs]
    answer = answer_of("p", sealed)
    assert (answer.refs, answer.hits.tolist()) == ([f"r{at}" for at in range(len(hits))], hits)


def test_nobody_answered() -> None:
    """Of no answers there is nothing to say, and nothing is said."""
    found = overlap([])
    assert (found.providers, found.refs, found.known_at(), found.combinations()) == ((), [], [0], [])
