"""Sixty-four clients, and Postgres restarted under them: who is answered can rely on it, and who is not is told to come back.

`ORDINAUT_LOAD_SECONDS` (15) is how long, `ORDINAUT_LOAD_CLIENTS` (64) how many.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from ordinaut_site.env import BASE_DIR
from tests.faults.homes import copy_of, prepared_home
from tests.faults.platform import Platform

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(240)]
SECONDS = float(os.environ.get("ORDINAUT_LOAD_SECONDS", "15"))
CLIENTS = int(os.environ.get("ORDINAUT_LOAD_CLIENTS", "64"))
AWAY = 1.0  # seconds
log = logging.getLogger(__name__)  # with `-o log_cli=true -o log_cli_level=INFO`


@pytest.fixture
def platform() -> Iterator[Platform]:
    """Its servers and one web process: who carries the tasks out is not asked here."""
    with prepared_home() as template, copy_of(template) as home:
        made = Platform(home, environment={"ORDINAUT_API_LIMITS": "read=1000000,write=1000000"})
        try:
            made.start_postgres()
            made.start_redis()
            made.start("web")
            made.wait_until_ready()
            yield made
        finally:
            made.end()


def under_load(platform: Platform) -> dict[str, Any]:
    """What the clients saw, while Postgres was restarted half-way."""
    plan = {
        "port": platform.ports[0],
        "token": platform.api._signed_in(),
        "clients": CLIENTS,
        "seconds": SECONDS,
    }
    command = [sys.executable, "-m", "tests.acceptance.api_clients"]
    clients = subprocess.Popen(command, cwd=BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert clients.stdin is not None
        clients.stdin.write(json.dumps(plan))
        clients.stdin.close()
        clients.stdin = None
        time.sleep(SECONDS / 2)
        platform.postgres.send(signal.SIGINT)
        platform.until(lambda: not platform.postgres.alive)
        time.sleep(AWAY)
        platform.start_postgres()
        told, _ = clients.communicate(timeout=SECONDS + 60)
    finally:
        clients.kill()
        clients.wait()
    return dict(json.loads(told))


def test_what_was_acknowledged_is_there_and_once_though_postgres_was_restarted(platform: Platform) -> None:
    seen = under_load(platform)
    with psycopg.connect(platform.database_url) as connection:
        rows = connection.execute("SELECT title, id::text FROM tasks_task").fetchall()

    log.info("%d clients, %g s: %s, the slowest %.1f s", CLIENTS, SECONDS, seen["statuses"], seen["slowest"])
    assert seen["wrong"] == [], platform.logs()
    assert {"200", "201", "503"} <= seen["statuses"].keys()
    assert len({title for title, _ in rows}) == len(rows), "one key, two tasks"
    assert seen["differently"] == []
    assert seen["created"].items() <= dict(rows).items()
    assert len(seen["created"]) > 50
