"""Servers that a test starts, and homes short enough for a unix socket."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from ordinaut_site import children
from ordinaut_site.embedded import locations
from ordinaut_site.embedded.server import Server
from tests.integration.embedded.supervised import ROOT, until

ORDINARY_USER = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@contextmanager
def new_home(parent: Path | None = None) -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="oh-", dir=parent))
    home.chmod(0o711)
    try:
        yield home
    finally:
        shutil.rmtree(home)


@contextmanager
def serving(server: Server, *, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    log = home / f"{server.name}.log"
    with log.open("ab") as output:
        process = children.spawn(server.command, environment=os.environ, output=output, death_signal=server.stop_signal)
    try:
        until(lambda: server.answers() or process.poll() is not None, otherwise=log.read_text)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(server.stop_signal)
        _wait(process)


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(15)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def on_embedded_servers() -> dict[str, str]:
    """Our environment without what leads to the servers of the test session."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "REDIS_", "ORDINAUT_"))
    }


def as_ordinary_user(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python code as a user without rights, who may read and pass everywhere: the checkout may be closed to others."""
    user = f"--reuid={ORDINARY_USER} --regid={ORDINARY_USER} --clear-groups".split()
    reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    # Coverage could not keep what it measures there.
    environment = {name: value for name, value in on_embedded_servers().items() if "COV" not in name}
    return subprocess.run(
        ["setpriv", *user, *reading, "--", sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def query(home: Path, statement: str) -> object:
    with psycopg.connect(locations.database_url(home), autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None
