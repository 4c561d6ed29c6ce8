"""What must be so: a model of the provider's register and of when its changes reach the requester.

It knows people by their number, no cryptography. `visible` says whether a person's tag is in the provider's set as it
stands: True, False, or None where the agreement leaves it open (more people left than one delta may take away, and the
node chooses who goes first).
"""

from collections.abc import Iterable


class ProviderModel:
    """The provider's people, and those in its tag set."""

    def __init__(self, changes: int) -> None:
        self._changes = changes
        self._people: dict[str, str] = {}  # reference → person
        self._arrived: list[str] = []  # came after the set was built, in order, still in the register
        self._left: set[str] = set()  # gone from the register, perhaps still in the set
        self._left_at_most = 0
        self._in_set: dict[str, bool | None] = {}

    def put(self, ref: str, person: str) -> None:
        """A record is added, or becomes another person's."""
        before = set(self._people.values())
        self._people[ref] = person
        self._changed(before)

    def remove(self, ref: str) -> None:
        """A record goes."""
        before = set(self._people.values())
        del self._people[ref]
        self._changed(before)

    def _changed(self, before: set[str]) -> None:
        now = set(self._people.values())
        for person in before - now:
            if person in self._arrived:
                self._arrived.remove(person)
            if self._in_set.get(person, False) is not False and person not in self._left:
                self._left.add(person)
                self._left_at_most += 1
        self._arrived += now - before

    def built(self) -> None:
        """The provider built a set anew: everybody is in it, and nobody else."""
        self._in_set = dict.fromkeys(self._people.values(), True)
        self._arrived, self._left, self._left_at_most = [], set(), 0

    def delta(self) -> None:
        """The provider moved its set on: as many came and went as one delta takes."""
        for person in self._arrived[: self._changes]:
            self._in_set[person] = True
            self._left.discard(person)
        del self._arrived[: self._changes]
        self._left_at_most = min(self._left_at_most, len(self._left))
        if self._left_at_most <= self._changes:
            self._in_set.update(dict.fromkeys(self._left, False))
            self._left, self._left_at_most = set(), 0
        else:
            self._in_set.update(dict.fromkeys(self._left, None))
            self._left_at_most -= self._changes

    def visible(self, person: str) -> bool | None:
        """Whether a question about this person hits."""
        return self._in_set.get(person, False)

    @property
    def left(self) -> list[str]:
        """People who are gone, and perhaps still in the set."""
        return sorted(self._left)

    @property
    def refs(self) -> Iterable[str]:
        """References of the records there are."""
        return list(self._people)
