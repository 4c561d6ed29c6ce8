"""What a decision was about, as an explanation looks at it, and two values side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from linkage_node.policy.asked import value_at
from linkage_node.policy.explained_words import Language, has_word, in_words, number, shown, word


class Compared(NamedTuple):
    """Two values side by side, in words. `beside` says what the second is: agreed, allowed, required."""

    about: str
    asked_as: str
    asked: str
    beside: str
    agreed: str
    fields: tuple[str, ...] = ()  # of the agreement, as dotted paths of its model


@dataclass(frozen=True)
class Seen:
    """What a decision was about: the known part of the input, and the data of policy."""

    language: Language
    asked: Mapping[str, Any]
    data: Mapping[str, Any]

    @cached_property
    def agreement(self) -> Mapping[str, Any]:
        """The agreement as policy sees it; empty if policy does not know it."""
        content = self.of_question("context.agreement.hash")
        found = self.data.get("agreements", {}).get(content) if isinstance(content, str) else None
        known = isinstance(found, Mapping) and found.get("id") == self.of_question("context.agreement.id")
        return found if known and found is not None else {}

    @cached_property
    def basis(self) -> Mapping[str, Any]:
        """The legal basis in the catalogue; empty if the agreement names none that is there."""
        found = value_at(self.data, "catalogue.legal_bases")
        name = self.agreed("legal_basis.id")
        told = found.get(name) if isinstance(found, Mapping) and isinstance(name, str) else None
        return told if isinstance(told, Mapping) else {}

    def of_question(self, path: str) -> Any:
        """A value of the question."""
        return value_at(self.asked, path)

    def agreed(self, path: str) -> Any:
        """A value of the agreement."""
        return part_of(self.agreement, path)

    def say(self, key: str, *values: object) -> str:
        """A word."""
        return word(self.language, key, *values)

    def named(self, value: object) -> str:
        """A word of the catalogue or of a status; a value that is none is shown as it is."""
        return self.say(value) if isinstance(value, str) and has_word(value) else self.show(value)

    def show(self, value: object) -> str:
        """A value."""
        return shown(self.language, value)

    def words(self, field: str, values: object) -> str:
        """A value, or list of them, in the words of an agreement's field."""
        return in_words(self.language, field, values)

    def number(self, value: object) -> str:
        """A number."""
        return number(self.language, value)

    @property
    def day(self) -> str:
        """The UTC day of the question."""
        return self.show(self.of_question("context.time"))[:10]

    def compared(
        self,
        about: str,
        asked: str,
        agreed: str,
        *fields: str,
        beside: str = "agreed",
        asked_as: str = "asked",
    ) -> Compared:
        """Two values side by side."""
        return Compared(self.say(about), self.say(asked_as), asked, self.say(beside), agreed, fields)


def part_of(agreement: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path, of which a number is a place in a list; None if there is none."""
    found: Any = agreement
    for part in path.split("."):
        if isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            found = found.get(part) if isinstance(found, Mapping) else None
    return found
