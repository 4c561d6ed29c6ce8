"""Hypothesis strategies: junk of every sort, and documents with junk in them."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

# What the node hands to an engine: no control characters, no half characters (policy/question.py).
TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)
ALIKE = st.sampled_from(
    [
        *(
            "bsn",
            "ｂｓｎ",
            "bѕn",
            "BSN",
            "bsn ",
            "hit",
            "һit",
            "in_force",
            "in_forcе",
            "provider",
            "count",
            "household",
        ),
        *(
            "00000099000000001000",
            "००००००99000000001000",
            "\u202e00010000099000000\u202c",
            "2026-06-15T12:00:00.000Z",
        ),
        *(
            "٢٠٢٦-06-15T12:00:00.000Z",
            "2026-06-15",
            "9999-12-31",
            "nationaliteit",
            "team",
            "t\u200beam",
            "é",
            "e\u0301",
        ),
        *(
            '"',
            "\\",
            '\\"',
            "\\u0041",
            "'",
            "{}",
            "[]",
            "null",
            "true",
            "1",
            "$1",
            "|",
            "#",
            "%s",
            "data.revision",
        ),
    ]
)
NUMBERS = st.sampled_from(
    [
        *(
            0,
            1,
            -1,
            10,
            11,
            100,
            10_000,
            10_001,
            20_000,
            20_001,
            2**31,
            2**53 - 1,
            2**53,
            2**53 + 1,
            2**63 - 1,
        ),
        *(
            2**63,
            2**64,
            10**30,
            -(2**63) - 1,
            0.0,
            -0.0,
            0.1,
            1.0,
            1.5,
            99.99999999999999,
            1e16,
            1e300,
            -1e300,
            5e-324,
        ),
    ]
)
LEAVES = (
    st.none() | st.booleans() | NUMBERS | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
JUNK = st.recursive(
    LEAVES | ALIKE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ALIKE | TEXT, inner, max_size=3),
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
            holder[draw(ALIKE | TEXT)] = draw(JUNK)
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
