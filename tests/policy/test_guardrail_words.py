"""Names and values that guardrails find, and that they leave alone: Dutch writes compounds as one word."""

import re
from itertools import product
from typing import Any

import pytest

from linkage_node.limits import (
    COUNT_SMALLEST_CELL_ADVISED,
    COUNT_SMALLEST_SET_ADVISED,
    EPSILON_IN_PRODUCTION,
)
from linkage_node.policy.rego import Rego
from linkage_node.policy.verdicts import findings
from tests.policy.corpus import AGREEMENTS, CATALOGUE, RULES
from tests.policy.oracle import against

_PARTS = ["status", "code", "nummer", "klant", "client", "indicatie", "uitkering", "datum", "soort"]
_LISTS = [RULES[name] for name in RULES if name.endswith(("special_categories.rego", "never_told.rego"))]
_WORDS = sorted(
    {word for text in _LISTS for line in re.findall("`([a-z| ]+)`", text) for word in line.split()}
)
_ANCHORED = sorted({word.replace("|", "") for word in _WORDS if "|" in word})
COMPOUNDS = [name for word, part in product(_ANCHORED, _PARTS) for name in (word + part, part + word)]

_EVASIONS = """
klantbsnnummer huurderbsnnummer persoonsbsn bsnhouder b.s.n bs_n p999990019 p.9999.90.019 sofinummerklant
clientanummer kansklasse hivstatus klanthiv wiauitkering clientwajong waostatus adhdklant lvbindicatie vogstatus
tbsklant gestraft opgelegdestraf strafdatum ishomo heeftadhd joodsgezin turksgezin kerkgemeente parochie gezindte
behandelplan hoofdbehandelaar aandoening chronisch dbc dbccode epd fnvlid geb_land land_ouders landVanOorsprong
oorsprong ramadan hoofddoek veroord gedetin rasgroep
"""

_INNOCENT = """
team desk phone email telephone telefoon telefoonnummer mobiel counsellor contactpersoon klantmanager
consulent bereikbaarheid bereikbaar_op voorkeurstijd voorkeurskanaal thuissituatie woonsituatie
gezinssituatie gezinssamenstelling huishoudtype huishoudgrootte aantal_kinderen kinderen_thuis leeftijd
leeftijdsklasse leeftijdsgroep geboortejaar geslacht gender burgerlijke_staat alleenstaand partner wijk
buurt district stadsdeel gemeente kern regio woonplaats straatnaam huisnummer postcode postcode4 pc4 adres
woonadres correspondentieadres verblijfplaats stage fase status statuscode trajectstatus traject
soort_traject trajectduur startdatum einddatum ingangsdatum datum_aanmelding aanmelddatum intake intakedatum
aanmelding aanvraag aanvraagnummer zaaknummer zaakstatus dossiernummer klantnummer clientnummer
relatienummer contractnummer meternummer polisnummer agendanummer datanummer referentie kenmerk regeling
soort_uitkering uitkering uitkeringssoort inkomen inkomensklasse inkomensbron schuldbedrag schuldhoogte
hoogte_achterstand betaalstatus betaling betaalregeling aflossing aflosbedrag beslag beschermingsbewind
bewindvoerder budgetbeheer schuldeiser aantal_schuldeisers huur huurachterstand huurklasse koop woningtype
bouwjaar energielabel energietoeslag energiecontract leverancier voorschot verbruik verbruiksklasse
meterstand afsluitdatum opleiding opleidingsniveau werk werkstatus werkgever arbeidsduur contracturen
vrijwilliger jeugdhulp begeleiding begeleider hulpverlener hulpvraag doel doelgroep resultaat evaluatiedatum
evaluatie besluit besluitdatum bezwaar reden_einde reden_aanmelding uitstroom uitstroomreden wachtlijst
wachttijd prioriteit urgentie terugbelverzoek opmerking toelichting taal tolk_nodig naam voornaam achternaam
initialen aanhef rekening_houder kredietbank loket balie kanaal afspraak afspraakdatum behandelaar huisarts
kanskaart terras trace trace_type websnelheid jobsnaam naturalisten_geen_lid archivering vogelvereniging
homogeen asterisk ongelooflijk discriminatiemelding kwaliteit activiteit actiecode validatie geldigheid
beleid geleidecode
"""
_FALSE_ALARMS = {"naturalisten_geen_lid"}  # the stem of naturalisation: another name has to be found

