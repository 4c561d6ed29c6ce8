"""Results as CSV files: whole or not there at all.

What another organisation wrote can begin with `=`, `+`, `-` or `@`, which a spreadsheet runs as a formula when somebody
opens the file. Such a value gets an apostrophe in front, at its beginning and after anything that a spreadsheet could
take for the end of a cell (a Dutch one splits at `;`). The values themselves are in the service's answers, unchanged.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from linkage_node.asking.answers import Answers
from linkage_node.clock import iso
from linkage_node.outputs import whole_file
from linkage_node.register.rows import attribute_field

HIT_HEADER = ("record_ref", "provider", "hit")
ATTRIBUTE_HEADER = (*HIT_HEADER, "withheld")
OVERLAP_HEADER = ("record_ref", "known_at")
COUNT_HEADER = ("provider", "agreement", "question", "period", "given_at", "group", "category", "count")
_STARTS = "=+\\-@\uff1d\uff0b\uff0d\uff20"  # of a formula; the last four are their full-width forms
_FORMULA = re.compile(rf'^(?=[\t\r\n])|(^|[;,|\t\r\n"])(?=[^\S\t\r\n]*[{_STARTS}])')

Row = tuple[str | int, ...]


def write_answers(path: Path, answers: Answers, *, at_least: int = 0, not_known: bool = False) -> None:
    """The answers of a question, in the columns that belong to it; of hits only those records that are selected.

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
    _write(path, header, rows, whole.id)


def harmless(value: str) -> str:
    """A text of another organisation, as no spreadsheet takes it for a formula."""
    return _FORMULA.sub(r"\1'", value)


def _hit_rows(answers: Answers, selected: frozenset[str] | None) -> Iterator[Row]:
    """A row for every record: its reference, the provider, and whether the provider knows it."""
    (part,) = answers.whole.parts
    for refs, hits in answers.packs(part.id):
        for ref, hit in zip(refs, hits, strict=True):
            if selected is None or ref in selected:
                yield ref, part.provider_oin, _word(hit == "1")


def _attribute_rows(answers: Answers, names: Sequence[str], selected: frozenset[str] | None) -> Iterator[Row]:
    """For every record and provider a row, or one for each of the provider's records that is disclosed."""
    for part in answers.whole.answered:
        disclosed = answers.disclosed(part.id)
        for refs, hits in answers.packs(part.id):
            for ref, hit in zip(refs, hits, strict=True):
                if selected is not None and ref not in selected:
                    continue
                records = disclosed[ref].records if ref in disclosed else ()
                withheld = disclosed[ref].withheld if ref in disclosed else ""
                for record in records or ({},):
                    values = (harmless(record.get(name, "")) for name in names)
                    yield ref, part.provider_oin, _word(hit == "1"), withheld, *values


def _attribute_names(answers: Answers) -> list[str]:
    """All that were disclosed, or asked for, at any of the providers: the columns."""
    asked = [name for part in answers.whole.parts for name in json.loads(part.attributes)]
    disclosed = (one for part in answers.whole.answered for one in answers.disclosed(part.id).values())
    found = [name for one in disclosed for record in one.records for name in record]
    return list(dict.fromkeys(asked + found))


def _column(name: str) -> str:
    return harmless(attribute_field(name) if name in ATTRIBUTE_HEADER else name)


def _overlap_rows(answers: Answers, selected: frozenset[str] | None) -> Iterator[Row]:
    """A row for every record: at how many it is known, and at which; nothing for who has not answered."""
    found = answers.overlap
    column = {oin: at for at, oin in enumerate(found.providers)}
    columns = [column.get(part.provider_oin) for part in answers.whole.parts]
    rows = zip(found.refs, found.counts.tolist(), found.known.tolist(), strict=True)
    for ref, known_at, known in rows:
        if selected is None or ref in selected:
            yield ref, known_at, *("" if at is None else _word(known[at]) for at in columns)


def _count_rows(answers: Answers) -> Iterator[Row]:
    """A row for every cell of every table; the count is empty where it was not released."""
    for table in answers.tables():
        of_all = table.provider_oin, table.agreement_id, table.question, table.period, iso(table.given_at)
        for group, cells in zip(table.groups, table.cells, strict=True):
            for category, cell in zip(table.categories, cells, strict=True):
                yield *of_all, harmless(group), harmless(category), "" if cell is None else cell


def _word(hit: bool) -> str:
    return "true" if hit else "false"


def _write(path: Path, header: Row, rows: Iterable[Row], query_id: str) -> None:
    again = f"`linkage-node queries results {query_id}` writes them without asking again"
    with whole_file(path, again) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text)
        writer.writerow(header)
        writer.writerows(rows)
        text.detach()
