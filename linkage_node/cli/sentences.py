"""What the screen says to officers, Dutch beside English; `{names}` stand for values, the same in both."""

from linkage_node.cli.sentences_agreements import AGREEMENTS
from linkage_node.cli.sentences_policy import POLICY

Sentences = dict[str, tuple[str, str]]

_ERRORS: Sentences = {
    "what_to_do": ("Wat nu: ", "What to do: "),
    "not_added": ("Niet toegevoegd: {file}", "Not added: {file}"),
    "yes_or_no": ("j/N", "y/N"),
    "interrupted": ("Afgebroken.", "Interrupted."),
}
SENTENCES: Sentences = {**_ERRORS, **POLICY, **AGREEMENTS}
