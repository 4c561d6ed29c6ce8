"""Queries that run in the background of a node: started, watched, cancelled, and taken up again after a restart."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait

import structlog

from linkage_node.asking import queries
from linkage_node.asking.queries import Query, QueryStore
from linkage_node.asking.runner import Runner
from linkage_node.errors import LinkageError, Refusal, Unreachable
from linkage_node.limits import RUNNING_QUERIES, STOP_QUERY_SECONDS, WATCH_SECONDS

_log = structlog.get_logger()
RUNNER = "server"


class Jobs:
    """Runs queries, a few at a time, and tells watchers how far they are. `hang_up` ends all calls to peers."""

    def __init__(self, runner: Runner, store: QueryStore, hang_up: Callable[[], None]) -> None:
        self._runner, self._store, self._hang_up = runner, store, hang_up
        self._pool = ThreadPoolExecutor(RUNNING_QUERIES, thread_name_prefix="query")
        self._changed = threading.Condition()
        self._latest: dict[str, Query] = {}
        self._runs: set[Future[None]] = set()
        self._cancelled: set[str] = set()
        self._stopping = False

    def resume(self) -> None:
        """Take up the queries that a stop or a crash left unfinished."""
        for query in self._store.all():
            if query.runner == RUNNER and query.state in (queries.QUEUED, queries.RUNNING):
                self.start(query)

    def start(self, query: Query) -> None:
        """Run a query in the background."""
        if self._stopping:
            return  # stays queued, for after the restart
        self._latest[query.id] = query
        run = self._pool.submit(self._run, query.id)
        self._runs.add(run)
        run.add_done_callback(self._runs.discard)

    def restart(self, query_id: str) -> Query:
        """Go on with a query that failed; one in another state stays as it is."""
        query = self._store.get(query_id)
        if query.state == queries.FAILED and query_id not in self._latest:
            self._store.update(query_id, state=queries.QUEUED, runner=RUNNER)
            query = self._store.get(query_id)
            self.start(query)
        return query

    def watch(self, query_id: str) -> Iterator[Query]:
        """The query now, and again at every change, until it has ended or failed."""
        seen: Query | None = None
        while not self._stopping:
            with self._changed:
                query = self._latest.get(query_id) or self._store.get(query_id)
                if query == seen:
                    self._changed.wait(WATCH_SECONDS)
                    query = self._latest.get(query_id) or self._store.get(query_id)
            if query != seen:
                yield query
            seen = query
            if query.state not in (queries.QUEUED, queries.RUNNING):
                return

    def cancel(self, query_id: str) -> Query:
        """Stop a query; what was not asked yet is not asked."""
        if self._store.cancel(self._store.get(query_id).id):
            self._cancelled.add(query_id)
            if query_id not in self._latest:  # not under way in this process: nobody else will note it
                self._cancelled.discard(query_id)
                self._store.drop(query_id, state=queries.CANCELLED, reasons="cancelled")
        return self._store.get(query_id)

    def _run(self, query_id: str) -> None:
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
                self._changed.notify_all()

    def _broke_off(self, query_id: str, error: Exception) -> None:
        if self._stopping and not isinstance(error, Refusal):
            self._store.update(query_id, state=queries.QUEUED, reasons="", detail="")  # for after the restart
        elif isinstance(error, LinkageError):
            _log.info("query ended", query=query_id, code=error.code, detail=error.detail)
        else:
            _log.error("defect", query=query_id, error=type(error).__name__, exc_info=True)
            self._store.update(query_id, state=queries.FAILED, reasons="internal")

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
        self._stopping = True
        with self._changed:
            self._changed.notify_all()
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait(list(self._runs), STOP_QUERY_SECONDS)
        self._hang_up()
        self._pool.shutdown(wait=True)
