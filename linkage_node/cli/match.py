"""`match`: put a question to other nodes and write what came of it."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from linkage_node.cli import option_words
from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    AtLeastOption,
    ConfigOption,
    GroupByOption,
    JsonOption,
    NotKnownOption,
    QuestionOption,
    open_node,
)
from linkage_node.cli.progress import run_with_progress
from linkage_node.cli.queries import check_selection
from linkage_node.errors import InputError, Refusal

if TYPE_CHECKING:
    from linkage_node.asking.intake import Wish
    from linkage_node.asking.several import Whole
    from linkage_node.assembly import Assembly
    from linkage_node.register.rows import Reject

RUNNER = "cli"


def match(
    agreements: Annotated[
        list[str] | None,
        typer.Option(
            "--agreement", help="Id of the agreement; repeat it to ask several providers side by side."
        ),
    ] = None,
    providers: Annotated[
        list[str] | None,
        typer.Option(
            "--provider",
            help="OIN or exact name of a provider, under the one agreement that fits; repeat it to ask several.",
        ),
    ] = None,
    answer: Annotated[
        str,
        typer.Option(
            "--answer",
            help="How much is asked, the rung of the disclosure ladder: count, hit or attributes; in Dutch aantal,"
            " treffer or gegevens.",
            parser=option_words.answer,
            metavar="TEXT",
        ),
    ] = "hit",
    output: Annotated[
        Path | None,
        typer.Option("--output", help="CSV file for the answer. A count can do without: its table is shown."),
    ] = None,
    question: QuestionOption = "",
    group_by: GroupByOption = None,
    case: Annotated[
        str, typer.Option("--case", help="Attributes: reference of the case that makes it necessary. No BSN.")
    ] = "",
    attributes: Annotated[
        list[str] | None,
        typer.Option(
            "--attribute", help="Attributes: one that is needed; repeat it. Left out: all that are agreed."
        ),
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            "--kind",
            help="Identifier kind; left out: the first that all the agreements share.",
            parser=option_words.kind,
            metavar="TEXT",
        ),
    ] = "",
    purpose: Annotated[str, typer.Option("--purpose", help="Left out: the agreement's.")] = "",
    persons: Annotated[
        Path | None,
        typer.Option(
            "--persons",
            help="CSV file of persons to ask about, with columns record_ref and the kind's fields (bsn; or "
            "postcode, house_number, addition). Left out: the whole register.",
        ),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help="Mapping file, where --persons has other columns.")
    ] = None,
    at_least: AtLeastOption = 0,
    not_known: NotKnownOption = False,
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects", help="Where persons that cannot be asked about are listed; left out: beside OUTPUT."
        ),
    ] = None,
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Ask other nodes which of our clients they know, and write the answer to OUTPUT.

    Several providers are asked side by side, and each decides for itself. If some answered and some did not, the exit
    code is 7: `queries resume` asks those that could not be reached, and who refused is asked in a new question. With
    --not-known all must answer: else the exit code is 4, and nothing is written. Attributes that were withheld of some
    hits end with 7, of all hits with 4. Asking again costs only what changed. A question that broke off goes on where
    it was when it is asked again.
    """
    from linkage_node.asking.answers import check_at_least
    from linkage_node.asking.intake import Wish
    from linkage_node.asking.results import HEADS
    from linkage_node.assembly import Assembly
    from linkage_node.cli.outcome import Outcome
    from linkage_node.outputs import check_writable
    from linkage_node.pseudonyms.parallel import local_executor

    first, *further = agreements or [""]
    wish = Wish(
        first,
        tuple(providers or ()),
        kind,
        answer,
        purpose,
        question,
        tuple(group_by or ()),
        case,
        tuple(attributes or ()),
        further=tuple(further),
    )
    _check(answer, output, persons, mapping, at_least=at_least, not_known=not_known)
    if output:
        check_writable(output, HEADS)
    with (
        open_node(config) as node,
        local_executor() as executor,
        closing(Assembly(node, executor)) as assembly,
    ):
        check_at_least(at_least, len(assembly.intake.resolve(wish).targets))
        refused: list[Reject] = []
        register: dict[str, int] = {}
        if persons is None or output is None:
            whole = assembly.intake.about_register(wish, RUNNER)
            register = _in_register(assembly, whole.parts[0].kind)
        else:
            rejects = rejects or output.with_name(output.name + ".rejects.csv")
            whole, refused = _from_file(assembly, wish, persons, mapping, rejects)
        outcome = Outcome.of(node, run_with_progress(assembly, whole), assembly.clock())
        failure = outcome.failure(not_known=not_known)
        written = bool(output) and not failure
        rows = outcome.write(output, at_least=at_least, not_known=not_known) if output and written else None
    outcome.tell(
        as_json=as_json,
        failure=failure,
        **register,
        output=str(output) if written else None,
        rows_in_file=rows,
        rejected=len({one.row for one in refused}),
        rejects=str(rejects) if refused else None,
    )
    outcome.end(failure)


def _check(
    answer: str,
    output: Path | None,
    persons: Path | None,
    mapping: Path | None,
    *,
    at_least: int,
    not_known: bool,
) -> None:
    """InputError or Refusal, before anything is opened, for options that are missing or do not go together."""
    counts = answer == "count"
    check_selection(answer, at_least=at_least, not_known=not_known)
    if mapping and not persons:
        raise InputError(
            "options_conflict", "--mapping says what is in the file of --persons, which is not given"
        )
    if counts and persons:
        raise Refusal("count_of_register_only", str(persons))
    if not counts and not output:
        raise InputError("option_missing", "--output FILE.csv, for the answer")


def _in_register(assembly: "Assembly", kind: str) -> dict[str, int]:
    """Who is asked about and who is not: records in all, and those that lack what is asked by."""
    records, kinds = assembly.register.counts()
    return {
        "in_register": records,
        "without_this_kind": records - (kinds[kind].records if kind in kinds else 0),
    }


def _from_file(
    assembly: "Assembly", wish: "Wish", persons: Path, mapping: Path | None, rejects_path: Path
) -> "tuple[Whole, list[Reject]]":
    from linkage_node.asking.persons_file import read_persons

    with read_persons(persons, mapping, assembly.intake.resolve(wish).kind) as source:
        whole, refused = assembly.intake.about_persons(wish, source.rows(), RUNNER)
        if refused:
            source.write_rejects(rejects_path, refused)
    return whole, refused
