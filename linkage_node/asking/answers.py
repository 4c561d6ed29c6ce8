"""What a question was answered, over all its providers, read from what is kept."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from linkage_node.asking.overlap import Overlap, answer_of, overlap
from linkage_node.asking.queries import Disclosed, QueryStore, not_done
from linkage_node.asking.several import Whole
from linkage_node.asking.tables import ReleasedTable, table_of
from linkage_node.errors import InputError, Refusal


class Tally(NamedTuple):
    """What became of the hits of one provider, where attributes were asked for."""

    told: int  # whose attributes were told
    withheld: Counter[str]  # the others, by reason code


class Answers:
    """The answers of a whole; only of those that answered, and never a guess about the others.

    Each method raises Refusal("query_not_done") if nobody has answered, Refusal("results_expired") when they are gone.
    """

    def __init__(self, store: QueryStore, whole: Whole, now_ms: int) -> None:
        if not whole.answered:
            raise not_done(whole.state, whole.parts)
        self._store, self.whole, self._now_ms = store, whole, now_ms

    @cached_property
    def overlap(self) -> Overlap:
        """The answers side by side; Refusal("is_a_count")."""
        return overlap([answer_of(part.provider_oin, self.packs(part.id)) for part in self.whole.answered])

    def tables(self) -> list[ReleasedTable]:
        """The released tables; Refusal("not_a_count")."""
        return [table_of(self._store, part, self._now_ms) for part in self.whole.answered]

    def packs(self, query_id: str) -> Iterator[tuple[list[str], str]]:
        """Of one part: packs of (references, a "1" or "0" for each); Refusal("is_a_count")."""
        return self._store.results(query_id, self._now_ms)

    def disclosed(self, query_id: str) -> dict[str, Disclosed]:
        """Of one part: what became of its hits, by reference; empty if attributes were not asked for."""
        return self._store.attributes_of(query_id, self._now_ms)

    def tally(self, query_id: str) -> Tally:
        """Of one part: of how many hits attributes were told, and of how many not."""
        disclosed = self.disclosed(query_id).values()
        return Tally(
            sum(bool(one.records) for one in disclosed),
            Counter(one.withheld for one in disclosed if one.withheld),
        )

    def selected(self, at_least: int, *, not_known: bool) -> frozenset[str] | None:
        """The records that at least so many of the providers know, or none of them; None: all records.

        Refusal("provider_unanswered"): nobody can tell who is known to none while one of them has not answered.
        InputError("options_conflict"): more than there are, or both.
        """
        if not (at_least or not_known):
            return None
        if at_least and not_known:
            raise InputError("options_conflict", "known at some of them, and at none")
        check_at_least(at_least, len(self.whole.parts))
        if not_known:
            require_all(self.whole)
        found = self.overlap
        chosen = found.selected(at_least, not_known=not_known)
        return frozenset(ref for ref, stays in zip(found.refs, chosen.tolist(), strict=True) if stays)


def check_at_least(at_least: int, providers: int) -> None:
    """InputError("options_conflict") if nobody can be known at so many."""
    if at_least > providers:
        detail = f"at least {at_least} of {providers} providers"
        raise InputError("options_conflict", detail, hint=f"Ask for {providers} or less.")


def require_all(whole: Whole) -> None:
    """Refusal("provider_unanswered") unless every provider has answered."""
    if whole.unanswered:
        raise Refusal("provider_unanswered", ", ".join(part.provider_oin for part in whole.unanswered))
