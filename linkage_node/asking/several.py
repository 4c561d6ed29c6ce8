"""A question to several providers: ordinary queries, one for each, that share a whole and run side by side.

Each provider decides for itself. What stops one part is kept with it and spoils no other; asked again, or resumed, only
those that have not answered are asked. A question to one provider is a whole of one part.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import structlog

from linkage_node.asking import queries
from linkage_node.asking.queries import Answered, Persons, Query
from linkage_node.errors import ExitCode, LinkageError, Refusal, Refused, Unreachable
from linkage_node.limits import STOP_QUERY_SECONDS
from linkage_node.notices import notice_of

if TYPE_CHECKING:
    from linkage_node.asking.runner import Runner
    from linkage_node.assembly import Assembly

_log = structlog.get_logger()


@dataclass(frozen=True)
class Whole:
    """A question as it was put: the query of every provider, and what stopped those that ran now, by query id."""

    parts: tuple[Query, ...]
    errors: Mapping[str, LinkageError] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Names the question; of a question to one provider it is the query's own."""
        return self.parts[0].whole_id or self.parts[0].id

    @property
    def only(self) -> Query:
        """The query of a question to one provider."""
        (part,) = self.parts
        return part

    @property
    def answered(self) -> tuple[Query, ...]:
        """The queries that are done."""
        return tuple(part for part in self.parts if part.state == queries.DONE)

    @property
    def unanswered(self) -> tuple[Query, ...]:
        """The queries that are not done: under way, refused, broken off or cancelled."""
        return tuple(part for part in self.parts if part.state != queries.DONE)

    @property
    def state(self) -> str:
        """Of all parts together: under way as long as one is; failed, so to be resumed, if one broke off."""
        states = {part.state for part in self.parts}
        order = (queries.RUNNING, queries.QUEUED, queries.FAILED, queries.DONE, queries.REFUSED)
        return next((state for state in order if state in states), queries.CANCELLED)

    @property
    def notice(self) -> str:
        """What must be said with its answers."""
        return notice_of(self.parts[0].answer, self.parts[0].kind)

    @property
    def exit_code(self) -> ExitCode:
        """As commands end: PARTIAL if some answered and some did not, else what the first error says."""
        if not self.unanswered:
            return ExitCode.OK
        if self.answered:
            return ExitCode.PARTIAL
        for part in self.parts:
            if part.id in self.errors:
                return self.errors[part.id].exit_code
        return ExitCode.REFUSED if self.state in queries.ENDED else ExitCode.UNREACHABLE


def never() -> bool:
    """Nobody cancels."""
    return False


def run(
    assembly: "Assembly",
    whole: Whole,
    watch: Callable[[Query], None],
    cancelled: Callable[[], bool] = never,
) -> Whole:
    """Run, side by side, the parts that have not ended; the whole as it is then.

    `watch` is told of every change of a part, and `cancelled` is asked, in the part's own thread. An error of a part
    is kept in `errors`. Interrupted (SIGINT), every part stops: between two chunks, hung up on, or amid arithmetic, for
    the executor is shut down. It is noted as "interrupted", and can be resumed; KeyboardInterrupt goes on.
    """
    runner, stopping = assembly.runner, threading.Event()
    errors: dict[str, LinkageError] = {}

    def stop() -> bool:
        if stopping.is_set():
            raise Unreachable("stopping")
        return cancelled()

    def run_one(part: Query) -> None:
        try:
            runner.run(part.id, watch, stop)
        except LinkageError as error:
            if not stopping.is_set():
                errors[part.id] = error
        except Exception as error:
            if not stopping.is_set():  # else it is the hanging up, or the executor's end
                errors[part.id] = defect(part, error)
                assembly.queries.update(part.id, state=queries.FAILED, reasons="internal")

    threads = start(run_one, [part for part in whole.parts if part.state not in queries.ENDED])
    try:
        for thread in threads:
            thread.join()
    except BaseException:
        stopping.set()
        assembly.channels.close()
        assembly.executor.shutdown(wait=False, cancel_futures=True)
        _join(threads, STOP_QUERY_SECONDS)
        _note_interrupted(assembly, [part for part in whole.parts if part.id not in errors])
        raise
    return Whole(tuple(assembly.queries.get(part.id) for part in whole.parts), errors)


def _note_interrupted(assembly: "Assembly", parts: Iterable[Query]) -> None:
    """Parts that have not ended can be resumed, whatever it was that they stopped at."""
    for part in parts:
        if assembly.queries.get(part.id).state not in queries.ENDED:
            assembly.queries.update(part.id, state=queries.FAILED, reasons="interrupted", detail="")


class Reply(NamedTuple):
    """What one provider said about one person: `part` tells its state and, if it gave no answer, why."""

    part: Query
    answered: Answered | None


def ask_now(
    runner: "Runner", whole: Whole, persons: Persons, cancelled: Callable[[], bool], seconds: float
) -> list[Reply]:
    """Answer a question that is not kept, side by side, in the order of the parts.

    Of one provider its error is raised. Of several, who has not answered within `seconds` is told as unreachable
    (`deadline_exceeded`), and asked nothing more.
    """
    if len(whole.parts) == 1:
        return [_reply(whole.only, runner.ask_now(whole.only, persons, cancelled))]
    over = threading.Event()
    replies: dict[str, Reply] = {}

    def ask_one(part: Query) -> None:
        try:
            answered = runner.ask_now(part, persons, lambda: over.is_set() or cancelled())
            replies[part.id] = _reply(part, answered)
        except LinkageError as error:
            replies[part.id] = _failed(part, error)
        except Exception as error:
            replies[part.id] = _failed(part, defect(part, error))

    _join(start(ask_one, whole.parts), seconds)
    over.set()
    late = Unreachable("deadline_exceeded")
    return [replies.get(part.id) or _failed(part, late) for part in whole.parts]


def _reply(part: Query, answered: Answered) -> Reply:
    hits = answered.hits.count("1")
    return Reply(replace(part, state=queries.DONE, hits=hits), answered)


def _failed(part: Query, error: LinkageError) -> Reply:
    state = queries.REFUSED if isinstance(error, Refusal) else queries.FAILED
    codes = error.reasons if isinstance(error, Refused) else (error.code,)
    return Reply(replace(part, state=state, reasons=",".join(codes), detail=error.detail), None)


def start(work: Callable[[Query], None], parts: Iterable[Query]) -> list[threading.Thread]:
    """A thread for each part. Daemons: a command that is told to stop does not wait for a silent provider."""
    threads = [
        threading.Thread(target=work, args=(part,), name=f"part {part.id}", daemon=True) for part in parts
    ]
    for thread in threads:
        thread.start()
    return threads


def _join(threads: Iterable[threading.Thread], seconds: float) -> None:
    """Wait for all of them, so long in all."""
    ends_at = monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, ends_at - monotonic()))


def defect(part: Query, error: Exception) -> LinkageError:
    """An error of ours in one part: logged with where it happened, and told without."""
    _log.error("defect", query=part.id, error=type(error).__name__, exc_info=error)
    return LinkageError("internal", type(error).__name__)
