"""`queries`: the questions this node put, and their results."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    AtLeastOption,
    ConfigOption,
    JsonOption,
    NotKnownOption,
    console,
    find_id,
    open_node,
    print_json,
)
from linkage_node.cli.outcome import Outcome
from linkage_node.cli.summaries import overlap_data, part_data
from linkage_node.cli.telling import tell_overlap, tell_unanswered
from linkage_node.errors import ExitCode, InputError, Refusal

if TYPE_CHECKING:
    from linkage_node.asking.queries import Query, QueryStore
    from linkage_node.asking.several import Whole
    from linkage_node.node import Node

queries_app = typer.Typer(
    help="The questions this node put to others, and their results.", no_args_is_help=True
)
_GOING = {"queued", "running"}
_ID_SHOWN = 8  # positions of an id in a list
QueryId = Annotated[
    str,
    typer.Argument(
        help="The id of a query, or of a question to several providers, as `queries list` shows it; or how it begins."
    ),
]


@queries_app.command("list")
def list_queries(as_json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """All queries, newest first. Those of one question to several providers stand together, and bear its id."""
    from itertools import groupby

    from rich.box import SIMPLE_HEAD

    from linkage_node.asking.queries import DONE, QueryStore
    from linkage_node.asking.several import Whole
    from linkage_node.clock import iso

    with open_node(config) as node:
        found = QueryStore(node.database, node.sealer).all()
        names = {card.oin: card.name for card in node.peers.list()}
    if as_json:
        print_json([part_data(one, names) for one in found])
        return
    if not found:
        console.print("No queries yet.")
        return
    columns = (
        Column(name, overflow="fold") for name in ("query", "when (UTC)", "agreement", "asked", "state")
    )
    table = Table(*columns, Column("known", justify="right"), box=SIMPLE_HEAD, pad_edge=False)
    for _, together in groupby(found, lambda one: one.whole_id or one.id):
        whole = Whole(tuple(together))
        first, several = whole.parts[0], len(whole.parts) > 1
        when, asked = iso(first.created_at)[:16].replace("T", "\n"), f"{first.answer},\n{first.source}"
        if several:
            table.add_row(
                _short(whole.id),
                when,
                f"{len(whole.parts)} providers",
                asked,
                _state(whole),
                "",
                style="bold",
            )
        for one in whole.parts:
            told = one.state == DONE and one.answer != "count"
            known = f"{one.hits:,} of {one.records:,}" if told else ""
            row = ("", "") if several else (when, asked)
            table.add_row(
                f"  {_short(one.id)}" if several else _short(one.id),
                row[0],
                one.agreement_id,
                row[1],
                one.state,
                known,
            )
    console.print(table)
    _tell_reasons(found)


def _short(query_id: str) -> str:
    """How an id begins, which is enough to name it."""
    return query_id[:_ID_SHOWN]


def _state(whole: "Whole") -> str:
    """Of a question to several providers; one that was answered in part is not called done."""
    part = f"{len(whole.answered)} of {len(whole.parts)}\nanswered"
    return part if whole.exit_code is ExitCode.PARTIAL and whole.state not in _GOING else whole.state


def _tell_reasons(found: "list[Query]") -> None:
    """Why there are no answers: each reason once, with the queries that ended so."""
    from linkage_node.reasons import explain

    for code in dict.fromkeys(code for one in found for code in one.codes):
        those = ", ".join(_short(one.id) for one in found if code in one.codes)
        reason = explain(code)
        told = f"{reason.meaning}. {reason.remedy} ({those})"
        console.print(Text.assemble((f"{code}: ", "bold"), told))


@queries_app.command("show")
def show(query_id: QueryId, as_json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """What every provider did with a question, how their answers overlap, and the tables of a count."""
    from linkage_node.clock import now_ms

    with open_node(config) as node:
        whole = _whole(_store(node), query_id)
        try:
            outcome = Outcome.of(node, whole, now_ms())
        except Refusal as error:
            if error.code != "results_expired":
                raise
            outcome = Outcome.bare(node, whole)
    outcome.tell(as_json=as_json)
    end_if_partial(whole)


@queries_app.command("overlap")
def overlap(query_id: QueryId, as_json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """At how many of the providers that answered the records are known, and in which combination of them."""
    from linkage_node.asking.answers import Answers
    from linkage_node.clock import now_ms

    with open_node(config) as node:
        store = _store(node)
        whole = _whole(store, query_id)
        found = Answers(store, whole, now_ms()).overlap
        names = {card.oin: card.name for card in node.peers.list()}
    if as_json:
        unanswered = [part.provider_oin for part in whole.unanswered]
        told = {"query_id": whole.id, **overlap_data(found), "unanswered": unanswered}
        print_json({**told, "notice": whole.notice})
    else:
        tell_overlap(found, whole, names)
        console.print(whole.notice)
    end_if_partial(whole)


@queries_app.command("results")
def results(
    query_id: QueryId,
    output: Annotated[Path, typer.Option("--output", help="CSV file for the results.")],
    at_least: AtLeastOption = 0,
    not_known: NotKnownOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
) -> None:
    """Write the results of a query that is done once more; nothing is asked.

    Of several providers: what those answered that did. Exit code 7 if some have not.
    """
    from linkage_node.asking.results import HEADS
    from linkage_node.clock import now_ms
    from linkage_node.outputs import check_writable

    check_writable(output, HEADS)
    with open_node(config) as node:
        whole = _whole(_store(node), query_id)
        check_selection(whole.parts[0].answer, at_least=at_least, not_known=not_known)
        outcome = Outcome.of(node, whole, now_ms())
        failure = outcome.failure(not_known=not_known)
        if failure:
            raise failure
        rows = outcome.write(output, at_least=at_least, not_known=not_known)
    console.print(f"written: {output}, {rows:,} rows", markup=False, soft_wrap=True)
    tell_unanswered(whole, outcome.names, "The file")
    outcome.end()


@queries_app.command("resume")
def resume(query_id: QueryId, as_json: JsonOption = False, config: ConfigOption = DEFAULT_CONFIG) -> None:
    """Go on with a question that broke off; only what was not answered yet is asked, and only those who have not.

    Who refused is not asked again, for the persons of a refused question are gone: put the question again.
    """
    from linkage_node.asking.queries import ENDED
    from linkage_node.assembly import Assembly
    from linkage_node.cli.progress import run_with_progress
    from linkage_node.pseudonyms.parallel import local_executor

    with (
        open_node(config) as node,
        local_executor() as executor,
        closing(Assembly(node, executor)) as assembly,
    ):
        whole = _whole(assembly.queries, query_id)
        ended = all(part.state in ENDED for part in whole.parts)
        if ended and not as_json:
            if refused := _not_resumable(whole):
                raise refused
            console.print("This query is done: there is nothing to resume.")
            return
        if not ended:
            whole = run_with_progress(assembly, whole)
        outcome = Outcome.of(node, whole, assembly.clock())
    failure = _not_resumable(whole) if ended else outcome.failure()
    outcome.tell(as_json=as_json, failure=failure)
    if not failure and not as_json:
        console.print(
            f"`linkage-node queries results {outcome.whole.id} --output OUT.csv` writes the results."
        )
    outcome.end(failure)


def end_if_partial(whole: "Whole") -> None:
    """Exit code 7 if some of the providers answered and some did not."""
    if whole.exit_code is ExitCode.PARTIAL:
        raise typer.Exit(ExitCode.PARTIAL)


def check_selection(answer: str, *, at_least: int, not_known: bool) -> None:
    """InputError("options_conflict") for options that do not go together, or not with the answer."""
    if answer == "count" and (at_least or not_known):
        raise InputError("options_conflict", "a count points at nobody: leave --at-least and --not-known out")
    if at_least and not_known:
        raise InputError("options_conflict", "--at-least and --not-known")


def _not_resumable(whole: "Whole") -> Refusal | None:
    """Why a question that has ended cannot go on; None if all answered."""
    gone = [f"{part.agreement_id}: {part.state}" for part in whole.unanswered]
    return Refusal("not_resumable", ", ".join(gone)) if gone else None


def _store(node: "Node") -> "QueryStore":
    from linkage_node.asking.queries import QueryStore

    return QueryStore(node.database, node.sealer)


def _whole(store: "QueryStore", query_id: str) -> "Whole":
    from linkage_node.asking.several import Whole

    ids = {name for one in store.all() for name in (one.id, one.whole_id) if name}
    return Whole(tuple(store.parts(find_id(ids, query_id.lower()))))
