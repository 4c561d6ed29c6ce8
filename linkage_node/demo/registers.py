"""The five organisations, and how each calls its columns."""

from typing import NamedTuple

from linkage_node.demo.people import DISTRICTS


class Columns(NamedTuple):
    """How an organisation calls its columns. `bsn` None: it may not hold that. `letter` None: it is in `addition`."""

    ref: str
    name: str
    bsn: str | None
    street: str
    postcode: str
    number: str
    letter: str | None
    addition: str
    secret: str


class Field(NamedTuple):
    """An attribute: the column of its name holds one of `values`, the first more often than the last.

    `of_address`: it holds the part of the town that the address is in.
    """

    name: str
    values: tuple[str, ...]
    of_address: bool = False


class Organisation(NamedTuple):
    """One invented organisation. It knows somebody with the chance `base` + `pull` · need²."""

    key: str
    name: str
    oin: str
    kind: str  # in the catalogue of legal bases
    prefix: str
    base: float
    pull: float
    delimiter: str
    encoding: str
    columns: Columns
    fields: tuple[Field, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """What its clients can be found by."""
        return ("bsn", "household") if self.columns.bsn else ("household",)


_EXTENSIONS = tuple(f"toestel {number}" for number in range(2101, 2113))  # telephones that ring nowhere

TOWN = Organisation(
    "gemeente", "Gemeente Meerwijk", "00000099000000010000", "municipality",
    "GM", 0.2, 0.6, ";", "utf-8",
    Columns(
        "clientnummer", "naam", "bsn", "straat", "postcode", "huisnummer", "huisletter", "toevoeging", "geheim"
    ),
    (Field("wijk", DISTRICTS, of_address=True),),
)  # fmt: skip
BANK = Organisation(
    "kredietbank", "Kredietbank De Brug", "00000099000000020000", "credit_bank",
    "KB", 0.05, 0.35, ",", "cp1252",
    Columns(
        "dossiernummer", "klant", "burgerservicenummer", "adres", "postcode", "huisnr", None, "toevoeging",
        "adres geheim",
    ),
    (
        Field("soort_traject", ("stabilisatie", "bemiddeling", "sanering", "budgetbeheer")),
        Field("behandelaar", ("A. Postma", "F. Benali", "J. Kuipers", "S. Ramdin")),
        Field("telefoon", _EXTENSIONS),
    ),
)  # fmt: skip
DESK = Organisation(
    "energieloket", "Energieloket Meerwijk", "00000099000000030000", "benefits_agency",
    "EL", 0.12, 0.45, "\t", "utf-8",
    Columns(
        "id", "bewoner", "bsn", "straatnaam", "postcode", "huisnummer", None, "huisnummertoevoeging",
        "indicatie_geheim",
    ),
    (Field("regeling", ("energietoeslag", "noodfonds", "isolatie")),),
)  # fmt: skip
HOMES = Organisation(
    "corporatie", "Woningcorporatie De Werf", "00000099000000040000", "housing_association",
    "WC", 0.15, 0.25, ";", "utf-8",
    Columns(
        "huurdernummer", "huurder", None, "straat", "postcode", "nummer", None, "toevoeging", "geheim_adres"
    ),
    (Field("huurachterstand", ("geen", "een maand", "langer")),),
)  # fmt: skip
TEAM = Organisation(
    "wijkteam", "Wijkteam Meerwijk", "00000099000000050000", "municipality",  # it carries out the Wmo for the town
    "WT", 0.02, 0.3, ",", "utf-8",
    Columns(
        "casusnummer", "naam", "bsn", "straat", "postcode", "huisnummer", None, "toevoeging", "geheim"
    ),
    (
        Field("regisseur", ("L. Hoekstra", "M. Yılmaz", "R. de Wit")),
        Field("telefoon", _EXTENSIONS),
    ),
)  # fmt: skip
ORGANISATIONS = (TOWN, BANK, DESK, HOMES, TEAM)


def mapping_text(organisation: Organisation) -> str:
    """The mapping file that says which of its columns hold what."""
    names = organisation.columns
    additions = [name for name in (names.letter, names.addition) if name]
    delimiter = {"\t": "tab"}.get(organisation.delimiter, f'"{organisation.delimiter}"')
    bsn = f"  bsn: {names.bsn}\n" if names.bsn else ""
    attributes = "".join(f"  {field.name}: {field.name}\n" for field in organisation.fields)
    return f"""\
delimiter: {delimiter}
encoding: {organisation.encoding}
record_ref: {names.ref}
identifiers:
{bsn}  household:
    postcode: {names.postcode}
    house_number: {names.number}
    addition: [{", ".join(additions)}]
address_secret: {names.secret}
attributes:
{attributes}"""
