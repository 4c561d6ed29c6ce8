"""The main job on real input: two organisations find the clients, and the addresses, that they share."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import SHARED
from tests.integration.world import AGREEMENT, LiveNode, Ran, agreement_text, hits_in, read_results
from tests.nodes import OIN_A, OIN_B, edit, free_port
from tests.registers import passes, read_rejects

SOURCE = SHARED / "data" / "rvig-testpersonen.csv"
MAPPING = """\
identifiers:
  bsn: 01.01.20
  household: {postcode: 08.11.60, house_number: 08.11.20, addition: [08.11.30, 08.11.40]}
"""
REQUESTER_FIRST, PROVIDER_FIRST, REQUESTER_LAST = (
    0,
    120,
    460,
)  # of the distinct BSNs, in order; number 155 fails the elfproef

Row = dict[str, str]


class Share(NamedTuple):
    """What one organisation has of the file, by line of its own file."""

    lines: list[str]
    rows: dict[int, Row]

    def values(self, value: Callable[[Row], str | None]) -> dict[str, str]:
        """Reference → identifier, of the rows that have a good one."""
        return {f"row:{line}": found for line, row in self.rows.items() if (found := value(row))}


def bsn(row: Row) -> str | None:
    """The BSN of a row, if it passes the elfproef."""
    number = row["01.01.20"]
    return number if number and passes(number) else None


def address(row: Row) -> str | None:
    """The address of a row as one text, if it has one. Written anew for the tests."""
    postcode, number = row["08.11.60"].replace(" ", "").upper(), row["08.11.20"].strip()
    if not re.fullmatch(r"[1-9]\d{3}[A-Z]{2}", postcode) or not re.fullmatch(r"[1-9]\d{0,4}", number):
        return None
    return f"{postcode} {number} " + re.sub(r"[\s-]", "", row["08.11.30"] + row["08.11.40"]).upper()


def shares() -> tuple[Share, Share]:
    """The file split over two organisations, some people at both; rows without a BSN go with the person above."""
    content = SOURCE.read_text(encoding="utf-8-sig")
    header, *lines = content.splitlines()
    rows = list(csv.DictReader(content.splitlines(), delimiter=";"))
    assert len(rows) == len(lines) == 2156
    order = list(dict.fromkeys(row["01.01.20"] for row in rows if row["01.01.20"]))
    assert len(order) == 682
    at_requester, at_provider = set(order[REQUESTER_FIRST:REQUESTER_LAST]), set(order[PROVIDER_FIRST:])
    split = Share([header], {}), Share([header], {})
    person = order[0]
    for line, row in zip(lines, rows, strict=True):
        person = row["01.01.20"] or person
        for share, people in zip(split, (at_requester, at_provider), strict=True):
            if person in people:
                share.lines.append(line)
                share.rows[len(share.lines)] = row
    return split


class Done(NamedTuple):
    """What came of the whole run, done with the commands that the issue lists."""

    folder: Path
    requester: LiveNode
    provider: LiveNode
    shares: tuple[Share, Share]
    loads: tuple[Ran, Ran]
    matches: dict[str, Ran]  # by kind


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """init, add peers and agreements, load, serve, sign, match; logs at debug level in the nodes' folders."""
    folder = tmp_path_factory.mktemp("rvig")
    nodes: list[LiveNode] = []
    for name, oin in (("asks", OIN_A), ("answers", OIN_B)):
        made = LiveNode.initialised(
            folder / name,
            "--oin", oin, "--name", f"Organisation {name}", "--listen", f"127.0.0.1:{free_port()}",
            "--dev-ca", folder / "ca", "--domain-secret", folder / "domain.secret",
        )  # fmt: skip
        edit(made.config, "# log_file: node.log", "log_file: node.log")
        edit(made.config, "log_level: info", "log_level: debug")
        nodes.append(made)
    requester, provider = nodes
    (folder / "agreement.yaml").write_text(agreement_text(kinds=["bsn", "household"]))
    (folder / "mapping.yaml").write_text(MAPPING)
    split, loads = shares(), []
    for node, other, share in zip(nodes, reversed(nodes), split, strict=True):
        node.did("peers", "add", other.folder / "card.yaml")
        node.did("agreements", "add", folder / "agreement.yaml")
        source = folder / f"{node.folder.name}.csv"
        source.write_text("\n".join(share.lines) + "\n", encoding="utf-8-sig")
        loads.append(node.did("register", "load", source, "--mapping", folder / "mapping.yaml", "--json"))
        source.unlink()  # what the nodes kept is looked through afterwards
    for node in nodes:
        node.start()
    matches = {}
    try:
        for node in nodes:
            node.did("agreements", "sign", AGREEMENT)
        for kind in ("bsn", "household"):
            matches[kind] = requester.did(
                "match", "--agreement", AGREEMENT, "--provider", OIN_B, "--output", folder / f"{kind}.csv",
                "--kind", kind, "--json",
            )  # fmt: skip
    finally:
        for node in nodes:
            node.terminate()
    return Done(folder, requester, provider, split, (loads[0], loads[1]), matches)


