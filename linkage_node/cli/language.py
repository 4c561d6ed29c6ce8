"""The language of the screen: Dutch or English for the privacy officer, English for operators.

A command of the officer has a `--language`; what it says, and the errors that end it, are in that language.
"""

import os
from contextvars import ContextVar
from typing import Annotated, Literal, NamedTuple

import typer

from linkage_node.errors import LinkageError

Language = Literal["nl", "en"]  # here too, since the words of agreements take long to import
_VARIABLE = "LINKAGE_NODE_LANGUAGE"
_spoken: ContextVar[Language] = ContextVar("language", default="en")


def speak(language: Language) -> Language:
    """From here on the screen is in this language."""
    _spoken.set(language)
    return language


def speak_or_default(language: Language | None) -> Language | None:
    """The same for a command whose `--language` is of more than the screen; without one it is as by default."""
    speak(language or ("en" if os.environ.get(_VARIABLE) == "en" else "nl"))
    return language


def spoken() -> Language:
    """The language of the screen."""
    return _spoken.get()


LanguageOption = Annotated[
    Language,
    typer.Option(
        "--language",
        envvar=_VARIABLE,
        callback=speak,
        help="Of what is told: Dutch or English.",
    ),
]


def say(key: str, **values: object) -> str:
    """One of the screen's sentences; whole numbers in it with their thousands apart."""
    from linkage_node.cli.sentences import SENTENCES
    from linkage_node.policy.explained_words import number

    language = spoken()
    shown = {name: number(language, one) if type(one) is int else one for name, one in values.items()}
    return SENTENCES[key][0 if language == "nl" else 1].format(**shown)


def each(prefix: str, keys: str) -> tuple[str, ...]:
    """Words that stand beside each other, such as the heads of a table."""
    return tuple(say(f"{prefix}_{key}") for key in keys.split())


class Told(NamedTuple):
    """An error as a person reads it."""

    meaning: str
    detail: str
    what_to_do: str

    @property
    def message(self) -> str:
        """What happened, on one line."""
        return f"{self.meaning} ({self.detail})" if self.detail else self.meaning


def in_language(error: LinkageError) -> Told:
    """An error in the language of the screen; in English as far as there is no Dutch for it."""
    from linkage_node.details_nl import in_dutch
    from linkage_node.reasons import explain
    from linkage_node.reasons_nl import REASONS_NL

    english = explain(error.code)
    dutch = REASONS_NL.get(error.code) if spoken() == "nl" else None
    if dutch is None:
        return Told(english.meaning, error.detail, error.hint)
    hint = dutch.remedy if error.hint == english.remedy else in_dutch(error.hint)
    return Told(dutch.meaning, in_dutch(error.detail), hint)
