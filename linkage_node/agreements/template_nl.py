"""The words of a new agreement in Dutch; `template_en` says the same in English. Names of fields are the same."""

ARTICLE = "NOG IN TE VULLEN: het wetsartikel dat dit toestaat"

AGREEMENT = """\
# Een overeenkomst tussen twee organisaties. Beide voegen precies hetzelfde bestand toe, met
# `linkage-node agreements add BESTAND`; één ander woord maakt er een andere overeenkomst van. Wat na `# standaard:`
# staat, mag u zo laten.
id: {id}
version: 1 # gaat omhoog als u een andere tekst afspreekt
# Het doel, in één regel: alleen een vraag met precies dit doel wordt beantwoord.
purpose: {purpose}
# De verwerkingsactiviteit in het register van art. 30 AVG, als URI:
# processing_activity: https://register.example.nl/verwerkingsactiviteiten/...
legal_basis: # de grondslag; of zij klopt, gaat u zelf na
  article: {article}
requester: # vraagt
  oin: {requester_oin}
  name: {requester_name}
provider: # antwoordt, uit zijn eigen bestand
  oin: {provider_oin}
  name: {provider_name}
kinds: {kinds} # waarop wordt vergeleken: bsn, household (een adres)
answers: {answers} # wat wordt verteld: count (aantallen) < hit (bekend of niet) < attributes (gegevens)
valid_from: {valid_from} # vanaf 00:00 UTC
valid_until: {valid_until} # de laatste dag, tot 24:00 UTC
limits:
  evaluations_per_day: {evaluations_per_day} # mensen of adressen waarover op één dag (UTC) wordt gevraagd, hoogstens
  largest_query: {largest_query} # over hoeveel in één vraag
  result_retention_days: 30 # standaard: zoveel dagen bewaart de vrager de uitkomst
# epoch_days: 28 # standaard: na zoveel dagen zijn er nieuwe sleutels en zijn de oude vernietigd
# tag_set: # hoe de lijst van de antwoorder reist; haar lengte zegt de vrager tot op een vak na hoeveel mensen hij heeft
#   bucket: 4096 # standaard: de lijst wordt opgevuld tot een veelvoud hiervan
#   changes: 256 # standaard: elke wijziging voegt er zoveel toe en neemt er zoveel weg, wat er ook veranderde
#   every_hours: 24 # standaard: uren tussen twee wijzigingen
# proof: false # standaard: geen bewijs bij elk antwoord dat de afgesproken sleutel is gebruikt
# receipts: false # standaard; met true meldt de vrager zijn treffers, zodat de antwoorder zijn cliënt kan inlichten
"""

COUNT = """\
# Wat er mag worden geteld: hoeveel cliënten beide hebben. Hiervoor moet `count` bij de antwoorden staan. De antwoorder
# leert de aantallen precies, de vrager met ruis. Elke vraag kost epsilon, van wat het bestand van de antwoorder in een
# jaar mag vertellen (`count.epsilon_per_year` in zijn node.yaml); in dezelfde periode krijgt dezelfde vraag hetzelfde
# antwoord, en dat kost niets.
count:
  # Elke categorie reist met zoveel stuks, mensen en vulling samen, zodat niemand ziet hoe groot zij is. Kies minstens
  # 1000, en meer dan de grootste categorie in de looptijd wordt: past zij niet, dan komt er geen antwoord
  # (category_full).
  requester_bucket: {requester_bucket} # keer het aantal categorieën in by_requester: hoogstens largest_query
  provider_bucket: {provider_bucket} # waarvan 50 verborgen proefstukken
  smallest_set: 100 # standaard: zoveel mensen heeft elk van beide organisaties er minstens in
  smallest_cell: 10 # standaard: een kleiner getal, na de ruis, wordt niet verteld
  series_days: 730 # hoe lang de getallen van een vraag die zich herhaalt worden bewaard
  questions:
    - id: both
      title: Cliënten van beide organisaties
      epsilon: 0.5 # 95 van de 100 antwoorden zitten er hoogstens 6 naast; met 1.0 hoogstens 3, met 0.1 hoogstens 30
      every: month # day, week, month, quarter of year (UTC): in elk is er één antwoord
      # Een tabel heeft een rij voor elke waarde van de vrager en een kolom voor elke waarde van de antwoorder:
      # by_requester:
      #   attribute: wijk # een gegeven dat de vrager in zijn bestand laadt, tot op de letter zo gespeld
      #   values: [Centrum, Noord, Zuid]
      #   other: true # een categorie voor alle anderen; zonder deze regel tellen zij niet mee
      # by_provider:
      #   attribute: fase
      #   values: [intake, advies]
"""

ATTRIBUTES = """\
# Wat er van een gedeelde cliënt mag worden verteld, in een zaak, en niets anders. Hiervoor moet `attributes` bij de
# antwoorden staan. De antwoorder legt alles vast: over wie, wat, wanneer, voor welke zaak. Overweeg `receipts: true`
# hierboven; zonder dat weet hij niet wie er is gevonden.
attributes:
  names: [contact, telephone] # gegevens die de antwoorder in zijn bestand laadt; geen bijzondere gegevens (AVG 9, 10)
  largest: {largest_disclosure} # mensen in één vraag: met meer treffers wordt zij geweigerd voordat er iets is verteld
  per_token: 3 # standaard: zo vaak voor één mens in epoch_days dagen
"""
