"""The Postgres and the Redis of a test session, and the environment that leads to them.

A pytest plugin: it must speak before Django reads its settings. `DATABASE_URL` and `REDIS_URL` replace the
embedded servers. Every xdist worker has a Redis database number of its own, which it may flush.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ordinaut_site import children
from ordinaut_site.embedded import locations, postgres, redis
from ordinaut_site.embedded.server import Server

_START_SECONDS = 30
_STOP_SECONDS = 15

# Images often forbid to keep what Python compiles. Tests start hundreds of processes, and each would compile Django anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """A wrapper, so as to run before pytest-django loads the settings."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _prepare_session(early_config.add_cleanup)
    os.environ["REDIS_URL"] = _with_number(os.environ["ORDINAUT_TEST_REDIS_URL"], _number_of(worker))
    return (yield)


def _prepare_session(at_end: Callable[[Callable[[], None]], None]) -> None:
    home = Path(tempfile.mkdtemp(prefix="ordinaut-test-"))
    at_end(lambda: shutil.rmtree(home, ignore_errors=True))
    home.chmod(0o711)  # an account that root steps down to must pass
    os.environ["ORDINAUT_HOME"] = str(home)
    os.environ["ORDINAUT_SECRET_KEY"] = secrets.token_urlsafe(50)
    os.environ["ORDINAUT_TOKEN_KEY"] = _signing_key()
    os.environ["ORDINAUT_SECRETS_KEY"] = Fernet.generate_key().decode()
    if not os.environ.get("DATABASE_URL"):
        server = postgres.prepare(home)
        durable = os.environ.get("ORDINAUT_TEST_DURABLE")
        _start(server, *(() if durable else ("--fsync=off",)), home=home, at_end=at_end)
        os.environ["DATABASE_URL"] = locations.database_url(home)
    if not os.environ.get("REDIS_URL"):
        _start(redis.prepare(home), home=home, at_end=at_end)
        os.environ["REDIS_URL"] = locations.redis_url(home)
    os.environ["ORDINAUT_TEST_REDIS_URL"] = os.environ["REDIS_URL"]


def _start(server: Server, *more: str, home: Path, at_end: Callable[[Callable[[], None]], None]) -> None:
    log = home / f"{server.name}.log"
    with log.open("wb") as output:
        process = children.spawn(
            [*server.command, *more],
            environment=os.environ | server.environment,
            output=output,
            death_signal=server.stop_signal,
        )
    at_end(lambda: _stop(process, server.stop_signal))
    deadline = time.monotonic() + _START_SECONDS
    while not server.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise pytest.UsageError(f"{server.name} did not start:\n{log.read_text()}")
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    process.send_signal(stop_signal)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _signing_key() -> str:
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def _number_of(worker: str | None) -> int:
    """0 for the session itself, 1 and up for xdist's gw0, gw1, ..."""
    return int(worker.removeprefix("gw")) + 1 if worker else 0


def _with_number(url: str, number: int) -> str:
    """The same Redis, `number` + 1 databases further: the one that `url` names is never ours to flush."""
    if url.startswith("unix:"):
        address, _, query = url.partition("?")
        options = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
        return f"{address}?{urlencode(options | {'db': int(options.get('db', 0)) + 1 + number})}"
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{int(parts.path.strip('/') or 0) + 1 + number}"))
