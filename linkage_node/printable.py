"""Text that another organisation wrote, made fit to show, to keep and to put into a file.

A terminal obeys control characters; characters of direction and of no width hide what a text says.
"""

from linkage_node.limits import QUOTED_CHARACTERS

REPLACED = "\ufffd"


def clean(text: str) -> str:
    """The text on one line: every sort of blank, tabs and line breaks too, is a space, and whatever else cannot be
    shown (control characters, directions, no width) is U+FFFD."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else " " if one.isspace() else REPLACED for one in text)


def quoted(text: str) -> str:
    """The beginning of a text between quotes, for the detail of an error."""
    return f'"{clean(text[:QUOTED_CHARACTERS])}"'
