"""Words that options take, in Dutch or in English: the parsers of those options."""

import typer


def answer(word: str) -> str:
    """A rung of the disclosure ladder: `treffer` is `hit`."""
    return _meant("answers", word, strict=True)


def kind(word: str) -> str:
    """An identifier kind: `huishouden` is `household`. One that is not known is for the agreement to refuse."""
    return _meant("kinds", word, strict=False)


def _meant(field: str, word: str, *, strict: bool) -> str:
    from linkage_node.agreements.words_nl import VALUES

    known = {dutch: str(english) for dutch, english in VALUES[field].items()}
    if strict and word not in (*known, *known.values()):
        raise typer.BadParameter(f"{word!r}: {', '.join(f'{dutch} ({known[dutch]})' for dutch in known)}")
    return known.get(word, word)
