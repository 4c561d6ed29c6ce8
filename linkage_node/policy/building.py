"""What goes into a new policy, and what changed against another one."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from linkage_node.agreements import Agreement, content_hash
from linkage_node.agreements.model import as_data
from linkage_node.agreements.standing import Status
from linkage_node.errors import Refusal
from linkage_node.policy.archive import Contents
from linkage_node.policy.source import policy_folder, read_catalogue, read_rules
from linkage_node.policy.tried_with import tried_with

_OVER = ("rejected", "revoked")  # for good: no signature brings such an agreement back


class Choice(NamedTuple):
    """An agreement of the node, and why it is not taken in ("" if it is)."""

    agreement: Agreement
    status: Status
    left_out: str


def choose(
    agreements: Iterable[Agreement], status: Callable[[bytes], Status], without: Iterable[str], now_ms: int
) -> list[Choice]:
    """Which agreements a policy takes in: all but those that are over, and those that the officer leaves out, by id.

    Also one that is not signed yet: it waits for its signatures in a policy that officers have seen, and nothing is
    done under it before. Refusal("agreement_not_here") for an id in `without` that the node does not have.
    """
    known, unwanted = list(agreements), set(without)
    if missing := sorted(unwanted - {one.id for one in known}):
        raise Refusal("agreement_not_here", ", ".join(missing))
    return [_choice(one, status(content_hash(one)), one.id in unwanted, now_ms) for one in known]


def _choice(agreement: Agreement, status: Status, unwanted: bool, now_ms: int) -> Choice:
    expired = "expired" if now_ms >= agreement.ends_at_ms else ""
    over = status if status in _OVER else ""
    return Choice(agreement, status, ("without" if unwanted else "") or expired or over)


def gather(folder: Path, agreements: Iterable[Agreement], own: Path | None = None) -> Contents:
    """A policy of the rules, catalogue, cases and examples in a policy folder, over these agreements.

    `own` is an officer's folder of cases, which come in beside those of the folder.
    """
    return Contents(
        rules=read_rules(folder),
        catalogue=read_catalogue(folder),
        agreements={content_hash(one).hex(): as_data(one) for one in agreements},
        tried_with=tried_with(folder, own),
    )


class Changes(NamedTuple):
    """What a policy has that another has not: agreements by id (content hash), the rest by file or name."""

    agreements_added: list[str]
    agreements_removed: list[str]
    rules: list[str]
    legal_bases: list[str]
    catalogue: list[str]  # its other parts
    cases: list[str]  # and examples

    @property
    def any(self) -> bool:
        """Something differs."""
        return any(self)


_NOTHING = Contents({}, {}, {}, {})


def changes(old: Contents | None, new: Contents) -> Changes:
    """What changed from `old` (None: nothing was in force) to `new`; sorted."""
    before = old or _NOTHING
    parts = (_part(before, "legal_bases"), _part(new, "legal_bases"))
    return Changes(
        agreements_added=_named(new.agreements, before.agreements),
        agreements_removed=_named(before.agreements, new.agreements),
        rules=_differing(before.rules, new.rules),
        legal_bases=_differing(*parts),
        catalogue=[name for name in _differing(before.catalogue, new.catalogue) if name != "legal_bases"],
        cases=_differing(before.tried_with, new.tried_with),
    )


def unlike_product(contents: Contents) -> list[str]:
    """Which rules and parts of the catalogue are not as they came with this product: files and names, sorted."""
    product = policy_folder(None)
    own = contents._replace(rules=read_rules(product), catalogue=read_catalogue(product))
    told = changes(own, contents)
    return sorted([*told.rules, *told.legal_bases, *told.catalogue])


def _part(contents: Contents, name: str) -> Mapping[str, Any]:
    part = contents.catalogue.get(name)
    return part if isinstance(part, dict) else {}


def _named(agreements: Mapping[str, Any], others: Mapping[str, Any]) -> list[str]:
    """Those that are not among the others."""
    return sorted(
        f"{one.get('id')} ({content[:16]})" for content, one in agreements.items() if content not in others
    )


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
