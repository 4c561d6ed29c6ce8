"""The Dutch words of an agreement: one table of fields, with what each says, and one of values.

A path is that of a field in the agreement's model; `*` is an item of a list. What has no Dutch path of its own is a
section that Dutch does not have: its fields stand elsewhere.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Field(NamedTuple):
    """One field: where it stands in Dutch, and what it says in both languages."""

    dutch: str | None
    nl: str
    en: str


_OIN = Field("oin", "het OIN: 20 cijfers, tussen aanhalingstekens", "the OIN: 20 digits, in quotes")
_NAME = Field("naam", "de naam van de organisatie", "the organisation's name")
_KIND = Field(
    "soort",
    "wat voor organisatie dit is; de grondslag zegt welke soorten zij toelaat",
    "what kind of organisation this is; the legal basis says which it allows",
)
_ATTRIBUTE = Field(
    "gegeven",
    "de naam van het gegeven, zoals die organisatie het laadt: letters zonder accent, cijfers, spaties, `.`, `_`, `-`",
    "the attribute's name, as that organisation loads it: plain letters, digits, spaces, `.`, `_`, `-`",
)
_VALUES = Field(
    "waarden",
    "de waarden die elk een categorie zijn, tot op de letter, tussen aanhalingstekens",
    "the values that are a category each, to the letter, in quotes",
)
_OTHER = Field(
    "overigen",
    "met ja: een categorie voor alle anderen; zonder tellen zij niet mee",
    "with true: a category for everybody else; without it they are not counted",
)


def _within(english: str, dutch: str, fields: Mapping[str, Field]) -> dict[str, Field]:
    return {f"{english}.{name}": one._replace(dutch=f"{dutch}.{one.dutch}") for name, one in fields.items()}


_PARTY = {"oin": _OIN, "name": _NAME, "kind": _KIND}
_BREAKDOWN = {"attribute": _ATTRIBUTE, "values": _VALUES, "other": _OTHER}

FIELDS: dict[str, Field] = {
    "id": Field(
        "overeenkomst",
        "de korte naam van deze overeenkomst: kleine letters, cijfers, punten en streepjes, hoogstens 64",
        "the short name of this agreement: a-z, 0-9, dots and dashes, at most 64",
    ),
    "version": Field(
        "versie",
        "welke versie; gaat omhoog als u een andere tekst afspreekt",
        "which version; goes up when another text is agreed on",
    ),
    "purpose": Field(
        "doel",
        "het doel, in één regel van hoogstens 200 tekens; alleen een vraag met precies dit doel wordt beantwoord",
        "the purpose, in one line of at most 200 characters; only a question with exactly this purpose is answered",
    ),
    "purpose_category": Field(
        "doelcategorie",
        "onder welke soort doel dit valt; de grondslag zegt welke zij toelaat",
        "which category of purposes this is in; the legal basis says which it allows",
    ),
    "processing_activity": Field(
        "verwerkingsactiviteit",
        "de verwerkingsactiviteit in het register van art. 30 AVG, als adres (URI) zonder spaties",
        "the processing activity in the register of art. 30 AVG, as a URI",
    ),
    "legal_basis": Field(
        None, "het wetsartikel dat deze verwerking toelaat, in één regel", "the legal basis"
    ),
    "legal_basis.article": Field(
        "wetsartikel",
        "het wetsartikel dat deze verwerking toelaat, in één regel",
        "the article of law that allows this, in one line",
    ),
    "legal_basis.id": Field(
        "grondslag",
        "de grondslag, met de naam die zij in de catalogus heeft (`linkage-node policy legal-bases`)",
        "the legal basis, by its name in the catalogue (`linkage-node policy legal-bases`)",
    ),
    "requester": Field("partijen.vrager", "wie vraagt", "who asks"),
    **_within("requester", "partijen.vrager", _PARTY),
    "provider": Field(
        "partijen.antwoorder", "wie antwoordt, uit zijn eigen bestand", "who answers, from its register"
    ),
    **_within("provider", "partijen.antwoorder", _PARTY),
    "kinds": Field(
        "identificatie",
        "waarop wordt vergeleken: bsn, of huishouden (een adres, dus niet één mens)",
        "what people are found by: bsn, or household (an address, so not one person)",
    ),
    "answers": Field(
        "antwoorden",
        "wat wordt verteld: aantal (hoeveel), treffer (bekend of niet), gegevens (wat de sectie `gegevens` noemt)",
        "what is told: count (how many), hit (known or not), attributes (what the section `attributes` names)",
    ),
    "valid_from": Field("geldigheid.van", "de eerste dag, vanaf 00:00 UTC", "the first day, from 00:00 UTC"),
    "valid_until": Field(
        "geldigheid.tot_en_met", "de laatste dag, tot 24:00 UTC", "the last day, until 24:00 UTC"
    ),
    "limits": Field(
        "grenzen", "hoeveel er mag worden gevraagd", "how much may be asked, and how long results are kept"
    ),
    "limits.evaluations_per_day": Field(
        "grenzen.per_dag",
        "over hoeveel mensen of adressen op één dag (UTC) hoogstens wordt gevraagd",
        "elements that may be asked about in one day (UTC)",
    ),
    "limits.largest_query": Field(
        "grenzen.per_vraag", "over hoeveel mensen of adressen in één vraag", "elements in one query"
    ),
    "limits.result_retention_days": Field(
        "bewaartermijn",
        "zoveel dagen bewaart het knooppunt van de vrager de uitkomst",
        "days that the requester's node keeps results",
    ),
    "epoch_days": Field(
        "sleutelperiode",
        "na zoveel dagen zijn er nieuwe sleutels en zijn de oude vernietigd",
        "after so many days keys are new and old ones destroyed",
    ),
    "tag_set": Field("lijst", "hoe de lijst van de antwoorder reist", "how the provider's tag set travels"),
    "tag_set.bucket": Field(
        "lijst.veelvoud",
        "de lijst wordt opgevuld tot een veelvoud hiervan",
        "the set is padded to a multiple of so many entries",
    ),
    "tag_set.changes": Field(
        "lijst.wijzigingen",
        "elke wijziging voegt er zoveel toe en neemt er zoveel weg, wat er ook veranderde",
        "each delta adds and removes so many entries, whatever changed",
    ),
    "tag_set.every_hours": Field(
        "lijst.elke_uren", "uren tussen twee wijzigingen", "hours between two deltas"
    ),
    "proof": Field(
        "bewijs",
        "met ja bewijst elk antwoord dat de afgesproken sleutel is gebruikt",
        "with true every answer proves that the agreed key was used",
    ),
    "receipts": Field(
        "treffers_melden",
        "met ja meldt de vrager zijn treffers, zodat de antwoorder zijn cliënt kan inlichten",
        "with true the requester reports its hits, so that the provider can tell its client",
    ),
    "count": Field("tellingen", "wat er mag worden geteld", "what may be counted"),
    "count.requester_bucket": Field(
        "tellingen.vak_vrager",
        "hoeveel mensen er in een categorie van de vrager passen; opgevuld tot dat aantal",
        "room of each of the requester's categories; padded to it",
    ),
    "count.provider_bucket": Field(
        "tellingen.vak_antwoorder",
        "hetzelfde bij de antwoorder, 50 verborgen proefstukken inbegrepen",
        "the same of the provider's, 50 hidden test elements included",
    ),
    "count.smallest_set": Field(
        "tellingen.kleinste_groep",
        "zoveel mensen heeft elk van beide organisaties er minstens in een vraag",
        "persons that each organisation has in a question at the least",
    ),
    "count.smallest_cell": Field(
        "tellingen.kleinste_getal",
        "een kleiner getal, na de ruis, wordt niet verteld",
        "a smaller number, after noise, is not told",
    ),
    "count.series_days": Field(
        "tellingen.reeks_bewaren",
        "zoveel dagen worden de getallen van een vraag die zich herhaalt bewaard",
        "days that numbers of a question that repeats are kept",
    ),
    "count.questions": Field(
        "tellingen.vragen", "de vragen die mogen worden gesteld", "the questions that may be asked"
    ),
    "count.questions.*.id": Field(
        "tellingen.vragen.*.vraag",
        "de korte naam van de vraag: kleine letters, cijfers, punten en streepjes",
        "the question's short name: a-z, 0-9, dots and dashes",
    ),
    "count.questions.*.title": Field("tellingen.vragen.*.titel", "wat er wordt geteld", "what is counted"),
    "count.questions.*.epsilon": Field(
        "tellingen.vragen.*.epsilon",
        "wat het antwoord kost: een getal zoals 0.5, met een punt en zonder aanhalingstekens; groter is nauwkeuriger en"
        " beschermt minder",
        "what the answer costs: a number such as 0.5; larger is more exact and protects less",
    ),
    "count.questions.*.every": Field(
        "tellingen.vragen.*.periode",
        "in elk daarvan is er één antwoord: dag, week, maand, kwartaal of jaar (UTC)",
        "one answer in each: day, week, month, quarter or year (UTC)",
    ),
    "count.questions.*.by_requester": Field(
        "tellingen.vragen.*.naar_vrager",
        "de rijen: een gegeven van de vrager",
        "the rows: an attribute of the requester",
    ),
    **_within("count.questions.*.by_requester", "tellingen.vragen.*.naar_vrager", _BREAKDOWN),
    "count.questions.*.by_provider": Field(
        "tellingen.vragen.*.naar_antwoorder",
        "de kolommen: een gegeven van de antwoorder",
        "the columns: an attribute of the provider",
    ),
    **_within("count.questions.*.by_provider", "tellingen.vragen.*.naar_antwoorder", _BREAKDOWN),
    "attributes": Field(
        "gegevens", "wat van een gedeelde cliënt mag worden verteld", "what may be told of a shared client"
    ),
    "attributes.names": Field(
        "gegevens.namen",
        "welke gegevens: namen zoals de antwoorder ze laadt; letters zonder accent, cijfers, spaties, `.`, `_`, `-`",
        "which attributes, as the provider loads them: plain letters, digits, spaces, `.`, `_`, `-`",
    ),
    "attributes.largest": Field(
        "gegevens.per_vraag",
        "van hoeveel mensen hoogstens in één vraag; een vraag met meer treffers wordt geweigerd",
        "persons in one question; one with more hits is refused",
    ),
    "attributes.per_token": Field(
        "gegevens.per_mens",
        "hoe vaak hoogstens voor één mens in één sleutelperiode",
        "times for one person in one epoch",
    ),
}

# Sections that only Dutch has: what stands in them stands elsewhere in the model.
GROUPS = {
    "partijen": "wie vraagt en wie antwoordt; de omgekeerde richting is een andere overeenkomst",
    "geldigheid": "de eerste en de laatste dag",
}

_YES_OR_NO: dict[str, str | bool] = {"ja": True, "nee": False}
_ORGANISATIONS: dict[str, str | bool] = {
    "gemeente": "municipality",
    "kredietbank": "credit_bank",
    "schuldhulp": "debt_help",
    "woningcorporatie": "housing_association",
    "energieloket": "energy_desk",
    "energieleverancier": "energy_supplier",
    "drinkwaterbedrijf": "water_company",
    "zorgverzekeraar": "health_insurer",
    "zorgaanbieder": "care_provider",
    "jeugdhulp": "youth_care",
    "uitkeringsinstantie": "benefits_agency",
    "welzijnsorganisatie": "welfare_organisation",
    "samenwerkingsverband": "statutory_partnership",
}

# By field: Dutch word to that of the model. A word that stands here in neither language is left as it is.
VALUES: dict[str, dict[str, str | bool]] = {
    "purpose_category": {
        "niet_gebruik": "unclaimed_benefits",
        "vroegsignalering": "early_signals_of_debt",
        "intake": "intake",
        "multiproblematiek": "multi_problem_households",
        "sturingsinformatie": "steering_information",
        "wie_te_bellen": "whom_to_call",
    },
    "requester.kind": _ORGANISATIONS,
    "provider.kind": _ORGANISATIONS,
    "kinds": {"bsn": "bsn", "huishouden": "household", "persoon": "person"},
    "answers": {"aantal": "count", "treffer": "hit", "gegevens": "attributes"},
    "proof": _YES_OR_NO,
    "receipts": _YES_OR_NO,
    "count.questions.*.every": {
        "dag": "day",
        "week": "week",
        "maand": "month",
        "kwartaal": "quarter",
        "jaar": "year",
    },
    "count.questions.*.by_requester.other": _YES_OR_NO,
    "count.questions.*.by_provider.other": _YES_OR_NO,
}
