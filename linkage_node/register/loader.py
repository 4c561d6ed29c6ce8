"""Loading a source into the register: read, judge, pseudonymise and stage in batches; then apply all at once.

A load that is killed left the register untouched. The same command goes on after the last staged batch, provided that
the file's bytes up to there, its size, the mapping and the mode are the same; otherwise it begins anew.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from linkage_node.clock import DAY_MS, now_ms
from linkage_node.errors import InputError
from linkage_node.identifiers import KINDS
from linkage_node.limits import (
    ELEMENT_BYTES,
    LOAD_BATCH_ROWS,
    UNFINISHED_LOAD_DAYS,
    UNREADABLE_ROWS,
    UNREADABLE_SHARE,
)
from linkage_node.pseudonyms import pseudonymise
from linkage_node.pseudonyms.parallel import local_executor
from linkage_node.pseudonyms.sealing import Sealer, length_prefixed
from linkage_node.register.apply import Applied, Mode
from linkage_node.register.mapping import Mapping
from linkage_node.register.rejects import RejectsFile
from linkage_node.register.rows import (
    KEPT_OUT,
    UNCLEAR,
    Judged,
    Mark,
    References,
    Reject,
    SourceRow,
    judge,
    judge_ref,
)
from linkage_node.register.source import CsvSource, prefix_digest
from linkage_node.register.staging import Point, Staged, StagedMark, Tally
from linkage_node.register.store import RegisterStore

if TYPE_CHECKING:
    from linkage_node.node import Node

Pseudonymise = Callable[[str, Sequence[bytes]], bytes]  # kind, canonical bytes → packed elements
OnProgress = Callable[[int, int], None]  # bytes of the file read, rows staged


_RULES = 2  # goes up when rows are judged otherwise: no load goes on by other rules than it began with


class LoadSummary(NamedTuple):
    """What a load did."""

    tally: Tally
    applied: Applied
    rejects: Path
    delimiter: str
    delimiter_told: bool  # from the header, for want of one in the mapping
    resumed_after: int  # row up to which a killed load had come; 0: it began at the start
    begun_anew: bool  # there was a killed load, but of another content, mapping or mode


class Loader:
    """Puts sources into one register."""

    def __init__(
        self, store: RegisterStore, sealer: Sealer, pseudonyms: Pseudonymise, *, production: bool
    ) -> None:
        self._store = store
        self._sealer = sealer
        self._pseudonyms = pseudonyms
        self._production = production

    def load_csv(
        self,
        path: Path,
        mapping: Mapping,
        *,
        mode: Mode = "upsert",
        rejects: Path | None = None,
        restart: bool = False,
        on_progress: OnProgress = lambda _position, _rows: None,
    ) -> LoadSummary:
        """Load a CSV file. `restart`: forget what a killed load of this file staged.

        InputError if the file cannot be used at all, or no row of it; StorageError if the database cannot be written:
        what was staged is kept then.
        """
        staging = self._store.staging
        staging.drop_stale(now_ms() - UNFINISHED_LOAD_DAYS * DAY_MS)
        with CsvSource(path, mapping.encoding, mapping.delimiter, self._key("bytes")) as source:
            layout = source.layout(mapping)
            if mode == "remove" and layout.ref is None:
                raise InputError(
                    "config_invalid", "to remove records, the mapping must name a `record_ref` column"
                )
            rejects_file = RejectsFile(rejects, path)
            load_id, start, begun_anew = self._begin(source, mapping, mode, restart)
            references = References()  # those of rows that a killed load staged count as well
            rows = (row for row in references.passed(source.rows(layout)) if row.row > start.row)
            point = self._stage_all(load_id, start, rows, references, mode, source, on_progress)
            try:
                source.check_unchanged()
            except InputError:
                staging.drop(load_id)
                raise
        if not point.rows:
            staging.drop(load_id)
            raise InputError("file_empty", f"{path} has a header and no rows")
        tally = staging.finish(load_id, point)
        rejects_file.write(staging.rejects(load_id), layout.labels)
        try:
            _check_usable(tally, rejects_file.path)
        except InputError:
            staging.drop(load_id)
            raise
        applied = self._store.apply(load_id, point, mode, now_ms())
        return LoadSummary(
            tally, applied, rejects_file.path, source.delimiter, source.delimiter_told, start.row, begun_anew
        )

    def _begin(
        self, source: CsvSource, mapping: Mapping, mode: Mode, restart: bool
    ) -> tuple[int, Point, bool]:
        """Take up the killed load of this source, if its content and plan are the same; otherwise start one."""
        staging = self._store.staging
        name = self._digest("source", str(source.path.resolve()))
        terms = json.dumps(
            [_RULES, mapping.model_dump(), mode, self._production, source.size], sort_keys=True
        )
        plan = self._digest("plan", terms)
        found = staging.find(name)
        if found and not restart and found.plan == plan:
            point = found.point
            if (
                not point.row
                or prefix_digest(source.path, point.position, self._key("bytes")) == point.prefix
            ):
                return found.id, point, False
        if found:
            staging.drop(found.id)
        begun_anew = found is not None and found.point.row > 0 and not restart
        return staging.start(name, plan, now_ms()), Point(), begun_anew

    def _stage_all(
        self,
        load_id: int,
        start: Point,
        rows: Iterator[SourceRow],
        references: References,
        mode: Mode,
        source: CsvSource,
        on_progress: OnProgress,
    ) -> Point:
        point = start
        while batch := list(islice(rows, LOAD_BATCH_ROWS)):
            try:
                references.check()
            except InputError:
                self._store.staging.drop(load_id)
                raise
            judged = [
                judge_ref(row) if mode == "remove" else judge(row, production=self._production)
                for row in batch
            ]
            after = Point(source.position, source.digest, batch[-1].row, point.rows + len(batch))
            rejects = [reject for one in judged for reject in _rejects(one)]
            self._store.staging.append(load_id, point, after, self.staged(judged), rejects, now_ms())
            point = after
            on_progress(point.position, point.rows)
        return point

    def staged(self, judged: Sequence[Judged]) -> list[Staged]:
        """Those of the judged rows that are used, or say whose address is secret; pseudonyms for canonical bytes."""
        elements: dict[tuple[str, bytes], bytes] = {}  # equal values are lifted once
        for kind in KINDS:
            values = [one.canonicals[kind] for one in judged if one.canonicals.get(kind)]
            values += [
                one.mark.canonicals[kind] for one in judged if one.mark and kind in one.mark.canonicals
            ]
            distinct = [value for value in dict.fromkeys(values) if value is not None]
            packed = self._pseudonyms(kind, distinct) if distinct else b""
            for number, value in enumerate(distinct):
                elements[kind, value] = packed[number * ELEMENT_BYTES : (number + 1) * ELEMENT_BYTES]
        return [
            Staged(
                one.row,
                one.ref,
                self._store.seal_attributes(one.ref, one.attributes),
                {kind: value and elements[kind, value] for kind, value in one.canonicals.items()},
                one.used,
                one.address_secret,
                one.mark and _staged_mark(one.mark, elements),
            )
            for one in judged
            if one.used or one.mark
        ]

    def _key(self, purpose: str) -> bytes:
        return self._sealer.mac_key("register-load", purpose)

    def _digest(self, purpose: str, text: str) -> bytes:
        return hmac.digest(self._key(purpose), length_prefixed(text.encode()), hashlib.sha256)


def _rejects(judged: Judged) -> tuple[Reject, ...]:
    """What is told of a row, and that it takes an address out of the register although it could not be read."""
    if not judged.mark or judged.mark.certain:
        return judged.rejects
    return (*judged.rejects, Reject(judged.row, KEPT_OUT, "", UNCLEAR))


def _staged_mark(mark: Mark, elements: dict[tuple[str, bytes], bytes]) -> StagedMark:
    found = {kind: elements[kind, value] for kind, value in mark.canonicals.items()}
    return StagedMark(mark.certain, mark.refs, mark.hidden, found)


def _check_usable(tally: Tally, rejects: Path) -> None:
    """What is secret now leaves the register, were it all; but one broken file does not empty it."""
    if tally.unclear >= UNREADABLE_ROWS and tally.unclear > UNREADABLE_SHARE * tally.rows:
        raise InputError(
            "file_malformed",
            f"{tally.unclear} of {tally.rows} rows cannot be read, so nothing was changed; rejects in {rejects}",
        )
    if not tally.loaded and not tally.secret and not tally.unclear:
        raise InputError("no_usable_rows", f"{tally.rows} rows; rejects in {rejects}")


@contextmanager
def open_loader(node: "Node") -> Iterator[Loader]:
    """A loader for a node's own register, on all cores."""
    secrets = node.secrets
    with local_executor() as executor:
        yield Loader(
            RegisterStore(node.database, node.sealer),
            node.sealer,
            partial(
                pseudonymise,
                domain_secret=secrets.domain_secret,
                register_scalar=secrets.register_scalar,
                executor=executor,
            ),
            production=node.config.mode == "production",
        )
