"""An agreement written out in the words of one language, whatever the words it was added in."""

from typing import Any

import yaml

from linkage_node.agreements.model import Agreement
from linkage_node.agreements.words import Language, in_words


class _Dumper(yaml.SafeDumper):
    """Writes a text of digits, such as an OIN, in quotes: not every reader of YAML takes it for a text."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="'" if text.isdigit() else None)


def _flat(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.Node:
    plain = not any(isinstance(item, dict) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=plain)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _flat)


def rendered(agreement: Agreement, language: Language) -> str:
    """The agreement as YAML, defaults included: it has the same content hash."""
    data = in_words(agreement.model_dump(exclude_none=True), lambda _field: language)
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
