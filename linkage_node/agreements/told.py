"""How an agreement stands, in words."""

from linkage_node.agreements.model import Agreement
from linkage_node.agreements.signature_store import Standing


def name_of(agreement: Agreement, oin: str) -> str:
    """What the agreement calls one of its parties."""
    return next(one.name or one.oin for one in (agreement.requester, agreement.provider) if one.oin == oin)


def standing_words(agreement: Agreement, standing: Standing, own_oin: str) -> str:
    """One sentence about an agreement, for the organisation `own_oin`."""
    missing = [
        "your own signature" if oin == own_oin else f"the signature of {name_of(agreement, oin)}"
        for oin in standing.missing
    ]
    return {
        "in_force": "Both organisations signed: it is in force.",
        "unsigned": f"It is not in force: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
        "rejected": "It was rejected, and never comes into force.",
        "revoked": "It was revoked: nothing is asked or answered under it any more.",
        "not_activated": "Both organisations signed; it is not in the policy that your officers put into force.",
    }[standing.status]
