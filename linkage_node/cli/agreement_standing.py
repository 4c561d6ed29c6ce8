"""Tells people what the signatures under an agreement come to, and what ends with it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.table import Column, Table
from rich.text import Text

from linkage_node.cli.common import console, errors, print_json
from linkage_node.errors import InputError

if TYPE_CHECKING:
    from linkage_node.agreements import Agreement
    from linkage_node.agreements.signature_store import Kept
    from linkage_node.node import Node

_SAID = {"accept": "approved", "reject": "rejected", "revoke": "revoked"}


def told_of(node: "Node", agreement: "Agreement") -> dict[str, Any]:
    """How an agreement stands, for scripts and, in `words`, for people."""
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
        "words": standing_words(agreement, standing, node.config.oin),
    }


def tell_signatures(
    agreement: "Agreement", kept: "Sequence[Kept]", told: dict[str, Any], *, as_json: bool
) -> None:
    """The signatures one by one."""
    if as_json:
        print_json({**told, "signatures": [_data(one) for one in kept]})
        return
    names = {party.oin: party.name for party in (agreement.requester, agreement.provider)}
    columns = (Column(name, overflow="fold") for name in ("who", "said", "when (UTC)", "with certificate"))
    table = Table(*columns)
    for one in kept:
        who = Text(f"{names.get(one.oin, '')}\n{one.oin}".strip())
        table.add_row(who, _SAID[one.type], *_when_and_with_what(one))
    if kept:
        console.print(table)
    console.print(told["words"], markup=False, soft_wrap=True)


def _when_and_with_what(one: "Kept") -> tuple[str, Text]:
    signature = one.signature
    if signature is None:
        return "", Text(f"it does not hold any more ({one.fault})")
    certificate = signature.chain[0]
    issuer, until = certificate.issuer.rfc4514_string(), certificate.not_valid_after_utc
    when = f"{datetime.fromtimestamp(signature.signed_at, UTC):%Y-%m-%d %H:%M}"
    return when, Text(f"{signature.thumbprint[:16]}… of {issuer}, until {until:%Y-%m-%d}")


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
    errors.print(
        f"Revoking {agreement.id} ends it, at both organisations, and cannot be taken back:", markup=False
    )
    lines = [
        "nothing is asked or answered under it any more, and what is under way stops;",
        "its keys and tag sets are destroyed;",
        f"results that are kept go: here {kept:,} queries'; export them before if you may keep them;",
        "what stays: the evidence, the record of what was told about whom, and what counts have cost.",
    ]
    if regular:
        partner = told_of(node, agreement)["partner"]
        lines.insert(3, f"standing questions get no answer from {partner} any more: {', '.join(regular)};")
    for line in lines:
        errors.print(f"  - {line}", markup=False, soft_wrap=True)


def what_removing_leaves(node: "Node", agreement_id: str) -> str:
    """What stays behind at the partner when an agreement is removed here; nothing to say if it can be told no more."""
    try:
        agreement = node.agreements.get_by_id(agreement_id)
    except InputError:  # of an earlier version, that this one cannot read
        return ""
    told = told_of(node, agreement)
    if told["status"] in ("in_force", "not_activated"):
        return (
            f"{told['partner']} is not told of it, and your organisation's signature stands. To end the agreement at"
            " both, add it anew and revoke it."
        )
    if bytes.fromhex(told["content_hash"]) in node.agreements.signatures.undelivered(node.config.oin):
        return (
            f"{told['partner']} has not heard yet what you said of it, and will not while it is removed here: add it"
            " anew, and your node brings it."
        )
    return ""
