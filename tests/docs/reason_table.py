"""The table of reason codes in docs/developer.md, made from `linkage_node.reasons`.

`python -m tests.docs.reason_table --write` puts it there.
"""

import sys
from pathlib import Path

from linkage_node.reasons import REASONS

DOCUMENT = Path(__file__).parents[2] / "docs" / "developer.md"
BEGIN, END = "<!-- reasons: begin -->\n", "<!-- reasons: end -->\n"


def table() -> str:
    """The table, in the order of the code."""
    rows = (
        f"| `{code}` | {_cell(reason.meaning)} | {_cell(reason.remedy)} |" for code, reason in REASONS.items()
    )
    return "\n".join(("| code | meaning | what to do |", "|---|---|---|", *rows)) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def with_table(document: str) -> str:
    """The document with the table of now between its marks."""
    before, rest = document.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + table() + END + after


if __name__ == "__main__" and sys.argv[1:] == ["--write"]:
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
