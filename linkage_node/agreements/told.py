"""How an agreement stands, in words."""

from linkage_node.agreements.model import Agreement
from linkage_node.agreements.signature_store import Standing
from linkage_node.agreements.standing import Status
from linkage_node.agreements.words import Language

# The own signature, the partner's, what stands between the two, and the verb for one and for more.
_MISSING: dict[Language, tuple[str, str, str, tuple[str, str]]] = {
    "nl": ("uw eigen handtekening", "de handtekening van {}", " en ", ("ontbreekt", "ontbreken")),
    "en": ("your own signature", "the signature of {}", " and ", ("is missing", "are missing")),
}
STANDINGS: dict[Language, dict[Status, str]] = {
    "nl": {
        "in_force": "Beide organisaties tekenden: zij is van kracht.",
        "unsigned": "Zij is niet van kracht: {missing} {lacking}.",
        "rejected": "Zij is afgewezen, en wordt nooit van kracht.",
        "revoked": "Zij is ingetrokken: er wordt niets meer onder gevraagd of beantwoord.",
        "not_activated": "Beide organisaties tekenden; zij staat niet in het beleid dat uw functionarissen in werking"
        " brachten.",
    },
    "en": {
        "in_force": "Both organisations signed: it is in force.",
        "unsigned": "It is not in force: {missing} {lacking}.",
        "rejected": "It was rejected, and never comes into force.",
        "revoked": "It was revoked: nothing is asked or answered under it any more.",
        "not_activated": "Both organisations signed; it is not in the policy that your officers put into force.",
    },
}
FORMER: dict[Language, str] = {
    "nl": "Zij is hier vervangen of weggehaald: er wordt niets onder gevraagd of beantwoord.",
    "en": "It was replaced or removed here: nothing is asked or answered under it.",
}


def name_of(agreement: Agreement, oin: str) -> str:
    """What the agreement calls one of its parties."""
    return next(one.name or one.oin for one in (agreement.requester, agreement.provider) if one.oin == oin)


def standing_words(agreement: Agreement, standing: Standing, own_oin: str, language: Language = "en") -> str:
    """One sentence about an agreement, for the organisation `own_oin`."""
    own, theirs, both, lacking = _MISSING[language]
    missing = [own if oin == own_oin else theirs.format(name_of(agreement, oin)) for oin in standing.missing]
    return STANDINGS[language][standing.status].format(
        missing=both.join(missing), lacking=lacking[len(missing) > 1]
    )
