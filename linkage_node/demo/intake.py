"""Chapter 4: one person at the counter, and three organisations that are asked at once."""

import statistics
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.table import Column, Table

from linkage_node.demo.counter import Answered, Counter, at_the_counter
from linkage_node.demo.deals import INTAKE
from linkage_node.demo.nodes import DemoFailed
from linkage_node.demo.people import Person
from linkage_node.demo.registers import BANK, TEAM, TOWN
from linkage_node.demo.results import compare
from linkage_node.demo.stage import Stage

_VISITORS = 26  # people who are asked about one by one
_ASKED = [deal.answers_from for deal in INTAKE.deals]


def ask_at_the_counter(stage: Stage) -> None:
    """A case system asks about people who are no clients yet; then one organisation is down, and one refuses."""
    stage.chapter(
        "4. Intake at the counter: who helps this person already?",
        f"Somebody comes in who is no client of {TOWN.name} yet. Its case system asks its own node (gRPC, with a "
        f"certificate of its own), and that asks {len(_ASKED)} organisations side by side.",
    )
    visitors = _visitors(stage)
    table = Table(
        "who", *(one.key for one in _ASKED), Column("answered in", justify="right"), show_lines=True
    )
    with at_the_counter(stage.node(TOWN), [deal.id for deal in INTAKE.deals]) as counter:
        with stage.console.status("asking"):
            answers = [_ask(counter, visitor) for visitor in visitors]
        for visitor, answered in zip(visitors[:2], answers, strict=False):
            table.add_row(
                f"{visitor.first_name} {visitor.last_name}",
                *_told(answered),
                f"{answered.milliseconds:,.0f} ms",
            )
        median = statistics.median(one.milliseconds for one in answers)
        table.add_row(f"{len(visitors)} people, the median", *[""] * len(_ASKED), f"{median:,.0f} ms")
        _check(stage, "counter: one by one", visitors, answers, {})
        for name, title, hindered, reasons in _HINDRANCES:
            with stage.console.status(title), hindered(stage):
                answered = _ask(counter, visitors[0])
            table.add_row(f"again the first: {title}", *_told(answered), f"{answered.milliseconds:,.0f} ms")
            _check(stage, f"counter: {name}", visitors[:1], [answered], reasons)
    stage.console.print(table)
    stage.say("One that is down, or refuses, keeps nobody else's answer back.")
    stage.allowed(INTAKE)
    stage.learnt(TOWN, "which of the three help the person in front of it; nothing more about him")
    stage.learnt("Each of the three", "that somebody was asked about, and what for; not who it was")


@contextmanager
def _down(stage: Stage) -> Iterator[None]:
    stage.stop(stage.node(TEAM))
    yield
    stage.start(stage.node(TEAM))


@contextmanager
def _withdrawn(stage: Stage) -> Iterator[None]:
    agreement = next(deal.id for deal in INTAKE.deals if deal.answers_from is BANK)
    stage.node(BANK).run("agreements", "remove", agreement, "--yes")
    yield
    stage.node(BANK).run("agreements", "add", f"{agreement}.yaml")


@contextmanager
def _as_before(_stage: Stage) -> Iterator[None]:
    yield


# In short and in words what stands in the way, how it is made so, and the reason codes that must come of it.
_HINDRANCES: tuple[tuple[str, str, Callable[[Stage], AbstractContextManager[None]], dict[str, str]], ...]
_HINDRANCES = (
    ("one is down", f"{TEAM.name} is down", _down, {TEAM.oin: "peer_unreachable"}),
    ("one refuses", f"{BANK.name} has withdrawn its agreement", _withdrawn, {BANK.oin: "agreement_unknown"}),
    ("as before", "all is as it was", _as_before, {}),
)


def _ask(counter: Counter, visitor: Person) -> Answered:
    return counter.ask("bezoeker", visitor.bsn or "")


def _told(answered: Answered) -> list[str]:
    """What each organisation said."""
    words = {oin: "known" if known else "not known" for oin, known in answered.known.items()}
    return [words.get(one.oin) or f"[red]{answered.reasons[one.oin]}[/]" for one in _ASKED]


def _check(
    stage: Stage, title: str, visitors: list[Person], answers: list[Answered], reasons: dict[str, str]
) -> None:
    """Hold the answers against the truth; whoever gave none must have given these reasons."""
    if any(one.reasons != reasons for one in answers):
        raise DemoFailed(f"{title}: {next(one.reasons for one in answers if one.reasons != reasons)}")
    known = {one.oin: set(stage.book(one).bsns.values()) for one in _ASKED if one.oin not in reasons}
    truth = {(at, oin): one.bsn in bsns for at, one in enumerate(visitors) for oin, bsns in known.items()}
    told = {(at, oin): hit for at, one in enumerate(answers) for oin, hit in one.known.items()}
    stage.comparisons.append(compare(title, truth, told))


def _visitors(stage: Stage) -> list[Person]:
    """People who are not in the municipality's register: first one whom most of the others know, then one whom none
    does."""
    own = set(stage.book(TOWN).bsns.values())
    known = [set(stage.book(one).bsns.values()) for one in _ASKED]
    strangers = [one for one in stage.people if one.bsn and one.bsn not in own][: 10 * _VISITORS]
    if len(strangers) < 2:
        raise DemoFailed("too few people for this story: invent more")
    strangers.sort(key=lambda one: sum(one.bsn in bsns for bsns in known))
    ends = [strangers.pop(), strangers.pop(0)]
    step = max(1, len(strangers) // _VISITORS)
    return ends + strangers[::step][: _VISITORS - 2]
