"""Chapter 6: the month's steering table, and a question that stands."""

from typing import Any

from rich.table import Column, Table

from linkage_node.agreements import parse_agreement
from linkage_node.demo.deals import STEERING, TREND, Deal
from linkage_node.demo.nodes import DemoFailed
from linkage_node.demo.noise import HeldTable, Released
from linkage_node.demo.registers import BANK, TOWN
from linkage_node.demo.stage import Stage, agreed
from linkage_node.demo.truth import table

_HIDDEN = "·"
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
        _show(stage, deal, told)
        stage.tables.append(_held(stage, deal, told))
    stage.say(
        f"{_HIDDEN} is a number that was not released; ≥ a sum that lacks one. Noise: discrete Laplace, scale "
        f"{1 / tables[0]['epsilon']:g}."
    )
    _ask_again(stage, tables[0])
    stage.allowed(STEERING, TREND)
    stage.learnt(TOWN, "the numbers above; of nobody whether he is in them")
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


def _held(stage: Stage, deal: Deal, told: dict[str, Any]) -> HeldTable:
    """A released table beside the true one, of the question as the agreement has it."""
    agreement = parse_agreement(stage.file(f"{deal.id}.yaml").read_text(encoding="utf-8"))
    _, question = agreement.question(told["question"])
    truth = table(stage.book(TOWN), stage.book(deal.answers_from), deal.kind, question)
    return HeldTable(
        f"{deal.answers_from.key}: {told['question']}",
        truth,
        Released(
            {
                (group, category): cell
                for group, cells in zip(told["groups"], told["cells"], strict=True)
                for category, cell in zip(told["categories"], cells, strict=True)
            },
            told["epsilon"],
            told["smallest_cell"],
        ),
    )


def _show(stage: Stage, deal: Deal, told: dict[str, Any]) -> None:
    heads = (*told["categories"], "sum")
    shown = Table(
        deal.answers_from.name,
        *(Column(head, justify="right") for head in heads),
        title=f"shared clients, {told['period']}",
        title_justify="left",
    )
    for group, cells, margin in zip(told["groups"], told["cells"], told["row_sums"], strict=True):
        shown.add_row(group, *(_HIDDEN if cell is None else f"{cell:,}" for cell in cells), _sum(margin))
    shown.add_section()
    shown.add_row("sum", *map(_sum, told["column_sums"]), _sum(told["sum"]))
    stage.console.print(shown)


def _sum(margin: dict[str, int]) -> str:
    return f"{'≥ ' if margin['not_released'] else ''}{margin['released']:,}"
