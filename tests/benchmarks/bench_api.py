"""How fast is the API beside a minimal service of FastAPI and SQLAlchemy that does the same to the same tables?

One process each, as `make up` and as uvicorn's documentation start them, the clients in a process of their own. Both are up all the
time and are asked in turns. The bounds: half of the peer's rate, and p95 under 50 ms when asked half as much as we can take, as the
median of the rounds: a disk that stands still for a quarter of a second holds up a tenth of a round's requests, the peer's as ours.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from ordinaut_site import env, programs
from tasks_app.api import tokens
from tests.benchmarks.cpu import spent_by
from tests.benchmarks.peers.runner import python_of_peers
from tests.benchmarks.processes import environment, running, wait_for
from tests.making import make_agent

ROUNDS = int(os.environ.get("BENCH_API_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_API_SECONDS", "4"))
CLIENTS = int(os.environ.get("BENCH_API_CLIENTS", "16"))
PORTION_OF_PEER = 0.5
MOST_AT_HALF_LOAD = 0.050  # seconds, p95
CONNECTIONS = "10"
PEER = ("uvicorn", "tests.benchmarks.peers.fastapi_peer:app")
LOAD = Path(__file__).with_name("http_load.py")

STEP = {"id": "hello", "uses": "debug.echo", "with": {"message": "${params.who}"}}
TASK = {
    "title": "A task like many others",
    "schedule_kind": "interval",
    "schedule_expr": "PT1H",
    "payload": {"params": {"who": "me"}, "pipeline": [STEP]},
}
CREATE = {"method": "POST", "path": "/api/v1/tasks", "body": TASK, "expected": 201}
PAGE = {"method": "GET", "path": "/api/v1/tasks?limit=50", "body": None, "expected": 200}
WORK = {"create a task": CREATE, "list 50 tasks": PAGE}


@dataclass(frozen=True)
class Measure:
    """rate: answers a second. p50, p95: seconds. cpu: milliseconds of the server's processor time for each answer."""

    rate: float
    p50: float
    p95: float
    cpu: float

    @classmethod
    def median_of(cls, measures: list["Measure"]) -> "Measure":
        names = ("rate", "p50", "p95", "cpu")
        return cls(*(median(getattr(each, name) for each in measures) for name in names))

    def __str__(self) -> str:
        return f"{self.rate:>9,.0f}{self.p50 * 1000:>9.1f}{self.p95 * 1000:>9.1f}{self.cpu:>9.2f}"


@dataclass(frozen=True)
class Contestant:
    port: int
    pid: int
    token: str

    def measure(self, work: dict[str, Any], *, rate: float | None = None) -> Measure:
        plan = work | {
            "port": self.port,
            "headers": {"Authorization": f"Bearer {self.token}"},
            "clients": CLIENTS,
            "seconds": SECONDS,
            "rate": rate,
        }
        before = spent_by([self.pid])
        told = subprocess.run(
            [sys.executable, LOAD],
            input=json.dumps(plan),
            capture_output=True,
            text=True,
            timeout=SECONDS + 60,
            check=False,
        )
        assert told.returncode == 0, told.stderr
        seen = json.loads(told.stdout)
        spent = spent_by([self.pid]) - before
        return Measure(seen["rate"], seen["p50"], seen["p95"], spent / seen["answers"] * 1000)


@pytest.mark.django_db(transaction=True)
def test_tasks_are_created_and_listed_half_as_fast_as_by_a_minimal_service(redis_emptied: None, tmp_path: Path) -> None:
    python = python_of_peers()
    token = tokens.issue(make_agent(scopes=("tasks:create", "tasks:read")))
    with ours(tmp_path / "ours.log", token) as our, peer(tmp_path / "peer.log", token, python) as other:
        warm = [each.measure(work) for each in (our, other) if each for work in WORK.values()]
        both = {"Ordinaut": our, "FastAPI": other}
        full = _in_turns(both)
        half = _in_turns(both, rates={name: full[name, "Ordinaut"].rate / 2 for name in WORK})
    assert warm

    print(f"\n{CLIENTS} clients, one process each, medians of {ROUNDS} rounds of {SECONDS:g} s:")
    print(f"  {'':36}{'a second':>9}{'p50 ms':>9}{'p95 ms':>9}{'cpu ms':>9}")
    for (name, who), measured in full.items():
        print(f"  {f'{name}, {who}':36}{measured}")
    print("  Asked half as much as Ordinaut could take:")
    for (name, who), measured in half.items():
        print(f"  {f'{name}, {who}':36}{measured}")
    for name in WORK if other else ():
        ratio = full[name, "Ordinaut"].rate / full[name, "FastAPI"].rate
        print(f"  {name}: {ratio:.2f} of the peer's rate")
        assert ratio >= PORTION_OF_PEER, name
    ours_at_half = {name: half[name, "Ordinaut"].p95 for name in WORK}
    assert {name: p95 for name, p95 in ours_at_half.items() if p95 > MOST_AT_HALF_LOAD} == {}


def _in_turns(
    contestants: dict[str, Contestant | None], *, rates: dict[str, float] | None = None
) -> dict[tuple[str, str], Measure]:
    """The medians of the rounds. rates: requests a second, not as many as go."""
    there = {who: each for who, each in contestants.items() if each}
    found: dict[tuple[str, str], list[Measure]] = {}
    for _ in range(ROUNDS):
        for name, work in WORK.items():
            for who, each in there.items():
                found.setdefault((name, who), []).append(each.measure(work, rate=rates[name] if rates else None))
    return {key: Measure.median_of(measures) for key, measures in found.items()}


@contextmanager
def ours(log: Path, token: str) -> Iterator[Contestant]:
    """The web process as `make up` starts it; nobody is as busy as to meet its limits, but we are."""
    port = _free_port()
    more = {"PORT": str(port), "ORDINAUT_API_LIMITS": "read=1000000,write=1000000"}
    web = programs.needed(env.read(environment() | more))[-1]
    assert web.name == "web"
    own = {name: web.environment[name] for name in ("ORDINAUT_DATABASE_POOL",)}
    assert own["ORDINAUT_DATABASE_POOL"] == CONNECTIONS
    with _answering(*web.command[2:], log=log, more=more | own, port=port) as pid:
        yield Contestant(port, pid, token)


@contextmanager
def peer(log: Path, token: str, python: Path | None) -> Iterator[Contestant | None]:
    """None, where the peers' environment cannot be built."""
    if python is None:
        yield None
        return
    port = _free_port()
    url = environment()["DATABASE_URL"].replace("postgres://", "postgresql+asyncpg://", 1)
    more = {"PEER_DATABASE_URL": url, "ORDINAUT_DATABASE_POOL": CONNECTIONS}
    with _answering(*PEER, "--port", str(port), log=log, more=more, port=port, python=python) as pid:
        yield Contestant(port, pid, token)


@contextmanager
def _answering(
    *command: str, log: Path, more: dict[str, str], port: int, python: Path | str = sys.executable
) -> Iterator[int]:
    with running(*command, log=log, more=more, python=python) as process:

        def ready() -> bool:
            assert process.poll() is None, log.read_text()
            return _answers(port)

        wait_for(ready, seconds=60)
        yield process.pid


def _answers(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as client:
        try:
            client.request("GET", "/health/live")
            return client.getresponse().status == 200
        except OSError:
            return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
