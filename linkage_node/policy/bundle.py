"""The folder that an OPA server loads: the rules, the agreements as data.json, and a manifest with the revision.

An OPA server that runs with `--watch --bundle DIR` takes up what is written; and refuses writes by others over its
REST API to what the bundle holds.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from linkage_node.errors import InputError

_MANIFEST = ".manifest"
_MADE_BY = "linkage-node policy bundle"


def write_bundle(folder: Path, rules: Mapping[str, str], data: Mapping[str, Any]) -> None:
    """Write the bundle, in a new or empty folder or over an older bundle; what is gone from the rules goes.

    InputError("file_exists") for a folder with something else in it, ("file_unwritable") if it cannot be written.
    """
    manifest = {"revision": data["revision"], "rego_version": 1, "metadata": {"made_by": _MADE_BY}}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not _is_bundle(folder):
            raise InputError("file_exists", f"{folder} holds other files; give a folder for the bundle alone")
        for name, text in rules.items():
            _write(folder / name, text)
        _write(folder / "data.json", json.dumps(data, indent=1, sort_keys=True))
        for file in folder.rglob("*.rego"):
            if file.relative_to(folder).as_posix() not in rules:
                file.unlink()
        _write(folder / _MANIFEST, json.dumps(manifest))
    except OSError as error:
        raise InputError("file_unwritable", f"{folder}: {error.strerror}") from None


def _is_bundle(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / _MANIFEST).read_text())["metadata"]["made_by"] == _MADE_BY)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _write(file: Path, text: str) -> None:
    """Whole or not at all: the server may read at any moment."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.new")  # a name that OPA does not load
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, file)
