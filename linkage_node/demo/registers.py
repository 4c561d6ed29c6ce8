"""The three organisations, their client administrations as they would export them, and the truth about who they share.

The truth comes from the people that were invented, never from the code under demonstration.
"""

import csv
from collections import Counter
from pathlib import Path
from random import Random
from typing import NamedTuple

from linkage_node.demo.people import Address, Person

Row = dict[str, str]

# Shares of an administration's rows, each with one fault of its own.
_FAULTS = {
    "bsn_fails_elfproef": 0.012,
    "bsn_not_nine_digits": 0.004,
    "identifier_missing": 0.006,
    "house_number_invalid": 0.006,
    "identifier_incomplete": 0.006,
    "record_ref_duplicate": 0.004,
}


class Columns(NamedTuple):
    """How an organisation calls its columns. `letter` None: letter and addition stand in one column."""

    ref: str
    name: str
    bsn: str
    street: str
    postcode: str
    number: str
    letter: str | None
    addition: str


class Organisation(NamedTuple):
    """One invented organisation. `base` and `pull`: how likely it knows somebody, without need and for need."""

    key: str
    name: str
    oin: str
    prefix: str
    base: float
    pull: float
    delimiter: str
    encoding: str
    columns: Columns


TOWN = Organisation(
    "gemeente", "Gemeente Meerwijk", "00000099000000010000", "GM", 0.25, 0.5, ";", "utf-8",
    Columns("clientnummer", "naam", "bsn", "straat", "postcode", "huisnummer", "huisletter", "toevoeging"),
)  # fmt: skip
BANK = Organisation(
    "kredietbank", "Kredietbank De Brug", "00000099000000020000", "KB", 0.05, 0.3, ",", "cp1252",
    Columns("dossiernummer", "klant", "burgerservicenummer", "adres", "postcode", "huisnr", None, "toevoeging"),
)  # fmt: skip
DESK = Organisation(
    "energieloket", "Energieloket Meerwijk", "00000099000000030000", "EL", 0.15, 0.4, "\t", "utf-8",
    Columns("id", "bewoner", "bsn", "straatnaam", "postcode", "huisnummer", None, "huisnummertoevoeging"),
)  # fmt: skip
ORGANISATIONS = (TOWN, BANK, DESK)


class Administration(NamedTuple):
    """What an organisation exports, and the truth about it."""

    organisation: Organisation
    rows: list[Row]
    persons: dict[str, Person]  # by reference, of every row that can be used for something
    bsns: dict[str, str]  # reference → BSN, of the rows whose BSN can be used
    addresses: dict[str, Address]  # reference → address, of the rows whose address can be used
    faults: Counter[str]  # reason code → rows with that fault


