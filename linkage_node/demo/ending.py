"""Chapters 6 to 8: what is refused, what was recorded and learnt, and the truth."""

import re

from rich.table import Column, Table

from linkage_node.demo import leaks
from linkage_node.demo.nodes import DemoFailed, DemoNode
from linkage_node.demo.registers import BANK, DESK, TOWN
from linkage_node.demo.stage import ALLOWANCE, DEBTS, Stage
from linkage_node.errors import ExitCode
from linkage_node.reasons import explain

_PANEL_TITLE = re.compile(r"^╭─ ([a-z_]+) ─", re.MULTILINE)


def refusals(stage: Stage) -> None:
    """Questions that were not agreed on, and the reasons that their askers are told."""
    stage.chapter(
        "6. What is refused",
        "Both nodes decide, each by its own policy and the agreement that both hold.",
    )
    output = stage.file("refused.csv")
    ask = ("match", "--output", str(output), "--agreement")
    town, bank = stage.node(TOWN), stage.node(BANK)
    table = Table("what is tried", "refused by", "because", Column("code", no_wrap=True), show_lines=True)

    def tried(node: DemoNode, what: str, code: str, *words: str, exit_code: int = ExitCode.REFUSED) -> None:
        panel = node.run(*words, expect=exit_code)
        title = _PANEL_TITLE.search(panel)
        if not title or title.group(1) != code:
            raise DemoFailed(f"{what}: expected {code}, and it said: {panel}")
        by = "the other node" if "the provider refused" in panel else "the own node"
        table.add_row(what, by, explain(code).meaning, code)

    with stage.console.status("trying what was not agreed"):
        tried(
            town, f"{TOWN.name} asks {DESK.name} for another purpose: fraud detection",
            "purpose_not_agreed", *ask, ALLOWANCE.id, "--purpose", "Fraudeopsporing",
        )  # fmt: skip
        tried(
            town, f"{TOWN.name} asks {DESK.name} by address; only the BSN was agreed",
            "kind_not_agreed", *ask, ALLOWANCE.id, "--kind", "household",
        )  # fmt: skip
        tried(
            bank, f"{BANK.name} adds the agreement of the other two, to ask under it",
            "agreement_foreign", "agreements", "add", str(stage.file(f"{ALLOWANCE.id}.yaml")),
            exit_code=ExitCode.INPUT,
        )  # fmt: skip
        bank.run("agreements", "remove", DEBTS.id)
        tried(
            town, f"{BANK.name} has withdrawn its agreement; {TOWN.name} asks again",
            "agreement_unknown", *ask, DEBTS.id,
        )  # fmt: skip
    stage.console.print(table)
    if output.exists():
        raise DemoFailed("a refused question left results")


def verify_evidence(stage: Stage) -> None:
    """The chain of every node, what it says that each learnt, and a search for BSNs in all that the nodes keep."""
    stage.chapter(
        "7. The evidence, and what each side has learnt",
        "Every question left records at each node that decided about it: the decision, and who signed what.",
    )
    table = Table("node", "records", "the chain", "what it has learnt", show_lines=True)
    with stage.console.status("verifying the evidence"):
        seen = stage.everywhere(lambda node: (node.ask("evidence", "verify"), _learnt(node)))
    for node, (chain, learnt) in zip(stage.nodes, seen, strict=True):
        holds = f"holds, {chain['last_hash'][:8]}…"
        table.add_row(node.organisation.name, str(chain["records"]), holds, learnt)
    stage.console.print(table)
    bsns = [one.bsn for one in stage.people if one.bsn]
    searched = leaks.search([node.folder for node in stage.nodes], bsns)
    told = (
        f"Looked for each of the {len(bsns):,} BSNs in every byte of the nodes' {searched.files} files, "
        f"logs included ({searched.size / 1024**2:.1f} MiB)"
    )
    if searched.found:
        raise DemoFailed(f"{told}: found in {', '.join(map(str, searched.found))}")
    stage.console.print(f"{told}: [green]none is there[/].")


def _learnt(node: DemoNode) -> str:
    """What a node has learnt, in words, counted in its own evidence."""
    if node.organisation is TOWN:
        return (
            f"which of its clients and visitors {DESK.name} knows, and which of their addresses {BANK.name}; "
            "and how large those registers are, roughly"
        )
    charged = sum(one.get("charged", 0) for one in node.ask("evidence", "show"))
    return f"that {TOWN.name} asked about {charged:,} people or addresses, when, and what for; not about whom"


def compare_with_truth(stage: Stage) -> bool:
    """Whether every answer was the truth."""
    stage.chapter("8. Held against the truth", "The people are invented, so it is known whom they share.")
    table = Table(Column("question", no_wrap=True), "asked", "shared", "misses", "false hits", "no answer")
    for one in stage.comparisons:
        numbers = (one.asked, one.shared, one.misses, one.false_hits, one.unanswered)
        style = "green" if one.holds else "red"
        table.add_row(one.question, *(f"{number:,}" for number in numbers), style=style)
    stage.console.print(table)
    holds = all(one.holds for one in stage.comparisons)
    stage.console.print(
        "[green]Every answer is the truth: no miss, no false hit.[/]"
        if holds
        else "[red]Some answers are not the truth: that is a defect.[/]"
    )
    return holds
