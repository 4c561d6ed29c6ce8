"""The registry of identifier kinds: what can be matched on. A new kind is one entry here and one module."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from linkage_node.errors import InputError
from linkage_node.identifiers import bsn, household
from linkage_node.identifiers.errors import IdentifierError

__all__ = ["KINDS", "IdentifierError", "Kind", "find_kind"]

Values = Mapping[str, str]


def _never(_values: Values, _text: str) -> bool:
    return False


@dataclass(frozen=True)
class Kind:
    """One identifier kind.

    `canonicalise` turns the values of its fields into canonical bytes and raises IdentifierError. Two spellings of one
    identifier have the same canonical bytes; two identifiers never have.
    """

    name: str
    required: tuple[str, ...]
    canonicalise: Callable[[Values], bytes]
    ambiguous: bool  # one identifier can stand for several persons: opens no attributes
    of_address: bool = False  # made of an address: nobody whose address is secret has it
    optional: tuple[str, ...] = ()
    is_test: Callable[[bytes], bool] = lambda _canonical: (
        False
    )  # canonical bytes of somebody who does not exist
    shows_in: Callable[[Values, str], bool] = _never  # is the identifier to be read in this text?

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields, required ones first."""
        return self.required + self.optional

    def is_given(self, values: Values) -> bool:
        """Whether there is anything to use: a value for at least one required field."""
        return any(values.get(field, "").strip() for field in self.required)

    def checked(self, values: Values, *, production: bool) -> bytes:
        """The canonical bytes of `values`, which are given (`is_given`).

        IdentifierError `identifier_incomplete` if a required field is empty, `test_number` if the identifier is one
        for testing and this node is in production, or what `canonicalise` raises.
        """
        for field in self.required:
            if not values.get(field, "").strip():
                raise IdentifierError("identifier_incomplete", field)
        canonical = self.canonicalise(values)
        if production and self.is_test(canonical):
            raise IdentifierError("test_number", self.required[0])
        return canonical


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "bsn",
            required=("bsn",),
            canonicalise=lambda values: bsn.canonicalise(values["bsn"]),
            ambiguous=False,
            is_test=bsn.is_test_number,
            shows_in=lambda values, text: bsn.shows_in(values.get("bsn", ""), text),
        ),
        Kind(
            "household",
            required=("postcode", "house_number"),
            optional=("addition",),
            canonicalise=lambda values: household.canonicalise(
                values["postcode"], values["house_number"], values.get("addition", "")
            ),
            ambiguous=True,
            of_address=True,
        ),
    )
}


def find_kind(name: str) -> Kind:
    """The kind of this name; InputError `kind_unknown` if there is none."""
    if name not in KINDS:
        raise InputError("kind_unknown", f"{name!r}; there are: {', '.join(KINDS)}")
    return KINDS[name]
