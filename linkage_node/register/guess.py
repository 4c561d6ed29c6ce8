"""Guessing a mapping from the names of columns: for a starter mapping, and for small files of persons."""

import codecs
from collections.abc import Sequence
from typing import Any

from linkage_node.errors import InputError
from linkage_node.register.layout import looks_like_data
from linkage_node.register.mapping import Mapping

# How columns are called in Dutch administrations, and the LO3 element numbers of the population register; compared
# without case, blanks and punctuation. The order is that of preference.
_NAMES = {
    "bsn": ("bsn", "010120", "burgerservicenummer", "burgerservicenr", "bsnnummer", "sofinummer", "sofinr"),
    "postcode": ("postcode", "081160", "postalcode", "zipcode"),
    "house_number": ("housenumber", "huisnummer", "081120", "huisnr"),
    "house_letter": ("huisletter", "081130", "houseletter"),
    "addition": (
        "addition",
        "toevoeging",
        "huisnummertoevoeging",
        "081140",
        "huisnrtoevoeging",
        "huistoevoeging",
        "housenumberaddition",
    ),
    "address_secret": (
        "addresssecret",
        "077010",
        "7010",
        "indicatiegeheim",
        "indicatiegeheimhouding",
        "indgeheim",
        "geheim",
        "geheimhouding",
        "geheimadres",
        "adresgeheim",
        "verstrekkingsbeperking",
        "indicatieverstrekkingsbeperking",
    ),
    "record_ref": (
        "recordref",
        "ref",
        "referentie",
        "clientnummer",
        "clientnr",
        "clientid",
        "klantnummer",
        "klantnr",
        "klantid",
        "relatienummer",
        "debiteurnummer",
        "dossiernummer",
        "zaaknummer",
        "kenmerk",
        "id",
    ),
}


def guess_encoding(sample: bytes) -> str:
    """The encoding that the first bytes of a file suggest."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)  # the last character may be cut
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def guess_mapping(header: Sequence[str]) -> Mapping:
    """The mapping that the column names suggest.

    InputError `header_is_data` if they are none, `column_missing` if no identifier is among them.
    """
    if looks_like_data(header):
        raise InputError("header_is_data", "line 1")
    found = {field: column for field in _NAMES if (column := _find(header, _NAMES[field])) is not None}
    identifiers: dict[str, Any] = {}
    secret = None
    if "bsn" in found:
        identifiers["bsn"] = found["bsn"]
    if "postcode" in found and "house_number" in found:
        additions = [_title(header, at) for at, name in enumerate(map(_plain, header)) if _is_addition(name)]
        identifiers["household"] = {
            "postcode": found["postcode"],
            "house_number": found["house_number"],
            **({"addition": additions} if additions else {}),
        }
        secret = found.get("address_secret")
    if not identifiers:
        raise InputError(
            "column_missing", "no column is called like an identifier: `bsn`, or `postcode`, `huisnummer`"
        )
    return Mapping.model_validate(
        {"identifiers": identifiers, "address_secret": secret, "record_ref": found.get("record_ref")}
    )


def _is_addition(name: str) -> bool:
    """Every column that may hold an addition counts: without it, 2 and 2A would be one household."""
    return name in _NAMES["house_letter"] + _NAMES["addition"] or ("toev" in name and "naam" not in name)


def _find(header: Sequence[str], names: Sequence[str]) -> str | int | None:
    """The first of `names` that the header has."""
    plain = [_plain(name) for name in header]
    return next((_title(header, plain.index(name)) for name in names if name in plain), None)


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _title(header: Sequence[str], at: int) -> str | int:
    """A column's name, or its number if the name stands twice."""
    title = header[at].strip()
    return title if [other.strip() for other in header].count(title) == 1 else at + 1
