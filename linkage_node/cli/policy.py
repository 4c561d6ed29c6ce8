"""`linkage-node policy`: the rules that decide, tried out and handed to an OPA server."""

from pathlib import Path
from typing import Annotated

import typer

from linkage_node.cli.common import DEFAULT_CONFIG, ConfigOption, console, open_node, tell
from linkage_node.cli.language import LanguageOption
from linkage_node.cli.policy_activation import activate, build, history, officer_key, sign
from linkage_node.cli.policy_catalogue import legal_bases
from linkage_node.cli.policy_diff import diff
from linkage_node.cli.policy_explain import explain
from linkage_node.cli.policy_trying import coverage, try_cases

policy_app = typer.Typer(help="The rules that decide about every question.", no_args_is_help=True)


@policy_app.command("check")
def check(config: ConfigOption = DEFAULT_CONFIG, _language: LanguageOption = "nl") -> None:
    """Load the rules and agreements, and say what is wrong; an OPA server or AuthZEN service is asked too."""
    from linkage_node.clock import now_ms
    from linkage_node.errors import InputError
    from linkage_node.paths import as_written
    from linkage_node.policy.embedded import EmbeddedDecisionPoint
    from linkage_node.policy.external import ExternalDecisionPoint
    from linkage_node.policy.pinned import PinnedDecisionPoint
    from linkage_node.policy.source import StoredPolicy, policy_folder
    from linkage_node.policy.trial import without_agreement

    with open_node(config) as node:
        folder = policy_folder(node.config.policy.path)
        source = StoredPolicy(folder, node.agreements)
        data = source.data()
        EmbeddedDecisionPoint(source)
        product = folder == policy_folder(None)
        where = as_written(folder)
        tell("rules_of_product" if product else "rules_loaded", files=len(source.rules), folder=where)
        tell("agreements_loaded", agreements=len(data["agreements"]), revision=data["revision"])
        if node.active_policy is not None:
            data = node.active_policy.data()
            tell("policy_in_force", sequence=str(node.active_policy.version()[0]), revision=data["revision"])
        if isinstance(node.decide, PinnedDecisionPoint):
            loaded = node.decide.server.revision()
            if loaded != data["revision"]:
                raise InputError("policy_stale", f"{node.config.policy.opa_url} has revision {loaded}")
            tell("opa_agrees", url=node.config.policy.opa_url)
        if isinstance(node.decide, ExternalDecisionPoint):
            revision = node.decide.check(without_agreement(node.config.oin, node.config.mode, now_ms()))
            tell("point_answers", url=node.decide.url, revision=revision)
    tell("check_ok")


@policy_app.command("bundle")
def bundle(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder for the bundle alone.")],
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write rules and agreements to a folder, for `opa run --server --watch --bundle DIR`.

    With officers: of the policy in force, so write it again after every `policy activate`. Without: of what the node
    has, so write it again after every change of the agreements.
    """
    from linkage_node.policy.bundle import write_bundle
    from linkage_node.policy.embedded import EmbeddedDecisionPoint
    from linkage_node.policy.loading import BundlePolicy
    from linkage_node.policy.source import PolicySource, StoredPolicy, policy_folder
    from linkage_node.policy.verdicts import with_verdicts

    with open_node(config) as node:
        source: PolicySource
        if node.active_policy is not None:
            source = BundlePolicy(node.active_policy.current().bundle)
        else:
            source = StoredPolicy(policy_folder(node.config.policy.path), node.agreements)
        EmbeddedDecisionPoint(source)  # nothing is handed over that does not load
        data = with_verdicts(source.rules, source.data())
    write_bundle(folder, source.rules, data)
    console.print(
        f"Wrote revision {data['revision']}, {len(data['agreements'])} agreements, to {folder}.",
        soft_wrap=True,
    )


policy_app.command("test")(try_cases)
policy_app.command("coverage")(coverage)


policy_app.command("explain")(explain)
policy_app.command("diff")(diff)
for _command in (officer_key, build, sign, activate, history):
    policy_app.command(_command.__name__.replace("_", "-"))(_command)
policy_app.command("legal-bases")(legal_bases)
