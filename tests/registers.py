"""Registers for tests, and sources to load into them."""

import csv
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from linkage_node.pseudonyms import pseudonymise
from linkage_node.pseudonyms.parallel import local_executor
from linkage_node.pseudonyms.sealing import Sealer
from linkage_node.register.loader import Loader
from linkage_node.register.mapping import Mapping
from linkage_node.register.store import RegisterStore
from linkage_node.storage import Database

DOMAIN_SECRET = bytes(range(32))
REGISTER_SCALAR = (7).to_bytes(32, "little")
SEALER = Sealer(bytes(32))
BSN_MAPPING = Mapping.model_validate({"identifiers": {"bsn": "bsn"}, "record_ref": "ref"})
FULL_MAPPING = Mapping.model_validate(
    {
        "identifiers": {
            "bsn": "bsn",
            "household": {"postcode": "postcode", "house_number": "number", "addition": ["letter", "extra"]},
        },
        "record_ref": "ref",
        "attributes": {"city": "city"},
    }
)


def passes(digits: str) -> bool:
    """The elfproef, written anew for the tests."""
    total = sum((9 - at) * int(digit) for at, digit in enumerate(digits[:8])) - int(digits[8])
    return len(digits) == 9 and total % 11 == 0 and digits != "000000000"


def bsns(seed: int = 0) -> Iterator[str]:
    """Invented numbers that pass the elfproef, all different."""
    source = random.Random(seed)
    seen: set[str] = set()
    while True:
        candidate = f"{source.randrange(10**9):09d}"
        if candidate not in seen and passes(candidate):
            seen.add(candidate)
            yield candidate


def test_bsns() -> list[str]:
    """All test numbers from 999990000 on that pass the elfproef."""
    return [digits for digits in map(str, range(999990000, 1_000_000_000)) if passes(digits)]


test_bsns.__test__ = False  # type: ignore[attr-defined] # not a test itself


def linkage_node(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the real command."""
    program = Path(sys.executable).with_name("linkage-node")
    return subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, check=False)


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]], **options: Any) -> Path:
    """A CSV file; the delimiter is a semicolon unless `options` for csv.writer say otherwise."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, **({"delimiter": ";"} | options))
        writer.writerow(header)
        writer.writerows(rows)
    return path


def read_rejects(path: Path) -> list[tuple[int, str, str, str]]:
    """(row, column, record_ref, reason) of every line of a rejects file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            (int(line["row"]), line["column"], line["record_ref"], line["reason"])
            for line in csv.DictReader(file)
        ]


@contextmanager
def open_loader(database: Database, *, production: bool = False, sealer: Sealer = SEALER) -> Iterator[Loader]:
    """A loader with real pseudonyms into a register of its own."""
    with local_executor() as executor:
        lift = partial(
            pseudonymise, domain_secret=DOMAIN_SECRET, register_scalar=REGISTER_SCALAR, executor=executor
        )
        yield Loader(RegisterStore(database, sealer), sealer, lift, production=production)


def contents(store: RegisterStore, kind: str = "bsn") -> dict[str, bytes]:
    """Record reference → element, for every record of a kind."""
    elements: dict[int, bytes] = {}
    for ids, packed in store.distinct_elements(kind):
        elements |= {int(found): packed[at * 32 : at * 32 + 32] for at, found in enumerate(ids)}
    return {
        ref: elements[int(at)] for refs, ids in store.links(kind) for ref, at in zip(refs, ids, strict=True)
    }
