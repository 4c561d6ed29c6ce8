"""`linkage-node register`: the organisation's own clients, as pseudonyms."""

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from linkage_node.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    console,
    errors,
    open_node,
    print_json,
)
from linkage_node.errors import ExitCode, InputError
from linkage_node.reasons import explain
from linkage_node.register.apply import Mode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from linkage_node.node import Node
    from linkage_node.register.loader import LoadSummary, OnProgress

register_app = typer.Typer(help="The organisation's own clients, as pseudonyms.", no_args_is_help=True)

_DELIMITER_NAMES = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}
_SAMPLE_BYTES = 1024 * 1024
_NOT_THOUGHT_OF = (
    "Warning: the mapping does not say which addresses are secret (`address_secret: COLUMN`), so they are loaded "
    "like any other. If there is no such column on purpose, say `address_secret: false`."
)
_NO_FAULTS = {"identifier_missing", "address_secret"}  # of the source: each is counted by itself


@register_app.command("load")
def load(
    source: Annotated[Path, typer.Argument(help="CSV file with the clients.")],
    mapping: Annotated[Path, typer.Option("--mapping", "-m", help="Which column holds what (YAML).")],
    config: ConfigOption = DEFAULT_CONFIG,
    mode: Annotated[
        Mode,
        typer.Option(
            help="upsert: add and renew. replace: also remove records that are not in the file. "
            "remove: remove the records in the file."
        ),
    ] = "upsert",
    rejects: Annotated[
        Path | None, typer.Option(help="Where rejected rows are listed; SOURCE.rejects.csv if left out.")
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Do not go on with a load that was killed.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Load clients from a CSV file: identifiers become pseudonyms and are forgotten.

    A row that cannot be used is listed in the rejects file and does not stop the rest. A load that is killed changes
    nothing; the same command goes on where it was.
    """
    from linkage_node.register.loader import open_loader
    from linkage_node.register.mapping import load_mapping

    started = time.monotonic()
    terms = load_mapping(mapping)
    if terms.secret_unknown and mode != "remove":
        errors.print(_NOT_THOUGHT_OF, style="yellow", soft_wrap=True)
    with open_node(config) as node, open_loader(node) as loader, _progress(source) as on_progress:
        summary = loader.load_csv(
            source, terms, mode=mode, rejects=rejects, restart=restart, on_progress=on_progress
        )
        _settle(node)
    seconds = time.monotonic() - started
    if as_json:
        print_json(_as_json(summary, seconds))
    else:
        _show(summary, mode, seconds)
    if not summary.tally.loaded and summary.tally.unclear:
        raise typer.Exit(ExitCode.INPUT)


@register_app.command("remove")
def remove(
    refs: Annotated[list[str] | None, typer.Argument(help="Record references.", metavar="REF...")] = None,
    config: ConfigOption = DEFAULT_CONFIG,
    refs_file: Annotated[
        Path | None, typer.Option("--refs", help="File with a record reference a line.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Remove records by their reference; exit code 7 if some were not there."""
    from linkage_node.clock import now_ms
    from linkage_node.register.store import RegisterStore
    from linkage_node.yaml_model import read_text

    wanted = list(refs or [])
    if refs_file:
        wanted += [line.strip() for line in read_text(refs_file).splitlines() if line.strip()]
    if not wanted:
        raise InputError("record_ref_missing", "name the records to remove, or a file with --refs")
    with open_node(config) as node:
        applied, unknown = RegisterStore(node.database, node.sealer).remove(wanted, now_ms())
        _settle(node)
    if as_json:
        print_json({"removed": applied.removed, "unknown": unknown})
    else:
        console.print(f"Records removed: {applied.removed:,}.")
        if unknown:
            console.print(
                f"{len(unknown):,} were not there: {', '.join(unknown[:10])}{' …' if unknown[10:] else ''}"
            )
    if unknown:
        raise typer.Exit(ExitCode.PARTIAL)


def _settle(node: "Node") -> None:
    """What follows from a change: tags of who is gone are forgotten, and the root is ready for the next question."""
    from linkage_node.asking.memory import Memory
    from linkage_node.register.root import register_root
    from linkage_node.register.store import RegisterStore

    Memory(node.database, node.sealer).forget_removed()
    for kind in RegisterStore(node.database, node.sealer).counts()[1]:
        register_root(node.database, kind)


@register_app.command("show")
def show(config: ConfigOption = DEFAULT_CONFIG, as_json: JsonOption = False) -> None:
    """Show the register in numbers."""
    from linkage_node.register.store import RegisterStore

    with open_node(config) as node:
        store = RegisterStore(node.database, node.sealer)
        records, kinds = store.counts()
        unfinished = store.staging.unfinished()
    if as_json:
        numbers = {kind: count._asdict() for kind, count in kinds.items()}
        print_json({"records": records, "kinds": numbers, "unfinished_loads": unfinished})
        return
    table = Table("kind", title=f"{records:,} records", title_justify="left")
    table.add_column("records", justify="right")
    table.add_column("distinct pseudonyms", justify="right")
    for kind, count in kinds.items():
        table.add_row(kind, f"{count.records:,}", f"{count.elements:,}")
    console.print(
        table if records else "The register is empty: `linkage-node register load FILE.csv --mapping FILE`."
    )
    if unfinished:
        console.print(f"{unfinished} load was killed; run its command again to finish it.")


@register_app.command("mapping")
def starter_mapping(
    source: Annotated[Path, typer.Argument(help="CSV file with a header line.")],
) -> None:
    """Print a mapping file to start from, guessed from the names of the columns."""
    import yaml

    from linkage_node.register.guess import guess_encoding, guess_mapping
    from linkage_node.register.source import CsvSource

    with CsvSource(source, encoding=guess_encoding(_sample(source))) as opened:
        guessed = guess_mapping(opened.header)
        fields: dict[str, Any] = {"delimiter": opened.delimiter, "encoding": opened.encoding}
    fields["record_ref"] = guessed.record_ref
    fields["identifiers"] = {
        kind: {field: columns[0] if len(columns) == 1 else list(columns) for field, columns in named.items()}
        for kind, named in guessed.columns().items()
    }
    if guessed.address_secret is not None:
        fields["address_secret"] = guessed.address_secret
    lines = ["# Guessed from the names of the columns: check every line."]
    if guessed.record_ref is None:
        del fields["record_ref"]
        lines.append("# record_ref: COLUMN    # without it, `row:<line of the file>` is the reference")
    typer.echo("\n".join(lines))
    typer.echo(yaml.safe_dump(fields, sort_keys=False, allow_unicode=True), nl=False)
    if "household" in fields["identifiers"] and guessed.address_secret is None:
        typer.echo("# address_secret: COLUMN    # BRP: indicatie geheim; without it no address is kept out;")
        typer.echo("#                           # false: there is none, on purpose")
    typer.echo("# attributes: {NAME: COLUMN}    # only what an agreement will disclose")


def _sample(source: Path) -> bytes:
    try:
        with source.open("rb") as file:
            return file.read(_SAMPLE_BYTES)
    except OSError:
        return b""  # opening it as a source tells what is wrong


@contextmanager
def _progress(source: Path) -> "Iterator[OnProgress]":
    """A bar on stderr over the bytes of the file."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    size = source.stat().st_size if source.is_file() else 0
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows, {task.fields[rate]:,.0f} a second"),
        TimeRemainingColumn(),
    )
    started = time.monotonic()
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("Making pseudonyms", total=size, rows=0, rate=0.0)

        def on_progress(position: int, rows: int) -> None:
            rate = rows / (time.monotonic() - started or 1)
            bar.update(task, completed=position, rows=rows, rate=rate)
            if position >= size:
                bar.update(task, description="Putting them into the register", total=None)

        yield on_progress


def _as_json(summary: "LoadSummary", seconds: float) -> dict[str, Any]:
    tally = summary.tally
    return {
        "rows": tally.rows,
        "loaded": tally.loaded,
        "rejected": tally.rejected,
        "without_identifier": tally.without_identifier,
        "only_secret_address": tally.only_secret,
        "secret_addresses": tally.secret,
        "unclear_addresses": tally.unclear,
        "loaded_in_part": tally.partly,
        "reasons": tally.reasons,
        "kinds": {
            kind: {"records": records, "distinct": distinct}
            for kind, (records, distinct) in tally.identifiers.items()
        },
        **summary.applied._asdict(),
        "rejects": str(summary.rejects),
        "resumed_after_row": summary.resumed_after,
        "begun_anew": summary.begun_anew,
        "seconds": round(seconds, 3),
    }


def _show(summary: "LoadSummary", mode: Mode, seconds: float) -> None:
    """What came of a load, for a person to read."""
    tally, applied = summary.tally, summary.applied
    if summary.begun_anew:
        console.print(
            "[yellow]An earlier load was killed, but the file or its mapping changed since: begun anew.[/]"
        )
    if summary.resumed_after:
        console.print(f"Went on after line {summary.resumed_after:,}, where a killed load had come to.")
    if summary.delimiter_told:
        name = _DELIMITER_NAMES[summary.delimiter]
        console.print(f"The header line says that fields are separated by a {name}.", style="dim")
    table = Table(show_header=False, title="Register loaded", title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    table.add_row("rows in the file", f"{tally.rows:,}")
    table.add_row("  removed" if mode == "remove" else "  loaded", f"{tally.loaded:,}")
    table.add_row("  without any identifier", f"{tally.without_identifier:,}")
    if tally.only_secret:
        table.add_row("  with nothing but a secret address", f"{tally.only_secret:,}")
    table.add_row("  rejected", f"{tally.rejected:,}", style="yellow" if tally.rejected else "")
    table.add_section()
    for kind, (records, distinct) in tally.identifiers.items():
        table.add_row(f"{kind}: records with it", f"{records:,}")
        table.add_row(f"{kind}: distinct pseudonyms", f"{distinct:,}")
    table.add_section()
    for name, count in (
        ("new records", applied.added),
        ("renewed", applied.renewed),
        ("removed", applied.removed),
    ):
        table.add_row(name, f"{count:,}")
    table.add_section()
    table.add_row("seconds", f"{seconds:,.1f}")
    console.print(table)
    if tally.secret:
        console.print(f"Addresses that are secret, and kept out: {tally.secret:,}.")
    if applied.withheld:
        console.print(
            "Addresses kept out because another record of the same person, or a newer mark, says that they are secret: "
            f"{applied.withheld:,}."
        )
    if tally.unclear:
        console.print(
            f"[yellow]{tally.unclear:,} rows cannot be read, and may be of people whose addresses are secret: the "
            "records that may be theirs lost their addresses. Repair the rows and load them again.[/]"
        )
    told = {reason: count for reason, count in tally.reasons.items() if reason not in _NO_FAULTS}
    if told:
        _show_rejects(told, tally.partly)
    if tally.reasons:
        console.print(f"Every one of them is in {summary.rejects}", soft_wrap=True)


def _show_rejects(reasons: dict[str, int], partly: int) -> None:
    table = Table("rejected because", title="[yellow]Not everything could be used[/]", title_justify="left")
    table.add_column("count", justify="right")
    for reason, count in sorted(reasons.items(), key=lambda item: -item[1]):
        table.add_row(f"{explain(reason).meaning} [dim]({reason})[/]", f"{count:,}")
    console.print(table)
    if partly:
        console.print(f"{partly:,} of the loaded rows lack an identifier that was rejected.")
