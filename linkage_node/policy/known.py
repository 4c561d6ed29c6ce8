"""A policy as it can be read and tried: the one of the node, a folder, or a file that `policy build` made."""

from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linkage_node.agreements import Agreement, parse_agreement
from linkage_node.errors import InputError
from linkage_node.limits import BUNDLE_BYTES
from linkage_node.policy.archive import read_bundle
from linkage_node.policy.cases import CASES, EXAMPLES, Case, parse_cases
from linkage_node.policy.source import policy_data, policy_folder, read_catalogue, read_rules
from linkage_node.yaml_model import read_text

if TYPE_CHECKING:
    from linkage_node.node import Node

NODE_WORDS = ("active", "node")  # name the policy of the node itself


class KnownPolicy:
    """Rules, data and cases, read once; a PolicySource that never changes. `name` is how it was asked for."""

    def __init__(
        self, name: str, rules: Mapping[str, str], data: Mapping[str, Any], tried_with: Mapping[str, str]
    ) -> None:
        self.name, self.rules, self._data, self._tried_with = name, rules, dict(data), tried_with

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
        """Its cases; none if it has none. InputError for one that cannot be read."""
        texts = {name: text for name, text in self._tried_with.items() if name.startswith(f"{CASES}/")}
        examples = {
            name.split("/")[-2]: parse_agreement(text, name)
            for name, text in self._tried_with.items()
            if name not in texts
        }
        return parse_cases(texts, examples, self.agreements)


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
        return of_folder(path.resolve(), node.agreements.list() if node else None, name)
    try:
        with path.open("rb") as file:
            content = file.read(BUNDLE_BYTES + 1)
    except FileNotFoundError:
        raise InputError("file_missing", f"{name}: a folder, a file of `policy build`, or `active`") from None
    except OSError as error:
        raise InputError("file_unreadable", f"{name}: {error.strerror}") from None
    bundle = read_bundle(content)
    return KnownPolicy(name, bundle.rules, bundle.data, bundle.tried_with)


def of_node(node: "Node") -> KnownPolicy:
    """The policy that the node decides by: the one in force, or without officers its folder over its agreements."""
    if node.active_policy is None:
        return of_folder(policy_folder(node.config.policy.path), node.agreements.list(), "active")
    bundle = node.active_policy.current().bundle
    return KnownPolicy("active", bundle.rules, bundle.data, bundle.tried_with)


def of_folder(folder: Path, agreements: Iterable[Agreement] | None, name: str) -> KnownPolicy:
    """The rules, catalogue and cases of a folder over `agreements`; None: over its own examples."""
    files = [*sorted((folder / CASES).glob("*.yaml")), *sorted((folder / EXAMPLES).glob("*/agreement.yaml"))]
    tried_with = {file.relative_to(folder).as_posix(): read_text(file) for file in files}
    if agreements is None:
        examples = [text for text in tried_with.items() if text[0].startswith(f"{EXAMPLES}/")]
        agreements = [parse_agreement(text, file) for file, text in examples]
    rules = read_rules(folder)
    return KnownPolicy(name, rules, policy_data(rules, read_catalogue(folder), agreements), tried_with)
