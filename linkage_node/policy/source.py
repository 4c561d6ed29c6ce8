"""The rules and the data that decide: where they are found, and the revision that names them."""

from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import rfc8785

import linkage_node
from linkage_node.agreements import Agreement, AgreementStore, content_hash
from linkage_node.agreements.model import as_data
from linkage_node.errors import InputError
from linkage_node.policy.catalogue import Catalogue
from linkage_node.pseudonyms.sealing import length_prefixed
from linkage_node.yaml_model import parse_model, read_text

ENTRYPOINT = "linkage/match/decision"
CATALOGUE = "catalogue/catalogue.yaml"
REVISION_CHARACTERS = 32  # hexadecimal digits of a SHA-256: nobody finds another policy with the same
_HINT = (
    "Name a folder with policies; if none is named (`policy.path` in node.yaml), it is that of the product."
)


def policy_folder(path: Path | None) -> Path:
    """The folder of the policies: `path`, or those that came with the product."""
    folder = path or Path(linkage_node.__file__).parent / "_policies"
    if not folder.is_dir():
        raise InputError("policy_invalid", f"there is no folder {folder}", hint=_HINT)
    return folder.resolve()


def read_rules(folder: Path) -> dict[str, str]:
    """The Rego files under `folder`, tests left out: relative path to text, sorted."""
    files = sorted(file for file in folder.rglob("*.rego") if not file.name.endswith("_test.rego"))
    if not files:
        raise InputError("policy_invalid", f"there is no .rego file under {folder}", hint=_HINT)
    return {file.relative_to(folder).as_posix(): read_text(file) for file in files}


def read_catalogue(folder: Path) -> dict[str, Any]:
    """The catalogue of legal bases under `folder`, as plain data: what the rules see as `data.catalogue`.

    InputError("policy_invalid") tells every fault with its line and field.
    """
    file = folder / CATALOGUE
    text = read_text(file)
    try:
        return _catalogue(text, str(file)).model_dump(mode="json", exclude_none=True)
    except InputError as error:
        raise InputError("policy_invalid", error.detail) from None


@lru_cache(maxsize=1)  # a command looks at one, from more than one side
def _catalogue(text: str, source: str) -> Catalogue:
    return parse_model(text, Catalogue, source)


def policy_data(
    rules: Mapping[str, str], catalogue: Mapping[str, Any], agreements: Iterable[Agreement]
) -> dict[str, Any]:
    """What the rules see as `data`: the agreements by content hash (hexadecimal), the catalogue, and the revision."""
    by_hash = {content_hash(agreement).hex(): as_data(agreement) for agreement in agreements}
    return {
        "agreements": by_hash,
        "catalogue": dict(catalogue),
        "revision": revision_of(rules, catalogue, by_hash),
    }


def revision_of(rules: Mapping[str, str], catalogue: Mapping[str, Any], agreements: Mapping[str, Any]) -> str:
    """Names rules, catalogue and agreements by their content: the same at every node that has the same."""
    texts = [part.encode() for name in sorted(rules) for part in (name, rules[name])]
    data = [rfc8785.dumps(dict(one)) for one in (catalogue, agreements)]
    return sha256(length_prefixed(*texts, *data)).hexdigest()[:REVISION_CHARACTERS]


class PolicySource(Protocol):
    """Rules and data for an engine. `version` is cheap, and differs when `data` does."""

    @property
    def rules(self) -> Mapping[str, str]:
        """Rego texts by name."""

    def version(self) -> Hashable:
        """Equal as long as the data is the same."""

    def data(self) -> dict[str, Any]:
        """The document that the rules see as `data`."""


class StoredPolicy:
    """The rules of one folder over the agreements of one node."""

    def __init__(self, folder: Path, agreements: AgreementStore) -> None:
        self.rules = read_rules(folder)
        self.catalogue = read_catalogue(folder)
        self._agreements = agreements

    def version(self) -> Hashable:
        """Which agreements the node has now."""
        return self._agreements.version()

    def data(self) -> dict[str, Any]:
        """The node's agreements, the catalogue, and the revision."""
        return policy_data(self.rules, self.catalogue, self._agreements.list())
