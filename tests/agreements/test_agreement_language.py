"""Agreements in Dutch and English words: the same agreement, and faults where and as they were written."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_node.agreements import Agreement, content_hash, parse_agreement
from linkage_node.agreements.faults_nl import SAID
from linkage_node.agreements.lines import place_of
from linkage_node.agreements.rendered import rendered
from linkage_node.agreements.words import AgreementReading, Language, Node, dutch_path, in_words, words_at
from linkage_node.agreements.words_nl import FIELDS, GROUPS, VALUES
from linkage_node.errors import InputError
from linkage_node.yaml_model import ModelError
from tests.agreements.test_agreement_terms import LADDER, MISTAKES, changed

WHOLE: dict[str, Any] = {
    **LADDER,
    "version": 2,
    "purpose_category": "whom_to_call",
    "processing_activity": "https://example.nl/1",
    "legal_basis": {"article": "Wgs art. 4a", "id": "wgs-4a"},
    "requester": {"oin": "00000099000000001000", "name": "Ede", "kind": "municipality"},
    "provider": {"oin": "00000099000000002000", "name": "Kredietbank", "kind": "credit_bank"},
    "kinds": ["bsn", "household"],
    "valid_from": date(2026, 1, 1),
    "epoch_days": 14,
    "tag_set": {"bucket": 100, "changes": 10, "every_hours": 12},
    "limits": {"evaluations_per_day": 10_000, "largest_query": 5_000, "result_retention_days": 7},
    "proof": True,
    "receipts": True,
}
HASH = content_hash(Agreement.model_validate(WHOLE))
# Every way to write a mixed file: a language for each field.
mixes = st.fixed_dictionaries({tuple(name.split(".")): st.sampled_from(["nl", "en"]) for name in FIELDS})
languages: st.SearchStrategy[Callable[[Node], Language]] = st.one_of(
    st.just(lambda _field: "nl"),
    st.just(lambda _field: "en"),
    mixes.map(lambda mix: lambda field: mix.get(field, "en")),
)


def dumped(data: dict[str, Any]) -> str:
    """As YAML, one field on a line."""
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, default_flow_style=False)


def leaves(data: Any, place: tuple[int | str, ...] = ()) -> list[tuple[int | str, ...]]:
    """The places of all values."""
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [leaf for name, part in parts for leaf in leaves(part, (*place, name))] or [place]


def faults(text: str) -> list[tuple[int, str]]:
    """Line and field of every fault."""
    with pytest.raises(ModelError) as refused:
        parse_agreement(text)
    return [(one.line, one.field) for one in refused.value.faults]


def test_every_field_of_the_model_has_its_words() -> None:
    """The table names every field of the model and no other; no word means two things in one place."""

    def fields(node: str, schema: dict[str, Any]) -> set[str]:
        found = set()
        for name, one in schema.get("properties", {}).items():
            told = next((part for part in one.get("anyOf", [one]) if part != {"type": "null"}), one)
            item = "$ref" in told.get("items", {})
            ref = (told["items"] if item else told).get("$ref")
            found |= {node + name}
            if ref:
                found |= fields(
                    f"{node}{name}.{'*.' if item else ''}", whole["$defs"][ref.rpartition("/")[2]]
                )
        return found

    whole = Agreement.model_json_schema()
    assert fields("", whole) == set(FIELDS)
    assert set(VALUES) <= set(FIELDS)
    written = [one.dutch for one in FIELDS.values() if one.dutch]
    assert len(set(written)) == len(written)
    for name, one in FIELDS.items():
        if one.dutch:  # its own word in its own place leads to it, and not to another
            *above, word = one.dutch.split(".")
            node = next(
                (tuple(field.split(".")) for field in FIELDS if FIELDS[field].dutch == ".".join(above)), ()
            )
            group = tuple(above) if ".".join(above) in GROUPS else node
            section = group or (tuple(name.split(".")[:-1]) if above else ())
            assert ".".join(words_at()[section][word]) == name
        node_name, english = tuple(name.split(".")[:-1]), name.split(".")[-1]
        assert ".".join(words_at()[node_name][english]) == name
    assert {group for group in words_at() if ".".join(group) in GROUPS} == {(name,) for name in GROUPS}
    for words in VALUES.values():
        assert len(set(words.values())) == len(words)
    assert dutch_path(("legal_basis",)) is None


@given(languages)
@settings(deadline=None)
def test_in_whatever_words_the_content_hash_is_the_same(language_of: Callable[[Node], Language]) -> None:
    """Dutch, English and mixed by field."""
    assert content_hash(parse_agreement(dumped(in_words(WHOLE, language_of)))) == HASH


@given(languages, st.data())
@settings(max_examples=300, deadline=None)
def test_a_fault_is_told_on_its_line_and_in_its_words(
    language_of: Callable[[Node], Language], data: st.DataObject
) -> None:
    """A value that no field takes, put at any field of any writing, is told there and nowhere else."""
    written = in_words(WHOLE, language_of)
    place = data.draw(st.sampled_from(leaves(written)))
    _at(written, place[:-1])[place[-1]] = {}
    text = dumped(written)
    line = next(at for at, told in enumerate(text.splitlines(), 1) if told.endswith("{}"))
    assert faults(text) == [(line, ".".join(str(part) for part in place))]


@given(languages, st.data())
@settings(max_examples=300, deadline=None)
def test_an_unknown_field_is_told_on_its_line(
    language_of: Callable[[Node], Language], data: st.DataObject
) -> None:
    """In any section of any writing, and nothing else is told."""
    written = in_words(WHOLE, language_of)
    sections = {place[:end] for place in leaves(written) for end in range(len(place))}
    within = [place for place in sections if isinstance(_at(written, place), dict)]
    place = data.draw(st.sampled_from(sorted(within, key=str)))
    _at(written, place)["zzz"] = 1
    text = dumped(written)
    line = next(at for at, told in enumerate(text.splitlines(), 1) if "zzz" in told)
    assert faults(text) == [(line, ".".join(str(part) for part in (*place, "zzz")))]


def _at(data: Any, place: tuple[int | str, ...]) -> Any:
    for part in place:
        data = data[part]
    return data


IN_KNOWN_FIELDS = {name: one[:3] for name, one in MISTAKES.items() if name != "a word misspelt"}


@pytest.mark.parametrize(("path", "value", "where"), IN_KNOWN_FIELDS.values(), ids=IN_KNOWN_FIELDS)
def test_every_mistake_is_told_in_dutch_too(path: str, value: Any, where: str) -> None:
    """The same mistakes in Dutch words: each is told at the same field, by its Dutch name, and in no English."""
    english = changed(path, value)
    with pytest.raises(ModelError) as in_english:
        parse_agreement(dumped(english))
    text = dumped(in_words(english, lambda _field: "nl"))
    with pytest.raises(ModelError) as in_dutch:
        parse_agreement(text)
    told = in_dutch.value.faults
    assert len(told) == len(in_english.value.faults)
    messages = {one.message for one in in_english.value.faults}
    assert not [one for one in told if one.message in messages]
    assert not [one for one in told if "Input should" in one.message or "expected" in one.message]
    node: Any = AgreementReading(yaml.safe_load(text), Agreement)
    location = tuple(int(part) if part.isdigit() else part for part in where.split("."))
    assert ".".join(str(part) for part in node.written(location)) in {one.field for one in told}


DUTCH = rendered(Agreement.model_validate(WHOLE), "nl")


@pytest.mark.parametrize(
    ("old", "new", "field", "told"),
    [
        ("doel: ", "doell: ", "doell", "onbekend veld; bedoelde u `doel`?"),
        ("doel: ", "doell: ", "doel", "ontbreekt: het doel"),
        ("doel: ", "purposs: ", "purposs", "onbekend veld; bedoelde u `purpose`?"),
        ("versie: 2", "versie: 2\nversion: 2", "version", "staat er twee keer: ook als `versie`"),
        ("versie: 2", "versie: twee", "versie", "verwacht een heel getal"),
        ("soort: gemeente", "soort: Gemeente!", "partijen.vrager.soort", "onbekend woord; bedoelde u `gemeente`?"),
        ("soort: gemeente", "soort: Bakkerij", "partijen.vrager.soort", "onbekend woord; verwacht: gemeente, "),
        ("oin: '00000099000000001000'", "oin: '0000009900000001000'", "partijen.vrager.oin", "een OIN heeft 20"),
        ("oin: '00000099000000001000'", "oin: 'ABCD0099000000001000'", "partijen.vrager.oin", "een OIN heeft 20"),
        ("grondslag: wgs-4a", "legal_basis: wgs-4a", "legal_basis", "verwacht velden met waarden: `wet"),
        ("[treffer", "[trefer", "antwoorden.0", "onbekend woord; bedoelde u `treffer`?"),
        ("[treffer", "[alles", "antwoorden.0", "onbekend woord; verwacht: aantal, treffer, gegevens"),
        ("  van: 2026-01-01", "  van: 1 januari", "geldigheid.van", "verwacht een dag, zoals 2026-01-31"),
        ("bewaartermijn: 7", "bewaartermijn: 70000", "bewaartermijn", "te groot: hoogstens 3660"),
        ("bewijs: ja", "bewijs: zeker", "bewijs", "verwacht ja of nee"),
        ("wetsartikel: ", "artikel: ", "wetsartikel", "ontbreekt: het wetsartikel"),
        ("  tot_en_met: 2026-12-31\n", "", "geldigheid.tot_en_met", "ontbreekt: de laatste dag"),
        ("oin: '00000099000000001000'", "oin: 99000000001000", "partijen.vrager.oin", "zet het OIN tussen"),
        ("lijst:\n", "lijst:\n  bucket: 1\n", "lijst.veelvoud", "staat er twee keer: ook als `lijst.bucket`"),
    ],
)  # fmt: skip
def test_a_dutch_file_is_told_of_in_dutch(old: str, new: str, field: str, told: str) -> None:
    """With the field in the word that the writer used, or would have used, and its line."""
    text = DUTCH.replace("antwoorden: [aantal, treffer", "antwoorden: [treffer, aantal", 1).replace(
        old, new, 1
    )
    assert text != DUTCH
    with pytest.raises(ModelError) as refused:
        parse_agreement(text)
    (fault,) = [one for one in refused.value.faults if one.field == field]
    assert fault.message.startswith(told)
    if "ontbreekt" not in told:
        assert (
            text.splitlines()[fault.line - 1]
            .strip(" -")
            .startswith(field.rpartition(".")[2] if field[-1] > "9" else "antw")
        )


def test_a_section_that_is_none_is_told_once() -> None:
    """`partijen: geen` is one fault, and not also that nobody asks or answers."""
    text = DUTCH.split("partijen:")[0] + "partijen: geen\n" + DUTCH[DUTCH.index("identificatie:") :]
    assert [field for _, field in faults(text)] == ["partijen"]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_is_rendered_is_the_same_agreement(language: Language) -> None:
    """In the words of that language, with every OIN in quotes."""
    text = rendered(Agreement.model_validate(WHOLE), language)
    assert content_hash(parse_agreement(text)) == HASH
    assert "oin: '00000099000000001000'" in text
    assert ("partijen:" in text) is (language == "nl")


def test_a_field_is_found_in_whatever_words() -> None:
    """The line and the name of a field of the model, also of one that is not written."""
    line, name = place_of(DUTCH, "limits.result_retention_days")
    assert (DUTCH.splitlines()[line - 1], name) == ("bewaartermijn: 7", "bewaartermijn")
    without = DUTCH.replace("bewaartermijn: 7\n", "")
    assert place_of(without, "limits.result_retention_days")[1] == "bewaartermijn"
    assert (
        place_of(DUTCH, "count.questions.1.by_provider.attribute")[1]
        == "tellingen.vragen.1.naar_antwoorder.gegeven"
    )


def test_every_sentence_of_the_model_has_its_dutch() -> None:
    """What stands in braces is the same in both, so that each can be filled in."""
    for english, dutch in SAID.items():
        names = {part.split("}")[0].split("!")[0].split(":")[0] for part in english.split("{")[1:]}
        told = {part.split("}")[0].split("!")[0].split(":")[0] for part in dutch.split("{")[1:]}
        assert told <= names, english


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.dates(),
                    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(
                        st.sampled_from([word for words in words_at().values() for word in words]) | st.integers(),
                        inside, max_size=6), max_leaves=30))  # fmt: skip
@settings(deadline=None)
def test_no_data_under_known_words_crashes(data: Any) -> None:
    """Whatever stands under whatever words is an agreement or is told as faults."""
    with pytest.raises(InputError):
        parse_agreement(yaml.safe_dump(data))
