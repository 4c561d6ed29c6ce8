"""Mapping files: what they may say, and how faults are told."""

from pathlib import Path

import pytest

from linkage_node.errors import InputError
from linkage_node.register.guess import guess_encoding, guess_mapping
from linkage_node.register.mapping import Mapping, load_mapping
from linkage_node.yaml_model import parse_model

FULL = """\
delimiter: tab
encoding: Windows-1252
record_ref: client
identifiers:
  bsn: burgerservicenummer
  household:
    postcode: pc
    house_number: 4
    addition: [letter, extra]
attributes:
  city: woonplaats
"""
HEADER = ["client", "burgerservicenummer", "pc", "nr", "letter", " extra ", "woonplaats"]


def parsed(text: str) -> Mapping:
    """A mapping out of YAML text."""
    return parse_model(text, Mapping, "m.yaml")


def test_everything_that_can_be_said() -> None:
    """Names, numbers, several columns for one field, the short form, a delimiter and an encoding by its usual name."""
    mapping = parsed(FULL)
    layout = mapping.layout(HEADER)
    assert (mapping.delimiter, mapping.encoding) == ("\t", "cp1252")
    assert layout.identifiers == {
        "bsn": {"bsn": (1,)},
        "household": {"postcode": (2,), "house_number": (3,), "addition": (4, 5)},
    }
    assert (layout.ref, layout.attributes, layout.width) == (0, {"city": 6}, 7)
    assert layout.used == (0, 1, 2, 3, 4, 5, 6)
    assert layout.labels["house_number"] == "#4"
    assert layout.labels["addition"] == "letter, extra"
    assert layout.labels["identifiers"] == "burgerservicenummer, pc, #4, letter, extra"


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("identifiers:\n  bsn: a\n  passport: b\n", 3, "identifiers.passport"),
        ("identifiers:\n  household:\n    postcode: a\n", 2, "identifiers.household.house_number"),
        ("identifiers:\n  bsn:\n    bsn: a\n    extra: b\n", 4, "identifiers.bsn.extra"),
        ("identifiers:\n  bsn: [a, b]\n", 2, "identifiers.bsn.bsn"),
        ("identifiers:\n  bsn: 0\n", 2, "identifiers.bsn.bsn"),
        ("identifiers:\n  household: a\n", 2, "identifiers.household"),
        ("encoding: utf-8\nidentifiers: {}\n", 2, "identifiers"),
        ("encoding: utf-8\n", 1, "identifiers"),
        ("identifiers: {bsn: a}\nencoding: klingon\n", 2, "encoding"),
        ("identifiers: {bsn: a}\nencoding: base64\n", 2, "encoding"),
        ("identifiers: {bsn: a}\ndelimiter: ';;'\n", 2, "delimiter"),
        ("identifiers: {bsn: a}\ndelimiter: '\"'\n", 2, "delimiter"),
        ("identifiers: {bsn: a}\nrecord_ref: a\n", 2, "record_ref"),
        ("identifiers: {bsn: a}\nattributes:\n  number: a\n", 2, "attributes"),
        ("identifiers: {bsn: a}\nattributes:\n  diâgnose: b\n", 3, "attributes.diâgnose.[key]"),
        ("identifiers: {bsn: a}\nseparator: ';'\n", 2, "separator"),
    ],
)
def test_faults_are_told_with_line_and_field(text: str, line: int, field: str) -> None:
    """Each fault names the file, its line and the field."""
    with pytest.raises(InputError) as raised:
        parsed(text)
    assert raised.value.code == "config_invalid"
    assert f"m.yaml:{line}: {field}: " in raised.value.detail


