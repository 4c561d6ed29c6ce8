"""Checks of what stands in files and in policy: permissions, disk, secrets, card, agreements, decisions."""

import os
import shutil
import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING

from linkage_node.agreements import content_hash
from linkage_node.clock import DAY_MS, now_ms
from linkage_node.diagnosis.findings import Finding, State, fault, from_error, ok, warning
from linkage_node.errors import InputError, Refusal
from linkage_node.limits import AGREEMENT_WARNING_DAYS, DISK_FAULT_BYTES, DISK_WARNING_BYTES
from linkage_node.node import Node

if TYPE_CHECKING:
    from linkage_node.agreements import Agreement
    from linkage_node.agreements.signature_store import Standing


def check_files(node: Node) -> Iterator[Finding]:
    """The folder can be written, and nobody else can read what is secret in it."""
    folder = node.folder
    if not os.access(folder, os.W_OK | os.X_OK):
        yield fault(
            "files", f"{folder} cannot be written", "Let the account that runs the node own its folder."
        )
    open_to_all = [
        path
        for part in (folder / "keys", folder / "secrets")
        for path in sorted(part.glob("*"))
        if path.suffix in {".key", ".sealed"} and stat.S_IMODE(path.stat().st_mode) & 0o007
    ]
    for path in open_to_all:
        yield fault("files", f"{path} can be read by everybody on this machine", f"Run `chmod 600 {path}`.")
    if stat.S_IMODE(folder.stat().st_mode) & 0o022:
        yield warning("files", f"others can write in {folder}", f"Run `chmod go-w {folder}`.")
    if not open_to_all:
        yield ok("files", str(folder))


def check_disk(node: Node) -> Iterator[Finding]:
    """There is room: a node that cannot write its evidence does not answer."""
    free = shutil.disk_usage(node.folder).free
    seen = f"{free / 1024**3:.1f} GiB free"
    if free < DISK_FAULT_BYTES:
        yield fault("disk", seen, "Make room: a node that cannot write its evidence does not answer.")
    elif free < DISK_WARNING_BYTES:
        yield warning("disk", seen, "Make room soon.")
    else:
        yield ok("disk", seen)


def check_secrets(node: Node) -> Iterator[Finding]:
    """The sealing key is there, and opens the node's secrets."""
    _ = node.sealer, node.secrets
    yield ok("secrets", "the sealing key opens them")
    if node.config.mode == "production" and node.config.auditor_key is None:
        yield warning(
            "secrets",
            "no `auditor_key`: what proves whom you asked about is sealed to the node's own key",
            "Ask your auditor for an X25519 public key.",
        )


def check_card(node: Node) -> Iterator[Finding]:
    """The card that partners get is of this node."""
    from linkage_node.peers.card import Card
    from linkage_node.yaml_model import load_model

    path = node.folder / "card.yaml"
    try:
        card = load_model(path, Card)
    except InputError as error:
        yield from_error("card", error, State.WARNING)
        return
    if card.oin != node.config.oin or card.verifying_key() != node.secrets.signing_key.public_key():
        yield fault(
            "card", f"{path} is of another node", "Do not hand it out; take this node's own card.yaml."
        )
    else:
        yield ok("card", f"partners reach this node at {card.address}")


