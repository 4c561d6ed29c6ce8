"""What the screen suggests can be typed as it stands; what it asks is answered in Dutch or in English."""

import os
import pty
import subprocess
from pathlib import Path

import pytest

from linkage_node.agreements import content_hash
from linkage_node.cli.suggested import forget_config, with_config
from linkage_node.node import Node
from tests.cli.conftest import COMMAND, Run
from tests.nodes import make_node
from tests.policy.corpus import AGREEMENT, EXAMPLE
from tests.signed import add_signed


@pytest.mark.parametrize(
    ("words", "environment", "suggested"),
    [
        (("--config", "none here.yaml"), {}, "`linkage-node policy build BESTAND --config 'none here.yaml'`"),
        ((), {"LINKAGE_NODE_CONFIG": "none.yaml"}, "`linkage-node policy build BESTAND`"),
        ((), {}, "`linkage-node policy build BESTAND`"),
    ],
)
def test_a_suggested_command_names_the_configuration_that_was_typed(
    run: Run, tmp_path: Path, words: tuple[str, ...], environment: dict[str, str], suggested: str
) -> None:
    """And no other: a variable stays set by itself, and node.yaml of this folder is found again."""
    made = make_node(tmp_path / "a")
    for name in ("node.yaml", "none.yaml", "none here.yaml"):
        (tmp_path / name).symlink_to(made)
    ended = run("policy", "history", *words, **environment)
    assert ended.code == 0, ended.err
    assert f"{suggested}, dan `sign` en `activate`." in ended.out


def test_an_error_names_it_too(run: Run, tmp_path: Path) -> None:
    """What to do now can be typed; a command that takes no `--config` stays as it is."""
    config = make_node(tmp_path / "a")
    ended = run("policy", "explain", "--agreement", "none", "--config", config)
    assert f"`linkage-node agreements list --config {config}`" in " ".join(ended.err.replace("│", "").split())
    ended = run("agreements", "list", "--config", config)
    assert "`linkage-node agreements new`" in ended.out


def test_nothing_is_added_before_a_command_began() -> None:
    """As in a test, or a library that shows an error."""
    forget_config()
    assert with_config("`linkage-node policy build`") == "`linkage-node policy build`"


@pytest.mark.parametrize(
    ("answer", "revoked"),
    [("j", True), ("Ja", True), ("y", True), ("yes", True), ("n", False), ("nee", False), ("", False)],
)
def test_a_yes_is_dutch_or_english(tmp_path: Path, answer: str, revoked: bool) -> None:
    """Whatever is no yes is a no, and leaves everything as it was."""
    config = make_node(tmp_path / "a", AGREEMENT["provider"]["oin"])
    with Node.open(config) as node:
        agreement = add_signed(node, EXAMPLE.read_text())
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [COMMAND, "agreements", "revoke", agreement.id, "--config", config],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown = ""
    while "Intrekken? [j/N]: " not in shown:
        shown += os.read(controller, 1024).decode()
    os.write(controller, f"{answer}\n".encode())
    try:
        while more := os.read(controller, 1024).decode():
            shown += more
    except OSError:  # its last end was closed
        pass
    os.close(controller)
    assert process.wait(timeout=60) == (0 if revoked else 1)
    assert ("Afgebroken." in shown) != revoked
    with Node.open(config) as node:
        (listed,) = node.agreements.list()
        assert node.agreements.status(content_hash(listed)) == ("revoked" if revoked else "in_force")
