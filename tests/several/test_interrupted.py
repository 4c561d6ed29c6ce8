"""A question to several providers that is interrupted while it is being made ready."""

import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pytest
import structlog

from linkage_node.asking.resolve import Wish
from linkage_node.asking.several import Whole, run
from linkage_node.assembly import Assembly
from linkage_node.node import Node
from linkage_node.pseudonyms import parallel
from tests.integration.ring import PROVIDERS, Ring, agreement_id, make_ring, opened, serving
from tests.integration.world import await_that

P = ParamSpec("P")
T = TypeVar("T")
FIRST, SECOND, *_ = PROVIDERS


class Busy(ThreadPoolExecutor):
    """One worker that is taken, so that all arithmetic waits; it knows who waits for it."""

    def __init__(self) -> None:
        super().__init__(1)
        self.waiting: set[str] = set()  # names of threads
        self.free = threading.Event()
        super().submit(self.free.wait)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """As every executor, but it notes who asked."""
        self.waiting.add(threading.current_thread().name)
        return super().submit(fn, *args, **kwargs)


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ring]:
    """Two providers that answer; so few elements as there are go through the executor too."""
    made = make_ring(tmp_path)
    monkeypatch.setattr(parallel, "PIECE_ELEMENTS", 8)
    with serving(made.providers[FIRST], made.providers[SECOND]):
        yield made


def test_it_stops_at_once_and_can_be_resumed(ring: Ring) -> None:
    """Interrupted amid blinding, no part is called running or a defect; resumed, all are answered."""
    executor = Busy()
    with Node.open(ring.requester.config) as node, closing(Assembly(node, executor)) as assembly:
        wish = Wish(agreement_id(FIRST), further=(agreement_id(SECOND),))
        whole = assembly.intake.about_register(wish, "cli")
        names = {f"part {part.id}" for part in whole.parts}
        main = threading.main_thread().ident
        assert main is not None

        def interrupt() -> None:
            await_that(lambda: executor.waiting >= names)
            signal.pthread_kill(main, signal.SIGINT)

        threading.Thread(target=interrupt).start()
        with structlog.testing.capture_logs() as logged, pytest.raises(KeyboardInterrupt):
            run(assembly, whole, lambda _query: None)
        executor.free.set()
        told = [(part.state, part.reasons) for part in assembly.queries.parts(whole.id)]
        assert told == [("failed", "interrupted")] * 2
        assert not [line for line in logged if line["event"] == "defect"]
        assert not [thread for thread in threading.enumerate() if thread.name in names]
    with opened(ring.requester) as assembly:
        kept = Whole(tuple(assembly.queries.parts(whole.id)))
        seen: list[Any] = []
        done = run(assembly, kept, seen.append)
    assert {part.provider_oin: part.hits for part in done.answered} == {
        oin: len(ring.known[oin]) for oin in (FIRST, SECOND)
    }
    assert seen
