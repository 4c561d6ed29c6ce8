"""What YAML stumbles over, in words of somebody who writes a file: English, and the Dutch for it.

No message of the parser itself reaches anybody: one that is not known here becomes `NOT_YAML`, with its line.
"""

import yaml

from linkage_node.phrases import Phrases

TAG = "`!` at the start of a value gives it another meaning; leave it out, or put the value in quotes"
ANCHOR = "`&` at the start of a value names it; leave it out, or put the value in quotes"
ALIAS = "`*` stands for another part of the file; write that part out"
STANDS_FOR = "`<<` and `=` stand for something else in YAML; write out what you mean"
NUMBER = "a number is written as 100 or 0.5; put what is text, such as an OIN, in quotes"
LONG_NUMBER = "a number too long to read"
NO_DAY = "there is no such day or moment in the calendar"
NO_KEY = "a field is called by a word or a number"
TWICE = "the key {} stands twice"
HIDDEN = "here is a sign that no editor shows, and that changes how the file reads (U+{}); leave it out"
NO_TEXT = "this is no plain text, but a document, an image or an archive; save it as plain text in UTF-8"
QUOTE = "the quote that opens here is not closed"
QUOTE_TOO_FAR = (
    "the quote that opens here is closed on line {} only, and text follows it there: one is missing"
)
NO_FIELDS = "expected fields with values, such as `name: value`"
TOO_DEEP = "lists or fields are nested too deeply"
NOT_YAML = "this is not YAML; look at this line, and at the one above it"

_OURS = {
    TAG: "`!` aan het begin van een waarde geeft haar een andere betekenis; laat het weg, of zet de waarde tussen"
    " aanhalingstekens",
    ANCHOR: "`&` aan het begin van een waarde geeft haar een naam; laat het weg, of zet de waarde tussen"
    " aanhalingstekens",
    ALIAS: "`*` staat voor een ander deel van het bestand; schrijf dat deel uit",
    STANDS_FOR: "`<<` en `=` staan in YAML voor iets anders; schrijf uit wat u bedoelt",
    NUMBER: "een getal schrijft u als 100 of 0.5; zet wat tekst is, zoals een OIN, tussen aanhalingstekens",
    LONG_NUMBER: "een getal dat te lang is om te lezen",
    NO_DAY: "deze dag of dit tijdstip bestaat niet in de kalender",
    NO_KEY: "een veld heet naar een woord of een getal",
    TWICE: "het veld {} staat er twee keer",
    HIDDEN: "hier staat een teken dat geen editor toont, en dat verandert hoe het bestand leest (U+{}); haal het weg",
    NO_TEXT: "dit is geen platte tekst, maar een document, plaatje of archief; bewaar het als platte tekst in UTF-8",
    QUOTE: "het aanhalingsteken dat hier opent, is niet gesloten",
    QUOTE_TOO_FAR: "het aanhalingsteken dat hier opent, wordt pas op regel {} gesloten, en daar volgt tekst op: er"
    " ontbreekt er een",
    NO_FIELDS: "verwacht velden met waarden, zoals `naam: waarde`",
    TOO_DEEP: "lijsten of velden zitten te diep in elkaar",
    NOT_YAML: "dit is geen YAML; kijk naar deze regel, en naar die erboven",
}
# How the parser's message begins, and what we say; the first that fits.
_PARSER = (
    (
        "mapping values are not allowed here",
        "a colon where none can stand: put the text in quotes, or indent the line as the one above it",
        "een dubbele punt op een plek waar die niet mag: zet de tekst tussen aanhalingstekens, of laat de regel even"
        " ver inspringen als die erboven",
    ),
    (
        "could not find expected ':'",
        "a colon is missing after the field",
        "hier ontbreekt een dubbele punt achter het veld",
    ),
    (
        "sequence entries are not allowed here",
        "a `-` where none can stand: put each item on a line of its own, below the field",
        "een `-` op een plek waar die niet mag: zet elk punt op een eigen regel, onder het veld",
    ),
    (
        "found character '\\t'",
        "a tab: indent lines with spaces",
        "een tab: laat regels inspringen met spaties",
    ),
    (
        "found character",
        "a value that begins with this sign goes in quotes",
        "een waarde die met dit teken begint, zet u tussen aanhalingstekens",
    ),
    (
        "found unknown escape character",
        "a `\\` between double quotes: put the text between single quotes",
        "een `\\` tussen dubbele aanhalingstekens: zet de tekst tussen enkele",
    ),
    (
        "expected alphabetic or numeric character",
        "a value that begins with `&` or `*` goes in quotes",
        "een waarde die met `&` of `*` begint, zet u tussen aanhalingstekens",
    ),
    (
        "expected chomping or indentation",
        "a value that begins with `|` or `>` goes in quotes",
        "een waarde die met `|` of `>` begint, zet u tussen aanhalingstekens",
    ),
    (
        "expected <block end>, but found '<scalar>'",
        "text after a closing quote or bracket: put the whole value in one pair of quotes",
        "tekst na een aanhalingsteken of haakje dat al gesloten is: zet de hele waarde tussen één paar"
        " aanhalingstekens",
    ),
    (
        "expected <block end>",
        "this line is not indented as the one above it",
        "deze regel springt niet even ver in als die erboven",
    ),
    (
        "expected ',' or",
        "a list or bracket is not closed, or a comma is missing",
        "een lijst of haakje is niet gesloten, of er ontbreekt een komma",
    ),
    ("expected the node content", "a value is missing here", "hier ontbreekt een waarde"),
    (
        "expected '<document start>'",
        "something stands here that belongs to no field",
        "hier staat iets dat bij geen veld hoort",
    ),
    (
        "but found another document",
        "`---` begins another document: a file holds one",
        "`---` begint een ander document: in een bestand staat er één",
    ),
)
PROBLEMS_NL = _OURS | {
    english: dutch for _, english, dutch in _PARSER
}  # what `problem_in` says, to the Dutch
_PHRASES = Phrases(PROBLEMS_NL)
_QUOTES = ("'", '"')


def problem_in(text: str, error: yaml.YAMLError) -> tuple[int, str]:
    """The line, from 1, where a text is no YAML, and what is wrong there, in our words."""
    if isinstance(error, yaml.reader.ReaderError):  # a sign that no text has
        return text.count("\n", 0, error.position) + 1, NO_TEXT
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return 1, NOT_YAML
    line, problem = error.problem_mark.line + 1, error.problem or ""
    if problem == "found unexpected end of stream" and error.context_mark:
        return error.context_mark.line + 1, QUOTE
    if opened := _quote_that_ends_on(text, line):
        return opened, QUOTE_TOO_FAR.format(line)
    if any(problem.startswith(ours.partition("{}")[0]) for ours in _OURS):
        return line, problem
    return line, next((ours for begins, ours, _ in _PARSER if problem.startswith(begins)), NOT_YAML)


def problem_in_dutch(problem: str) -> str:
    """What `problem_in` says, in Dutch."""
    return _PHRASES.in_dutch(problem)


def _quote_that_ends_on(text: str, line: int) -> int | None:
    """The line on which a quote opens that is closed on a later line, this one."""
    opened = None
    if not any(quote in text for quote in _QUOTES):
        return None
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if token.start_mark.line >= line:
                break
            if isinstance(token, yaml.ScalarToken) and token.style in _QUOTES:
                first, last = token.start_mark.line + 1, token.end_mark.line + 1
                opened = first if first < last == line else opened
    except yaml.YAMLError:
        pass  # the text is known to be at fault
    return opened
