"""`linkage-node policy officer-key|build|sign|activate|history`: policies put into force by four eyes."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    ask,
    console,
    open_node,
    print_json,
    tell,
    warn,
)
from linkage_node.cli.language import LanguageOption, each, say

if TYPE_CHECKING:
    from linkage_node.node import Node
    from linkage_node.policy.archive import Contents
    from linkage_node.policy.building import Choice

PolicyFile = Annotated[Path, typer.Argument(metavar="FILE", help="The policy, as `policy build` wrote it.")]
PassphraseOption = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="Holds the passphrase (mode 0600), for scripts. [asked for]"),
]


_REVISION_SHOWN = 16  # hexadecimal digits: nobody finds another policy with the same; --json has all


def officer_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the key comes; the officer's alone.")],
    name: Annotated[str, typer.Option("--name", help="The officer's name, as node.yaml will have it.")],
    passphrase_file: PassphraseOption = None,
    _language: LanguageOption = "nl",
    as_json: JsonOption = False,
) -> None:
    """Make an officer's key, and print the lines about it for `officers` in node.yaml.

    Every officer does this himself, on his own machine: the file with its passphrase is his signature.
    """
    import json

    from linkage_node.policy.officer_key import make_key

    officer = make_key(file, name, _passphrase(passphrase_file, new=True))
    if as_json:
        print_json({"file": str(file), "name": officer.name, "key": officer.key})
        return
    warn("key_written", file=file)
    quoted = json.dumps(officer.name, ensure_ascii=False)  # a JSON string is a YAML string
    console.print(f"  - name: {quoted}\n    key: {officer.key}", markup=False, soft_wrap=True)


def build(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The policy to write; a new file.")],
    older: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="OLD",
            help="Take the content of an older policy: its file, or the sequence number of one that was in force.",
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without", metavar="ID", help="Leave this agreement out; may be given more than once."
        ),
    ] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    _language: LanguageOption = "nl",
    as_json: JsonOption = False,
) -> None:
    """Build a policy of rules, catalogue, cases, and the agreements of this node, for two officers to sign.

    Agreements that were rejected or revoked, or are over, are left out. It is tried on its own cases first.
    """
    from linkage_node.cli.policy_tell import (
        bundle_data,
        cases_data,
        choices_data,
        in_force,
        tell_bundle,
        tell_cases,
        tell_choices,
    )
    from linkage_node.clock import iso, now_ms
    from linkage_node.errors import InputError
    from linkage_node.policy.archive import make_bundle
    from linkage_node.policy.files import write_new
    from linkage_node.policy.loading import load
    from linkage_node.policy.own_cases import check_own_cases

    if older is not None and without:
        raise InputError("options_conflict", "--from and --without")
    with open_node(config) as node:
        contents, choices = _as_now(node, without or []) if older is None else (_as_then(node, older), [])
        bundle = make_bundle(
            contents,
            sequence=node.activations.next_sequence(),
            oin=node.config.oin,
            built_at=iso(now_ms()),
        )
        load(bundle)
        cases = check_own_cases(bundle)
        before, officers = in_force(node), node.config.officers
        write_new(file, bundle.content)
    if as_json:
        told = {"file": str(file), **bundle_data(bundle, before), **cases_data(cases)}
        print_json({**told, "agreements": choices_data(choices)})
        return
    tell_choices(choices)
    tell_bundle(bundle, before)
    tell_cases(cases)
    tell("policy_written" if officers else "nobody_signs", file=file)


def sign(
    file: PolicyFile,
    officer: Annotated[str, typer.Option("--officer", help="Who signs: the name in node.yaml.")],
    key: Annotated[Path, typer.Option("--key", help="The officer's key, of `policy officer-key`.")],
    passphrase_file: PassphraseOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    _language: LanguageOption = "nl",
    as_json: JsonOption = False,
) -> None:
    """Show a policy, try it on its own cases, and sign it: the signature comes into FILE.signatures.

    The passphrase is asked for when everything was shown; Ctrl-C signs nothing.
    """
    from linkage_node.cli.policy_tell import bundle_data, cases_data, in_force, tell_bundle, tell_cases
    from linkage_node.clock import now_ms
    from linkage_node.errors import InputError
    from linkage_node.limits import OFFICERS_NEEDED
    from linkage_node.policy import approval
    from linkage_node.policy.archive import read_bundle, read_manifest
    from linkage_node.policy.files import add_signature, read_policy, read_signatures
    from linkage_node.policy.loading import load
    from linkage_node.policy.officer_key import open_key
    from linkage_node.policy.own_cases import check_own_cases

    with open_node(config) as node:
        officers = node.config.officers
        if not officers:
            raise InputError("officers_not_named")
        signer = approval.find_officer(officers, officer, code="officer_not_named")
        content, signatures = read_policy(file), read_signatures(file)
        manifest = read_manifest(content)  # what is refused anyway is refused before its rules run
        approval.check_own(manifest.oin, node.config.oin)
        node.activations.check_next(manifest.sequence)
        others = approval.verified(signatures, officers, now_ms() // 1000)
        bundle = read_bundle(content)
        approval.check_said(others, approval.Said.of(bundle))
        load(bundle)
        cases = check_own_cases(bundle)
        before = in_force(node)
    if not as_json:
        tell_bundle(bundle, before)
        tell_cases(cases)
    signature = approval.approve(
        bundle, signer, open_key(key, _passphrase(passphrase_file)), now_ms() // 1000
    )
    approvals = approval.verified([*signatures, signature], officers, now_ms() // 1000)
    add_signature(file, signature)
    missing = max(0, OFFICERS_NEEDED - len(approvals))
    if as_json:
        signed_by = [one.officer for one in approvals]
        print_json(
            {**bundle_data(bundle, before), **cases_data(cases), "signed_by": signed_by, "missing": missing}
        )
        return
    tell("officer_signed", officer=signer.name, sequence=str(bundle.sequence))
    tell("officer_to_come" if missing else "now_activate", missing=missing, file=file)


def activate(
    file: PolicyFile,
    config: ConfigOption = DEFAULT_CONFIG,
    _language: LanguageOption = "nl",
    as_json: JsonOption = False,
) -> None:
    """Put a policy with the signatures of two officers into force. A running node takes it up within seconds."""
    from linkage_node.clock import now_ms
    from linkage_node.errors import InputError
    from linkage_node.limits import POLICY_SWITCH_SECONDS
    from linkage_node.policy.files import read_policy, read_signatures

    with open_node(config) as node:
        if not node.config.officers:
            raise InputError("officers_not_named")
        content, signatures = read_policy(file), read_signatures(file)
        bundle, approvals = node.activations.activate(content, signatures, now_ms())
        watched = node.config.policy.engine == "opa"
    names = [one.officer for one in approvals]
    if as_json:
        told = {"sequence": bundle.sequence, "revision": bundle.revision, "sha256": bundle.sha256}
        print_json({**told, "officers": names})
        return
    tell("activated", sequence=str(bundle.sequence), revision=bundle.revision, officers=", ".join(names))
    tell("taken_up", seconds=round(POLICY_SWITCH_SECONDS))
    if watched:
        warn("opa_has_a_copy")


def history(
    config: ConfigOption = DEFAULT_CONFIG, _language: LanguageOption = "nl", as_json: JsonOption = False
) -> None:
    """Show all policies that were put into force: when, and by whom."""
    from rich.box import HORIZONTALS
    from rich.markup import escape
    from rich.table import Column, Table

    from linkage_node.cli.policy_tell import in_force
    from linkage_node.clock import iso
    from linkage_node.printable import clean

    with open_node(config) as node:
        known, now = node.activations.history(), in_force(node)
    active = now.sequence if now else None
    if as_json:
        print_json(
            [
                {**one._asdict(), "activated_at": iso(one.activated_at), "active": one.sequence == active}
                for one in known
            ]
        )
        return
    if not known:
        tell("history_none")
        return
    sequence, since, officers = each("history", "sequence since officers")
    table = Table(sequence, Column(since, no_wrap=True), Column(officers, overflow="fold"), box=HORIZONTALS)
    for one in known:
        names = clean(", ".join(one.officers))
        mark = f"\n{say('history_now')}" if one.sequence == active else ""
        # Local time would be another at the partner's, whose evidence is laid beside this.
        moment = f"{iso(one.activated_at)[:16].replace('T', ' ')} UTC"
        revision = say("history_revision", revision=one.revision[:_REVISION_SHOWN])
        table.add_row(str(one.sequence), moment + mark, f"{escape(names)}\n{revision}")
    console.print(table)


def _as_now(node: "Node", without: list[str]) -> "tuple[Contents, list[Choice]]":
    """What the node has now; and which agreements that are."""
    from linkage_node.clock import now_ms
    from linkage_node.policy.building import choose, gather
    from linkage_node.policy.source import policy_folder

    store = node.agreements
    choices = choose(store.list(), store.status, without, now_ms())
    taken = [one.agreement for one in choices if not one.left_out]
    own = node.config.policy
    return gather(policy_folder(own.path), taken, own.cases), choices


def _as_then(node: "Node", older: str) -> "Contents":
    """The content of an older policy: a file, or a sequence number."""
    from linkage_node.policy import approval
    from linkage_node.policy.archive import read_bundle, read_manifest
    from linkage_node.policy.files import read_policy

    by_number = older.isascii() and older.isdigit()
    content = node.activations.stored(int(older)) if by_number else read_policy(Path(older))
    approval.check_own(read_manifest(content).oin, node.config.oin)
    return read_bundle(content).contents


def _passphrase(file: Path | None, *, new: bool = False) -> str:
    from linkage_node.errors import InputError
    from linkage_node.secrets import check_private
    from linkage_node.yaml_model import read_text

    if file is None:
        if not _somebody_there():
            raise InputError(
                "option_missing", "--passphrase-file FILE: there is no terminal to ask for it on"
            )
        hidden: dict[str, Any] = {"hide_input": True, "err": True}
        typed = ask(say("passphrase"), **hidden)
        while new and ask(say("passphrase_again"), **hidden) != typed:
            warn("passphrase_differs")
            typed = ask(say("passphrase"), **hidden)
        return typed
    check_private(file)
    return read_text(file).rstrip("\r\n")


def _somebody_there() -> bool:
    """There is a terminal on which a passphrase can be typed unseen."""
    import os

    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return sys.stdin.isatty()
    return True
