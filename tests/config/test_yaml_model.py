"""YAML files: whatever stands in them, the user is told what is wrong, where, and never sees a crash."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage_node.agreements import parse_agreement
from linkage_node.errors import InputError
from linkage_node.yaml_model import parse_yaml

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
    "an unknown tag": ("name: !!python/object:os.system x\n", 1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_told_with_file_and_line(name: str) -> None:
    """Also where Python raises a ValueError, TypeError, KeyError, or runs out of stack."""
    text, line = BROKEN[name]
    with pytest.raises(InputError) as refused:
        parse_yaml(text, "some/file.yaml")
    assert refused.value.code == "file_malformed"
    assert refused.value.detail.startswith(f"some/file.yaml:{line}: " if line else "some/file.yaml:")


@given(st.text(st.sampled_from("ab01-:?[]{},&*!#|>'\"%@ \n2026<=~."), max_size=60))
def test_no_text_crashes(text: str) -> None:
    """Any text is plain data or an InputError; no such text is an agreement."""
    with suppress(InputError):
        parse_yaml(text, "x.yaml")
    with pytest.raises(InputError):
        parse_agreement(text)
