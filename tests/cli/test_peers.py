"""`linkage-node peers`."""

from pathlib import Path

import pytest

from linkage_node.config import load_config
from linkage_node.errors import ExitCode
from tests.cli.conftest import Run
from tests.nodes import OIN_A, OIN_B, OIN_C, introduce, make_node
from tests.peers.conftest import Serve, serve

__all__ = ["serve"]  # the fixture


@pytest.fixture
def nodes(tmp_path: Path) -> tuple[Path, Path]:
    """Two nodes that do not know each other."""
    return make_node(tmp_path / "a", OIN_A), make_node(tmp_path / "b", OIN_B)


def test_add_list_remove(run: Run, nodes: tuple[Path, Path]) -> None:
    """A card is added, shown, and removed."""
    first, second = nodes
    card = second.parent / "card.yaml"
    assert OIN_B in run("peers", "add", card, "--config", first).out
    assert [peer["oin"] for peer in run("peers", "list", "--json", "--config", first).json] == [OIN_B]
    assert OIN_B in run("peers", "list", "--config", first).out
    assert run("peers", "remove", OIN_B, "--config", first).code == 0
    assert run("peers", "remove", OIN_B, "--config", first).code == ExitCode.REFUSED
    assert "No peers yet" in run("peers", "list", "--config", first).out


def test_bad_cards(run: Run, nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """A missing card, a folder, the own card and a typo are each refused with a reason."""
    first, second = nodes
    typo = tmp_path / "typo.yaml"
    typo.write_text((second.parent / "card.yaml").read_text().replace("address", "adress"))
    for card, code in (
        (tmp_path / "none.yaml", "file_missing"),
        (tmp_path, "file_is_directory"),
        (first.parent / "card.yaml", "peer_is_self"),
        (typo, "config_invalid"),
    ):
        ran = run("peers", "add", card, "--config", first)
        assert ran.code == ExitCode.INPUT
        assert code in ran.err


def test_several_cards_at_once(run: Run, nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """Each card is added or refused by itself; 7 says that some were refused, their own code that all were."""
    first, second = nodes
    third = make_node(tmp_path / "c", OIN_C)
    good = [config.parent / "card.yaml" for config in (second, third)]
    bad = [first.parent / "card.yaml", tmp_path / "none.yaml"]
    ran = run("peers", "add", good[0], *bad, good[1], "--config", first)
    assert ran.code == ExitCode.PARTIAL
    assert OIN_B in ran.out
    assert OIN_C in ran.out
    for card, code in zip(bad, ("peer_is_self", "file_missing"), strict=True):
        assert f"Not added: {card}" in ran.err
        assert code in ran.err
    assert [peer["oin"] for peer in run("peers", "list", "--json", "--config", first).json] == [OIN_B, OIN_C]
    assert run("peers", "add", *bad, "--config", first).code == ExitCode.INPUT
    assert run("peers", "add", *good, "--config", first).code == 0


def test_changed_key(run: Run, nodes: tuple[Path, Path], tmp_path: Path) -> None:
    """A card with another key is refused until the operator says --replace."""
    first, second = nodes
    introduce(first, second)
    other = make_node(tmp_path / "again", OIN_B).parent / "card.yaml"
    refused = run("peers", "add", other, "--config", first)
    assert refused.code == ExitCode.REFUSED
    assert "--replace" in refused.err
    assert run("peers", "add", other, "--replace", "--config", first).code == 0


def test_check(run: Run, nodes: tuple[Path, Path], tmp_path: Path, serve: Serve) -> None:
    """`check` tells which peers answer; its exit code tells whether all, some or none do."""
    first, second = nodes
    introduce(first, second)
    down = run("peers", "check", "--json", "--config", first)
    assert down.code == ExitCode.UNREACHABLE
    assert [row["state"] for row in down.json] == ["peer_unreachable"]
    serve(load_config(second).config)
    up = run("peers", "check", OIN_B, "--config", first)
    assert up.code == 0
    assert "TLSv1.3" in up.out
    introduce(first, make_node(tmp_path / "c", OIN_C))
    assert run("peers", "check", "--config", first).code == ExitCode.PARTIAL
    assert run("peers", "check", "00000099000000990000", "--config", first).code == ExitCode.REFUSED
