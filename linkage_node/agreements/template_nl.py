"""The words of a new agreement in Dutch; `template_en` says the same in English.

A line whose value is not given stands there as a comment, with the value that `EXAMPLES` has.
"""

from linkage_node.agreements.template_cases import CaseWords

TO_FILL_IN = "NOG IN TE VULLEN"
ARTICLE = f"{TO_FILL_IN}: het wetsartikel dat dit toestaat"
OIN = f"{TO_FILL_IN}: het OIN, 20 tekens"
KIND = f"{TO_FILL_IN}: {{kind}}, als dat klopt"
NEEDED = f"{TO_FILL_IN}: zet neer wat klopt, en haal het eerste # weg"
NAMES = {"telephone": "telefoon", "counsellor": "hulpverlener"}  # of attributes, where they are other words
YES_OR_NO = {True: "ja", False: "nee"}
# A line that may be left out tells its default, or how it could be filled in.
EXAMPLES = {
    "purpose_category": "intake",
    "legal_basis": "wgs-4a",
    "requester_kind": "gemeente",
    "provider_kind": "kredietbank",
    "receipts": "nee",
    "requester_name": "Gemeente Voorbeeldstad",
    "provider_name": "Kredietbank Voorbeeldstad",
}

AGREEMENT = """\
# Een overeenkomst tussen twee organisaties. Beide voegen precies hetzelfde bestand toe, met
# `linkage-node agreements add BESTAND`; één ander woord maakt er een andere overeenkomst van. Wat na `# standaard:`
# staat, mag u zo laten. `linkage-node agreements check BESTAND` kijkt het na.
overeenkomst: {id}
versie: 1 # gaat omhoog als u een andere tekst afspreekt
# Het doel, in één regel: alleen een vraag met precies dit doel wordt beantwoord.
doel: {purpose}
doelcategorie: {purpose_category} # onder welke soort doel dit valt; de grondslag zegt welke zij toelaat
# De verwerkingsactiviteit in het register van art. 30 AVG, als URI:
# verwerkingsactiviteit: https://register.example.nl/verwerkingsactiviteiten/...
# De grondslag, met haar naam in de catalogus; `linkage-node policy legal-bases` noemt ze. Zij bepaalt welke
# organisaties, welke identificatie en welke antwoorden er mogen zijn. Of zij in uw geval klopt, gaat u zelf na.
grondslag: {legal_basis}
wetsartikel: {article}
partijen:
  vrager: # vraagt, alleen over eigen cliënten
    oin: {requester_oin}
    naam: {requester_name}
    soort: {requester_kind} # zonder BSN-bevoegdheid, zoals een woningcorporatie: geen bsn bij `identificatie`
  antwoorder: # antwoordt, uit zijn eigen bestand
    oin: {provider_oin}
    naam: {provider_name}
    soort: {provider_kind}
identificatie: {kinds} # waarop wordt vergeleken: bsn, huishouden (een adres, dus niet één mens)
antwoorden: {answers} # wat wordt verteld: aantal < treffer (bekend of niet) < gegevens
geldigheid:
  van: {valid_from} # vanaf 00:00 UTC
  tot_en_met: {valid_until} # de laatste dag, tot 24:00 UTC
# Hoe ruimer de grenzen, hoe meer mensen tegelijk worden vergeleken. Kies ze zo laag als het doel toelaat; 100000 is
# wat er zonder sjabloon staat, geen advies.
grenzen:
  per_dag: {evaluations_per_day} # mensen of adressen waarover op één dag (UTC) wordt gevraagd, hoogstens
  per_vraag: {largest_query} # over hoeveel in één vraag
bewaartermijn: {retention_days} # zoveel dagen bewaart de vrager de uitkomst in zijn knooppunt; daarna is zij weg
treffers_melden: {receipts} # ja: de antwoorder hoort wie is gevonden en kan het hem zeggen; nee: hij hoort niets
# sleutelperiode: 28 # standaard: na zoveel dagen zijn er nieuwe sleutels en zijn de oude vernietigd
# lijst: # hoe de lijst van de antwoorder reist; haar lengte zegt de vrager tot op een vak na hoeveel mensen hij heeft
#   veelvoud: 4096 # standaard: de lijst wordt opgevuld tot een veelvoud hiervan
#   wijzigingen: 256 # standaard: elke wijziging voegt er zoveel toe en neemt er zoveel weg, wat er ook veranderde
#   elke_uren: 24 # standaard: uren tussen twee wijzigingen
# bewijs: nee # standaard: geen bewijs bij elk antwoord dat de afgesproken sleutel is gebruikt
"""

