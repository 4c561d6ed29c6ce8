"""How the demonstration tells what it does, and what becomes of a step that goes wrong."""

import io
import shlex
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from rich.console import Console
from rich.text import Text

from linkage_node.demo import story
from linkage_node.demo.nodes import DemoFailed, run
from linkage_node.demo.registers import TOWN
from linkage_node.demo.stage import Stage
from linkage_node.errors import ExitCode, InputError, Refusal


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A stage on which nothing runs, that writes 100 columns."""
    with Stage(Console(file=io.StringIO(), width=100), tmp_path, people=60, seed=1) as made:
        yield made


def _written(stage: Stage) -> list[str]:
    assert isinstance(stage.console.file, io.StringIO)
    return stage.console.file.getvalue().splitlines()


def test_a_command_that_is_shown_can_be_pasted(stage: Stage) -> None:
    """However long it is, a shell reads it as the words that are run, and an option stands beside its value."""
    words = (
        "match",
        "--answer",
        "count",
        *["--agreement", "een-lange-naam"] * 9,
        "--purpose",
        "een doel",
        "--json",
    )
    stage.command(*words)
    lines = _written(stage)
    assert len(lines) > 2
    assert max(map(len, lines)) <= 100
    assert shlex.split("\n".join(lines).replace("\\\n", " ").strip().removeprefix("$ ")) == [
        "linkage-node",
        *words,
    ]
    assert not any(line.rstrip("\\ ").endswith("--agreement") for line in lines)


def test_paragraphs_fit_and_are_indented_as_a_whole(stage: Stage) -> None:
    """No line is longer than the console, and none ends in blanks."""
    stage.say(Text("een woord " * 40), indent=4)
    lines = _written(stage)
    assert len(lines) > 3
    assert all(line.startswith("    een") or line.startswith("    woord") for line in lines)
    assert all(len(line) <= 100 and line == line.rstrip() for line in lines)


@pytest.mark.parametrize(
    "error",
    [
        DemoFailed("a step"),
        InputError("file_missing", "a file"),
        Refusal("peer_unknown"),
        KeyError("tables"),
        ValueError("not JSON"),
        FileNotFoundError("no results"),
        grpc.RpcError("gone"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_step_that_goes_wrong_is_named(stage: Stage, error: Exception) -> None:
    """Whatever goes wrong in a chapter ends the demonstration with exit code 1 and the chapter's title."""

    def chapter(on: Stage) -> None:
        on.chapter("3. In which something goes wrong")
        raise error

    with pytest.raises(DemoFailed, match=r"chapter 3\. In which something goes wrong: .") as failed:
        story.tell_chapter(chapter, stage)
    assert failed.value.exit_code == ExitCode.INTERNAL


def test_a_command_that_ends_otherwise_is_named(tmp_path: Path) -> None:
    """A wrong exit code is told with the command and what it said."""
    with pytest.raises(
        DemoFailed, match=r"`linkage-node agreements list --config none.yaml` ended with 3 and not 0"
    ):
        run("agreements", "list", "--config", "none.yaml", home=tmp_path)


def test_a_refusal_that_was_expected_is_no_failure(tmp_path: Path) -> None:
    """What a command says when it ends as expected comes back."""
    assert (
        "file_missing" in run("agreements", "list", "--config", "none.yaml", home=tmp_path, expect=3).stderr
    )


def test_a_node_that_does_not_start_is_named(stage: Stage) -> None:
    """The demonstration does not wait for a node that ended."""
    stage.node(TOWN).folder.mkdir()
    with pytest.raises(DemoFailed, match="did not start"):
        stage.start(stage.node(TOWN))
