"""Chapters 9 and 10: what was recorded and learnt, and the truth."""

from collections import Counter

from rich.table import Column, Table

from linkage_node.demo import leaks
from linkage_node.demo.nodes import DemoFailed, DemoNode
from linkage_node.demo.noise import FALSE_ALARM, bare, compare_all
from linkage_node.demo.registers import ORGANISATIONS, TOWN
from linkage_node.demo.stage import Stage


def verify_evidence(stage: Stage) -> None:
    """The chain of every node, what it says that each learnt, and a search for BSNs in all that the nodes keep."""
    stage.chapter(
        "9. The evidence, and what each side has learnt",
        "Every question left records at each node that decided about it: the decision, and who signed what.",
    )
    stage.command("evidence", "verify", "--config", f"{TOWN.key}/node.yaml")
    table = Table(
        "node", Column("records", justify="right"), "the chain", Column("signatures", justify="right")
    )
    with stage.console.status("verifying the evidence"):
        seen = stage.everywhere(lambda node: (node.ask("evidence", "verify"), _learnt(node)))
    for node, (chain, _) in zip(stage.nodes, seen, strict=True):
        if chain["signatures_not_checked"]:
            raise DemoFailed(f"{node.organisation.name}: some signatures could not be checked: {chain}")
        numbers = (
            f"{chain['records']:,}",
            f"holds, {chain['last_hash'][:8]}…",
            f"{chain['signatures_checked']:,}",
        )
        table.add_row(node.organisation.name, *numbers)
    stage.console.print(table)
    for node, (_, learnt) in zip(stage.nodes, seen, strict=True):
        stage.learnt(node.organisation, learnt)
    bsns = [one.bsn for one in stage.people if one.bsn]
    searched = leaks.search([node.folder for node in stage.nodes], bsns)
    told = (
        f"Looked for each of the {len(bsns):,} BSNs in every byte of the nodes' {searched.files} files, "
        f"logs included ({searched.size / 1024**2:.1f} MiB)"
    )
    if searched.found:
        raise DemoFailed(f"{told}: found in {', '.join(map(str, searched.found))}")
    stage.say(f"{told}: [green]none is there[/].")


def _learnt(node: DemoNode) -> str:
    """What a node has learnt, in words, counted in its own evidence."""
    records = node.ask("evidence", "show")
    if node.organisation is TOWN:
        asked = {one.get("peer") for one in records} & {one.oin for one in ORGANISATIONS}
        return (
            f"of its own clients and visitors what the {len(asked)} others answered, in the chapters above; of nobody "
            "else; and how large the others' registers are, roughly"
        )
    charged: Counter[str] = Counter()
    times: Counter[str] = Counter()
    for one in records:
        if one.get("charged"):
            charged[one["operation"]] += one["charged"]
            times[one["operation"]] += 1
    return _words(charged, times)


def _words(charged: Counter[str], times: Counter[str]) -> str:
    known = f", but for {charged['disclose']} of its own clients, in a case" if charged["disclose"] else ""
    told = (
        f"that {TOWN.name} asked about {charged['evaluate']:,} people or addresses, when, and what for; not about "
        f"whom{known}"
    )
    tables = f"{times['count']} table{'s' if times['count'] > 1 else ''}"
    return f"{told}; and the numbers of {tables}, before noise" if times["count"] else told


def compare_with_truth(stage: Stage) -> bool:
    """Whether every answer was the truth, and every count as far from it as noise explains."""
    stage.chapter("10. Held against the truth", "The people are invented, so it is known who is shared.")
    titles = ("answers", "truly yes", "misses", "false hits", "missing")
    table = Table(Column("question", no_wrap=True), *(Column(title, justify="right") for title in titles))
    for one in stage.comparisons:
        numbers = (one.asked, one.shared, one.misses, one.false_hits, one.unanswered)
        style = "green" if one.holds else "red"
        table.add_row(one.question, *(f"{number:,}" for number in numbers), style=style)
    stage.console.print(table)
    holds = all(one.holds for one in stage.comparisons)
    stage.say(
        "[green]Every answer is the truth: no miss, no false hit.[/]"
        if holds
        else "[red]Some answers are not the truth: that is a defect.[/]"
    )
    return _compare_tables(stage) and holds


def _compare_tables(stage: Stage) -> bool:
    titles = ("cells", "hidden", "may be off", "furthest", "too far")
    table = Table(Column("count", no_wrap=True), *(Column(title, justify="right") for title in titles))
    for one in compare_all(stage.tables):
        numbers = (one.cells, one.suppressed, one.allowed, one.furthest, len(one.wrong))
        table.add_row(one.question, *map(str, numbers), style="green" if one.holds else "red")
    stage.console.print(table)
    holds = all(one.holds for one in compare_all(stage.tables))
    noisy = not bare(stage.tables)
    stage.say(
        "[green]Every number is within what the noise allows; what was not released is below ten, or noise can have "
        "put it there.[/]"
        if holds
        else "[red]Some numbers are further from the truth than the noise allows: that is a defect.[/]"
    )
    if not noisy:
        stage.say("[red]Every number is exactly the true one: there is no noise. That is a defect.[/]")
    stage.say(
        f"The bound is that of discrete Laplace noise of the ε that the table states. Noise alone goes beyond it in "
        f"fewer than one of {round(1 / FALSE_ALARM):,} demonstrations."
    )
    return holds and noisy
