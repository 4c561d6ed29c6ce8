"""Sentences of the program that are kept in English (a decision's, an error's), said in Dutch afterwards."""

import re
from collections.abc import Mapping


class Phrases:
    """English sentences to Dutch ones; `{}` is what a case fills in, in the same order in both."""

    def __init__(self, dutch: Mapping[str, str], filled_in: Mapping[str, str] | None = None) -> None:
        self._filled_in = filled_in or {}  # words that are filled in, and have Dutch of their own
        self._patterns = [
            (re.compile(re.escape(english).replace(r"\{\}", "(.+)"), re.DOTALL), said)
            for english, said in dutch.items()
        ]

    def in_dutch(self, text: str) -> str:
        """The Dutch for a sentence, by the first that fits; one that is not ours stays as it is."""
        for pattern, dutch in self._patterns:
            if found := pattern.fullmatch(text):
                return dutch.format(*(self._filled_in.get(word, word) for word in found.groups()))
        return text
