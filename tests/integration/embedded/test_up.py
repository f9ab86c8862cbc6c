"""`manage.py up`, started, disturbed and stopped."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
import pytest

from tests.integration.embedded.serving import new_home, on_embedded_servers
from tests.integration.embedded.supervised import ROOT, gone, until
from tests.integration.embedded.test_up_refuses import free_port

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def home() -> Iterator[Path]:
    with new_home() as folder:
        yield folder


class Up:
    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_for(self, text: str) -> None:
        until(lambda: text in self.log or self.process.poll() is not None, seconds=90, otherwise=lambda: self.log)
        assert text in self.log

    def pids(self, word: str) -> list[int]:
        """Of the main processes whose command line holds `word`."""
        found = []
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):
                if word in child.cmdline():
                    found.append(child.pid)
        return found

    def stop(self) -> list[psutil.Process]:
        """Ask it to; answer all that it had started."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0, self.log
        return family


@contextmanager
def up(home: Path, environment: dict[str, str]) -> Iterator[Up]:
    log = home.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env=environment | {"ORDINAUT_HOME": str(home)},
            stdout=output,
            stderr=output,
        )
    try:
        yield Up(process, log)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(30)
        log.unlink()


def test_it_serves_heals_stops_without_a_trace_and_starts_again(home: Path) -> None:
    environment = on_embedded_servers() | {"PORT": str(free_port())}
    with up(home, environment) as platform:
        platform.wait_for("Ordinaut is ready")
        assert "Shown this once" in platform.log
        [server] = [child for child in psutil.Process(platform.process.pid).children() if child.name() == "postgres"]
        assert "MALLOC_TRIM_THRESHOLD_" in server.environ(), "a backend keeps its memory between statements"
        killed = platform.pids("uvicorn")
        os.kill(killed[0], signal.SIGKILL)
        platform.wait_for("web      | ended (killed by SIGKILL); starts again in 0.5 s")
        until(lambda: platform.pids("uvicorn") not in ([], killed))

        family = platform.stop()

        assert len(family) > 5
        assert [process for process in family if not gone(process.pid)] == []

    with up(home, environment) as platform:
        platform.wait_for("Ordinaut is ready")
        assert "setup    |" not in platform.log
        assert "Shown this once" not in platform.log
        assert str(home / "credentials.env") in platform.log
        platform.stop()


def test_servers_of_the_operator_replace_the_embedded_ones(home: Path) -> None:
    environment = os.environ | {"PORT": str(free_port())}
    with up(home, environment) as platform:
        platform.wait_for("Ordinaut is ready")
        platform.stop()

        assert "postgres |" not in platform.log
        assert "redis    |" not in platform.log
    assert {"postgres", "redis"} & {path.name for path in home.iterdir()} == set()


@pytest.fixture
def url_without_rights() -> Iterator[str]:
    """Of an empty database whose tables somebody else would have to make."""
    url = urlsplit(os.environ["DATABASE_URL"])
    server = url.netloc.rpartition("@")[2]
    name = f"closed_{secrets.token_hex(4)}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as owner:
        owner.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'known'")
        owner.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(url._replace(netloc=f"{name}:known@{server}", path=f"/{name}"))
        finally:
            owner.execute(f"DROP DATABASE {name}")
            owner.execute(f"DROP ROLE {name}")


def test_a_setup_that_fails_stops_everything_and_says_so(home: Path, url_without_rights: str) -> None:
    environment = on_embedded_servers() | {"PORT": str(free_port()), "DATABASE_URL": url_without_rights}
    with up(home, environment) as platform:
        platform.process.wait(60)

        assert platform.process.returncode == 1
        assert platform.log.rstrip().endswith(
            "Ordinaut cannot start: the database could not be set up; the reason is above."
        )
