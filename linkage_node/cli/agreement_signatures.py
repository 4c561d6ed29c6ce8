"""`linkage-node agreements sign | reject | revoke | signatures | receive`: what organisations say to an agreement."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linkage_node.cli.agreement_standing import tell_signatures, tell_what_ends, told_of
from linkage_node.cli.agreement_warn import warn_of_partner, warn_of_term
from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    confirm,
    console,
    error_data,
    open_node,
    print_json,
    tell,
    warn,
)
from linkage_node.cli.language import LanguageOption, in_language, say, spoken
from linkage_node.errors import InputError, LinkageError, Refusal

if TYPE_CHECKING:
    from linkage_node.agreements import Agreement
    from linkage_node.agreements.standing import SignatureType
    from linkage_node.node import Node

AgreementId = Annotated[str, typer.Argument(metavar="ID", help="The agreement's id.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def sign(
    agreement_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Agreements, by id.")],
    config: ConfigOption = DEFAULT_CONFIG,
    yes: Annotated[
        bool, typer.Option("--yes", help="Also if your own policy refuses what is in it.")
    ] = False,
    _language: LanguageOption = "nl",
    as_json: JsonOption = False,
) -> None:
    """Approve of agreements in your organisation's name, with the key of the node's certificate.

    An agreement is in force when both organisations signed it. One with fields still to be filled in is not signed.
    The partner gets the signature at once if its node can be reached; else yours brings it while it serves.
    """
    with open_node(config) as node:
        found = [node.agreements.get_by_id(one) for one in agreement_ids]
        for agreement in found:
            _require_finished(agreement, node.agreements.text(agreement.id))
            if not as_json:
                warn_of_partner(node, agreement)
                warn_of_term(agreement)
            if not yes:
                _require_allowed(node, agreement, as_json=as_json)
        _say(node, found, "accept", as_json=as_json)


def reject(
    agreement_id: AgreementId,
    config: ConfigOption = DEFAULT_CONFIG,
    yes: YesOption = False,
    _language: LanguageOption = "nl",
    as_json: JsonOption = False,
) -> None:
    """Say no to an agreement that is not in force. It cannot be taken back: another text is another agreement."""
    with open_node(config) as node:
        agreement = node.agreements.get_by_id(agreement_id)
        if told_of(node, agreement)["status"] in ("in_force", "not_activated"):
            raise Refusal("agreement_in_force", agreement.id)
        if not as_json:
            warn("rejects", agreement=agreement.id)
        if not yes:
            if as_json or not console.is_terminal:
                raise InputError("option_missing", "`--yes`: rejecting cannot be taken back")
            confirm("reject_it")
        _say(node, [agreement], "reject", as_json=as_json)


def revoke(
    agreement_id: AgreementId,
    config: ConfigOption = DEFAULT_CONFIG,
    yes: YesOption = False,
    _language: LanguageOption = "nl",
    as_json: JsonOption = False,
) -> None:
    """End an agreement, at both organisations. It cannot be taken back; what ends is told first."""
    with open_node(config) as node:
        agreement = node.agreements.named(agreement_id)
        if not as_json:
            tell_what_ends(node, agreement)
        if not yes:
            if as_json or not console.is_terminal:
                raise InputError("option_missing", "`--yes`: revoking cannot be taken back")
            confirm("revoke_it")
        _say(node, [agreement], "revoke", as_json=as_json)


def signatures(
    agreement_id: AgreementId,
    output: Annotated[
        Path | None,
        typer.Option("--output", help="File for your own signatures, to be handed over to the partner."),
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    _language: LanguageOption = "nl",
    as_json: JsonOption = False,
) -> None:
    """Show who signed what, when, and with which certificate. `--output` writes what your partner needs to a file."""
    from linkage_node.agreements import content_hash
    from linkage_node.outputs import check_writable, write_whole

    if output:
        check_writable(output)
    with open_node(config) as node:
        agreement = node.agreements.named(agreement_id)
        content, own = content_hash(agreement), node.config.oin
        kept = node.agreements.signatures.of(content, agreement.parties)
        told = told_of(node, agreement, as_json=as_json)
        texts = node.agreements.signatures.for_partner(own, content, agreement.parties)
    if output:
        if not texts:
            raise Refusal("agreement_unsigned", f"your organisation said nothing to {agreement.id} yet")
        write_whole(output, "".join(f"{text}\n" for text in texts).encode())
    tell_signatures(agreement, kept, told, as_json=as_json)
    if output and not as_json:
        tell("own_written", file=output, name=output.name)


def receive(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The partner's signatures, one a line.")],
    config: ConfigOption = DEFAULT_CONFIG,
    _language: LanguageOption = "nl",
    as_json: JsonOption = False,
) -> None:
    """Take the partner's signatures in, where the two nodes cannot reach each other. Each is verified first."""
    from linkage_node.agreements.signatures import content_of
    from linkage_node.agreements.signing import Signing
    from linkage_node.yaml_model import read_text

    lines = [line.strip() for line in read_text(file).splitlines() if line.strip()]
    if not lines:
        raise InputError("file_empty", str(file))
    by_agreement: dict[bytes, list[str]] = {}
    for line in lines:
        try:
            content = content_of(line)
        except Refusal:
            hint = "Give the file that your partner wrote with `agreements signatures ID --output FILE`."
            raise InputError("file_malformed", f"{file} is no file of signatures", hint=hint) from None
        by_agreement.setdefault(content, []).append(line)
    with open_node(config) as node:
        signing = Signing.of(node)
        agreements = [_heard_under(node, content, texts) for content, texts in by_agreement.items()]
        new = [
            one
            for agreement, texts in zip(agreements, by_agreement.values(), strict=True)
            for one in signing.take_in(agreement, texts)
        ]
        told = [told_of(node, agreement, as_json=as_json) for agreement in agreements]
    if as_json:
        for one in told:
            one["received"] = [said.type for said in new if said.content.hex() == one["content_hash"]]
        print_json(told)
        return
    for one in told:
        tell("standing_of", agreement=one["agreement"], standing=one["words"])
    if not new:
        tell("nothing_new")


