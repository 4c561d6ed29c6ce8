"""Chapters 1 and 2: nodes, cards, agreements, registers."""

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from rich.table import Column, Table

from linkage_node.demo.administration import write_source
from linkage_node.demo.deals import ALLOWANCE, FORBIDDEN, GOALS, agreement_text
from linkage_node.demo.nodes import DemoFailed, DemoNode, run
from linkage_node.demo.registers import DESK, ORGANISATIONS, TOWN, mapping_text
from linkage_node.demo.stage import Stage
from linkage_node.reasons import explain

_EPSILON = re.compile(r"(epsilon_per_year: )[0-9.]+")
_EPSILON_OF_DESK = 1.0  # that the energy desk tells in a year: one question


def make_nodes(stage: Stage) -> None:
    """Every organisation makes its node, adds the others' cards, and its agreements."""
    stage.chapter(
        "1. Five organisations, each with a node of its own",
        f"Meerwijk does not exist, nor do its {len(stage.people):,} people: all their BSNs are numbers for testing.",
        "Each organisation makes its node, hands its card to the others, and adds the agreements it made.",
    )
    stage.command(*_init(stage.node(TOWN)))
    stage.command("peers", "add", "kredietbank/card.yaml", "energieloket/card.yaml", "...")
    stage.command("agreements", "add", "energietoeslag.yaml", "intake-kredietbank.yaml", "...")
    with stage.console.status("making nodes, exchanging cards, adding agreements"):
        _write_agreements(stage)
        stage.everywhere(lambda node: _make(stage, node))
        stage.everywhere(lambda node: _introduce(stage, node))
    table = Table(
        f"{TOWN.name} asks", "found by", Column("answer", no_wrap=True), "purpose and legal basis",
        show_lines=True,
    )  # fmt: skip
    for goal in GOALS:
        partners = "\n".join(deal.answers_from.name for deal in goal.deals)
        table.add_row(
            partners, goal.kind, "\n".join(goal.deals[0].answers), f"{goal.purpose} ({goal.article})"
        )
    stage.console.print(table)
    stage.say(
        "Of each agreement both sides hold exactly the same text; what is in none is refused. The articles stand "
        "for the officers' own judgement: no node can tell whether a law allows what it names."
    )


def _write_agreements(stage: Stage) -> None:
    today = datetime.now(UTC).date()
    for goal in (*GOALS, FORBIDDEN):
        for deal in goal.deals:
            text = agreement_text(goal, deal, people=len(stage.people), today=today)
            stage.file(f"{deal.id}.yaml").write_text(text, encoding="utf-8")


def _init(node: DemoNode) -> tuple[str, ...]:
    """The words that make a node."""
    return (
        "init", node.organisation.key, "--oin", node.organisation.oin, "--name", node.organisation.name,
        "--listen", f"127.0.0.1:{node.port}", "--dev-ca", "dev-ca", "--domain-secret", "domain.secret",
    )  # fmt: skip


def _make(stage: Stage, node: DemoNode) -> None:
    run(*_init(node), home=stage.home)
    if node.organisation is DESK:
        _spend_less(node)


def _spend_less(node: DemoNode) -> None:
    """Its officer wants it to tell less in counts than a new node does."""
    text = node.config.read_text(encoding="utf-8")
    less, changed = _EPSILON.subn(rf"\g<1>{_EPSILON_OF_DESK}", text)
    if changed != 1:
        raise DemoFailed(f"epsilon_per_year stands {changed} times in {node.config}")
    node.config.write_text(less, encoding="utf-8")


def _introduce(stage: Stage, node: DemoNode) -> None:
    """Add all other cards, and the agreements that this organisation is a party to."""
    node.run(
        "peers", "add", *(f"{other.organisation.key}/card.yaml" for other in stage.nodes if other is not node)
    )
    mine = [
        f"{deal.id}.yaml"
        for goal in (*GOALS, FORBIDDEN)
        for deal in goal.deals
        if node.organisation in (TOWN, deal.answers_from)
    ]
    node.run("agreements", "add", *mine)


