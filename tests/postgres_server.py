"""A real, throw-away PostgreSQL server for tests: `with postgres_server() as make_database`."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.nodes import free_port

_FIND = Path(__file__).parents[1] / "tools" / "postgres"


def _programs() -> Path:
    """The folder with initdb and pg_ctl. Without it: skip, loudly; in CI: fail."""
    found = shutil.which("initdb")
    if found and (Path(found).parent / "pg_ctl").exists():
        return Path(found).parent
    folder = subprocess.run([_FIND], capture_output=True, text=True, check=False).stdout.strip()
    if not folder:
        complaint = "no PostgreSQL: `initdb` is not on PATH and tools/postgres finds none"
        if os.environ.get("CI") == "true":
            pytest.fail(complaint)
        print(f"\nSKIPPED: {complaint}", file=sys.stderr)
        pytest.skip(complaint)
    return Path(folder)


def _unprivileged() -> str | None:
    """Whom to run it as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def postgres_server() -> Iterator[Callable[[], str]]:
    """Runs a server and gives a function that makes a new database and returns its URL."""
    programs, user = _programs(), _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="linkage-postgres-"))
    if user:
        shutil.chown(folder, user)
    data, port = folder / "data", free_port()

    def run(*command: str | Path) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder)

    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    try:
        run(programs / "initdb", "-D", data, "-U", "linkage", "--auth=trust", "--no-sync")
        run(programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
        numbers = count(1)

        def make_database() -> str:
            name = f"node{next(numbers)}"
            server = f"host=127.0.0.1 port={port} user=linkage dbname=postgres"
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
            return f"postgresql+psycopg://linkage@127.0.0.1:{port}/{name}"

        yield make_database
    finally:
        if (data / "postmaster.pid").exists():
            run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)
