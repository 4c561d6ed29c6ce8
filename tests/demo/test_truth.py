"""The truth about tables and households, against counting by hand."""

from collections import Counter

import pytest

from linkage_node.agreements.terms import Breakdown, CountQuestion
from linkage_node.demo.administration import Administration
from linkage_node.demo.people import Address
from linkage_node.demo.registers import BANK, DESK, TOWN, Organisation
from linkage_node.demo.truth import known_at, shared, table


def _book(organisation: Organisation, bsns: str, values: str = "") -> Administration:
    """References 0, 1, 2, ... with these BSNs, and a value of the organisation's first attribute each."""
    name = organisation.fields[0].name
    keyed = {str(at): bsn for at, bsn in enumerate(bsns)}
    attributes = {str(at): {name: value} for at, value in enumerate(values)}
    return Administration(organisation, [], {}, keyed, {}, attributes, Counter())


def _question(*, groups: str, columns: str, other: bool = False) -> CountQuestion:
    return CountQuestion(
        id="q",
        epsilon=1.0,
        by_requester=Breakdown(attribute="wijk", values=tuple(groups), other=other) if groups else None,
        by_provider=Breakdown(attribute="soort_traject", values=tuple(columns), other=other)
        if columns
        else None,
    )


def test_who_is_shared() -> None:
    """Reference by reference; two references of one person are two answers."""
    assert shared(_book(TOWN, "abca"), _book(BANK, "ax"), "bsn") == {
        "0": True,
        "1": False,
        "2": False,
        "3": True,
    }


def test_at_which_of_several() -> None:
    """Every reference has the OINs of those that know him, which may be none."""
    found = known_at(_book(TOWN, "abc"), [_book(BANK, "ab"), _book(DESK, "b")], "bsn")
    assert found == {"0": {BANK.oin}, "1": {BANK.oin, DESK.oin}, "2": set()}


@pytest.mark.parametrize(
    ("groups", "columns", "other", "cells"),
    [
        ("", "", False, {("all", "all"): 3}),
        ("nz", "", False, {("n", "all"): 2, ("z", "all"): 0}),
        ("", "sb", False, {("all", "s"): 2, ("all", "b"): 1}),
        ("n", "s", True, {("n", "s"): 1, ("n", "other"): 1, ("other", "s"): 1, ("other", "other"): 0}),
    ],
)
def test_tables(groups: str, columns: str, other: bool, cells: dict[tuple[str, str], int]) -> None:
    """Shared are a, b and c; of b's two records at the town the first decides, and d is not shared."""
    town, bank = _book(TOWN, "abbcd", "nnzoz"), _book(BANK, "abcx", "sbss")
    assert table(town, bank, "bsn", _question(groups=groups, columns=columns, other=other)) == cells


def test_addresses_are_counted_once() -> None:
    """An address counts as its first inhabitant in the administration says."""
    here, there = Address("Kerkstraat", "3960AA", 1, ""), Address("Kerkstraat", "3960AA", 2, "")
    town = _book(TOWN, "", "nz")._replace(addresses={"0": here, "1": here})
    bank = _book(BANK, "", "ss")._replace(addresses={"0": there, "1": here})
    assert table(town, bank, "household", _question(groups="nz", columns="")) == {
        ("n", "all"): 1,
        ("z", "all"): 0,
    }
