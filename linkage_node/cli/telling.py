"""Tells people what came of a question: who answered what, how the answers overlap, what was counted."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.table import Column, Table
from rich.text import Text

from linkage_node.cli.common import console
from linkage_node.notices import unit_of

if TYPE_CHECKING:
    from linkage_node.asking.answers import Tally
    from linkage_node.asking.overlap import Overlap
    from linkage_node.asking.queries import Query
    from linkage_node.asking.several import Whole
    from linkage_node.asking.tables import ReleasedTable

HIDDEN = "·"  # a number that was not released
_OIN_POSITIONS = 20
_COMBINATIONS = 20  # shown on a terminal; all are in the JSON


def tell_parts(whole: "Whole", names: dict[str, str], tallies: "Mapping[str, Tally]") -> None:
    """A line for each provider: what it answered, or why not. `names` of organisations, by OIN; `tallies` by query."""
    table = Table(
        Column("provider", overflow="fold", min_width=_OIN_POSITIONS),
        *(Column(name, overflow="fold") for name in ("agreement", "answer", "transaction id")),
        title=f"{len(whole.answered)} of {len(whole.parts)} answered",
        title_justify="left",
    )
    for part in whole.parts:
        table.add_row(
            Text("\n".join(filter(None, (names.get(part.provider_oin), part.provider_oin)))),
            part.agreement_id,
            Text(answer_of(part, tallies.get(part.id)), style="" if part in whole.answered else "red"),
            part.id,
        )
    console.print(table)


def answer_of(part: "Query", tally: "Tally | None" = None) -> str:
    """What a provider answered, in a few words, or why it has not."""
    from linkage_node.asking import queries

    if part.state == queries.DONE:
        known = "counted" if part.answer == "count" else f"{part.hits:,} of {part.records:,} known"
        return f"{known}; attributes of {attributes_of(tally)}" if tally else known
    state = "unreachable" if "peer_unreachable" in part.codes else part.state
    return f"{state}: {', '.join(part.codes)}: {words_of(part)}" if part.codes else state


def attributes_of(tally: "Tally") -> str:
    """Of how many hits attributes were told, and why not of the others."""
    from linkage_node.reasons import explain

    withheld = (
        f", {number:,} withheld ({code}: {explain(code).meaning})" for code, number in tally.withheld.items()
    )
    return f"{tally.told:,} told" + "".join(withheld)


def words_of(part: "Query") -> str:
    """Why there is no answer, in words, with what to do."""
    from linkage_node.reasons import explain

    return " ".join(f"{explain(code).meaning}. {explain(code).remedy}" for code in part.codes)


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
    tell_unanswered(whole, names)


def tell_unanswered(whole: "Whole", names: dict[str, str], what: str = "This") -> None:
    """Of whom nothing is said, if anybody has not answered."""
    if whole.unanswered:
        missing = ", ".join(named(part.provider_oin, names) for part in whole.unanswered)
        said = f"{what} says nothing of those that have not answered: "
        console.print(Text.assemble((said, "red"), missing, "."), soft_wrap=True)


def tell_tables(tables: "Sequence[ReleasedTable]", names: dict[str, str]) -> None:
    """Counts with their margins, and how far their numbers can be trusted."""
    from linkage_node.clock import iso

    for released in tables:
        given = f"given on {iso(released.given_at)[:10]}, for the whole of {released.period}"
        who = named(released.provider_oin, names)
        console.print(Text(f"{who}: {released.question}, {given}", style="bold"))
        _tell_table(released)
    for told in dict.fromkeys(map(noise_of, tables)):
        console.print(told)


def noise_of(released: "ReleasedTable") -> str:
    """How far the numbers of a table can be trusted, and what those are that are not there."""
    from linkage_node.charts.interval import half_width

    reach, smallest = half_width(released.epsilon), released.smallest_cell
    return (
        f"These are numbers of {unit_of(released.kind)}, with noise: 95 of 100 numbers are within {reach:,} of the "
        f"truth; sums are further off. Asked again in its period, a question has the same answer. {HIDDEN} is a number "
        f"below {smallest:,}, which is not released; in a sum, 3{HIDDEN} are three of them, which are not in it."
    )


def _tell_table(released: "ReleasedTable") -> None:
    from linkage_node.asking.tables import column_totals, row_totals, total

    sums = len(released.categories) > 1
    table = Table(
        Column(Text(_axes(released)), overflow="fold"),
        *(Column(Text(name), justify="right", overflow="fold") for name in released.categories),
        *([Column("sum", justify="right")] if sums else []),
    )
    high, wide = len(released.groups), len(released.categories)
    for group, cells, margin in zip(released.groups, released.cells, row_totals(released), strict=True):
        shown = [HIDDEN if cell is None else f"{cell:,}" for cell in cells]
        last = group == released.groups[-1]
        row_sum = [shown_sum(*margin, of=wide)] if sums else []
        table.add_row(Text(group), *shown, *row_sum, end_section=last)
    if high > 1:
        column_sums = [shown_sum(*margin, of=high) for margin in column_totals(released)]
        table.add_row("sum", *column_sums, *([shown_sum(*total(released), of=high * wide)] if sums else []))
    console.print(table)


def _axes(released: "ReleasedTable") -> str:
    """What the rows and the columns of a table are, for its corner."""
    rows, columns = released.by_requester, released.by_provider
    return f"{rows or 'all'} \\ {columns or 'all'}" if rows or columns else ""


def shown_sum(released: int, hidden: int, *, of: int) -> str:
    """A sum of released numbers, and how many `of` them all are not in it; of none it is no number."""
    if hidden == of:
        return HIDDEN
    return f"{released:,} + {hidden}{HIDDEN}" if hidden else f"{released:,}"
