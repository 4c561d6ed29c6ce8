"""One node of a simulation: the real parts over a real database, a clock of the test's, and no network between nodes.

A crash is simulated where it matters: at a write transaction. From then on nothing more is read or written until the
node is opened anew, so the code's own tidying up cannot help it, as it could not after a power cut.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection, event

from linkage_node.assembly import Assembly
from linkage_node.identifiers import KINDS
from linkage_node.node import Node
from linkage_node.pseudonyms import pseudonymise
from linkage_node.register.rows import SourceRow, judge
from linkage_node.storage import Database
from tests.simulation.line import Crash, Line
from tests.simulation.model import Entry

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Here(Executor):
    """Runs what it is given at once, so that a simulation is the same every time."""

    def submit(
        self,
        function: Callable[Parameters, Result],
        /,
        *arguments: Parameters.args,
        **options: Parameters.kwargs,
    ) -> "Future[Result]":
        """The result, computed."""
        future: Future[Result] = Future()
        try:
            future.set_result(function(*arguments, **options))
        except Exception as error:
            future.set_exception(error)
        return future


class Mortal:
    """Lets a database die at a chosen write: before its transaction, in it, or just after it was committed."""

    def __init__(self, database: Database) -> None:
        self._database, self._read, self._write = database, database.read, database.write
        self.countdown: int | None = None  # writes that still succeed
        self.moment = "before"
        self.dead = False
        database.read = self.read  # type: ignore[method-assign]
        database.write = self.write  # type: ignore[method-assign]

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """As the database's own, of a node that lives."""
        self._check()
        with self._read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """As the database's own, of a node that lives until its moment has come."""
        self._check()
        dies = self.countdown == 0
        if self.countdown is not None:
            self.countdown -= 1
        if dies and self.moment == "before":
            self._die()
        with self._write() as connection:
            yield connection
            if dies and self.moment == "in":
                self._die()
        if dies:
            self._die()

    def _die(self) -> None:
        self.dead = True
        raise Crash

    def _check(self) -> None:
        if self.dead:
            raise Crash


class Side:
    """A node that can be opened anew."""

    def __init__(self, config: Path, clock: Callable[[], int]) -> None:
        self._config, self._clock = config, clock
        self.node: Node
        self.assembly: Assembly
        self.mortal: Mortal
        self.open()

    def open(self) -> None:
        """Open the node, as after a start of the process."""
        self.node = Node.open(self._config)
        event.listen(self.node.database.engine, "connect", _in_no_hurry)
        self.mortal = Mortal(self.node.database)
        self.assembly = Assembly(self.node, Here(), self._clock, exactly)

    def reopen(self) -> None:
        """What died, or is stopped, starts again."""
        self.node.close()
        self.open()

    def connect_to(self, line: Line) -> None:
        """Reach the other node over `line` in place of a network."""
        self.assembly.channels.connect = line.connect  # type: ignore[method-assign,assignment]

    def put(self, ref: str, entry: Entry, *, secret: bool | None = False) -> None:
        """Add or renew a record, as the system face does."""
        identifiers = {
            kind: identifier(kind, value) for kind in ("bsn", "household") if (value := entry.value(kind))
        }
        row = SourceRow(1, ref, identifiers, entry.attributes, address_secret=secret)
        judged = judge(row, production=False)
        self.assembly.register.upsert(self.assembly.loader.staged([judged]), self._clock(), judged.rejects)

    def remove(self, ref: str) -> None:
        """Remove a record."""
        self.assembly.register.remove([ref], self._clock())

    def elements(self, kind: str, values: Iterable[str]) -> bytes:
        """What these identifiers look like in this register, packed."""
        secrets = self.node.secrets
        canonical = [KINDS[kind].checked(identifier(kind, value), production=False) for value in values]
        return pseudonymise(kind, canonical, secrets.domain_secret, secrets.register_scalar, Here())


def _in_no_hurry(connection: Any, _record: Any) -> None:
    """Here nodes die, and no machine: what is written need not wait for the disk."""
    connection.execute("PRAGMA synchronous=OFF")


def identifier(kind: str, value: str) -> dict[str, str]:
    """The fields of an identifier of a model's."""
    if kind == "bsn":
        return {"bsn": value}
    postcode, number = value.split()
    return {"postcode": postcode, "house_number": number}


def exactly(numbers: list[int], _epsilon: float) -> list[int]:
    """No noise: what is counted can be looked at."""
    return numbers


def table(side: Side, statement: str) -> list[Any]:
    """Rows of a node's database, also of a node that is dead."""
    with side.node.database.engine.connect() as connection:
        return list(connection.exec_driver_sql(statement).all())