def load_registers(stage: Stage) -> None:
    """Every organisation loads its export; what is refused is what was put in to be refused."""
    stage.chapter(
        "2. Each loads its own clients, from its own export",
        "BSNs and addresses become pseudonyms under a secret that only that node has, and are forgotten.",
        "A housing association may not hold the BSN: its tenants are found by address alone.",
        "Whoever's address is secret is in no kind that is made of an address. What cannot be used is listed with row "
        "and reason, and does not stop the rest.",
    )
    stage.command("register", "load", "gemeente.csv", "--mapping", "gemeente.mapping.yaml")
    with stage.console.status("loading the registers"):
        summaries = stage.everywhere(lambda node: _load(stage, node))
    titles = ("rows", "loaded", "by BSN", "by address", "secret")
    table = Table(Column("organisation", no_wrap=True), *(Column(title, justify="right") for title in titles))
    faults: Counter[str] = Counter()
    for node, seen in zip(stage.nodes, summaries, strict=True):
        reasons = Counter(seen["reasons"])
        by_kind = (_records(seen, kind) for kind in ("bsn", "household"))
        numbers = (seen["rows"], seen["loaded"], *by_kind, reasons.pop("address_secret", 0))
        table.add_row(node.organisation.name, *(f"{number:,}" for number in numbers))
        faults += reasons
    stage.console.print(table)
    table = Table("rows with something that cannot be used, at all five", Column("", justify="right"))
    for code, count in sorted(faults.items()):
        table.add_row(explain(code).meaning, f"{count:,}")
    stage.console.print(table)
    kept = (f"{one.key}: {', '.join(field.name for field in one.fields)}" for one in ORGANISATIONS)
    stage.say(f"Attributes are kept sealed, for what an agreement says of them ({'; '.join(kept)}).")


def _records(seen: dict[str, Any], kind: str) -> int:
    found: int = seen["kinds"].get(kind, {}).get("records", 0)
    return found


def _load(stage: Stage, node: DemoNode) -> dict[str, Any]:
    organisation, book = node.organisation, stage.book(node.organisation)
    source, mapping = (f"{organisation.key}.{end}" for end in ("csv", "mapping.yaml"))
    write_source(stage.file(source), book)
    stage.file(mapping).write_text(mapping_text(organisation), encoding="utf-8")
    seen: dict[str, Any] = node.ask("register", "load", source, "--mapping", mapping)
    told = (seen["loaded"], _records(seen, "bsn"), _records(seen, "household"), seen["reasons"])
    true = (len(book.persons), len(book.bsns), len(book.addresses), dict(book.faults))
    if told != true:
        raise DemoFailed(
            f"{organisation.name}: loaded, by BSN, by address, not used: {told}; there are {true}"
        )
    return seen


def _sign(stage: Stage) -> None:
    """Every organisation signs its agreements; the running nodes hand the signatures over."""
    stage.command("agreements", "sign", *(deal.id for deal in ALLOWANCE.deals), "...")
    with stage.console.status("signing the agreements"):
        signed = sum(stage.everywhere(_sign_at))
        stage.everywhere(_require_in_force)
    stage.say(
        f"Under an agreement that not both signed nothing is asked or answered: {signed} signatures, each with the key "
        "of an organisation's certificate, checked by the other node. Here a program signs; in earnest officers read."
    )


def _sign_at(node: DemoNode) -> int:
    """How many agreements this organisation signed; of one it knows that its own policy refuses what is in it."""
    known = [one["id"] for one in node.ask("agreements", "list")]
    refused = {deal.id for deal in FORBIDDEN.deals}
    node.run("agreements", "sign", *(one for one in known if one not in refused))
    for one in refused & set(known):
        node.run("agreements", "sign", one, "--yes")
    return len(known)


def _require_in_force(node: DemoNode) -> None:
    waiting = [one["id"] for one in node.ask("agreements", "list") if one["status"] != "in_force"]
    if waiting:
        raise DemoFailed(f"{node.organisation.name}: not in force: {', '.join(waiting)}")


def start(stage: Stage) -> None:
    """Start the nodes, and sign."""
    with stage.console.status("starting the nodes"):
        stage.everywhere(stage.start)
    _sign(stage)
    ports = ", ".join(f"{node.organisation.key} on port {node.port}" for node in stage.nodes)
    stage.say(f"The nodes run, and talk over mutual TLS: {ports}.")
