"""Queries that run in the background of a node: started, watched, cancelled, and taken up again after a restart."""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

import structlog

from linkage_node.asking import queries
from linkage_node.asking.queries import Query, QueryStore
from linkage_node.asking.runner import Runner
from linkage_node.asking.several import Whole
from linkage_node.errors import LinkageError, Refusal, Unreachable
from linkage_node.limits import RUNNING_AT_ONE_PROVIDER, RUNNING_QUERIES, STOP_QUERY_SECONDS, WATCH_SECONDS

_log = structlog.get_logger()
RUNNER = "server"


class Jobs:
    """Runs queries, a few at a time at each provider, and tells watchers how far they are.

    `hang_up` ends all calls to peers.
    """

    def __init__(self, runner: Runner, store: QueryStore, hang_up: Callable[[], None]) -> None:
        self._runner, self._store, self._hang_up = runner, store, hang_up
        self._pool = ThreadPoolExecutor(RUNNING_QUERIES, thread_name_prefix="query")
        self._changed = threading.Condition()
        self._latest: dict[str, Query] = {}
        self._runs: set[Future[None]] = set()
        self._waiting: defaultdict[str, deque[str]] = defaultdict(deque)  # query ids, by provider
        self._running: Counter[str] = Counter()  # by provider
        self._cancelled: set[str] = set()
        self._stopping = False

    def resume(self) -> None:
        """Take up the queries that a stop or a crash left unfinished."""
        for query in self._store.all():
            if query.runner == RUNNER and query.state in (queries.QUEUED, queries.RUNNING):
                self.start(query)

    def start(self, query: Query) -> None:
        """Run a query in the background, when it is its turn at its provider."""
        with self._changed:
            if self._stopping:
                return  # stays queued, for after the restart
            self._latest[query.id] = query
            self._waiting[query.provider_oin].append(query.id)
            self._begin(query.provider_oin)

    def _begin(self, provider_oin: str) -> None:
        """Run as many of those that wait for a provider as it has room for; the caller holds `_changed`."""
        waiting = self._waiting[provider_oin]
        while waiting and self._running[provider_oin] < RUNNING_AT_ONE_PROVIDER and not self._stopping:
            self._running[provider_oin] += 1
            run = self._pool.submit(self._run, waiting.popleft(), provider_oin)
            self._runs.add(run)
            run.add_done_callback(self._runs.discard)

    def restart(self, query_id: str) -> Whole:
        """Go on with what failed of a query, or of a whole; what is in another state stays as it is."""
        for part in self._store.parts(query_id):
            if part.state == queries.FAILED and part.id not in self._latest:
                self._store.update(part.id, state=queries.QUEUED, runner=RUNNER)
                self.start(self._store.get(part.id))
        return self._whole(query_id)

    def watch(self, query_id: str) -> Iterator[Query]:
        """The query, or each part of the whole, now and at every change, until all have ended or failed."""
        ids = [part.id for part in self._store.parts(query_id)]
        seen: dict[str, Query] = {}
        while not self._stopping:
            with self._changed:
                changed = self._changed_since(seen, ids)
                if not changed:
                    self._changed.wait(WATCH_SECONDS)
                    changed = self._changed_since(seen, ids)
            for query in changed:
                seen[query.id] = query
                yield query
            if not any(query.state in (queries.QUEUED, queries.RUNNING) for query in seen.values()):
                return

    def _changed_since(self, seen: Mapping[str, Query], ids: Iterable[str]) -> list[Query]:
        now = (self._latest.get(one) or self._store.get(one) for one in ids)
        return [query for query in now if query != seen.get(query.id)]

    def cancel(self, query_id: str) -> Whole:
        """Stop a query, or every part of a whole; what was not asked yet is not asked."""
        for part in self._store.parts(query_id):
            self._cancel(part.id)
        return self._whole(query_id)

    def _cancel(self, query_id: str) -> None:
        if self._store.cancel(query_id):
            self._cancelled.add(query_id)
            if query_id not in self._latest:  # not under way in this process: nobody else will note it
                self._cancelled.discard(query_id)
                self._store.drop(query_id, state=queries.CANCELLED, reasons="cancelled")

    def _whole(self, query_id: str) -> Whole:
        return Whole(tuple(self._store.parts(query_id)))

    def _run(self, query_id: str, provider_oin: str) -> None:
        try:
            if self._stopping:
                return  # stays queued, for after the restart
            self._runner.run(query_id, self._tell, lambda: self._stop(query_id))
        except Exception as error:
            self._broke_off(query_id, error)
        finally:
            with self._changed:
                self._latest.pop(query_id, None)
                self._cancelled.discard(query_id)
                self._running[provider_oin] -= 1
                self._begin(provider_oin)
                self._changed.notify_all()

    def _broke_off(self, query_id: str, error: Exception) -> None:
        if self._stopping and not isinstance(error, Refusal):
            self._store.update(query_id, state=queries.QUEUED, reasons="", detail="")  # for after the restart
        elif isinstance(error, LinkageError):
            _log.info("query ended", query=query_id, code=error.code, detail=error.detail)
        else:
            _log.error("defect", query=query_id, error=type(error).__name__, exc_info=True)
            self._store.fail(query_id, queries.FAILED, "internal", "")

    def _stop(self, query_id: str) -> bool:
        if self._stopping:
            raise Unreachable("stopping")
        return query_id in self._cancelled

    def _tell(self, query: Query) -> None:
        with self._changed:
            self._latest[query.id] = query
            self._changed.notify_all()

    def stop(self) -> None:
        """Stop between two chunks, or amid one if a peer is slow; what is unfinished is taken up at the next start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait(list(self._runs), STOP_QUERY_SECONDS)
        self._hang_up()
        self._pool.shutdown(wait=True)
