"""The words of an agreement that the catalogue gives: of legal bases, of purposes, of kinds of organisations."""

from collections.abc import Mapping
from typing import Any


def catalogue_words(catalogue: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """By field of the model: each word of the catalogue (as rules see it), with what it means."""
    bases = catalogue["legal_bases"].items()
    kinds = {name: one["title"] for name, one in catalogue["organisation_kinds"].items()}
    return {
        "legal_basis.id": {
            name: f"{one['title']}: {one['article']} ({one['status']})" for name, one in bases
        },
        "purpose_category": {name: one["title"] for name, one in catalogue["purposes"].items()},
        "requester.kind": kinds,
        "provider.kind": kinds,
    }
