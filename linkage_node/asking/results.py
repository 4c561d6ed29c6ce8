"""Results as CSV files: whole or not there at all.

What another organisation wrote can begin with `=`, `+`, `-` or `@`, which a spreadsheet runs as a formula when somebody
opens the file. Such a value gets an apostrophe in front, at its beginning and after anything that a spreadsheet could
take for the end of a cell (a Dutch one splits at `;`), after what cannot be shown was taken out of it: programs skip
that before they look. The service's answers have no such apostrophes.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from linkage_node.asking.answers import Answers
from linkage_node.asking.queries import DONE, Query
from linkage_node.asking.tables import ReleasedTable
from linkage_node.charts.interval import half_width
from linkage_node.clock import iso
from linkage_node.notices import unit_of
from linkage_node.outputs import whole_file
from linkage_node.printable import REPLACED, clean
from linkage_node.register.rows import attribute_field

HIT_HEADER = ("record_ref", "provider", "hit", "kind")
ATTRIBUTE_HEADER = ("record_ref", "provider", "hit", "withheld", "kind")
OVERLAP_HEADER = ("record_ref", "known_at", "answered", "kind")
COUNT_HEADER = (
    *(
        "provider",
        "agreement",
        "question",
        "kind",
        "unit",
        "period",
        "given_at",
        "group",
        "category",
        "count",
    ),
    *("noise_95", "smallest_cell", "state", "reasons"),
)
# How each of the files begins, and so which may be replaced.
HEADS = tuple(",".join(one).encode() for one in (HIT_HEADER, ATTRIBUTE_HEADER, OVERLAP_HEADER, COUNT_HEADER))
# What a formula begins with, and its full-width, small, raised and lowered forms; U+2212 is the minus sign.
_STARTS = (
    r"=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207c\u207a\u207b\u208c\u208a\u208b\ufb29\u2212"
)
_FORMULA = re.compile(rf'(^|[;,|"])(?=[ {REPLACED}]*[{_STARTS}])')

Row = tuple[str | int, ...]


def write_answers(path: Path, answers: Answers, *, at_least: int = 0, not_known: bool = False) -> int:
    """The answers of a question, in the columns that belong to it; of hits only those records that are selected.

    Who has not answered stands in the file too, as such. How many rows are below the header.
    Raises what `Answers` raises; nothing is written then.
    """
    whole = answers.whole
    header: tuple[str, ...]
    rows: Iterable[Row]
    if whole.parts[0].answer == "count":
        header, rows = COUNT_HEADER, _count_rows(answers)
    else:
        selected = answers.selected(at_least, not_known=not_known)
        if whole.parts[0].answer == "attributes":
            names = _attribute_names(answers)
            header = (*ATTRIBUTE_HEADER, *(_column(name) for name in names))
            rows = _attribute_rows(answers, names, selected)
        elif len(whole.parts) == 1:
            header, rows = HIT_HEADER, _hit_rows(answers, selected)
        else:
            header = (*OVERLAP_HEADER, *(part.provider_oin for part in whole.parts))
            rows = _overlap_rows(answers, selected)
    return _write(path, header, rows, whole.id)


def harmless(value: str) -> str:
    """A text of another organisation, as no spreadsheet takes it for a formula."""
    return _FORMULA.sub(r"\1'", clean(value))


def _hit_rows(answers: Answers, selected: frozenset[str] | None) -> Iterator[Row]:
    """A row for every record: its reference, the provider, and whether the provider knows it."""
    (part,) = answers.whole.parts
    for refs, hits in answers.packs(part.id):
        for ref, hit in zip(refs, hits, strict=True):
            if selected is None or ref in selected:
                yield ref, part.provider_oin, _word(hit == "1"), part.kind


def _attribute_rows(answers: Answers, names: Sequence[str], selected: frozenset[str] | None) -> Iterator[Row]:
    """For every record and provider a row, or one for each of the provider's records that is disclosed.

    Of a provider that has not answered it is unknown whether it knows the person: `hit` is empty, and `withheld` why.
    """
    asked: dict[str, None] = {}  # references, in order
    for part in answers.whole.answered:
        disclosed = answers.disclosed(part.id)
        for refs, hits in answers.packs(part.id):
            asked.update(dict.fromkeys(refs))
            for ref, hit in zip(refs, hits, strict=True):
                if selected is not None and ref not in selected:
                    continue
                records = disclosed[ref].records if ref in disclosed else ()
                withheld = disclosed[ref].withheld if ref in disclosed else ""
                for record in records or ({},):
                    values = (harmless(record.get(name, "")) for name in names)
                    yield ref, part.provider_oin, _word(hit == "1"), withheld, part.kind, *values
    for part in answers.whole.unanswered:
        for ref in asked:
            if selected is None or ref in selected:
                yield ref, part.provider_oin, "", _why_not(part)[0], part.kind, *("" for _ in names)


def _attribute_names(answers: Answers) -> list[str]:
    """All that were disclosed, or asked for, at any of the providers: the columns."""
    asked = [name for part in answers.whole.parts for name in json.loads(part.attributes)]
    disclosed = (one for part in answers.whole.answered for one in answers.disclosed(part.id).values())
    found = [name for one in disclosed for record in one.records for name in record]
    return list(dict.fromkeys(asked + found))


def _column(name: str) -> str:
    return harmless(attribute_field(name) if name in ATTRIBUTE_HEADER else name)


def _overlap_rows(answers: Answers, selected: frozenset[str] | None) -> Iterator[Row]:
    """A row for every record: at how many it is known, of how many that answered, and at which.

    Nothing stands in the column of who has not answered.
    """
    found = answers.overlap
    kind = answers.whole.parts[0].kind
    column = {oin: at for at, oin in enumerate(found.providers)}
    columns = [column.get(part.provider_oin) for part in answers.whole.parts]
    rows = zip(found.refs, found.counts.tolist(), found.known.tolist(), strict=True)
    for ref, known_at, known in rows:
        if selected is None or ref in selected:
            yield (
                ref,
                known_at,
                len(column),
                kind,
                *("" if at is None else _word(known[at]) for at in columns),
            )


def _count_rows(answers: Answers) -> Iterator[Row]:
    """A row for every cell of every table; the count is empty where it was not released.

    A provider that has not answered has a row without group, category and count.
    """
    for table in answers.tables():
        of_all = *_about(table), table.period
        rest = half_width(table.epsilon), table.smallest_cell, DONE, ""
        for group, cells in zip(table.groups, table.cells, strict=True):
            for category, cell in zip(table.categories, cells, strict=True):
                named = iso(table.given_at), harmless(group), harmless(category)
                yield *of_all, *named, "" if cell is None else cell, *rest
    for part in answers.whole.unanswered:
        yield *_about(part), "", "", "", "", "", "", "", part.state, " ".join(_why_not(part))


def _about(one: Query | ReleasedTable) -> Row:
    return one.provider_oin, one.agreement_id, one.question, one.kind, unit_of(one.kind)


def _why_not(part: Query) -> list[str]:
    """The codes of why there is no answer."""
    return part.codes or ["query_not_done"]


def _word(hit: bool) -> str:
    return "true" if hit else "false"


def _write(path: Path, header: Row, rows: Iterable[Row], query_id: str) -> int:
    again = f"`linkage-node queries results {query_id}` writes them without asking again"
    written = 0
    with whole_file(path, again) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text)
        writer.writerow(header)
        for row in rows:
            writer.writerow(row)
            written += 1
        text.detach()
    return written
