"""Finds the commands that a text tells its reader to run."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from linkage_node.cli.main import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md")])
_INLINE = re.compile(r"`(linkage-node [^`]*)`")
# Where a command can stand: an account or a release may bear the same name.
_START = re.compile(r"(?:^\s*(?:\S*/)?|[;&|(]\s*|\b(?:do|then|until|while|if)\s+)linkage-node(?=\s|$)")
_ENDS = {"&&", "||", "|", ";", "&", ">", ">>", "<", "2>", "...", "…"}


def commands_in(text: str) -> Iterator[list[str]]:
    """The words after `linkage-node` of every command in code blocks and inline code."""
    for code in _INLINE.findall(text):
        yield from _commands(code)
    for line in _code_lines(text.replace("\\\n", " ")):
        yield from _commands(line)


def _code_lines(text: str) -> Iterator[str]:
    fenced = False
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith("    "):
            yield line


def _commands(line: str) -> Iterator[list[str]]:
    for start in _START.finditer(line):
        lexer = shlex.shlex(line[start.end() :], posix=True, punctuation_chars=";&|><")
        lexer.commenters = "#"
        words = []
        for word in lexer:
            if word in _ENDS or set(word) <= set(";&|><"):
                break
            words.append(word.rstrip(",.:"))
        yield words


def fault_of(words: list[str]) -> str:
    """What is wrong with a command; empty if it and its options exist."""
    command: Any = get_command(app)  # typer brings a click of its own
    told = "linkage-node"
    for word in words:
        if word.startswith("-") and word != "-":
            if word.split("=")[0] not in _options(command):
                return f"{told} has no option {word}"
        elif hasattr(command, "commands"):
            if word not in command.commands:
                return f"{told} has no command {word}"
            command, told = command.commands[word], f"{told} {word}"
    return ""


def _options(command: Any) -> set[str]:
    known = {
        option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
    }
    return known | {"--help", "-h"}
