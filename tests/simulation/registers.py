"""How the registers of the two nodes change, in the world and in the models alike."""

import random
from pathlib import Path

from tests.simulation.agreed import (
    DEBTS,
    DISTRICTS,
    LADDER,
    NAMES,
    SECRET_VALUE,
)
from tests.simulation.model import Entry
from tests.simulation.world import World

RECORDS = 24  # of each register at the start


class Registers:
    """Changes that the seed chooses."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.world = World(folder, self.chance.sample(range(900), 40))
        for at in range(RECORDS):
            self._put_own(f"r{at}")
            self._put_theirs(f"p{at}")

    def change_own(self) -> None:
        """The requester's register changes."""
        if self.world.own.records and self.chance.random() < 0.45:
            ref = self.chance.choice(list(self.world.own.records))
            self.world.own.remove(ref)
            self.world.requester.remove(ref)
        else:
            self._put_own(f"r{self.chance.randrange(RECORDS + 6)}")

    def change_theirs(self) -> None:
        """The provider's register changes: by one record or many; some people come back before they were gone."""
        for _ in range(self.chance.choice([1, 1, 1, 2, 5])):
            records = self.world.theirs.records
            chosen = self.chance.random()
            if records and chosen < 0.45:
                self.erase(self.chance.choice(list(records)))
            elif records and chosen < 0.65:  # attributes change
                ref = self.chance.choice(list(records))
                entry = self._entry(ref)
                self.renew(ref, entry._replace(person=records[ref].person or entry.person), secret=None)
            else:
                self._put_theirs(f"p{self.chance.randrange(RECORDS + 6)}")

    def address_becomes_secret(self) -> None:
        """Somebody's address becomes secret, at either node; he may have nothing else there."""
        model = self.chance.choice([self.world.own, self.world.theirs])
        with_address = [ref for ref, entry in model.records.items() if entry.household]
        if not with_address:
            return
        ref = self.chance.choice(with_address)
        entry = model.records[ref]
        if self.chance.random() < 0.3:  # the row does not tell who he is, but where he lives
            entry = entry._replace(person=None)
        if model is self.world.own:
            model.put(ref, entry, secret=True)
            self.world.requester.put(ref, entry, secret=True)
        else:
            self.renew(ref, entry, secret=True)

    def erase(self, ref: str) -> None:
        """The provider erases a record."""
        self.world.change_theirs(lambda: self.world.theirs.remove(ref))
        self.world.provider.remove(ref)

    def renew(self, ref: str, entry: Entry, *, secret: bool | None = False) -> None:
        """The provider adds or renews a record."""
        self.world.change_theirs(lambda: self.world.theirs.put(ref, entry, secret=secret))
        self.world.provider.put(ref, entry, secret=secret)

    def _put_own(self, ref: str) -> None:
        entry = self._entry(ref)
        secret = self._says()
        self.world.own.put(ref, entry, secret=secret)
        self.world.requester.put(ref, entry, secret=secret)

    def _put_theirs(self, ref: str) -> None:
        entry = self._entry(ref)
        left = self.world.sets[LADDER, "bsn"].left
        if left and entry.person and self.chance.random() < 0.3:
            entry = entry._replace(person=self.chance.choice(left))
        self.renew(ref, entry, secret=self._says())

    def _says(self) -> bool | None:
        """What a row says of the address: that it is not secret, or nothing."""
        return self.chance.choice([False, False, None])

    def _entry(self, ref: str) -> Entry:
        """A record of somebody: by his number, his address, or both."""
        person, household = (self.chance.choice(self.world.people[kind]) for kind in ("bsn", "household"))
        which = self.chance.random()
        return Entry(
            person if which < 0.9 else None, household if which > 0.2 else None, self._attributes(ref)
        )

    def _attributes(self, ref: str) -> dict[str, str]:
        """Some of what is counted by, of what may be told, and of what is never told."""
        every = {
            "district": self.chance.choice([*DISTRICTS, "west", "other"]),
            "debts": self.chance.choice([*DEBTS, "unknown"]),
            **{
                name: f"{SECRET_VALUE}{ref} {name} {self.chance.randrange(100)}" for name in (*NAMES, "never")
            },
        }
        return {name: value for name, value in every.items() if self.chance.random() < 0.8}
