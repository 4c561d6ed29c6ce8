"""Chapter 6: the month's steering table, and a question that stands."""

from typing import Any

from linkage_node.cli.telling import HIDDEN
from linkage_node.demo.deals import STEERING, TREND
from linkage_node.demo.nodes import DemoFailed
from linkage_node.demo.registers import BANK, TOWN
from linkage_node.demo.stage import Stage, agreed
from linkage_node.demo.standing import stand
from linkage_node.demo.tables import hold, show

_QUESTION = "per-wijk"


def steer(stage: Stage) -> None:
    """How many clients two organisations share with the municipality, by district: a count, not a list."""
    stage.chapter(
        "6. The month's steering table: numbers, and nobody's name",
        f"{TOWN.name} wants to know in which part of the town it shares clients with whom. It may count what is in "
        "the catalogue of its agreements, and nothing else. The other side puts noise on every number, and keeps "
        "numbers below ten to itself.",
    )
    words = ("match", "--answer", "count", *agreed(STEERING), "--question", _QUESTION)
    tables = stage.ask(*words, "--output", "sturing.csv")["tables"]
    for deal, told in zip(STEERING.deals, tables, strict=True):
        show(stage, deal, told)
        stage.tables.append(hold(stage, deal, told))
    stage.say(
        f"{HIDDEN} is a number that was not released; in a sum, 3{HIDDEN} are three of them, which are not in it. Of "
        f"the numbers 95 of 100 are within {tables[0]['noise_95']} of the truth; sums are further off."
    )
    _ask_again(stage, tables[0])
    stand(stage)
    stage.allowed(STEERING, TREND)
    stage.learnt(TOWN, "the numbers above; whether somebody is in them is hidden in the noise")
    stage.learnt(
        "Each of the others",
        "the same numbers before the noise; not who is behind them, if it keeps to the protocol",
    )


def _ask_again(stage: Stage, first: dict[str, Any]) -> None:
    """The same question in other words has the same answer, and costs nothing of the register's epsilon."""
    deal = STEERING.deals[0]
    before = stage.node(BANK).ask("epsilon", "show")
    words = ("--group-by", "wijk", "--group-by", BANK.fields[0].name)
    (again,) = stage.ask("match", "--answer", "count", "--agreement", deal.id, *words)["tables"]
    after = stage.ask("epsilon", "show", by=BANK)
    if again != first or before != after:
        raise DemoFailed(f"asked again: {again} and not {first}, or it was charged: {after} after {before}")
    stage.say(
        f"Asked again in other words, the table is the same to the last number, and costs nothing. {BANK.name} has "
        f"told {after['spent']:g} of the {after['budget']:g} (ε) that its register may tell in {after['year']}, one "
        "budget for all who ask."
    )
