"""The words in which a decision is explained, Dutch beside English."""

from collections.abc import Iterable
from typing import Literal

from linkage_node.agreements.words_nl import FIELDS, VALUES
from linkage_node.printable import clean

Language = Literal["nl", "en"]
_SHOWN_CHARACTERS = 200  # of a value; as long as a purpose can be

_WORDS: dict[str, tuple[str, str]] = {
    # what is compared
    "purpose": ("doel", "purpose"),
    "kind": ("identificatie", "identifier kind"),
    "answer": ("antwoord", "answer"),
    "attributes": ("gegevens", "attributes"),
    "question": ("telling", "count"),
    "a_case": ("zaak", "case"),
    "amount": ("grootte van de vraag", "size of the question"),
    "day": ("op deze dag", "on this day"),
    "validity": ("geldigheid", "validity"),
    "requester": ("vrager", "requester"),
    "provider": ("antwoorder", "provider"),
    "certificate": ("certificaat", "certificate"),
    "agreement": ("overeenkomst", "agreement"),
    "standing": ("ondertekening", "signatures"),
    "legal_basis": ("grondslag", "legal basis"),
    "parties": ("organisatiesoort", "kind of organisation"),
    "category": ("doelcategorie", "category of purposes"),
    "attribute_names": ("namen van gegevens", "names of attributes"),
    "breakdown": ("indeling van de telling", "breakdown of the count"),
    "shape": ("vorm van de vraag", "shape of the question"),
    "guardrails": ("wat geen overeenkomst kan toestaan", "what no agreement can lift"),
    # beside what stands what is asked
    "asked": ("gevraagd", "asked"),
    "agreed": ("afgesproken", "agreed"),
    "written": ("in de overeenkomst", "in the agreement"),
    "allowed": ("de grondslag staat toe", "the legal basis allows"),
    "permitted": ("toegestaan", "permitted"),
    "required": ("vereist", "required"),
    "found": ("gevonden", "found"),
    # values
    "none": ("geen", "none"),
    "empty": ("leeg", "empty"),
    "missing": ("niet gegeven", "not given"),
    "yes": ("ja", "yes"),
    "no": ("nee", "no"),
    "never": ("nooit", "never"),
    "for_a_case": ("in een zaak", "for a case"),
    "not_for_a_case": ("zonder zaak", "for no case"),
    "at_most": ("hoogstens {0}", "at most {0}"),
    "used_and_asked": ("{0} gebruikt + {1} gevraagd = {2}", "{0} used + {1} asked = {2}"),
    "a_day": ("hoogstens {0} per dag (UTC)", "at most {0} a day (UTC)"),
    "until": ("{0} tot en met {1}", "{0} to {1}"),
    "from": ("vanaf {0}", "from {0}"),
    "persons_disclosed": (
        "hoogstens {0}, en gegevens van hoogstens {1} mensen",
        "at most {0}, and attributes of at most {1} persons",
    ),
    "attributes_of": ("gegevens van {0}", "attributes of {0}"),
    "attributes_of_nobody": (
        "gegevens van niemand: de overeenkomst heeft geen `gegevens`",
        "attributes of nobody: the agreement has no `attributes`",
    ),
    "content": ("{0}, inhoud {1}", "{0}, content {1}"),
    "known_otherwise": (
        "de overeenkomst {0} heeft hier een andere inhoud: {1}",
        "the agreement {0} has another content here: {1}",
    ),
    "not_known": ("geen overeenkomst met deze inhoud", "no agreement with this content"),
    "both_signed": ("door beide ondertekend, en in het beleid", "signed by both, and in the policy"),
    "in_catalogue": ("een grondslag uit de catalogus: {0}", "a legal basis of the catalogue: {0}"),
    "fields_at_fault": ("ontbreekt of klopt niet: {0}", "missing or wrong: {0}"),
    "do_not_fit": ("past niet bij elkaar: {0}", "do not fit together: {0}"),
    "whole_question": ("alle velden, elk van zijn soort", "all fields, each of its type"),
    "readable_names": ("namen die niet verkeerd te lezen zijn", "names that cannot be misread"),
    "a_verdict": ("nagegaan bij het laden van het beleid", "checked when policy was loaded"),
    "one_person": ("een identificatie die één mens aanwijst", "a kind that names one person"),
    # statuses of agreements
    "unsigned": ("niet door beide ondertekend", "not signed by both"),
    "in_force": ("van kracht", "in force"),
    "rejected": ("afgewezen", "rejected"),
    "revoked": ("ingetrokken", "revoked"),
    "not_activated": ("niet in het beleid dat in werking is", "not in the policy in force"),
    # statuses of legal bases
    "bill": ("wetsvoorstel", "bill"),
    "repealed": ("vervallen", "repealed"),
    "not_yet_in_force": ("nog niet in werking", "not yet in force"),
    # obligations of an approval
    "evaluations_per_day": (
        "over hoogstens {0} mensen of adressen per dag (UTC)",
        "about at most {0} people or addresses a day (UTC)",
    ),
    "largest_query": ("hoogstens {0} in één vraag", "at most {0} in one question"),
    "result_retention_days": (
        "de vrager bewaart de uitkomst hoogstens {0} dagen",
        "the requester keeps results for at most {0} days",
    ),
    "kinds": ("alleen op: {0}", "only by: {0}"),
    "answers": ("alleen: {0}", "only: {0}"),
    "proof": (
        "elk antwoord bewijst dat de afgesproken sleutel is gebruikt",
        "every answer proves that the agreed key was used",
    ),
    "receipts": (
        "de vrager meldt zijn treffers aan de antwoorder",
        "the requester reports its hits to the provider",
    ),
    # the screen
    "approved": ("GOEDGEKEURD", "APPROVED"),
    "refused": ("GEWEIGERD", "REFUSED"),
    "by_revision": ("door beleid met revisie {0}", "by policy with revision {0}"),
    "asks": ("{0} vraagt {1}", "{0} asks {1}"),
    "recorded_as": ("Opgetekend {0}: {1}, revisie {2}", "Recorded {0}: {1}, revision {2}"),
    "recorded_undecided": ("Opgetekend {0}: geen beslissing", "Recorded {0}: no decision"),
    "decided_otherwise": (
        "Nu is de beslissing anders dan toen.",
        "The decision is now another than it was then.",
    ),
    "held": ("Dit klopte", "What held"),
    "conditions": ("Voorwaarden", "Conditions"),
    "article": ("wetsartikel", "article"),
    "rule": ("regel", "rule"),
    "condition": ("wat had moeten kloppen", "what had to hold"),
    "says": ("de regel zegt", "the rule says"),
    "source": ("bron", "source"),
    "what_to_do": ("wat nu", "what to do"),
    "on_line": (", regel {0}", ", line {0}"),
    "called": ("{0}, versie {1}, inhoud {2}", "{0}, version {1}, content {2}"),
    "posed": ("vraag", "question"),
    "question_posed": (
        "{0} op {1}, aantal mensen of adressen: {2}, op {3}, beslist door de {4}",
        "{0} by {1}, number of people or addresses: {2}, at {3}, decided by the {4}",
    ),
    "list_posed": (
        "de lijst van de antwoorder ophalen, voor {0} op {1} (er wordt nog over niemand gevraagd), op {3}, beslist"
        " door de {4}",
        "fetching the provider's list, for {0} by {1} (nobody is asked about yet), at {3}, decided by the {4}",
    ),
    "own_reason": ("een eigen reden van dit beleid", "a reason of this policy's own"),
    "ask_author": (
        "Vraag wie het beleid schreef, of zie de regel.",
        "Ask who wrote the policy, or look at the rule.",
    ),
    "in_no_rule": ("staat in geen regel; het knooppunt zelf", "in no rule; the node itself"),
    # two policies compared
    "compared": (
        "Vergeleken: {0} (revisie {1}) met {2} (revisie {3})",
        "Compared: {0} (revision {1}) with {2} ({3})",
    ),
    "put_to_both": (
        "Vragen aan beide: {0} opgetekend, {1} bedacht, {2} gevallen ({3} van het product, {4} van uzelf).",
        "Questions put to both: {0} recorded, {1} imagined, {2} cases ({3} of the product, {4} of your own).",
    ),
    "put_twice": (
        "Van deze gevallen zijn er {0} onder beide teksten gesteld, die van het ene en die van het andere beleid.",
        "Of these cases {0} were put under both texts, that of the one policy and that of the other.",
    ),
    "not_put": (
        "{0} opgetekende vragen zijn van een eerdere versie, die niet alles bewaarde, en zijn niet gesteld.",
        "{0} recorded questions are of an earlier version, which did not keep all of them, and were not put.",
    ),
    "agreements_new": ("Overeenkomsten erbij: {0}", "Agreements that are new: {0}"),
    "agreements_gone": ("Overeenkomsten eruit: {0}", "Agreements that are gone: {0}"),
    "agreements_changed": ("Overeenkomsten met een andere tekst: {0}", "Agreements with another text: {0}"),
    "all_the_same": ("Geen vraag wordt anders beantwoord.", "No question is answered differently."),
    "differ": (
        "Anders beantwoord: {0}, waarvan {1} met een andere beslissing.",
        "Answered differently: {0}, of which {1} with another decision.",
    ),
    "recorded": ("opgetekend", "recorded"),
    "imagined": ("bedacht", "imagined"),
    "case": ("gevallen", "cases"),
    "imagined_question": (
        "{0} op {1} over {2} mensen of adressen, op {3}",
        "{0} by {1} about {2} people or addresses, on {3}",
    ),
    "imagined_after": (
        ", als er die dag al over {0} is gevraagd",
        ", if {0} were asked about before on that day",
    ),
    "recorded_question": (
        "opdracht {0} uit het bewijs, stuk {1}",
        "transaction {0} of the evidence, record {1}",
    ),
    "before": ("was", "was"),
    "after": ("wordt", "becomes"),
    "why": ("want", "because"),
    "no_more": ("niet meer", "no longer"),
    "condition_of": ("voorwaarde", "condition"),
    "becomes": ("wordt {0}", "becomes {0}"),
    "such_as": ("zoals", "such as"),
    "and_more": ("en nog {0}", "and {0} more"),
    "unchecked": ("niet aan de wettekst getoetst", "not held against the text of the law"),
    "at_moment": ("op {0}", "on {0}"),
}
# Conditions that stand in a section of the agreement.
_CONDITIONS = {
    name: f"limits.{name}" for name in ("evaluations_per_day", "largest_query", "result_retention_days")
}
# English word to the Dutch one, by the field that it stands in.
_DUTCH_VALUES = {
    field: {english: dutch for dutch, english in words.items() if isinstance(english, str)}
    for field, words in VALUES.items()
}


