"""The demonstration from beginning to end. Every step is a command or a call that a user could give."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from linkage_node.demo.ending import compare_with_truth, refusals, verify_evidence
from linkage_node.demo.opening import load_registers, make_nodes, start
from linkage_node.demo.questions import ask_at_the_counter, match_everybody, match_households
from linkage_node.demo.stage import Stage


def tell(console: Console, *, people: int, seed: int, keep: Path | None) -> bool:
    """Tell the story in a temporary folder, or in the empty folder `keep`, which stays.

    True if every answer was the truth. What was started is stopped when this ends, however it ends.
    """
    with ExitStack() as cleanup:
        home = keep or Path(cleanup.enter_context(tempfile.TemporaryDirectory(prefix="linkage-node-demo-")))
        stage = Stage(console, home, people, seed)
        with ExitStack() as running:
            make_nodes(stage)
            load_registers(stage)
            start(stage, running)
            match_everybody(stage)
            ask_at_the_counter(stage)
            match_households(stage)
            refusals(stage)
            verify_evidence(stage)
        return compare_with_truth(stage)
