"""The bench of decisions, small."""

from linkage_node.bench.decisions import ANSWERS, measure_decisions


def test_decisions_of_every_answer_are_measured() -> None:
    """Each is approved by the product's own rules, and takes longer than a call that decides nothing."""
    told = measure_decisions(agreements=3, decisions=20)
    assert (told.agreements, tuple(told.by_answer)) == (3, ANSWERS)
    assert told.load_seconds > 0
    for timed in told.by_answer.values():
        assert 0 < timed.p50 <= timed.p99
        assert timed.over_plain > 1
