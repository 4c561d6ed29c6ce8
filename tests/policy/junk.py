"""Hypothesis strategies: junk of every sort, and documents with junk in them."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

# What the node hands to an engine: no control characters, no half characters (policy/question.py).
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)
_ALIKE = """
bsn ｂｓｎ bѕn BSN hit һit in_force in_forcе provider count household team t\u200beam é e\u0301 true null 1
00000099000000001000 ०००००99000000001000 \u202e00010000099000000\u202c 2026-06-15T12:00:00.000Z 2026-06-15
٢٠٢٦-06-15T12:00:00.000Z 9999-12-31 nationaliteit data.revision
"""
_MARKS = ["", " ", "bsn ", *"\"\\'|#$%{}[]", '\\"', "\\u0041", "$1", "%s"]
ALIKE = st.sampled_from([*_ALIKE.split(), *_MARKS])
_NUMBERS = [
    0,
    1,
    10,
    11,
    100,
    10_000,
    10_001,
    20_000,
    20_001,
    0.0,
    -0.0,
    0.1,
    1.0,
    1.5,
    1.5e300,
    1.5e-300,
    -1.5e16,
]
_HUGE = [2**31, 2**53 - 1, 2**53 + 1, 2**63 - 1, 2**64, 10**30, -1, -(2**63) - 1]
# The embedded engine loads no data with a number such as 1e+16, without a point: a test of its own shows that.
FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda value: "." in repr(value))
NUMBERS = st.sampled_from([*_NUMBERS, *_HUGE])
# Nor one with such a key where a name of the agreement's own should be: no field is called so.
KEYS = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters='"\\'), max_size=8)
LEAVES = st.none() | st.booleans() | NUMBERS | st.integers() | FLOATS
JUNK = st.recursive(
    LEAVES | ALIKE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@st.composite
def deep(draw: st.DrawFn) -> Any:
    """Junk in lists in lists, or in objects in objects."""
    value = draw(JUNK)
    for _ in range(draw(st.integers(10, 200))):
        value = [value] if draw(st.booleans()) else {"a": value}
    return value


@st.composite
def damaged(draw: st.DrawFn, document: dict[str, Any], most: int = 3) -> dict[str, Any]:
    """A document with some of its fields left out, replaced, moved, wrapped, or with more of them."""
    changed = deepcopy(document)
    for _ in range(draw(st.integers(0, most))):
        holder, key = draw(st.sampled_from(_places(changed)))
        how = draw(st.sampled_from(["drop", "junk", "number", "alike", "wrap", "other", "more", "deep"]))
        if how == "drop":
            del holder[key]
        elif how == "more" and isinstance(holder, dict):
            holder[draw(KEYS)] = draw(JUNK)
        elif how == "wrap":
            holder[key] = draw(st.sampled_from([[holder[key]], {"id": holder[key]}]))
        elif how == "other":
            other, at = draw(st.sampled_from(_places(document)))
            holder[key] = deepcopy(other[at])
        else:
            kinds = {"number": NUMBERS, "alike": ALIKE, "deep": deep()}
            holder[key] = draw(kinds.get(how, JUNK))
        if not changed:
            break
    return changed


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Where the values of a document stand: what holds each, and under which key."""
    keys = (
        list(document)
        if isinstance(document, dict)
        else range(len(document))
        if isinstance(document, list)
        else ()
    )
    own = [(document, key) for key in keys]
    return own + [place for key in keys for place in _places(document[key])]