def word(language: Language, key: str, *values: object) -> str:
    """A word or sentence, with values in it."""
    return _WORDS[key][0 if language == "nl" else 1].format(*values)


def has_word(key: str) -> bool:
    """Whether there is such a word."""
    return key in _WORDS


def number(language: Language, value: object) -> str:
    """A number with its thousands apart; whatever else it is, as it is."""
    if type(value) is not int:
        return shown(language, value)
    return f"{value:,}".replace(",", ".") if language == "nl" else f"{value:,}"


def shown(language: Language, value: object) -> str:
    """A value on one line, fit for a terminal."""
    if value is None:
        return word(language, "missing")
    if value == "":
        return word(language, "empty")
    if isinstance(value, bool):
        return word(language, "yes" if value else "no")
    return clean(str(value)[:_SHOWN_CHARACTERS])


def in_words(language: Language, field: str, values: object) -> str:
    """What a field of an agreement holds, one word or a list, in the words that an agreement is written in."""
    if not isinstance(values, Iterable) or isinstance(values, str | dict):
        values = [values]
    dutch = _DUTCH_VALUES.get(field, {}) if language == "nl" else {}
    named = [
        dutch.get(value, shown(language, value)) if isinstance(value, str) else shown(language, value)
        for value in values
    ]
    return ", ".join(named) or word(language, "none")


def condition(language: Language, name: str, value: object) -> str:
    """A condition of an approval as the agreement has it: the name of its field, and the value."""
    return f"{field_name(language, _CONDITIONS.get(name, name))}: {value_of(language, name, value)}"


def value_of(language: Language, name: str, value: object) -> str:
    """The value of a condition."""
    return number(language, value) if type(value) is int else in_words(language, name, value)


def field_name(language: Language, path: str) -> str:
    """A field of an agreement, as it is called in this language: a place in a list is counted from 1."""
    parts = path.split(".")
    english = ".".join("*" if part.isdigit() else part for part in parts)
    ends_in_place = english.endswith(".*")
    known = FIELDS.get(english.removesuffix(".*"))
    dutch = known.dutch if known else None
    named = dutch if language == "nl" and dutch else english.removesuffix(".*")
    for place in [part for part in parts if part.isdigit()][: named.count("*")]:
        named = named.replace("*", str(int(place) + 1), 1)
    return f"{named} ({int(parts[-1]) + 1})" if ends_in_place else named