COUNT = """\
# Wat er mag worden geteld: hoeveel cliënten beide hebben. Hiervoor moet `aantal` bij de antwoorden staan. De antwoorder
# leert de aantallen precies, de vrager met ruis. Elke vraag kost epsilon, van wat het bestand van de antwoorder in een
# jaar mag vertellen (`count.epsilon_per_year` in zijn node.yaml); in dezelfde periode krijgt dezelfde vraag hetzelfde
# antwoord, en dat kost niets.
tellingen:
  # Elke categorie reist met zoveel stuks, mensen en vulling samen, zodat niemand ziet hoe groot zij is. Kies minstens
  # 1000, en meer dan de grootste categorie in de looptijd wordt: past zij niet, dan komt er geen antwoord
  # (category_full).
  vak_vrager: {requester_bucket} # keer het aantal categorieën in naar_vrager: hoogstens per_vraag
  vak_antwoorder: {provider_bucket} # waarvan 50 verborgen proefstukken
  kleinste_groep: 100 # standaard: zoveel mensen heeft elk van beide organisaties er minstens in
  kleinste_getal: 10 # standaard: een kleiner getal, na de ruis, wordt niet verteld
  reeks_bewaren: 730 # hoeveel dagen de getallen van een vraag die zich herhaalt worden bewaard
  vragen:
    - vraag: both
      titel: Cliënten van beide organisaties
      epsilon: 0.5 # 95 van de 100 antwoorden zitten er hoogstens 6 naast; met 1.0 hoogstens 3, met 0.1 hoogstens 30
      periode: maand # dag, week, maand, kwartaal of jaar (UTC): in elk is er één antwoord
      # Een tabel heeft een rij voor elke waarde van de vrager en een kolom voor elke waarde van de antwoorder:
      # naar_vrager:
      #   gegeven: wijk # een gegeven dat de vrager in zijn bestand laadt, tot op de letter zo gespeld
      #   waarden: [Centrum, Noord, Zuid]
      #   overigen: ja # een categorie voor alle anderen; zonder deze regel tellen zij niet mee
      # naar_antwoorder:
      #   gegeven: fase
      #   waarden: [intake, advies]
"""

ATTRIBUTES = """\
# Wat er van een gedeelde cliënt mag worden verteld, in een zaak, en niets anders. Hiervoor moet `gegevens` bij de
# antwoorden staan. De antwoorder legt alles vast: over wie, wat, wanneer, voor welke zaak. Overweeg hierboven
# `treffers_melden: ja`; zonder dat weet hij niet wie er is gevonden.
gegevens:
  namen: {names} # gegevens die de antwoorder in zijn bestand laadt; geen bijzondere gegevens (AVG 9, 10)
  per_vraag: {largest_disclosure} # mensen in één vraag: met meer treffers wordt zij geweigerd voordat iets is verteld
  per_mens: 3 # standaard: zo vaak voor één mens in een sleutelperiode
"""

