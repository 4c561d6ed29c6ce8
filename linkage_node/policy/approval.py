"""Four eyes: officers' signatures over a policy. Who signed is told by the key, never by what a signature says.

A signature is a compact JWS: header kid (the officer's name) and typ; payload {bundle_sha256, revision, sequence, oin,
signed_at}. Nothing here reads a file, a clock or a database.
"""

from base64 import b64decode
from collections.abc import Sequence
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from linkage_node import jws
from linkage_node.config import Officer, same_name
from linkage_node.errors import InputError, Refusal
from linkage_node.limits import OFFICERS_NEEDED, SIGNATURE_SKEW_SECONDS
from linkage_node.policy.archive import Bundle

TYP = "linkage-policy+jws"


class Approval(NamedTuple):
    """A signature that holds."""

    officer: str  # the name in node.yaml
    signed_at: int  # seconds since 1970-01-01 UTC


def approve(bundle: Bundle, officer: Officer, key: Ed25519PrivateKey, now_seconds: int) -> str:
    """The officer's signature over a policy; InputError("officer_key_unusable") if the key is not his."""
    if key.public_key().public_bytes_raw() != _key(officer):
        raise InputError("officer_key_unusable", f"it is not the one of {officer.name} in node.yaml")
    return jws.sign(_said(bundle) | {"signed_at": now_seconds}, key, {"kid": officer.name, "typ": TYP})


def find_officer(officers: Sequence[Officer], name: str) -> Officer:
    """The officer of this name, in whatever capitals; Refusal("officer_unknown")."""
    for officer in officers:
        if same_name(officer.name) == same_name(name):
            return officer
    raise Refusal("officer_unknown", f"{name[:64]!r}; there are: {', '.join(one.name for one in officers)}")


def check_own(bundle: Bundle, oin: str) -> None:
    """Refusal("policy_foreign") for a policy that was built for another organisation than `oin`."""
    if bundle.oin != oin:
        raise Refusal("policy_foreign", f"it is of OIN {bundle.oin[:20]!r}")


def check_newer(bundle: Bundle, highest: int) -> None:
    """Refusal("policy_older") unless its sequence number is above every one that was in force."""
    if bundle.sequence <= highest:
        raise Refusal("policy_older", f"it has sequence number {bundle.sequence}; {highest} was in force")


def verified(
    bundle: Bundle, signatures: Sequence[str], officers: Sequence[Officer], now_seconds: int
) -> list[Approval]:
    """The signatures over a policy, each of which holds and is of another officer; there may be too few of them.

    Refusal: "officer_unknown" (a third party), "signature_invalid", "signature_outdated" (from the future),
    "policy_tampered" (of another policy), "policy_foreign", "officer_signed_twice".
    """
    found: list[Approval] = []
    keys: set[bytes] = set()
    names: set[str] = set()
    for signature in signatures:
        approval, key = _verified(bundle, signature, officers, now_seconds)
        if key in keys or same_name(approval.officer) in names:
            raise Refusal("officer_signed_twice", approval.officer)
        keys.add(key)
        names.add(same_name(approval.officer))
        found.append(approval)
    return found


def check_enough(approvals: Sequence[Approval]) -> None:
    """Refusal("policy_unsigned") without any signature, Refusal("officer_missing") with too few."""
    if not approvals:
        raise Refusal("policy_unsigned")
    if len(approvals) < OFFICERS_NEEDED:
        raise Refusal("officer_missing", f"only {approvals[0].officer} signed")


def _verified(
    bundle: Bundle, signature: str, officers: Sequence[Officer], now_seconds: int
) -> tuple[Approval, bytes]:
    header = jws.header_of(signature)
    if header.get("typ") != TYP or not isinstance(header.get("kid"), str):
        raise Refusal("signature_invalid", "it is no signature over a policy")
    officer = find_officer(officers, header["kid"])
    key = _key(officer)
    payload = jws.verified(signature, Ed25519PublicKey.from_public_bytes(key))
    signed_at = payload.pop("signed_at", None)
    if type(signed_at) is not int:
        raise Refusal("signature_invalid", f"{officer.name} does not say when")
    if payload.get("oin") != bundle.oin:
        raise Refusal("policy_foreign", f"{officer.name} signed one of another organisation")
    if payload != _said(bundle):
        raise Refusal("policy_tampered", f"{officer.name} signed another policy")
    if signed_at > now_seconds + SIGNATURE_SKEW_SECONDS:
        raise Refusal("signature_outdated", f"{officer.name} signed in the future")
    return Approval(officer.name, signed_at), key


def _said(bundle: Bundle) -> dict[str, Any]:
    return {
        "bundle_sha256": bundle.sha256,
        "revision": bundle.revision,
        "sequence": bundle.sequence,
        "oin": bundle.oin,
    }


def _key(officer: Officer) -> bytes:
    return b64decode(officer.key)
