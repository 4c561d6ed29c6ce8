"""The JSON Schema that editors use: current, and of one mind with the model."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from linkage_node.agreements import Agreement, parse_agreement
from linkage_node.agreements.rendered import rendered
from linkage_node.agreements.schema import SchemaLanguage, agreement_schema, modeline, schema_text
from linkage_node.agreements.words import in_words
from linkage_node.agreements.words_nl import FIELDS
from linkage_node.policy.source import policy_folder, read_catalogue
from tests.agreements.test_agreement_language import WHOLE

ROOT = Path(__file__).parents[2]
CATALOGUE = read_catalogue(policy_folder(None))
LANGUAGES: tuple[SchemaLanguage, ...] = ("nl", "en", "both")
SCHEMAS = {language: agreement_schema(language, CATALOGUE) for language in LANGUAGES}
EXAMPLES = sorted((ROOT / "policies" / "agreements").glob("*/agreement.yaml"))


def plain(text: str) -> Any:
    """YAML as an editor reads it: days are text."""
    return json.loads(json.dumps(yaml.safe_load(text), default=str))


def faults(language: SchemaLanguage, data: Any) -> list[str]:
    """What a schema says is wrong."""
    return [
        f"{one.json_path}: {one.message}" for one in Draft202012Validator(SCHEMAS[language]).iter_errors(data)
    ]


def test_the_schema_in_docs_is_current() -> None:
    """Write it again with `linkage-node agreements schema > docs/agreement.schema.json`."""
    written = (ROOT / "docs" / "agreement.schema.json").read_text(encoding="utf-8")
    assert written == schema_text("both", CATALOGUE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_a_schema(language: SchemaLanguage) -> None:
    """By the rules of 2020-12 itself."""
    Draft202012Validator.check_schema(SCHEMAS[language])


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.parent.name)
def test_every_example_fits(file: Path) -> None:
    """As it is written, and in the other words; a file in the other words does not fit the schema of one language."""
    text = file.read_text(encoding="utf-8")
    agreement = parse_agreement(text)
    assert faults("both", plain(text)) == []
    for language in ("nl", "en"):
        data = plain(rendered(agreement, language))
        assert faults(language, data) == faults("both", data) == []
        assert faults("en" if language == "nl" else "nl", data)


mixes = st.fixed_dictionaries({tuple(name.split(".")): st.sampled_from(["nl", "en"]) for name in FIELDS})


@given(mixes)
@settings(max_examples=30, deadline=None)
def test_mixed_words_fit_the_schema_of_both(mix: dict[tuple[str, ...], Any]) -> None:
    """Whatever the words of each field."""
    data = in_words(WHOLE, lambda field: mix.get(field, "en"))
    assert faults("both", json.loads(json.dumps(data, default=str))) == []


WRONG: dict[str, tuple[str, str]] = {
    "an unknown field": ("versie: 2", "versi: 2"),
    "a missing field": ("identificatie:", "x-identificatie:"),
    "a word that is none": ("soort: gemeente", "soort: dorp"),
    "a legal basis that the catalogue does not know": ("grondslag: wgs-4a", "grondslag: wgs-99"),
    "a number too large": ("bewaartermijn: 7", "bewaartermijn: 70000"),
    "text for a number": ("sleutelperiode: 14", "sleutelperiode: veertien"),
    "an answer twice": ("[aantal, treffer,", "[aantal, aantal,"),
    "no legal basis": ("grondslag: wgs-4a\n", ""),
    "no kind of organisation": ("    soort: gemeente\n", ""),
    "a short OIN": ("'00000099000000001000'", "'0000009900000000100'"),
    "an OIN without quotes": ("'00000099000000001000'", "99000000001000"),
    "no yes and no no": ("bewijs: ja", "bewijs: zeker"),
}


@pytest.mark.parametrize(("old", "new"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_underlined(old: str, new: str) -> None:
    """In the schema of Dutch words, and in that of both."""
    text = rendered(Agreement.model_validate(WHOLE), "nl")
    assert old in text
    assert faults("nl", plain(text)) == faults("both", plain(text)) == []
    assert faults("nl", plain(text.replace(old, new)))
    assert faults("both", plain(text.replace(old, new)))


@pytest.mark.parametrize(
    "extra",
    [
        "purpose: x\n",
        "legal_basis: {id: wgs-4a}\n",
        "valid_from: 2026-01-01\n",
        "vrager: {oin: x}\n",
        "version: 2\n",
    ],
)
def test_a_field_said_twice_is_underlined(extra: str) -> None:
    """In either language, and in either place."""
    text = rendered(Agreement.model_validate(WHOLE), "nl") + extra
    assert any(
        "valid under each" in one or "should not be valid" in one for one in faults("both", plain(text))
    )


def test_the_explanations_are_in_the_language() -> None:
    """A Dutch officer reads Dutch; with both words, both."""
    dutch = SCHEMAS["nl"]["properties"]
    assert dutch["doel"]["description"].startswith("het doel")
    assert "gemeente" in SCHEMAS["nl"]["$defs"]["requester"]["properties"]["soort"]["enum"]
    assert "wams" in dutch["grondslag"]["enum"]
    either = SCHEMAS["both"]["properties"]
    assert either["doel"]["description"] == either["purpose"]["description"]
    assert {"aantal", "count"} <= set(either["answers"]["items"]["enum"])


def test_the_line_for_editors() -> None:
    """A relative path is read from the file's own folder; an absolute one is a URI."""
    assert (
        modeline(Path("agreement.schema.json")) == "# yaml-language-server: $schema=agreement.schema.json\n"
    )
    assert modeline(Path("/a b/x.json")) == "# yaml-language-server: $schema=file:///a%20b/x.json\n"
