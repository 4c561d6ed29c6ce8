"""Chapters 1 and 2: nodes, cards, agreements, registers."""

from contextlib import ExitStack
from typing import Any

from rich.table import Table

from linkage_node.agreements.template import ARTICLE_TO_FILL_IN
from linkage_node.demo.nodes import DemoFailed, DemoNode, run
from linkage_node.demo.registers import mapping_text, write_source
from linkage_node.demo.stage import DEALS, Deal, Stage
from linkage_node.reasons import explain


def make_nodes(stage: Stage) -> None:
    """Every organisation makes its node, adds the others' cards, and its agreements."""
    stage.chapter(
        "1. Three organisations, each with a node of its own",
        f"Meerwijk does not exist, nor do its {len(stage.people):,} people: all their BSNs are numbers for testing.",
        "Each organisation makes its node, hands its card to the others, and adds the agreements it made.",
    )
    with stage.console.status("making nodes, exchanging cards, adding agreements"):
        stage.everywhere(lambda node: _make(stage, node))
        stage.everywhere(lambda node: _add_cards(stage, node))
        for deal in DEALS:
            _agree(stage, deal)
    table = Table("agreement", "who asks whom", "found by", "purpose and legal basis", show_lines=True)
    for deal in DEALS:
        parties = f"{deal.asks.name} asks {deal.answers.name}"
        table.add_row(deal.id, parties, deal.kind, f"{deal.purpose} ({deal.article})")
    stage.console.print(table)


def _make(stage: Stage, node: DemoNode) -> None:
    run(
        "init", str(node.folder), "--oin", node.organisation.oin, "--name", node.organisation.name,
        "--listen", f"127.0.0.1:{node.port}", "--dev-ca", "dev-ca", "--domain-secret", "domain.secret",
        home=stage.home,
    )  # fmt: skip


def _add_cards(stage: Stage, node: DemoNode) -> None:
    for other in stage.nodes:
        if other is not node:
            node.run("peers", "add", str(other.card))


def _agree(stage: Stage, deal: Deal) -> None:
    asks, answers = stage.node(deal.asks), stage.node(deal.answers)
    text = run(
        "agreements", "new", "--requester", str(asks.card), "--provider", str(answers.card),
        "--id", deal.id, "--purpose", deal.purpose, "--kind", deal.kind,
        home=stage.home,
    )  # fmt: skip
    path = stage.file(f"{deal.id}.yaml")
    path.write_text(text.replace(ARTICLE_TO_FILL_IN, deal.article), encoding="utf-8")
    for node in (asks, answers):
        node.run("agreements", "add", str(path))


def load_registers(stage: Stage) -> None:
    """Every organisation loads its export; what is refused is what was put in to be refused."""
    stage.chapter(
        "2. Each loads its own clients, from its own export",
        "BSNs and addresses become pseudonyms under a secret that only that node has, and are forgotten.",
        "What cannot be used is listed with row and reason, and does not stop the rest.",
    )
    with stage.console.status("loading the registers"):
        summaries = stage.everywhere(lambda node: _load(stage, node))
    loaded = Table("organisation", "rows", "loaded", "with a BSN", "with an address")
    faults: dict[str, list[str]] = {}
    for at, (node, seen) in enumerate(zip(stage.nodes, summaries, strict=True)):
        numbers = (
            seen["rows"],
            seen["loaded"],
            *(seen["kinds"][kind]["records"] for kind in ("bsn", "household")),
        )
        loaded.add_row(node.organisation.name, *(f"{number:,}" for number in numbers))
        for code, count in seen["reasons"].items():
            faults.setdefault(code, ["0"] * len(stage.nodes))[at] = f"{count:,}"
    stage.console.print(loaded)
    table = Table("rows with something that cannot be used", *(node.organisation.key for node in stage.nodes))
    for code, counts in sorted(faults.items()):
        table.add_row(explain(code).meaning, *counts)
    stage.console.print(table)


def _load(stage: Stage, node: DemoNode) -> dict[str, Any]:
    organisation, book = node.organisation, stage.book(node.organisation)
    source, mapping = (stage.file(f"{organisation.key}.{end}") for end in ("csv", "mapping.yaml"))
    write_source(source, book)
    mapping.write_text(mapping_text(organisation), encoding="utf-8")
    seen: dict[str, Any] = node.ask("register", "load", str(source), "--mapping", str(mapping))
    if seen["reasons"] != dict(book.faults) or seen["loaded"] != len(book.persons):
        there = f"there are {len(book.persons)} and {dict(book.faults)}"
        raise DemoFailed(f"{organisation.name}: {seen['loaded']} loaded, {seen['reasons']}; {there}")
    return seen


def start(stage: Stage, running: ExitStack) -> None:
    """Start the nodes; `running` stops them."""
    with stage.console.status("starting the nodes"):
        for node in stage.nodes:
            running.enter_context(node.serving())
    ports = ", ".join(f"{node.organisation.key} on port {node.port}" for node in stage.nodes)
    stage.console.print(f"The nodes run, and talk over mutual TLS: {ports}.")
