"""Released tables: how they are shown, and the true one beside them."""

from typing import Any

from rich.table import Column, Table

from linkage_node.agreements import parse_agreement
from linkage_node.cli.telling import HIDDEN, shown_sum
from linkage_node.demo.deals import Deal
from linkage_node.demo.noise import HeldTable, Released
from linkage_node.demo.registers import TOWN
from linkage_node.demo.stage import Stage
from linkage_node.demo.truth import table


def show(stage: Stage, deal: Deal, told: dict[str, Any]) -> None:
    """A released table as commands print it in JSON: `groups`, `categories`, `cells`, and perhaps sums."""
    rows = [[HIDDEN if cell is None else f"{cell:,}" for cell in cells] for cells in told["cells"]]
    heads, sums = list(told["categories"]), told.get("row_sums")
    if sums:
        heads.append("sum")
        wide = len(told["categories"])
        rows = [[*row, _sum(margin, wide)] for row, margin in zip(rows, sums, strict=True)]
    shown = Table(
        deal.answers_from.name,
        *(Column(head, justify="right") for head in heads),
        title=f"shared, {told['period']}",
        title_justify="left",
    )
    for group, row in zip(told["groups"], rows, strict=True):
        shown.add_row(group, *row)
    if sums:
        shown.add_section()
        high = len(told["groups"])
        columns = [_sum(margin, high) for margin in told["column_sums"]]
        shown.add_row("sum", *columns, _sum(told["sum"], high * wide))
    stage.console.print(shown)


def _sum(margin: dict[str, int], of: int) -> str:
    return shown_sum(margin["released"], margin["not_released"], of=of)


def hold(stage: Stage, deal: Deal, told: dict[str, Any]) -> HeldTable:
    """A released table beside the true one, of the question as the agreement has it."""
    agreement = parse_agreement(stage.file(f"{deal.id}.yaml").read_text(encoding="utf-8"))
    _, question = agreement.question(told["question"])
    truth = table(stage.book(TOWN), stage.book(deal.answers_from), deal.kind, question)
    cells = {
        (group, category): cell
        for group, row in zip(told["groups"], told["cells"], strict=True)
        for category, cell in zip(told["categories"], row, strict=True)
    }
    released = Released(cells, told["epsilon"], told["smallest_cell"])
    return HeldTable(f"{deal.answers_from.key}: {told['question']}", truth, released)
