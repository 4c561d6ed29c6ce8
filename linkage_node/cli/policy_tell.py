"""Tells officers what a policy is, and what it changes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.box import HORIZONTALS
from rich.markup import escape
from rich.table import Column, Table

from linkage_node import __version__
from linkage_node.cli.agreement_tell import parties
from linkage_node.cli.common import console, tell, warn
from linkage_node.cli.language import each, in_language, say, spoken
from linkage_node.errors import LinkageError
from linkage_node.policy.building import Choice, changes, unlike_product
from linkage_node.policy.explained_words import field_name, word
from linkage_node.policy.findings_nl import in_dutch
from linkage_node.policy.verdicts import Finding, findings_in, verdict_of
from linkage_node.printable import clean

if TYPE_CHECKING:
    from linkage_node.node import Node
    from linkage_node.policy.archive import Bundle
    from linkage_node.policy.own_cases import Held


def in_force(node: "Node") -> "Bundle | None":
    """The policy that is in force now; None if there is none, and it is told if one cannot be used."""
    if node.active_policy is None:
        return None
    try:
        return node.active_policy.current().bundle
    except LinkageError as error:
        if error.code != "policy_not_activated":
            warn("unusable_in_force", fault=in_language(error).message)
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
        "against": {
            content: {"reasons": against.reasons, "findings": [one._asdict() for one in against.findings]}
            for content in sorted(bundle.data["agreements"])
            if any(against := _against(bundle, content))
        },
        "changes": changes(before.contents if before else None, bundle.contents)._asdict(),
        "unlike_product": unlike_product(bundle.contents),
    }


class Against(NamedTuple):
    """What no agreement can lift, held against one."""

    reasons: list[str]  # codes for which every question under it is refused
    findings: list[Finding]  # these, and what is against a part of it


def _against(bundle: "Bundle", content: str) -> Against:
    verdict = verdict_of(bundle.data, content)
    if verdict is None:
        return Against(["guardrails_unchecked"], [])
    return Against([str(code) for code in verdict.get("reasons", [])], findings_in(verdict))


def _in_words(finding: Finding) -> str:
    what = in_dutch(finding.what) if spoken() == "nl" else finding.what
    return f"{field_name(spoken(), finding.field)}: {what} ({finding.source})"


def tell_bundle(bundle: "Bundle", before: "Bundle | None") -> None:
    """A policy: its names, its agreements, and what it changes."""
    tell("policy_is", sequence=str(bundle.sequence), revision=bundle.revision, built_at=bundle.built_at)
    tell("policy_sha256", sha256=bundle.sha256)
    for content, agreement in sorted(bundle.data["agreements"].items()):
        _plain(f"  {agreement.get('id')} ({content[:16]}): {agreement.get('purpose')}")
        reasons, found = _against(bundle, content)
        if reasons:
            _plain(f"    {say('refused_anyway', codes=', '.join(reasons))}")
        if partly := sorted({one.code for one in found} - {*reasons}):
            _plain(f"    {say('refused_partly', codes=', '.join(partly))}")
        for one in found:
            _plain(f"      {_in_words(one)}")
    if before:
        tell("against_policy", sequence=str(before.sequence))
    else:
        tell("against_nothing")
    told = changes(before.contents if before else None, bundle.contents)
    for field, names in told._asdict().items():
        if names:
            listed = before or field.startswith("agreements")  # of a first policy the rest is all there is
            shown = ", ".join(names) if listed else len(names)
            _plain(f"  {say(f'changed_{field}', names=shown)}")
    if before is None:  # of a later one the rest is what two officers signed before
        _tell_product(bundle)
    if not told.any:
        _plain(f"  {say('changed_nothing')}")


def _tell_product(bundle: "Bundle") -> None:
    others = unlike_product(bundle.contents)
    if others:
        warn("unlike_product", version=__version__, names=clean(", ".join(others)))
    else:
        _plain(f"  {say('as_product', version=__version__)}")


def choices_data(choices: Sequence[Choice]) -> list[dict[str, str]]:
    """Which agreements were taken in, for scripts."""
    return [{"id": one.agreement.id, "status": one.status, "left_out": one.left_out} for one in choices]


def tell_choices(choices: Sequence[Choice]) -> None:
    """Which agreements were taken in, and which were not."""
    if not choices:
        return
    heads = each("build", "agreement status taken")
    table = Table(*(Column(name, overflow="fold") for name in heads), box=HORIZONTALS)
    for agreement, status, left_out in choices:
        taken = say(f"left_out_{left_out}" if left_out else "taken_yes")
        named = f"{agreement.id}\n{parties(agreement)}\n{agreement.purpose}"
        table.add_row(escape(named), word(spoken(), status), taken)
    console.print(table)


def cases_data(held: "Held") -> dict[str, Any]:
    """Which of its cases were tried, for scripts."""
    return {
        "cases": held.cases,
        "cases_own": held.own,
        "cases_untried": [one._asdict() for one in held.untried],
    }


def tell_cases(held: "Held") -> None:
    """How many of its cases hold, whose they are, and which are about agreements that it does not have."""
    tell("own_cases_held", cases=held.cases, product=held.cases - held.own, own=held.own)
    for one in held.untried:
        warn("case_untried", case=one.case, source=one.source, agreement=clean(one.agreement))


def _plain(line: str) -> None:
    console.print(clean(line), markup=False, soft_wrap=True)