def check_agreements(node: Node) -> Iterator[Finding]:
    """Each agreement is signed by both and running, and its other party is known."""
    from linkage_node.agreements import content_hash
    from linkage_node.agreements.template import unfilled
    from linkage_node.agreements.told import standing_words

    for name, why in node.agreements.unfit().items():
        remedy = f"`linkage-node agreements remove {name}`, then add its file anew."
        yield fault("agreements", f"{name} counts for nothing: {why}", remedy)
    agreements, now = node.agreements.list(), now_ms()
    known = {card.oin for card in node.peers.list()}
    if not agreements:
        yield warning("agreements", "none yet", "`linkage-node agreements add FILE`")
    for agreement in agreements:
        other = agreement.provider if agreement.requester.oin == node.config.oin else agreement.requester
        if other.oin not in known:
            yield warning(
                "agreements",
                f"{agreement.id}: {other.name or 'the other party'} ({other.oin}) is not among the peers",
                "`linkage-node peers add card.yaml`",
            )
        if "legal_basis.article" in unfilled(agreement):
            yield warning(
                "agreements",
                f"{agreement.id}: its legal basis is not filled in",
                "Fill it in, and let both organisations add it anew: it is another agreement then.",
            )
        standing = node.agreements.standing(content_hash(agreement))
        if standing.status != "in_force":
            words = standing_words(agreement, standing, node.config.oin)
            yield warning(
                "agreements", f"{agreement.id}: {words}", _remedy(agreement, standing, node.config.oin)
            )
        elif now >= agreement.ends_at_ms:
            yield warning(
                "agreements", f"{agreement.id} ended on {agreement.valid_until}", "Agree on a new one."
            )
        elif now < agreement.starts_at_ms:
            yield ok("agreements", f"{agreement.id} starts on {agreement.valid_from}")
        elif now >= agreement.ends_at_ms - AGREEMENT_WARNING_DAYS * DAY_MS:
            yield warning(
                "agreements", f"{agreement.id} ends on {agreement.valid_until}", "Agree on a new one in time."
            )
        else:
            yield ok("agreements", f"{agreement.id} runs until {agreement.valid_until}")


def _remedy(agreement: "Agreement", standing: "Standing", own_oin: str) -> str:
    """What to do about an agreement that is not in force."""
    match standing.status:
        case "unsigned" if own_oin in standing.missing:
            return f"Read it, and sign it: `linkage-node agreements sign {agreement.id}`."
        case "unsigned":
            return "Ask them to sign. Running nodes exchange signatures; else `linkage-node agreements receive FILE`."
        case "not_activated":
            return "`linkage-node policy build`, let two officers sign that, and activate it."
        case _:
            return f"`linkage-node agreements remove {agreement.id}` takes it out of the list."


def check_policy(node: Node) -> Iterator[Finding]:
    """The decision point answers: no to a question without an agreement, yes to the smallest ones under each."""
    from linkage_node.policy.external import ExternalDecisionPoint
    from linkage_node.policy.trial import (
        explained_by,
        outside_term,
        refused,
        refused_at_the_end,
        without_agreement,
    )

    engine = node.config.policy.engine
    nobody = without_agreement(node.config.oin, node.config.mode, now_ms())
    outcome = node.decide.decide(nobody)
    if outcome.allow:
        yield fault(
            "policy", f"engine {engine} approves of a question without an agreement", "Mend the policy."
        )
        return
    if isinstance(node.decide, ExternalDecisionPoint):
        yield ok("policy", f"{node.decide.url} answers, revision {node.decide.check(nobody)}")
    yield ok("policy", f"engine {engine} answers, revision {outcome.revision}")
    yield from _own_cases(node)
    active = node.active_policy
    if active is not None:
        bundle = active.current().bundle
        yield ok(
            "policy", f"the officers put policy {bundle.sequence} into force, built at {bundle.built_at}"
        )
    for agreement in node.agreements.list():
        if outside_term(agreement, nobody.time_ms):
            continue
        if active is not None and content_hash(agreement) not in active.activated():
            yield from_error("policy", Refusal("agreement_not_activated", agreement.id), State.WARNING)
            continue
        config, now = node.config, nobody.time_ms
        found = refused(node.decide, agreement, own_oin=config.oin, mode=config.mode, now_ms=now)
        for what, reasons in found.items():
            yield warning(
                "policy",
                f"{agreement.id}: {what} is refused ({', '.join(reasons)})",
                f"`{explained_by(agreement, what, now)}` explains it to the privacy officer.",
            )
        later = refused_at_the_end(node.decide, agreement, own_oin=config.oin, mode=config.mode, now_ms=now)
        for what, reasons in later.items():
            yield warning(
                "policy",
                f"{agreement.id}: {what} is refused before it ends on {agreement.valid_until} ({', '.join(reasons)})",
                "Agree on a new one in time.",
            )


def _own_cases(node: Node) -> Iterator[Finding]:
    cases = node.config.policy.cases
    if cases is not None and not any(cases.glob("*.yaml")):
        yield warning(
            "policy",
            f"{cases}: no file *.yaml with cases, and node.yaml says `policy.cases` are there",
            "Correct `policy.cases`; without them no policy is built or tried.",
        )
