"""Chapter 7: whom to call about a family, what the provider records of that, and to whom it told."""

import csv
from collections import Counter
from collections.abc import Iterator
from typing import Any

from rich.table import Column, Table

from linkage_node.demo.deals import CONTACT, Deal
from linkage_node.demo.finding import HOUSEHOLDS_FILE
from linkage_node.demo.nodes import DemoFailed
from linkage_node.demo.registers import TOWN
from linkage_node.demo.results import compare, read_rows
from linkage_node.demo.stage import Stage, agreed

CASE = "ZAAK-2026-0117"
PERSONS_FILE = "gezin.csv"
_OUTPUT = "bellen.csv"


def call(stage: Stage) -> None:
    """A case worker asks about the members of one household whom to call; one agreement a provider, one case."""
    family = _family(stage)
    stage.chapter(
        "7. Whom to call",
        f"A case worker of {TOWN.name} visits one of those households. An address opens nobody's data, so she asks "
        f"by BSN, about its {len(family)} members, in one case: who helps them elsewhere, and on what number?",
    )
    with stage.file(PERSONS_FILE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([("record_ref", "bsn"), *family.items()])
    words = ("match", "--answer", "attributes", "--case", CASE, *agreed(CONTACT))
    stage.ask(*words, "--persons", PERSONS_FILE, "--output", _OUTPUT)
    rows = read_rows(stage.file(_OUTPUT))
    for deal in CONTACT.deals:
        _check(stage, deal, family, [row for row in rows if row["provider"] == deal.answers_from.oin])
    _show(stage, rows)
    _show_record(stage, family)
    stage.allowed(CONTACT)
    stage.learnt(
        TOWN, "of each member whom an organisation helps: whom to call there. Nothing else that it keeps"
    )
    stage.learnt(
        "Each of the two",
        f"which of its clients {TOWN.name} asked about, and for which case: it must, to tell the citizen. Those whom "
        "it does not help, it cannot tell",
    )


def _family(stage: Stage) -> dict[str, str]:
    """Reference → BSN of the members of one of the households that were found, one of whom both can tell about."""
    book, asked = stage.book(TOWN), [stage.book(deal.answers_from) for deal in CONTACT.deals]
    for row in read_rows(stage.file(HOUSEHOLDS_FILE)):
        home = book.addresses[row["record_ref"]]
        members = {bsn: ref for ref, bsn in book.bsns.items() if book.addresses.get(ref) == home}
        family = {ref: bsn for bsn, ref in members.items()}  # somebody who is registered twice, once
        if len(family) > 1 and all(set(family.values()) & set(other.bsns.values()) for other in asked):
            return family
    raise DemoFailed("no household that is known to both: invent more people")


def _names(deal: Deal) -> list[str]:
    names: list[str] = deal.terms["attributes"]["names"]
    return names


def _truth(stage: Stage, deal: Deal, bsn: str) -> Counter[tuple[str, ...]]:
    """What the agreement lets the provider tell of a person: a tuple for each of its records."""
    book = stage.book(deal.answers_from)
    refs = [ref for ref, there in book.bsns.items() if there == bsn]
    return Counter(tuple(book.attributes[ref][name] for name in _names(deal)) for ref in refs)


def _check(stage: Stage, deal: Deal, family: dict[str, str], rows: list[dict[str, str]]) -> None:
    """Hold what was told against what the provider's records say."""
    truth = {ref: _truth(stage, deal, bsn) for ref, bsn in family.items()}
    told = {ref: Counter[tuple[str, ...]]() for ref in family}
    for row in rows:
        if row["hit"] == "true":
            told[row["record_ref"]][tuple(row[name] for name in _names(deal))] += 1
    stage.comparisons.append(
        compare(
            f"whom to call: {deal.answers_from.key}",
            {ref: bool(there) for ref, there in truth.items()},
            {row["record_ref"]: row["hit"] == "true" for row in rows},
        )
    )
    others = {name for row in rows for name, value in row.items() if value} - {
        *_names(deal), "record_ref", "provider", "hit", "kind",
    }  # fmt: skip
    if told != truth or others:
        raise DemoFailed(f"{deal.id}: told {told}, and in truth {truth}; other columns {others}")


def _show(stage: Stage, rows: list[dict[str, str]]) -> None:
    """A row for each member, a column for each organisation: whom to call there."""
    book = stage.book(TOWN)
    table = Table("member", *(deal.answers_from.name for deal in CONTACT.deals))
    for ref in dict.fromkeys(row["record_ref"] for row in rows):
        person, mine = book.persons[ref], [row for row in rows if row["record_ref"] == ref]
        cells = ("\n".join(_told(deal, mine)) for deal in CONTACT.deals)
        table.add_row(f"{person.first_name} {person.last_name}", *cells)
    stage.console.print(table)


def _told(deal: Deal, rows: list[dict[str, str]]) -> Iterator[str]:
    for row in rows:
        if row["provider"] == deal.answers_from.oin:
            told = ", ".join(row[name] or f"no {name}" for name in _names(deal))
            yield told if row["hit"] == "true" else "not known there"


def _show_record(stage: Stage, family: dict[str, str]) -> None:
    """The record of either organisation, which must hold each shared member as found and as told, and nobody else."""
    table = Table(
        *(Column(title, overflow="fold") for title in ("organisation", "its client", "what", "for"))
    )
    for deal in CONTACT.deals:
        kept: list[dict[str, Any]] = stage.ask("disclosures", "list", by=deal.answers_from)
        there = stage.book(deal.answers_from).bsns
        members = [{ref for ref, bsn in there.items() if bsn == one} for one in set(family.values())]
        expected = Counter((answer, frozenset(refs)) for refs in members if refs for answer in deal.answers)
        refs_of = {id(one): [record["record_ref"] for record in one["records"]] for one in kept}
        if Counter((one["answer"], frozenset(refs_of[id(one)])) for one in kept) != expected:
            raise DemoFailed(f"{deal.answers_from.name} recorded {kept}, and told {expected}")
        for one in kept:
            names = list(dict.fromkeys(name for record in one["records"] for name in record["attributes"]))
            case = CASE if one["answer"] == "attributes" else ""
            if (
                one["requester"] != TOWN.oin
                or not set(names) <= set(_names(deal))
                or one["case_reference"] != case
            ):
                raise DemoFailed(f"{deal.answers_from.name} recorded {one}")
            what = ", ".join(names) if case else "that he is known here"
            client = ", ".join(refs_of[id(one)])
            table.add_row(deal.answers_from.key, client, what, case or deal.id)
    stage.say(f"What either of them recorded of telling {TOWN.name}, for the citizen who asks:")
    stage.console.print(table)
