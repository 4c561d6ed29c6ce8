"""Queries that run in the background of a node: started, watched, cancelled, and taken up again after a restart."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import structlog

from linkage_node.asking import queries
from linkage_node.asking.queries import Query, QueryStore
from linkage_node.asking.runner import Runner
from linkage_node.errors import LinkageError, Unreachable
from linkage_node.limits import RUNNING_QUERIES, WATCH_SECONDS

_log = structlog.get_logger()
RUNNER = "server"


class Jobs:
    """Runs queries, a few at a time, and tells watchers how far they are."""

    def __init__(self, runner: Runner, store: QueryStore) -> None:
        self._runner, self._store = runner, store
        self._pool = ThreadPoolExecutor(RUNNING_QUERIES, thread_name_prefix="query")
        self._changed = threading.Condition()
        self._latest: dict[str, Query] = {}
        self._cancelled: set[str] = set()
        self._stopping = False

    def resume(self) -> None:
        """Take up the queries that a stop or a crash left unfinished."""
        for query in self._store.all():
            if query.runner == RUNNER and query.state in (queries.QUEUED, queries.RUNNING):
                self.start(query)

    def start(self, query: Query) -> None:
        """Run a query in the background."""
        self._latest[query.id] = query
        self._pool.submit(self._run, query.id)

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
        query = self._store.get(query_id)
        if query.state in (queries.QUEUED, queries.RUNNING, queries.FAILED):
            self._cancelled.add(query_id)
            self._store.drop(query_id, cancel=True)
            if query_id not in self._latest:  # not under way in this process: nobody else will note it
                self._store.drop(query_id, state=queries.CANCELLED, reasons="cancelled")
        return self._store.get(query_id)

    def _run(self, query_id: str) -> None:
        try:
            if self._stopping:
                return  # stays queued, for after the restart
            self._runner.run(query_id, self._tell, lambda: self._stop(query_id))
        except LinkageError as error:
            _log.info("query ended", query=query_id, code=error.code, detail=error.detail)
        except Exception as error:
            _log.error("defect", query=query_id, error=type(error).__name__, exc_info=True)
            self._store.update(query_id, state=queries.FAILED, reasons="internal")
        finally:
            with self._changed:
                self._latest.pop(query_id, None)
                self._cancelled.discard(query_id)
                self._changed.notify_all()

    def _stop(self, query_id: str) -> bool:
        if self._stopping:
            raise Unreachable("stopping")
        return query_id in self._cancelled

    def _tell(self, query: Query) -> None:
        with self._changed:
            self._latest[query.id] = query
            self._changed.notify_all()

    def stop(self) -> None:
        """Stop between two chunks; unfinished queries are taken up at the next start."""
        self._stopping = True
        with self._changed:
            self._changed.notify_all()
        self._pool.shutdown(wait=True, cancel_futures=True)
