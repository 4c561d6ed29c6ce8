"""`bench`: how fast this machine is with it."""

from typing import Annotated, Any

import typer
from rich.table import Table

from linkage_node.cli.common import JsonOption, console, errors, print_json


def bench(
    records: Annotated[
        int, typer.Option("--records", min=1000, help="Records of each of the two nodes.")
    ] = 100_000,
    large: Annotated[
        int,
        typer.Option("--large", help="Records for the growth of memory; 0 leaves it out (it takes minutes)."),
    ] = 1_000_000,
    as_json: JsonOption = False,
) -> None:
    """Measure a first match, a repeat after 1% changed, one person, a count of a tenth against all, and memory,
    between two real nodes; and what a decision of policy takes."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from linkage_node.bench import decisions, figures
    from linkage_node.bench.pair import Pair

    def tell(step: str) -> None:
        errors.print(f"[dim]{step} ...[/dim]")

    tell("group arithmetic")
    speed = figures.group_speed()
    with TemporaryDirectory(prefix="linkage-bench-") as folder:
        tell(f"preparing two registers of {records:,}")
        pair = Pair(Path(folder), records, changes=max(256, records // 100))
        with pair.running() as (requester, provider):
            tell("first match, repeat")
            first, repeat = figures.first_and_repeat(pair, requester, provider)
            tell("one person at the counter")
            persons = figures.one_person(pair)
            usage = requester.do("usage")["peak_bytes"], provider.do("usage")["peak_bytes"]
    results: dict[str, Any] = {
        "cores": figures.CORES,
        "multiplications_per_second_per_core": round(speed.one_core),
        "multiplications_per_second": round(speed.all_cores),
        "records": records,
        "first": first._asdict(),
        "repeat": repeat._asdict(),
        "first_over_repeat": first.seconds / repeat.seconds,
        "one_person_ms": {
            "median": figures.median(persons),
            "p99": sorted(persons)[int(len(persons) * 0.99)],
        },
        "peak_bytes": {"requester": usage[0], "provider": usage[1]},
    }
    counting = records // 10
    tell(f"count of {counting:,} against {records:,}")
    results["count"] = {"records": counting, **figures.measure_count(counting, records)._asdict()}
    tell(f"decisions with {decisions.AGREEMENTS} agreements")
    policy = decisions.measure_decisions()
    timed = {answer: one._asdict() for answer, one in policy.by_answer.items()}
    results["decisions"] = {**policy._asdict(), "by_answer": timed}
    if large:
        tell(f"memory: first matches of {records:,} and of {large:,} records")
        small_peaks, large_peaks = figures.peak_bytes(records), figures.peak_bytes(large)
        growth = [
            (big - small) / (large - records) for big, small in zip(large_peaks, small_peaks, strict=True)
        ]
        results["bytes_a_record"] = dict(zip(("requester", "provider"), growth, strict=True))
    if as_json:
        print_json(results)
    else:
        _show(results)


def _show(results: dict[str, Any]) -> None:
    table = Table(
        title=f"{results['records']:,} against {results['records']:,} records, {results['cores']} cores"
    )
    table.add_column("figure")
    table.add_column("value", justify="right")
    first, repeat = results["first"], results["repeat"]
    rows = [
        ("group multiplications a second a core", f"{results['multiplications_per_second_per_core']:,}"),
        ("group multiplications a second, all cores", f"{results['multiplications_per_second']:,}"),
        ("first match", f"{first['seconds']:.1f} s"),
        ("  share of the nodes' time in group arithmetic", f"{first['group_share']:.0%}"),
        ("  share of all cores that the nodes used", f"{first['busy_share']:.0%}"),
        ("repeat after 1% changed", f"{repeat['seconds']:.2f} s"),
        ("  new elements evaluated", f"{repeat['evaluated']:,}"),
        ("first over repeat", f"{results['first_over_repeat']:.0f} times"),
        ("one person, median", f"{results['one_person_ms']['median']:.1f} ms"),
        ("one person, 99th percentile", f"{results['one_person_ms']['p99']:.1f} ms"),
    ]
    count = results["count"]
    rows += [
        (f"count of {count['records']:,} against {results['records']:,}", f"{count['seconds']:.1f} s"),
        ("  group multiplications", f"{count['multiplications']:,}"),
        ("  over what those alone take with all cores", f"{count['over_alone']:.2f} times"),
        ("  share of the nodes' time in group arithmetic", f"{count['group_share']:.0%}"),
        ("  bytes to the provider", f"{count['sent_bytes']:,}"),
        ("  bytes from the provider", f"{count['received_bytes']:,}"),
        ("  the same again", f"{count['given_again_seconds']:.2f} s"),
    ]
    policy = results["decisions"]
    rows.append((f"policy loaded with {policy['agreements']} agreements", f"{policy['load_seconds']:.2f} s"))
    for answer, one in policy["by_answer"].items():
        rows += [
            (f"decision about {answer}, median", f"{one['p50']:.2f} ms"),
            (f"decision about {answer}, 99th percentile", f"{one['p99']:.2f} ms"),
            ("  over a plain call of the engine", f"{one['over_plain']:.0f} times"),
        ]
    for side, growth in results.get("bytes_a_record", {}).items():
        rows.append((f"memory a record more, {side}", f"{growth:.0f} bytes"))
    for row in rows:
        table.add_row(*row)
    console.print(table)