CASES = {
    "unclaimed_benefits": CaseWords(
        "niet-gebruik",
        "Inwoners vinden die recht hebben op bijzondere bijstand en die niet krijgen, om hun hulp aan te bieden",
        """\
Niet-gebruik: wie heeft recht op een voorziening en krijgt die niet? De gemeente vraagt welke van haar eigen cliënten
bij de uitkeringsinstantie bekend zijn.
- Een treffer zegt alleen dat iemand bij beide bekend is; of hij recht heeft, zoekt een mens met hem uit.
- De Participatiewet draagt dit alleen binnen de eigen taak. Zoeken in gegevens van een andere taak mag pas als de Wet
  proactieve dienstverlening er is; tot dan weigert uw knooppunt die grondslag.
- Wilt u eerst weten om hoeveel mensen het gaat? Zet `aantal` bij de antwoorden: dan weet niemand nog wie.
- Mensen kunnen hulp weigeren. Wie niet wil, wordt niet opnieuw benaderd; dat regelt u zelf, niet het knooppunt.""",
    ),
    "early_signals_of_debt": CaseWords(
        "vroegsignalering",
        "Inwoners met betalingsachterstanden vroeg hulp bij schulden aanbieden",
        """\
Vroegsignalering van schulden: een schuldeiser heeft achterstanden geladen, en de gemeente vraagt op welke adressen van
haar eigen cliënten er een is.
- Een schuldeiser mag geen BSN verwerken (Wabb, UAVG 46). Vergeleken wordt daarom op adres: een treffer gaat over een
  huishouden, en een mens gaat na om wie het gaat. Wie een geheim adres heeft, zit er nooit in.
- De schuldeiser laadt alleen wie hij zelf al heeft herinnerd en gewezen op hulp (Besluit gemeentelijke
  schuldhulpverlening art. 2); dat ziet het knooppunt niet.
- `treffers_melden: nee`: de schuldeiser hoort niet op welke adressen iemand bij de gemeente bekend is; dan kan hij het
  zijn klant ook niet vertellen, en dat doet de gemeente. Met `ja` hoort hij het wel. Weeg dat.
- De bewaartermijn is kort: een signaal dat niet is opgepakt, is daarna weg.""",
    ),
    "intake": CaseWords(
        "intake",
        "Bij de intake weten of iemand al schuldhulp krijgt, zodat hij zijn verhaal één keer hoeft te doen",
        """\
Intake: iemand zit aan het loket. Krijgt hij elders al hulp?
- De grenzen zijn laag met opzet: zo kan er naar wie aan het loket komt worden gevraagd, en niet naar een heel bestand.
- Verteld wordt alleen bekend of niet. Wie ook wil weten wie hij kan bellen, neemt het sjabloon `wie_te_bellen`.
- `treffers_melden: ja`: de andere organisatie kan haar cliënt vertellen dat u het weet.
- Vraag niet naar wie niet voor u zit: de techniek verhindert dat niet, het is wel na te gaan.""",
    ),
    "multi_problem_households": CaseWords(
        "multiproblematiek",
        "Huishoudens vinden die maatschappelijke ondersteuning en schuldhulp krijgen, om hun één plan aan te bieden",
        """\
Huishoudens met meer problemen: bij welke adressen komen ondersteuning en schuldhulp samen?
- Een treffer gaat over een adres. Wie er woont, en of het om dezelfde mensen gaat, gaat een mens na voordat er iets
  gebeurt. Bekend zijn bij twee loketten maakt een huishouden geen risicogeval.
- Tel eerst (`aantal`): dan weet niemand nog wie. Haal `treffer` weg als aantallen genoeg zijn.
- Gegevens worden op een adres nooit verteld; dat kan geen overeenkomst openen.
- De Wgs draagt dit alleen voor de schuldhulp zelf: daarvoor mag het college ook gebruiken wat het al heeft voor
  Jeugdwet, Participatiewet en Wmo (art. 8d). Wie geen schuldhulp vroeg, hoort er niet in; dat ziet het knooppunt niet.
- De Wet aanpak meervoudige problematiek sociaal domein staat als voorstel in de catalogus: nog geen grondslag.""",
    ),
    "steering_information": CaseWords(
        "stuurinformatie",
        "Weten hoeveel cliënten ook schuldhulp krijgen, om loketten en uren te plannen",
        """\
Stuurinformatie: hoeveel cliënten hebben beide organisaties? Er is geen mens die daardoor iets over een ander mens weet.
- Alleen `aantal`. Met `treffer` erbij is het geen stuurinformatie meer, en past deze grondslag niet.
- Elk getal is er met opzet een paar naast; een klein getal wordt niet verteld. Zo is niemand eruit te tellen.
- Een uitsplitsing maakt de getallen kleiner en daarmee minder bruikbaar. Vraag wat u voor het besluit nodig hebt.
- Splits nooit uit naar een bijzonder gegeven (AVG 9): dat weigeren de regels, wat u ook afspreekt.""",
    ),
    "whom_to_call": CaseWords(
        "wie-te-bellen",
        "De schuldhulpverlener bereiken van een cliënt die bij beide hulp krijgt, om samen één plan te maken",
        """\
Wie te bellen: een medewerker vraagt in één zaak wie bij de ander de cliënt helpt.
- Alleen met bsn: op een adres worden nooit gegevens verteld.
- `namen` zijn gegevens van de hulpverlener, niet van de cliënt. Elk gegeven meer vraagt een reden in de DPIA.
- Welke cliënten gedeeld zijn, blijkt al uit de treffer, voordat er een zaak is. Behandel dit in de DPIA als treffer.
- `treffers_melden: ja`: de antwoorder weet wie er is gevonden en kan het zijn cliënt vertellen. Laat dat zo.""",
    ),
}
