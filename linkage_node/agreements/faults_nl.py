"""What is wrong with an agreement, in Dutch: one table by the kind of fault, one by the English of what we say."""

from collections.abc import Sequence
from typing import Any

from pydantic_core import ErrorDetails

from linkage_node.agreements.words_nl import FIELDS
from linkage_node.yaml_model import FieldError, near_word

# By pydantic's kind of fault; its own values stand in braces. `{explained}` is what the field says.
KINDS = {
    "missing": "ontbreekt: {explained}",
    "string_type": "verwacht tekst; zet een getal of datum tussen aanhalingstekens",
    "string_too_short": "mag niet leeg zijn",
    "string_too_long": "te lang: hoogstens {max_length} tekens",
    "string_pattern_mismatch": "klopt niet; verwacht: {explained}",
    "int_type": "verwacht een heel getal, zonder aanhalingstekens",
    "int_from_float": "verwacht een heel getal",
    "float_type": "verwacht een getal zoals 0.5, met een punt en zonder aanhalingstekens",
    "float_parsing": "verwacht een getal zoals 0.5, met een punt en zonder aanhalingstekens",
    "finite_number": "verwacht een gewoon getal",
    "bool_type": "verwacht ja of nee",
    "greater_than": "te klein: het moet meer zijn dan {gt}",
    "greater_than_equal": "te klein: minstens {ge}",
    "less_than_equal": "te groot: hoogstens {le}",
    "tuple_type": "verwacht een lijst, zoals [een, twee]",
    "too_short": "verwacht er minstens {min_length}",
    "too_long": "te veel: hoogstens {max_length}",
    "date_type": "verwacht een dag, zoals 2026-01-31",
    "date_parsing": "verwacht een dag, zoals 2026-01-31",
    "date_from_datetime_parsing": "verwacht een dag, zoals 2026-01-31",
    "date_from_datetime_inexact": "verwacht een dag, zoals 2026-01-31",
}

