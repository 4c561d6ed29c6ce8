"""Chapter 8: questions that are refused, and the reasons that their askers are told."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from rich.table import Column, Table

from linkage_node.demo.calling import CASE, PERSONS_FILE
from linkage_node.demo.deals import ALLOWANCE, CONTACT, FORBIDDEN, STEERING
from linkage_node.demo.nodes import DemoFailed
from linkage_node.demo.registers import BANK, DESK, TEAM, TOWN, Organisation
from linkage_node.demo.stage import Stage
from linkage_node.errors import ExitCode
from linkage_node.reasons import explain

_PANEL_TITLE = re.compile(r"^╭─ ([a-z_]+) ─", re.MULTILINE)
_OUTPUT = "geweigerd.csv"
_AT_ONCE = 2  # each is a process of its own


class Try(NamedTuple):
    """What somebody tries, the code that must refuse it, and the command."""

    what: str
    code: str
    words: tuple[str, ...]
    by: Organisation = TOWN
    exit_code: ExitCode = ExitCode.REFUSED


def _match(what: str, code: str, agreement: str, *words: str) -> Try:
    return Try(what, code, ("match", "--agreement", agreement, "--output", _OUTPUT, *words))


def _about_one(what: str, code: str, agreement: str, *words: str) -> Try:
    return _match(what, code, agreement, "--answer", "attributes", "--persons", PERSONS_FILE, *words)


_HIT, _COUNT, _CALL, _ORIGIN = (
    goal.deals[-1 if goal is STEERING else 0].id for goal in (ALLOWANCE, STEERING, CONTACT, FORBIDDEN)
)


def _tries(bsn: str) -> list[Try]:
    return [
        _match("for another purpose: fraud detection", "purpose_not_agreed", _HIT, "--purpose", "Fraudeopsporing"),
        _match("by address, where only the BSN was agreed", "kind_not_agreed", _HIT, "--kind", "household"),
        _about_one("for attributes, where only a hit was agreed", "answer_not_agreed", _HIT, "--case", CASE),
        _about_one(
            "for the amount of somebody's debts", "attribute_not_agreed", _CALL, "--case", CASE,
            "--attribute", "schuldbedrag",
        ),
        _about_one("whom to call, for no case", "case_reference_missing", _CALL),
        _about_one(
            "whom to call, with the BSN for a case", "case_reference_is_identifier", _CALL, "--case", bsn
        ),
        _about_one(
            f"for nationality, though {TEAM.name} agreed to tell it", "special_category", _ORIGIN,
            "--case", CASE,
        ),
        _match(
            "for a count by street, which is in no catalogue", "question_not_agreed", _COUNT, "--answer", "count",
            "--question", "per-straat",
        ),
        _match(
            f"a second count, when {DESK.name} has told what its register may tell this year",
            "epsilon_exhausted", _COUNT, "--answer", "count", "--question", "alles",
        ),
        Try(
            f"{BANK.name} adds an agreement of two others, to ask under it", "agreement_foreign",
            ("agreements", "add", f"{_HIT}.yaml"), BANK, ExitCode.INPUT,
        ),
    ]  # fmt: skip


def refuse(stage: Stage) -> None:
    """Questions that were not agreed on."""
    stage.chapter(
        "8. What is refused",
        f"Both nodes decide, each by its own policy and the agreement that both hold. {TOWN.name} asks, unless "
        "another is named:",
    )
    bsn = next(iter(stage.book(TOWN).bsns.values()))
    with stage.console.status("trying what was not agreed"):
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            rows = list(pool.map(lambda one: _refused(stage, one), _tries(bsn)))
        stage.node(BANK).run("agreements", "revoke", _CALL, "--yes")
        revoked = f"whom to call, when {BANK.name} has revoked its agreement"
        rows.append(_refused(stage, _about_one(revoked, "agreement_revoked", _CALL, "--case", CASE)))
    table = Table(
        "what is tried",
        Column("refused by", no_wrap=True),
        Column("because", overflow="fold"),
        show_lines=True,
    )
    for row in rows:
        table.add_row(*row)
    stage.console.print(table)
    if stage.file(_OUTPUT).exists():
        raise DemoFailed("a refused question left results")
    stage.learnt("Whoever was refused", "the reason, and nothing else; no file of results was left")


def _refused(stage: Stage, one: Try) -> tuple[str, str, str]:
    """Try it: what was tried, who refused it, and why. DemoFailed if it was not refused, or for another reason."""
    panel = stage.node(one.by).run(*one.words, expect=one.exit_code).stderr
    title = _PANEL_TITLE.search(panel)
    if not title or title.group(1) != one.code:
        raise DemoFailed(f"{one.what}: expected {one.code}, and it said: {panel}")
    by = "the other node" if "the provider refused" in panel else "the own node"
    return one.what, by, f"{explain(one.code).meaning} ({one.code})"
