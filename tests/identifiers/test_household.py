"""The household: spellings of one address meet, two addresses never do."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from linkage_node.identifiers import KINDS, IdentifierError
from linkage_node.identifiers.household import canonicalise

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
postcodes = st.tuples(st.integers(1000, 9999), st.text(LETTERS, min_size=2, max_size=2)).map(
    lambda parts: f"{parts[0]}{parts[1]}"
)
numbers = st.integers(1, 99999).map(str)
additions = st.text(LETTERS + "0123456789", max_size=5)
addresses = st.tuples(postcodes, numbers, additions)


@given(addresses, addresses)
def test_two_addresses_never_collide(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    """Canonical bytes are equal exactly when the normalised parts are."""
    assert (canonicalise(*one) == canonicalise(*other)) == (one == other)


@given(postcodes, st.text("123456789", min_size=2, max_size=5), st.integers(1, 4))
def test_digits_do_not_move_between_number_and_addition(postcode: str, digits: str, cut: int) -> None:
    """12 with addition 3 is another address than 123."""
    assume(cut < len(digits))
    assert canonicalise(postcode, digits[:cut], digits[cut:] + "A") != canonicalise(postcode, digits, "A")


@given(addresses)
def test_normalising_again_changes_nothing(address: tuple[str, str, str]) -> None:
    """The canonical parts are their own canonical form."""
    canonical = canonicalise(*address)
    assert canonicalise(*canonical.decode().split("|")) == canonical


@given(addresses, st.sampled_from(["", " ", "\t", "\u00a0"]))
def test_spellings_of_one_address_meet(address: tuple[str, str, str], blank: str) -> None:
    """Case, blanks, hyphens and leading zeros make no difference."""
    postcode, number, addition = address
    spelled = canonicalise(
        f" {postcode[:4]}{blank}{postcode[4:].lower()} ", number.zfill(5), f"{blank}-{addition.lower()} "
    )
    assert spelled == canonicalise(postcode, number, addition)


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"postcode": "0123AB", "house_number": "1"}, "postcode_invalid", "postcode"),
        ({"postcode": "1234A", "house_number": "1"}, "postcode_invalid", "postcode"),
        ({"postcode": "1234ßA", "house_number": "1"}, "postcode_invalid", "postcode"),
        ({"postcode": "1234ıA", "house_number": "1"}, "postcode_invalid", "postcode"),
        ({"postcode": "1234AB", "house_number": "0"}, "house_number_invalid", "house_number"),
        ({"postcode": "1234AB", "house_number": "100000"}, "house_number_invalid", "house_number"),
        ({"postcode": "1234AB", "house_number": "12A"}, "house_number_invalid", "house_number"),
        ({"postcode": "1234AB", "house_number": "1_0"}, "house_number_invalid", "house_number"),
        (
            {"postcode": "1234AB", "house_number": "1", "addition": "a/b"},
            "house_addition_invalid",
            "addition",
        ),
        ({"postcode": "1234AB", "house_number": "1", "addition": "|"}, "house_addition_invalid", "addition"),
        (
            {"postcode": "1234AB", "house_number": "1", "addition": "A" * 11},
            "house_addition_invalid",
            "addition",
        ),
        ({"postcode": "1234AB", "house_number": " "}, "identifier_incomplete", "house_number"),
        ({"house_number": "1"}, "identifier_incomplete", "postcode"),
    ],
)
def test_what_is_no_address(values: dict[str, str], code: str, field: str) -> None:
    """Each fault has its reason and names its field, never the value."""
    with pytest.raises(IdentifierError) as raised:
        KINDS["household"].checked(values, production=True)
    assert (raised.value.code, raised.value.field) == (code, field)
    assert str(raised.value) == str(IdentifierError(code, field))


def test_an_addition_alone_is_no_address() -> None:
    """A row whose only address part is an addition has no household, rather than half of one."""
    assert not KINDS["household"].is_given({"postcode": " ", "house_number": "", "addition": "A"})
    assert KINDS["household"].is_given({"postcode": "", "house_number": "1"})


def test_a_household_is_ambiguous() -> None:
    """Several people share an address, so it may never open attributes; a BSN may."""
    assert KINDS["household"].ambiguous
    assert not KINDS["bsn"].ambiguous