def _heard_under(node: "Node", content: bytes, texts: "Sequence[str]") -> "Agreement":
    """The agreement that these are about; a text that was replaced or removed here only if they end it."""
    from linkage_node.agreements.signing import Signing

    agreement = node.agreements.get_any(content)
    if not Signing.of(node).heard(agreement, texts):
        return node.agreements.get_by_hash(content)  # or the refusal that it is not here
    return agreement


def _say(node: "Node", agreements: "Sequence[Agreement]", what: "SignatureType", *, as_json: bool) -> None:
    """Sign, keep, and bring to the partners."""
    from linkage_node.agreements import content_hash
    from linkage_node.agreements.signing import Signing

    signing = Signing.of(node)
    said = [signing.sign(agreement, what) for agreement in agreements]
    faults = _deliver(node, agreements)
    results = []
    for agreement, is_new in zip(agreements, said, strict=True):
        fault = faults.get(content_hash(agreement))
        waiting = node.agreements.signatures.undelivered(node.config.oin)
        delivered = content_hash(agreement) not in waiting
        results.append((told_of(node, agreement, as_json=as_json), is_new, delivered, fault))
    if as_json:
        print_json(
            [
                {**told, "signed": what, "new": is_new, "delivered": delivered, **error_data(fault)}
                for told, is_new, delivered, fault in results
            ]
        )
        return
    for told, is_new, delivered, fault in results:
        again = "" if is_new else say("said_before")
        tell(f"done_{what}", agreement=told["agreement"], again=again, standing=told["words"])
        if fault:
            _tell_undelivered(told["agreement"], told["partner"], fault, delivered=delivered)
    if what == "accept" and node.config.officers:
        warn("await_officers")


def _deliver(node: "Node", agreements: "Sequence[Agreement]") -> dict[bytes, LinkageError]:
    """Bring what was signed to the partners; by content hash, why that did not succeed."""
    from contextlib import closing

    from linkage_node.agreements import content_hash
    from linkage_node.agreements.exchange import SignatureExchange
    from linkage_node.assembly import Channels

    faults: dict[bytes, LinkageError] = {}
    with closing(Channels(node)) as channels:
        exchange = SignatureExchange.of(node, channels.connect)
        for partner in dict.fromkeys(one.partner_of(node.config.oin).oin for one in agreements):
            theirs = [content_hash(one) for one in agreements if partner in one.parties]
            try:
                called = exchange.call(partner)
            except LinkageError as error:
                faults |= dict.fromkeys(theirs, error)
                continue
            faults |= {content: fault for content, fault in called.faults.items() if content in theirs}
            lacking = [one for one in theirs if one not in called.delivered and one not in faults]
            waiting = node.agreements.signatures.undelivered(node.config.oin)
            for content in lacking:
                if content in waiting:
                    faults[content] = Refusal(
                        "agreement_unknown", "your partner has not added this agreement yet"
                    )
    return faults


def _tell_undelivered(agreement_id: str, partner: str, fault: LinkageError, *, delivered: bool) -> None:
    warn("undelivered_why", partner=partner, fault=in_language(fault).message, code=fault.code)
    if not delivered:
        unknown = fault.code == "peer_unknown"
        warn("undelivered_unknown" if unknown else "undelivered", agreement=agreement_id)


def _require_finished(agreement: "Agreement", text: str) -> None:
    from linkage_node.agreements.lines import Places
    from linkage_node.agreements.template import unfilled

    if fields := unfilled(agreement):
        called = ", ".join(map(Places(text).called, fields))
        raise Refusal("agreement_unfinished", f"{agreement.id}: {called}")


def _require_allowed(node: "Node", agreement: "Agreement", *, as_json: bool) -> None:
    """Refusal with the first guardrail that the agreement breaks, by the node's own rules."""
    from linkage_node.agreements.lines import Places
    from linkage_node.agreements.model import as_data
    from linkage_node.policy.findings_nl import in_dutch
    from linkage_node.policy.source import policy_folder, read_catalogue, read_rules
    from linkage_node.policy.verdicts import findings

    folder = policy_folder(node.config.policy.path)
    found = findings(read_rules(folder), read_catalogue(folder), as_data(agreement))
    if found:
        what = str if as_json or spoken() == "en" else in_dutch
        called = Places(node.agreements.text(agreement.id)).called
        told = (f"{called(one.field)}: {what(one.what)} ({one.source})" for one in found)
        raise Refusal(
            found[0].code,
            f"{agreement.id}: " + "; ".join(told),
            hint="Mend the agreement. Signed all the same, with `--yes`, it is still refused by your node's policy.",
        )
