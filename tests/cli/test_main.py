"""The shell of the command line: help, version, and what becomes of errors."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from linkage_node import __version__
from linkage_node.cli import main as main_function
from linkage_node.cli.main import main
from linkage_node.errors import ExitCode, InputError, Refusal, StorageError, Unreachable
from tests.cli.conftest import Run
from tests.nodes import edit, make_node


def test_help_and_version(run: Run) -> None:
    """Help names the commands, and comes quickly; the version is one line."""
    started = time.monotonic()
    helped = run("--help")
    assert time.monotonic() - started < 2
    assert helped.code == 0
    assert all(name in helped.out for name in ("init", "peers", "doctor"))
    assert run("--version").out == f"linkage-node {__version__}\n"
    assert main_function is main


def test_nothing_heavy_is_loaded_for_help(run: Run) -> None:
    """The help page loads neither gRPC nor numpy, pydantic or cryptography."""
    loaded = run("--help", PYTHONPROFILEIMPORTTIME="1").err
    assert "typer" in loaded
    for heavy in ("grpc", "numpy", "pydantic", "cryptography"):
        assert f" {heavy}\n" not in loaded


def test_unknown_command_and_missing_option(run: Run) -> None:
    """Words that are off are a usage error, exit code 2."""
    for arguments in (["fly"], ["init", "x"], ["peers", "add"]):
        assert run(*arguments).code == ExitCode.USAGE


def test_error_is_told_with_place_and_remedy(run: Run, tmp_path: Path) -> None:
    """An error names what, where and what to do, on stderr; stdout is empty, or JSON where it was asked for."""
    config = make_node(tmp_path / "a")
    edit(config, "listen:", "lisen:")
    assert run("peers", "list", "--json", "--config", config).json["error"] == "config_invalid"
    ran = run("peers", "list", "--config", config)
    assert ran.code == ExitCode.INPUT
    assert ran.out == ""
    assert "config_invalid" in ran.err
    assert f"{config}:7: lisen" in ran.err
    assert "What to do" in ran.err


def test_configuration_by_environment(run: Run, tmp_path: Path) -> None:
    """LINKAGE_NODE_CONFIG names the configuration where --config does not; by default it is ./node.yaml."""
    config = make_node(tmp_path / "a")
    assert run("peers", "list", "--json", LINKAGE_NODE_CONFIG=str(config)).json == []
    missing = run("peers", "list")
    assert missing.code == ExitCode.INPUT
    assert "node.yaml" in missing.err


def fail_with(error: BaseException, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """The exit code of the command line when a command raises this."""

    def app() -> None:
        raise error

    # by its name, since `linkage_node.cli.main` is the function
    monkeypatch.setattr(sys.modules["linkage_node.cli.main"], "app", app)
    monkeypatch.setattr("sys.argv", ["linkage-node", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return int(end.value.code or 0)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("file_missing"), ExitCode.INPUT),
        (Refusal("peer_unknown"), ExitCode.REFUSED),
        (Unreachable("peer_unreachable"), ExitCode.UNREACHABLE),
        (StorageError("storage_locked"), ExitCode.STORAGE),
        (OSError(28, "No space left on device"), ExitCode.STORAGE),
        (RuntimeError("x"), ExitCode.INTERNAL),
    ],
)
def test_exit_codes(error: Exception, code: ExitCode, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind of error has its own exit code."""
    assert fail_with(error, monkeypatch) == code


def test_defect_is_one_line_unless_debug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A defect of ours shows no traceback, and not what the exception says: that may hold data. --debug shows it."""
    assert fail_with(RuntimeError("row 7: Jansen"), monkeypatch) == ExitCode.INTERNAL
    said = capsys.readouterr().err
    assert "RuntimeError" in said
    assert "Jansen" not in said
    assert "Traceback" not in said
    with pytest.raises(RuntimeError):
        fail_with(RuntimeError("x"), monkeypatch, "--debug")


def test_interrupt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends with a line and the exit code that shells expect."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("linkage_node.cli.peers.open_node", lambda _config: interrupted())
    monkeypatch.setattr("sys.argv", ["linkage-node", "peers", "list"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 130
    assert "Interrupted" in capsys.readouterr().err


def test_opening_secrets_needs_no_group_arithmetic() -> None:
    """It takes long to import, and most commands open secrets without computing anything."""
    words = [sys.executable, "-c", "import sys, linkage_node.secrets; print('numpy' in sys.modules)"]
    assert subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout == "False\n"