@pytest.mark.parametrize(
    ("header", "mapping", "code", "says"),
    [
        (["ref", "name"], {"bsn": "bsn"}, "column_missing", "`bsn`; the header has 2 columns"),
        (["ref", "Bsn"], {"bsn": "bsn"}, "column_missing", "did you mean `Bsn`?"),
        (["ref", "name"], {"bsn": 3}, "column_missing", "`#3`"),
        (["ref;bsn"], {"bsn": "bsn"}, "delimiter_wrong", "`bsn`"),
        (["bsn", "a", "bsn"], {"bsn": "bsn"}, "column_ambiguous", "`bsn` stands at 1, 3"),
        (["1", "999990019"], {"bsn": "bsn"}, "header_is_data", "line 1"),
        (["r\0e\0f\0", "b\0s\0n\0"], {"bsn": "bsn"}, "encoding_invalid", "`bsn`"),
        (["ref", "bs\udcff"], {"bsn": "bsn"}, "encoding_invalid", "`bsn`"),
    ],
)
def test_a_header_that_does_not_fit(header: list[str], mapping: dict[str, str], code: str, says: str) -> None:
    """The error says the likeliest cause, and never quotes a first line that may be data."""
    with pytest.raises(InputError) as raised:
        Mapping.model_validate({"identifiers": mapping}).layout(header)
    assert raised.value.code == code
    assert says in raised.value.detail
    assert "99999" not in raised.value.detail


def test_a_name_twice_in_the_header_matters_only_when_used() -> None:
    """Unused columns may share a name, and a number tells them apart."""
    header = ["x", "bsn", "x", ""]
    assert Mapping.model_validate({"identifiers": {"bsn": "bsn"}}).layout(header).ref is None
    assert Mapping.model_validate({"identifiers": {"bsn": "bsn"}, "record_ref": 3}).layout(header).ref == 2


@pytest.mark.parametrize("where", [{"record_ref": 2}, {"attributes": {"number": 2}}])
def test_the_identifier_is_not_kept_under_a_number_either(where: dict[str, object]) -> None:
    """A name and a number that mean the same column are found out under the header."""
    with pytest.raises(InputError, match="config_invalid"):
        Mapping.model_validate({"identifiers": {"bsn": "bsn"}} | where).layout(["ref", "bsn"])


def test_a_mapping_file_is_read(tmp_path: Path) -> None:
    """From a file as from text; a file that is not there is told as such."""
    path = tmp_path / "m.yaml"
    path.write_text(FULL)
    assert load_mapping(path) == parsed(FULL)
    with pytest.raises(InputError, match="file_missing"):
        load_mapping(tmp_path / "none.yaml")


def test_guessing_from_names() -> None:
    """LO3 element numbers and common Dutch names are known; a name that stands twice is given by number."""
    lo3 = guess_mapping(["", "01.01.20", "08.11.20", "08.11.30", "08.11.40", "08.11.60"])
    assert lo3.columns() == {
        "bsn": {"bsn": ("01.01.20",)},
        "household": {
            "postcode": ("08.11.60",),
            "house_number": ("08.11.20",),
            "addition": ("08.11.30", "08.11.40"),
        },
    }
    own = guess_mapping(["Klant-nummer", "BSN", "naam", "BSN"])
    assert own.record_ref == "Klant-nummer"
    assert own.columns() == {"bsn": {"bsn": (2,)}}


@pytest.mark.parametrize(
    ("header", "code"), [(["naam", "plaats"], "column_missing"), (["1", "999990019"], "header_is_data")]
)
def test_nothing_to_guess_from(header: list[str], code: str) -> None:
    """No identifier among the names, or no names at all: said, not guessed."""
    with pytest.raises(InputError) as raised:
        guess_mapping(header)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("sample", "encoding"),
    [
        ("België".encode(), "utf-8"),
        ("België".encode()[:5], "utf-8"),  # cut in the middle of a character
        ("België;".encode("cp1252"), "cp1252"),
        ("België".encode("utf-16"), "utf-16"),
        (b"", "utf-8"),
    ],
)
def test_guessing_the_encoding(sample: bytes, encoding: str) -> None:
    """The first bytes of a file tell its encoding well enough for a starter mapping."""
    assert guess_encoding(sample) == encoding
