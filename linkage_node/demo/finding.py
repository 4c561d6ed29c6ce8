"""Chapters 3 and 5: who does not get what he is entitled to, and where problems come together."""

import time
from collections import Counter
from collections.abc import Collection
from typing import Any

from rich.table import Column, Table

from linkage_node.demo.administration import Administration
from linkage_node.demo.deals import ALLOWANCE, HOUSEHOLDS
from linkage_node.demo.nodes import DemoFailed
from linkage_node.demo.registers import DESK, ORGANISATIONS, TOWN
from linkage_node.demo.results import compare, compare_selected, read_rows
from linkage_node.demo.stage import Stage, agreed
from linkage_node.demo.truth import known_at, shared

AT_LEAST = 2
HOUSEHOLDS_FILE = "huishoudens.csv"
_CHART = "huishoudens.png"


def find_unclaimed(stage: Stage) -> None:
    """The municipality asks which of its clients the energy desk does not know, twice."""
    book = stage.book(TOWN)
    stage.chapter(
        "3. Entitled to the energy allowance, and not receiving it",
        f"All clients of {TOWN.name} are entitled to it; {DESK.name} pays it to whoever applied there. The desk may "
        f"not see the municipality's list, nor the municipality the desk's. So {TOWN.name} asks about its own clients "
        "by BSN, and keeps those whom the desk does not know; and then asks once more.",
    )
    truth = {ref: not known for ref, known in shared(book, stage.book(DESK), "bsn").items()}
    table = Table("", *_right("clients asked about", "not known at the desk", "newly evaluated", "seconds"))
    evaluated = []
    for title, output in (("everybody", "niet-gebruik.csv"), ("again", "opnieuw.csv")):
        started = time.monotonic()
        done = stage.ask("match", *agreed(ALLOWANCE), "--not-known", "--output", output)
        seconds = time.monotonic() - started
        refs = [row["record_ref"] for row in read_rows(stage.file(output))]
        table.add_row(
            title, *(f"{n:,}" for n in (done["records"], len(refs), done["evaluated"])), f"{seconds:.1f}"
        )
        evaluated.append(done["evaluated"])
        stage.comparisons.append(compare_selected(f"not at the desk: {title}", truth, refs))
    if evaluated != [len(set(book.bsns.values())), 0]:
        raise DemoFailed(f"{evaluated} elements were evaluated, and asking again should cost nothing")
    stage.console.print(table)
    stage.say(
        "Asking again evaluates nothing: the node remembers its own clients' tags until the keys are renewed."
    )
    stage.allowed(ALLOWANCE)
    stage.learnt(
        TOWN, f"which of its own clients to write a letter to; nothing of others whom {DESK.name} knows"
    )
    stage.learnt(
        DESK, f"that {evaluated[0]:,} people were asked about and what for; not whom, nor who was found"
    )


def find_households(stage: Stage) -> None:
    """The municipality asks three organisations at once by address, and keeps who is known at two or more."""
    asked = [deal.answers_from for deal in HOUSEHOLDS.deals]
    stage.chapter(
        "5. Households where problems come together",
        f"{TOWN.name} asks {len(asked)} organisations at once which addresses of its clients they know too, however "
        f"each of them spells it, and keeps those known at {AT_LEAST} or more.",
    )
    words = ("match", "--kind", "household", *agreed(HOUSEHOLDS), "--at-least", str(AT_LEAST))
    done = stage.ask(*words, "--output", HOUSEHOLDS_FILE)
    book, books = stage.book(TOWN), [stage.book(one) for one in asked]
    truth = known_at(book, books, "household")
    rows = {row["record_ref"]: row for row in read_rows(stage.file(HOUSEHOLDS_FILE))}
    stage.comparisons.append(
        compare_selected(
            f"addresses at {AT_LEAST} or more",
            {ref: len(oins) >= AT_LEAST for ref, oins in truth.items()},
            list(rows),
        )
    )
    stage.comparisons.append(
        compare(
            "addresses: at which",
            {(ref, one.oin): one.oin in truth.get(ref, ()) for ref in rows for one in asked},
            {(ref, one.oin): row[one.oin] == "true" for ref, row in rows.items() for one in asked},
        )
    )
    _show_overlap(stage, done["overlap"], truth, len(asked))
    _draw(stage, done["query_id"][:8])
    homes = {book.addresses[ref] for ref in rows if ref in book.addresses}
    stage.say(f"Known at {AT_LEAST} or more: {len(homes):,} addresses, of {len(rows):,} clients.")
    _check_secret(stage, book, rows.keys())
    stage.allowed(HOUSEHOLDS)
    stage.learnt(
        TOWN, "at which of the three each of its clients' addresses is known; an address is not a person"
    )
    stage.learnt(
        "Each of the three", "how many addresses were asked about; not which, nor what the others said"
    )


def _show_overlap(
    stage: Stage, overlap: dict[str, Any], truth: dict[str, frozenset[str]], asked: int
) -> None:
    """The overlap as the command told it, which must be the true one."""
    names = {one.oin: one.key for one in ORGANISATIONS}
    told = {frozenset(one["providers"]): one["records"] for one in overlap["combinations"]}
    if told != Counter(truth.values()):
        raise DemoFailed(f"the overlap is {told}, and in truth {Counter(truth.values())}")
    if overlap["known_at"] != [sum(len(oins) == n for oins in truth.values()) for n in range(asked + 1)]:
        raise DemoFailed(f"known at so many: {overlap['known_at']}, which does not fit the combinations")
    table = Table("known at", *_right("clients"), "of those, known exactly at")
    for number, records in enumerate(overlap["known_at"]):
        there = sorted(
            ((n, oins) for oins, n in told.items() if len(oins) == number), key=lambda one: -one[0]
        )
        exactly = [f"{' + '.join(sorted(names[oin] for oin in oins))}: {n:,}" for n, oins in there if oins]
        table.add_row(str(number), f"{records:,}", "\n".join(exactly))
    stage.console.print(table)


def _draw(stage: Stage, query_id: str) -> None:
    stage.run("queries", "chart", query_id, "--output", _CHART)
    if not stage.file(_CHART).read_bytes().startswith(b"\x89PNG"):
        raise DemoFailed(f"no drawing in {_CHART}")


def _check_secret(stage: Stage, book: Administration, refs: Collection[str]) -> None:
    """Nobody whose address is secret is among those who were found."""
    secret = {ref for ref, person in book.persons.items() if person.secret}
    if found := secret & set(refs):
        raise DemoFailed(f"found by an address that is secret: {', '.join(sorted(found))}")
    stage.say(f"Its {len(secret):,} clients whose address is secret were not asked about, and none is there.")


def _right(*titles: str) -> list[Column]:
    return [Column(title, justify="right") for title in titles]
