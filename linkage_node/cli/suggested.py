"""Commands that the screen suggests, as they can be typed here: of the node that this command was about."""

import re
import shlex
from contextvars import ContextVar
from pathlib import Path
from typing import Any, NamedTuple

import typer

_COMMAND = re.compile(r"`linkage-node ([^`]+)`")
_PARTNERS = (("peers", "add"), ("agreements", "receive"))  # only ever suggested to the other organisation


class _Given(NamedTuple):
    commands: Any  # the command line's own, with all below it
    config: Path


_given: ContextVar[_Given | None] = ContextVar("config", default=None)


def forget_config() -> None:
    """No command began yet."""
    _given.set(None)


def remember_config(context: typer.Context, config: Path) -> Path:
    """Callback of `--config`: what was typed has to be typed with the next command too; a variable stays by itself."""
    source = context.get_parameter_source("config")
    if source is not None and source.name == "COMMANDLINE":
        _given.set(_Given(context.find_root().command, config))
    return config


def with_config(text: str) -> str:
    """The text, each `linkage-node ...` in it with the `--config` that was given, if that command takes one."""
    given = _given.get()
    return text if given is None else _COMMAND.sub(lambda found: _completed(found[1], given), text)


def _completed(words: str, given: _Given) -> str:
    typed, command = words.split(), given.commands
    for word in typed:
        command = getattr(command, "commands", {}).get(word, command)
    takes = any(option.name == "config" for option in command.params)
    if not takes or "--config" in typed or tuple(typed[:2]) in _PARTNERS:
        return f"`linkage-node {words}`"
    return f"`linkage-node {words} --config {shlex.quote(str(given.config))}`"