def administer(random: Random, organisation: Organisation, people: list[Person]) -> Administration:
    """The administration of an organisation: some of the people, some twice, some rows with faults."""
    clients = [one for one in people if random.random() < organisation.base + organisation.pull * one.need]
    clients += random.sample(clients, len(clients) // 200)  # registered twice, under another reference
    random.shuffle(clients)
    made = Administration(organisation, [], {}, {}, {}, Counter())
    for number, person in enumerate(clients):
        _add(random, made, f"{organisation.prefix}-{number + 1001}", person)
    return made


def _add(random: Random, made: Administration, ref: str, person: Person) -> None:
    fault = _fault(random, person, bool(made.persons))
    bsn, address = person.bsn, person.address
    written = _written(random, made.organisation, ref, person)
    names = made.organisation.columns
    match fault:
        case "bsn_fails_elfproef":
            written[names.bsn], bsn = _mistyped(random, person.bsn or ""), None
        case "bsn_not_nine_digits":
            written[names.bsn], bsn = "onbekend", None
        case "identifier_missing":
            for column in (names.bsn, names.postcode, names.number, names.letter, names.addition):
                if column:
                    written[column] = ""
        case "house_number_invalid":
            written[names.number] = f"t/o {written[names.number]}"
        case "identifier_incomplete":
            written[names.postcode] = ""
        case "record_ref_duplicate":
            written[names.ref] = random.choice(list(made.persons))
    made.rows.append(written)
    if fault:
        made.faults[fault] += 1
    if fault in ("identifier_missing", "record_ref_duplicate"):
        return
    made.persons[ref] = person
    if bsn:
        made.bsns[ref] = bsn
    if fault not in ("house_number_invalid", "identifier_incomplete"):
        made.addresses[ref] = address


def _fault(random: Random, person: Person, others: bool) -> str | None:
    """Which fault the row gets, if any; a row keeps at least one identifier unless it is meant to have none."""
    drawn = random.random()
    for fault, share in _FAULTS.items():
        drawn -= share
        if drawn < 0:
            possible = (
                others if fault == "record_ref_duplicate" else person.bsn or fault == "identifier_missing"
            )
            return fault if possible else None
    return None


def _written(random: Random, organisation: Organisation, ref: str, person: Person) -> Row:
    """The person as a clerk typed him in: every clerk in his own way."""
    names, address = organisation.columns, person.address
    postcode = address.postcode
    if random.random() < 0.5:
        postcode = f"{postcode[:4]} {postcode[4:]}"
    if random.random() < 0.15:
        postcode = postcode.lower()
    addition = address.addition.lower() if random.random() < 0.3 else address.addition
    row = {
        names.ref: ref,
        names.name: f"{person.first_name} {person.last_name}",
        names.bsn: _written_bsn(random, person.bsn),
        names.street: address.street,
        names.postcode: postcode,
        names.number: f"{address.house_number:05d}" if random.random() < 0.05 else str(address.house_number),
    }
    if names.letter is not None:
        row[names.letter] = addition if addition.isalpha() and len(addition) == 1 else ""
        row[names.addition] = "" if row[names.letter] else addition
    else:
        row[names.addition] = f"-{addition}" if addition and random.random() < 0.2 else addition
    return row


def _written_bsn(random: Random, bsn: str | None) -> str:
    if bsn is None:
        return ""
    drawn = random.random()
    if drawn < 0.04:
        return f"{bsn[:4]}.{bsn[4:6]}.{bsn[6:]}"
    return bsn[1:] if bsn[0] == "0" and drawn < 0.1 else bsn  # as a spreadsheet leaves it


def _mistyped(random: Random, bsn: str) -> str:
    """Another last digit: that always fails the elfproef, so it is nobody's BSN."""
    return bsn[:-1] + str((int(bsn[-1]) + random.randint(1, 9)) % 10)


def write_source(path: Path, made: Administration) -> None:
    """The administration as a CSV file, in the organisation's own dialect."""
    organisation = made.organisation
    with path.open("w", encoding=organisation.encoding, errors="replace", newline="") as file:
        writer = csv.DictWriter(file, list(made.rows[0]), delimiter=organisation.delimiter)
        writer.writeheader()
        writer.writerows(made.rows)


def mapping_text(organisation: Organisation) -> str:
    """The mapping file that says which of its columns hold what."""
    names = organisation.columns
    additions = [name for name in (names.letter, names.addition) if name]
    delimiter = {"\t": "tab"}.get(organisation.delimiter, f'"{organisation.delimiter}"')
    return f"""\
delimiter: {delimiter}
encoding: {organisation.encoding}
record_ref: {names.ref}
identifiers:
  bsn: {names.bsn}
  household:
    postcode: {names.postcode}
    house_number: {names.number}
    addition: [{", ".join(additions)}]
"""


def shared_by_bsn(asking: Administration, asked: Administration) -> dict[str, bool]:
    """The truth: for every reference of the asking side with a BSN, whether the asked side has that BSN."""
    known = set(asked.bsns.values())
    return {ref: bsn in known for ref, bsn in asking.bsns.items()}


def shared_by_address(asking: Administration, asked: Administration) -> dict[str, bool]:
    """The same by address."""
    known = set(asked.addresses.values())
    return {ref: address in known for ref, address in asking.addresses.items()}
