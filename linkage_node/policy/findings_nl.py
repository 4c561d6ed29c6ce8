"""What the product's own rules find in an agreement, in Dutch. A test holds this table against their texts."""

from linkage_node.phrases import Phrases

# The text of `what` in the Rego, to the Dutch one. `{}` is a word that the rule fills in.
WHAT_NL = {
    # legal_basis.rego, verdict.rego
    "no legal basis of the catalogue is named": "er is geen grondslag uit de catalogus genoemd",
    "the catalogue has no such legal basis": "de catalogus heeft deze grondslag niet",
    "it is no law that is in force: a bill, repealed, or not known from when on": (
        "het is geen geldend recht: een wetsvoorstel, vervallen, of onbekend vanaf wanneer"
    ),
    "the legal basis does not name this kind of organisation as a {}": (
        "de grondslag noemt deze soort organisatie niet als {}"
    ),
    "the legal basis does not allow this identifier to the {}": (
        "de grondslag staat de {} deze identificatie niet toe"
    ),
    "whatever the legal basis, the BSN is not for an organisation such as the {}": (
        "welke grondslag er ook is, het BSN is niet voor een organisatie zoals de {}"
    ),
    "the legal basis does not allow this category of purposes": "de grondslag staat deze doelcategorie niet toe",
    "the legal basis does not allow this answer": "de grondslag staat dit antwoord niet toe",
    "this category of purposes is served by other answers alone, whatever the legal basis": (
        "deze doelcategorie heeft aan andere antwoorden genoeg, welke grondslag er ook is"
    ),
    "the agreement begins before its legal basis does": "de overeenkomst begint eerder dan haar grondslag",
    "the agreement goes on after its legal basis ends": "de overeenkomst loopt door nadat haar grondslag eindigt",
    "an address is shared by a household and by its next inhabitants: attributes are never told by it": (
        "een adres is van een heel huishouden, en van wie er daarna woont: gegevens worden er nooit op verstrekt"
    ),
    # names.rego, values.rego, never_told.rego, special_categories.rego
    "the name has letters that can be taken for others, so that nobody can check what it means": (
        "de naam heeft letters die op andere lijken, zodat niemand kan nagaan wat hij betekent"
    ),
    "a category reads as a postcode with letters, some twenty addresses, or as a house": (
        "een categorie leest als een postcode met letters, een twintigtal adressen, of als een huis"
    ),
    "a category has four digits and a sign beyond plain letters, which can be a postcode in disguise": (
        "een categorie heeft vier cijfers en een teken buiten de gewone letters: dat kan een verhulde postcode zijn"
    ),
    "an address or a part of one: nothing is counted by so small an area": (
        "een adres of een deel ervan: naar zo'n klein gebied wordt niet geteld"
    ),
    "the two breakdowns together make a postcode with letters, some twenty addresses": (
        "de twee uitsplitsingen maken samen een postcode met letters, een twintigtal adressen"
    ),
    "a category is longer than 64 letters": "een categorie is langer dan 64 tekens",
    "a category reads as a BSN, or as another number of a person": (
        "een categorie leest als een BSN, of als een ander nummer van een persoon"
    ),
    "the name holds a number of eight digits or more, as a BSN is": (
        "in de naam staat een nummer van acht cijfers of meer, zoals een BSN"
    ),
    "whatever is agreed, in production at least {}": "wat er ook is afgesproken, in productie minstens {}",
    "whatever is agreed, in production at most {}": "wat er ook is afgesproken, in productie hoogstens {}",
    "risk scores and profiles: a result is a signal for a person to look at, never a judgement of one": (
        "risicoscores en profielen: een uitkomst is een signaal waar een mens naar kijkt, nooit een oordeel over iemand"
    ),
    "the BSN: nodes compare it blinded, and never tell it": (
        "het BSN: nodes vergelijken het versluierd en vertellen het nooit"
    ),
    "other numbers that identify a person": "andere nummers die een persoon identificeren",
    "nationality": "nationaliteit",
    "race or ethnic origin": "ras of etnische afkomst",
    "political opinions": "politieke opvattingen",
    "religious or philosophical beliefs": "religieuze of levensbeschouwelijke overtuigingen",
    "trade union membership": "lidmaatschap van een vakbond",
    "health": "gezondheid",
    "sex life or sexual orientation": "seksueel gedrag of seksuele gerichtheid",
    "genetic data": "genetische gegevens",
    "biometric data": "biometrische gegevens",
    "criminal convictions and offences": "strafrechtelijke veroordelingen en strafbare feiten",
}
_FILLED_IN = {"requester": "vrager", "provider": "antwoorder"}
_PHRASES = Phrases(WHAT_NL, _FILLED_IN)


def in_dutch(what: str) -> str:
    """The Dutch for what a rule says; what a custom folder says stays as its author wrote it."""
    return _PHRASES.in_dutch(what)
