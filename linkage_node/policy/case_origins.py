"""Whose cases are tried: those that came with the product, to the letter, and those of one's own."""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from linkage_node.policy.cases import CASES, Case
from linkage_node.policy.source import policy_folder
from linkage_node.yaml_model import read_text


class Counted(NamedTuple):
    """How many cases."""

    product: int
    own: int


def counted(cases: Iterable[Case], text_of: Callable[[str], str]) -> Counted:
    """The cases by whose they are; `text_of` gives the text of a file that a case stands in."""
    files = [case.source.rpartition(":")[0] for case in cases]
    of_product = {file: _products(Path(file).name) == text_of(file) for file in set(files)}
    product = sum(of_product[file] for file in files)
    return Counted(product, len(files) - product)


@cache
def _products(name: str) -> str | None:
    file = policy_folder(None) / CASES / name
    return read_text(file) if file.exists() else None
