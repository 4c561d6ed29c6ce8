"""The demonstration from beginning to end. Every step is a command or a call that a user could give."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import grpc
from rich.console import Console

from linkage_node.demo.calling import call
from linkage_node.demo.ending import compare_with_truth, verify_evidence
from linkage_node.demo.finding import find_households, find_unclaimed
from linkage_node.demo.intake import ask_at_the_counter
from linkage_node.demo.nodes import DemoFailed
from linkage_node.demo.opening import load_registers, make_nodes, start
from linkage_node.demo.refusals import refuse
from linkage_node.demo.stage import Stage
from linkage_node.demo.steering import steer
from linkage_node.errors import LinkageError

T = TypeVar("T")

_CHAPTERS: tuple[Callable[[Stage], None], ...] = (
    make_nodes,
    load_registers,
    start,
    find_unclaimed,
    ask_at_the_counter,
    find_households,
    steer,
    call,
    refuse,
    verify_evidence,
)


def tell(console: Console, *, people: int, seed: int, keep: Path | None) -> bool:
    """Tell the story in a temporary folder, or in the empty folder `keep`, which stays.

    True if every answer was the truth. DemoFailed, with the chapter, if a step did something else than it should.
    What was started is stopped when this ends, however it ends.
    """
    with ExitStack() as cleanup:
        home = keep or Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="linkage-node-demo-")))
        stage = Stage(console, home, people, seed)
        with stage:
            for chapter in _CHAPTERS:
                tell_chapter(chapter, stage)
        return tell_chapter(compare_with_truth, stage)


def tell_chapter(chapter: Callable[[Stage], T], stage: Stage) -> T:
    """Tell a chapter; whatever goes wrong in it is told with its title."""
    try:
        return chapter(stage)
    except LinkageError as error:
        raise DemoFailed(f"in chapter {stage.title}: {error.detail or error.message}") from error
    except grpc.RpcError as error:
        raise DemoFailed(f"in chapter {stage.title}: the node answered {error}") from error
    except (
        OSError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:  # an answer of another shape than was agreed
        raise DemoFailed(f"in chapter {stage.title}: {type(error).__name__}: {error}") from error
