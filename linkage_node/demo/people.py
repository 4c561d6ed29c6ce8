"""Invented people of an invented town, drawn from a seed. Their BSNs are all numbers for testing: nobody has them."""

from random import Random
from typing import NamedTuple

from linkage_node.errors import InputError
from linkage_node.identifiers import IdentifierError
from linkage_node.identifiers.bsn import canonicalise, is_test_number

_SHARE_WITHOUT_BSN = 0.02
_SHARE_SECRET = 0.03  # of households
_HOUSEHOLD_SIZES = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5)
_ADDITIONS = ("", "", "", "", "A", "B", "C", "2", "3", "HS")
_FIRST_POSTCODE, _POSTCODES = 3960, 30
_POSTCODE_LETTERS = "ABCDEGHJ"
DISTRICTS = ("Oude Haven", "Rietland", "Sluiskwartier", "Polderwijk", "Zonnedauw")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split("|")]


_FIRST_NAMES = _names(
    "Emma|Daan|Sanne|Bram|Lotte|Sem|Fleur|Thijs|Anouk|Ruben|Femke|Lars|Ilse|Joris|Maaike|Niels|Roos|Stijn|Marijke|"
    "Wouter|Fatima|Mohamed|Yasmina|Bilal|Zeynep|Emre|Aylin|Murat|Shanti|Radj|Chantal|Jerrel|Agnieszka|Tomasz|Oksana|"
    "Pieter|Johanna|Cornelis|Wilhelmina|Hendrik|Geertruida|Gerrit|Trijntje|Dirk|Jacoba|Willem|Neeltje|Klaas|Aaltje"
)
_LAST_NAMES = _names(
    "de Vries|Jansen|van den Berg|Bakker|van Dijk|Visser|Smit|Meijer|de Boer|Mulder|Bos|Vos|Peters|Hendriks|Dekker|"
    "Brouwer|de Wit|Dijkstra|de Graaf|van der Linden|Kok|Schouten|Kuipers|van der Veen|Postma|Hoekstra|Veenstra|"
    "El Amrani|Benali|Yılmaz|Kaya|Demir|Ramdin|Soekhoe|Pinas|Kowalski|Nowak|Koçak|Bouzid|Çelik"
)
_STREETS = _names(
    "Veerdijk|Molenwerf|Kerkstraat|Rietkraag|Zonnedauw|Wilgenlaan|Lisdodde|Oude Haven|Sluisweg|Waterhoen|Dorpsplein|"
    "Kastanjehof|Meerkoet|Griendweg|Turfkade|Schoolstraat|Anna Blamansingel|Multatuliplantsoen|Elzenpad|Polderbaan"
)


class Address(NamedTuple):
    """Where somebody lives, in one fixed spelling."""

    street: str
    postcode: str
    house_number: int
    addition: str

    @property
    def district(self) -> str:
        """The part of the town that the postcode is in."""
        area = int(self.postcode[:4]) - _FIRST_POSTCODE
        return DISTRICTS[area * len(DISTRICTS) // _POSTCODES]


class Person(NamedTuple):
    """Somebody. `need` from 0 to 1 says how likely the household is to be known to an organisation.

    `secret`: the address of the household is secret (BRP: indicatie geheim).
    """

    first_name: str
    last_name: str
    bsn: str | None
    address: Address
    need: float
    secret: bool


def bsns_for_testing() -> list[str]:
    """All valid BSNs that begin with 99999 or 0000: there are 9,999 of them, 909 and 9,090."""
    found = []
    for number in (*range(1, 100_000), *range(999_990_000, 1_000_000_000)):
        bsn = f"{number:09d}"
        try:
            canonical = canonicalise(bsn)
        except IdentifierError:
            continue
        if is_test_number(canonical):
            found.append(bsn)
    return found


def invent(random: Random, count: int, bsns: list[str]) -> list[Person]:
    """`count` people in households. InputError when there are not BSNs enough for them."""
    if count > len(bsns):
        raise InputError("config_invalid", f"{count:,} people; there are {len(bsns):,} BSNs for testing")
    numbers = iter(random.sample(bsns, count))
    people: list[Person] = []
    taken: set[tuple[str, int, str]] = set()
    while len(people) < count:
        address = _free_address(random, taken)
        family, need = random.choice(_LAST_NAMES), random.random()
        secret = random.random() < _SHARE_SECRET
        for _ in range(min(random.choice(_HOUSEHOLD_SIZES), count - len(people))):
            name = family if random.random() < 0.7 else random.choice(_LAST_NAMES)
            bsn = None if random.random() < _SHARE_WITHOUT_BSN else next(numbers)
            people.append(Person(random.choice(_FIRST_NAMES), name, bsn, address, need, secret))
    return people


def _free_address(random: Random, taken: set[tuple[str, int, str]]) -> Address:
    """An address where nobody lives yet; every postcode has one street."""
    while True:
        area, letters = random.randrange(_POSTCODES), "".join(random.choices(_POSTCODE_LETTERS, k=2))
        street = _STREETS[(area * 7 + ord(letters[0]) + 3 * ord(letters[1])) % len(_STREETS)]
        postcode = f"{_FIRST_POSTCODE + area}{letters}"
        home = (postcode, random.randint(1, 180), random.choice(_ADDITIONS))
        if home not in taken:
            taken.add(home)
            return Address(street, *home)
