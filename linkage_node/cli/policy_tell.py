"""Tells officers what a policy is, and what it changes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.box import HORIZONTALS
from rich.markup import escape
from rich.table import Column, Table

from linkage_node.cli.agreement_tell import parties
from linkage_node.cli.common import console, errors
from linkage_node.policy.building import Choice, changes
from linkage_node.printable import clean

if TYPE_CHECKING:
    from linkage_node.node import Node
    from linkage_node.policy.archive import Bundle

_WORDS = {
    "agreements_added": "Agreements that come in",
    "agreements_removed": "Agreements that go out",
    "rules": "Rules that change",
    "legal_bases": "Legal bases that change",
    "catalogue": "Other parts of the catalogue that change",
    "cases": "Cases and examples that change",
}


def in_force(node: "Node") -> "Bundle | None":
    """The policy that is in force now; None if there is none, and it is told if one cannot be used."""
    from linkage_node.errors import LinkageError

    if node.active_policy is None:
        return None
    try:
        return node.active_policy.current().bundle
    except LinkageError as error:
        if error.code != "policy_not_activated":
            errors.print(f"What is in force cannot be used: {error.message}", markup=False, soft_wrap=True)
        return None


def bundle_data(bundle: "Bundle", before: "Bundle | None") -> dict[str, Any]:
    """A policy and its changes, for scripts."""
    return {
        "sequence": bundle.sequence,
        "revision": bundle.revision,
        "sha256": bundle.sha256,
        "oin": bundle.oin,
        "built_at": bundle.built_at,
        "in_force": before.sequence if before else None,
        "changes": changes(before.contents if before else None, bundle.contents)._asdict(),
    }


def tell_bundle(bundle: "Bundle", before: "Bundle | None") -> None:
    """A policy: its names, its agreements, and what it changes."""
    console.print(f"Policy {bundle.sequence}, revision {bundle.revision}, built at {bundle.built_at}.")
    console.print(f"SHA-256 of the file: {bundle.sha256}", soft_wrap=True)
    for content, agreement in sorted(bundle.data["agreements"].items()):
        found = bundle.data["verdicts"].get(content, {}).get("findings", [])
        against = ", ".join(sorted({str(one.get("code")) for one in found}))
        line = f"  {agreement.get('id')} ({content[:8]}): {agreement.get('purpose')}"
        _plain(line + (f" - REFUSED, whatever it says: {against}" if against else ""))
    console.print(
        f"Against policy {before.sequence}, in force now:" if before else "Nothing is in force now:"
    )
    told = changes(before.contents if before else None, bundle.contents)
    for field, names in told._asdict().items():
        if names:
            _plain(f"  {_WORDS[field]}: {', '.join(names)}")
    if not told.any:
        console.print("  nothing changes.")


def choices_data(choices: Sequence[Choice]) -> list[dict[str, str]]:
    """Which agreements were taken in, for scripts."""
    return [{"id": one.agreement.id, "status": one.status, "left_out": one.left_out} for one in choices]


def tell_choices(choices: Sequence[Choice]) -> None:
    """Which agreements were taken in, and which were not."""
    if not choices:
        return
    table = Table(
        *(Column(name, overflow="fold") for name in ("agreement", "status", "taken in")), box=HORIZONTALS
    )
    for agreement, status, left_out in choices:
        taken = f"no: {left_out}" if left_out else "yes"
        table.add_row(f"{agreement.id}\n{parties(agreement)}\n{escape(agreement.purpose)}", status, taken)
    console.print(table)


def _plain(line: str) -> None:
    console.print(clean(line), markup=False, soft_wrap=True)
