"""What came of a question: read while the node is open, written as CSV, told to people or to scripts."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table
from rich.text import Text

from linkage_node.cli.common import console, error_data, print_json, show_error
from linkage_node.cli.summaries import overlap_data, table_data, whole_data
from linkage_node.cli.telling import attributes_of, named, tell_overlap, tell_parts, tell_tables
from linkage_node.errors import ExitCode, LinkageError, Refusal

if TYPE_CHECKING:
    from linkage_node.asking.answers import Answers, Tally
    from linkage_node.asking.overlap import Overlap
    from linkage_node.asking.queries import Query
    from linkage_node.asking.several import Whole
    from linkage_node.asking.tables import ReleasedTable
    from linkage_node.node import Node


@dataclass(frozen=True)
class Outcome:
    """A question's answers as they are now."""

    whole: "Whole"
    names: dict[str, str]  # of organisations, by OIN
    answers: "Answers | None"  # None: nobody has answered
    overlap: "Overlap | None"  # of hits and attributes of several providers
    tables: "list[ReleasedTable]"
    tallies: "Mapping[str, Tally]" = field(
        default_factory=dict
    )  # attributes: of those that answered, by query

    @classmethod
    def bare(cls, node: "Node", whole: "Whole") -> "Outcome":
        """What every provider did, without what it answered."""
        return cls(whole, {card.oin: card.name for card in node.peers.list()}, None, None, [])

    @classmethod
    def of(cls, node: "Node", whole: "Whole", now_ms: int) -> "Outcome":
        """Read what is kept of a question; Refusal("results_expired") if that is gone."""
        from linkage_node.asking.answers import Answers
        from linkage_node.asking.queries import QueryStore

        bare = cls.bare(node, whole)
        if not whole.answered:
            return bare
        answers = Answers(QueryStore(node.database, node.sealer), whole, now_ms)
        if whole.parts[0].answer == "count":
            tables = [_with_axes(node, *one) for one in zip(answers.tables(), whole.answered, strict=True)]
            return replace(bare, answers=answers, tables=tables)
        asks = whole.parts[0].answer == "attributes"
        return replace(
            bare,
            answers=answers,
            overlap=answers.overlap if len(whole.parts) > 1 else None,
            tallies={part.id: answers.tally(part.id) for part in whole.answered} if asks else {},
        )

    @property
    def withheld(self) -> "Counter[str]":
        """Attributes: of how many hits none were told, by reason code."""
        return sum((tally.withheld for tally in self.tallies.values()), Counter())

    @property
    def exit_code(self) -> ExitCode:
        """That of the whole; PARTIAL too if attributes of some hits were withheld."""
        code = self.whole.exit_code
        return ExitCode.PARTIAL if code is ExitCode.OK and self.withheld else code

    def failure(self, *, not_known: bool = False) -> LinkageError | None:
        """Why there is nothing to write: nobody answered, or somebody did not who would have to, or told nothing."""
        from linkage_node.asking.answers import require_all
        from linkage_node.asking.queries import not_done

        whole = self.whole
        if not self.answers:
            errors = [whole.errors[part.id] for part in whole.parts if part.id in whole.errors]
            return next(iter(errors), not_done(whole.state, whole.parts))
        try:
            if not_known:
                require_all(whole)
        except Refusal as error:
            return Refusal(error.code, error.detail, hint=_all_must_answer(whole))
        withheld = self.withheld
        if withheld and not any(tally.told for tally in self.tallies.values()):
            told = f"nothing was told of {withheld.total():,} hits, so no file is written"
            return Refusal(withheld.most_common(1)[0][0], told)
        return None

    def write(self, output: Path, *, at_least: int = 0, not_known: bool = False) -> int:
        """Write the answers as CSV, if there are any: how many rows below the header."""
        from linkage_node.asking.results import write_answers

        return (
            write_answers(output, self.answers, at_least=at_least, not_known=not_known) if self.answers else 0
        )

    def tell(self, *, as_json: bool, failure: LinkageError | None = None, **more: Any) -> None:
        """Tell what every provider did, what the answers have in common, and what is to be kept in mind.

        `more` is told too; to people under its name, where there is something to tell.
        """
        if as_json:
            print_json(self._data() | error_data(failure) | more | {"notice": self.whole.notice})
        else:
            self._tell(more)
        if failure:
            show_error(failure)

    def end(self, failure: LinkageError | None = None) -> None:
        """Leave with the exit code of what stood in the way, or else of the whole."""
        code = failure.exit_code if failure else self.exit_code
        if code:
            raise typer.Exit(code)

    def _data(self) -> dict[str, Any]:
        return {
            **whole_data(self.whole, self.names, self.tallies),
            "overlap": overlap_data(self.overlap) if self.overlap else None,
            "tables": [table_data(table) for table in self.tables],
        }

    def _tell(self, more: dict[str, Any]) -> None:
        whole = self.whole
        if len(whole.parts) > 1 or whole.unanswered:
            tell_parts(whole, self.names, self.tallies)
        if self.overlap:
            tell_overlap(self.overlap, whole, self.names)
        tell_tables(self.tables, self.names)
        table = Table(show_header=False)
        if len(whole.parts) > 1:
            table.add_row("query id", whole.id)
        else:
            table.title = Text(
                f"{whole.only.agreement_id}: asked {named(whole.only.provider_oin, self.names)}"
            )
            table.title_justify = "left"
            _add_rows(table, whole.only, self.tallies.get(whole.id))
        for name, value in more.items():
            if value:
                table.add_row(name.replace("_", " "), Text(str(value)))
        console.print(table)
        console.print(whole.notice)


def _all_must_answer(whole: "Whole") -> str:
    """What to do so that all have answered."""
    from linkage_node.asking.queries import ENDED

    if any(part.state in ENDED for part in whole.unanswered):
        return "Who refused is not asked again: put the question again, without it, or when it would answer."
    return (
        f"When it can be reached: `linkage-node queries resume {whole.id}`, then "
        f"`linkage-node queries results {whole.id} --not-known --output FILE.csv`."
    )


def _with_axes(node: "Node", released: "ReleasedTable", part: "Query") -> "ReleasedTable":
    """The table with what its rows and columns are, if its agreement is still here."""
    try:
        _, question = node.agreements.get_by_hash(part.agreement_hash).question(part.question)
    except Refusal:
        return released
    rows, columns = question.by_requester, question.by_provider
    return replace(
        released,
        by_requester=rows.attribute if rows else "",
        by_provider=columns.attribute if columns else "",
    )


def _add_rows(table: Table, part: "Query", tally: "Tally | None") -> None:
    if part.state == "done" and part.answer != "count":
        table.add_row("records asked about", f"{part.records:,}")
        table.add_row("known to both", f"[bold]{part.hits:,}[/bold]")
        if tally:
            table.add_row("attributes of", Text(attributes_of(tally)))
        table.add_row("new elements evaluated", f"{part.evaluated:,}")
    table.add_row("transaction id", part.id)