# What the model and its reader say themselves, in English and in Dutch, with the same values in braces.
_PAIRS = (
    ("unknown field", "onbekend veld"),
    ("unknown field; did you mean `{near}`?", "onbekend veld; bedoelde u `{near}`?"),
    ("expected fields with values: {fields}", "verwacht velden met waarden: {fields}"),
    ("unknown word; did you mean `{near}`?", "onbekend woord; bedoelde u `{near}`?"),
    ("unknown word; expected: {words}", "onbekend woord; verwacht: {words}"),
    ("this is not right; expected: {explained}", "klopt niet; verwacht: {explained}"),
    ("missing: {explained}", "ontbreekt: {explained}"),
    (
        "this is the card of a node, not an agreement: `linkage-node peers add` takes it",
        "dit is de kaart van een knooppunt, geen overeenkomst: `linkage-node peers add` neemt haar op",
    ),
    (
        "this is the configuration of a node, not an agreement",
        "dit is de configuratie van een knooppunt, geen overeenkomst",
    ),
    (
        "this is no agreement: it has none of its fields",
        "dit is geen overeenkomst: zij heeft geen enkel veld ervan",
    ),
    ("expected an OIN: 20 digits, in quotes", "verwacht een OIN: 20 cijfers, tussen aanhalingstekens"),
    ("an OIN has {wanted} digits; here are {count}", "een OIN heeft {wanted} cijfers; hier staan er {count}"),
    (
        "an OIN has digits, the last three zeros; letters stand in the places 9 to 17 only",
        "een OIN heeft 20 cijfers, waarvan de laatste drie nullen zijn; letters staan er alleen op plaats 9 tot en met"
        " 17",
    ),
    ("stands here twice: as `{other}` too", "staat er twee keer: ook als `{other}`"),
    ("{value!r} stands twice", "{value!r} staat er twee keer"),
    ("expected a day, such as 2026-01-31", "verwacht een dag, zoals 2026-01-31"),
    (
        "put the OIN in quotes, so that it keeps its zeros",
        "zet het OIN tussen aanhalingstekens; anders verliest het zijn nullen",
    ),
    (
        "YAML reads this as {value!r}; put it in quotes if it is a name or a value",
        "dit leest YAML als {value!r}; zet het tussen aanhalingstekens als het een naam of een waarde is",
    ),
    (
        "expected a number such as 0.5, with a point and without quotes",
        "verwacht een getal zoals 0.5, met een punt en zonder aanhalingstekens",
    ),
    ("requester and provider are the same organisation", "vrager en antwoorder zijn dezelfde organisatie"),
    ("valid_until lies before valid_from", "de laatste dag ligt voor de eerste"),
    ("an agreement ends, in {year} at the latest", "een overeenkomst eindigt, uiterlijk in {year}"),
    (
        "an epoch of {days} days is no whole number of periods of {hours} hours (tag_set.every_hours)",
        "een sleutelperiode van {days} dagen is geen heel aantal keren {hours} uur (lijst.elke_uren)",
    ),
    (
        "tag_set.changes times the deltas of an epoch is {padding}, more than {most}",
        "lijst.wijzigingen keer het aantal wijzigingen in een sleutelperiode is {padding}, meer dan {most}",
    ),
    (
        "`count` needs a section `count:`, such as `linkage-node agreements new --answer count` writes",
        "bij `aantal` hoort een sectie `tellingen:`, zoals `linkage-node agreements new --answer count` die"
        " schrijft",
    ),
    (
        "`attributes` needs a section `attributes:`, such as `linkage-node agreements new --answer attributes`"
        " writes",
        "bij `gegevens` hoort een sectie `gegevens:`, zoals `linkage-node agreements new --answer attributes`"
        " die schrijft",
    ),
    ("this section needs `count` among the answers", "bij deze sectie hoort `aantal` in `antwoorden`"),
    (
        "this section needs `attributes` among the answers",
        "bij deze sectie hoort `gegevens` in `antwoorden`",
    ),
    (
        "{question} sends {elements} elements, requester_bucket for each of its {categories} categories, and"
        " {most} is the least of `limits`",
        "{question} verstuurt {elements} stuks, vak_vrager voor elk van de {categories} categorieën; {most} is"
        " de kleinste van `grenzen`",
    ),
    ("more than {most}, the least of `limits`", "meer dan {most}, de kleinste van `grenzen`"),
    (
        "an attribute's name has plain letters (without accents), digits, spaces, `.`, `_` and `-`, at most"
        " 64; a letter first and no space last",
        "de naam van een gegeven heeft letters zonder accent, cijfers, spaties, `.`, `_` en `-`, hoogstens 64;"
        " eerst een letter, geen spatie aan het eind",
    ),
    (
        "`{other}` is the name of the category for everybody else",
        "`{other}` is de naam van de categorie voor alle anderen",
    ),
    ("a table has at most {most} cells", "een tabel heeft hoogstens {most} vakjes"),
    ("two questions are called {question}", "twee vragen heten {question}"),
    (
        "{first} and {second} ask the same; each would cost epsilon, and two answers tell more",
        "{first} en {second} vragen hetzelfde; elk zou epsilon kosten, en twee antwoorden vertellen meer",
    ),
    (
        "{question} has room for {persons} persons, so never for smallest_set ({least})",
        "{question} heeft plaats voor {persons} mensen, dus nooit voor kleinste_groep ({least})",
    ),
    (
        "a category has room for {persons} persons, so never for smallest_cell ({least})",
        "een categorie heeft plaats voor {persons} mensen, dus nooit voor kleinste_getal ({least})",
    ),
    (
        "{question}: more than {most} elements; take smaller buckets",
        "{question}: meer dan {most} stuks; neem kleinere vakken",
    ),
    (
        "{values} values in all questions together, more than {most}",
        "{values} waarden in alle vragen samen, meer dan {most}",
    ),
    (
        "the agreement takes {size} bytes, more than {most}; take fewer or shorter questions and values",
        "de overeenkomst beslaat {size} bytes, meer dan {most}; neem minder of kortere vragen en waarden",
    ),
    # what `advice` says
    (
        "`receipts` is not true: the provider hears not who of its clients was found, so it cannot tell them to whom it"
        " told it.",
        "`treffers_melden` is niet ja: de antwoorder hoort niet wie van zijn cliënten is gevonden, en kan hun dus niet"
        " vertellen aan wie hij het liet weten.",
    ),
    (
        "count.{field} is {chosen:,}: so few persons are easily known. Less than {default:,} asks for an explanation in"
        " the DPIA.",
        "{chosen:,} is weinig: zo weinig mensen zijn snel herkend. Onder {default:,} vraagt om uitleg in de DPIA.",
    ),
    (
        "count.provider_bucket is {chosen:,}: a lost attempt tells whether a category is empty with a chance of one in"
        " the bucket. Choose {least:,} or more.",
        "{chosen:,} is weinig: een poging die verloren gaat verraadt met een kans van één op dit aantal of een"
        " categorie leeg is. Kies minstens {least:,}.",
    ),
    (
        "this version of linkage-node does not know the kind {kind!r}: nothing is found by it.",
        "deze versie van linkage-node kent de identificatie {kind!r} niet: daarmee wordt niets gevonden.",
    ),
    (
        "the quotes {quotes} are part of the text here: write \" or ', or leave them out.",
        "de aanhalingstekens {quotes} horen hier bij de tekst zelf: schrijf \" of ', of laat ze weg.",
    ),
    (
        "the agreement ended on {last}: nothing is asked or answered under it any more.",
        "de overeenkomst is afgelopen op {last}: er wordt niets meer onder gevraagd of beantwoord.",
    ),
    (
        "the agreement begins on {first}: until then every question under it is refused.",
        "de overeenkomst begint pas op {first}: tot die dag wordt elke vraag eronder geweigerd.",
    ),
    (
        "the agreement lasts for more than {years} years: laws and purposes change; agree on a shorter term, and then"
        " anew.",
        "de overeenkomst duurt meer dan {years} jaar: wetten en doelen veranderen; spreek een kortere tijd af, en dan"
        " opnieuw.",
    ),
    (
        "fewer a day ({day:,}) than in one question ({query:,}): a question of that size is refused.",
        "minder op een dag ({day:,}) dan in één vraag ({query:,}): een vraag van die grootte wordt geweigerd.",
    ),
    # what `checked` says
    ("still to be filled in", "nog in te vullen"),
)
SAID = dict(_PAIRS)
_NO_SECTION = {"model_type", "model_attributes_type", "dict_type"}
_NO_WORD = {"literal_error", "string_pattern_mismatch"}


