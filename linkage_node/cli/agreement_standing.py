"""Tells people what the signatures under an agreement come to, and what ends with it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.table import Column, Table
from rich.text import Text

from linkage_node.cli.common import console, print_json, warn
from linkage_node.cli.language import each, say, spoken
from linkage_node.errors import Refusal

if TYPE_CHECKING:
    from linkage_node.agreements import Agreement
    from linkage_node.agreements.signature_store import Kept
    from linkage_node.node import Node


def told_of(node: "Node", agreement: "Agreement", *, as_json: bool = False) -> dict[str, Any]:
    """How an agreement stands, and in `words` for people: in the language of the screen, in JSON in English."""
    from linkage_node.agreements import content_hash
    from linkage_node.agreements.told import name_of, standing_words

    content = content_hash(agreement)
    standing = node.agreements.standing(content)
    return {
        "agreement": agreement.id,
        "content_hash": content.hex(),
        "partner": name_of(agreement, agreement.partner_of(node.config.oin).oin),
        "status": standing.status,
        "missing_signatures": list(standing.missing),
        "words": standing_words(agreement, standing, node.config.oin, "en" if as_json else spoken()),
    }


def tell_signatures(
    agreement: "Agreement", kept: "Sequence[Kept]", told: dict[str, Any], *, as_json: bool
) -> None:
    """The signatures one by one."""
    if as_json:
        print_json({**told, "signatures": [_data(one) for one in kept]})
        return
    names = {party.oin: party.name for party in (agreement.requester, agreement.provider)}
    heads = each("signatures", "who said when with")
    table = Table(*(Column(name, overflow="fold") for name in heads))
    for one in kept:
        who = Text(f"{names.get(one.oin, '')}\n{one.oin}".strip())
        table.add_row(who, say(f"said_{one.type}"), *_when_and_with_what(one))
    if kept:
        console.print(table)
    console.print(told["words"], markup=False, soft_wrap=True)


def _when_and_with_what(one: "Kept") -> tuple[str, Text]:
    signature = one.signature
    if signature is None:
        return "", Text(say("holds_no_more", code=one.fault))
    certificate = signature.chain[0]
    issuer, until = certificate.issuer.rfc4514_string(), certificate.not_valid_after_utc
    when = f"{datetime.fromtimestamp(signature.signed_at, UTC):%Y-%m-%d %H:%M}"
    told = say(
        "certificate_of", thumbprint=signature.thumbprint[:16], issuer=issuer, until=f"{until:%Y-%m-%d}"
    )
    return when, Text(told)


def _data(one: "Kept") -> dict[str, Any]:
    from linkage_node.clock import iso

    signature = one.signature
    return {
        "oin": one.oin,
        "type": one.type,
        "signed_at": iso(signature.signed_at * 1000) if signature else None,
        "received_at": iso(one.received_at),
        "delivered_at": iso(one.delivered_at) if one.delivered_at else None,
        "certificate": signature.thumbprint if signature else None,
        "holds": signature is not None,
        "fault": one.fault,
        "jws": signature.text if signature else None,
    }


def tell_what_ends(node: "Node", agreement: "Agreement") -> None:
    """Said before an agreement is revoked, on stderr."""
    from linkage_node.agreements import content_hash
    from linkage_node.asking.queries import QueryStore
    from linkage_node.asking.standing import StandingStore

    content = content_hash(agreement)
    asked = [one for one in QueryStore(node.database, node.sealer).all() if one.agreement_hash == content]
    kept = sum(one.state == "done" for one in asked)
    regular = [
        one.name
        for one in StandingStore(node.database).all()
        if any(target.agreement_id == agreement.id for target in one.targets)
    ]
    warn("ends", agreement=agreement.id)
    warn("ends_asking")
    warn("ends_keys")
    if regular:
        warn("ends_standing", partner=told_of(node, agreement)["partner"], names=", ".join(regular))
    warn("ends_results", queries=kept)
    warn("ends_not")


def what_removing_leaves(node: "Node", agreement_id: str) -> str:
    """What stays behind at the partner when an agreement is removed here; nothing to say if it can be told no more."""
    try:
        agreement = node.agreements.get_by_id(agreement_id)
    except Refusal as refusal:
        if refusal.code != "agreement_unfit":
            raise
        return ""
    told = told_of(node, agreement)
    if told["status"] in ("in_force", "not_activated"):
        return say("removed_signed", partner=told["partner"])
    if bytes.fromhex(told["content_hash"]) in node.agreements.signatures.undelivered(node.config.oin):
        return say("removed_unheard", partner=told["partner"])
    return ""
