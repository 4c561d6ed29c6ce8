"""An agreement that is about to be replaced or removed: what is said and asked before, and what stays of it after."""

from typing import TYPE_CHECKING, NamedTuple

from linkage_node.cli.agreement_standing import results_under, told_of
from linkage_node.cli.common import confirm, console, tell, warn
from linkage_node.cli.language import say
from linkage_node.errors import InputError, Refusal

if TYPE_CHECKING:
    from linkage_node.agreements import Agreement
    from linkage_node.node import Node


class Leaving(NamedTuple):
    """It, and how it stood."""

    agreement: "Agreement"
    partner: str
    signed: bool  # by both, and neither ended it
    unheard: bool  # the own approval waits for the partner, which never gets it now


def leaving(node: "Node", agreement_id: str) -> Leaving | None:
    """The agreement with this id; None if there is none, or it cannot be read."""
    from linkage_node.agreements import content_hash

    try:
        agreement = node.agreements.get_by_id(agreement_id)
    except Refusal as refusal:
        if refusal.code not in ("agreement_not_here", "agreement_unfit"):
            raise
        return None
    told = told_of(node, agreement)
    waits = content_hash(agreement) in node.agreements.signatures.undelivered(node.config.oin)
    return Leaving(
        agreement,
        told["partner"],
        signed=told["status"] in ("in_force", "not_activated"),
        unheard=waits and told["status"] == "unsigned",
    )


def ask_to_replace(old: Leaving, new: "Agreement", *, yes: bool) -> None:
    """Say what stops, and ask; nothing if not both signed it. InputError("option_missing") where nobody can answer."""
    if not old.signed:
        return
    version = str(old.agreement.version)
    same = old.agreement.version == new.version
    signed = say("new_text") if same else say("list_version", version=str(new.version))
    warn("replaces", agreement=new.id, old=version, new=signed)
    if same:
        warn("replaces_same", version=version)
    warn("replaces_here", partner=old.partner, old=version)
    if not yes:
        if not console.is_terminal:
            raise InputError("option_missing", "`--yes`: replacing ends what both organisations signed")
        confirm("replace_it")


def ask_to_remove(old: Leaving, *, yes: bool) -> None:
    """The same before it is removed."""
    if not old.signed:
        return
    warn("removes", agreement=old.agreement.id, partner=old.partner)
    if not yes:
        if not console.is_terminal:
            raise InputError("option_missing", "`--yes`: removing ends here what both organisations signed")
        confirm("remove_it")


def tell_replaced(node: "Node", old: Leaving) -> None:
    """That it was replaced, and what stays of it."""
    tell("replaced", version=str(old.agreement.version))
    tell_what_stays(node, old)


def tell_what_stays(node: "Node", old: Leaving) -> None:
    """What stays of it here and at the partner, and how it can be ended all the same."""
    from linkage_node.agreements import content_hash
    from linkage_node.agreements.store import HASH_DIGITS

    if old.signed:
        name = content_hash(old.agreement).hex()[:HASH_DIGITS]
        queries = results_under(node, old.agreement)
        warn("stays", version=str(old.agreement.version), queries=queries, name=name)
    if old.unheard:
        warn("stays_unheard", partner=old.partner)
