"""Four eyes: officers' signatures over a policy. Who signed is told by the key, never by what a signature says.

A signature is a compact JWS: header kid (the officer's name) and typ; payload {bundle_sha256, revision, sequence, oin,
signed_at}. Nothing here reads a file, a clock or a database.
"""

from base64 import b64decode
from collections.abc import Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from linkage_node import jws
from linkage_node.config import Officer, same_name
from linkage_node.errors import InputError, Refusal
from linkage_node.limits import (
    OFFICERS_NEEDED,
    POLICY_NUMBERS_SKIPPED,
    POLICY_SIGNATURE_SECONDS,
    SIGNATURE_SKEW_SECONDS,
)
from linkage_node.policy.archive import Bundle

TYP = "linkage-policy+jws"


class Said(NamedTuple):
    """What a signature says of the policy that it is over."""

    bundle_sha256: str  # of the file, hexadecimal
    revision: str
    sequence: int
    oin: str

    @classmethod
    def of(cls, bundle: Bundle) -> "Said":
        """What is to be said of a policy."""
        return cls(bundle.sha256, bundle.revision, bundle.sequence, bundle.oin)


class Approval(NamedTuple):
    """A signature that holds."""

    officer: str  # the name in node.yaml
    key: str  # and his public key there: base64
    signed_at: int  # seconds since 1970-01-01 UTC
    said: Said


def approve(bundle: Bundle, officer: Officer, key: Ed25519PrivateKey, now_seconds: int) -> str:
    """The officer's signature over a policy; InputError("officer_key_unusable") if the key is not his."""
    if key.public_key().public_bytes_raw() != _key(officer):
        raise InputError("officer_key_unusable", f"it is not the one of {officer.name} in node.yaml")
    return jws.sign(
        Said.of(bundle)._asdict() | {"signed_at": now_seconds}, key, {"kid": officer.name, "typ": TYP}
    )


def find_officer(officers: Sequence[Officer], name: str, *, code: str = "officer_unknown") -> Officer:
    """The officer of this name, in whatever capitals; Refusal(code)."""
    for officer in officers:
        if same_name(officer.name) == same_name(name):
            return officer
    raise Refusal(code, f"{name[:64]!r}; there are: {', '.join(one.name for one in officers)}")


def check_own(policy_oin: str, oin: str) -> None:
    """Refusal("policy_foreign") for a policy that was built for another organisation than `oin`."""
    if policy_oin != oin:
        raise Refusal("policy_foreign", f"it is of OIN {policy_oin[:20]!r}")


def check_newer(sequence: int, highest: int) -> None:
    """Refusal("policy_older") unless a sequence number is above every one that was in force."""
    if sequence <= highest:
        raise Refusal("policy_older", f"it has sequence number {sequence}; {highest} was in force")


def check_near(sequence: int, highest: int) -> None:
    """Refusal("policy_ahead") for a sequence number so high that soon there were none after it."""
    if sequence > highest + POLICY_NUMBERS_SKIPPED:
        raise Refusal("policy_ahead", f"it has sequence number {sequence}; {highest} was in force")


def check_said(approvals: Sequence[Approval], said: Said) -> None:
    """Each of them says this; Refusal("policy_tampered") of another policy, ("policy_foreign")."""
    for one in approvals:
        if one.said.oin != said.oin:
            raise Refusal("policy_foreign", f"{one.officer} signed one of another organisation")
        if one.said != said:
            raise Refusal("policy_tampered", f"{one.officer} signed another policy")


def check_recent(approvals: Sequence[Approval], now_seconds: int) -> None:
    """Refusal("signature_outdated") for one from longer ago than POLICY_SIGNATURE_SECONDS."""
    days = POLICY_SIGNATURE_SECONDS // (24 * 3600)
    for one in approvals:
        if one.signed_at < now_seconds - POLICY_SIGNATURE_SECONDS:
            raise Refusal(
                "signature_outdated",
                f"{one.officer} signed more than {days} days ago",
                hint="Build the policy anew, with `--from` this file for the same content, and both sign it.",
            )


def verified(signatures: Sequence[str], officers: Sequence[Officer], now_seconds: int) -> list[Approval]:
    """The signatures, each of which holds and is of another officer; there may be too few, and of different policies.

    Refusal: "officer_unknown" (a third party), "signature_invalid", "signature_outdated" (from the future),
    "policy_tampered" (it says something else than what is said of policies), "officer_signed_twice".
    """
    found: list[Approval] = []
    keys: set[str] = set()
    names: set[str] = set()
    for signature in signatures:
        approval = _verified(signature, officers, now_seconds)
        if approval.key in keys or same_name(approval.officer) in names:
            raise Refusal("officer_signed_twice", approval.officer)
        keys.add(approval.key)
        names.add(same_name(approval.officer))
        found.append(approval)
    return found


def check_enough(approvals: Sequence[Approval]) -> None:
    """Refusal("policy_unsigned") without any signature, Refusal("officer_missing") with too few."""
    if not approvals:
        raise Refusal("policy_unsigned")
    if len(approvals) < OFFICERS_NEEDED:
        raise Refusal("officer_missing", f"only {approvals[0].officer} signed")


def _verified(signature: str, officers: Sequence[Officer], now_seconds: int) -> Approval:
    header = jws.header_of(signature)
    if header.get("typ") != TYP or not isinstance(header.get("kid"), str):
        raise Refusal("signature_invalid", "it is no signature over a policy")
    officer = find_officer(officers, header["kid"])
    payload = jws.verified(signature, Ed25519PublicKey.from_public_bytes(_key(officer)))
    signed_at = payload.pop("signed_at", None)
    if type(signed_at) is not int:
        raise Refusal("signature_invalid", f"{officer.name} does not say when")
    if {name: type(value) for name, value in payload.items()} != Said.__annotations__:
        raise Refusal("policy_tampered", f"{officer.name} signed something else than a policy")
    if signed_at > now_seconds + SIGNATURE_SKEW_SECONDS:
        raise Refusal("signature_outdated", f"{officer.name} signed in the future")
    return Approval(officer.name, officer.key, signed_at, Said(**payload))


def _key(officer: Officer) -> bytes:
    return b64decode(officer.key)
