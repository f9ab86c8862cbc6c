"""A platform as its users start it: a fresh checkout, `make up`, Ctrl-C."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from ordinaut_site import kept_files

ROOT = Path(__file__).resolve().parents[2]
_OURS = ("DATABASE_URL", "REDIS_URL", "ORDINAUT_", "DJANGO_", "PYTEST_", "COVERAGE_", "COV_CORE_", "MAKE", "MFLAGS")


class Platform:
    def __init__(self, checkout: Path, home: Path) -> None:
        self.checkout = checkout
        self.home = home
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._token: tuple[float, str] = (0, "")

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        return kept | {"PORT": str(self.port), "ORDINAUT_HOME": str(self.home)}

    @property
    def log(self) -> str:
        return (self.home.parent / "up.log").read_text(errors="replace")

    def start(self) -> None:
        """As in a terminal: make and what it starts are one foreground group."""
        with (self.home.parent / "up.log").open("wb") as output:
            self._process = subprocess.Popen(
                ["make", "up"],
                cwd=self.checkout,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def press_ctrl_c(self) -> float:
        """Answer how many seconds it took until nothing was left."""
        assert self._process is not None
        family = psutil.Process(self._process.pid).children(recursive=True)
        begun = time.monotonic()
        os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait(30)
        psutil.wait_procs(family, timeout=5)
        assert not [process for process in family if process.is_running()]
        return time.monotonic() - begun

    def wait_until_ready(self, *, seconds: float) -> None:
        self.until(lambda: self._health() == 200, seconds=seconds)

    def until(self, condition: Callable[[], Any], *, seconds: float) -> Any:
        """What `condition` answered when it was first true."""
        deadline = time.monotonic() + seconds
        while not (answer := condition()):
            assert self._process is None or self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.2)
        return answer

    def credentials(self) -> dict[str, str]:
        return kept_files.read(self.home / "credentials.env")

    def get(self, path: str) -> Any:
        return self._ask(urllib.request.Request(self._url(path)))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._ask(urllib.request.Request(self._url(path), data=json.dumps(body).encode(), method="POST"))

    def runs(self, task: str) -> list[dict[str, Any]]:
        return list(self.get(f"/api/v1/runs?task_id={task}&limit=200")["items"])

    def _ask(self, request: urllib.request.Request) -> Any:
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", f"Bearer {self._current_token()}")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            pytest.fail(f"{request.method} {request.full_url} answered {error.code}: {error.read().decode()}")

    def _current_token(self) -> str:
        made_at, token = self._token
        if not token or time.monotonic() - made_at > 300:
            kept = self.credentials()
            body = {"agent_id": kept["ORDINAUT_AGENT_ID"], "agent_secret": kept["ORDINAUT_AGENT_SECRET"]}
            request = urllib.request.Request(
                self._url("/auth/token"),
                data=json.dumps(body).encode(),
                headers={"Content-Type": "application/json"},
            )
            with urllib.request.urlopen(request, timeout=10) as answer:
                token = json.load(answer)["access_token"]
            self._token = (time.monotonic(), token)
        return token

    def _health(self) -> int:
        try:
            with urllib.request.urlopen(self._url("/health/ready"), timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@contextmanager
def fresh_checkout(folder: Path, *, installed: bool = False) -> Iterator[Platform]:
    """What a clone of this working tree would hold, in `folder`; whatever it started is ended.

    installed: with the requirements of this one, so that `make up` has none to install.
    """
    checkout = folder / "ordinaut"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, checkout / name)
    if installed:
        (checkout / ".venv").symlink_to(ROOT / ".venv")
    platform = Platform(checkout, folder / "home")
    try:
        yield platform
    finally:
        process = platform._process
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
