"""The organisations' client administrations as they would export them.

The truth about them comes from the people that were invented, never from the code under demonstration.
"""

import csv
from collections import Counter
from pathlib import Path
from random import Random
from typing import NamedTuple

from linkage_node.demo.people import Address, Person
from linkage_node.demo.registers import Organisation

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
_OF_ADDRESS = ("house_number_invalid", "identifier_incomplete")
_SHARE_WITHOUT_VALUE = 0.01  # of the rows, for each attribute
_SECRET, _NOT_SECRET = ("ja", "J", "1", "7", "true"), ("", "", "nee", "N", "0")


class Administration(NamedTuple):
    """What an organisation exports, and the truth about it."""

    organisation: Organisation
    rows: list[Row]
    persons: dict[str, Person]  # by reference, of every row that can be used for something
    bsns: dict[str, str]  # reference → BSN, of the rows whose BSN can be used
    addresses: dict[str, Address]  # reference → address, of the rows whose address can be used
    attributes: dict[str, Row]  # reference → attributes
    faults: Counter[str]  # reason code → rows with that fault, or with a secret address

    def keys(self, kind: str) -> dict[str, str] | dict[str, Address]:
        """Reference → what it is found by."""
        return self.bsns if kind == "bsn" else self.addresses


def administer(random: Random, organisation: Organisation, people: list[Person]) -> Administration:
    """The administration of an organisation: some of the people, some twice, some rows with faults."""
    base, pull = organisation.base, organisation.pull
    clients = [one for one in people if random.random() < base + pull * one.need**2]
    clients += random.sample(clients, len(clients) // 200)  # registered twice, under another reference
    random.shuffle(clients)
    made = Administration(organisation, [], {}, {}, {}, {}, Counter())
    for number, person in enumerate(clients):
        _add(random, made, f"{organisation.prefix}-{number + 1001}", person)
    return made


def _add(random: Random, made: Administration, ref: str, person: Person) -> None:
    names = made.organisation.columns
    fault = _fault(random, made, person)
    bsn = person.bsn if names.bsn else None
    written = _written(random, made.organisation, ref, person)
    if fault in ("bsn_fails_elfproef", "bsn_not_nine_digits"):
        bsn = None
    if fault:
        written |= _spoilt(random, made, person, written, fault)
    made.rows.append(written)
    if fault or person.secret:
        made.faults[fault or "address_secret"] += 1
    if fault in ("identifier_missing", "record_ref_duplicate"):
        return
    address = None if person.secret or fault in _OF_ADDRESS else person.address
    if bsn:
        made.bsns[ref] = bsn
    if address:
        made.addresses[ref] = address
    if bsn or address:
        made.persons[ref] = person
        made.attributes[ref] = {field.name: written[field.name] for field in made.organisation.fields}


def _spoilt(random: Random, made: Administration, person: Person, written: Row, fault: str) -> Row:
    """The columns of a row as this fault leaves them."""
    names = made.organisation.columns
    identifying = (names.bsn, names.postcode, names.number, names.letter, names.addition)
    match fault:
        case "bsn_fails_elfproef":
            return {names.bsn or "": _mistyped(random, person.bsn or "")}
        case "bsn_not_nine_digits":
            return {names.bsn or "": "onbekend"}
        case "house_number_invalid":
            return {names.number: f"t/o {written[names.number]}"}
        case "identifier_incomplete":
            return {names.postcode: ""}
        case "record_ref_duplicate":
            return {names.ref: random.choice(list(made.persons))}
        case _:
            return {column: "" for column in identifying if column}


def _fault(random: Random, made: Administration, person: Person) -> str | None:
    """Which fault the row gets, if any; a secret address is enough for one row."""
    drawn = random.random()
    if person.secret:
        return None
    for fault, share in _FAULTS.items():
        drawn -= share
        if drawn < 0:
            return fault if _possible(fault, made, person) else None
    return None


def _possible(fault: str, made: Administration, person: Person) -> bool:
    if fault.startswith("bsn_"):
        return bool(made.organisation.columns.bsn and person.bsn)
    return fault != "record_ref_duplicate" or bool(made.persons)


def _written(random: Random, organisation: Organisation, ref: str, person: Person) -> Row:
    """The person as a clerk typed him in: every clerk in his own way."""
    names, address = organisation.columns, person.address
    postcode = address.postcode
    if random.random() < 0.5:
        postcode = f"{postcode[:4]} {postcode[4:]}"
    if random.random() < 0.15:
        postcode = postcode.lower()
    addition = address.addition.lower() if random.random() < 0.3 else address.addition
    row = {names.ref: ref, names.name: f"{person.first_name} {person.last_name}"}
    if names.bsn:
        row[names.bsn] = _written_bsn(random, person.bsn)
    row |= {
        names.street: address.street,
        names.postcode: postcode,
        names.number: f"{address.house_number:05d}" if random.random() < 0.05 else str(address.house_number),
    }
    if names.letter is not None:
        row[names.letter] = addition if addition.isalpha() and len(addition) == 1 else ""
        row[names.addition] = "" if row[names.letter] else addition
    else:
        row[names.addition] = f"-{addition}" if addition and random.random() < 0.2 else addition
    row[names.secret] = random.choice(_SECRET if person.secret else _NOT_SECRET)
    for field in organisation.fields:
        value = address.district if field.of_address else _drawn(random, field.values)
        row[field.name] = "" if random.random() < _SHARE_WITHOUT_VALUE else value
    return row


def _drawn(random: Random, values: tuple[str, ...]) -> str:
    """One of the values, the first most often."""
    return random.choices(values, [1 / place for place in range(1, len(values) + 1)])[0]


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
