"""Chapters 3 to 5: everybody, one person, households."""

import statistics

from rich.table import Table

from linkage_node.demo.counter import at_the_counter
from linkage_node.demo.nodes import DemoFailed
from linkage_node.demo.people import Person
from linkage_node.demo.registers import BANK, DESK, TOWN, shared_by_address, shared_by_bsn
from linkage_node.demo.results import compare, read_answers
from linkage_node.demo.stage import ALLOWANCE, DEBTS, Stage

_VISITORS = 26  # people who are asked about one by one


def match_everybody(stage: Stage) -> None:
    """The municipality asks the energy desk about its whole register, twice."""
    stage.chapter(
        "3. Which of our clients does the energy desk know too?",
        f"{TOWN.name} asks {DESK.name} about its whole register, by BSN; and then once more.",
    )
    truth = shared_by_bsn(stage.book(TOWN), stage.book(DESK))
    table = Table("", "records", "known to both", "new elements evaluated", "seconds")
    for title, output in (("everybody", "first.csv"), ("again", "again.csv")):
        done = stage.match(ALLOWANCE, output)
        numbers = (f"{number:,}" for number in (done.records, done.hits, done.evaluated))
        table.add_row(title, *numbers, f"{done.seconds:.1f}")
        answers = read_answers(stage.file(output))
        stage.comparisons.append(compare(f"energy desk: {title}", truth, answers))
    if done.evaluated:
        raise DemoFailed(f"asking again cost {done.evaluated} evaluations")
    stage.console.print(table)
    stage.console.print("Asking again evaluates nothing: the node remembers its own clients' tags.")


def ask_at_the_counter(stage: Stage) -> None:
    """A case system asks about people one by one, who are no clients yet."""
    stage.chapter(
        "4. One person at the counter",
        f"Somebody comes in who is no client of {TOWN.name} yet.",
        "Its case system asks its own node (gRPC, with a certificate of its own), and that asks the energy desk.",
    )
    visitors, known = _visitors(stage), set(stage.book(DESK).bsns.values())
    truth, answers, times = {}, {}, []
    with stage.console.status("asking"), at_the_counter(stage.node(TOWN), ALLOWANCE.id) as counter:
        for number, visitor in enumerate(visitors):
            ref, bsn = f"visitor-{number}", visitor.bsn or ""
            answered = counter.ask(ref, bsn)
            truth[ref], answers[ref] = bsn in known, answered.hit
            times.append(answered.milliseconds)
    stage.comparisons.append(compare("energy desk: one by one", truth, answers))
    table = Table("who", "known at the desk", "answered in")
    for number in (0, 1):
        visitor = visitors[number]
        told = "yes" if answers[f"visitor-{number}"] else "no"
        name = f"{visitor.first_name} {visitor.last_name}, {visitor.address.street}"
        table.add_row(name, told, f"{times[number]:.0f} ms")
    if rest := times[2:]:
        table.add_row(
            f"{len(rest)} more, one after the other", "", f"{statistics.median(rest):.0f} ms (median)"
        )
    stage.console.print(table)
    stage.console.print("The first takes longer: the node connects, and checks whose node answers.")


def _visitors(stage: Stage) -> list[Person]:
    """People who are not in the municipality's register; by turns known and unknown at the desk."""
    own, theirs = (set(stage.book(one).bsns.values()) for one in (TOWN, DESK))
    strangers = [one for one in stage.people if one.bsn and one.bsn not in own]
    known = [one for one in strangers if one.bsn in theirs]
    unknown = [one for one in strangers if one.bsn not in theirs]
    visitors = [one for pair in zip(known, unknown, strict=False) for one in pair]
    if not visitors:
        raise DemoFailed("too few people for this story: invent more")
    return visitors[:_VISITORS]


def match_households(stage: Stage) -> None:
    """The municipality asks the kredietbank by address."""
    stage.chapter(
        "5. Which households does the kredietbank know too?",
        f"{TOWN.name} asks {BANK.name} by address, however each of them spells it.",
    )
    done = stage.match(DEBTS, "households.csv")
    truth = shared_by_address(stage.book(TOWN), stage.book(BANK))
    answers = read_answers(stage.file("households.csv"))
    stage.comparisons.append(compare("kredietbank: addresses", truth, answers))
    table = Table("records", "address known to both", "distinct addresses evaluated", "seconds")
    table.add_row(f"{done.records:,}", f"{done.hits:,}", f"{done.evaluated:,}", f"{done.seconds:.1f}")
    stage.console.print(table)
    stage.console.print(
        "An address is not a person: a hit says where to look, and tells nothing about anybody."
    )
