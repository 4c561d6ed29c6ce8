"""Runs standing questions: each run is an ordinary question, and leaves a point of the series for every provider.

The answers are gathered from the queries when these have ended, whoever ran them: a server that was restarted meanwhile
takes its queries up, and the points come then.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from linkage_node.agreements import Agreement, AgreementStore, content_hash
from linkage_node.agreements.periods import period_of
from linkage_node.asking import queries, series
from linkage_node.asking.intake import Intake, Wish
from linkage_node.asking.queries import Query, QueryStore
from linkage_node.asking.schedule import Schedule
from linkage_node.asking.series import Numbers, Point, SeriesStore
from linkage_node.asking.several import Whole
from linkage_node.asking.standing import Standing, StandingStore, Target
from linkage_node.asking.tables import table_of
from linkage_node.clock import DAY_MS, HOUR_MS
from linkage_node.errors import InputError, LinkageError, Refusal
from linkage_node.limits import STANDING_RUN_HOURS
from linkage_node.pseudonyms.sealing import Sealer
from linkage_node.storage import Database

ANSWERS = ("count", "hit")
_TIMES_LOOKED_AT = 100  # of a schedule, to tell whether it comes twice in a period


def _has_ended(query: Query) -> bool:
    """A query that broke off because its node stops goes on when the node starts."""
    return query.state in queries.ENDED or (query.state == queries.FAILED and query.reasons != "stopping")


def _retention_days(agreement: Agreement, answer: str) -> int:
    """How long a point is kept; less if a policy says so of results, and the agreement nothing of series."""
    series_days = agreement.count.series_days if answer == "count" and agreement.count else None
    return series_days or agreement.limits.result_retention_days


class Begun(NamedTuple):
    """A run that was begun."""

    name: str
    at: int  # its time, in milliseconds since 1970-01-01 UTC
    whole: Whole | None  # None: nobody could be asked


class StandingQuestions:
    """The standing questions of one node."""

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        store: QueryStore,
        intake: Intake,
        agreements: AgreementStore,
        clock: Callable[[], int],
    ) -> None:
        self._queries, self._intake, self._agreements, self._clock = store, intake, agreements, clock
        self.store = StandingStore(database)
        self.series = SeriesStore(database, sealer)

    def add(self, name: str, wish: Wish, schedule: Schedule) -> Standing:
        """Keep a question that is asked at these times; whom, and what of the catalogue, is settled now.

        Raises what `resolve` and `StandingStore.add` raise; InputError("options_conflict") for another answer than
        count and hit, and for a purpose.
        """
        if wish.answer not in ANSWERS or wish.purpose:
            raise InputError("options_conflict", f"a standing question and {wish.purpose or wish.answer}")
        resolved = self._intake.resolve(wish)
        now = self._clock()
        targets = (
            Target(
                one.agreement.id,
                one.agreement.provider.oin,
                content_hash(one.agreement).hex(),
                _retention_days(one.agreement, wish.answer),
            )
            for one in resolved.targets
        )
        new = Standing(
            name=name,
            answer=wish.answer,
            kind=resolved.kind.name,
            question=wish.question,
            group_by=wish.group_by,
            targets=tuple(targets),
            schedule=schedule,
            created_at=now,
            next_at=schedule.next_after(now),
        )
        self.store.add(new)
        return new

    def repeats(self, one: Standing) -> list[str]:
        """Agreements whose period is longer than the schedule: some runs get an answer that is there already."""
        if one.answer != "count":
            return []
        told = []
        for target in self._intake.resolve(one.wish(one.targets)).targets:
            every = target.agreement.question(target.question)[1].every
            times = islice(one.schedule.after(one.created_at), _TIMES_LOOKED_AT)
            if any(first == second for first, second in pairwise(period_of(every, time) for time in times)):
                told.append(f"{target.agreement.id} (one answer each {every})")
        return told

    def begin_due(self, runner: str) -> Iterator[Begun]:
        """Begin every run whose time has come, one after the other; what was missed comes once."""
        for name in self.store.due(self._clock()):
            begun = self.begin(name, runner, due=True)
            if begun is not None:
                yield begun

    def begin(self, name: str, runner: str, *, due: bool = False) -> Begun | None:
        """Begin a run: its queries are kept and have to be run. None if another process has begun it.

        Refusal("standing_unknown"), Refusal("standing_running").
        """
        claimed = self.series.claim(name, self._clock(), due=due)
        if claimed is None:
            return None
        one, at = claimed
        fit = [target for target in one.targets if self._can_be_asked(one, at, target)]
        whole = self._put(one, at, fit, runner) if fit else None
        return Begun(name, at, whole)

    def gather(self) -> None:
        """Make points of the queries that have ended."""
        for point in self.series.under_way():
            query = self._queries.get(point.query_id) if point.query_id else None
            if query is not None and _has_ended(query):
                self._gather(point, query)
            elif point.at + STANDING_RUN_HOURS * HOUR_MS <= self._clock():
                self.series.end(point, queries.FAILED, ("standing_given_up",))

    def give_up(self, begun: Begun) -> None:
        """Gather a run that was interrupted: what has no answer gets none."""
        self.gather()
        for point in self.series.under_way():
            if (point.name, point.at) == (begun.name, begun.at):
                self.series.end(point, queries.CANCELLED, ("cancelled",))

    def housekeeping(self) -> None:
        """Gather what has ended, delete what is over."""
        self.gather()
        self.series.expire(self._clock())

    def _can_be_asked(self, one: Standing, at: int, target: Target) -> bool:
        try:
            self._intake.resolve(one.wish([target]))
        except LinkageError as error:
            self._fail(one, at, [target], error)
            return False
        return True

    def _put(self, one: Standing, at: int, targets: Sequence[Target], runner: str) -> Whole | None:
        try:
            whole = self._intake.about_register(one.wish(targets), runner)
            self.series.attach(one.name, at, {part.provider_oin: part.id for part in whole.parts})
        except LinkageError as error:
            self._fail(one, at, targets, error)
            return None
        except Exception as error:
            self._fail(one, at, targets, LinkageError("internal", type(error).__name__))
            raise
        return whole

    def _fail(self, one: Standing, at: int, targets: Sequence[Target], error: LinkageError) -> None:
        state = queries.REFUSED if isinstance(error, Refusal) else queries.FAILED
        oins = {target.provider_oin for target in targets}
        for point in self.series.under_way():
            if (point.name, point.at) == (one.name, at) and point.provider_oin in oins:
                self.series.end(point, state, (error.code,))

    def _gather(self, point: Point, query: Query) -> None:
        if query.state != queries.DONE:
            self.series.end(point, query.state, dict.fromkeys(filter(None, query.reasons.split(","))))
            return
        try:
            numbers, keep_until = self._numbers(query, point)
        except LinkageError as error:
            self.series.end(point, queries.FAILED, (error.code,))
        else:
            self.series.answer(point, numbers, keep_until)

    def _numbers(self, query: Query, point: Point) -> tuple[Numbers, int]:
        """What was answered, and until when it is kept."""
        now, text = self._clock(), query.agreement_hash.hex()
        try:
            agreement = self._agreements.get_by_hash(query.agreement_hash)
        except Refusal:  # it was removed since it was asked
            agreement = None
        version = agreement.version if agreement else 0
        keep_until = query.results_expire_at or point.keep_until
        if query.answer != "count":
            return series.found(query.records, query.hits, point.at, text, version), keep_until
        if agreement and agreement.count and agreement.count.series_days:
            keep_until = now + _retention_days(agreement, query.answer) * DAY_MS
        return series.counted(table_of(self._queries, query, now), text, version), keep_until