DISTRICTS = (
    """
1945-1970|1980-1990|1000-2000 euro|5.000-10.000|100.000 of meer|18-64 jr|6-12 mnd|Q1 2024|2020 tot 2025|in 2024|na 1980
t/m 1990|1011|1011-1015|1011 en 1012|1012 De Pijp|GM1680|WK036301|BU03630001|NL 1011|PC1011|Wijk 12|Stadsdeel 3
Laan 1940|Oude Straat-buurt|De Langstraat|Amsterdamsestraatweg e.o.|Kerk en Zanen|Park Anker|Turkenburg|Jodenbreestraat
Parochiebuurt|Terras|bijstand|WW|met BSN|paspoort|intake|advies|nazorg|ja|nee|A|B|AB|12|2-persoons|3 of meer kinderen
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

SMALL = (
    """
1011AB|AB1011|ab 1011|10-11AB|10.11.AB|1O11AB|1o11 ab|IOII AB|Dorpsstr 12|Dorpsstr. 12|Kerkpad 12|Plantsoen 3|Zeedijk 9
Boulevard 4|Zonnehof 7a|Kerkstraat|12
""".replace("\nBoulevard", "|Boulevard")
    .replace("Kerkstraat|12\n", "Kerkstraat 12")
    .strip()
    .split("|")
)

PERSONS = [
    "999990019",
    "0999990019",
    "9999.90.019",
    "9999-90-019",
    "BSN 999990019",
    "99 99 90 019",
    "99999001",
    "BU999990019",
]


def _told(names: list[str]) -> dict[str, set[str]]:
    """Of each name that something is found in, the codes; thirty at a time, as many as an agreement has."""
    told: dict[str, set[str]] = {}
    for start in range(0, len(names), 30):
        some = names[start : start + 30]
        agreement: dict[str, Any] = {**AGREEMENTS["example-whom-to-call"], "attributes": {"names": some}}
        for one in findings(RULES, CATALOGUE, agreement):
            if one.field.startswith("attributes.names."):
                told.setdefault(some[int(one.field.rpartition(".")[2])], set()).add(one.code)
    return told


def _counted(values: list[str], attribute: str = "groep") -> set[str]:
    """The codes of what is found in a count by these values."""
    return {
        one.code for one in findings(RULES, CATALOGUE, _agreement({"attribute": attribute, "values": values}))
    }


def _agreement(by_provider: dict[str, Any], by_requester: dict[str, Any] | None = None) -> dict[str, Any]:
    agreement = AGREEMENTS["example-steering-information"]
    question = {"id": "one", "epsilon": 0.5, "by_provider": by_provider}
    if by_requester:
        question["by_requester"] = by_requester
    return {**agreement, "count": {**agreement["count"], "questions": [question]}}


def test_words_with_edges_are_found_in_compounds() -> None:
    """Each such word of the lists, with each of nine ordinary parts before and behind it."""
    assert len(COMPOUNDS) > 1_000
    assert set(COMPOUNDS) - _told(COMPOUNDS).keys() == set()


def test_evasions_are_found() -> None:
    """What an attacker called his columns."""
    assert set(_EVASIONS.split()) - _told(_EVASIONS.split()).keys() == set()


def test_ordinary_names_can_be_told() -> None:
    """What the social domain calls its columns; of nearly two hundred one asks for another name."""
    assert len(_INNOCENT.split()) > 180
    assert _told(_INNOCENT.split()).keys() == _FALSE_ALARMS


def test_ordinary_values_can_be_counted_by() -> None:
    """Districts, years, amounts, codes."""
    assert {value for value in DISTRICTS if _counted([value])} == set()


@pytest.mark.parametrize(("values", "code"), [(SMALL, "area_sweep"), (PERSONS, "attribute_never")])
def test_values_that_point_at_someone_are_found(values: list[str], code: str) -> None:
    """Each alone, and among others; the rules in plain Python find them too."""
    for value in values:
        assert _counted([value]) == {code}, value
        assert _counted(["North", value, "South"]) == {code}, value
        assert against(_agreement({"attribute": "groep", "values": [value]}), CATALOGUE)


@pytest.mark.parametrize(
    "attribute",
    ["postcode", "postcode6", "postcode_5", "pc6", "bagid", "bag_id", "pandid", "pand", "letters"],
)
def test_nothing_is_counted_by_an_address(attribute: str) -> None:
    """Whatever its values are called."""
    assert _counted(["A", "B"], attribute) == {"area_sweep"}


@pytest.mark.parametrize("cut", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("turned", [False, True])
def test_two_breakdowns_make_no_postcode(cut: int, turned: bool) -> None:
    """Wherever it is cut, and whichever side has which part."""
    sides = [{"attribute": "groep", "values": [part, "x y z"]} for part in ("1011AB"[:cut], "1011AB"[cut:])]
    agreement = _agreement(*reversed(sides)) if turned else _agreement(*sides)
    found = findings(RULES, CATALOGUE, agreement)
    assert [(one.code, one.field) for one in found] == [("area_sweep", "count.questions.0")]
    assert against(agreement, CATALOGUE)


def test_the_bounds_of_counts_are_those_of_the_limits() -> None:
    """The rules name the numbers below which the node warned before, and the epsilon of the limits."""
    bounds = Rego(RULES, {}, "linkage/match/count_bounds").answer({})
    assert bounds == {
        "smallest_set": COUNT_SMALLEST_SET_ADVISED,
        "smallest_cell": COUNT_SMALLEST_CELL_ADVISED,
        "epsilon": EPSILON_IN_PRODUCTION,
    }
