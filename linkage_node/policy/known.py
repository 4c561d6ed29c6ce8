"""A policy as it can be read and tried: the one of the node, a folder, or a file that `policy build` made."""

from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linkage_node.agreements import Agreement, content_hash
from linkage_node.errors import InputError
from linkage_node.policy.archive import read_bundle
from linkage_node.policy.cases import Case, read_examples
from linkage_node.policy.files import read_policy
from linkage_node.policy.source import policy_data, policy_folder, read_catalogue, read_rules
from linkage_node.policy.tried_with import cases_of, tried_with

if TYPE_CHECKING:
    from linkage_node.node import Node

NODE_WORDS = ("active", "node")  # name the policy of the node itself


class KnownPolicy:
    """Rules, data and cases, read once; a PolicySource that never changes. `name` is how it was asked for."""

    def __init__(
        self, name: str, rules: Mapping[str, str], data: Mapping[str, Any], tried_with: Mapping[str, str]
    ) -> None:
        self.name, self.rules, self.tried_with, self._data = name, rules, tried_with, dict(data)

    def version(self) -> Hashable:
        """Always the same."""
        return str(self._data["revision"])

    def data(self) -> dict[str, Any]:
        """The document that the rules see as `data`."""
        return self._data

    @property
    def agreements(self) -> list[Agreement]:
        """The agreements that it decides by."""
        return [Agreement.model_validate(one) for one in self._data["agreements"].values()]

    def cases(self) -> list[Case]:
        """Its cases, those about other agreements left out; none if it has none. InputError if one cannot be read."""
        return cases_of(self.tried_with, self._data["agreements"].values()).cases


def policy_of(name: str, node: "Node | None") -> KnownPolicy:
    """The policy of a name: `active` or `node`, a folder, or the file of a bundle.

    A folder has no agreements in force: it is read over those of the node, or without a node over its examples.
    InputError("option_missing") for the node's own without a node; for what cannot be read as everywhere.
    """
    if name in NODE_WORDS:
        if node is None:
            raise InputError("option_missing", f"{name}: give `--config`")
        return of_node(node)
    path = Path(name)
    if path.is_dir():
        if node is None:
            return of_folder(path.resolve(), None, name)
        return of_folder(path.resolve(), node.agreements.list(), name, node.config.policy.cases)
    if not path.exists():
        raise InputError("file_missing", f"{name}: a folder, a file of `policy build`, or `active`")
    bundle = read_bundle(read_policy(path))
    return KnownPolicy(name, bundle.rules, bundle.data, bundle.tried_with)


def of_node(node: "Node") -> KnownPolicy:
    """The policy that the node decides by: the one in force, or without officers its folder over its agreements."""
    if node.active_policy is None:
        config = node.config.policy
        return of_folder(policy_folder(config.path), node.agreements.list(), "active", config.cases)
    bundle = node.active_policy.current().bundle
    return KnownPolicy("active", bundle.rules, bundle.data, bundle.tried_with)


def coming(node: "Node", agreement: Agreement) -> KnownPolicy | None:
    """What decides about an agreement once officers put a policy with it into force: the folder of the node over it.

    None if what decides now has it, or would take it up by itself.
    """
    active = node.active_policy
    if active is None or content_hash(agreement) in active.activated():
        return None
    return of_one(node, agreement)


def of_one(node: "Node", agreement: Agreement) -> KnownPolicy:
    """The rules and the catalogue in the folder of the node, over this agreement alone."""
    folder = policy_folder(node.config.policy.path)
    rules = read_rules(folder)
    return KnownPolicy("coming", rules, policy_data(rules, read_catalogue(folder), [agreement]), {})


def of_folder(
    folder: Path, agreements: Iterable[Agreement] | None, name: str, own: Path | None = None
) -> KnownPolicy:
    """The rules, catalogue and cases of a folder over `agreements`; None: over its own examples.

    `own` is an officer's folder of cases beside them.
    """
    if agreements is None:
        agreements = read_examples(folder).values()
    rules = read_rules(folder)
    data = policy_data(rules, read_catalogue(folder), agreements)
    return KnownPolicy(name, rules, data, tried_with(folder, own))
