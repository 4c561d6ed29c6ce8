"""Two officers, their keys, and policies to sign: small ones, of the product's rules and two cases."""

import shutil
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from linkage_node.clock import now_ms
from linkage_node.config import Officer
from linkage_node.node import Node
from linkage_node.policy.approval import approve
from linkage_node.policy.archive import Bundle, Contents, make_bundle
from linkage_node.policy.cases import hash_of
from tests.nodes import edit, make_node
from tests.policy.corpus import AGREEMENT, CATALOGUE, EXAMPLE, POLICIES, RULES

EXAMPLE_NAME = "agreements/example-energy-allowance/agreement.yaml"
CASES = """as_agreed:
  why: The question that fits is approved.
  reasons: []
another_purpose:
  why: Nothing else is.
  set: {action.properties.purpose: Something else}
  reasons: [purpose_not_agreed]
"""
TRIED_WITH = {"cases/own.yaml": CASES, EXAMPLE_NAME: EXAMPLE.read_text()}
PASSPHRASE = "four words of one's own"
OWN = AGREEMENT["provider"]["oin"]


class Person(NamedTuple):
    """Somebody with a key."""

    officer: Officer
    key: Ed25519PrivateKey


def person(name: str, seed: str = "") -> Person:
    """Somebody; the key is of the seed, else of the name."""
    key = Ed25519PrivateKey.from_private_bytes(sha256((seed or name).encode()).digest())
    return Person(Officer(name=name, key=b64encode(key.public_key().public_bytes_raw()).decode()), key)


ANNA, BERT, CARL = person("Anna de Vries"), person("Bert Jansen"), person("Carl Smit")
OFFICERS = (ANNA.officer, BERT.officer)


def contents(*agreements: dict[str, Any], **changes: Any) -> Contents:
    """What a policy over these agreements is made of."""
    by_hash = {hash_of(one): one for one in agreements}
    return Contents(RULES, CATALOGUE, by_hash, TRIED_WITH)._replace(**changes)


FULL, EMPTY = contents(AGREEMENT), contents()


def policy(sequence: int = 1, of: Contents = FULL, oin: str = OWN) -> Bundle:
    """A policy of the example's provider."""
    return make_bundle(of, sequence=sequence, oin=oin, built_at="2026-11-22T12:00:00.000Z")


def signed(bundle: Bundle, *people: Person, seconds: int | None = None) -> list[str]:
    """Their signatures over a policy; two officers' if nobody is named."""
    at = now_ms() // 1000 if seconds is None else seconds
    return [approve(bundle, one.officer, one.key, at) for one in people or (ANNA, BERT)]


def activate(node: Node, bundle: Bundle) -> None:
    """As two officers do."""
    node.activations.activate(bundle.content, signed(bundle), now_ms())


def put_into_force(node: Node, bundle: Bundle) -> None:
    """As two officers do, and the node has taken it up."""
    activate(node, bundle)
    assert node.active_policy is not None
    assert node.active_policy.renewed().bundle == bundle


def name_officers(config: Path, officers: Iterable[Officer] = OFFICERS) -> None:
    """Put officers into a node.yaml."""
    lines = [f'  - {{name: "{one.name}", key: "{one.key}"}}\n' for one in officers]
    config.write_text(config.read_text() + "officers:\n" + "".join(lines))


def make_office(folder: Path, oin: str = OWN, **changes: Any) -> Path:
    """The node.yaml of a node with two officers, with policies of its own beside it in `policies`."""
    config = make_node(folder / "node", oin, **changes)
    name_officers(config)
    own_policies(config)
    return config


def own_policies(config: Path) -> Path:
    """Give a node a policy folder of its own, with the product's rules and two cases."""
    folder = config.parent.with_name(f"{config.parent.name}-policies")
    shutil.copytree(POLICIES, folder, ignore=shutil.ignore_patterns("cases", "*_test.rego"))
    (folder / "cases").mkdir()
    (folder / "cases" / "own.yaml").write_text(CASES)
    edit(config, "  # path: policies ", f"  path: {folder} ")
    return folder


def codes(node: Node) -> list[str]:
    """Reason codes of all refused policies in a node's evidence."""
    from linkage_node.evidence import EvidenceLog
    from linkage_node.evidence.log import read

    records = [read(record) for record in EvidenceLog.of(node).records()]
    return [one["reasons"][0] for one in records if one["event"] == "policy_refused"]