def said(template: str, language: str, **values: object) -> str:
    """One of our own sentences in a language; in English if there is no other."""
    if language != "nl":
        return template.format(**values)
    return SAID.get(template, template).format(
        **{name: _Number(value) if type(value) is int else value for name, value in values.items()}
    )


class _Number(int):
    """A whole number that has its thousands apart as in Dutch."""

    def __format__(self, form: str) -> str:
        return super().__format__(form).replace(",", ".")


def told_of(
    fault: ErrorDetails, field: str, language: str, *, plain: str, words: Sequence[str], fields: Sequence[str]
) -> str:
    """A fault of a field of the model in a language; `plain` is what is said of it in English if nothing better is.

    `words` may stand in the field, as said in that language; `fields` in a section.
    """
    known = FIELDS.get(field)
    explained = "" if known is None else known.nl if language == "nl" else known.en
    context, kind = fault.get("ctx", {}), fault["type"]
    error = context.get("error")
    if isinstance(error, FieldError):
        return said(error.template, language, **error.values)
    if kind in _NO_SECTION and fields:
        return said("expected fields with values: {fields}", language, fields=quoted(fields))
    if kind in _NO_WORD and words:
        return unknown_word(fault["input"], words, language)
    if language == "en":
        pattern = kind == "string_pattern_mismatch" and explained
        return (
            said("this is not right; expected: {explained}", "en", explained=explained) if pattern else plain
        )
    if str(error) in SAID:
        return SAID[str(error)]
    template = KINDS.get(kind, "klopt niet; verwacht: {explained}" if explained else "klopt niet")
    return _filled(template, {**context, "explained": explained})


def unknown_word(value: object, words: Sequence[str], language: str) -> str:
    """That a word is none of those known, and which was meant; all of them if that cannot be told."""
    plain = {_squashed(word): word for word in words}
    near = near_word(_squashed(str(value)), plain)
    if near:
        return said("unknown word; did you mean `{near}`?", language, near=plain[near])
    return said("unknown word; expected: {words}", language, words=", ".join(words))


def quoted(words: Sequence[str]) -> str:
    """Words of a file in a sentence."""
    return ", ".join(f"`{word}`" for word in words)


def _squashed(word: str) -> str:
    """A word without what is written in different ways: capitals, spaces, dashes."""
    return "".join(character for character in word.casefold() if character.isalnum())


def _filled(template: str, values: dict[str, Any]) -> str:
    return template.format(**values).removesuffix(": ") if "{" in template else template
