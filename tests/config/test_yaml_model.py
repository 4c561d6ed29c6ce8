"""YAML files: whatever stands in them, the user is told what is wrong, where, and never sees a crash."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage_node.agreements import parse_agreement
from linkage_node.errors import InputError
from linkage_node.yaml_model import MalformedError, parse_yaml
from linkage_node.yaml_problems import HIDDEN as HIDDEN_SIGN
from linkage_node.yaml_problems import TAG
from tests.nodes import OIN_A, OIN_B

BROKEN = {
    "a day that is none": ("name: x\nvalid_from: 2026-02-30\n", 2),
    "a moment that is none": ("name: x\nat: 2026-01-01 25:00:00\n", 2),
    "a list as key": ("name: x\n? [a, b]\n: c\n", 2),
    "a mapping as key": ("name: x\n? {a: b}\n: c\n", 2),
    "a set as key in a list": ("name: x\nlist:\n- ? !!set {a}\n  : c\n", 3),
    "a number too long to read": ("name: x\nnumber: " + "9" * 6000, 2),
    "a number too long to tell": (f"0x{'f' * 6000}: x\n0x{'f' * 6000}: x\n", None),
    "an empty number": ('name: x\nnumber: !!int ""\n', 2),
    "a flag that is none": ("name: x\nflag: !!bool perhaps\n", 2),
    "a day by force": ("name: x\nday: !!timestamp soon\n", 2),
    "nested lists": ("[" * 5000, None),
    "nested mappings": ("{a: " * 5000, None),
    "nested lists that close": ("[" * 5000 + "]" * 5000, None),
    "a key twice": ("a: 1\nb: 1\na: 2\n", 3),
    "an alias": ("name: x\nother: *one\n", 2),
    "an alias as key": ("name: x\n*one : y\n", 2),
    "an anchor": ("name: x\nother: &one x\n", 2),
    "a cycle": ("name: x\nlist: &one [*one]\n", 2),
    "a merge": ("name: x\nother:\n  <<: {a: b}\n", 3),
    "a value for the whole": ("name: x\nother:\n  =: b\n", 3),
    "octal": ("name: x\nnumber: 0100\n", 2),
    "minutes": ("name: x\nnumber: 1:40\n", 2),
    "hexadecimal": ("name: x\nnumber: 0x10\n", 2),
    "binary": ("name: x\nnumber: 0b11\n", 2),
    "parts": ("name: x\nnumber: 1_000\n", 2),
    "a plus": ("name: x\nnumber: +5\n", 2),
    "a fraction in parts": ("name: x\nnumber: 1_0.5\n", 2),
    "a fraction of minutes": ("name: x\nnumber: 1:40.5\n", 2),
    "octal by force": ("name: x\nnumber: !!int '0100'\n", 2),
    "octal as key": ("name: x\n0100: y\n", 2),
    "an unknown tag": ("name: !!python/object:os.system x\n", 1),
}
TAGS = {
    "set": "{bsn, household}",
    "binary": "YnNu",
    "omap": "[bsn: x]",
    "pairs": "[bsn: x]",
    "timestamp": '"2026-01-01"',
    **dict.fromkeys(("str", "int", "float", "bool", "null"), "x"),
    "seq": "[bsn]",
    "map": "{bsn: x}",
    "python/tuple": "[bsn]",
    "python/name:os.system": '""',
}
OTHER_TAGS = {"a tag of one's own": "!own x", "no tag": "! x", "a whole name": "!<tag:yaml.org,2002:set> {a}"}
HIDDEN = {
    "a next line": "\x85",
    "a line": "\u2028",
    "a paragraph": "\u2029",
    "right to left": "\u202e",
    "an embedding": "\u2067",
    "a mark": "\u200f",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_told_with_file_and_line(name: str) -> None:
    """Also where Python raises a ValueError, TypeError, KeyError, or runs out of stack."""
    text, line = BROKEN[name]
    with pytest.raises(InputError) as refused:
        parse_yaml(text, "some/file.yaml")
    assert refused.value.code == "file_malformed"
    assert refused.value.detail.startswith(f"some/file.yaml:{line}: " if line else "some/file.yaml:")


@pytest.mark.parametrize(
    "tagged", [f"!!{tag} {value}" for tag, value in TAGS.items()] + [*OTHER_TAGS.values()]
)
def test_no_tag_gives_a_value_another_meaning(tagged: str) -> None:
    """A set has another order, so another content hash, in each process; binary hides what is agreed from who signs."""
    for text, line in ((f"name: x\nkinds: {tagged}\n", 2), (f"a: 1\nb:\n- c\n- {tagged}\n", 4)):
        with pytest.raises(MalformedError) as refused:
            parse_yaml(text, "x.yaml")
        assert (refused.value.line, refused.value.problem) == (line, TAG)


@pytest.mark.parametrize("sign", HIDDEN.values(), ids=HIDDEN)
def test_a_sign_that_no_editor_shows_is_told(sign: str) -> None:
    """In a comment it would hide a field: YAML ends the line there, and an editor does not."""
    with pytest.raises(MalformedError) as refused:
        parse_yaml(f"name: x\n# receipts: true{sign}receipts: false\n", "x.yaml")
    assert (refused.value.line, refused.value.problem) == (2, HIDDEN_SIGN.format(f"{ord(sign):04X}"))


def test_aliases_upon_aliases_take_no_time() -> None:
    """Nine levels of nine stand for 387 million texts: refused where the first is used, in words."""
    levels = [f"l{n}: [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]
    text = "\n".join(["l0: [x, x, x, x, x, x, x, x, x]", *levels])
    fault = r"x\.yaml:2: `\*` stands for another part of the file; write that part out"
    with pytest.raises(InputError, match=fault):
        parse_yaml(text, "x.yaml")


def test_plain_numbers_are_read() -> None:
    """Digits, a sign, a point, a power; and what only looks like a number stays text."""
    text = "[0, 100, -7, 0.5, .5, -1.25e+3, 5., '0100', '1:40', 00000099000000001000]"
    numbers = [0, 100, -7, 0.5, 0.5, -1250.0, 5.0]
    assert parse_yaml(text, "x.yaml") == [*numbers, "0100", "1:40", "00000099000000001000"]


COUNTED = f"""
id: counted
purpose: Steering
purpose_category: intake
legal_basis: {{id: wgs-4a, article: Participatiewet art. 8}}
requester: {{kind: municipality, oin: "{OIN_A}"}}
provider: {{kind: credit_bank, oin: "{OIN_B}"}}
kinds: [bsn]
answers: [count]
valid_from: 2026-01-01
valid_until: 2026-12-31
limits: {{evaluations_per_day: 9000, largest_query: 9000}}
count:
  requester_bucket: 2000
  provider_bucket: 2000
  questions:
    - id: both
      epsilon: 0.5
      by_provider: {{attribute: debt, values: [rent, energy]}}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "fault"),
    [
        ("epsilon: 0.5", "epsilon: 50", 18, "count.questions.0.epsilon: Input should be less than or equal to 10"),
        ("epsilon", "epsilom", 18, "count.questions.0.epsilom: unknown field; did you mean `epsilon`?"),
        ("attribute: debt, ", "atribute: debt, ", 19,
         "count.questions.0.by_provider.atribute: unknown field; did you mean `attribute`?"),
        ("requester_bucket", "requesterbucket", 14, "count.requesterbucket: unknown field; did you mean"),
        ("valid_from:", "valid_form: 2026-01-01\nvalid_from:", 10,
         "valid_form: unknown field; did you mean `valid_from`?"),
        ("id: counted", "id: counted\ncolour: red", 3, "colour: unknown field"),
        ("2026-01-01", "31-01-2026", 10, "valid_from: expected a day, such as 2026-01-31"),
        ("2026-01-01", "1 januari", 10, "valid_from: expected a day, such as 2026-01-31"),
        ("2026-01-01", "2026-01-01T10:00", 10, "valid_from: expected a day, such as 2026-01-31"),
        ("values: [rent, energy]", "values: []", 19, "count.questions.0.by_provider.values: "),
    ],
)  # fmt: skip
def test_a_fault_is_told_once_and_in_words(old: str, new: str, line: int, fault: str) -> None:
    """A fault in a question is none of the list that holds it; misspelt fields and days are told as such."""
    parse_agreement(COUNTED)
    with pytest.raises(InputError) as refused:
        parse_agreement(COUNTED.replace(old, new), "x.yaml")
    told = refused.value.detail.splitlines()
    assert told[0 if len(told) == 1 else -1].startswith(f"x.yaml:{line}: {fault}")
    assert all("Field required" in one for one in told[:-1])
    assert len({one.split(": ")[1] for one in told}) == len(told)


def test_a_list_without_items_is_told() -> None:
    """When nothing within it is wrong, the whole is."""
    text = COUNTED.partition("    - id")[0].replace("questions:", "questions: []")
    with pytest.raises(InputError, match=r"count\.questions: Tuple should have at least 1 item"):
        parse_agreement(text)


@given(st.text(st.sampled_from("ab01-:?[]{},&*!#|>'\"%@ \n2026<=~."), max_size=60))
@settings(deadline=None)
def test_no_text_crashes(text: str) -> None:
    """Any text is plain data or an InputError; no such text is an agreement."""
    with suppress(InputError):
        parse_yaml(text, "x.yaml")
    with pytest.raises(InputError):
        parse_agreement(text)
