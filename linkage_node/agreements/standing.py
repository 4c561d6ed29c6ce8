"""Whether an agreement is in force: what the signatures of both organisations come to."""

from collections.abc import Iterable
from typing import Literal

Status = Literal["unsigned", "in_force", "rejected", "revoked", "not_activated"]
SignatureType = Literal["accept", "reject", "revoke"]
# Why nothing is done under an agreement that is not in force.
STATUS_REASONS: dict[str, str] = {
    "unsigned": "agreement_unsigned",
    "rejected": "agreement_rejected",
    "revoked": "agreement_revoked",
    "not_activated": "agreement_not_activated",
}


def status_of(signed: Iterable[tuple[str, SignatureType]], parties: frozenset[str]) -> Status:
    """What verified signatures, each an OIN and its type, come to; those of others than `parties` count for nothing.

    A revocation or rejection by one party is final: who wants to go on agrees on a new version.
    """
    own = {(oin, signature) for oin, signature in signed if oin in parties}
    types = {signature for _, signature in own}
    if "revoke" in types:
        return "revoked"
    if "reject" in types:
        return "rejected"
    return "in_force" if {oin for oin, _ in own} == parties else "unsigned"