@pytest.mark.parametrize(("kind", "value"), [("bsn", bsn), ("household", address)])
def test_exactly_the_shared_ones_hit(done: Done, kind: str, value: Callable[[Row], str | None]) -> None:
    """Every record whose BSN (or address) the other has is a hit and no other is, with one result a record."""
    asked, known = (share.values(value) for share in done.shares)
    expected = {ref for ref, identifier in asked.items() if identifier in set(known.values())}
    assert 50 < len(expected) < len(asked)
    results = read_results(done.folder / f"{kind}.csv")
    assert results == {ref: ref in expected for ref in asked}
    assert hits_in(done.folder / f"{kind}.csv") == expected
    summary = done.matches[kind].json
    assert (summary["records"], summary["hits"]) == (len(asked), len(expected))
    assert summary["evaluated"] == len(set(asked.values()))


def test_rejects_point_at_every_failing_row(done: Done) -> None:
    """The rejects file names every row whose BSN fails the elfproef, and every row without any identifier."""
    for node, share, load in zip((done.requester, done.provider), done.shares, done.loads, strict=True):
        failing = {at for at, row in share.rows.items() if row["01.01.20"] and not passes(row["01.01.20"])}
        without = {
            at
            for at, row in share.rows.items()
            if not (row["01.01.20"] or row["08.11.60"].strip() or row["08.11.20"].strip())
        }
        rejects = read_rejects(done.folder / f"{node.folder.name}.csv.rejects.csv")
        assert failing
        assert {row for row, _, _, reason in rejects if reason == "bsn_fails_elfproef"} == failing
        assert {row for row, _, _, reason in rejects if reason == "identifier_missing"} == without
        summary = load.json
        counted = summary["loaded"] + summary["rejected"] + summary["without_identifier"]
        assert (summary["rows"], counted) == (len(share.rows), len(share.rows))


def test_no_bsn_in_any_byte(done: Done) -> None:
    """No BSN of the file, of whomever, is in a byte of either node's folders, their debug logs, or what was printed."""
    numbers = {
        value.encode()
        for share in done.shares
        for row in share.rows.values()
        for name, value in row.items()
        if name and name.endswith(".01.20") and value
    }
    assert len(numbers) > 682
    for node in (done.requester, done.provider):
        assert (node.folder / "node.log").stat().st_size > 0
    files = [path for path in done.folder.rglob("*") if path.is_file()]
    assert {"node.db", "node.log", "bsn.csv"} <= {path.name for path in files}
    contents = {str(path): path.read_bytes() for path in files}
    contents |= {
        f"{number}": (ran.out + ran.err).encode()
        for number, ran in enumerate((*done.loads, *done.matches.values()))
    }
    found = [(path, number) for path, content in contents.items() for number in numbers if number in content]
    assert found == []


def test_registers_share_no_pseudonym(done: Done) -> None:
    """Two registers with the same people have no pseudonym in common, and neither holds any tag of the other's."""
    first, second = (
        {bytes(element) for (element,) in node.rows("SELECT element FROM element")}
        for node in (done.requester, done.provider)
    )
    assert len(first) > 400
    assert first.isdisjoint(second)


def test_both_sides_keep_the_same_transaction(done: Done) -> None:
    """Each match stands in the evidence of both nodes under one transaction id, with order, decision and receipt."""
    here, there = done.requester.evidence(), done.provider.evidence()
    for node, records in ((done.requester, here), (done.provider, there)):
        assert node.did("evidence", "verify", "--json").json["records"] == len(records)
        assert node.did("evidence", "show", "--json").json == records
    for ran in done.matches.values():
        transaction = ran.json["transaction_id"]
        asked = [record["event"] for record in here if record.get("transaction_id") == transaction]
        answered = [record["event"] for record in there if record.get("transaction_id") == transaction]
        assert asked[0] == "decided"
        assert {"asked", "receipt", "answered"} <= set(asked)
        assert {"approved", "completed"} <= set(answered)
