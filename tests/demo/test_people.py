"""The invented people and administrations: nobody real, and a truth that does not contradict itself."""

import csv
import re
from pathlib import Path
from random import Random

import pytest

from linkage_node.demo.administration import Administration, administer, write_source
from linkage_node.demo.people import DISTRICTS, bsns_for_testing, invent
from linkage_node.demo.registers import HOMES, ORGANISATIONS, TOWN, mapping_text
from linkage_node.errors import InputError
from linkage_node.identifiers.bsn import canonicalise
from linkage_node.identifiers.household import canonicalise as canonical_household
from linkage_node.identifiers.household import is_secret
from linkage_node.register.mapping import load_mapping


def books(seed: int, people: int = 800) -> list[Administration]:
    """The administrations of a small town."""
    random = Random(seed)
    invented = invent(random, people, bsns_for_testing())
    return [administer(random, one, invented) for one in ORGANISATIONS]


def _valid_bsn(digits: str) -> bool:
    """The elfproef, written down once more, apart from the product's."""
    weighed = sum(w * int(d) for w, d in zip((9, 8, 7, 6, 5, 4, 3, 2, -1), digits, strict=True))
    return weighed % 11 == 0 and int(digits) != 0


def test_numbers_for_testing_are_all_there_are() -> None:
    """There are 9,999 valid BSNs that begin with 0000 (9,090) or 99999 (909), and nothing else is handed out."""
    numbers = bsns_for_testing()
    assert len(set(numbers)) == len(numbers) == 9_999
    assert sum(number.startswith("0000") for number in numbers) == 9_090
    assert sum(number.startswith("99999") for number in numbers) == 909
    assert all(_valid_bsn(number) for number in numbers)


def test_no_number_can_be_read_in_an_oin() -> None:
    """The zeros of the organisations' OINs hold no BSN, or the search for leaks would find it there."""
    assert not any(number[1:] in one.oin for number in bsns_for_testing() for one in ORGANISATIONS)


@pytest.mark.parametrize("seed", range(3))
def test_no_file_holds_a_number_that_could_be_somebodys(seed: int, tmp_path: Path) -> None:
    """Whatever in the exports reads as a valid BSN, with blanks and dots or without, is one for testing."""
    seen = 0
    for book in books(seed):
        path = tmp_path / "source.csv"
        write_source(path, book)
        text = path.read_text(encoding=book.organisation.encoding).replace(".", "")
        for digits in re.findall(r"(?=(?<![0-9])([0-9]{8,9})(?![0-9]))", text):
            number = digits.zfill(9)
            seen += 1
            assert number.startswith(("0000", "99999")) or not _valid_bsn(number)
    assert seen > 500


@pytest.mark.parametrize("seed", range(3))
def test_the_truth_is_in_the_written_rows(seed: int) -> None:
    """Each row that counts as usable really bears its BSN and address, however it is spelt; each fault is a fault."""
    for book in books(seed):
        names = book.organisation.columns
        rows: dict[str, dict[str, str]] = {}
        for row in book.rows:
            rows.setdefault(row[names.ref], row)  # a reference counts where it stands first
        for ref, bsn in book.bsns.items():
            assert names.bsn is not None
            assert canonicalise(rows[ref][names.bsn]).decode() == bsn
        for ref, address in book.addresses.items():
            letter = rows[ref][names.letter] if names.letter else ""
            spelt = canonical_household(
                rows[ref][names.postcode], rows[ref][names.number], letter + rows[ref][names.addition]
            )
            assert spelt == canonical_household(address.postcode, str(address.house_number), address.addition)
        for ref, attributes in book.attributes.items():
            assert attributes == {one.name: rows[ref][one.name] for one in book.organisation.fields}
        assert book.persons.keys() == book.bsns.keys() | book.addresses.keys() == book.attributes.keys()


@pytest.mark.parametrize("seed", range(3))
def test_a_secret_address_is_written_as_secret_and_used_nowhere(seed: int) -> None:
    """Rows of people whose address is secret say so, all others say that it is not, and it is in no truth."""
    for book in books(seed):
        names = book.organisation.columns
        marked: dict[str, bool] = {}
        for row in book.rows:
            marked.setdefault(row[names.ref], is_secret(row[names.secret]))
        assert sum(is_secret(row[names.secret]) for row in book.rows) == book.faults["address_secret"]
        assert book.organisation is not TOWN or book.faults["address_secret"]
        assert not any(marked[ref] for ref in book.addresses)
        assert {ref for ref, person in book.persons.items() if person.secret} == {
            ref for ref, secret in marked.items() if secret and ref in book.persons
        }


def test_a_housing_association_holds_no_bsn(tmp_path: Path) -> None:
    """Neither its export nor its mapping has one: it may not hold it (UAVG art. 46)."""
    book = next(one for one in books(1) if one.organisation is HOMES)
    write_source(tmp_path / "source.csv", book)
    assert not book.bsns
    text = (tmp_path / "source.csv").read_text(encoding=HOMES.encoding)
    assert not [number for number in bsns_for_testing() if number in text]
    assert "bsn" not in mapping_text(HOMES)


def test_distinct_addresses_stay_distinct_in_every_spelling() -> None:
    """No two invented addresses are one in canonical form, or the truth by address would be wrong."""
    people = invent(Random(7), 3_000, bsns_for_testing())
    addresses = {one.address for one in people}
    canonical = {canonical_household(one.postcode, str(one.house_number), one.addition) for one in addresses}
    assert len(canonical) == len(addresses)


def test_every_district_has_people() -> None:
    """A table by district has no row that is empty because of how postcodes are drawn."""
    found = {one.address.district for one in invent(Random(7), 1_000, bsns_for_testing())}
    assert found == set(DISTRICTS)


def test_the_same_seed_gives_the_same_people() -> None:
    """A demonstration can be repeated."""
    assert books(5) == books(5)
    assert books(5) != books(6)


def test_more_people_than_numbers_is_refused() -> None:
    """There are only so many BSNs for testing; nobody gets a real one."""
    with pytest.raises(InputError, match="BSNs for testing"):
        invent(Random(1), 10_001, bsns_for_testing())


def test_mappings_name_columns_that_exist(tmp_path: Path) -> None:
    """Every mapping is valid and fits its own export."""
    for book in books(1, people=100):
        source, mapping = tmp_path / "source.csv", tmp_path / "mapping.yaml"
        write_source(source, book)
        mapping.write_text(mapping_text(book.organisation), encoding="utf-8")
        with source.open(encoding=book.organisation.encoding, newline="") as file:
            header = next(csv.reader(file, delimiter=book.organisation.delimiter))
        layout = load_mapping(mapping).layout(header)
        assert set(layout.identifiers) == set(book.organisation.kinds)
        assert set(layout.attributes) == {one.name for one in book.organisation.fields}
        assert layout.address_secret is not None
        assert book.organisation is not TOWN or len(layout.identifiers["household"]["addition"]) == 2
