"""Tells people what the signatures under an agreement come to, and what ends with it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.table import Column, Table
from rich.text import Text

from linkage_node.cli.common import console, print_json, warn
from linkage_node.cli.language import each, say, spoken

if TYPE_CHECKING:
    from linkage_node.agreements import Agreement
    from linkage_node.agreements.signature_store import Kept
    from linkage_node.agreements.words import Language
    from linkage_node.node import Node


def told_of(node: "Node", agreement: "Agreement", *, as_json: bool = False) -> dict[str, Any]:
    """How an agreement stands, and in `words` for people: in the language of the screen, in JSON in English."""
    from linkage_node.agreements import content_hash
    from linkage_node.agreements.told import name_of

    content = content_hash(agreement)
    status, missing, words = _standing(node, agreement, "en" if as_json else spoken())
    return {
        "agreement": agreement.id,
        "content_hash": content.hex(),
        "partner": name_of(agreement, agreement.partner_of(node.config.oin).oin),
        "status": status,
        "missing_signatures": list(missing),
        "words": words,
    }


def _standing(node: "Node", agreement: "Agreement", language: "Language") -> tuple[str, Sequence[str], str]:
    """Status, OINs of who did not sign, and a sentence; of a former text only what ended it matters."""
    from linkage_node.agreements import content_hash
    from linkage_node.agreements.signature_store import Standing
    from linkage_node.agreements.standing import status_of
    from linkage_node.agreements.told import FORMER, standing_words

    content, parties = content_hash(agreement), agreement.parties
    if node.agreements.has(content):
        standing = node.agreements.standing(content)
    else:
        kept = node.agreements.signatures.of(content, parties)
        final = [(one.oin, one.type) for one in kept if one.type != "accept"]
        if not final:
            return "former", (), FORMER[language]
        standing = Standing(status_of(final, parties), ())
    words = standing_words(agreement, standing, node.config.oin, language)
    return standing.status, standing.missing, words


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
    from linkage_node.asking.standing import StandingStore

    is_asked = node.agreements.has(content_hash(agreement))
    regular = [
        one.name
        for one in StandingStore(node.database).all()
        if is_asked and any(target.agreement_id == agreement.id for target in one.targets)
    ]
    warn("ends", agreement=agreement.id)
    warn("ends_asking")
    warn("ends_keys")
    if regular:
        warn("ends_standing", partner=told_of(node, agreement)["partner"], names=", ".join(regular))
    warn("ends_results", queries=results_under(node, agreement))
    warn("ends_not")


def results_under(node: "Node", agreement: "Agreement") -> int:
    """How many queries under an agreement have results here."""
    from linkage_node.agreements import content_hash
    from linkage_node.asking.queries import QueryStore

    content = content_hash(agreement)
    asked = (one for one in QueryStore(node.database, node.sealer).all() if one.agreement_hash == content)
    return sum(one.state == "done" for one in asked)
