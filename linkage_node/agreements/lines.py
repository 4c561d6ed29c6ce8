"""On which line of its file an agreement says something, in whatever words it is written."""

import yaml

from linkage_node.agreements.model import Agreement
from linkage_node.agreements.words import AgreementReading
from linkage_node.yaml_model import field_name, line_at, parse_yaml


def line_of(text: str, path: str) -> int:
    """The line, from 1, of a field by its path in the model, such as `count.questions.0.id`; `text` is an agreement.

    Of a field that is not there, and has its default, the line of the section that it would be in.
    """
    return place_of(text, path)[0]


def place_of(text: str, path: str) -> tuple[int, str]:
    """That line, and what the field is called there, or would be called, in the words of the file."""
    location = tuple(int(part) if part.isdigit() else part for part in path.split("."))
    written = AgreementReading(parse_yaml(text, "agreement"), Agreement).written(location)
    return line_at(yaml.compose(text, Loader=yaml.SafeLoader), written), field_name(written)
