"""The whole demonstration, small: real nodes, real commands."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = (sys.executable, "-m", "linkage_node", "demo", "--people", "500")


def _processes_of(folder: Path) -> list[int]:
    """Running processes whose command line names `folder`."""
    found = []
    for one in Path("/proc").iterdir():
        try:
            if one.name.isdigit() and str(folder).encode() in (one / "cmdline").read_bytes():
                found.append(int(one.name))
        except OSError:
            continue
    return found


@pytest.mark.slow
def test_the_demonstration_ends_with_the_truth(tmp_path: Path) -> None:
    """Exit code 0, every answer the truth, every number within its noise, and nothing left running."""
    keep = tmp_path / "kept"
    done = subprocess.run(
        [*DEMO, "--keep", str(keep)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = " ".join(done.stdout.split())
    assert "no miss, no false hit" in told
    assert "Every number is within what the noise allows" in told
    *lines, last = done.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert str(keep) in last
    assert (keep / "huishoudens.csv").exists()
    assert "Traceback" not in done.stdout + done.stderr
    assert not _processes_of(keep)


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    """`--keep` never writes over what is there."""
    (tmp_path / "mine").write_text("mine")
    done = subprocess.run([*DEMO, "--keep", str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "file_exists" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["mine"]


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demonstration_leaves_nothing_running(told: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C and SIGTERM stop the nodes too."""
    keep = tmp_path / "kept"
    process = subprocess.Popen(
        [*DEMO, "--keep", str(keep)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    assert any(line.startswith("The nodes run") for line in process.stdout)
    process.send_signal(told)
    process.stdout.read()
    assert process.wait(60) == 128 + told
    assert not [one for one in _processes_of(keep) if one != process.pid]
