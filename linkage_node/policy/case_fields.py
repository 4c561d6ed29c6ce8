"""The fields that a case may change. One that is not there is misspelt: a change of it would try nothing at all."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from linkage_node.agreements.words_nl import FIELDS
from linkage_node.policy.asked import PATHS, TYPES

_NEAR = 0.75  # of 1; paths share so many letters that less says nothing
Tree = dict[
    str, Any
]  # name of a field to those within it, `*` for the items of a list; none within: any value will do


class Fields(NamedTuple):
    """The fields of a document, and by what else somebody may call them."""

    tree: Tree
    also: Mapping[str, str]  # a name to the path of a field


def _of(paths: Iterable[str], also: Mapping[str, str]) -> Fields:
    tree: Tree = {}
    for path in paths:
        holder = tree
        for part in path.split("."):
            holder = holder.setdefault(part, {})
    ends = {path.rsplit(".", 1)[-1]: path for path in paths}
    return Fields(tree, {**ends, **also, **{path: path for path in paths}})


QUESTION = _of([*TYPES, *PATHS.values()], PATHS)
AGREEMENT = _of(FIELDS, {one.dutch: path for path, one in FIELDS.items() if one.dutch})


def misspelt(fields: Fields, path: str, value: Any) -> tuple[str, str | None] | None:
    """The first field at or below a dotted path that there is not, and the path that was meant, if one is near."""
    tree, parts = fields.tree, path.split(".")
    for place, part in enumerate(parts):
        if not tree:
            return None  # below a field that holds any value
        if part not in tree:
            return _near(fields, ".".join(parts[: place + 1]), path)
        tree = tree[part]
    for below in _within(tree, value):
        return _near(fields, f"{path}.{below}", f"{path}.{below}")
    return None


def _near(fields: Fields, path: str, meant: str) -> tuple[str, str | None]:
    for word in (meant, meant.rsplit(".", 1)[-1]):
        for near in get_close_matches(word, fields.also, n=1, cutoff=_NEAR):
            return path, fields.also[near]
    return path, None


def _within(tree: Tree, value: Any) -> Iterator[str]:
    """Paths in a value of fields that the tree has not."""
    if isinstance(value, Mapping) and tree:
        for name, one in value.items():
            if name not in tree:
                yield str(name)
            else:
                yield from (f"{name}.{below}" for below in _within(tree[name], one))
    elif isinstance(value, list) and "*" in tree:
        for one in value:
            yield from _within(tree["*"], one)
