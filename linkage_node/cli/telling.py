"""Tells people what came of a question: who answered what, how the answers overlap, what was counted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Column, Table
from rich.text import Text

from linkage_node.cli.common import console

if TYPE_CHECKING:
    from linkage_node.asking.overlap import Overlap
    from linkage_node.asking.queries import Query
    from linkage_node.asking.several import Whole
    from linkage_node.asking.tables import Margin, ReleasedTable

NOTICE = "A hit is a signal for a person to look at, never a decision (AVG art. 22)."
COUNT_NOTICE = (
    "Numbers are for steering: they point at nobody, and decide nothing about anybody (AVG art. 22)."
)
HIDDEN = "·"  # a number that was not released
_COMBINATIONS = 20  # shown on a terminal; all are in the JSON


def notice_of(whole: "Whole") -> str:
    """What must be said with this answer."""
    return COUNT_NOTICE if whole.parts[0].answer == "count" else NOTICE


def tell_parts(whole: "Whole", names: dict[str, str]) -> None:
    """A line for each provider: what it answered, or why not. `names` of organisations, by OIN."""
    table = Table(
        *(Column(name, overflow="fold") for name in ("provider", "agreement", "answer", "transaction id")),
        title=f"{len(whole.answered)} of {len(whole.parts)} answered",
        title_justify="left",
    )
    for part in whole.parts:
        table.add_row(
            Text(named(part.provider_oin, names)),
            part.agreement_id,
            Text(answer_of(part), style="" if part in whole.answered else "red"),
            part.id,
        )
    console.print(table)


def answer_of(part: "Query") -> str:
    """What a provider answered, in a few words, or why it has not."""
    from linkage_node.asking import queries

    if part.state == queries.DONE:
        return "counted" if part.answer == "count" else f"{part.hits:,} of {part.records:,} known"
    state = "unreachable" if "peer_unreachable" in reasons_of(part) else part.state
    return f"{state}: {', '.join(reasons_of(part))}: {words_of(part)}" if part.reasons else state


def reasons_of(part: "Query") -> list[str]:
    """The stable codes of why a part has no answer, each once."""
    return list(dict.fromkeys(code for code in part.reasons.split(",") if code))


def words_of(part: "Query") -> str:
    """The same in words, with what to do."""
    from linkage_node.reasons import explain

    return " ".join(f"{explain(code).meaning}. {explain(code).remedy}" for code in reasons_of(part))


def named(oin: str, names: dict[str, str]) -> str:
    """An organisation as people know it, and its OIN."""
    return f"{names[oin]} ({oin})" if names.get(oin) else oin


def tell_overlap(found: "Overlap", whole: "Whole", names: dict[str, str]) -> None:
    """At how many of those that answered, and in which combination; and of whom nothing is said."""
    many = len(found.providers)
    table = Table("known at", Column("records", justify="right"), title="known at how many")
    for number, records in enumerate(found.known_at()):
        table.add_row(f"{number} of {many}" if number else f"none of {many}", f"{records:,}")
    console.print(table)
    table = Table(
        Column("known at exactly", overflow="fold"),
        Column("records", justify="right"),
        title="in which combination",
    )
    every = found.combinations()
    for one in every[:_COMBINATIONS]:
        told = " + ".join(names.get(oin) or oin for oin in one.providers)
        table.add_row(Text(told or "none of them"), f"{one.records:,}")
    console.print(table)
    if len(every) > _COMBINATIONS:
        console.print(f"And {len(every) - _COMBINATIONS} smaller combinations: `--json` shows all.")
    if found.left_out:
        console.print(
            f"{found.left_out:,} records came or left between the questions; they are in neither table."
        )
    if whole.unanswered:
        missing = ", ".join(named(part.provider_oin, names) for part in whole.unanswered)
        said = "This says nothing of those that have not answered: "
        console.print(Text.assemble((said, "red"), missing, "."))


def tell_tables(tables: "Sequence[ReleasedTable]", names: dict[str, str]) -> None:
    """Counts with their margins, and how far their numbers can be trusted."""
    from linkage_node.clock import iso

    for released in tables:
        given = f"given on {iso(released.given_at)[:10]}, for the whole of {released.period}"
        who = named(released.provider_oin, names)
        console.print(Text(f"{who}: {released.question}, {given}", style="bold"))
        _tell_table(released)
    for scale, smallest in dict.fromkeys((1 / one.epsilon, one.smallest_cell) for one in tables):
        console.print(
            f"Every number has noise (discrete Laplace, scale {scale:g}), and is the same when it is asked again in "
            f"its period. {HIDDEN} is a number below {smallest:,}, which is not released; sums are of released ones."
        )


def _tell_table(released: "ReleasedTable") -> None:
    from linkage_node.asking.tables import column_totals, row_totals, total

    sums = len(released.categories) > 1
    table = Table(
        "",
        *(Column(Text(name), justify="right", overflow="fold") for name in released.categories),
        *([Column("sum", justify="right")] if sums else []),
    )
    for group, cells, margin in zip(released.groups, released.cells, row_totals(released), strict=True):
        shown = [HIDDEN if cell is None else f"{cell:,}" for cell in cells]
        last = group == released.groups[-1]
        table.add_row(Text(group), *shown, *([_sum(margin)] if sums else []), end_section=last)
    if len(released.groups) > 1:
        margins = [*column_totals(released), *([total(released)] if sums else [])]
        table.add_row("sum", *map(_sum, margins))
    console.print(table)


def _sum(margin: "Margin") -> str:
    return f"{margin.total:,}" + (f" + {HIDDEN}" if margin.left_out else "")
