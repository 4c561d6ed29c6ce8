"""What must be so: models of a register, and of when the provider's changes reach the requester's hits.

They know people by their number and households by their address, no cryptography.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Entry(NamedTuple):
    """A record: whose it is, and what is known of him."""

    person: str | None
    household: str | None
    attributes: dict[str, str]
    secret: bool = False  # his address, by this record

    def value(self, kind: str) -> str | None:
        """His identifier of a kind."""
        return self.person if kind == "bsn" else self.household


class RegisterModel:
    """The records of one node, in the order of arrival."""

    def __init__(self) -> None:
        self.records: dict[str, Entry] = {}

    def put(self, ref: str, entry: Entry, *, secret: bool | None = False) -> None:
        """A record is added or renewed; `secret` is what its row says of the address, None if nothing.

        Whose address is secret has none in any of his records, until the row of the marked one says otherwise.
        """
        known = self.records.get(ref, Entry(None, None, {}))
        marked = known.secret if secret is None else secret
        if secret and entry.person is None:  # a row that is not used, but for its mark
            self.records[ref] = known._replace(
                household=None, secret=True, attributes=known.attributes if known.person else {}
            )
        else:
            self.records[ref] = entry._replace(secret=marked)
        hidden = {one.person for one in self.records.values() if one.secret and one.person}
        for at, one in self.records.items():
            if one.secret or one.person in hidden:
                self.records[at] = one._replace(household=None)

    def remove(self, ref: str) -> None:
        """A record goes."""
        del self.records[ref]

    def known(self, kind: str) -> set[str]:
        """All identifiers of a kind."""
        return {value for entry in self.records.values() if (value := entry.value(kind))}

    def of(self, kind: str, value: str) -> list[tuple[str, Entry]]:
        """The records of somebody."""
        return [(ref, entry) for ref, entry in self.records.items() if entry.value(kind) == value]

    def by_category(self, kind: str, attribute: str, names: Sequence[str], *, other: bool) -> list[set[str]]:
        """Who is in which category: the first of somebody's records decides. No attribute: all are in one."""
        found: list[set[str]] = [set() for _ in range(len(names) + other or 1)]
        seen: set[str] = set()
        for entry in self.records.values():
            value = entry.value(kind)
            if value is None or value in seen:
                continue
            seen.add(value)
            mine = entry.attributes.get(attribute)
            if not names or mine in names:
                found[names.index(mine) if mine in names else 0].add(value)
            elif other:
                found[-1].add(value)
        return found


class TagSetModel:
    """Those in one tag set of the provider's.

    `visible` says whether somebody's tag is in the set as it stands: True, False, or None where the agreement leaves
    it open (more people left than one delta may take away, and the node chooses who goes first).
    """

    def __init__(self, changes: int) -> None:
        self._changes = changes
        self._arrived: list[str] = []  # came after the set was built, in order, still in the register
        self._left: set[str] = set()  # gone from the register, perhaps still in the set
        self._left_at_most = 0
        self._in_set: dict[str, bool | None] = {}

    def changed(self, before: set[str], now: set[str]) -> None:
        """The register changed, by one record."""
        for person in before - now:
            if person in self._arrived:
                self._arrived.remove(person)
            if self._in_set.get(person, False) is not False and person not in self._left:
                self._left.add(person)
                self._left_at_most += 1
        self._arrived += sorted(now - before)

    def built(self, now: Iterable[str]) -> None:
        """The provider built a set anew: everybody is in it, and nobody else."""
        self._in_set = dict.fromkeys(now, True)
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

    def seen(self) -> dict[str, bool | None]:
        """`visible` of everybody who ever was in the set, as it stands."""
        return dict(self._in_set)

    def lives(self, person: str) -> bool:
        """Whether this person's claim token opens anything: erased, it is dead, until he came back and a delta did."""
        return bool(self._in_set.get(person)) and person not in self._left

    @property
    def left(self) -> list[str]:
        """People who are gone, and perhaps still in the set."""
        return sorted(self._left)
